/* SPDX-License-Identifier: EUPL-1.2 */
/* One checked row put into the directory: the device and, when it names a recipient, its placement,
 * in one transaction. One thread that may block. */
#pragma once
#include "onboard/import.h"

/* As vd_import's apply: change bits, 0, or negative with the reason in words. A refusal leaves the
 * import going; a storage failure sets *ret_stop. *ret_id is the device (NULL allowed). */
int vd_apply_row(struct vd_dirw *w, enum vd_lang lang, const struct vd_import_row *row,
		 int64_t test_ms, char *reason, size_t cap, bool *ret_stop, int64_t *ret_id);
