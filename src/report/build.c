/* SPDX-License-Identifier: EUPL-1.2 */
#include "report/report.h"
#include "report/line.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct out {
	int dir; /* the edition's folder */
	const struct rep_edition *r;
	struct vd_buf b;
	struct vd_errtext *e;
};

static int fail(struct out *o, const char *name)
{
	return vd_errtext(
		o->e, errno == ENOSPC ? VD_EBUSY : VD_EIO, "a report file cannot be written",
		"check space and owner of the reports folder", "%s: %s", name, strerror(errno));
}

static bool put(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

/* Under another name first: a reader sees the whole file or none. */
static int save(struct out *o, const char *name)
{
	char tmp[64];
	if (o->b.err)
		return vd_errtext(o->e, o->b.err, "a report file became too large", "", "%s", name);
	snprintf(tmp, sizeof(tmp), ".%s.new", name);
	int fd = openat(o->dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return fail(o, name);
	bool ok = put(fd, o->b.p ? o->b.p : "", o->b.n) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok || renameat(o->dir, tmp, o->dir, name)) {
		int err = fail(o, name);
		unlinkat(o->dir, tmp, 0);
		return err;
	}
	return 0;
}

typedef int (*write_fn)(const struct rep_edition *r, const struct rep_muni *m, struct vd_buf *b);

static int one(struct out *o, const struct rep_muni *m, const char *ending, write_fn fn)
{
	char name[48];
	if (m->number)
		snprintf(name, sizeof(name), "%04d%s", m->number, ending);
	else
		snprintf(name, sizeof(name), "region%s", ending);
	vd_buf_clear(&o->b);
	fn(o->r, m, &o->b);
	return save(o, name);
}

/* The page last: for the region it says that the edition is complete. */
static int all_of(struct out *o, const struct rep_muni *m)
{
	int err = one(o, m, ".csv", rep_csv_people);
	if (!err)
		err = one(o, m, "-data.csv", rep_csv_data);
	return err ? err : one(o, m, ".html", rep_html);
}

static int write_files(struct out *o)
{
	vd_buf_clear(&o->b);
	vd_buf_add_cstr(&o->b, rep_css);
	int err = save(o, "report.css");
	for (size_t i = 0; !err && i < o->r->n_muni; i++)
		err = all_of(o, &o->r->muni[i]);
	if (!err)
		err = all_of(o, &o->r->region);
	if (!err && fsync(o->dir))
		err = fail(o, "the folder");
	return err;
}

static int open_dir(struct out *o, const char *out_dir, int64_t day)
{
	char path[512], iso[11];
	vd_iso_day_format(day, iso);
	int n = snprintf(path, sizeof(path), "%s/%s", out_dir, iso);
	if (n < 0 || (size_t)n >= sizeof(path))
		return vd_errtext(o->e, VD_EINVAL, "the path of the reports folder is too long", "",
				  NULL);
	if ((mkdir(out_dir, 0750) && errno != EEXIST) || (mkdir(path, 0750) && errno != EEXIST))
		return fail(o, path);
	o->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return o->dir < 0 ? fail(o, path) : 0;
}

int vd_report_build(struct vd_reader *r, int64_t day, const char *out_dir, struct vd_errtext *e)
{
	struct vd_facts *f = NULL;
	struct rep_edition *ed = NULL;
	struct out o = {.dir = -1, .e = e};
	int err = vd_facts_load(r->db, rep_first_day(day), day + 1, &f, e);
	if (!err && f->n_munis > VD_MAX_REPORT_MUNIS)
		err = vd_errtext(e, VD_ELIMIT, "too many municipalities for one edition", "", "%zu",
				 f->n_munis);
	if (!err)
		err = rep_tally(f, day, &ed, e);
	vd_buf_init(&o.b, VD_MAX_REPORT_BYTES);
	o.r = ed;
	if (!err)
		err = open_dir(&o, out_dir, day);
	if (!err)
		err = write_files(&o);
	if (o.dir >= 0)
		close(o.dir);
	vd_buf_fini(&o.b);
	rep_free(ed);
	vd_facts_free(f);
	return err;
}
