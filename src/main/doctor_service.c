/* SPDX-License-Identifier: EUPL-1.2 */
/* What runs and what it has stored: database, roster, devices, server, reports. */
#include "base/clock.h"
#include "io/probe.h"
#include "main/doctor.h"
#include "store/db.h"
#include "store/inspect.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CHECK_MS       5000 /* integrity check without --full */
#define PROBE_MS       3000
#define CLOCK_AHEAD_MS 120000 /* what the hub grants a device's clock, too */

static void ago(int64_t ms, char text[32])
{
	if (ms < 0)
		snprintf(text, 32, "in the future");
	else if (ms < 2 * VD_MINUTE_MS)
		snprintf(text, 32, "%lld s ago", (long long)(ms / VD_SECOND_MS));
	else if (ms < 2 * VD_HOUR_MS)
		snprintf(text, 32, "%lld min ago", (long long)(ms / VD_MINUTE_MS));
	else if (ms < 2 * VD_DAY_MS)
		snprintf(text, 32, "%lld h ago", (long long)(ms / VD_HOUR_MS));
	else
		snprintf(text, 32, "%lld days ago", (long long)(ms / VD_DAY_MS));
}

static void journal(struct vd_doctor *d, const struct vd_inspect *i)
{
	char text[32];
	if (i->newest_ms > d->now_ms + CLOCK_AHEAD_MS)
		vd_doctor_find(d, VD_BAD, "clock.journal",
			       "the clock has stepped back: set it before alarms are judged by it",
			       "the newest event was received in the future");
	ago(d->now_ms - i->newest_ms, text);
	vd_doctor_find(d, VD_FINE, "database.journal", "", "%lld events, the newest %s",
		       (long long)i->journal_rows, i->newest_ms ? text : "never");
	int64_t late = d->cfg->journal.checkpoint_seconds * VD_SECOND_MS + VD_MINUTE_MS;
	ago(d->now_ms - i->checkpoint_ms, text);
	if (i->unsigned_rows > 0 && d->now_ms - i->unsigned_since_ms > late)
		vd_doctor_find(d, VD_WARN, "database.checkpoint",
			       "the server signs them when it runs; if it does, see its log",
			       "%lld events wait to be signed; last checkpoint %s",
			       (long long)i->unsigned_rows, i->checkpoint_ms ? text : "never");
	else
		vd_doctor_find(d, VD_FINE, "database.checkpoint", "", "last checkpoint %s",
			       i->checkpoint_ms ? text : "never");
}

static void integrity(struct vd_doctor *d, const struct vd_inspect *i)
{
	double mib = (double)i->bytes / (1024 * 1024);
	if (i->damage[0])
		vd_doctor_find(d, VD_BAD, "database.integrity",
			       "stop the server, keep a copy, restore the last backup",
			       "the database is damaged: %s", i->damage);
	else if (!i->whole)
		vd_doctor_find(d, VD_FINE, "database.integrity", "",
			       "%.0f MiB; no damage found in %d s (--full reads all of it)", mib,
			       CHECK_MS / 1000);
	else
		vd_doctor_find(d, VD_FINE, "database.integrity", "", "%.1f MiB, undamaged", mib);
	int built_in = vd_db_schema_version();
	if (i->schema != built_in)
		vd_doctor_find(d, VD_WARN, "database.schema",
			       "the next start of the server migrates it",
			       "schema %d, this program knows %d", i->schema, built_in);
	else
		vd_doctor_find(d, VD_FINE, "database.schema", "", "schema %d", i->schema);
}

static void duty(struct vd_doctor *d, const struct vd_inspect *i)
{
	for (size_t g = 0; g < i->n_gaps; g++) {
		struct vd_civil from, to;
		vd_civil_oslo(i->gaps[g].from_ms, &from);
		vd_civil_oslo(i->gaps[g].to_ms, &to);
		bool now = i->gaps[g].from_ms <= d->now_ms;
		vd_doctor_find(d, now ? VD_BAD : VD_WARN, "duty.gap", "varde staff shift --help",
			       "%d %s: nobody on duty from %02d:%02d to %02d:%02d", i->gaps[g].muni,
			       i->gaps[g].name, from.hour, from.minute, to.hour, to.minute);
	}
	if (i->gaps_more)
		vd_doctor_find(d, VD_BAD, "duty.gap", "varde staff shift --help",
			       "and %lld municipalities more", (long long)i->gaps_more);
	if (!i->n_gaps && i->in_use)
		vd_doctor_find(d, VD_FINE, "duty.gap", "",
			       "somebody is on duty everywhere for 24 hours");
}

static void devices(struct vd_doctor *d, const struct vd_inspect *i)
{
	vd_doctor_find(
		d, i->silent ? VD_WARN : VD_FINE, "devices.silent",
		i->silent ? "varde device list --silent: batteries, gateways, the air between" : "",
		"%lld in use, %lld silent for longer than they may", (long long)i->in_use,
		(long long)i->silent);
	vd_doctor_find(d, i->waiting ? VD_WARN : VD_FINE, "devices.waiting",
		       i->waiting ? "varde device list --waiting: their alarms reach nobody yet"
				  : "",
		       "%lld heard but not placed", (long long)i->waiting);
	if (i->quarantined)
		vd_doctor_find(d, VD_WARN, "devices.unreadable", "see the log for their gateways",
			       "%lld unreadable messages are kept", (long long)i->quarantined);
}

void vd_doctor_database(struct vd_doctor *d)
{
	struct vd_inspect i;
	struct vd_errtext e = {0};
	int64_t silence = d->cfg->alarm.silence_default_minutes
				  ? d->cfg->alarm.silence_default_minutes * VD_MINUTE_MS
				  : VD_DAY_MS;
	int err = vd_store_inspect(d->cfg->db_file, d->now_ms, silence, d->full ? 0 : CHECK_MS, &i,
				   &e);
	if (err) {
		vd_doctor_find(d, VD_BAD, "database.open",
			       e.hint[0] ? e.hint
					 : "start `varde serve` once; check owner and mode",
			       "%s%s%s", e.fact, e.detail[0] ? ": " : "", e.detail);
		return;
	}
	integrity(d, &i);
	journal(d, &i);
	duty(d, &i);
	devices(d, &i);
	vd_doctor_sip(d, &i);
}

/* The port the server was given when the configuration left it free. */
static int port_of(const struct vd_config *c)
{
	char path[600];
	if (c->http.port)
		return c->http.port;
	snprintf(path, sizeof(path), "%s/run.json", c->state_dir);
	json_t *run = json_load_file(path, 0, NULL);
	int port = (int)json_integer_value(json_object_get(run, "https"));
	json_decref(run);
	return port;
}

void vd_doctor_server(struct vd_doctor *d)
{
	const struct vd_config *c = d->cfg;
	struct vd_errtext e = {0};
	struct vd_probe p;
	int port = port_of(c);
	int err = vd_probe_get(c->http.bind, port, !c->http.plain, "/healthz", PROBE_MS, &p, &e);
	if (err) {
		vd_doctor_find(d, VD_BAD, "server.alive",
			       "systemctl status varde; journalctl -u varde", "%s: %s", e.fact,
			       e.detail);
		return;
	}
	vd_doctor_find(d, p.status == 200 ? VD_FINE : VD_BAD, "server.alive",
		       p.status == 200 ? "" : "journalctl -u varde",
		       "port %d answers %d within %d ms", port, p.status, p.took_ms);
	err = vd_probe_get(c->http.bind, port, !c->http.plain, "/readyz", PROBE_MS, &p, &e);
	bool ready = !err && p.status == 200;
	vd_doctor_find(d, ready ? VD_FINE : VD_BAD, "server.ready",
		       ready ? "" : "devices are answered \"busy\": see disk.space and the log",
		       ready ? "takes events" : "does not take events");
}

void vd_doctor_reports(struct vd_doctor *d)
{
	char path[700], day[11];
	struct stat st;
	if (!d->cfg->report.enabled)
		return;
	struct vd_civil now;
	vd_civil_oslo(d->now_ms, &now);
	int minutes = now.hour * 60 + now.minute;
	int due = d->cfg->report.hour * 60 + d->cfg->report.minute + 30; /* time to finish */
	int64_t edition = vd_oslo_day(d->now_ms) - (minutes < due ? 2 : 1);
	vd_iso_day_format(edition, day);
	snprintf(path, sizeof(path), "%s/%s", d->cfg->report.dir, day);
	if (stat(path, &st))
		vd_doctor_find(d, VD_WARN, "report.edition",
			       "varde report build --date DAY --out FOLDER makes it now",
			       "the edition of %s is missing in %s", day, d->cfg->report.dir);
	else
		vd_doctor_find(d, VD_FINE, "report.edition", "", "the edition of %s is there", day);
}
