/* SPDX-License-Identifier: EUPL-1.2 */
/* SCAIP, the social alarm protocol on SIP (SS 91100:2014; guideline SIS-TR 91102:2016): what a
 * unit's XML request means, and whose it is. Loop thread. */
#include "adapters/scaip/scaip_int.h"
#include "base/clock.h"
#include "base/map.h"

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct scaip *s = state;
	(void)prefix;
	s->tables = tables;
	int err = scaip_config_init(&s->config, config);
	if (err)
		scaip_config_fini(&s->config);
	return err;
}

static void fini(void *state)
{
	scaip_config_fini(&((struct scaip *)state)->config);
}

/* -- whose and what ------------------------------------------------------------------------- */

static struct vd_span user_of(struct vd_span address)
{
	struct vd_span user = address, rest = address;
	(void)vd_span_next(&rest, '@', &user);
	return user.n <= SCAIP_MAX_UNIT ? user : vd_span(user.p, SCAIP_MAX_UNIT);
}

static struct vd_span unit_of(struct vd_span cid)
{
	size_t n = cid.n < SCAIP_MAX_UNIT ? cid.n : SCAIP_MAX_UNIT;
	while (n < cid.n && n && ((unsigned char)cid.p[n] & 0xC0) == 0x80)
		n--;
	return vd_span(cid.p, n);
}

/* In doubt it is an alarm: only the three words that say otherwise make it something else. */
static char type_of(struct vd_span mty)
{
	return vd_span_is(mty, "PI") || vd_span_is(mty, "RE") || vd_span_is(mty, "IN") ? mty.p[0]
										       : 'M';
}

int scaip_message_read(const struct scaip *s, const struct vd_frame *f, struct scaip_message *m)
{
	int err = scaip_doc_read(f->body, &m->doc);
	if (err)
		return err;
	struct vd_span cid = m->doc.f[SCAIP_CID];
	m->from = user_of(f->topic);
	m->unit = cid.n ? unit_of(cid) : m->from;
	m->foreign = m->from.n && cid.n && !vd_span_eq(m->from, cid);
	m->type = type_of(m->doc.f[SCAIP_MTY]);
	m->dty = scaip_code(&m->doc, SCAIP_DTY);
	m->stc = scaip_code(&m->doc, SCAIP_STC);
	scaip_options_of(&s->config, m->unit, &m->options);
	return 0;
}

/* Broken XML whose complete part says by itself that this unit calls: nothing that may have come
 * after could take that back. */
static bool calls_in_pieces(const struct scaip_message *m)
{
	const struct vd_span *f = m->doc.f;
	return m->doc.fault == SCAIP_NO_XML && vd_span_is(f[SCAIP_MTY], "ME") && f[SCAIP_CID].n &&
	       f[SCAIP_DTY].n && m->stc >= 9 && m->stc <= 11;
}

const char *scaip_refused(const struct scaip_message *m)
{
	const struct vd_span *f = m->doc.f;
	if (m->doc.fault && !calls_in_pieces(m))
		return m->doc.why;
	if (m->options.strict_from && m->foreign)
		return "the From address is not the cid's";
	if (!f[SCAIP_CID].n && !f[SCAIP_DTY].n)
		return "cid and dty are missing";
	return NULL;
}

/* -- the same message again ----------------------------------------------------------------- */

/* A held alarm is sent again for at most 30 minutes (SS 91100 4.2). */
#define RESENT_MS   (35 * VD_MINUTE_MS)
#define NAMELESS_MS VD_MINUTE_MS /* without a ref it may soon be another press of the same words   \
				  */

static uint64_t mix(uint64_t h, int field, struct vd_span s)
{
	return vd_hash64(s, h * 31 + (uint64_t)field + 1);
}

/* Content as it is meant: order, padding and blanks do not count. Units count refs from the start
 * again after a reboot, so that the ref alone is no key. */
static uint64_t content_of(const struct scaip_message *m)
{
	const struct scaip_doc *d = &m->doc;
	uint64_t h = 0;
	for (int i = 0; i < SCAIP_FIELD_MAX; i++) {
		int code = scaip_code(d, (enum scaip_field)i);
		char digits[12];
		if (i == SCAIP_CRD || !d->f[i].n)
			continue;
		if (code < 0 || i == SCAIP_REF || i == SCAIP_CID) {
			h = mix(h, i, d->f[i]);
			continue;
		}
		snprintf(digits, sizeof(digits), "%d", code);
		h = mix(h, i, vd_span_cstr(digits));
	}
	for (size_t i = 0; i < d->n_crd; i++)
		h = mix(h, SCAIP_CRD, d->crd[i]);
	return h | 1;
}

/* -- decode --------------------------------------------------------------------------------- */

static struct vd_span keep_unit(struct vd_decoded *d, struct vd_span unit)
{
	char *dst = vd_buf_reserve(&d->scratch, unit.n + 1);
	if (!dst)
		return vd_span("", 0);
	if (unit.n)
		memcpy(dst, unit.p, unit.n);
	d->scratch.n += unit.n;
	return vd_span(dst, unit.n);
}

/* What its sender should hear of, as far as a device's counters tell it. */
static void count_odd(const struct scaip_message *m, struct vd_decoded *d)
{
	if (m->foreign)
		vd_unknown_field(d, VD_SPAN_LIT("from is not cid"));
	if (m->doc.n_unknown) {
		vd_unknown_field(d, vd_span_cstr(m->doc.unknown));
		d->unknown_keys += m->doc.n_unknown - 1;
	}
	char why[120];
	if (scaip_check(&m->doc, why))
		vd_unknown_field(d, vd_span_cstr(why));
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct scaip *s = state;
	struct scaip_message m;
	d->said[0] = '\0';
	d->dedup_ms = 0;
	int err = vd_scratch_ready(d, SCAIP_MAX_UNIT + 1);
	if (!err)
		err = scaip_message_read(s, f, &m);
	if (err)
		return err;
	const char *why = scaip_refused(&m);
	if (why) {
		snprintf(d->error, sizeof(d->error), "%s", why);
		return m.doc.fault ? VD_EPARSE : VD_EINVAL;
	}
	struct vd_span unit = keep_unit(d, m.unit);
	d->alive = unit;
	scaip_meaning(s, &m, unit, d);
	scaip_place(&m, unit, d);
	count_odd(&m, d);
	if (m.type != 'P' && d->n) {
		d->dedup_device = unit;
		d->dedup = content_of(&m);
		d->dedup_ms = m.doc.f[SCAIP_REF].n ? RESENT_MS : NAMELESS_MS;
	}
	return 0;
}

static struct vd_span speaker(void *state, const struct vd_frame *f, struct vd_buf *scratch)
{
	struct scaip_message m;
	if (scaip_message_read(state, f, &m) || scaip_refused(&m) ||
	    vd_buf_add_span(scratch, m.unit))
		return vd_span("", 0);
	return vd_span(scratch->p + scratch->n - m.unit.n, m.unit.n);
}

const struct vd_adapter vd_adapter_scaip = {
	.family = "scaip",
	.title = "SCAIP social alarms (SS 91100)",
	.watch = "alarm_unit",
	.state_size = sizeof(struct scaip),
	.init = init,
	.fini = fini,
	.decode = decode,
	.reply = scaip_reply,
	.speaker = speaker,
};
