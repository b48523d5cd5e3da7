/* SPDX-License-Identifier: EUPL-1.2 */
/* varde simulate: gateways, recipients and their devices, into the database and into the file that
 * the demo's clients read. */
#include "base/check.h"
#include "base/clock.h"
#include "main/simulate.h"
#include "model/directory.h"
#include "onboard/gateway_secret.h"
#include "sim/phrase.h"
#include "store/seed.h"
#include <stdio.h>
#include <string.h>

/* -- gateways ------------------------------------------------------------------------------- */

static const char *door_word(enum region_door d)
{
	static const char *const words[] = {[REGION_MQTT] = "mqtt",
					    [REGION_WEBHOOK] = "webhook",
					    [REGION_WEBHOOK_KEY] = "webhook-key",
					    [REGION_SIP] = "sip"};
	return words[d];
}

static void user_of(int muni, const char *gateway, char *ret, size_t cap)
{
	snprintf(ret, cap, "%s-%s", region_munis[muni].word, gateway);
}

/* One binding for each prefix, and one where there is none. */
static int bind(struct demo *d, int64_t gateway, const struct region_family *f)
{
	struct vd_span rest = vd_span_cstr(f->prefixes), one;
	int r = 0;
	while (!r && vd_span_next(&rest, ' ', &one)) {
		char prefix[40];
		(void)vd_span_copy(prefix, sizeof(prefix), one);
		r = vd_seed(d->db, NULL, &d->e,
			    "INSERT INTO binding (gateway, family, prefix, config) VALUES (%lld,"
			    " %Q, %Q, %Q)",
			    (long long)gateway, f->family, prefix, f->config);
	}
	vd_jw_cstr(&d->j, f->family);
	return r;
}

/* What units in the field know: a digest in MD5. */
static int sip_account(struct demo *d, int64_t gateway, const char *user, const char *secret)
{
	uint8_t md5[16], sha256[32];
	char hex[33];
	if (vd_gateway_secret_ha1(user, VD_SIP_REALM, secret, md5, sha256))
		return VD_EIO;
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", md5[i]);
	return vd_seed(d->db, NULL, &d->e,
		       "INSERT INTO sip_account (gateway, realm, ha1_md5) VALUES (%lld, %Q, x'%q')",
		       (long long)gateway, VD_SIP_REALM, hex);
}

static int gateway(struct demo *d, int muni, const struct region_gateway *g, int64_t *ret_id)
{
	const struct region_muni *m = &region_munis[muni];
	char user[40], secret[64], hex[65];
	user_of(muni, g->word, user, sizeof(user));
	snprintf(secret, sizeof(secret), "demo-%s-secret", user);
	vd_seed_secret(secret, hex);
	int r = vd_seed(
		d->db, ret_id, &d->e,
		"INSERT INTO gateway (muni, name, user, secret_sha256) VALUES (%d, '%q %q', %Q,"
		" x'%q')",
		m->number, m->name, g->name, user, hex);
	if (!r && g->door == REGION_SIP)
		r = sip_account(d, *ret_id, user, secret);
	vd_jw_obj(&d->j);
	vd_jw_kv_str(&d->j, "user", user);
	vd_jw_kv_str(&d->j, "password", secret);
	vd_jw_kv_int(&d->j, "municipality", m->number);
	vd_jw_kv_str(&d->j, "door", door_word(g->door));
	vd_jw_key(&d->j, "families");
	vd_jw_arr(&d->j);
	for (int i = 0; !r && i < region_n_families; i++)
		if (strcmp(region_families[i].gateway, g->word) == 0 &&
		    region_has(&d->region, muni, &region_families[i]))
			r = bind(d, *ret_id, &region_families[i]);
	vd_jw_end_arr(&d->j);
	vd_jw_end_obj(&d->j);
	return r;
}

static bool needed(const struct demo *d, int muni, const struct region_gateway *g)
{
	for (int i = 0; i < region_n_families; i++)
		if (strcmp(region_families[i].gateway, g->word) == 0 &&
		    region_has(&d->region, muni, &region_families[i]))
			return true;
	return false;
}

static void speak_through(struct demo *d, int muni, const struct region_gateway *g, int64_t id)
{
	for (int i = 0; i < d->region.n_devices; i++) {
		struct region_device *v = &d->region.devices[i];
		const struct region_family *f = region_family(v->family);
		VD_REQUIRE(f); /* a mistake in region.c */
		if (v->muni == muni && strcmp(f->gateway, g->word) == 0)
			v->gateway = id;
	}
}

int simulate_gateways(struct demo *d)
{
	int r = 0;
	vd_jw_key(&d->j, "gateways");
	vd_jw_arr(&d->j);
	for (int m = 0; m < REGION_MUNIS; m++)
		for (int g = 0; !r && g < region_n_gateways; g++) {
			int64_t id = 0;
			if (!needed(d, m, &region_gateways[g]))
				continue;
			r = gateway(d, m, &region_gateways[g], &id);
			speak_through(d, m, &region_gateways[g], id);
		}
	vd_jw_end_arr(&d->j);
	return r;
}

/* -- homes ---------------------------------------------------------------------------------- */

static int recipients(struct demo *d)
{
	int r = 0;
	for (int i = 0; !r && i < REGION_RECIPIENTS; i++) {
		struct region_recipient *p = &d->region.recipients[i];
		r = vd_seed(
			d->db, &p->id, &d->e,
			"INSERT INTO recipient (muni, name, national_id, address, floor, key_note,"
			" phone) VALUES (%d, %Q, %Q, %Q, %Q, %Q, %Q)",
			region_munis[p->muni].number, p->name, p->national_id, p->address, p->floor,
			p->key_note, p->phone);
	}
	return r;
}

static const char *purpose_of(enum role_of_device role)
{
	switch (role) {
	case D_BUTTON:
	case D_WATCH: return "sos";
	case D_DOOR: return "door";
	case D_FALL:
	case D_RADAR:
	case D_PENDANT: return "fall";
	case D_MOTION: return "motion";
	case D_SMOKE: return "smoke";
	case D_LEAK: return "water_leak";
	case D_BED: return "bed";
	case D_DISPENSER: return "medication";
	case D_CAMERA: return "supervision";
	case D_TRACKER: return "geofence";
	case D_LOCK: return "lock";
	case D_VITAL: return "vital";
	}
	return "";
}

/* Measured in the four weeks before the device came; the figures are invented, of the size that
 * docs/report.md's sources tell of. */
static int baseline(struct demo *d, const struct region_device *v, int i)
{
	const char *tech = v->role == D_DISPENSER ? "dispenser"
			   : v->role == D_DOOR    ? "door"
			   : v->role == D_CAMERA  ? "supervision"
						  : NULL;
	if (!tech)
		return 0;
	double visits = v->role == D_DISPENSER ? 14 + i % 10 : v->role == D_DOOR ? 2 + i % 3 : 14;
	double face = v->role == D_DISPENSER ? 8.5 : v->role == D_DOOR ? 15 : 6;
	return vd_seed(
		d->db, NULL, &d->e,
		"INSERT INTO baseline (muni, placement, tech, from_day, to_day, visits_per_week,"
		" face_min, travel_min, doc_min, km, remaining_per_week, start_day, measured_by,"
		" locked_at) VALUES (%d, %lld, %Q, %lld, %lld, %f, %f, %f, %f, %f, %f, %lld,"
		" 'Hjemmetenesta', %lld)",
		region_munis[v->muni].number, (long long)v->placement, tech,
		(long long)(d->from_day - 35), (long long)(d->from_day - 7), visits, face,
		6.0 + i % 7, 2.0, 4.0 + i % 9, v->role == D_DISPENSER ? 1.0 : 0.0,
		(long long)d->from_day, (long long)vd_oslo_day_start(d->from_day - 6));
}

static void tell_line(struct demo *d, const struct phrase *p, const char *name,
		      enum phrase_what what)
{
	struct phrase_line l = phrase_words(p, what);
	if (!l.body[0])
		return;
	vd_jw_key(&d->j, name);
	vd_jw_obj(&d->j);
	vd_jw_kv_str(&d->j, "topic", l.topic);
	vd_jw_kv_str(&d->j, "body", l.body);
	vd_jw_end_obj(&d->j);
}

/* How the clients let it speak. */
static void tell_words(struct demo *d, const struct region_device *v)
{
	const struct phrase *p = phrase_find(v);
	VD_REQUIRE(p); /* a mistake in region_homes.c */
	if (p->carrier == VD_CARRIER_HTTP)
		vd_jw_kv_str(&d->j, "content_type",
			     p->content_type ? p->content_type : "application/json");
	vd_jw_kv_int(&d->j, "from", p->from);
	vd_jw_kv_int(&d->j, "to", p->to);
	vd_jw_key(&d->j, "says");
	vd_jw_obj(&d->j);
	tell_line(d, p, "alive", SAY_IDLE);
	tell_line(d, p, "on", SAY_ON);
	tell_line(d, p, "off", SAY_OFF);
	tell_line(d, p, "call", SAY_CALL);
	tell_line(d, p, "calm", SAY_CALM);
	tell_line(d, p, "announce", SAY_ANNOUNCE);
	vd_jw_end_obj(&d->j);
}

/* For the clients that keep a demo alive: who says what through which gateway. */
static void tell_device(struct demo *d, const struct region_device *v)
{
	char user[40];
	user_of(v->muni, region_family(v->family)->gateway, user, sizeof(user));
	vd_jw_obj(&d->j);
	vd_jw_kv_str(&d->j, "gateway", user);
	vd_jw_kv_str(&d->j, "family", v->family);
	vd_jw_kv_str(&d->j, "identity", v->identity);
	vd_jw_kv_int(&d->j, "number", v->number);
	vd_jw_kv_str(&d->j, "name", v->name);
	vd_jw_kv_str(&d->j, "purpose", v->recipient < 0 ? "" : purpose_of(v->role));
	vd_jw_kv_str(&d->j, "vendor", v->vendor);
	vd_jw_kv_str(&d->j, "model", v->model);
	vd_jw_kv_int(&d->j, "told", v->told);
	vd_jw_kv_int(&d->j, "battery", v->battery);
	vd_jw_kv_num(&d->j, "lat", v->lat);
	vd_jw_kv_num(&d->j, "lon", v->lon);
	tell_words(d, v);
	vd_jw_end_obj(&d->j);
}

static int place(struct demo *d, struct region_device *v)
{
	struct region_recipient *p = &d->region.recipients[v->recipient];
	bool night_door = v->role == D_DOOR;
	return vd_seed(d->db, &v->placement, &d->e,
		       "INSERT INTO placement (recipient, muni, room, purpose, alarm_on_open,"
		       " night_from_min, night_to_min) VALUES (%lld, %d, %Q, %Q, %d, %d, %d)",
		       (long long)p->id, region_munis[v->muni].number, v->room, purpose_of(v->role),
		       night_door, night_door ? 1380 : 0, night_door ? 360 : 0);
}

/* Whoever else lives there shares the alarm. */
static int share(struct demo *d, const struct region_device *v)
{
	int r = 0;
	for (int i = 0; !r && i < REGION_RECIPIENTS; i++)
		if (d->region.recipients[i].lives_with == v->recipient && v->role == D_BUTTON)
			r = vd_seed(d->db, NULL, &d->e,
				    "INSERT INTO placement_recipient VALUES (%lld, %lld)",
				    (long long)v->placement, (long long)d->region.recipients[i].id);
	return r;
}

static int device(struct demo *d, const struct region_device *v)
{
	return vd_seed(
		d->db, NULL, &d->e,
		"INSERT INTO device (gateway, muni, family, identity, name, vendor, model, serial,"
		" features, lifecycle, placement, supervise_ms, first_heard) VALUES (%lld, %d, %Q,"
		" %Q, %Q, %Q, %Q, %Q, %Q, 'in_use', %lld, %lld, %lld)",
		(long long)v->gateway, region_munis[v->muni].number, v->family, v->identity,
		v->name, v->vendor, v->model, v->identity, v->features, (long long)v->placement,
		(long long)(v->role == D_BUTTON ? 12 * VD_HOUR_MS : 30 * VD_HOUR_MS),
		(long long)vd_oslo_day_start(d->from_day));
}

static int devices(struct demo *d)
{
	int r = 0;
	for (int i = 0; !r && i < d->region.n_devices; i++) {
		struct region_device *v = &d->region.devices[i];
		if (v->recipient < 0) /* the hub finds it by itself */
			continue;
		r = place(d, v);
		if (!r)
			r = share(d, v);
		if (!r)
			r = device(d, v);
		if (!r)
			r = baseline(d, v, i);
	}
	return r;
}

void simulate_tell_devices(struct demo *d)
{
	vd_jw_key(&d->j, "devices");
	vd_jw_arr(&d->j);
	for (int i = 0; i < d->region.n_devices; i++)
		tell_device(d, &d->region.devices[i]);
	vd_jw_end_arr(&d->j);
}

int simulate_homes(struct demo *d)
{
	int r = recipients(d);
	return r ? r : devices(d);
}
