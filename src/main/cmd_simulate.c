/* SPDX-License-Identifier: EUPL-1.2 */
/* varde simulate: the demo region. Its people and rosters are written first, then its history is
 * lived through the real hub on a simulated clock, so every event, alarm, step and roll-up is made
 * by the same code that makes them in service. */
#include "adapters/common/table.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "main/cmd.h"
#include "main/simulate.h"
#include "main/tool.h"
#include "onboard/password_sync.h"
#include "sim/life.h"
#include "sim/runtime_sim.h"
#include "store/facts.h"
#include "store/seed.h"
#include "store/store.h"
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
	"usage: varde simulate --db FILE [--days 90] [--seed N] [--end YYYY-MM-DD]\n"
	"\n"
	"Makes a demo region in an empty database: six municipalities, 42 invented recipients, "
	"their\n"
	"devices, staff, rosters and baselines, and the given days of history lived through the "
	"hub.\n"
	"Sign-ins and gateway secrets are written to demo-credentials.json beside the database.\n";

#define DEMO_PASSWORD "varde demo 2026"
#define SHIFT_AHEAD   60

/* -- people --------------------------------------------------------------------------------- */

static int person(struct demo *d, int muni, const char *user, const char *name,
		  const char *language, unsigned roles, bool whole_region, int64_t *ret_id)
{
	const struct region_muni *m = &region_munis[muni];
	int r = vd_seed(
		d->db, ret_id, &d->e,
		"INSERT INTO staff (muni, user, name, phone, language, roles, password) VALUES"
		" (%d, %Q, %Q, '000 10 %03d', %Q, %u, %Q)",
		m->number, user, name, d->n_staff, language, roles, d->password);
	for (int i = 0; !r && i < REGION_MUNIS; i++)
		if (whole_region || i == muni)
			r = vd_seed(d->db, NULL, &d->e, "INSERT INTO staff_scope VALUES (%lld, %d)",
				    (long long)*ret_id, region_munis[i].number);
	d->n_staff++;
	vd_jw_obj(&d->j);
	vd_jw_kv_str(&d->j, "user", user);
	vd_jw_kv_str(&d->j, "password", DEMO_PASSWORD);
	vd_jw_kv_str(&d->j, "name", name);
	vd_jw_kv_str(&d->j, "language", language);
	vd_jw_kv_int(&d->j, "roles", roles);
	vd_jw_end_obj(&d->j);
	return r;
}

static int local_staff(struct demo *d, int m)
{
	static const char *const names[REGION_MUNIS][3] = {
		{"Anne Prøvestad", "Bjørn Testrud", "Lise Vaktbakk"},
		{"Berit Demohaug", "Jan Prøvli", "Siri Tenkgard"},
		{"Guro Skissevoll", "Tore Fiktrud", "Aud Lånehaug"},
		{"Hilde Utkast", "Ivar Modellstad", "Marit Øvingsrud"},
		{"Kjersti Dikthaug", "Ola Eksempelli", "Turid Prøvevik"},
		{"Nina Tomtgard", "Rune Demovoll", "Wenche Testhaug"}};
	const struct region_muni *x = &region_munis[m];
	char user[40];
	snprintf(user, sizeof(user), "pleier1-%s", x->word);
	int r = person(d, m, user, names[m][0], x->language, 1, false, &d->day[m][0]);
	snprintf(user, sizeof(user), "pleier2-%s", x->word);
	if (!r)
		r = person(d, m, user, names[m][1], x->language, 1, false, &d->day[m][1]);
	snprintf(user, sizeof(user), "leder-%s", x->word);
	if (!r)
		r = person(d, m, user, names[m][2], x->language, 3 | 8, false, &d->leader[m]);
	return r;
}

static int staff(struct demo *d)
{
	int64_t id;
	int r = 0;
	vd_jw_key(&d->j, "staff");
	vd_jw_arr(&d->j);
	for (int m = 0; !r && m < REGION_MUNIS; m++)
		r = local_staff(d, m);
	if (!r)
		r = person(d, 5, "nattevakt1", "Eva Nattvoll", "nb", 1, true, &d->night[0]);
	if (!r)
		r = person(d, 3, "nattevakt2", "Jostein Nattgard", "nn", 1, true, &d->night[1]);
	if (!r)
		r = person(d, 5, "tekniker", "Frode Koblingsli", "nb", 4, true, &id);
	if (!r)
		r = person(d, 5, "kontroller", "Grete Regnehaug", "nb", 8, true, &id);
	if (!r)
		r = person(d, 5, "admin", "Alma Styrevik", "nb", 16 | 4 | 8 | 2 | 1, true, &id);
	if (!r)
		r = person(d, 0, "english", "Visiting Researcher", "en", 1, true, &id);
	vd_jw_end_arr(&d->j);
	return r;
}

static int shift(struct demo *d, int muni, int64_t who, int level, int64_t day, int from, int hours)
{
	int64_t start = vd_oslo_day_start(day) + from * VD_HOUR_MS;
	return vd_seed(
		d->db, NULL, &d->e,
		"INSERT INTO shift (muni, staff, level, from_t, to_t) VALUES (%d, %lld, %d, %lld,"
		" %lld)",
		region_munis[muni].number, (long long)who, level, (long long)start,
		(long long)(start + hours * VD_HOUR_MS));
}

/* Day 7-15 and evening 15-22 are each municipality's own, the night 22-07 is shared by all six. */
static int shifts(struct demo *d)
{
	int r = 0;
	for (int64_t day = d->from_day - 1; !r && day < d->to_day + SHIFT_AHEAD; day++)
		for (int m = 0; !r && m < REGION_MUNIS; m++) {
			int a = (int)(day & 1);
			r = shift(d, m, d->day[m][a], 1, day, 7, 8);
			r = r ? r : shift(d, m, d->day[m][!a], 2, day, 7, 8);
			r = r ? r : shift(d, m, d->day[m][!a], 1, day, 15, 7);
			r = r ? r : shift(d, m, d->leader[m], 2, day, 15, 7);
			r = r ? r : shift(d, m, d->night[(day / 7) & 1], 1, day, 22, 9);
			r = r ? r : shift(d, m, d->leader[m], 2, day, 22, 9);
		}
	return r;
}

static int write_region(struct demo *d)
{
	int r = vd_db_begin(d->db, &d->e);
	for (int m = 0; !r && m < REGION_MUNIS; m++)
		r = vd_seed(d->db, NULL, &d->e,
			    "INSERT INTO municipality (number, name, language) VALUES (%d, %Q, %Q)",
			    region_munis[m].number, region_munis[m].name, region_munis[m].language);
	if (!r)
		r = simulate_gateways(d);
	if (!r)
		r = staff(d);
	if (!r)
		r = shifts(d);
	if (!r)
		r = simulate_homes(d);
	if (!r)
		r = vd_db_bump_directory(d->db, &d->e);
	if (!r)
		r = vd_db_commit(d->db, &d->e);
	if (r)
		vd_db_rollback(d->db);
	else
		r = vd_assumptions_seed(d->db, &d->e); /* a transaction of its own */
	return r;
}

static int write_credentials(struct demo *d, const char *db_path)
{
	char path[600];
	const char *slash = strrchr(db_path, '/');
	snprintf(path, sizeof(path), "%.*s/demo-credentials.json",
		 slash ? (int)(slash - db_path) : 1, slash ? db_path : ".");
	simulate_tell_devices(d);
	vd_jw_end_obj(&d->j);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && !d->credentials.err &&
		    write(fd, d->credentials.p, d->credentials.n) == (ssize_t)d->credentials.n;
	if (fd >= 0)
		close(fd);
	return good ? 0
		    : vd_errtext(&d->e, VD_EIO, "cannot write the demo's sign-ins", NULL, "%s",
				 path);
}

/* -- history -------------------------------------------------------------------------------- */

static void on_progress(int done, int days)
{
	if (done % 10 == 0 || done == days)
		fprintf(stderr, "varde simulate: %d of %d days lived\n", done, days);
}

static void on_flag(void *arg)
{
	*(bool *)arg = true;
}

static int live(struct demo *d, const char *db_path, uint64_t seed, int64_t *ret_messages)
{
	struct vd_runtime *rt = vd_runtime_sim_new(vd_oslo_day_start(d->from_day), seed);
	struct vd_store_config sc = {.path = db_path,
				     .origin = "varde.demo",
				     .checkpoint_ms = 1000,
				     .inline_mode = true,
				     .unsafe_fast = true};
	struct vd_store *store = NULL;
	struct vd_tables *tables = NULL;
	struct vd_hub *hub = NULL;
	struct vd_boot boot = {0};
	bool drained = false, closed = false;
	int r = rt ? vd_store_sqlite_open(rt, &sc, &store, &d->e) : VD_ENOMEM;
	if (!r)
		r = vd_tables_load(NULL, &tables, &d->e);
	if (!r)
		r = store->boot(store, &boot, &d->e);
	struct vd_hub_config hc = {.runtime = rt,
				   .store = store,
				   .tables = tables,
				   .origin = "varde.demo",
				   .tick_ms = 300000};
	if (!r)
		r = vd_hub_new(&hc, &boot, &hub);
	struct life_config lc = {.rt = rt,
				 .hub = hub,
				 .region = &d->region,
				 .seed = seed,
				 .from_day = d->from_day,
				 .to_day = d->to_day,
				 .progress = on_progress};
	if (!r)
		r = life_run(&lc, ret_messages);
	if (hub) {
		vd_hub_stop(hub, on_flag, &drained);
		vd_runtime_sim_settle(rt);
		vd_hub_free(hub);
	}
	if (store) {
		store->close(store, on_flag, &closed);
		vd_runtime_sim_settle(rt);
		store->free(store);
	}
	vd_tables_free(tables);
	vd_runtime_sim_free(rt);
	return r;
}

static int run(struct demo *d, const char *path, uint64_t seed)
{
	bool empty = false;
	int64_t messages = 0;
	int r = vd_db_open(path, VD_DB_CREATE, &d->db, &d->e);
	if (!r)
		r = vd_seed_empty(d->db, &empty, &d->e);
	if (!r && !empty)
		r = vd_errtext(&d->e, VD_EEXIST, "the database holds a region already",
			       "give a new file: a demo is never written over what is there", "%s",
			       path);
	if (!r)
		r = vd_password_encode(vd_span_cstr(DEMO_PASSWORD), d->password);
	vd_buf_init(&d->credentials, 1 << 20);
	vd_jw_init(&d->j, &d->credentials);
	vd_jw_obj(&d->j);
	region_make(&d->region, seed);
	if (!r)
		r = write_region(d);
	vd_db_close(d->db);
	d->db = NULL;
	if (!r)
		r = live(d, path, seed, &messages);
	if (!r) /* last: who finds the sign-ins finds a whole region */
		r = write_credentials(d, path);
	vd_buf_fini(&d->credentials);
	if (!r)
		fprintf(stderr, "varde simulate: %d recipients, %d devices, %lld messages\n",
			REGION_RECIPIENTS, d->region.n_devices, (long long)messages);
	return r;
}

int vd_cmd_simulate(int argc, char **argv)
{
	static const struct option options[] = {
		{"db", required_argument, NULL, 'd'},   {"days", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 's'}, {"end", required_argument, NULL, 'e'},
		{"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0}};
	static struct demo d;
	const char *db = NULL;
	long days = 90;
	uint64_t seed = 1;
	int64_t end = vd_oslo_day((int64_t)time(NULL) * 1000);
	int c;
	bool bad = false;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'd': db = optarg; break;
		case 'n': days = strtol(optarg, NULL, 10); break;
		case 's': seed = strtoull(optarg, NULL, 10); break;
		case 'e': bad |= vd_iso_day_parse(vd_span_cstr(optarg), &end) != 0; break;
		case 'h': fputs(usage, stdout); return VD_EXIT_OK;
		default: bad = true; break;
		}
	}
	if (bad || !db || days < 1 || days > 1000 || optind < argc) {
		fputs(usage, stderr);
		return VD_EXIT_USAGE;
	}
	d.to_day = end;
	d.from_day = end - days;
	int err = run(&d, db, seed);
	if (err && !d.e.fact[0])
		(void)vd_errtext(&d.e, err, NULL, NULL, NULL);
	return err ? tool_tell("simulate", &d.e) : VD_EXIT_OK;
}
