/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests: where they may go, how long they may take, and what became of them. */
#include "io/fetch.h"
#include "base/check.h"
#include "base/mem.h"
#include "io/fetch_int.h"
#include <openssl/crypto.h>
#include <stdio.h>

#define CONNECT_MS 5000
#define TOTAL_MS   10000
#define URL_MAX    2048

/* -- where to ------------------------------------------------------------------------------- */

static bool loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0 ||
	       strcmp(host, "localhost") == 0;
}

static bool part(CURLU *u, CURLUPart what, char *ret, size_t cap)
{
	char *text = NULL;
	ret[0] = '\0';
	if (curl_url_get(u, what, &text, 0))
		return false;
	bool fits = (size_t)snprintf(ret, cap, "%s", text) < cap;
	curl_free(text);
	return fits;
}

/* https to whom the configuration names; http to nobody but this machine. */
static bool may_go(const char *base, const char *path)
{
	char scheme[16], host[256], other[8];
	CURLU *u = curl_url();
	bool ok = u && curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK &&
		  part(u, CURLUPART_SCHEME, scheme, sizeof(scheme)) &&
		  part(u, CURLUPART_HOST, host, sizeof(host)) &&
		  !part(u, CURLUPART_USER, other, sizeof(other)) && !other[0] &&
		  !part(u, CURLUPART_QUERY, other, sizeof(other)) && !other[0] &&
		  !part(u, CURLUPART_FRAGMENT, other, sizeof(other)) && !other[0] &&
		  (strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && loopback(host)));
	curl_url_cleanup(u);
	for (const char *p = path; *p; p++)
		ok &= *p > ' ' && *p < 0x7f && *p != '?' && *p != '#' && *p != '\\';
	return ok && strlen(base) + strlen(path) + 2 < URL_MAX && !strstr(path, "..") &&
	       path[0] != '/';
}

static void make_url(char ret[URL_MAX], const char *base, const char *path)
{
	size_t n = strlen(base);
	while (n && base[n - 1] == '/')
		n--;
	snprintf(ret, URL_MAX, "%.*s%s%s", (int)n, base, path[0] ? "/" : "", path);
}

/* -- a request ------------------------------------------------------------------------------ */

static void job_free(struct fetch_job *j)
{
	if (!j)
		return;
	if (j->easy)
		curl_easy_cleanup(j->easy);
	for (struct curl_slist *h = j->headers; h; h = h->next)
		OPENSSL_cleanse(h->data, strlen(h->data));
	curl_slist_free_all(j->headers);
	vd_free(j->base);
	vd_free(j->body);
	vd_free(j);
}

/* Nothing of an answer is used; more than a little of it is a fault of its own. */
static size_t on_bytes(char *p, size_t size, size_t n, void *arg)
{
	struct fetch_job *j = arg;
	(void)p;
	j->got += size * n;
	return j->got > FETCH_HEAD_BYTES + VD_MAX_FETCH_BODY ? 0 : size * n;
}

/* A line's end in a secret would be another header. */
static bool one_line(const char *text)
{
	const char *p = text;
	while ((unsigned char)*p >= ' ' && (unsigned char)*p <= '~')
		p++;
	return !*p;
}

static bool header(struct fetch_job *j, const char *name, const char *before, const char *value)
{
	char line[FETCH_SECRET_BYTES / 16];
	int n = snprintf(line, sizeof(line), "%s:%s%s%s", name, value[0] ? " " : "", before, value);
	if (n < 0 || (size_t)n >= sizeof(line))
		return false;
	struct curl_slist *more = curl_slist_append(j->headers, line);
	OPENSSL_cleanse(line, sizeof(line));
	if (more)
		j->headers = more;
	return more;
}

static bool headers(struct fetch_job *j, const struct vd_fetch_request *r,
		    const struct fetch_secret *s)
{
	return header(j, "Content-Type", "",
		      r->content_type ? r->content_type : "application/json") &&
	       header(j, "Accept", "", "application/json") && header(j, "Expect", "", "") &&
	       (!s || header(j, r->auth ? r->auth : "Authorization", "Bearer ", s->text));
}

static void set_limits(struct fetch_job *j)
{
	CURL *c = j->easy;
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* nor from the environment */
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT,
			 1L); /* a name that does not resolve holds up nobody */
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)j->f->connect_ms);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)j->f->total_ms);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, j);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_bytes);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, j);
}

static bool fill(struct fetch_job *j, const struct vd_fetch_request *r,
		 const struct fetch_secret *s, const struct fetch_secret *ca)
{
	char url[URL_MAX];
	j->base = vd_strdup(r->base);
	j->body = vd_memdup_str(r->body.p ? r->body.p : "", r->body.n);
	j->easy = curl_easy_init();
	if (!j->base || !j->body || !j->easy || !headers(j, r, s))
		return false;
	make_url(url, r->base, r->path);
	set_limits(j);
	curl_easy_setopt(j->easy, CURLOPT_USERAGENT, j->f->agent);
	curl_easy_setopt(j->easy, CURLOPT_HTTPHEADER, j->headers);
	curl_easy_setopt(j->easy, CURLOPT_POSTFIELDSIZE, (long)r->body.n);
	curl_easy_setopt(j->easy, CURLOPT_POSTFIELDS, j->body);
	curl_easy_setopt(j->easy, CURLOPT_CUSTOMREQUEST, r->method ? r->method : "POST");
	if (ca) {
		struct curl_blob blob = {ca->text, ca->n, CURL_BLOB_COPY};
		curl_easy_setopt(j->easy, CURLOPT_CAINFO_BLOB, &blob);
		curl_easy_setopt(j->easy, CURLOPT_CAPATH, NULL);
	}
	return curl_easy_setopt(j->easy, CURLOPT_URL, url) == CURLE_OK;
}

int vd_fetch_start(struct vd_fetch *f, const struct vd_fetch_request *r,
		   void (*done)(const struct vd_fetch_result *x, void *arg), void *arg,
		   const char **ret_why)
{
	const struct fetch_secret *s = r->secret[0] ? fetch_secret(f, r->secret) : NULL;
	const struct fetch_secret *ca = r->ca[0] ? fetch_secret(f, r->ca) : NULL;
	if (f->closing || f->n_waiting >= VD_MAX_FETCH_WAITING)
		return VD_EBUSY;
	*ret_why = "address";
	if (!may_go(r->base, r->path))
		return VD_EINVAL;
	*ret_why = "secret";
	if ((r->secret[0] && (!s || !one_line(s->text))) || (r->ca[0] && !ca))
		return VD_EINVAL;
	struct fetch_job *j = vd_calloc(1, sizeof(*j));
	if (!j)
		return VD_ENOMEM;
	j->f = f;
	j->done = done;
	j->arg = arg;
	j->until_mono = f->rt->mono_ms(f->rt) + r->left_ms;
	vd_list_init(&j->link);
	if (!fill(j, r, s, ca)) {
		job_free(j);
		return VD_ENOMEM;
	}
	curl_easy_setopt(j->easy, CURLOPT_PRIVATE, j);
	vd_list_push_back(&f->waiting, &j->link);
	f->n_waiting++;
	if (!f->later.pending)
		f->rt->defer(f->rt, &f->later);
	return 0;
}

/* -- the queue ------------------------------------------------------------------------------ */

static void end(struct fetch_job *j, int status, bool sent, const char *why)
{
	const struct vd_fetch_result x = {.status = status, .sent = sent, .why = why};
	vd_list_remove(&j->link);
	j->done(&x, j->arg);
	job_free(j);
}

static bool room_for(const struct vd_fetch *f, const struct fetch_job *j)
{
	int same = 0;
	VD_LIST_EACH(l, &f->active)
	{
		same += strcmp(VD_CONTAINER(l, struct fetch_job, link)->base, j->base) == 0;
	}
	return f->n_active < VD_MAX_FETCHES && same < FETCH_HOST;
}

void fetch_pump(struct vd_fetch *f)
{
	VD_LIST_EACH(l, &f->waiting)
	{
		struct fetch_job *j = VD_CONTAINER(l, struct fetch_job, link);
		bool late = f->rt->mono_ms(f->rt) >= j->until_mono;
		if (!late && !room_for(f, j))
			continue;
		f->n_waiting--;
		if (late || curl_multi_add_handle(f->multi, j->easy) != CURLM_OK) {
			end(j, 0, false, "timeout");
			continue;
		}
		vd_list_remove(&j->link);
		vd_list_push_back(&f->active, &j->link);
		f->n_active++;
	}
}

static void on_later(void *arg)
{
	struct vd_fetch *f = arg;
	if (f->closing)
		fetch_check_closed(f);
	else
		fetch_pump(f);
}

static const char *word_of(CURLcode code)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT: return "timeout";
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER: return "tls";
	default: return "unreachable";
	}
}

void fetch_finish(struct vd_fetch *f, CURL *easy, CURLcode code)
{
	struct fetch_job *j = NULL;
	long status = 0;
	curl_off_t ready_us = 0; /* when the request could begin, 0 = it never could */
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &j);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
	VD_REQUIRE(j);
	curl_multi_remove_handle(f->multi, easy);
	f->n_active--;
	/* A status counts even when the rest of the answer never came: it was said. */
	end(j, (int)status, status || ready_us > 0, status ? "" : word_of(code));
}

/* -- opening and closing -------------------------------------------------------------------- */

static void fetch_free(struct vd_fetch *f)
{
	fetch_secrets_wipe(f);
	vd_free(f->secrets_dir);
	vd_free(f->credentials_dir);
	vd_free(f->agent);
	vd_free(f);
	curl_global_cleanup();
}

int vd_fetch_open(uv_loop_t *loop, struct vd_runtime *rt, const struct vd_fetch_config *cfg,
		  struct vd_fetch **ret, struct vd_errtext *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return vd_errtext(e, VD_EIO, "libcurl cannot start", NULL, NULL);
	struct vd_fetch *f = vd_calloc(1, sizeof(*f));
	if (!f) {
		curl_global_cleanup();
		return vd_errtext(e, VD_ENOMEM, "out of memory", NULL, NULL);
	}
	f->loop = loop;
	f->rt = rt;
	f->connect_ms = cfg->connect_ms ? cfg->connect_ms : CONNECT_MS;
	f->total_ms = cfg->total_ms ? cfg->total_ms : TOTAL_MS;
	f->later = (struct vd_deferred){.fn = on_later, .arg = f};
	vd_list_init(&f->waiting);
	vd_list_init(&f->active);
	vd_list_init(&f->sockets);
	f->secrets_dir = vd_strdup(cfg->secrets_dir ? cfg->secrets_dir : "");
	f->credentials_dir = vd_strdup(cfg->credentials_dir ? cfg->credentials_dir : "");
	f->agent = vd_strdup(cfg->agent);
	if (!f->secrets_dir || !f->credentials_dir || !f->agent || fetch_loop_open(f)) {
		fetch_loop_close(f);
		fetch_free(f);
		return vd_errtext(e, VD_ENOMEM, "out of memory", NULL, NULL);
	}
	fetch_secrets_load(f);
	*ret = f;
	return 0;
}

void vd_fetch_reload(struct vd_fetch *f)
{
	fetch_secrets_load(f);
}

void fetch_check_closed(struct vd_fetch *f)
{
	if (!f->closing || f->n_handles || f->later.pending)
		return;
	void (*fn)(void *arg) = f->on_closed;
	void *arg = f->on_closed_arg;
	fetch_free(f);
	fn(arg);
}

void vd_fetch_close(struct vd_fetch *f, void (*on_closed)(void *arg), void *arg)
{
	VD_REQUIRE(!f->closing);
	f->closing = true;
	f->on_closed = on_closed;
	f->on_closed_arg = arg;
	VD_LIST_EACH(l, &f->active)
	{
		struct fetch_job *j = VD_CONTAINER(l, struct fetch_job, link);
		curl_multi_remove_handle(f->multi, j->easy);
		end(j, 0, true, "stopping");
	}
	VD_LIST_EACH(w, &f->waiting)
	end(VD_CONTAINER(w, struct fetch_job, link), 0, false, "stopping");
	f->n_active = f->n_waiting = 0;
	fetch_loop_close(f);
	if (!f->later.pending)
		f->rt->defer(f->rt, &f->later);
}
