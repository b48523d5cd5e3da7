/* SPDX-License-Identifier: EUPL-1.2 */
/* varde doctor: looks at this installation and says what is wrong and what to do. */
#include "base/mem.h"
#include "main/cmd.h"
#include "main/doctor.h"
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char usage[] =
	"Usage: varde doctor [--config FILE] [--json] [--full]\n\n"
	"Looks at the configuration, the state folder, the disk, the clock, certificates, the\n"
	"database, the roster, the devices and the running server. Changes nothing.\n"
	"  --full   check the whole database instead of stopping after five seconds\n\n"
	"Exit: 0 nothing is wrong (warnings may remain), 1 something is, 78 the configuration "
	"is.\n";

static const char *const level_names[] = {"ok", "warn", "error"};

void vd_doctor_find(struct vd_doctor *d, enum vd_level level, const char *what, const char *hint,
		    const char *fmt, ...)
{
	if (level == VD_WARN)
		d->warnings++;
	else if (level == VD_BAD)
		d->errors++;
	if (d->n == VD_MAX_FINDINGS)
		return;
	struct vd_finding *f = &d->list[d->n++];
	f->level = level;
	snprintf(f->what, sizeof(f->what), "%s", what);
	snprintf(f->hint, sizeof(f->hint), "%s", hint);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(f->fact, sizeof(f->fact), fmt, ap);
	va_end(ap);
}

static void print_text(const struct vd_doctor *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct vd_finding *f = &d->list[i];
		printf("%-6s%-22s%s\n", level_names[f->level], f->what, f->fact);
		if (f->hint[0] && f->level != VD_FINE)
			printf("%-28s%s\n", "", f->hint);
	}
	printf("%zu %s, %zu %s\n", d->errors, d->errors == 1 ? "error" : "errors", d->warnings,
	       d->warnings == 1 ? "warning" : "warnings");
}

static int print_json(const struct vd_doctor *d)
{
	json_t *list = json_array();
	for (size_t i = 0; i < d->n; i++)
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "level",
						      level_names[d->list[i].level], "what",
						      d->list[i].what, "fact", d->list[i].fact,
						      "hint", d->list[i].hint));
	json_t *out = json_pack("{s:s,s:b,s:I,s:I,s:o}", "version", VARDE_VERSION, "ok",
				d->errors == 0, "errors", (json_int_t)d->errors, "warnings",
				(json_int_t)d->warnings, "findings", list);
	int err = out ? json_dumpf(out, stdout, JSON_INDENT(2)) : -1;
	json_decref(out);
	putchar('\n');
	return err;
}

/* The configuration's own problems; the rest is looked at only when it could be read. */
static struct vd_config *configuration(struct vd_doctor *d, const char *file)
{
	struct vd_errtext e = {0};
	struct vd_config *c = NULL;
	struct vd_config_report *r = vd_malloc(sizeof(*r));
	if (!r)
		return NULL;
	if (vd_config_check(file, r, &c, &e))
		vd_doctor_find(d, VD_BAD, "config", e.hint, "%s: %s", e.fact, e.detail);
	else if (r->n == 0)
		vd_doctor_find(d, VD_FINE, "config", "", "%s",
			       c->path[0] ? c->path : "no file: built-in defaults");
	for (size_t i = 0; i < r->n; i++)
		vd_doctor_find(d, r->list[i].warning ? VD_WARN : VD_BAD, "config", r->list[i].hint,
			       "line %d: %s%s%s", r->list[i].line, r->list[i].key,
			       r->list[i].key[0] ? ": " : "", r->list[i].fact);
	vd_free(r);
	return c;
}

static int examine(const char *file, bool json, bool full)
{
	struct timespec t;
	struct vd_doctor *d = vd_calloc(1, sizeof(*d));
	if (!d)
		return VD_EXIT_SOFTWARE;
	clock_gettime(CLOCK_REALTIME, &t);
	d->now_ms = t.tv_sec * 1000ll + t.tv_nsec / 1000000;
	d->full = full;
	struct vd_config *c = configuration(d, file);
	d->cfg = c;
	if (c) {
		vd_doctor_machine(d);
		vd_doctor_clock(d);
		vd_doctor_tls(d);
		vd_doctor_database(d);
		vd_doctor_server(d);
		vd_doctor_reports(d);
	}
	int failed = 0;
	if (json)
		failed = print_json(d);
	else
		print_text(d);
	int code = !c ? VD_EXIT_CONFIG : d->errors ? VD_EXIT_FAILED : VD_EXIT_OK;
	vd_config_free(c);
	vd_free(d);
	return failed || fflush(stdout) ? VD_EXIT_IO : code;
}

int vd_cmd_doctor(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
						{"json", no_argument, NULL, 'j'},
						{"full", no_argument, NULL, 'f'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *file = NULL;
	bool json = false, full = false;
	int o;
	while ((o = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (o) {
		case 'c': file = optarg; break;
		case 'j': json = true; break;
		case 'f': full = true; break;
		case 'h': fputs(usage, stdout); return VD_EXIT_OK;
		default: fputs(usage, stderr); return VD_EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return VD_EXIT_USAGE;
	}
	return examine(file, json, full);
}
