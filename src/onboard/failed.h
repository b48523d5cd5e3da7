/* SPDX-License-Identifier: EUPL-1.2 */
/* The file of refused rows: the header and the rows as they were read, with a reason column, ready
 * to be corrected and read again. Written beside its name and moved into place when whole. */
#pragma once
#include "onboard/import.h"
#include <stdio.h>

struct vd_failed {
	FILE *f;
	char path[4096], part[4200];
	char sep;
	int reason_at; /* our own column of an earlier round is replaced; -1 none */
	size_t n_columns;
	int err; /* errno of the first failure */
};

/* false with f->err. Made readable for its owner only: it names recipients. */
bool vd_failed_open(struct vd_failed *f, const char *path);
void vd_failed_header(struct vd_failed *f, const struct vd_import *im, const struct vd_span *fields,
		      size_t n);
void vd_failed_row(struct vd_failed *f, const struct vd_import_result *r);
/* keep = false throws it away. false with f->err when it could not be written. */
bool vd_failed_close(struct vd_failed *f, bool keep);
