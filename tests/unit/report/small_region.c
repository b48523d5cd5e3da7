/* SPDX-License-Identifier: EUPL-1.2 */
#include "small_region.h"
#include "base/clock.h"
#include "report/report.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

void region_open(struct region *g)
{
	char path[96];
	struct vd_errtext e = {0};
	snprintf(g->dir, sizeof(g->dir), "/tmp/varde-report-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	snprintf(path, sizeof(path), "%s/varde.db", g->dir);
	assert_int_equal(vd_db_open(path, VD_DB_CREATE, &g->db, &e), 0);
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void region_close(struct region *g)
{
	vd_db_close(g->db);
	if (!getenv("VARDE_KEEP")) /* to look at the pages */
		nftw(g->dir, drop, 8, FTW_DEPTH | FTW_PHYS);
	else
		print_message("kept in %s\n", g->dir);
}

void region_exec(struct region *g, const char *fmt, ...)
{
	char sql[2048];
	struct vd_errtext e = {0};
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	assert_true(n > 0 && (size_t)n < sizeof(sql));
	if (vd_db_exec(g->db, sql, &e))
		fail_msg("%s: %s %s", sql, e.fact, e.detail);
}

static void place(struct region *g, int muni, int id, const char *tech, int64_t start)
{
	region_exec(g, "INSERT INTO recipient (id, muni, name) VALUES (%d, %d, 'Kari Oppdikta')",
		    id, muni);
	region_exec(g, "INSERT INTO placement (id, recipient, muni) VALUES (%d, %d, %d)", id, id,
		    muni);
	region_exec(g,
		    "INSERT INTO device (id, gateway, muni, family, identity, lifecycle, placement)"
		    " VALUES (%d, 1, %d, 'varde', 'd%d', 'in_use', %d)",
		    id, muni, id, id);
	region_exec(g,
		    "INSERT INTO baseline (muni, placement, tech, from_day, to_day,"
		    " visits_per_week, face_min, travel_min, doc_min, km, remaining_per_week,"
		    " start_day, measured_by, locked_at) VALUES (%d, %d, '%s', %lld, %lld, 14, 8,"
		    " 6, 1, 5, 1, %lld, 'heimetenesta', 1)",
		    muni, id, tech, (long long)start - 60, (long long)start - 4, (long long)start);
}

static void live(struct region *g, int muni, int id, const char *kind, const char *state,
		 int64_t day)
{
	long long t = (long long)vd_oslo_day_start(day) + 9 * VD_HOUR_MS;
	region_exec(g,
		    "INSERT INTO rollup_day VALUES (%d, %lld, %d, %d, '%s', '%s', 2, %lld, %lld,"
		    " 1)",
		    muni, (long long)day, id, id, kind, state, t, t);
	region_exec(g, "INSERT OR IGNORE INTO device_day VALUES (%d, %lld, 24, 3600000)", id,
		    (long long)day);
}

static void alarm(struct region *g, int n, int muni, int place_id, const char *kind, int64_t at,
		  int wait_s)
{
	long long ack = wait_s < 0 ? 0 : (long long)at + wait_s * 1000ll;
	region_exec(g,
		    "INSERT INTO alarm VALUES ('A%025d', %d, 1, %d, %d, %d, '%s', 'on', 40,"
		    " 'active', 'closed', '', %lld, %lld, %lld, 0, %lld, %lld, 0, %lld, 0, 0, %lld,"
		    " 0, 0, 1, %d, %d, 0, 'helped', 0, 3, '')",
		    n, muni, place_id, place_id, place_id, kind, (long long)at, (long long)at,
		    (long long)at, ack, ack, ack, ack, n % 5 ? 1 : 3, wait_s > 60 ? 2 : 1);
}

static void fill_alarms(struct region *g, int64_t day)
{
	static const char *const kinds[] = {"sos", "fall", "door", "medication", "smoke"};
	int n = 0;
	for (int64_t d = day - 39; d <= day; d++)
		for (int i = 0; i < 3; i++, n++)
			alarm(g, n, i ? 3434 : 3431, i ? 100 + n % 6 : 1 + n % 7, kinds[n % 5],
			      vd_oslo_day_start(d) + (7 + i * 5) * VD_HOUR_MS + n * 1000,
			      n % 11 == 10 ? -1
			      : n % 7 == 6 ? 200 + n
					   : 10 + n % 55);
	region_exec(g, "UPDATE alarm SET flags = 8 WHERE id = 'A%025d'", 0); /* a test: no alarm */
	region_exec(g,
		    "INSERT INTO rollup_day VALUES (3434, %lld, 0, 0, 'duty.nobody', 'on', 2, 1, "
		    "1, 0)",
		    (long long)day);
}

void region_fill(struct region *g, int64_t day)
{
	region_exec(g, "INSERT INTO municipality (number, name, language) VALUES (3431, 'Dovre',"
		       " 'nb'), (3433, 'Skjåk', 'nn'), (3434, 'Lom', 'nn')");
	region_exec(g, "INSERT INTO gateway (id, muni, name, user, secret_sha256) VALUES (1, 3431,"
		       " 'g', 'g', x'00')");
	for (int id = 1; id <= 7; id++)
		place(g, 3431, id, "dispenser", day - 39);
	for (int id = 50; id <= 51; id++)
		place(g, 3433, id, "dispenser", day - 39);
	for (int id = 100; id <= 105; id++)
		place(g, 3434, id, "dispenser", day - 30);
	for (int id = 110; id <= 115; id++)
		place(g, 3434, id, "supervision", day - 30);
	for (int64_t d = day - 39; d <= day; d++) {
		for (int id = 1; id <= 6; id++) /* the seventh never says anything */
			live(g, 3431, id, "medication", "dispensed", d);
		live(g, 3433, 50, "medication", "taken", d);
		for (int id = 100; id <= 105; id++)
			live(g, 3434, id, "medication", "dispensed", d);
		for (int id = 110; id <= 115; id++)
			live(g, 3434, id, "supervision", "ended", d);
	}
	fill_alarms(g, day);
}

int region_build(struct region *g, int64_t day, const char *sub, struct vd_errtext *e)
{
	char out[128];
	struct vd_reader r = {g->db};
	snprintf(out, sizeof(out), "%s/%s", g->dir, sub);
	return vd_report_build(&r, day, out, e);
}

char *region_read(struct region *g, const char *sub, int64_t day, const char *file)
{
	char path[256], iso[11];
	vd_iso_day_format(day, iso);
	snprintf(path, sizeof(path), "%s/%s/%s/%s", g->dir, sub, iso, file);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is not there", path);
	fseek(f, 0, SEEK_END);
	long n = ftell(f);
	rewind(f);
	char *p = calloc(1, (size_t)n + 1);
	assert_int_equal(fread(p, 1, (size_t)n, f), (size_t)n);
	fclose(f);
	return p;
}
