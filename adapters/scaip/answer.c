/* SPDX-License-Identifier: EUPL-1.2 */
/* The MRS: what the unit is told (SS 91100 6.3; github.com/caruhome/scaip-gateway for the numbers).
 *
 *   document wrong           the number that says how, whatever was made of it: the unit then goes
 *                            to its next alarm action as well
 *   BUSY                     5 not treated (the disk), 6 busy (load)
 *   an alarm, held           4 until somebody has taken it; the unit asks again every 5 to 20 s
 *   else                     0, and for an alarm whom to call */
#include "adapters/scaip/scaip_int.h"
#include "base/mem.h"

enum { SNU_HANDLED = 0, SNU_HOLD = 4, SNU_NOT_TREATED = 5, SNU_BUSY = 6, SNU_UNDEFINED = 99 };
enum medium { GSM = 1, SIP = 2, SILENT = 4 };

bool scaip_calls(const struct scaip *s, const struct scaip_message *m)
{
	bool calls = false;
	struct vd_decoded *d = m->type == 'M' || m->type == 'I' ? vd_malloc(sizeof(*d)) : NULL;
	if (!d)
		return m->type == 'M' || m->type == 'I'; /* no memory: rather held than dropped */
	d->n = d->n_heard = 0;
	d->unknown_keys = 0;
	d->said[0] = '\0';
	scaip_meaning(s, m, m->unit, d);
	for (size_t i = 0; i < d->n && !calls; i++)
		calls = vd_kind_class(d->readings[i].kind) != 'T' &&
			vd_state_active(d->readings[i].kind, d->readings[i].state);
	vd_free(d);
	return calls;
}

/* -- the number ----------------------------------------------------------------------------- */

/* An outcome is known before its alarm is raised (core/ingest.c): of a message stored just now,
 * what people have taken or closed is an earlier alarm, perhaps of another kind. When it is one
 * that this joins, the unit hears so the next time it asks. */
static bool held(const struct vd_answer *a)
{
	return a->outcome == VD_STORED || a->stand == VD_STAND_WAITS;
}

static int busy_number(const char *why)
{
	return why && strstr(why, "store") ? SNU_NOT_TREATED : SNU_BUSY;
}

static int number(const struct scaip_message *m, const struct vd_answer *a, bool calls,
		  char ret_why[120])
{
	if (a->outcome == VD_BUSY) {
		snprintf(ret_why, 120, "not stored, send again");
		return busy_number(a->why);
	}
	int snu = scaip_check(&m->doc, ret_why);
	if (snu)
		return snu;
	if (m->options.strict_from && m->foreign) {
		snprintf(ret_why, 120, "%s", scaip_refused(m));
		return SNU_UNDEFINED;
	}
	if (a->outcome == VD_REFUSED) { /* the hub's own reason, not the document's */
		snprintf(ret_why, 120, "not accepted here");
		return SNU_NOT_TREATED;
	}
	return m->options.hold && calls && held(a) ? SNU_HOLD : SNU_HANDLED;
}

/* -- writing -------------------------------------------------------------------------------- */

static void add_text(struct vd_buf *b, struct vd_span s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&': vd_buf_add_cstr(b, "&amp;"); break;
		case '<': vd_buf_add_cstr(b, "&lt;"); break;
		case '>': vd_buf_add_cstr(b, "&gt;"); break;
		default: vd_buf_add_char(b, s.p[i]);
		}
}

static void element(struct vd_buf *b, const char *tag, struct vd_span value)
{
	(void)vd_buf_printf(b, "<%s>", tag);
	add_text(b, value);
	(void)vd_buf_printf(b, "</%s>", tag);
}

/* -- whom to call --------------------------------------------------------------------------- */

/* gsm: and tel: are one, and sip: and sip-pp: (SIS-TR 91102 7.4). None told: any will do, though
 * the standard's default is sip:; units with a SIM leave it out as well. */
static unsigned media_of(const struct scaip_doc *d)
{
	unsigned all = 0;
	for (size_t i = 0; i < d->n_crd; i++) {
		struct vd_span c = d->crd[i];
		if (vd_span_starts(c, VD_SPAN_LIT("no-voice:")))
			all |= SILENT;
		else if (vd_span_starts(c, VD_SPAN_LIT("gsm:")) ||
			 vd_span_starts(c, VD_SPAN_LIT("tel:")))
			all |= GSM;
		else if (vd_span_starts(c, VD_SPAN_LIT("sip:")) ||
			 vd_span_starts(c, VD_SPAN_LIT("sip-pp:")))
			all |= SIP;
		else
			all |= GSM | SIP;
	}
	return d->n_crd ? all : GSM | SIP;
}

/* A number as a unit can dial it, "" when it is none. */
static void add_number(char ret[64], const char *phone)
{
	size_t n = 0;
	for (; phone && *phone && n + 1 < 64; phone++)
		if ((*phone >= '0' && *phone <= '9') || (*phone == '+' && !n))
			ret[n++] = *phone;
	ret[n] = '\0';
}

static bool target(const struct scaip_message *m, const struct vd_answer *a, unsigned media,
		   char ret[272])
{
	struct vd_span call = m->options.call;
	char digits[64] = "";
	if (vd_span_starts(call, VD_SPAN_LIT("sip:")) && (media & SIP)) {
		snprintf(ret, 272, "%.*s", (int)call.n, call.p);
		return true;
	}
	if (!(media & GSM) || vd_span_starts(call, VD_SPAN_LIT("sip:")))
		return false;
	if (vd_span_is(call, "duty")) {
		add_number(digits, a->call);
	} else if (call.n) {
		char text[272];
		(void)vd_span_copy(text, sizeof(text), vd_span_skip(call, 4));
		add_number(digits, text);
	}
	snprintf(ret, 272, "gsm:%s", digits);
	return digits[0];
}

/* The unit is never promised a call back: the hub cannot make one, and shows no number of the
 * unit's to whoever could. It calls itself, at once. */
static void add_call(struct vd_buf *b, const struct scaip_message *m, const struct vd_answer *a)
{
	char to[272];
	unsigned media = media_of(&m->doc);
	if (!m->options.media || media == SILENT)
		return; /* mre 0 is the default */
	(void)vd_buf_printf(b, "<mre>%d</mre>", m->options.media);
	if (!target(m, a, media, to)) {
		(void)vd_buf_add_cstr(b, "<cre>61</cre>");
		return;
	}
	(void)vd_buf_add_cstr(b, "<cre>62</cre>");
	element(b, "tnu", vd_span_cstr(to)); /* one only: some units know no second */
}

int scaip_reply(void *state, const struct vd_frame *f, const struct vd_answer *a, struct vd_buf *b,
		const char **ret_content_type)
{
	struct scaip_message m;
	char why[120] = "";
	int err = scaip_message_read(state, f, &m);
	if (err)
		return err;
	bool calls = !scaip_refused(&m) && scaip_calls(state, &m);
	int snu = number(&m, a, calls, why);
	const char *root = m.doc.dialect ? "scaip" : "mrs";
	struct vd_span ver = m.doc.f[SCAIP_VER];
	(void)vd_buf_printf(b, "<%s>", root);
	if (m.doc.f[SCAIP_REF].n)
		element(b, "ref", m.doc.f[SCAIP_REF]);
	(void)vd_buf_printf(b, "<snu>%d</snu>", snu);
	if (why[0])
		element(b, "ste", vd_span_cstr(why));
	if (ver.n && !vd_span_is(ver, "01.00"))
		(void)vd_buf_add_cstr(b, "<cve>01.00</cve>");
	if (snu == SNU_HANDLED && calls)
		add_call(b, &m, a);
	if (snu == SNU_HANDLED && scaip_code(&m.doc, SCAIP_HBO) == 1 && m.options.heartbeat_min)
		(void)vd_buf_printf(b, "<hbi>%d</hbi>", m.options.heartbeat_min);
	(void)vd_buf_printf(b, "</%s>", root);
	*ret_content_type = "application/scaip+xml";
	return b->err;
}
