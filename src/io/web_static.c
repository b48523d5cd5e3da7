/* SPDX-License-Identifier: EUPL-1.2 */
/* The console's files, read into memory once at start. Names with a hash in them never change. */
#include "io/web_int.h"
#include "base/log.h"
#include "base/mem.h"
#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>

#define FILES_MAX 500
#define BYTES_MAX (32 * 1024 * 1024)
#define DEPTH_MAX 6

struct file {
	char path[200]; /* "/assets/main-1a2b3c.js" */
	const char *type;
	char *body;
	size_t n;
	char etag[40];
	bool hashed;
};
struct web_static {
	struct file files[FILES_MAX];
	size_t n, bytes;
};

static const char *type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {{".html", "text/html; charset=utf-8"},
		     {".js", "text/javascript; charset=utf-8"},
		     {".css", "text/css; charset=utf-8"},
		     {".json", "application/json"},
		     {".webmanifest", "application/manifest+json"},
		     {".svg", "image/svg+xml"},
		     {".png", "image/png"},
		     {".woff2", "font/woff2"}};
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(dot, types[i].end) == 0)
			return types[i].type;
	return NULL;
}

/* "-" and eight or more letters or digits before the ending: made by the build from the content. */
static bool is_hashed(const char *name)
{
	const char *dot = strrchr(name, '.'), *p = dot;
	while (p && p > name && p[-1] != '-' && p[-1] != '/' && p[-1] != '.')
		p--;
	return p && p > name && (p[-1] == '-' || p[-1] == '.') && dot - p >= 8;
}

static int add_file(struct web_static *s, const char *full, const char *path)
{
	struct stat st;
	if (!type_of(path) || s->n == FILES_MAX || stat(full, &st) || st.st_size < 0 ||
	    s->bytes + (size_t)st.st_size > BYTES_MAX)
		return 0;
	struct file *f = &s->files[s->n];
	FILE *in = fopen(full, "re");
	f->body = in ? vd_malloc((size_t)st.st_size + 1) : NULL;
	f->n = f->body ? fread(f->body, 1, (size_t)st.st_size, in) : 0;
	if (in)
		fclose(in);
	if (!f->body)
		return VD_ENOMEM;
	uint8_t h[32];
	EVP_Digest(f->body, f->n, h, NULL, EVP_sha256(), NULL);
	int at = snprintf(f->etag, sizeof(f->etag), "\"");
	for (int i = 0; i < 12; i++)
		at += snprintf(f->etag + at, sizeof(f->etag) - (size_t)at, "%02x", h[i]);
	snprintf(f->etag + at, sizeof(f->etag) - (size_t)at, "\"");
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->type = type_of(path);
	f->hashed = is_hashed(path);
	s->bytes += f->n;
	s->n++;
	return 0;
}

struct folder {
	char full[600], path[160];
};

static int walk(struct web_static *s, const char *root)
{
	static struct folder ahead[64];
	size_t n = 1;
	int err = 0;
	snprintf(ahead[0].full, sizeof(ahead[0].full), "%s", root);
	ahead[0].path[0] = '\0';
	while (n && !err) {
		struct folder f = ahead[--n];
		DIR *d = opendir(f.full);
		struct dirent *e;
		while (d && !err && (e = readdir(d))) {
			char full[900], path[420];
			struct stat st;
			if (e->d_name[0] == '.')
				continue;
			snprintf(full, sizeof(full), "%s/%s", f.full, e->d_name);
			snprintf(path, sizeof(path), "%s/%s", f.path, e->d_name);
			if (stat(full, &st) == 0 && S_ISDIR(st.st_mode) && n < 64 &&
			    strlen(path) < sizeof(ahead[n].path) &&
			    strlen(full) < sizeof(ahead[n].full)) {
				snprintf(ahead[n].full, sizeof(ahead[n].full), "%s", full);
				snprintf(ahead[n++].path, sizeof(ahead[0].path), "%s", path);
			} else if (S_ISREG(st.st_mode) && strlen(path) < 200) {
				err = add_file(s, full, path);
			}
		}
		if (d)
			closedir(d);
	}
	return err;
}

int web_static_open(struct vd_web *w, struct vd_errtext *e)
{
	w->files = vd_calloc(1, sizeof(*w->files));
	if (!w->files)
		return VD_ENOMEM;
	if (!w->cfg.console_dir || !*w->cfg.console_dir)
		return 0;
	int err = walk(w->files, w->cfg.console_dir);
	if (err)
		return vd_errtext(e, err, "cannot read the console's files", NULL, "%s",
				  w->cfg.console_dir);
	if (!w->files->n)
		vd_log(VD_LOG_WARN,
		       "no console in %s: alarms are taken in, but nobody sees them here",
		       w->cfg.console_dir);
	return 0;
}

void web_static_close(struct vd_web *w)
{
	if (!w->files)
		return;
	for (size_t i = 0; i < w->files->n; i++)
		vd_free(w->files->files[i].body);
	vd_free(w->files);
	w->files = NULL;
}

static const struct file *find(const struct web_static *s, const char *path)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->files[i].path, path) == 0)
			return &s->files[i];
	return NULL;
}

/* The page's own addresses all load the page. */
static bool is_page(const char *path)
{
	const char *slash = strrchr(path, '/');
	return strcmp(path, "/") == 0 || (slash && !strchr(slash, '.'));
}

void web_static_get(struct web_request *q)
{
	const struct file *f = find(q->web->files, q->path);
	if (!f && is_page(q->path))
		f = find(q->web->files, "/index.html");
	if (!f) {
		web_problem_err(q, VD_ENOTFOUND);
		return;
	}
	snprintf(q->etag, sizeof(q->etag), "%s", f->etag);
	q->cacheable = f->hashed;
	q->type = f->type;
	if (strcmp(q->etag_seen, f->etag) == 0) {
		q->status = 304;
		return;
	}
	q->status = 200;
	q->borrowed = vd_span(f->body, f->n);
}
