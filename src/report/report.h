/* SPDX-License-Identifier: EUPL-1.2 */
/* The nightly report: pages and tables of one day's edition. Reader thread or a tool. */
#pragma once
#include "base/err.h"
#include "store/reader.h"

/* Writes <out_dir>/<YYYY-MM-DD>/{<muni>.html,<muni>.csv,<muni>-data.csv,region.*,report.css}; each
 * file under a temporary name and renamed, region.html last: its presence says the edition is
 * complete. `day` is an Oslo day number (base/clock.h). Same facts, same bytes. */
int vd_report_build(struct vd_reader *r, int64_t day, const char *out_dir, struct vd_errtext *e);
