/* SPDX-License-Identifier: EUPL-1.2 */
/* Withings: a notification tells that there is something to fetch, and for whom; only going to bed
 * and getting up are told by itself. developer.withings.com, "Notification content". Loop thread.
 */
#include "adapters/common/pseudonym.h"
#include "adapters/common/told.h"
#include "base/err.h"
#include "base/map.h"

struct withings {
	const struct vd_tables *tables;
	struct vd_pseudonyms people;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct withings *s = state;
	(void)prefix;
	s->tables = tables;
	return vd_pseudonyms_init(&s->people, config);
}

enum { USER, APPLI, START, END, DATE, DEVICE, ACTION, N };

/* The form's members, each once. */
static int read_form(struct vd_span body, struct vd_json_val m[N], struct vd_decoded *d)
{
	static const char *const names[N] = {"userid", "appli",    "startdate", "enddate",
					     "date",   "deviceid", "action"};
	struct vd_span key, value;
	while (vd_form_next(&body, &key, &value)) {
		size_t i = 0;
		while (i < N && !vd_span_is(key, names[i]))
			i++;
		if (i == N) {
			vd_unknown_field(d, key);
			continue;
		}
		if (m[i].type != VD_JSON_NONE) {
			snprintf(d->error, sizeof(d->error), "%s is told twice", names[i]);
			return VD_EPARSE;
		}
		m[i] = (struct vd_json_val){.type = VD_JSON_STRING, .raw = value};
	}
	if (m[USER].raw.n && m[APPLI].raw.n)
		return 0;
	snprintf(d->error, sizeof(d->error),
		 "a Withings notification is a form with userid and "
		 "appli");
	return VD_EINVAL;
}

/* What is to be fetched stands as the row's zone. */
static void pending(struct vd_decoded *d, struct vd_span user, const struct vd_reading *like,
		    struct vd_span appli)
{
	char what[24];
	if (!d->n) { /* a category nobody knows is fetched all the same */
		struct vd_reading *r = vd_reading_add(d, user, VD_KIND_VITAL_PENDING, "");
		r->t_ms = like->t_ms;
		r->t_src = like->t_src;
		r->flags = VD_F_EDGE;
		snprintf(what, sizeof(what), "appli_%.*s", (int)(appli.n < 8 ? appli.n : 8),
			 appli.p);
		vd_attr_text(r, "what", vd_span_cstr(what));
		return;
	}
	for (size_t i = 0; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		if (r->kind != VD_KIND_VITAL_PENDING)
			continue;
		vd_attr_text(r, "what", vd_span_cstr(r->zone));
		r->zone[0] = '\0';
		r->has_value = false; /* the number of a category is no measurement */
		r->flags &= ~(unsigned)VD_F_SUSPECT;
	}
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	const struct withings *s = state;
	struct vd_json_val m[N] = {{0}};
	int err = vd_told_ready(d);
	if (!err)
		err = read_form(vd_span_trim(f->body), m, d);
	if (err)
		return err;
	struct vd_span user = vd_device_named(d, &s->people, &m[USER]);
	struct vd_span device = vd_device_named(d, &s->people, &m[DEVICE]);
	struct vd_reading like = {.t_src = VD_T_BRIDGE, .seq = -1};
	for (size_t i = START; i <= DATE; i++) /* the latest told */
		if (vd_instant_told(&m[i]))
			like.t_ms = vd_instant_told(&m[i]);
	struct vd_field_of who = {.platform = VD_SPAN_LIT("withings"),
				  .vendor = VD_SPAN_LIT("Withings"),
				  .like = &like};
	/* A fetch needs the user; a mattress is a device of its own. */
	who.identity = user;
	enum vd_field read = VD_FIELD_IGNORED;
	if (m[ACTION].raw.n)
		read = vd_table_word(s->tables, &who, VD_SPAN_LIT("action"), m[ACTION].raw, d);
	if (!d->n)
		read = vd_table_word(s->tables, &who, VD_SPAN_LIT("appli"), m[APPLI].raw, d);
	if (read == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, VD_SPAN_LIT("appli"));
	if (read != VD_FIELD_IGNORED)
		pending(d, user, &like, m[APPLI].raw);
	for (size_t i = 0; i < d->n; i++)
		if (d->readings[i].kind == VD_KIND_BED && device.n)
			d->readings[i].identity = device;
	d->alive = d->dedup_device = d->n ? d->readings[0].identity : user;
	if (like.t_ms)
		d->dedup = vd_hash64(f->body, 0) | 1;
	struct vd_heard *w = vd_told_heard(d, d->alive);
	if (w)
		w->vendor = VD_SPAN_LIT("Withings");
	vd_told_features(d);
	return 0;
}

const struct vd_adapter vd_adapter_withings = {
	.family = "withings",
	.title = "Withings",
	.watch = "measuring",
	.state_size = sizeof(struct withings),
	.init = init,
	.decode = decode,
	.answers_200 = true, /* developer.withings.com, Notification content */
};
