/* SPDX-License-Identifier: EUPL-1.2 */
#include "onboard/failed.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool vd_failed_open(struct vd_failed *f, const char *path)
{
	*f = (struct vd_failed){.reason_at = -1};
	if ((size_t)snprintf(f->path, sizeof(f->path), "%s", path) >= sizeof(f->path)) {
		f->err = ENAMETOOLONG;
		return false;
	}
	snprintf(f->part, sizeof(f->part), "%s.%ld.part", f->path, (long)getpid());
	int fd = open(f->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f->f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f->f) {
		f->err = errno;
		if (fd >= 0)
			close(fd);
	}
	return f->f != NULL;
}

static void write_line(struct vd_failed *f, struct vd_buf *b)
{
	(void)vd_buf_add_cstr(b, "\r\n");
	if (b->err || fwrite(b->p, 1, b->n, f->f) != b->n)
		f->err = f->err ? f->err : b->err ? ENOMEM : errno;
	vd_buf_fini(b);
}

/* Twice a row: every byte may need a quote beside it. */
static void start_line(struct vd_buf *b)
{
	vd_buf_init(b, 4 * VD_MAX_CSV_RECORD);
}

void vd_failed_header(struct vd_failed *f, const struct vd_import *im, const struct vd_span *fields,
		      size_t n)
{
	struct vd_buf b;
	f->sep = im->csv.sep;
	f->reason_at = im->reason_at;
	f->n_columns = n;
	start_line(&b);
	(void)vd_buf_add_cstr(&b, "\xef\xbb\xbf"); /* a spreadsheet needs it to see UTF-8 */
	for (size_t i = 0, at = 0; i < n; i++)
		if ((int)i != f->reason_at)
			vd_csv_write(&b, fields[i], f->sep, at++ == 0);
	vd_csv_write(&b, vd_span_cstr(vd_text_raw(im->lang, VD_T_HEAD_REASON)), f->sep, false);
	write_line(f, &b);
}

void vd_failed_row(struct vd_failed *f, const struct vd_import_result *r)
{
	struct vd_buf b;
	start_line(&b);
	for (size_t i = 0, at = 0; i < f->n_columns; i++)
		if ((int)i != f->reason_at)
			vd_csv_write(&b, i < r->n ? r->fields[i] : vd_span("", 0), f->sep,
				     at++ == 0);
	vd_csv_write(&b, vd_span_cstr(r->reason), f->sep, false);
	/* Fields beyond the header come after the reason: nothing of the row is lost. */
	for (size_t i = f->n_columns; i < r->n; i++)
		vd_csv_write(&b, r->fields[i], f->sep, false);
	write_line(f, &b);
}

bool vd_failed_close(struct vd_failed *f, bool keep)
{
	if (!f->f)
		return !f->err;
	if (fflush(f->f) || fsync(fileno(f->f)))
		f->err = f->err ? f->err : errno;
	if (fclose(f->f))
		f->err = f->err ? f->err : errno;
	f->f = NULL;
	if (keep && !f->err && rename(f->part, f->path))
		f->err = errno;
	if (!keep || f->err)
		unlink(f->part);
	return !f->err;
}
