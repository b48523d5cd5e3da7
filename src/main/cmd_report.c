/* SPDX-License-Identifier: EUPL-1.2 */
/* varde report: builds one day's edition, the same that the hub builds at night. */
#include "main/cmd.h"
#include "main/tool.h"
#include "base/clock.h"
#include "report/report.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"usage: varde report build --date YYYY-MM-DD --out DIR [--db FILE] [--json]\n"
	"\n"
	"Builds the report of one day into DIR/YYYY-MM-DD. The same database gives the same "
	"files.\n";

struct options {
	const char *db, *out;
	int64_t day;
	bool json;
};

/* A number >= 0 ends the program with it; negative: go on. */
static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{"db", required_argument, NULL, 'd'},  {"date", required_argument, NULL, 'D'},
		{"out", required_argument, NULL, 'o'}, {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},      {NULL, 0, NULL, 0}};
	bool dated = false;
	int c;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'd': o->db = optarg; break;
		case 'o': o->out = optarg; break;
		case 'j': o->json = true; break;
		case 'h': fputs(usage, stdout); return VD_EXIT_OK;
		case 'D':
			if (vd_iso_day_parse(vd_span_cstr(optarg), &o->day)) {
				fprintf(stderr,
					"varde report: \"%.40s\" is not a date\nhint: write it as "
					"2026-11-23\n",
					optarg);
				return VD_EXIT_USAGE;
			}
			dated = true;
			break;
		default: fputs(usage, stderr); return VD_EXIT_USAGE;
		}
	}
	if (optind != argc - 1 || strcmp(argv[optind], "build") != 0 || !dated || !o->out) {
		fputs(usage, stderr);
		return VD_EXIT_USAGE;
	}
	return -1;
}

static void json_text(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			printf("\\u%04x", (unsigned)*s);
		else
			putchar(*s);
	}
	putchar('"');
}

int vd_cmd_report(int argc, char **argv)
{
	struct options o = {0};
	struct vd_errtext e = {0};
	struct vd_reader r = {0};
	char iso[11];
	int code = read_options(argc, argv, &o);
	if (code >= 0)
		return code;
	code = tool_db_open(o.db, &r.db);
	if (code)
		return code;
	vd_iso_day_format(o.day, iso);
	if (vd_report_build(&r, o.day, o.out, &e)) {
		code = tool_tell("report", &e);
	} else if (o.json) {
		printf("{\"edition\":\"%s\",\"dir\":", iso);
		json_text(o.out);
		printf(",\"complete\":true}\n");
	} else {
		printf("%s/%s/region.html\n", o.out, iso);
	}
	vd_db_close(r.db);
	return code;
}
