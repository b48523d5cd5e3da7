/* SPDX-License-Identifier: EUPL-1.2 */
/* From a path to its handler, and the forms answers take (docs/api.md). */
#include "io/web_int.h"
#include <stdio.h>
#include <stdlib.h>

void web_json(struct web_request *q, int status)
{
	q->status = status;
	q->type = "application/json";
	if (!q->out.err)
		return;
	vd_buf_clear(&q->out);
	web_problem(q, 500, "limit",
		    "The answer is larger than this hub sends; narrow the question.");
}

static const char *title_of(int status)
{
	switch (status) {
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 409: return "Conflict";
	case 411: return "Length Required";
	case 413: return "Content Too Large";
	case 415: return "Unsupported Media Type";
	case 429: return "Too Many Requests";
	case 503: return "Service Unavailable";
	default: return "Internal Server Error";
	}
}

/* RFC 9457. */
void web_problem(struct web_request *q, int status, const char *code, const char *detail)
{
	struct vd_jw j;
	char urn[64];
	vd_buf_clear(&q->out);
	snprintf(urn, sizeof(urn), "urn:varde:%s", code);
	vd_jw_init(&j, &q->out);
	vd_jw_obj(&j);
	vd_jw_kv_str(&j, "type", urn);
	vd_jw_kv_str(&j, "title", title_of(status));
	vd_jw_kv_int(&j, "status", status);
	vd_jw_kv_str(&j, "code", code);
	vd_jw_kv_str(&j, "detail", detail);
	vd_jw_end_obj(&j);
	q->status = status;
	q->type = "application/problem+json";
	if (status == 429 && !q->retry_after_s)
		q->retry_after_s = 5;
	if (status == 503 && !q->retry_after_s)
		q->retry_after_s = 2;
}

void web_problem_err(struct web_request *q, int err)
{
	static const struct {
		int err, status;
		const char *code, *detail;
	} rows[] = {
		{VD_EDENIED, 403, "denied", "Your role does not include this step."},
		{VD_ENOTFOUND, 404, "notfound",
		 "There is no such thing, or it is not yours to see."},
		{VD_ESTATE, 409, "state", "This step is not open in the present state."},
		{VD_ECONFLICT, 409, "conflict", "Somebody else was first; look at it again."},
		{VD_EINVAL, 400, "parse",
		 "Something is missing: outcome, note, duration or receiver."},
		{VD_ELIMIT, 413, "limit", "The note is longer than 2000 bytes."},
		{VD_EBUSY, 503, "busy",
		 "The hub could not store this; nothing was changed. Try again."},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].err == err) {
			web_problem(q, rows[i].status, rows[i].code, rows[i].detail);
			return;
		}
	web_problem(q, 500, "io", "The hub failed at this; it is in its log.");
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

bool web_query(const struct web_request *q, const char *name, char *ret, size_t cap)
{
	struct vd_span rest = vd_span_cstr(q->query), pair, key;
	while (vd_span_next(&rest, '&', &pair)) {
		if (!vd_span_next(&pair, '=', &key) || !vd_span_is(key, name))
			continue;
		size_t n = 0;
		for (size_t i = 0; pair.p && i < pair.n && n + 1 < cap; i++) {
			char c = pair.p[i];
			if (c == '%' && i + 2 < pair.n + 0 && hex(pair.p[i + 1]) >= 0 &&
			    hex(pair.p[i + 2]) >= 0) {
				c = (char)(hex(pair.p[i + 1]) * 16 + hex(pair.p[i + 2]));
				i += 2;
			}
			ret[n++] = c;
		}
		ret[n] = '\0';
		return true;
	}
	return false;
}

int web_length(const char *text, size_t max, size_t *ret)
{
	size_t n = strspn(text, "0123456789");
	*ret = 0;
	if (!n || text[n] || n > 18)
		return 400;
	*ret = (size_t)strtoull(text, NULL, 10);
	return *ret > max ? 413 : 0;
}

static bool this_machine(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
	       strncmp(address, "::ffff:127.", 11) == 0;
}

void web_address(char *address, size_t cap, const char *forwarded)
{
	const char *comma = strrchr(forwarded, ',');
	struct vd_span last = vd_span_trim(vd_span_cstr(comma ? comma + 1 : forwarded));
	if (this_machine(address) && last.n && !vd_span_copy(address, cap, last))
		snprintf(address, cap, "?"); /* certainly not this machine */
}

struct vd_scope web_scope(const struct vd_web *w, int64_t staff)
{
	const struct vd_staff *s = vd_dir_staff(vd_hub_directory(w->hub), staff);
	struct vd_scope scope = {.staff = staff};
	if (s && !s->disabled)
		memcpy(scope.munis, s->scope, sizeof(scope.munis));
	return scope;
}

static void health(struct web_request *q)
{
	vd_buf_printf(&q->out, "{\"status\":\"ok\",\"version\":\"%s\"}", q->web->cfg.version);
	web_json(q, 200);
}

static void ready(struct web_request *q)
{
	struct vd_store_stats s;
	q->web->store->stats(q->web->store, &s);
	if (q->web->closing || s.health != VD_STORE_OK) {
		web_problem(q, 503, "busy",
			    q->web->closing ? "The hub is stopping." : "The disk refuses writes.");
		return;
	}
	vd_buf_add_cstr(&q->out, "{\"status\":\"ready\"}");
	web_json(q, 200);
}

static bool under(struct vd_span path, const char *head, struct vd_span *ret_rest)
{
	if (!vd_span_starts(path, vd_span_cstr(head)))
		return false;
	*ret_rest = vd_span_skip(path, strlen(head));
	return true;
}

static void dispatch(struct web_request *q)
{
	struct vd_span path = vd_span_cstr(q->path), rest;
	bool get = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;
	if (under(path, "/hook/", &rest))
		web_hook(q, rest);
	else if (vd_span_is(path, "/api/v1/session"))
		web_session_request(q);
	else if (under(path, "/api/v1/", &rest))
		web_api(q, rest);
	else if (!get)
		web_problem(q, 405, "state", "Nothing is changed here.");
	else if (vd_span_is(path, "/healthz"))
		health(q);
	else if (vd_span_is(path, "/readyz"))
		ready(q);
	else if (vd_span_is(path, "/metrics"))
		web_metrics(q);
	else if (under(path, "/reports/", &rest))
		web_report_file(q, rest);
	else
		web_static_get(q);
}

void web_route(struct web_request *q)
{
	dispatch(q);
	if (!q->pending)
		web_answer(q);
}
