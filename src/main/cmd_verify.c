/* SPDX-License-Identifier: EUPL-1.2 */
/* varde verify: is the journal what was signed? */
#include "base/json.h"
#include "base/mem.h"
#include "main/cmd.h"
#include "main/tool.h"
#include "store/verify.h"
#include <getopt.h>
#include <stdio.h>

static const char usage[] =
	"usage: varde verify [--db FILE] [--checkpoints DIR] [--key FILE] [--json]\n"
	"\n"
	"Checks every journal row against its leaf and every signed checkpoint, those in the "
	"database and\n"
	"those in DIR (default: checkpoints/ beside the database), and names the first row "
	"altered,\n"
	"removed, reordered or cut off the end. --key names the public key (default: DIR/key.pub); "
	"keep a\n"
	"copy of both where whoever runs the database cannot reach them.\n"
	"Exit: 0 intact, 1 not intact, 65 or 66 when it cannot be checked.\n";

static int open_verifier(const char *path, struct vd_verifier **ret)
{
	char text[512];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, sizeof(text), f) : 0;
	if (f)
		fclose(f);
	if (!n || vd_verifier_open(vd_span(text, n), ret)) {
		fprintf(stderr,
			"varde verify: no public key in %s\nhint: it is one line, name+hash+key; "
			"varde serve writes it\n",
			path);
		return f ? VD_EXIT_DATA : VD_EXIT_NOINPUT;
	}
	return 0;
}

static void print_json(const struct vd_finding *list, size_t n)
{
	struct vd_buf b;
	struct vd_jw j;
	vd_buf_init(&b, 1 << 20);
	vd_jw_init(&j, &b);
	vd_jw_arr(&j);
	for (size_t i = 0; i < n; i++) {
		vd_jw_obj(&j);
		vd_jw_kv_int(&j, "municipality", list[i].muni);
		vd_jw_kv_str(&j, "result", vd_fault_name(list[i].fault));
		vd_jw_kv_int(&j, "rows", (int64_t)list[i].rows);
		vd_jw_kv_int(&j, "signed_rows", (int64_t)list[i].signed_rows);
		vd_jw_kv_int(&j, "checkpoints", (int64_t)list[i].checkpoints);
		if (list[i].fault) {
			vd_jw_kv_int(&j, "first_bad_row", (int64_t)list[i].first_bad);
			vd_jw_kv_int(&j, "journal_seq", list[i].seq);
			vd_jw_kv_str(&j, "text", list[i].text);
		}
		vd_jw_end_obj(&j);
	}
	vd_jw_end_arr(&j);
	puts(b.p ? b.p : "[]");
	vd_buf_fini(&b);
}

static void print_lines(const struct vd_finding *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct vd_finding *f = &list[i];
		printf("%d  %-9s  %llu rows, %llu under %llu signed checkpoints", f->muni,
		       vd_fault_name(f->fault), (unsigned long long)f->rows,
		       (unsigned long long)f->signed_rows, (unsigned long long)f->checkpoints);
		if (f->fault)
			printf("\n      %s (journal row %lld)", f->text, (long long)f->seq);
		putchar('\n');
	}
	if (!n)
		puts("the journal is empty");
}

static int run(const char *db_path, const char *dir, const char *key, bool json)
{
	static struct vd_finding list[VD_MAX_FINDINGS];
	struct vd_verifier *v = NULL;
	struct vd_db *db = NULL;
	struct vd_errtext e = {0};
	size_t n = 0;
	bool bad = false;
	int code = tool_db_open(db_path, &db);
	if (!code)
		code = open_verifier(key, &v);
	if (!code && vd_verify(db, v, dir, list, VD_MAX_FINDINGS, &n, &e))
		code = tool_tell("verify", &e);
	if (!code && json)
		print_json(list, n);
	else if (!code)
		print_lines(list, n);
	for (size_t i = 0; i < n; i++)
		bad |= list[i].fault != VD_INTACT;
	vd_verifier_close(v);
	vd_db_close(db);
	return code ? code : bad ? VD_EXIT_FAILED : VD_EXIT_OK;
}

int vd_cmd_verify(int argc, char **argv)
{
	static const struct option options[] = {{"db", required_argument, NULL, 'd'},
						{"checkpoints", required_argument, NULL, 'c'},
						{"key", required_argument, NULL, 'k'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *db = NULL, *dir = NULL, *key = NULL;
	char dir_default[600], key_default[700];
	bool json = false;
	int c;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'd': db = optarg; break;
		case 'c': dir = optarg; break;
		case 'k': key = optarg; break;
		case 'j': json = true; break;
		case 'h': fputs(usage, stdout); return VD_EXIT_OK;
		default: fputs(usage, stderr); return VD_EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return VD_EXIT_USAGE;
	}
	const char *path = tool_db_path(db), *slash = strrchr(path, '/');
	snprintf(dir_default, sizeof(dir_default), "%.*s/checkpoints",
		 slash ? (int)(slash - path) : 1, slash ? path : ".");
	snprintf(key_default, sizeof(key_default), "%s/key.pub", dir ? dir : dir_default);
	return run(db, dir ? dir : dir_default, key ? key : key_default, json);
}
