/* SPDX-License-Identifier: EUPL-1.2 */
/* What the reading subcommands share: where the database is, and how an error is told. */
#pragma once
#include "base/err.h"
#include "store/db.h"

/* --db, else $VARDE_DB, else /var/lib/varde/varde.db. */
const char *tool_db_path(const char *option);
/* Opens it read-only, or tells why not on stderr and returns an exit code; 0 = good. */
int tool_db_open(const char *option, struct vd_db **ret);
/* "varde NAME: fact: detail" and the hint; returns the exit code that fits. */
int tool_tell(const char *name, const struct vd_errtext *e);
