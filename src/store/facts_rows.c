/* SPDX-License-Identifier: EUPL-1.2 */
/* The report's statements and what each row means. Roll-ups and alarms only. Reader thread. */
#include "store/facts_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>
#include <string.h>

#define INT(i)  sqlite3_column_int64(s, i)
#define REAL(i) sqlite3_column_double(s, i)

static const char *text(sqlite3_stmt *s, int i)
{
	const char *t = (const char *)sqlite3_column_text(s, i);
	return t ? t : "";
}

static void muni_row(struct facts_read *r, sqlite3_stmt *s, void *item)
{
	struct vd_fact_muni *m = item;
	m->number = (int)INT(0);
	vd_span_copy(m->name, sizeof(m->name), vd_span_cstr(text(s, 1)));
	m->nynorsk = strcmp(text(s, 2), "nn") == 0;
}

static void alarm_row(struct facts_read *r, sqlite3_stmt *s, void *item)
{
	struct vd_fact_alarm *a = item;
	a->muni = (int)INT(0);
	a->device = INT(1);
	a->placement = INT(2);
	a->recipient = INT(3);
	a->kind = vd_kind_parse(vd_span_cstr(text(s, 4)));
	a->received_ms = INT(5);
	a->first_ack_ms = INT(6);
	a->on_site_ms = INT(7);
	a->repeat_24h = (int)INT(8);
	a->level = (int)INT(9);
	a->collapsed = INT(10) != 0;
}

static void base_row(struct facts_read *r, sqlite3_stmt *s, void *item)
{
	struct vd_fact_base *b = item;
	b->muni = (int)INT(0);
	b->placement = INT(1);
	b->recipient = INT(2);
	int tech = vd_tech_parse(text(s, 3));
	b->tech = tech < 0 ? VD_TECH_MAX : (enum vd_tech)tech; /* left out by the report */
	b->b = (struct vd_baseline){.visits_per_week = REAL(4),
				    .remaining_per_week = REAL(5),
				    .face_min = REAL(6),
				    .travel_min = REAL(7),
				    .doc_min = REAL(8),
				    .km = REAL(9),
				    .start_day = INT(10),
				    .end_day = INT(11) ? vd_oslo_day(INT(11)) : 0};
	b->measured_from = INT(12);
	b->measured_to = INT(13);
}

static void use_row(struct facts_read *r, sqlite3_stmt *s, void *item)
{
	struct vd_fact_use *u = item;
	u->placement = INT(0);
	u->day = INT(1);
	u->doses = INT(2);
	u->supervisions = INT(3);
	u->doors = INT(4);
	u->doors_night = INT(5);
	u->any = INT(6);
}

static void device_row(struct facts_read *r, sqlite3_stmt *s, void *item)
{
	struct vd_fact_device *d = item;
	d->muni = (int)INT(0);
	d->id = INT(1);
	d->placement = INT(2);
	d->limit_ms = INT(3);
	d->seen_ms = INT(4);
}

static void gap_row(struct facts_read *r, sqlite3_stmt *s, void *item)
{
	*(struct vd_fact_gap *)item = (struct vd_fact_gap){INT(0), INT(1), INT(2)};
}

static void duty_row(struct facts_read *r, sqlite3_stmt *s, void *item)
{
	*(struct vd_fact_duty *)item = (struct vd_fact_duty){(int)INT(0), INT(1), INT(2)};
}

static void assumption_row(struct facts_read *r, sqlite3_stmt *s, void *item)
{
	struct vd_assumption *a = item;
	a->id = vd_strdup(text(s, 0));
	a->muni = (int)INT(1);
	a->value = (struct vd_range){REAL(3), REAL(2), REAL(4)};
	a->unit = vd_strdup(text(s, 5));
	a->price_year = (int)INT(6);
	a->grade = vd_strdup(text(s, 7));
	a->source = vd_strdup(text(s, 8));
}

#define STR2(x) #x
#define STR(x)  STR2(x)
/* Alarms of tests and simulators (flags, model/event.h) are no alarms here. */
_Static_assert(VD_F_TEST == 8 && VD_F_SIMULATED == 16, "the statement below says 24");

static const char munis_sql[] = "SELECT number, name, language FROM municipality ORDER BY number";
static const char alarms_sql[] =
	"SELECT muni, device, placement, recipient, kind, received_at, first_ack_at, on_site_at,"
	" repeat_24h, level, parent != '' FROM alarm WHERE received_at >= ?3 AND received_at < ?4"
	" AND (flags & 24) = 0 AND handling != 'test' AND muni IN (SELECT number FROM municipality)"
	" AND ?1 < ?2 ORDER BY received_at, id";
/* The newest baseline of a placement and technology is the one that counts. */
static const char bases_sql[] =
	"SELECT b.muni, b.placement, p.recipient, b.tech, b.visits_per_week, b.remaining_per_week,"
	" b.face_min, b.travel_min, b.doc_min, b.km, b.start_day, p.ended_at, b.from_day, b.to_day"
	" FROM baseline b JOIN placement p ON p.id = b.placement"
	" WHERE b.start_day < ?2 AND ?1 < ?2 AND b.id = (SELECT max(c.id) FROM baseline c"
	" WHERE c.placement = b.placement AND c.tech = b.tech)"
	" ORDER BY b.muni, b.tech, b.placement";
/* A day's life: rolled-up events of the placement, and the day rows of the device that stands
 * there since its newest placing. */
static const char uses_sql[] =
	"SELECT placement, day, sum(doses), sum(sup), sum(doors), sum(night), sum(n) FROM ("
	"SELECT r.placement, r.day,"
	" CASE WHEN kind = 'medication' AND (state GLOB 'dispensed*' OR state = 'taken')"
	"  THEN n ELSE 0 END doses,"
	" CASE WHEN kind = 'supervision' AND state IN ('ended', 'planned') THEN n ELSE 0 END sup,"
	" CASE WHEN kind = 'door' THEN n ELSE 0 END doors,"
	" CASE WHEN kind = 'door' THEN night_n ELSE 0 END night, n"
	" FROM rollup_day r WHERE r.muni IN (SELECT number FROM municipality)"
	" AND r.day >= ?1 AND r.day < ?2 AND r.placement IN (SELECT placement FROM baseline)"
	" AND NOT (kind = 'device.connectivity' AND state = 'offline')"
	" UNION ALL SELECT d.placement, g.day, 0, 0, 0, 0, max(1, g.heartbeats)"
	" FROM device d JOIN device_day g ON g.device = d.id"
	" WHERE d.placement IN (SELECT placement FROM baseline) AND g.day >= ?1 AND g.day < ?2"
	" AND (g.day + 1) * 86400000 > coalesce((SELECT max(h.at) FROM device_history h"
	"  WHERE h.device = d.id AND h.placement = d.placement"
	"  AND h.what IN ('placed', 'swapped_in')), 0)) GROUP BY placement, day"
	" ORDER BY placement, day";
static const char devices_sql[] =
	"SELECT d.muni, d.id, d.placement, CASE WHEN d.supervise_ms > 0 THEN d.supervise_ms"
	" ELSE coalesce(w.limit_ms, 0) END, coalesce(s.at, 0) FROM device d"
	" LEFT JOIN device_watch w ON w.device = d.id"
	" LEFT JOIN device_seen s ON s.device = d.id WHERE d.lifecycle = 'in_use'"
	" AND d.muni IN (SELECT number FROM municipality) AND d.first_heard < ?4 AND ?1 < ?2"
	" AND ?3 < ?4 ORDER BY d.muni, d.id";
static const char gaps_sql[] =
	"SELECT device, day, gap_ms FROM device_day WHERE day >= ?1 AND day < ?2"
	" AND device IN (SELECT id FROM device WHERE lifecycle = 'in_use') ORDER BY device, day";
static const char duties_sql[] =
	"SELECT muni, day, sum(n) FROM rollup_day WHERE kind = 'duty.nobody' AND state = 'on'"
	" AND muni IN (SELECT number FROM municipality) AND day >= ?1 AND day < ?2"
	" GROUP BY muni, day ORDER BY muni, day";
static const char assumptions_sql[] = "SELECT id, muni, value, low, high, unit, price_year, grade,"
				      " source FROM assumption ORDER BY id, muni";

/* Library rows for ids the installation has none of; they count in the hash too. */
static int add_library(struct facts_read *r)
{
	struct vd_facts *f = r->f;
	size_t n = 0, own = f->n_assumptions;
	while (vd_assumption_library[n].id)
		n++;
	void *p = vd_realloc(f->assumptions, (own + n + 1) * sizeof(*f->assumptions));
	if (!p)
		return vd_errtext(r->e, VD_ENOMEM, "not enough memory for the report", "", NULL);
	f->assumptions = p;
	for (size_t i = 0; i < n; i++) {
		const struct vd_assumption *a = &vd_assumption_library[i];
		char line[128];
		if (vd_facts_assumption(f, 0, a->id))
			continue;
		f->assumptions[f->n_assumptions++] = *a;
		snprintf(line, sizeof(line), "%s %.9g %.9g %.9g\n", a->id, a->value.low,
			 a->value.mode, a->value.high);
		EVP_DigestUpdate(r->md, line, strlen(line));
	}
	return 0;
}

static int check_assumptions(struct facts_read *r)
{
	for (size_t i = 0; i < r->f->n_assumptions; i++) {
		const struct vd_assumption *a = &r->f->assumptions[i];
		if (!a->id || !a->unit || !a->grade || !a->source)
			return vd_errtext(r->e, VD_ENOMEM, "not enough memory for the report", "",
					  NULL);
		if (!(a->value.low <= a->value.mode && a->value.mode <= a->value.high))
			return vd_errtext(
				r->e, VD_ECORRUPT, "an assumption's range is not in order",
				"correct it in the assumption table: low <= value <= high",
				"%s for %d", a->id, a->muni);
	}
	return 0;
}

static int read_all(struct facts_read *r)
{
	int err = 0;
#define X(name, type)                                                                              \
	if (!err)                                                                                  \
		err = facts_list(r, name##_sql, (void **)&r->f->name, &r->f->n_##name,             \
				 sizeof(type), name##_fn);
	static const facts_row_fn munis_fn = muni_row, alarms_fn = alarm_row, bases_fn = base_row,
				  uses_fn = use_row, devices_fn = device_row, gaps_fn = gap_row,
				  duties_fn = duty_row, assumptions_fn = assumption_row;
	VD_FACTS_LISTS(X)
#undef X
	if (!err)
		err = add_library(r);
	return err ? err : check_assumptions(r);
}

static void finish_hash(struct facts_read *r)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	EVP_DigestFinal_ex(r->md, md, &n);
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(r->f->hash + 2 * i, 3, "%02x", md[i]);
}

int vd_facts_load(struct vd_db *db, int64_t from_day, int64_t to_day, struct vd_facts **ret,
		  struct vd_errtext *e)
{
	struct facts_read r = {.db = db, .e = e};
	r.f = vd_calloc(1, sizeof(*r.f));
	r.md = EVP_MD_CTX_new();
	int err = r.f && r.md && EVP_DigestInit_ex(r.md, EVP_sha256(), NULL) ? 0 : VD_ENOMEM;
	if (err) {
		vd_errtext(e, err, "not enough memory for the report", "", NULL);
	} else {
		r.f->from_day = from_day;
		r.f->to_day = to_day;
		err = vd_db_exec(db, "BEGIN", e); /* one snapshot for all lists */
		if (!err) {
			err = read_all(&r);
			vd_db_rollback(db);
		}
		if (!err)
			finish_hash(&r);
	}
	EVP_MD_CTX_free(r.md);
	if (err)
		vd_facts_free(r.f);
	else
		*ret = r.f;
	return err;
}
