/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading with expat: no document types (so no entities of the sender's own, no outside files),
 * ceilings on size, depth and elements, names without their prefix. */
#include "adapters/scaip/doc.h"
#include "base/mem.h"
#include <expat.h>
#include <stdio.h>

static const char *const tags[SCAIP_FIELD_MAX] = {
#define X(e, tag, max, class, must) [SCAIP_##e] = tag,
	SCAIP_FIELDS(X)
#undef X
};

const char *scaip_field_tag(enum scaip_field f)
{
	return tags[f];
}

struct reading {
	struct scaip_doc *d;
	XML_Parser p;
	int depth, elements;
	int field, field_depth; /* of the value being read; -1 = none */
	size_t from;            /* where it begins in d->text */
	bool cut;
};

static void stop(struct reading *r, enum scaip_fault fault, const char *why)
{
	r->d->fault = fault;
	snprintf(r->d->why, sizeof(r->d->why), "%s", why);
	(void)XML_StopParser(r->p, XML_FALSE);
}

static int field_of(const char *name)
{
	for (int i = 0; i < SCAIP_FIELD_MAX; i++)
		if (strcmp(name, tags[i]) == 0)
			return i;
	return -1;
}

static void begin_root(struct reading *r, const char *name)
{
	r->d->dialect = strcmp(name, "scaip") == 0;
	r->d->is_mrq = strcmp(name, "mrq") == 0;
	if (!r->d->is_mrq && !r->d->dialect)
		stop(r, SCAIP_OTHER_ROOT, "the document is no mrq");
}

static void unknown(struct scaip_doc *d, const char *name)
{
	if (!d->n_unknown++)
		(void)vd_span_copy(d->unknown, sizeof(d->unknown), vd_span_cstr(name));
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = arg;
	const char *colon = strrchr(name, ':');
	(void)attributes;
	name = colon ? colon + 1 : name;
	if (++r->depth > SCAIP_MAX_DEPTH || ++r->elements > SCAIP_MAX_ELEMENTS) {
		stop(r, SCAIP_TOO_MUCH, "more elements than an mrq can have");
		return;
	}
	if (r->depth == 1) {
		begin_root(r, name);
		return;
	}
	if (r->field >= 0)
		return; /* markup inside a value: only the text around it is read */
	r->field = field_of(name);
	if (r->field < 0) {
		if (strcmp(name, "lge") != 0)
			unknown(r->d, name);
		return;
	}
	r->d->is_mrq = true;
	r->field_depth = r->depth;
	r->from = r->d->text_n;
	r->cut = false;
}

static void on_text(void *arg, const XML_Char *s, int n)
{
	struct reading *r = arg;
	struct scaip_doc *d = r->d;
	if (r->field < 0 || r->depth != r->field_depth)
		return;
	size_t room = sizeof(d->text) - d->text_n, have = d->text_n - r->from;
	size_t take = (size_t)n;
	if (take > room)
		take = room;
	if (have + take > SCAIP_MAX_VALUE)
		take = SCAIP_MAX_VALUE - have;
	while (take < (size_t)n && take && ((unsigned char)s[take] & 0xC0) == 0x80)
		take--; /* whole characters only */
	r->cut |= take < (size_t)n;
	memcpy(d->text + d->text_n, s, take);
	d->text_n += take;
}

static unsigned characters(struct vd_span s)
{
	unsigned n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

static void keep(struct reading *r, struct vd_span v)
{
	struct scaip_doc *d = r->d;
	unsigned n = r->cut ? SCAIP_MAX_VALUE + 1 : characters(v);
	int f = r->field;
	if (!v.n)
		return;
	if (f == SCAIP_CRD) {
		if (d->n_crd < SCAIP_MAX_CRD)
			d->crd[d->n_crd++] = v;
		d->chars[f] = n > d->chars[f] ? n : d->chars[f];
		d->f[f] = d->crd[0];
		return;
	}
	if (d->f[f].n) {
		d->twice[f] |= !vd_span_eq(d->f[f], v);
		return;
	}
	d->f[f] = v;
	d->chars[f] = n;
}

static void on_end(void *arg, const XML_Char *name)
{
	struct reading *r = arg;
	(void)name;
	if (r->field >= 0 && r->depth == r->field_depth) {
		keep(r, vd_span_trim(vd_span(r->d->text + r->from, r->d->text_n - r->from)));
		r->field = -1;
	}
	r->depth--;
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
		       const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	stop(arg, SCAIP_DTD, "an mrq has no document type");
}

static const XML_Memory_Handling_Suite heap = {vd_malloc, vd_realloc, vd_free};

/* 0, or expat's error. */
static enum XML_Error parse(struct vd_span body, const char *encoding, struct scaip_doc *d)
{
	memset(d, 0, sizeof(*d));
	struct reading r = {.d = d, .field = -1};
	r.p = XML_ParserCreate_MM(encoding, &heap, NULL);
	if (!r.p)
		return XML_ERROR_NO_MEMORY;
	XML_SetUserData(r.p, &r);
	XML_SetElementHandler(r.p, on_start, on_end);
	XML_SetCharacterDataHandler(r.p, on_text);
	XML_SetStartDoctypeDeclHandler(r.p, on_doctype);
	enum XML_Error err = XML_ERROR_NONE;
	if (XML_Parse(r.p, body.n ? body.p : "", (int)body.n, XML_TRUE) != XML_STATUS_OK)
		err = XML_GetErrorCode(r.p);
	if (err && err != XML_ERROR_NO_MEMORY && !d->fault) {
		d->fault = SCAIP_NO_XML;
		snprintf(d->why, sizeof(d->why), "byte %ld: %s", (long)XML_GetCurrentByteIndex(r.p),
			 XML_ErrorString(err));
	}
	XML_ParserFree(r.p);
	return err;
}

/* Latin-1 without saying so, or under a name expat does not know (windows-1252): an alarm is not to
 * be lost for a letter in a room's name. */
static bool other_letters(enum XML_Error err, struct vd_span body)
{
	return err == XML_ERROR_UNKNOWN_ENCODING ||
	       (err == XML_ERROR_INVALID_TOKEN && !vd_span_utf8(body));
}

/* Whose message it is, and what kind: of two different words neither may be believed. */
static void check_told_twice(struct scaip_doc *d)
{
	static const enum scaip_field once[] = {SCAIP_REF, SCAIP_CID, SCAIP_MTY};
	for (size_t i = 0; !d->fault && i < sizeof(once) / sizeof(once[0]); i++) {
		if (!d->twice[once[i]])
			continue;
		d->fault = SCAIP_TOLD_TWICE;
		snprintf(d->why, sizeof(d->why), "%s is told twice, differently", tags[once[i]]);
	}
}

int scaip_doc_read(struct vd_span body, struct scaip_doc *d)
{
	if (body.n > SCAIP_MAX_BODY) {
		memset(d, 0, sizeof(*d));
		d->fault = SCAIP_TOO_MUCH;
		snprintf(d->why, sizeof(d->why), "the document is larger than %d bytes",
			 SCAIP_MAX_BODY);
		return 0;
	}
	enum XML_Error err = parse(body, NULL, d);
	if (other_letters(err, body))
		err = parse(body, "ISO-8859-1", d);
	if (err == XML_ERROR_NO_MEMORY)
		return VD_ENOMEM;
	if (!d->fault && !d->is_mrq) {
		d->fault = SCAIP_OTHER_ROOT;
		snprintf(d->why, sizeof(d->why), "nothing of an mrq is in the document");
	}
	check_told_twice(d);
	return 0;
}

int scaip_code(const struct scaip_doc *d, enum scaip_field f)
{
	struct vd_span s = d->f[f];
	int n = 0;
	if (!s.n)
		return SCAIP_ABSENT;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || n > 99999)
			return SCAIP_NOT_A_NUMBER;
		n = n * 10 + (s.p[i] - '0');
	}
	return n;
}
