/* SPDX-License-Identifier: EUPL-1.2 */
#include "main/tool.h"
#include "main/cmd.h"
#include <stdio.h>
#include <stdlib.h>

const char *tool_db_path(const char *option)
{
	const char *env = getenv("VARDE_DB");
	return option ? option : env && *env ? env : "/var/lib/varde/varde.db";
}

int tool_tell(const char *name, const struct vd_errtext *e)
{
	fprintf(stderr, "varde %s: %s%s%s\n", name, e->fact, e->detail[0] ? ": " : "", e->detail);
	if (e->hint[0])
		fprintf(stderr, "hint: %s\n", e->hint);
	switch (e->code) {
	case VD_ENOTFOUND: return VD_EXIT_NOINPUT;
	case VD_EDENIED: return VD_EXIT_NOPERM;
	case VD_EBUSY: return VD_EXIT_UNAVAILABLE;
	case VD_EIO: return VD_EXIT_IO;
	case VD_EPARSE:
	case VD_ECORRUPT:
	case VD_EVERSION: return VD_EXIT_DATA;
	default: return VD_EXIT_FAILED;
	}
}

int tool_db_open(const char *option, struct vd_db **ret)
{
	struct vd_errtext e = {0};
	int err = vd_db_open(tool_db_path(option), VD_DB_READ, ret, &e);
	return err ? tool_tell("db", &e) : 0;
}
