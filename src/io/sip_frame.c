/* SPDX-License-Identifier: EUPL-1.2 */
/* Where a message ends, before any parser sees it: our own look at the head and its Content-Length.
 * The parser would take a negative or huge length for something else, or lose a whole message over
 * a wrong one; so it never gets to see the length nor the body. */
#include "io/sip_int.h"
#include <strings.h>

struct head {
	size_t lines, marks;
	bool has_length, bad_length, twice, odd;
	uint64_t length;
};

/* Line ends before a message: RFC 3261 7.5, and keep-alives. */
static size_t line_ends(struct vd_span in)
{
	size_t n = 0;
	while (n < in.n && (in.p[n] == '\r' || in.p[n] == '\n'))
		n++;
	return n;
}

/* Bytes of the head with its empty line; 0 = it has not come yet. Lines may end with LF alone. */
static size_t head_length(struct vd_span in)
{
	const char *p = in.p, *end = in.p + in.n;
	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		if (p < end && *p == '\n')
			return (size_t)(p + 1 - in.p);
		if (p + 1 < end && p[0] == '\r' && p[1] == '\n')
			return (size_t)(p + 2 - in.p);
	}
	return 0;
}

static void note_length(struct head *h, struct vd_span value)
{
	uint64_t n = 0;
	value = vd_span_trim(value);
	if (!value.n || value.n > 10)
		h->bad_length = true;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9') {
			h->bad_length = true;
			return;
		}
		n = n * 10 + (uint64_t)(value.p[i] - '0');
	}
	h->twice |= h->has_length && h->length != n;
	h->has_length = true;
	h->length = n;
}

static void note_line(struct head *h, struct vd_span line)
{
	struct vd_span name = line;
	const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	h->lines++;
	if (!colon)
		return;
	name.n = (size_t)(colon - line.p);
	while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	if ((name.n == 1 && (*name.p == 'l' || *name.p == 'L')) ||
	    (name.n == 14 && strncasecmp(name.p, "Content-Length", 14) == 0))
		note_length(h, vd_span_skip(line, (size_t)(colon + 1 - line.p)));
}

static void look(struct vd_span head, struct head *h)
{
	struct vd_span line;
	*h = (struct head){.lines = 0};
	for (size_t i = 0; i < head.n; i++) {
		char c = head.p[i];
		h->marks += c == ',' || c == ';' || c == '&' || c == '?' || c == '=';
		/* A lone CR ends a line for the parser, but not for us: nobody means it. */
		h->odd |= c == '\0' || (c == '\r' && (i + 1 == head.n || head.p[i + 1] != '\n'));
	}
	while (vd_span_next(&head, '\n', &line))
		note_line(h, line);
}

static void refuse(struct sip_cut *c, int status, const char *why)
{
	c->status = status;
	c->why = why;
}

static void judge(const struct head *h, struct sip_cut *c)
{
	if (h->odd)
		refuse(c, 400, "NUL Or Lone CR In Head");
	else if (h->lines > VD_MAX_SIP_HEADERS || h->marks > VD_MAX_SIP_MARKS)
		refuse(c, 400, "Too Many Headers");
	else if (h->bad_length)
		refuse(c, 400, "Content-Length Is Not A Number");
	else if (h->twice)
		refuse(c, 400, "Two Content-Lengths");
	else if (h->length > VD_MAX_SIP_BODY)
		refuse(c, 413, NULL);
}

enum sip_cut_kind sip_cut_stream(struct vd_span in, struct sip_cut *ret)
{
	struct head h;
	struct sip_cut c = {.used = line_ends(in)};
	bool ping = c.used >= 4 && memcmp(in.p, "\r\n\r\n", 4) == 0;
	if (c.used) {
		c.used = ping ? 4 : c.used > 1 ? 2 : 1;
		*ret = c;
		return ping ? SIP_CUT_PING
		       /* a half keep-alive may still become a whole one */
		       : in.n < 4 && line_ends(in) == in.n ? SIP_CUT_MORE
							   : SIP_CUT_NOTHING;
	}
	size_t n = head_length(in);
	if (!n && in.n <= VD_MAX_SIP_HEAD)
		return SIP_CUT_MORE;
	c.head = vd_span(in.p, n);
	if (!n || n > VD_MAX_SIP_HEAD) {
		refuse(&c, 513, NULL); /* Message Too Large */
		c.head = vd_span("", 0);
		c.lost = true;
		c.used = in.n;
		*ret = c;
		return SIP_CUT_MESSAGE;
	}
	look(c.head, &h);
	judge(&h, &c);
	if (!h.has_length && !c.status)
		refuse(&c, 400, "Content-Length Missing"); /* RFC 3261 18.3: a stream needs it */
	c.lost = c.status != 0;
	if (!c.status && in.n - n < h.length)
		return SIP_CUT_MORE;
	c.body = vd_span(in.p + n, c.status ? 0 : (size_t)h.length);
	c.used = n + c.body.n;
	*ret = c;
	return SIP_CUT_MESSAGE;
}

/* A body shorter than told was cut on its way, and a longer one is not what its sender thinks it
 * is: both are refused aloud. Line ends behind it are nobody's. */
static void fit(struct sip_cut *c, const struct head *h)
{
	if (!h->has_length)
		return;
	if (h->length > c->body.n) {
		refuse(c, 400, "Body Shorter Than Content-Length");
		return;
	}
	struct vd_span rest = vd_span_skip(c->body, (size_t)h->length);
	if (vd_span_trim(rest).n)
		refuse(c, 400, "Body Longer Than Content-Length");
	c->body.n = (size_t)h->length;
}

enum sip_cut_kind sip_cut_datagram(struct vd_span in, struct sip_cut *ret)
{
	struct head h;
	struct sip_cut c = {.used = in.n};
	size_t before = line_ends(in);
	struct vd_span rest = vd_span_skip(in, before);
	*ret = c;
	if (!rest.n)
		return before >= 4 ? SIP_CUT_PING : SIP_CUT_NOTHING;
	size_t n = head_length(rest);
	c.head = vd_span(rest.p, n ? n : rest.n); /* a head without an empty line has no body */
	c.body = vd_span_skip(rest, c.head.n);
	look(c.head, &h);
	judge(&h, &c);
	if (!c.status && c.body.n > VD_MAX_SIP_BODY + 4)
		refuse(&c, 413, NULL);
	if (!c.status)
		fit(&c, &h);
	*ret = c;
	return SIP_CUT_MESSAGE;
}
