/* SPDX-License-Identifier: EUPL-1.2 */
/* varde check-config: every problem of a configuration file, with its line and what to do. */
#include "base/mem.h"
#include "main/cmd.h"
#include "main/config.h"
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"Usage: varde check-config [--json] [FILE]\n\n"
	"Reads a configuration file as `varde serve` would and tells everything that is wrong\n"
	"with it. Without FILE: $VARDE_CONFIG, else " VD_CONFIG_PATH ".\n\n"
	"Exit: 0 it would start (warnings may remain), 78 it would not, 66 no such file.\n";

static void print_text(const char *file, const struct vd_config_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct vd_config_problem *p = &r->list[i];
		printf("%s:", file);
		if (p->line)
			printf("%d:", p->line);
		printf(" %s: %s%s%s\n", p->warning ? "warning" : "error", p->key,
		       p->key[0] ? ": " : "", p->fact);
		if (p->hint[0])
			printf("    %s\n", p->hint);
	}
	if (r->errors + r->warnings > r->n)
		printf("%s: %zu more not shown\n", file, r->errors + r->warnings - r->n);
	if (r->errors == 0 && r->warnings == 0)
		printf("%s: in order\n", file);
	else
		printf("%s: %zu %s, %zu %s\n", file, r->errors, r->errors == 1 ? "error" : "errors",
		       r->warnings, r->warnings == 1 ? "warning" : "warnings");
}

static int print_json(const char *file, const struct vd_config_report *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->n; i++) {
		const struct vd_config_problem *p = &r->list[i];
		json_array_append_new(list,
				      json_pack("{s:i,s:s,s:s,s:s,s:s}", "line", p->line, "level",
						p->warning ? "warning" : "error", "key", p->key,
						"fact", p->fact, "hint", p->hint));
	}
	json_t *out = json_pack("{s:s,s:b,s:I,s:I,s:o}", "file", file, "ok", r->errors == 0,
				"errors", (json_int_t)r->errors, "warnings",
				(json_int_t)r->warnings, "problems", list);
	int err = out ? json_dumpf(out, stdout, JSON_INDENT(2)) : -1;
	json_decref(out);
	putchar('\n');
	return err;
}

static int check(const char *file, bool json)
{
	struct vd_config *c = NULL;
	struct vd_errtext e;
	struct vd_config_report *r = vd_malloc(sizeof(*r));
	if (!r)
		return VD_EXIT_SOFTWARE;
	int err = vd_config_check(file, r, &c, &e);
	if (err) {
		fprintf(stderr, "varde check-config: %s: %s\n", e.fact, e.detail);
		if (e.hint[0])
			fprintf(stderr, "    %s\n", e.hint);
		vd_free(r);
		return err == VD_ENOTFOUND ? VD_EXIT_NOINPUT : VD_EXIT_CONFIG;
	}
	const char *name = file ? file : c ? c->path : "configuration";
	if (!name[0])
		name = "built-in defaults";
	int failed = 0;
	if (json)
		failed = print_json(name, r);
	else
		print_text(name, r);
	int code = r->errors ? VD_EXIT_CONFIG : VD_EXIT_OK;
	vd_config_free(c);
	vd_free(r);
	return failed || fflush(stdout) ? VD_EXIT_IO : code;
}

int vd_cmd_check_config(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"config", required_argument, NULL, 'c'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *file = NULL;
	bool json = false;
	int o;
	while ((o = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (o) {
		case 'j': json = true; break;
		case 'c': file = optarg; break;
		case 'h': fputs(usage, stdout); return VD_EXIT_OK;
		default: fputs(usage, stderr); return VD_EXIT_USAGE;
		}
	}
	if (optind < argc)
		file = argv[optind++];
	if (optind < argc) {
		fprintf(stderr, "varde check-config: one file at a time\n");
		return VD_EXIT_USAGE;
	}
	return check(file, json);
}
