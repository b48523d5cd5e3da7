/* SPDX-License-Identifier: EUPL-1.2 */
/* What a type and a status together mean. The codes' meanings are rows of schema/maps/scaip.csv,
 * asked in this order:
 *
 *   key dty-<type>, value <status>     this status of such a device ("absent" = no status)
 *   key stc, value <status>            this status of any device
 *   key dty, value <type>              such a device's alarm
 *
 * and what no row knows: an alarm's status is a call for help, any other from a device that watches
 * over a person is that device's alarm, marked suspect; the rest is a fault. */
#include "adapters/scaip/scaip_int.h"
#include "base/map.h"

/* Absent is an alarm (SS 91100 6.2); unknown, undefined and what is no number may be one. */
static bool alarm_status(int stc)
{
	switch (stc) {
	case SCAIP_ABSENT:
	case SCAIP_NOT_A_NUMBER:
	case 0:
	case 1:
	case 9:
	case 10:
	case 11:
	case 110: return true;
	default: return false;
	}
}

/* Zones are for devices behind the unit, so that one's empty battery is not the other's. The unit's
 * own parts call themselves 0. Something that could be a name is not kept as it is. */
static void zone_of(struct vd_span did, char ret[16])
{
	bool plain = did.n < 16, zero = true;
	for (size_t i = 0; i < did.n; i++) {
		char c = did.p[i];
		plain &= (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
			 (c >= 'a' && c <= 'f') || c == '-' || c == '.' || c == ':';
		zero &= c == '0';
	}
	ret[0] = '\0';
	if (zero)
		return;
	if (plain)
		(void)vd_span_copy(ret, 16, did);
	else
		snprintf(ret, 16, "%08x", (unsigned)vd_hash64(did, 0));
}

static int64_t episode_of(const struct scaip_message *m, struct vd_span unit)
{
	struct vd_span ref = m->doc.f[SCAIP_REF];
	return ref.n ? (int64_t)(vd_hash64(ref, vd_hash64(unit, 0)) >> 11) | 1 : 0;
}

static struct vd_field_of whose(const struct scaip_message *m, struct vd_span unit,
				const struct vd_reading *like)
{
	return (struct vd_field_of){.platform = VD_SPAN_LIT("scaip"),
				    .vendor = m->options.brand,
				    .model = VD_SPAN_LIT(""),
				    .firmware = VD_SPAN_LIT(""),
				    .identity = unit,
				    .like = like};
}

static enum vd_field look(const struct scaip *s, const struct vd_field_of *who, const char *key,
			  int value, struct vd_decoded *d)
{
	char word[12];
	snprintf(word, sizeof(word), "%d", value);
	return vd_table_word(s->tables, who, vd_span_cstr(key),
			     value < 0 ? VD_SPAN_LIT("absent") : vd_span_cstr(word), d);
}

/* -- attributes ----------------------------------------------------------------------------- */

/* A code's word is the zone of its row: the tables have no other column for it. */
static bool word_of(const struct scaip *s, const struct scaip_message *m, const char *key,
		    int value, struct vd_decoded *d, char ret[16])
{
	struct vd_field_of who = whose(m, vd_span("", 0), NULL);
	size_t n = d->n;
	if (value <= 0 || look(s, &who, key, value, d) != VD_FIELD_READ || d->n == n)
		return false;
	memcpy(ret, d->readings[n].zone, 16);
	d->n = n;
	return ret[0];
}

struct attrs {
	char text[VD_MAX_ATTRS_BYTES];
	size_t n;
};

static void attr_int(struct attrs *a, const char *name, int v)
{
	if (v < 0 || a->n + 40 > sizeof(a->text))
		return;
	a->n += (size_t)snprintf(a->text + a->n, sizeof(a->text) - a->n, "%s\"%s\":%d",
				 a->n ? "," : "", name, v);
}

static void attr_word(struct attrs *a, const char *name, const char *v)
{
	if (a->n + 48 > sizeof(a->text))
		return;
	a->n += (size_t)snprintf(a->text + a->n, sizeof(a->text) - a->n, "%s\"%s\":\"%s\"",
				 a->n ? "," : "", name, v);
}

static void attr_code(const struct scaip *s, const struct scaip_message *m, struct vd_decoded *d,
		      struct attrs *a, enum scaip_field f, const char *name)
{
	char word[16];
	int code = scaip_code(&m->doc, f);
	if (word_of(s, m, scaip_field_tag(f), code, d, word))
		attr_word(a, name, word);
	else if (code > 1)
		attr_int(a, name, code);
}

/* Codes only: texts, numbers to call and the ref may tell who lives there. */
static void fill_attrs(const struct scaip *s, const struct scaip_message *m, struct vd_decoded *d,
		       struct attrs *a)
{
	attr_int(a, "type", m->dty);
	attr_int(a, "status", m->stc);
	attr_code(s, m, d, a, SCAIP_DCO, "part");
	attr_code(s, m, d, a, SCAIP_LCO, "place");
	attr_int(a, "place_no", scaip_code(&m->doc, SCAIP_LVA));
	attr_int(a, "priority", scaip_code(&m->doc, SCAIP_PRI));
	if (scaip_code(&m->doc, SCAIP_CHA) == 1)
		attr_word(a, "asks", "callback");
	if (scaip_code(&m->doc, SCAIP_AME) > 0)
		attr_int(a, "parts_to_come", scaip_code(&m->doc, SCAIP_AME));
	if (m->foreign)
		attr_word(a, "from", "other");
	if (m->type == 'R')
		attr_word(a, "by", "reset");
}

/* -- readings ------------------------------------------------------------------------------- */

static bool raises(const struct vd_reading *r)
{
	return vd_kind_class(r->kind) != 'M' && vd_state_active(r->kind, r->state);
}

static bool any_raises(const struct vd_decoded *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (raises(&d->readings[i]))
			return true;
	return false;
}

static void add_sos(struct vd_decoded *d, struct vd_span unit, const struct vd_reading *like)
{
	struct vd_reading *r = vd_reading_add(d, unit, VD_KIND_SOS, "on");
	if (r)
		memcpy(r->zone, like->zone, sizeof(r->zone));
}

/* An alarm of what watches over a person's rhythm: it raises as what it is. */
static bool mark_alert(struct vd_decoded *d)
{
	bool any = false;
	for (size_t i = 0; i < d->n; i++) {
		if (vd_kind_class(d->readings[i].kind) != 'S')
			continue;
		d->readings[i].flags |= VD_F_ALERT;
		any = true;
	}
	return any;
}

static void unknown_status(const struct scaip_message *m, struct vd_decoded *d)
{
	char name[40];
	snprintf(name, sizeof(name), "stc %d dty %d", m->stc, m->dty);
	vd_unknown_field(d, vd_span_cstr(name));
}

/* A code nobody knows: from what watches over a person it may be the very alarm. */
static void doubtful(const struct scaip *s, const struct scaip_message *m, struct vd_span unit,
		     const struct vd_field_of *who, struct vd_decoded *d)
{
	unknown_status(m, d);
	if (m->type != 'P' && look(s, who, "dty", m->dty, d) == VD_FIELD_READ &&
	    vd_kind_class(d->readings[0].kind) != 'T') {
		if (!any_raises(d))
			add_sos(d, unit, who->like);
		for (size_t i = 0; i < d->n; i++)
			d->readings[i].flags |= VD_F_SUSPECT | VD_F_EDGE;
		return;
	}
	d->n = 0;
	struct vd_reading *r =
		m->type == 'P' ? NULL : vd_reading_add(d, unit, VD_KIND_DEVICE_FAULT, "on");
	if (r)
		memcpy(r->zone, who->like->zone, sizeof(r->zone));
}

static void read_codes(const struct scaip *s, const struct scaip_message *m, struct vd_span unit,
		       const struct vd_reading *like, struct vd_decoded *d)
{
	struct vd_field_of who = whose(m, unit, like);
	bool alarm = alarm_status(m->stc);
	char key[20];
	int dty = m->dty < 0 ? 0 : m->dty;
	snprintf(key, sizeof(key), "dty-%d", dty);
	enum vd_field f = look(s, &who, key, m->stc, d);
	if (f == VD_FIELD_UNKNOWN && m->stc >= 0)
		f = look(s, &who, "stc", m->stc, d);
	if (f == VD_FIELD_UNKNOWN && alarm)
		f = look(s, &who, "dty", dty, d);
	if (f == VD_FIELD_UNKNOWN && !alarm)
		doubtful(s, m, unit, &who, d);
	if (f == VD_FIELD_IGNORED || !alarm)
		return;
	if (!any_raises(d) && !mark_alert(d))
		add_sos(d, unit, like);
	for (size_t i = 0; i < d->n; i++)
		d->readings[i].flags |= VD_F_EDGE; /* each alarm is a happening */
}

/* What a unit takes back when it gives up waiting or is reset: its calls. A battery that was empty
 * still is, and a person who left the bed is not back in it. */
static void only_withdrawn(struct vd_decoded *d)
{
	size_t keep = 0;
	for (size_t i = 0; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		/* taken back is not back home, nor up and about */
		const char *word = r->kind == VD_KIND_FALL ? "cancelled"
				   : r->kind == VD_KIND_GEOFENCE || r->kind == VD_KIND_INACTIVITY ||
						   r->kind == VD_KIND_MEDICATION
					   ? "unknown"
					   : "off";
		if (vd_kind_class(r->kind) != 'A' && r->kind != VD_KIND_GEOFENCE &&
		    r->kind != VD_KIND_INACTIVITY)
			continue;
		snprintf(r->state, sizeof(r->state), "%s", word);
		r->flags |= VD_F_EDGE;
		r->flags &= ~(unsigned)VD_F_ALERT;
		d->readings[keep++] = *r;
	}
	d->n = keep;
}

/* A heartbeat is never an alarm of a person's; what it says about the machine itself is kept. */
static void only_machine(struct vd_decoded *d)
{
	size_t keep = 0;
	for (size_t i = 0; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		if (vd_kind_class(r->kind) != 'T' || r->kind == VD_KIND_DEVICE_TEST)
			continue;
		r->flags &= ~(unsigned)VD_F_EDGE;
		d->readings[keep++] = *r;
	}
	d->n = keep;
}

static void read_heartbeat(const struct scaip *s, const struct scaip_message *m,
			   struct vd_span unit, const struct vd_reading *like, struct vd_decoded *d)
{
	if (!alarm_status(m->stc))
		read_codes(s, m, unit, like, d);
	only_machine(d);
	/* Told how often to come (hbi), a unit comes so: what its silence is measured by. */
	if (scaip_code(&m->doc, SCAIP_HBO) == 1 && m->options.heartbeat_min)
		(void)vd_reading_value(d, unit, VD_KIND_DEVICE_HEARTBEAT, m->options.heartbeat_min,
				       "min");
	else
		(void)vd_reading_add(d, unit, VD_KIND_DEVICE_HEARTBEAT, "");
}

static void finish(const struct scaip *s, const struct scaip_message *m, struct vd_span unit,
		   struct vd_decoded *d)
{
	struct attrs a = {.n = 0};
	fill_attrs(s, m, d, &a);
	for (size_t i = 0; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		if (r->kind == VD_KIND_DEVICE_HEARTBEAT)
			continue;
		if ((m->type == 'I' && raises(r)) || m->type == 'R')
			r->flags |= VD_F_UPDATE;
		if (vd_kind_class(r->kind) == 'A')
			r->episode = episode_of(m, unit);
		memcpy(r->attrs, a.text, sizeof(r->attrs));
	}
}

/* Free text for whoever has the alarm. */
static void say(const struct scaip_message *m, struct vd_decoded *d)
{
	static const enum scaip_field texts[] = {SCAIP_DTE, SCAIP_STT, SCAIP_LTE, SCAIP_ITE};
	size_t n = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vd_span t = m->doc.f[texts[i]];
		if (!t.n || n + t.n + 8 > sizeof(d->said))
			continue;
		n += (size_t)snprintf(d->said + n, sizeof(d->said) - n, "%s%.*s", n ? " · " : "",
				      (int)t.n, t.p);
	}
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)d->said[i] < ' ')
			d->said[i] = ' ';
}

void scaip_meaning(const struct scaip *s, const struct scaip_message *m, struct vd_span unit,
		   struct vd_decoded *d)
{
	struct vd_reading like = {.seq = -1};
	zone_of(m->doc.f[SCAIP_DID], like.zone);
	if (m->type == 'P') {
		read_heartbeat(s, m, unit, &like, d);
	} else {
		read_codes(s, m, unit, &like, d);
		if (m->type == 'R')
			only_withdrawn(d);
		say(m, d);
	}
	if (m->doc.fault) /* in pieces */
		for (size_t i = 0; i < d->n; i++)
			d->readings[i].flags |= VD_F_SUSPECT;
	vd_table_settle(d);
	finish(s, m, unit, d);
}
