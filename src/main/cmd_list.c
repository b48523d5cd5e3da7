/* SPDX-License-Identifier: EUPL-1.2 */
/* varde event list and varde alarm list: reading the journal and the alarms on the machine itself.
 * They show keys, never names: looking at a person is for the console, which logs it. */
#include "base/clock.h"
#include "base/json.h"
#include "main/cmd.h"
#include "main/tool.h"
#include "store/reader.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage_event[] =
	"usage: varde event list [--db FILE] [--municipality N] [--device ID] [--kind KIND]\n"
	"                        [--after SEQ] [--limit N] [--json]\n";
static const char usage_alarm[] = "usage: varde alarm list [--db FILE] [--municipality N] "
				  "[--device ID] [--open] [--limit N] [--json]\n";

struct options {
	const char *db;
	int muni, limit;
	int64_t device, after;
	enum vd_kind kind;
	bool open, json, bad;
};

static struct options parse(int argc, char **argv, const char *usage, int *ret_exit)
{
	static const struct option options[] = {{"db", required_argument, NULL, 'd'},
						{"municipality", required_argument, NULL, 'm'},
						{"device", required_argument, NULL, 'v'},
						{"kind", required_argument, NULL, 'k'},
						{"after", required_argument, NULL, 'a'},
						{"limit", required_argument, NULL, 'l'},
						{"open", no_argument, NULL, 'o'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct options o = {.limit = 100};
	int c;
	*ret_exit = -1;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'd': o.db = optarg; break;
		case 'm': o.muni = (int)strtol(optarg, NULL, 10); break;
		case 'v': o.device = strtoll(optarg, NULL, 10); break;
		case 'k':
			o.kind = vd_kind_parse(vd_span_cstr(optarg));
			o.bad |= o.kind == VD_KIND_NONE;
			break;
		case 'a': o.after = strtoll(optarg, NULL, 10); break;
		case 'l': o.limit = (int)strtol(optarg, NULL, 10); break;
		case 'o': o.open = true; break;
		case 'j': o.json = true; break;
		case 'h':
			fputs(usage, stdout);
			*ret_exit = VD_EXIT_OK;
			return o;
		default: o.bad = true; break;
		}
	}
	bool verb = optind + 1 == argc && strcmp(argv[optind], "list") == 0;
	if (o.bad || !verb) {
		fputs(usage, stderr);
		*ret_exit = VD_EXIT_USAGE;
	}
	return o;
}

static bool print_event(int64_t seq, const struct vd_event *e, void *arg)
{
	const struct options *o = arg;
	struct vd_buf b;
	char iso[25];
	vd_buf_init(&b, 4096);
	(void)vd_event_json(e, &b);
	vd_iso_format(e->t_recv_ms, iso);
	if (o->json)
		printf("{\"seq\":%lld,\"event\":%s}\n", (long long)seq, b.p);
	else
		printf("%8lld  %s  %d  device %lld  %s %s", (long long)seq, iso, e->muni,
		       (long long)e->device, vd_kind_name(e->kind), e->state);
	if (!o->json && e->has_value)
		printf("%g %s", e->value, e->unit);
	if (!o->json)
		putchar('\n');
	vd_buf_fini(&b);
	return true;
}

int vd_cmd_event(int argc, char **argv)
{
	int code;
	struct options o = parse(argc, argv, usage_event, &code);
	struct vd_db *db;
	if (code >= 0)
		return code;
	code = tool_db_open(o.db, &db);
	if (code)
		return code;
	struct vd_reader r = {.db = db};
	struct vd_scope all = {.all = true};
	struct vd_event_filter f = {.muni = o.muni,
				    .device = o.device,
				    .kind = o.kind,
				    .after_seq = o.after,
				    .limit = o.limit};
	if (vd_reader_events(&r, &all, &f, print_event, &o))
		code = VD_EXIT_IO;
	vd_db_close(db);
	return code;
}

static bool print_alarm(const struct vd_alarm *a, void *arg)
{
	const struct options *o = arg;
	char iso[25];
	vd_iso_format(a->received_at_ms, iso);
	if (o->json)
		printf("{\"id\":\"%s\",\"municipality\":%d,\"device\":%lld,\"placement\":%lld,"
		       "\"kind\":\"%s\",\"state\":\"%s\",\"priority\":%d,\"condition\":\"%s\","
		       "\"handling\":\"%s\",\"received_at\":\"%s\",\"count\":%d,\"level\":%d,"
		       "\"outcome\":\"%s\"}\n",
		       a->id, a->muni, (long long)a->device, (long long)a->placement,
		       vd_kind_name(a->kind), a->state, a->priority,
		       vd_condition_name(a->condition), vd_handling_name(a->handling), iso,
		       a->count, a->level, vd_outcome_name(a->outcome));
	else
		printf("%s  %s  %d  %-22s %-10s %-12s x%d\n", a->id, iso, a->muni,
		       vd_kind_name(a->kind), vd_condition_name(a->condition),
		       vd_handling_name(a->handling), a->count);
	return true;
}

int vd_cmd_alarm(int argc, char **argv)
{
	int code;
	struct options o = parse(argc, argv, usage_alarm, &code);
	struct vd_db *db;
	if (code >= 0)
		return code;
	code = tool_db_open(o.db, &db);
	if (code)
		return code;
	struct vd_reader r = {.db = db};
	struct vd_scope all = {.all = true};
	struct vd_alarm_filter f = {
		.muni = o.muni, .device = o.device, .open_only = o.open, .limit = o.limit};
	if (vd_reader_alarms(&r, &all, &f, print_alarm, &o))
		code = VD_EXIT_IO;
	vd_db_close(db);
	return code;
}
