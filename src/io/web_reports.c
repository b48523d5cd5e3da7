/* SPDX-License-Identifier: EUPL-1.2 */
/* The nightly editions: listed and served from their folder on the reader thread, within the scope.
 * A municipality's file begins with its number; region files are for those who see them all. */
#include "io/web_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EDITIONS_MAX 60
#define FILES_MAX    64

struct job {
	struct web_request *q;
	struct vd_scope scope;
	bool whole_region;
	char dir[512], path[640], date[12], name[64];
	struct vd_buf out;
	struct vd_jw j;
};

static bool may_read(const struct web_request *q)
{
	const struct vd_staff *p =
		vd_dir_staff(vd_hub_directory(q->web->hub), q->session ? q->session->staff : 0);
	return p && (p->roles & (VD_ROLE_CONTROLLER | VD_ROLE_LEADER | VD_ROLE_ADMIN));
}

static struct job *job_new(struct web_request *q)
{
	const struct vd_directory *d = vd_hub_directory(q->web->hub);
	struct job *j = vd_calloc(1, sizeof(*j));
	if (!j)
		return NULL;
	j->q = q;
	j->scope = web_scope(q->web, q->session->staff);
	j->whole_region = true;
	for (size_t i = 0; i < d->n_munis; i++)
		j->whole_region &= vd_scope_sees(&j->scope, d->munis[i].number);
	snprintf(j->dir, sizeof(j->dir), "%s",
		 q->web->cfg.report_dir ? q->web->cfg.report_dir : "");
	vd_buf_init(&j->out, WEB_RESPONSE_BYTES);
	return j;
}

static void job_free(struct job *j)
{
	vd_buf_fini(&j->out);
	vd_free(j);
}

/* The stylesheet is everybody's. */
static bool in_scope(const struct job *j, const char *file, int *ret_muni)
{
	char *end;
	long n = strtol(file, &end, 10);
	*ret_muni = end == file ? 0 : (int)n;
	if (end != file)
		return n > 0 && vd_scope_sees(&j->scope, (int)n);
	return strcmp(file, "report.css") == 0 ||
	       (strncmp(file, "region", 6) == 0 && j->whole_region);
}

static int newest_first(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void list_edition(struct job *j, const char *date)
{
	char path[700];
	struct dirent **files;
	snprintf(path, sizeof(path), "%s/%s", j->dir, date);
	int n = scandir(path, &files, NULL, by_name);
	vd_jw_obj(&j->j);
	vd_jw_kv_str(&j->j, "date", date);
	vd_jw_key(&j->j, "files");
	vd_jw_arr(&j->j);
	for (int i = 0, shown = 0; i < n; i++) {
		int muni;
		const char *name = files[i]->d_name;
		if (shown < FILES_MAX && name[0] != '.' && strcmp(name, "report.css") != 0 &&
		    in_scope(j, name, &muni)) {
			shown++;
			vd_jw_obj(&j->j);
			vd_jw_kv_str(&j->j, "name", name);
			vd_jw_kv_int(&j->j, "municipality", muni);
			vd_jw_end_obj(&j->j);
		}
		vd_foreign_free(files[i]);
	}
	if (n >= 0)
		vd_foreign_free(files);
	vd_jw_end_arr(&j->j);
	vd_jw_end_obj(&j->j);
}

static int list(struct vd_reader *r, void *arg)
{
	struct job *j = arg;
	struct dirent **days;
	int64_t day;
	(void)r;
	int n = scandir(j->dir, &days, NULL, newest_first), shown = 0;
	vd_jw_init(&j->j, &j->out);
	vd_jw_obj(&j->j);
	vd_jw_key(&j->j, "editions");
	vd_jw_arr(&j->j);
	for (int i = 0; i < n; i++) {
		if (shown < EDITIONS_MAX &&
		    vd_iso_day_parse(vd_span_cstr(days[i]->d_name), &day) == 0 && ++shown)
			list_edition(j, days[i]->d_name);
		vd_foreign_free(days[i]);
	}
	if (n >= 0)
		vd_foreign_free(days);
	vd_jw_end_arr(&j->j);
	vd_jw_end_obj(&j->j);
	return 0;
}

static int load(struct vd_reader *r, void *arg)
{
	struct job *j = arg;
	char part[8192];
	size_t n;
	(void)r;
	FILE *f = fopen(j->path, "re");
	if (!f)
		return VD_ENOTFOUND;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		vd_buf_add(&j->out, part, n);
	fclose(f);
	return j->out.err;
}

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	if (dot && strcmp(dot, ".html") == 0)
		return "text/html; charset=utf-8";
	if (dot && strcmp(dot, ".css") == 0)
		return "text/css; charset=utf-8";
	if (dot && strcmp(dot, ".csv") == 0)
		return "text/csv; charset=utf-8";
	return "application/octet-stream";
}

static void on_done(int err, void *arg)
{
	struct job *j = arg;
	struct web_request *q = j->q;
	if (err) {
		web_problem_err(q, err);
	} else {
		vd_buf_fini(&q->out);
		q->out = j->out;
		vd_buf_init(&j->out, 1);
		q->status = 200;
		q->type = j->name[0] ? type_of(j->name) : "application/json";
	}
	job_free(j);
	web_answer(q);
}

static void start(struct web_request *q, struct job *j, vd_read_fn fn)
{
	if (j && q->web->store->read(q->web->store, fn, j, on_done, j) == 0) {
		q->pending = true;
		return;
	}
	if (j)
		job_free(j);
	web_problem_err(q, VD_EBUSY);
}

void web_reports_list(struct web_request *q)
{
	if (!may_read(q))
		web_problem_err(q, VD_EDENIED);
	else
		start(q, job_new(q), list);
}

static bool plain_name(struct vd_span s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			    c == '.' || c == '_';
		if (!good || (c == '.' && i == 0))
			return false;
	}
	return s.n > 0 && s.n < 60;
}

/* A page of the report is opened by a link, so a missing session leads to the sign-in page. */
void web_report_file(struct web_request *q, struct vd_span rest)
{
	struct vd_span date;
	int64_t day;
	int muni;
	q->session = web_session_of(q->web, q->cookie);
	if (!q->session) {
		web_problem(q, 401, "auth", "Sign in at the console first.");
		return;
	}
	(void)vd_span_next(&rest, '/', &date);
	if (!may_read(q) || !rest.p || vd_iso_day_parse(date, &day) || !plain_name(rest)) {
		web_problem_err(q, may_read(q) ? VD_ENOTFOUND : VD_EDENIED);
		return;
	}
	struct job *j = job_new(q);
	if (j) {
		vd_span_copy(j->date, sizeof(j->date), date);
		vd_span_copy(j->name, sizeof(j->name), rest);
		snprintf(j->path, sizeof(j->path), "%s/%s/%s", j->dir, j->date, j->name);
		if (!in_scope(j, j->name, &muni)) {
			job_free(j);
			web_problem_err(q, VD_ENOTFOUND);
			return;
		}
	}
	start(q, j, load);
}
