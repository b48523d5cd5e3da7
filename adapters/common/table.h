/* SPDX-License-Identifier: EUPL-1.2 */
/* Vendor field tables (schema/maps): loaded once, read-only afterwards, any thread. */
#pragma once
#include "base/err.h"
#include "adapters/common/models.h"
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
	struct vd_span platform;
	struct vd_span vendor, model, firmware;
	struct vd_span identity;
	const struct vd_reading *like; /* time, seq, flags for what is read; NULL = none */
	/* vd_table_model() of its platform and model, for who reads many fields; NULL = looked up
	 */
	const struct vd_models_name *of;
};

enum vd_field { VD_FIELD_UNKNOWN, VD_FIELD_IGNORED, VD_FIELD_READ };
/* null, "", "unknown", "unavailable", "Error" and "None": nothing is known. */
bool vd_unknown_value(const struct vd_json_val *v);
/* What a field means, appended to ret->readings. An unknown value
 * is never off: ignored, unless a row names that very word. A string that holds a number is read
 * with the suspect flag. */
enum vd_field vd_table_read(const struct vd_tables *t, const struct vd_field_of *who,
			    struct vd_span key, const struct vd_json_val *val,
			    struct vd_decoded *ret);
/* The same for a value that is a plain word. */
enum vd_field vd_table_word(const struct vd_tables *t, const struct vd_field_of *who,
			    struct vd_span key, struct vd_span word, struct vd_decoded *ret);
/* When the message is read: drops readings marked weak whose kind another reading tells too, and
 * what is not active beside an active reading of the same kind and zone. */
void vd_table_settle(struct vd_decoded *ret);
/* The kind a platform's rows make of this key when its value is a number, or is none; NULL = none.
 */
const char *vd_table_kind(const struct vd_tables *t, struct vd_span platform, struct vd_span key,
			  bool number);
/* The same by the rows of that model too. */
const char *vd_table_kind_of(const struct vd_tables *t, const struct vd_field_of *who,
			     struct vd_span key, bool number);
/* What is known of a model's name: vd_models_maker() tells the kinds. NULL = nothing. Lives as long
 * as the tables. */
const struct vd_models_name *vd_table_model(const struct vd_tables *t, struct vd_span platform,
					    struct vd_span model);
