/* SPDX-License-Identifier: EUPL-1.2 */
/* "a2240#b80#d771912": commands of a letter and their values, as a dispenser without internet sends
 * them (hackmd.io/@shrivatsasomany/ryKT1AJQX). The sender's number is a person's: only a pseudonym
 * of it is kept. */
#include "adapters/medicine/medicine_int.h"

#define PARTS_MAX 16 /* a text message is 160 characters */

/* Digits of a telephone number: "+47 900 00 000" and "004790000000" are one. */
static struct vd_span number_of(struct vd_span sender, char *buf, size_t cap)
{
	size_t n = 0;
	for (size_t i = 0; i < sender.n && n < cap; i++)
		if (sender.p[i] >= '0' && sender.p[i] <= '9')
			buf[n++] = sender.p[i];
	struct vd_span digits = vd_span(buf, n);
	return vd_span_starts(digits, VD_SPAN_LIT("00")) ? vd_span_skip(digits, 2) : digits;
}

/* "2240": a wall clock without zone or date. Told as it is, the time of receipt stands. */
static void local_time(struct vd_reading *r, struct vd_span v)
{
	char text[8];
	struct vd_json_val n;
	if (v.n != 4 || !vd_digits_value(v, &n) || n.num >= 2400 || v.p[2] > '5')
		return;
	snprintf(text, sizeof(text), "%.2s:%.2s", v.p, v.p + 2);
	vd_attr_text(r, "local_time", vd_span_cstr(text));
}

/* The n-th value of "3:87:91", "" when there are fewer. */
static struct vd_span nth(struct vd_span values, size_t n)
{
	struct vd_span v;
	for (size_t i = 0; vd_span_next(&values, ':', &v); i++)
		if (i == n)
			return v;
	return vd_span("", 0);
}

static bool take(struct vd_span part, struct vd_span *command)
{
	char c = part.n ? part.p[0] : ' ';
	if (c < 'a' || c > 'z' || part.n < 2)
		return false;
	for (size_t i = 1; i < part.n; i++)
		if ((part.p[i] < '0' || part.p[i] > '9') && part.p[i] != ':')
			return false;
	if (command[c - 'a'].n)
		return false; /* several values stand behind one letter */
	command[c - 'a'] = vd_span_skip(part, 1);
	return true;
}

static void read_commands(const struct vd_fhir *h, const struct vd_span command[26],
			  const struct vd_reading *like, struct vd_decoded *d)
{
	struct vd_json_val v;
	for (size_t i = 0; i < PARTS_MAX && nth(command['a' - 'a'], i).n; i++) {
		size_t from = d->n;
		v = (struct vd_json_val){.type = VD_JSON_STRING, .raw = nth(command['a' - 'a'], i)};
		(void)medicine_field(h, d, "sms", vd_span("", 0), like, VD_SPAN_LIT("a"), &v);
		for (; from < d->n; from++) {
			struct vd_reading *r = &d->readings[from];
			r->flags &= ~(unsigned)VD_F_SUSPECT;
			local_time(r, v.raw);
			vd_attr_text(r, "dose", nth(command['d' - 'a'], i));
			vd_attr_text(r, "refill", command['c' - 'a']);
		}
	}
	if (vd_digits_value(command['b' - 'a'], &v) && v.num <= 100)
		(void)medicine_field(h, d, "sms", vd_span("", 0), like, VD_SPAN_LIT("b"), &v);
	else if (command['b' - 'a'].n)
		vd_unknown_field(d, VD_SPAN_LIT("battery above 100"));
	if (!command['e' - 'a'].n)
		return;
	size_t from = d->n;
	v = (struct vd_json_val){.type = VD_JSON_STRING, .raw = command['e' - 'a']};
	(void)medicine_field(h, d, "sms", vd_span("", 0), like, VD_SPAN_LIT("e"), &v);
	for (; from < d->n; from++)
		vd_attr_text(&d->readings[from], "code", v.raw);
}

int medicine_sms(const struct vd_fhir *h, struct vd_span text, struct vd_span sender,
		 struct vd_decoded *d)
{
	struct vd_span command[26] = {{0}}, part, rest = vd_span_trim(text);
	char digits[24];
	struct vd_reading like = {.seq = -1, .identity = VD_SPAN_LIT("sms")};
	struct vd_span number = number_of(sender, digits, sizeof(digits));
	if (number.n)
		like.identity = vd_pseudonym(d, &h->people, "sms", number);
	if (!rest.n)
		return medicine_wrong(d, "the text message is empty");
	for (int i = 0; vd_span_next(&rest, '#', &part); i++)
		if (i == PARTS_MAX || !take(vd_span_trim(part), command))
			return medicine_wrong(d,
					      "a text message here is letters with values, as in "
					      "a2240#b80#d771912");
	d->alive = like.identity;
	static const char known[] = "abcde";
	for (char c = 'a'; c <= 'z'; c++)
		if (command[c - 'a'].n && !strchr(known, c))
			vd_unknown_field(d, vd_span(&c, 1));
	read_commands(h, command, &like, d);
	return 0;
}
