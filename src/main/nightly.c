/* SPDX-License-Identifier: EUPL-1.2 */
#include "main/nightly.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "report/report.h"
#include <stdio.h>
#include <sys/stat.h>

#define LOOK_MS       30000 /* a stepped clock or a summer-time night is noticed within this */
#define NEXT_MS       100
#define CATCH_UP_DAYS 31 /* longer away than a month: what is older is built by hand */
#define VD_NO_DAY     INT64_MIN

struct nightly {
	struct vd_runtime *rt;
	struct vd_store *store;
	const struct vd_config *cfg;
	struct vd_timer *timer;
	int64_t day, failed_day, failed_mono;
	bool running;
	struct vd_errtext error; /* the reader thread's, read after it is done */
	void (*on_closed)(void *arg);
	void *on_closed_arg;
};

/* Newest day whose edition is due at this moment. */
static int64_t due_day(const struct vd_config *cfg, int64_t now_ms)
{
	struct vd_civil c;
	vd_civil_oslo(now_ms, &c);
	bool past = c.hour * 60 + c.minute >= cfg->report.hour * 60 + cfg->report.minute;
	return vd_oslo_day(now_ms) - (past ? 1 : 2);
}

static bool exists(const struct nightly *n, int64_t day)
{
	char path[512], iso[11];
	struct stat st;
	vd_iso_day_format(day, iso);
	snprintf(path, sizeof(path), "%s/%s/region.html", n->cfg->report.dir, iso);
	return stat(path, &st) == 0;
}

/* The night to build now: the first after the newest edition there is, so that a hub that was away
 * makes up for every night it missed; without any edition only the newest. VD_NO_DAY = none. */
static int64_t next_day(const struct nightly *n, int64_t due)
{
	for (int64_t day = due; day > due - CATCH_UP_DAYS; day--)
		if (exists(n, day))
			return day == due ? VD_NO_DAY : day + 1;
	return due;
}

static int build(struct vd_reader *r, void *arg)
{
	struct nightly *n = arg;
	return vd_report_build(r, n->day, n->cfg->report.dir, &n->error);
}

static void on_built(int err, void *arg)
{
	struct nightly *n = arg;
	char iso[11];
	vd_iso_day_format(n->day, iso);
	n->running = false;
	if (err) {
		n->failed_day = n->day;
		n->failed_mono = n->rt->mono_ms(n->rt);
		vd_log(VD_LOG_ERR, "report for %s: %s: %s (%s)", iso, n->error.fact,
		       n->error.detail, n->error.hint);
	} else {
		vd_log(VD_LOG_INFO, "report for %s is in %s", iso, n->cfg->report.dir);
	}
	if (n->on_closed)
		n->on_closed(n->on_closed_arg);
	else if (!err) /* perhaps one more was missed */
		n->rt->timer_start(n->timer, NEXT_MS);
}

static void on_look(void *arg)
{
	struct nightly *n = arg;
	int64_t day = next_day(n, due_day(n->cfg, n->rt->wall_ms(n->rt)));
	bool again = day != n->failed_day || n->rt->mono_ms(n->rt) - n->failed_mono >= VD_HOUR_MS;
	if (!n->running && again && day != VD_NO_DAY) {
		n->day = day;
		n->running = n->store->read(n->store, build, n, on_built, n) == 0;
	}
	n->rt->timer_start(n->timer, LOOK_MS);
}

struct nightly *nightly_open(struct vd_runtime *rt, struct vd_store *store,
			     const struct vd_config *cfg)
{
	struct nightly *n = vd_calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	*n = (struct nightly){.rt = rt, .store = store, .cfg = cfg, .failed_day = VD_NO_DAY};
	n->timer = rt->timer_open(rt, on_look, n);
	if (!n->timer) {
		vd_free(n);
		return NULL;
	}
	rt->timer_start(n->timer, 2000);
	return n;
}

void nightly_close(struct nightly *n, void (*on_closed)(void *arg), void *arg)
{
	if (n && n->running) {
		n->rt->timer_stop(n->timer);
		n->on_closed = on_closed;
		n->on_closed_arg = arg;
		return;
	}
	on_closed(arg);
}

void nightly_free(struct nightly *n)
{
	if (!n)
		return;
	n->rt->timer_close(n->timer);
	vd_free(n);
}
