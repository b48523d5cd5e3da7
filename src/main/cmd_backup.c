/* SPDX-License-Identifier: EUPL-1.2 */
/* varde backup: a checked copy of the database while the hub is using it. */
#include "main/cmd.h"
#include "main/tool.h"
#include "store/backup.h"
#include <getopt.h>
#include <stdio.h>

static const char usage[] =
	"usage: varde backup --to FILE [--db FILE]\n"
	"\n"
	"Copies the database while it is in use and checks the copy. The copy holds personal data: "
	"keep\n"
	"it encrypted. The signing key and checkpoints/ are copied by other means.\n";

int vd_cmd_backup(int argc, char **argv)
{
	static const struct option options[] = {{"db", required_argument, NULL, 'd'},
						{"to", required_argument, NULL, 't'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *path = NULL, *to = NULL;
	struct vd_db *db;
	struct vd_errtext e = {0};
	int c;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'd': path = optarg; break;
		case 't': to = optarg; break;
		case 'h': fputs(usage, stdout); return VD_EXIT_OK;
		default: fputs(usage, stderr); return VD_EXIT_USAGE;
		}
	}
	if (!to || optind < argc) {
		fputs(usage, stderr);
		return VD_EXIT_USAGE;
	}
	int code = tool_db_open(path, &db);
	if (code)
		return code;
	if (vd_backup(db, to, &e))
		code = tool_tell("backup", &e);
	else
		fprintf(stderr, "varde backup: %s is written and checked\n", to);
	vd_db_close(db);
	return code;
}
