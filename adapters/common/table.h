/* SPDX-License-Identifier: EUPL-1.2 */
/* Vendor field tables (schema/maps): loaded once, read-only afterwards, any thread. */
#pragma once
#include "base/err.h"
#include "base/json.h"
#include "port/adapter.h"

/* The built-in tables, after the rows of `override_file` (NULL = none). VD_EPARSE names the line.
 */
int vd_tables_load(const char *override_file, struct vd_tables **ret, struct vd_errtext *e);
void vd_tables_free(struct vd_tables *t); /* NULL allowed */
/* Rows of a text; for tests. Rows already there come after. */
int vd_tables_add(struct vd_tables **t, struct vd_span csv, const char *name, struct vd_errtext *e);

/* Whose field it is. Spans may be empty. */
struct vd_field_of {
	const char *platform;
	struct vd_span vendor, model, firmware;
	struct vd_span identity;
	const struct vd_reading *like; /* time, seq, flags for what is read; NULL = none */
};

enum vd_field { VD_FIELD_UNKNOWN, VD_FIELD_IGNORED, VD_FIELD_READ };
/* What a field means, appended to ret->readings. null, "", "unknown", "unavailable" and "Error" are
 * unknown, never off: ignored. A string that holds a number is read with the suspect flag. */
enum vd_field vd_table_read(const struct vd_tables *t, const struct vd_field_of *who,
			    struct vd_span key, const struct vd_json_val *val,
			    struct vd_decoded *ret);
/* The same for a value that is a plain word. */
enum vd_field vd_table_word(const struct vd_tables *t, const struct vd_field_of *who,
			    struct vd_span key, struct vd_span word, struct vd_decoded *ret);
/* Drops readings marked weak whose kind another reading tells too; call when the message is read.
 */
void vd_table_settle(struct vd_decoded *ret);
/* Does any row of the platform know this key? Its kind's name, or NULL. */
const char *vd_table_kind(const struct vd_tables *t, const char *platform, struct vd_span key);
