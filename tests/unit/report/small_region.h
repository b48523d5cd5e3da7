/* SPDX-License-Identifier: EUPL-1.2 */
/* A small invented region in a database of its own: three municipalities, one too small to show. */
#pragma once
#include "store/reader.h"

struct region {
	char dir[64]; /* temporary, removed by region_close */
	struct vd_db *db;
};
void region_open(struct region *g);
void region_close(struct region *g);
void region_exec(struct region *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Fills 40 days up to and including `day`. */
void region_fill(struct region *g, int64_t day);
/* Builds into <dir>/<sub>; returns the error code. */
int region_build(struct region *g, int64_t day, const char *sub, struct vd_errtext *e);
/* The file's bytes, NUL-terminated, for free(); fails the test when it is not there. */
char *region_read(struct region *g, const char *sub, int64_t day, const char *file);
