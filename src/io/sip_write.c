/* SPDX-License-Identifier: EUPL-1.2 */
/* Messages of ours. What is copied from a request goes through the parser's own writers, and never
 * with a line end in it: nobody writes headers of ours by hiding them in an address. */
#include "io/sip_int.h"
#include <stdlib.h>

/* Takes over text that the parser allocated. */
static int add_taken(struct vd_buf *b, char *text, int rc)
{
	if (rc || !text)
		return b->err = b->err ? b->err : VD_ENOMEM;
	bool safe = strpbrk(text, "\r\n") == NULL;
	int err = safe ? vd_buf_add_cstr(b, text) : VD_EPARSE;
	osip_free(text);
	if (!safe && !b->err)
		b->err = VD_EPARSE;
	return err;
}

int sip_write_uri(struct vd_buf *b, const osip_uri_t *u)
{
	char *text = NULL;
	vd_buf_add_char(b, '<');
	int rc = osip_uri_to_str(u, &text);
	add_taken(b, text, rc);
	return vd_buf_add_char(b, '>');
}

static void add_vias(struct vd_buf *b, const struct sip_msg *m)
{
	for (int i = 0; i < osip_list_size(&m->o->vias); i++) {
		char *text = NULL;
		vd_buf_add_cstr(b, "Via: ");
		int rc = osip_via_to_str(osip_list_get(&m->o->vias, i), &text);
		add_taken(b, text, rc);
		vd_buf_add_cstr(b, "\r\n");
	}
}

static void add_copied(struct vd_buf *b, const struct sip_msg *m, const char *tag)
{
	char *from = NULL, *to = NULL, *id = NULL;
	vd_buf_add_cstr(b, "From: ");
	int rc = osip_from_to_str(m->o->from, &from);
	add_taken(b, from, rc);
	vd_buf_add_cstr(b, "\r\nTo: ");
	rc = osip_to_to_str(m->o->to, &to);
	add_taken(b, to, rc);
	if (!sip_param(&m->o->to->gen_params, "tag"))
		vd_buf_printf(b, ";tag=%s", tag);
	vd_buf_add_cstr(b, "\r\nCall-ID: ");
	rc = osip_call_id_to_str(m->o->call_id, &id);
	add_taken(b, id, rc);
	vd_buf_printf(b, "\r\nCSeq: %s %s\r\n", m->o->cseq->number, m->o->cseq->method);
}

int sip_write_answer(struct vd_buf *b, const struct sip_msg *m, const char *tag,
		     const struct sip_answer *a)
{
	const char *reason = a->reason ? a->reason : osip_message_get_reason(a->status);
	vd_buf_printf(b, "SIP/2.0 %d %s\r\n", a->status, reason ? reason : "Unknown");
	add_vias(b, m);
	add_copied(b, m, tag);
	if (a->extra)
		vd_buf_add_cstr(b, a->extra);
	if (a->body.n)
		vd_buf_printf(b, "Content-Type: %s\r\n", a->content_type);
	vd_buf_printf(b, "Content-Length: %zu\r\n\r\n", a->body.n);
	vd_buf_add_span(b, a->body);
	return b->err;
}
