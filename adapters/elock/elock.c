/* SPDX-License-Identifier: EUPL-1.2 */
/* Electronic door locks that tell their own cloud: Unloc (key and access events) and LOQED (cloud
 * and bridge webhooks). Who unlocked is a telephone number or a name there: never read. Loop
 * thread. */
#include "adapters/common/pseudonym.h"
#include "adapters/common/told.h"
#include "base/err.h"
#include "base/map.h"

struct elock {
	const struct vd_tables *tables;
	struct vd_pseudonyms people;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct elock *s = state;
	(void)prefix;
	s->tables = tables;
	return vd_pseudonyms_init(&s->people, config);
}

static int wrong(struct vd_decoded *d, const char *what)
{
	snprintf(d->error, sizeof(d->error), "%s", what);
	return VD_EINVAL;
}

static void heard(struct vd_decoded *d, struct vd_span device, const char *vendor,
		  const struct vd_json_val *name)
{
	struct vd_heard *w = vd_told_heard(d, device);
	if (!w)
		return;
	w->vendor = vd_span_cstr(vendor);
	if (name && name->type == VD_JSON_STRING && !name->escaped)
		w->name = name->raw;
}

static void field(const struct elock *s, const struct vd_field_of *who, const char *key,
		  const struct vd_json_val *v, struct vd_decoded *d)
{
	if (v->type != VD_JSON_NONE &&
	    vd_table_read(s->tables, who, vd_span_cstr(key), v, d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, vd_span_cstr(key));
}

/* -- Unloc: developer.unloc.app/docs/key-events-webhook, /docs/webhooks-guide --------------- */

enum {
	U_ACTION,
	U_LOCK,
	U_ID,
	U_CREATED,
	U_NAME,
	U_KEY,
	U_USER,
	U_APP_USER,
	U_USER_NAME,
	U_PROJECT,
	U_N
};
static const char *const unloc_names[U_N] = {"action",   "lockId",   "id",     "created",
					     "lockName", "keyId",    "userId", "appUserId",
					     "userName", "projectId"};

static int unloc(const struct elock *s, const struct vd_frame *f, struct vd_decoded *d)
{
	struct vd_json_val m[U_N] = {{0}};
	int err = vd_members_read(
		d, f->body, "an Unloc event",
		&(struct vd_members){.names = unloc_names, .vals = m, .n = U_N, .strict = true});
	if (err)
		return err;
	struct vd_span device = vd_device_named(d, &s->people, &m[U_LOCK]);
	if (!device.n || m[U_ACTION].type != VD_JSON_STRING)
		return wrong(d, "an Unloc event needs lockId and action");
	struct vd_reading like = {
		.t_ms = vd_instant_told(&m[U_CREATED]), .t_src = VD_T_BRIDGE, .seq = -1};
	struct vd_field_of who = {.platform = VD_SPAN_LIT("elock"),
				  .vendor = VD_SPAN_LIT("Unloc"),
				  .identity = device,
				  .like = &like};
	d->alive = d->dedup_device = device;
	if (m[U_ID].type == VD_JSON_STRING && m[U_ID].raw.n)
		d->dedup = vd_hash64(m[U_ID].raw, 0) | 1;
	field(s, &who, "action", &m[U_ACTION], d);
	for (size_t i = 0; i < d->n; i++) /* keys are used from the app only */
		vd_attr_text(&d->readings[i], "method", VD_SPAN_LIT("app"));
	heard(d, device, "Unloc", &m[U_NAME]);
	return 0;
}

/* -- LOQED: support.loqed.com articles 6127911 (cloud) and 6127856 (bridge) ----------------- */

enum {
	L_STATE,
	L_EVENT,
	L_GOING,
	L_LOCK,
	L_BLE,
	L_WIFI,
	L_KEY,
	L_BATTERY,
	L_BATTERY_TYPE,
	L_SIGNAL,
	L_WIFI_SIGNAL,
	L_ONLINE,
	L_VOLTAGE,
	L_USER,
	L_ADMIN,
	L_MAIL,
	L_ACCOUNT,
	L_N
};
static const char *const loqed_names[L_N] = {
	"requested_state", "event_type",    "go_to_state",    "lock_id",
	"mac_ble",         "mac_wifi",      "key_local_id",   "battery_percentage",
	"battery_type",    "ble_strength",  "wifi_strength",  "lock_online",
	"battery_voltage", "key_name_user", "key_name_admin", "key_account_e-mail",
	"key_account_name"};

/* Which key opened is a slot of the lock; no slot is the knob or its button. */
static void how(struct vd_decoded *d, const struct vd_json_val *m)
{
	static const char remote[] = "_REMOTE";
	struct vd_span event = m[L_EVENT].raw;
	size_t n = sizeof(remote) - 1;
	for (size_t i = 0; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		if (r->kind != VD_KIND_LOCK || strcmp(r->state, "jammed") == 0)
			continue;
		if (m[L_KEY].type == VD_JSON_NUMBER)
			vd_attr_number(r, "user_slot", m[L_KEY].num);
		if (event.n > n && memcmp(event.p + event.n - n, remote, n) == 0)
			vd_attr_text(r, "method", VD_SPAN_LIT("remote"));
		else if (m[L_KEY].type == VD_JSON_NULL)
			vd_attr_text(r, "method", VD_SPAN_LIT("manual"));
	}
}

static int loqed(const struct elock *s, const struct vd_frame *f, struct vd_decoded *d)
{
	struct vd_json_val m[L_N] = {{0}};
	int err = vd_members_read(
		d, f->body, "a LOQED event",
		&(struct vd_members){.names = loqed_names, .vals = m, .n = L_N, .strict = true});
	if (err)
		return err;
	struct vd_span device = vd_span("", 0);
	for (size_t i = L_LOCK; i <= L_WIFI && !device.n; i++)
		device = vd_device_named(d, &s->people, &m[i]);
	if (!device.n)
		return wrong(d, "a LOQED event needs lock_id, mac_ble or mac_wifi");
	struct vd_reading like = {.seq = -1}; /* it tells no time */
	struct vd_field_of who = {.platform = VD_SPAN_LIT("elock"),
				  .vendor = VD_SPAN_LIT("LOQED"),
				  .identity = device,
				  .like = &like};
	d->alive = device;
	field(s, &who, "event_type", &m[L_EVENT], d);
	if (m[L_GOING].type == VD_JSON_NONE) /* going somewhere is not being there */
		field(s, &who, "requested_state", &m[L_STATE], d);
	field(s, &who, "battery_percentage", &m[L_BATTERY], d);
	field(s, &who, "ble_strength", &m[L_SIGNAL], d);
	field(s, &who, "lock_online", &m[L_ONLINE], d);
	vd_table_settle(d);
	how(d, m);
	heard(d, device, "LOQED", NULL);
	return 0;
}

/* Which it is the message tells: only Unloc has an action, only LOQED its words. */
static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	const struct elock *s = state;
	struct vd_span body = vd_span_trim(f->body);
	struct vd_json_val v;
	int err = vd_told_ready(d);
	if (err)
		return err;
	if (!body.n || body.p[0] != '{')
		return wrong(d, "a lock's event is a JSON object");
	err = vd_json_find(body, "action", &v) ? unloc(s, f, d) : loqed(s, f, d);
	if (!err)
		vd_told_features(d);
	return err;
}

const struct vd_adapter vd_adapter_elock = {
	.family = "elock",
	.title = "Electronic door locks (Unloc, LOQED)",
	.state_size = sizeof(struct elock),
	.init = init,
	.decode = decode,
};
