/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading the directory for tools. Any one thread. */
#include "store/directory_find.h"
#include "base/clock.h"
#include "store/directory_int.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Silence limit of a device the hub has not drawn one for yet. */
#define SILENCE_DEFAULT_MS (24 * VD_HOUR_MS)

/* Last heard is written once a minute, last states at once: a technician waiting for the first
 * message should not wait for the former. */
#define HEARD                                                                                      \
	"max(coalesce(s.at,0), coalesce((SELECT max(t) FROM device_state x WHERE "                 \
	"x.device=d.id),0))"
#define ROW_SELECT                                                                                 \
	"SELECT d.id, d.gateway, d.placement, coalesce(p.recipient,0), d.muni, "                   \
	"coalesce(m.name,''), g.user, g.name, d.family, d.identity, d.name, d.vendor, d.model, "   \
	"d.serial, d.features, CASE WHEN d.lifecycle='stock' AND " HEARD                           \
	">0 THEN 'ready' ELSE d.lifecycle END, coalesce(p.room,''), coalesce(p.purpose,''), "      \
	"CASE WHEN ?1 THEN coalesce(r.name,'') ELSE '' END, d.unsupported, d.alarm_button, "       \
	"coalesce(p.alarm_on_open,0), coalesce(p.night_from_min,0), "                              \
	"coalesce(p.night_to_min,0), d.supervise_ms, d.test_until, d.first_heard, " HEARD          \
	", s.battery, s.link, "                                                                    \
	"(SELECT coalesce(sum(n),0) FROM device_count c WHERE c.device=d.id AND "                  \
	"c.name LIKE 'unknown%'), "                                                                \
	"(SELECT count(DISTINCT name) FROM device_count c WHERE c.device=d.id AND "                \
	"c.name LIKE 'unknown:%'), "                                                               \
	"coalesce((SELECT group_concat(recipient,' ') FROM (SELECT recipient FROM "                \
	"placement_recipient WHERE placement=d.placement ORDER BY recipient)),''), "               \
	"CASE WHEN ?1 THEN coalesce((SELECT group_concat(name, char(31)) FROM (SELECT x.name "     \
	"FROM placement_recipient q JOIN recipient x ON x.id=q.recipient WHERE "                   \
	"q.placement=d.placement ORDER BY q.recipient)),'') ELSE '' END, "                         \
	"coalesce(w.limit_ms,0), coalesce(w.interval_ms,0), coalesce(w.basis,''), "                \
	"coalesce(w.tested,0) "                                                                    \
	"FROM device d JOIN gateway g ON g.id=d.gateway "                                          \
	"LEFT JOIN municipality m ON m.number=d.muni LEFT JOIN placement p ON p.id=d.placement "   \
	"LEFT JOIN recipient r ON r.id=p.recipient LEFT JOIN device_seen s ON s.device=d.id "      \
	"LEFT JOIN device_watch w ON w.device=d.id "                                               \
	"WHERE (?2=0 OR d.muni=?2) AND (?3=0 OR d.id=?3) "

static double real_or_nan(sqlite3_stmt *st, int col)
{
	return sqlite3_column_type(st, col) == SQLITE_NULL ? NAN : sqlite3_column_double(st, col);
}

static void read_texts(sqlite3_stmt *st, struct vd_dir_row *r)
{
	r->muni_name = vd_dsql_col(st, 5);
	r->gateway_user = vd_dsql_col(st, 6);
	r->gateway_name = vd_dsql_col(st, 7);
	r->family = vd_dsql_col(st, 8);
	r->identity = vd_dsql_col(st, 9);
	r->name = vd_dsql_col(st, 10);
	r->vendor = vd_dsql_col(st, 11);
	r->model = vd_dsql_col(st, 12);
	r->serial = vd_dsql_col(st, 13);
	r->features = vd_dsql_col(st, 14);
	r->lifecycle = vd_dsql_col(st, 15);
	r->room = vd_dsql_col(st, 16);
	r->purpose = vd_dsql_col(st, 17);
	r->recipient_name = vd_dsql_col(st, 18);
	r->also = vd_dsql_col(st, 32);
	r->also_names = vd_dsql_col(st, 33);
}

static bool in_service(const struct vd_dir_row *r)
{
	return r->placement && (!strcmp(r->lifecycle, "in_use") || !strcmp(r->lifecycle, "test"));
}

static void read_row(sqlite3_stmt *st, int64_t now_ms, struct vd_dir_row *r)
{
	*r = (struct vd_dir_row){.id = sqlite3_column_int64(st, 0),
				 .gateway = sqlite3_column_int64(st, 1),
				 .placement = sqlite3_column_int64(st, 2),
				 .recipient = sqlite3_column_int64(st, 3),
				 .muni = sqlite3_column_int(st, 4),
				 .unsupported = sqlite3_column_int(st, 19) != 0,
				 .alarm_button = sqlite3_column_int(st, 20) != 0,
				 .alarm_on_open = sqlite3_column_int(st, 21) != 0,
				 .night_from_min = sqlite3_column_int(st, 22),
				 .night_to_min = sqlite3_column_int(st, 23),
				 .supervise_ms = sqlite3_column_int64(st, 24),
				 .test_until = sqlite3_column_int64(st, 25),
				 .first_heard = sqlite3_column_int64(st, 26),
				 .last_heard = sqlite3_column_int64(st, 27),
				 .battery = real_or_nan(st, 28),
				 .link = real_or_nan(st, 29),
				 .unknown_keys = sqlite3_column_int64(st, 30),
				 .unknown_fields = sqlite3_column_int64(st, 31),
				 .limit_ms = sqlite3_column_int64(st, 34),
				 .interval_ms = sqlite3_column_int64(st, 35),
				 .basis = vd_limit_basis_parse(vd_span_cstr(vd_dsql_col(st, 36))),
				 .tested = sqlite3_column_int64(st, 37)};
	read_texts(st, r);
	if (r->supervise_ms) { /* a person's word counts before the hub has taken notice of it */
		r->limit_ms = r->supervise_ms;
		r->basis = VD_LIMIT_INSTALLER;
	}
	int64_t limit = r->limit_ms ? r->limit_ms : SILENCE_DEFAULT_MS;
	r->silent = in_service(r) && now_ms - r->last_heard > limit;
	r->on_test = r->test_until > now_ms;
}

static bool wanted(const struct vd_dir_row *r, const struct vd_dir_filter *f)
{
	switch (f->which) {
	case VD_DIR_WAITING: return !strcmp(r->lifecycle, "heard");
	case VD_DIR_SILENT: return r->silent;
	case VD_DIR_REGISTERED:
		return strcmp(r->lifecycle, "heard") && strcmp(r->lifecycle, "returned") &&
		       strcmp(r->lifecycle, "scrapped");
	case VD_DIR_ALL: break;
	}
	return true;
}

int vd_dirf_devices(struct vd_dirw *w, const struct vd_dir_filter *f, vd_dir_row_fn fn, void *arg)
{
	sqlite3_stmt *st;
	struct vd_dir_row row;
	int r = vd_dsql(w, &st, ROW_SELECT "ORDER BY d.muni, g.user, d.identity", "iii",
			(int64_t)f->personal, (int64_t)f->muni, f->device);
	if (r)
		return r;
	while (!(r = vd_dsql_step(w, st))) {
		read_row(st, w->now_ms, &row);
		if (vd_scope_sees(w->scope, row.muni) && wanted(&row, f) && !fn(&row, arg))
			break;
	}
	sqlite3_finalize(st);
	return r == VD_ENOTFOUND ? 0 : r;
}

/* -- by what a person types ------------------------------------------------------------------- */

struct search {
	int64_t *ids;
	size_t n;     /* hits within the scope, at most VD_FIND_CANDIDATES kept */
	int64_t live; /* the last one that is not gone */
	size_t n_live;
	int elsewhere; /* a municipality outside the scope that has one; 0 = none */
};

static int run_search(struct vd_dirw *w, const char *where, const char *code, struct search *s)
{
	char sql[1024];
	sqlite3_stmt *st;
	snprintf(sql, sizeof(sql),
		 "SELECT id, muni, lifecycle IN ('returned','scrapped') FROM device "
		 "WHERE %s ORDER BY 3, id",
		 where);
	int r = vd_dsql(w, &st, sql, "t", code);
	if (r)
		return r;
	while (!(r = vd_dsql_step(w, st))) {
		int muni = sqlite3_column_int(st, 1);
		if (!vd_scope_sees(w->scope, muni)) {
			s->elsewhere = muni;
			continue;
		}
		if (s->n < VD_FIND_CANDIDATES)
			s->ids[s->n++] = sqlite3_column_int64(st, 0);
		if (!sqlite3_column_int(st, 2)) {
			s->live = sqlite3_column_int64(st, 0);
			s->n_live++;
		}
	}
	sqlite3_finalize(st);
	return r == VD_ENOTFOUND ? 0 : r;
}

static const char *const where_exact = "CAST(id AS TEXT)=?1 OR serial=?1 OR identity=?1";
#define BARE(x) "replace(replace(replace(replace(lower(" x "),'0x',''),':',''),'-',''),' ','')"
static const char *const where_loose =
	BARE("identity") "=" BARE("?1") " OR (serial!='' AND " BARE("serial") "=" BARE("?1") ")";

static const char *prefixed(const char **code)
{
	static const struct {
		const char *prefix, *where;
	} p[] = {{"id:", "CAST(id AS TEXT)=?1"},
		 {"serial:", "serial=?1"},
		 {"identity:", "identity=?1"}};
	for (size_t i = 0; i < sizeof(p) / sizeof(p[0]); i++) {
		size_t n = strlen(p[i].prefix);
		if (!strncmp(*code, p[i].prefix, n)) {
			*code += n;
			return p[i].where;
		}
	}
	return NULL;
}

int vd_dirf_resolve(struct vd_dirw *w, const char *code, int64_t *ret_id,
		    int64_t candidates[VD_FIND_CANDIDATES], size_t *ret_n)
{
	struct search s = {.ids = candidates};
	const char *typed = code, *where = prefixed(&code);
	w->why = (struct vd_refusal){0};
	w->err = (struct vd_errtext){0};
	*ret_n = 0;
	int r = *code ? run_search(w, where ? where : where_exact, code, &s) : 0;
	if (!r && !s.n && !where && *code)
		r = run_search(w, where_loose, code, &s);
	if (r)
		return r;
	if (!s.n)
		return s.elsewhere ? vd_dirw_refuse_other(w, s.elsewhere)
				   : vd_dirw_refuse(w, VD_ENOTFOUND, VD_REF_DEVICE_UNKNOWN, typed,
						    NULL);
	if (s.n == 1 || s.n_live == 1) {
		*ret_id = s.n == 1 ? s.ids[0] : s.live;
		return 0;
	}
	*ret_n = s.n;
	return vd_dirw_refuse(w, VD_ECONFLICT, VD_REF_DEVICE_AMBIGUOUS, typed, NULL);
}

int vd_dirf_history(struct vd_dirw *w, int64_t device,
		    bool (*fn)(const struct vd_dir_history *h, void *arg), void *arg)
{
	sqlite3_stmt *st;
	int r = vd_dsql(w, &st,
			"SELECT h.at, h.placement, h.other_device, h.staff, h.what, h.note, "
			"coalesce(o.serial,''), coalesce(o.identity,'') FROM device_history h "
			"LEFT JOIN device o ON o.id=h.other_device WHERE h.device=? ORDER BY h.n",
			"i", device);
	if (r)
		return r;
	while (!(r = vd_dsql_step(w, st))) {
		struct vd_dir_history h = {.at_ms = sqlite3_column_int64(st, 0),
					   .placement = sqlite3_column_int64(st, 1),
					   .other = sqlite3_column_int64(st, 2),
					   .staff = sqlite3_column_int64(st, 3),
					   .what = vd_dsql_col(st, 4),
					   .note = vd_dsql_col(st, 5),
					   .other_serial = vd_dsql_col(st, 6),
					   .other_identity = vd_dsql_col(st, 7)};
		if (!fn(&h, arg))
			break;
	}
	sqlite3_finalize(st);
	return r == VD_ENOTFOUND ? 0 : r;
}

/* "unknown:KEY=type"; a count from before types were kept has none. A key may hold a "=" itself. */
static void split_name(const char *name, struct vd_dir_unknown *u)
{
	const char *key = name + strlen("unknown:"), *end = strrchr(key, '=');
	vd_span_copy(u->key, sizeof(u->key),
		     end ? vd_span(key, (size_t)(end - key)) : vd_span_cstr(key));
	snprintf(u->type, sizeof(u->type), "%s", end ? end + 1 : "");
}

int vd_dirf_unknown(struct vd_dirw *w, int64_t device,
		    bool (*fn)(const struct vd_dir_unknown *u, void *arg), void *arg)
{
	sqlite3_stmt *st;
	int r = vd_dsql(w, &st,
			"SELECT name, sum(n), min(day), max(day) FROM device_count WHERE device=?1 "
			"AND name LIKE 'unknown:%' GROUP BY name ORDER BY 2 DESC, 1 LIMIT ?2",
			"ii", device, (int64_t)VD_FIND_UNKNOWN);
	if (r)
		return r;
	while (!(r = vd_dsql_step(w, st))) {
		struct vd_dir_unknown u = {.times = sqlite3_column_int64(st, 1),
					   .first_day = sqlite3_column_int(st, 2),
					   .last_day = sqlite3_column_int(st, 3)};
		split_name(vd_dsql_col(st, 0), &u);
		if (!fn(&u, arg))
			break;
	}
	sqlite3_finalize(st);
	return r == VD_ENOTFOUND ? 0 : r;
}

/* -- staff ------------------------------------------------------------------------------------ */

static int read_scope(struct vd_dirw *w, struct vd_dir_who *who)
{
	sqlite3_stmt *st;
	size_t n = 0;
	int r = vd_dsql(w, &st, "SELECT muni FROM staff_scope WHERE staff=? ORDER BY muni", "i",
			who->id);
	if (r)
		return r;
	while (!(r = vd_dsql_step(w, st)))
		if (n < 15)
			who->scope[n++] = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return r == VD_ENOTFOUND ? 0 : r;
}

int vd_dirf_staff(struct vd_dirw *w, const char *user, struct vd_dir_who *ret)
{
	struct vd_dir_who who = {0};
	int64_t muni = 0;
	int r = vd_dsql_int(w, &who.id, "SELECT id FROM staff WHERE user=?", "t", user);
	if (!r)
		r = vd_dsql_int(w, &muni, "SELECT muni FROM staff WHERE id=?", "i", who.id);
	if (r == VD_ENOTFOUND)
		return vd_dirw_refuse(w, r, VD_REF_STAFF_UNKNOWN, user, NULL);
	who.muni = (int)muni;
	if (!r)
		r = read_scope(w, &who);
	if (!r)
		*ret = who;
	return r;
}

/* -- plain lists ------------------------------------------------------------------------------ */

/* The column holding the municipality comes first and is not shown twice: it is cut off by the
 * scope check. ?2 is now. */
static const char *const lists[] = {
	[VD_LIST_MUNICIPALITIES] =
		"SELECT number, number, name, language, (SELECT count(*) FROM gateway WHERE "
		"muni=number AND disabled=0), (SELECT count(*) FROM recipient WHERE muni=number "
		"AND "
		"ended_at=0), (SELECT count(*) FROM device WHERE muni=number AND lifecycle NOT IN "
		"('heard','returned','scrapped')), escalate1_ms, escalate2_ms, ack_timeout_ms, "
		"travel_remind_ms, repeat_window_ms, test_days FROM municipality WHERE (?1=0 OR "
		"number=?1) "
		"AND "
		"?2>0 ORDER BY number",
	[VD_LIST_RECIPIENTS] = "SELECT muni, id, muni, name, address, floor, phone, (SELECT "
			       "count(*) FROM device d "
			       "JOIN placement p ON p.id=d.placement WHERE "
			       "p.recipient=recipient.id OR EXISTS (SELECT 1 FROM "
			       "placement_recipient q WHERE q.placement=p.id AND "
			       "q.recipient=recipient.id)), ended_at FROM "
			       "recipient WHERE (?1=0 OR muni=?1) AND ?2>0 ORDER BY muni, name, id",
	[VD_LIST_GATEWAYS] =
		"SELECT muni, id, muni, user, name, disabled, cert_sha256, (SELECT count(*) FROM "
		"device WHERE gateway=gateway.id), (SELECT count(*) FROM sip_account s WHERE "
		"s.gateway=gateway.id) FROM gateway WHERE (?1=0 OR muni=?1) AND ?2>0 "
		"ORDER BY muni, user",
	[VD_LIST_BINDINGS] =
		"SELECT g.muni, g.user, b.family, b.prefix, b.config FROM binding b JOIN gateway g "
		"ON "
		"g.id=b.gateway WHERE (?1=0 OR g.muni=?1) AND ?2>0 ORDER BY g.muni, g.user, "
		"b.family, b.prefix",
	[VD_LIST_STAFF] = "SELECT muni, id, muni, user, name, phone, language, roles, "
			  "password!='', disabled, "
			  "(SELECT group_concat(muni,' ') FROM (SELECT muni FROM staff_scope WHERE "
			  "staff=staff.id ORDER BY muni)) FROM staff WHERE (?1=0 OR muni=?1) AND "
			  "?2>0 ORDER BY "
			  "muni, user",
	[VD_LIST_SHIFTS] =
		"SELECT s.muni, s.id, s.muni, t.user, t.name, s.level, s.from_t, s.to_t FROM shift "
		"s "
		"JOIN staff t ON t.id=s.staff WHERE (?1=0 OR s.muni=?1) AND s.to_t>?2 ORDER BY "
		"s.from_t, s.muni, s.level, s.id",
};

int vd_dirf_list(struct vd_dirw *w, enum vd_dir_list what, int muni, vd_dir_list_fn fn, void *arg)
{
	sqlite3_stmt *st;
	const char *cols[16];
	int r = vd_dsql(w, &st, lists[what], "ii", (int64_t)muni, w->now_ms);
	if (r)
		return r;
	int n = sqlite3_column_count(st) - 1;
	while (!(r = vd_dsql_step(w, st))) {
		if (!vd_scope_sees(w->scope, sqlite3_column_int(st, 0)))
			continue;
		for (int i = 0; i < n; i++)
			cols[i] = vd_dsql_col(st, i + 1);
		if (!fn(cols, n, arg))
			break;
	}
	sqlite3_finalize(st);
	return r == VD_ENOTFOUND ? 0 : r;
}
