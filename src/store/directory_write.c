/* SPDX-License-Identifier: EUPL-1.2 */
/* Devices and placements. The happy way of a device: heard or added, placed, perhaps swapped,
 * returned. What may go wrong is refused before anything is written. Any one thread. */
#include "store/directory_write.h"
#include "base/check.h"
#include "store/directory_int.h"
#include <stdio.h>

struct dev {
	int64_t id, gateway, placement, recipient, supervise_ms, test_until, first_heard;
	int muni, alarm_button;
	enum vd_lifecycle life;
	char identity[200], serial[120], room[120], purpose[60];
};

#define DEV_SELECT                                                                                 \
	"SELECT d.id, d.gateway, d.placement, coalesce(p.recipient,0), d.supervise_ms, "           \
	"d.test_until, d.first_heard, d.muni, d.alarm_button, d.lifecycle, d.identity, d.serial, " \
	"coalesce(p.room,''), coalesce(p.purpose,'') "                                             \
	"FROM device d LEFT JOIN placement p ON p.id=d.placement WHERE "

static void read_dev(sqlite3_stmt *st, struct dev *ret)
{
	*ret = (struct dev){.id = sqlite3_column_int64(st, 0),
			    .gateway = sqlite3_column_int64(st, 1),
			    .placement = sqlite3_column_int64(st, 2),
			    .recipient = sqlite3_column_int64(st, 3),
			    .supervise_ms = sqlite3_column_int64(st, 4),
			    .test_until = sqlite3_column_int64(st, 5),
			    .first_heard = sqlite3_column_int64(st, 6),
			    .muni = sqlite3_column_int(st, 7),
			    .alarm_button = sqlite3_column_int(st, 8)};
	int life = vd_lifecycle_parse(vd_span_cstr(vd_dsql_col(st, 9)));
	ret->life = life < 0 ? VD_LIFE_HEARD : (enum vd_lifecycle)life;
	(void)vd_span_copy(ret->identity, sizeof(ret->identity), vd_span_cstr(vd_dsql_col(st, 10)));
	(void)vd_span_copy(ret->serial, sizeof(ret->serial), vd_span_cstr(vd_dsql_col(st, 11)));
	(void)vd_span_copy(ret->room, sizeof(ret->room), vd_span_cstr(vd_dsql_col(st, 12)));
	(void)vd_span_copy(ret->purpose, sizeof(ret->purpose), vd_span_cstr(vd_dsql_col(st, 13)));
}

/* The first row of st (which is finalized). */
static int take_dev(struct vd_dirw *w, sqlite3_stmt *st, struct dev *ret)
{
	int r = vd_dsql_step(w, st);
	if (!r)
		read_dev(st, ret);
	sqlite3_finalize(st);
	return r;
}

/* A device by its number, within the caller's scope. */
static int dev_by_id(struct vd_dirw *w, int64_t id, struct dev *ret)
{
	char code[24];
	sqlite3_stmt *st;
	int r = vd_dsql(w, &st, DEV_SELECT "d.id=?", "i", id);
	if (!r)
		r = take_dev(w, st, ret);
	if (r == VD_ENOTFOUND) {
		snprintf(code, sizeof(code), "%lld", (long long)id);
		return vd_dirw_refuse(w, r, VD_REF_DEVICE_UNKNOWN, code, NULL);
	}
	if (!r && !vd_scope_sees(w->scope, ret->muni))
		return vd_dirw_refuse_other(w, ret->muni);
	return r;
}

static int refuse_in_use(struct vd_dirw *w, const struct dev *d)
{
	int64_t since = 0;
	int r = vd_dsql_int(
		w, &since,
		"SELECT at FROM device_history WHERE device=? AND placement=? AND what IN "
		"('placed','moved','swapped_in') ORDER BY n DESC LIMIT 1",
		"ii", d->id, d->placement);
	if (r && r != VD_ENOTFOUND)
		return r;
	r = vd_dirw_refuse(w, VD_ESTATE, VD_REF_IN_USE, NULL, NULL);
	w->why.since_ms = since;
	return r;
}

/* -- adding ----------------------------------------------------------------------------------- */

struct gw {
	int64_t id;
	int muni;
};

static int find_gateway(struct vd_dirw *w, const char *user, struct gw *ret)
{
	sqlite3_stmt *st;
	bool disabled = false;
	int r = vd_dsql(w, &st, "SELECT id, muni, disabled FROM gateway WHERE user=?", "t", user);
	if (r)
		return r;
	r = vd_dsql_step(w, st);
	if (!r) {
		*ret = (struct gw){sqlite3_column_int64(st, 0), sqlite3_column_int(st, 1)};
		disabled = sqlite3_column_int(st, 2) != 0;
	}
	sqlite3_finalize(st);
	if (r == VD_ENOTFOUND)
		return vd_dirw_refuse(w, r, VD_REF_GATEWAY_UNKNOWN, user, NULL);
	if (r)
		return r;
	if (!vd_scope_sees(w->scope, ret->muni))
		return vd_dirw_refuse_other(w, ret->muni);
	if (disabled)
		return vd_dirw_refuse(w, VD_ESTATE, VD_REF_GATEWAY_REVOKED, user, NULL);
	return 0;
}

/* A serial belongs to one device that is still about; two makers may use the same one. */
static int check_serial(struct vd_dirw *w, const struct vd_dirw_device *in, int muni, int64_t self)
{
	struct dev d;
	sqlite3_stmt *st;
	if (!*in->serial)
		return 0;
	int r = vd_dsql(w, &st,
			DEV_SELECT "d.serial=?1 AND d.id!=?2 AND d.lifecycle NOT IN "
				   "('returned','scrapped') AND (d.vendor='' OR ?3='' OR "
				   "d.vendor=?3) ORDER BY d.muni!=?4, d.id LIMIT 1",
			"titi", in->serial, self, in->vendor, (int64_t)muni);
	if (!r)
		r = take_dev(w, st, &d);
	if (r)
		return r == VD_ENOTFOUND ? 0 : r;
	if (d.muni != muni)
		return vd_dirw_refuse_other(w, d.muni);
	return vd_dirw_refuse(w, VD_EEXIST, VD_REF_SERIAL_TAKEN, in->serial, d.identity);
}

static int find_existing(struct vd_dirw *w, const struct vd_dirw_device *in, const struct gw *g,
			 struct dev *ret)
{
	sqlite3_stmt *st;
	int r;
	if (*in->identity)
		r = vd_dsql(w, &st, DEV_SELECT "d.gateway=? AND d.family=? AND d.identity=?", "itt",
			    g->id, in->family, in->identity);
	else
		r = vd_dsql(w, &st, DEV_SELECT "d.gateway=? AND d.family=? AND d.serial=? LIMIT 1",
			    "itt", g->id, in->family, in->serial);
	if (!r)
		r = take_dev(w, st, ret);
	if (r == VD_ENOTFOUND && !*in->identity)
		return vd_dirw_refuse(w, VD_EINVAL, VD_REF_IDENTITY_MISSING, in->serial, NULL);
	return r;
}

static int insert_device(struct vd_dirw *w, const struct vd_dirw_device *in, const struct gw *g,
			 int64_t *ret_id)
{
	int64_t id = vd_device_key(g->id, in->family, vd_span_cstr(in->identity));
	int r = check_serial(w, in, g->muni, 0);
	if (r)
		return r;
	r = vd_dsql_run(
		w,
		"INSERT INTO device (id, gateway, muni, family, identity, name, vendor, model, "
		"serial, lifecycle, supervise_ms, alarm_button) "
		"VALUES (?,?,?,?,?,?,?,?,?,'stock',?,?)",
		"iiittttttii", id, g->id, (int64_t)g->muni, in->family, in->identity, in->name,
		in->vendor, in->model, in->serial, in->supervise_ms > 0 ? in->supervise_ms : 0,
		(int64_t)(in->alarm_button == 1));
	if (!r)
		r = vd_dirw_history(w, id, "registered", 0, 0, NULL);
	if (r)
		return r;
	*ret_id = id;
	return VD_CH_NEW;
}

/* "ready" has been heard of and so can be trusted to work; "stock" has not been switched on. */
static int reregister(struct vd_dirw *w, const struct dev *d)
{
	if (d->life == VD_LIFE_SCRAPPED)
		return vd_dirw_refuse(w, VD_ESTATE, VD_REF_SCRAPPED, d->identity, NULL);
	if (d->life != VD_LIFE_HEARD && d->life != VD_LIFE_RETURNED &&
	    d->life != VD_LIFE_OUT_OF_SERVICE)
		return 0;
	const char *life = d->life == VD_LIFE_HEARD && d->first_heard ? "ready" : "stock";
	int r = vd_dsql_run(w, "UPDATE device SET lifecycle=? WHERE id=?", "ti", life, d->id);
	if (!r)
		r = vd_dirw_history(w, d->id, "registered", 0, 0, vd_lifecycle_name(d->life));
	return r ? r : VD_CH_REGISTERED;
}

static int set_text(struct vd_dirw *w, int64_t device, const char *column, const char *value)
{
	char sql[120];
	if (!*value)
		return 0;
	snprintf(sql, sizeof(sql), "UPDATE device SET %s=?1 WHERE id=?2 AND %s!=?1", column,
		 column); /* column is one of our own words */
	int r = vd_dsql_run(w, sql, "ti", value, device);
	return r ? r : sqlite3_changes(w->db->h) ? VD_CH_FIELDS : 0;
}

static int set_number(struct vd_dirw *w, int64_t device, const char *column, int64_t value)
{
	char sql[120];
	if (value < 0)
		return 0;
	snprintf(sql, sizeof(sql), "UPDATE device SET %s=?1 WHERE id=?2 AND %s!=?1", column,
		 column);
	int r = vd_dsql_run(w, sql, "ii", value, device);
	return r ? r : sqlite3_changes(w->db->h) ? VD_CH_FIELDS : 0;
}

static int set_settings(struct vd_dirw *w, int64_t device, int alarm_button, int64_t supervise_ms)
{
	int a = set_number(w, device, "alarm_button", alarm_button);
	int b = a < 0 ? 0 : set_number(w, device, "supervise_ms", supervise_ms);
	return a < 0 ? a : b < 0 ? b : a | b;
}

/* The names of changed fields go into the history, their values do not: a name may be a person's.
 */
static int update_fields(struct vd_dirw *w, const struct vd_dirw_device *in, const struct dev *d)
{
	const struct {
		const char *column, *value;
	} f[] = {{"name", in->name},
		 {"vendor", in->vendor},
		 {"model", in->model},
		 {"serial", in->serial}};
	char which[80] = "";
	size_t n = 0;
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		int r = set_text(w, d->id, f[i].column, f[i].value);
		if (r < 0)
			return r;
		if (r)
			n += (size_t)snprintf(which + n, sizeof(which) - n, "%s%s", n ? " " : "",
					      f[i].column);
	}
	int r = set_settings(w, d->id, in->alarm_button, in->supervise_ms);
	if (r < 0)
		return r;
	if (!n && !r)
		return 0;
	if (r)
		snprintf(which + n, sizeof(which) - n, "%ssettings", n ? " " : "");
	r = vd_dirw_history(w, d->id, "changed", d->placement, 0, which);
	return r ? r : VD_CH_FIELDS;
}

int vd_dirw_device(struct vd_dirw *w, const struct vd_dirw_device *in, int64_t *ret_id)
{
	struct gw g = {0};
	struct dev d;
	int r = find_gateway(w, in->gateway, &g);
	if (r)
		return r;
	r = find_existing(w, in, &g, &d);
	if (r == VD_ENOTFOUND)
		return insert_device(w, in, &g, ret_id);
	if (!r)
		r = check_serial(w, in, g.muni, d.id);
	if (r)
		return r;
	int a = reregister(w, &d);
	if (a < 0)
		return a;
	int b = update_fields(w, in, &d);
	if (b < 0)
		return b;
	*ret_id = d.id;
	return a | b;
}

/* -- placing ---------------------------------------------------------------------------------- */

static int check_recipient(struct vd_dirw *w, int64_t id, int device_muni)
{
	char number[24];
	int muni = 0;
	int64_t ended = 0;
	sqlite3_stmt *st;
	snprintf(number, sizeof(number), "%lld", (long long)id);
	int r = vd_dsql(w, &st, "SELECT muni, ended_at FROM recipient WHERE id=?", "i", id);
	if (r)
		return r;
	r = vd_dsql_step(w, st);
	if (!r) {
		muni = sqlite3_column_int(st, 0);
		ended = sqlite3_column_int64(st, 1);
	}
	sqlite3_finalize(st);
	/* Another municipality's recipient is nobody to this caller. */
	if (r == VD_ENOTFOUND || (!r && !vd_scope_sees(w->scope, muni)))
		return vd_dirw_refuse(w, VD_ENOTFOUND, VD_REF_RECIPIENT_UNKNOWN, number, NULL);
	if (r)
		return r;
	if (muni != device_muni)
		return vd_dirw_refuse_other(w, device_muni);
	if (ended) {
		r = vd_dirw_refuse(w, VD_ESTATE, VD_REF_RECIPIENT_ENDED, number, NULL);
		w->why.since_ms = ended;
	}
	return r;
}

static int set_rules(struct vd_dirw *w, int64_t placement, const struct vd_dirw_place *p)
{
	int changed = 0;
	if (p->alarm_on_open != VD_UNSTATED) {
		int r = vd_dsql_run(w,
				    "UPDATE placement SET alarm_on_open=?1 WHERE id=?2 AND "
				    "alarm_on_open!=?1",
				    "ii", (int64_t)p->alarm_on_open, placement);
		if (r)
			return r;
		changed |= sqlite3_changes(w->db->h);
	}
	if (p->night_from_min != VD_UNSTATED) {
		int r = vd_dsql_run(w,
				    "UPDATE placement SET night_from_min=?1, night_to_min=?2 WHERE "
				    "id=?3 AND (night_from_min!=?1 OR night_to_min!=?2)",
				    "iii", (int64_t)p->night_from_min, (int64_t)p->night_to_min,
				    placement);
		if (r)
			return r;
		changed |= sqlite3_changes(w->db->h);
	}
	return changed ? VD_CH_RULES : 0;
}

/* -- who lives there too ---------------------------------------------------------------------- */

static int check_also(struct vd_dirw *w, const struct vd_dirw_place *p, int device_muni)
{
	for (size_t i = 0; p->also && p->also[i]; i++) {
		int r = i < VD_MAX_ALSO ? check_recipient(w, p->also[i], device_muni) : VD_ELIMIT;
		if (r)
			return r;
	}
	return 0;
}

/* Exactly these; the first is not told twice. VD_CH_RULES when something changed. */
static int set_also(struct vd_dirw *w, int64_t placement, const struct vd_dirw_place *p)
{
	char keep[VD_MAX_ALSO * 22 + 2] = "0";
	size_t n = 1;
	int added = 0;
	if (!p->also)
		return 0;
	for (size_t i = 0; i < VD_MAX_ALSO && p->also[i]; i++) {
		if (p->also[i] == p->recipient)
			continue;
		n += (size_t)snprintf(keep + n, sizeof(keep) - n, ",%lld", (long long)p->also[i]);
		int r = vd_dsql_run(w, "INSERT OR IGNORE INTO placement_recipient VALUES (?,?)",
				    "ii", placement, p->also[i]);
		if (r)
			return r;
		added += sqlite3_changes(w->db->h);
	}
	char sql[200]; /* numbers of our own making */
	snprintf(sql, sizeof(sql),
		 "DELETE FROM placement_recipient WHERE placement=? AND recipient NOT IN (%s)",
		 keep);
	int r = vd_dsql_run(w, sql, "i", placement);
	return r ? r : added || sqlite3_changes(w->db->h) ? VD_CH_RULES : 0;
}

/* Moved within the home: the same people, unless told otherwise. */
static int take_along(struct vd_dirw *w, int64_t from, int64_t to, const struct vd_dirw_place *p)
{
	if (p->also || !from || from == to)
		return 0;
	return vd_dsql_run(w,
			   "INSERT OR IGNORE INTO placement_recipient SELECT ?1, recipient FROM "
			   "placement_recipient WHERE placement=?2",
			   "ii", to, from);
}

/* An empty open placement for the same person, room and purpose goes on; else a new one. */
static int get_placement(struct vd_dirw *w, const struct dev *d, const struct vd_dirw_place *p,
			 int64_t *ret)
{
	int r = vd_dsql_int(w, ret,
			    "SELECT id FROM placement p WHERE recipient=? AND room=? AND purpose=? "
			    "AND ended_at=0 AND NOT EXISTS (SELECT 1 FROM device WHERE "
			    "placement=p.id) ORDER BY id DESC LIMIT 1",
			    "itt", p->recipient, p->room, p->purpose);
	if (r != VD_ENOTFOUND)
		return r;
	r = vd_dsql_run(w,
			"INSERT INTO placement (recipient, muni, room, purpose) VALUES (?,?,?,?)",
			"iitt", p->recipient, (int64_t)d->muni, p->room, p->purpose);
	if (!r)
		*ret = sqlite3_last_insert_rowid(w->db->h);
	return r;
}

/* A placement without a device in it is over. */
static int end_placement(struct vd_dirw *w, int64_t placement)
{
	return vd_dsql_run(
		w,
		"UPDATE placement SET ended_at=? WHERE id=? AND ended_at=0 AND NOT EXISTS "
		"(SELECT 1 FROM device WHERE placement=?2)",
		"ii", w->now_ms, placement);
}

static int put_into(struct vd_dirw *w, const struct dev *d, int64_t placement)
{
	return vd_dsql_run(w, "UPDATE device SET placement=?, lifecycle='in_use' WHERE id=?", "ii",
			   placement, d->id);
}

static int place_anew(struct vd_dirw *w, const struct dev *d, const struct vd_dirw_place *p)
{
	int64_t placement = 0;
	int r = get_placement(w, d, p, &placement);
	if (!r)
		r = put_into(w, d, placement);
	if (!r && d->placement)
		r = end_placement(w, d->placement);
	if (!r)
		r = vd_dirw_history(w, d->id, d->placement ? "moved" : "placed", placement, 0,
				    NULL);
	if (!r)
		r = take_along(w, d->placement, placement, p);
	if (r)
		return r;
	r = set_rules(w, placement, p);
	if (r >= 0)
		r = set_also(w, placement, p);
	return r < 0 ? r : d->placement ? VD_CH_MOVED : VD_CH_PLACED;
}

static int keep_placed(struct vd_dirw *w, const struct dev *d, const struct vd_dirw_place *p)
{
	int r = set_rules(w, d->placement, p);
	int a = r < 0 ? 0 : set_also(w, d->placement, p);
	r = r < 0 ? r : a < 0 ? a : r | a;
	if (r > 0) {
		int h = vd_dirw_history(w, d->id, "rules", d->placement, 0, NULL);
		if (h)
			return h;
	}
	return r;
}

int vd_dirw_place(struct vd_dirw *w, int64_t device, const struct vd_dirw_place *p)
{
	struct dev d;
	int change, more = 0, test = 0;
	int r = dev_by_id(w, device, &d);
	if (r)
		return r;
	if (d.life == VD_LIFE_SCRAPPED)
		return vd_dirw_refuse(w, VD_ESTATE, VD_REF_SCRAPPED, d.identity, NULL);
	if (d.placement && d.recipient != p->recipient)
		return refuse_in_use(w, &d);
	r = check_recipient(w, p->recipient, d.muni);
	if (!r)
		r = check_also(w, p, d.muni);
	if (r)
		return r;
	bool same = d.placement && !strcmp(d.room, p->room) && !strcmp(d.purpose, p->purpose);
	change = same ? keep_placed(w, &d, p) : place_anew(w, &d, p);
	if (change >= 0)
		more = set_settings(w, d.id, p->alarm_button, p->supervise_ms);
	if (change >= 0 && more >= 0 && p->test_ms > 0)
		test = vd_dirw_test(w, d.id, p->test_ms);
	return change < 0 ? change : more < 0 ? more : test < 0 ? test : change | more | test;
}

/* -- swap, return, test ----------------------------------------------------------------------- */

static int check_swap(struct vd_dirw *w, const struct dev *o, const struct dev *n)
{
	if (o->id == n->id)
		return vd_dirw_refuse(w, VD_EINVAL, VD_REF_SAME_DEVICE, NULL, NULL);
	if (n->muni != o->muni)
		return vd_dirw_refuse_other(w, n->muni);
	if (!o->placement)
		return vd_dirw_refuse(w, VD_ESTATE, VD_REF_NOT_PLACED, o->identity, NULL);
	if (n->placement)
		return refuse_in_use(w, n);
	if (n->life == VD_LIFE_SCRAPPED)
		return vd_dirw_refuse(w, VD_ESTATE, VD_REF_SCRAPPED, n->identity, NULL);
	return 0;
}

int vd_dirw_swap(struct vd_dirw *w, int64_t old, int64_t fresh)
{
	struct dev o, n;
	int r = dev_by_id(w, old, &o);
	if (!r)
		r = dev_by_id(w, fresh, &n);
	if (!r)
		r = check_swap(w, &o, &n);
	if (!r)
		r = put_into(w, &n, o.placement);
	if (!r)
		r = vd_dsql_run(
			w,
			"UPDATE device SET alarm_button=max(alarm_button,?), supervise_ms=? "
			"WHERE id=?",
			"iii", (int64_t)o.alarm_button, o.supervise_ms, n.id);
	if (!r)
		r = vd_dsql_run(w,
				"UPDATE device SET placement=0, lifecycle='out_of_service', "
				"alarm_button=0, supervise_ms=0, test_until=0 WHERE id=?",
				"i", o.id);
	if (!r)
		r = vd_dirw_history(w, o.id, "swapped_out", o.placement, n.id, NULL);
	if (!r)
		r = vd_dirw_history(w, n.id, "swapped_in", o.placement, o.id, NULL);
	return r ? r : VD_CH_SWAPPED;
}

int vd_dirw_return(struct vd_dirw *w, int64_t device)
{
	struct dev d;
	int r = dev_by_id(w, device, &d);
	if (r)
		return r;
	if (d.life == VD_LIFE_SCRAPPED)
		return vd_dirw_refuse(w, VD_ESTATE, VD_REF_SCRAPPED, d.identity, NULL);
	if (d.life == VD_LIFE_RETURNED && !d.placement)
		return 0;
	/* The name goes too: it is often the person's. The gateway tells its own again. */
	r = vd_dsql_run(
		w,
		"UPDATE device SET placement=0, lifecycle='returned', name='', alarm_button=0, "
		"supervise_ms=0, test_until=0 WHERE id=?",
		"i", d.id);
	if (!r && d.placement)
		r = end_placement(w, d.placement);
	if (!r)
		r = vd_dirw_history(w, d.id, "returned", d.placement, 0, NULL);
	return r ? r : VD_CH_RETURNED;
}

int vd_dirw_test(struct vd_dirw *w, int64_t device, int64_t test_ms)
{
	struct dev d;
	char minutes[32];
	int r = dev_by_id(w, device, &d);
	if (r)
		return r;
	if (d.life == VD_LIFE_SCRAPPED)
		return vd_dirw_refuse(w, VD_ESTATE, VD_REF_SCRAPPED, d.identity, NULL);
	if (test_ms == 0 && d.test_until <= w->now_ms)
		return 0;
	r = vd_dsql_run(w, "UPDATE device SET test_until=? WHERE id=?", "ii",
			test_ms ? w->now_ms + test_ms : 0, d.id);
	snprintf(minutes, sizeof(minutes), "%lld min", (long long)(test_ms / 60000));
	if (!r)
		r = vd_dirw_history(w, d.id, test_ms ? "test" : "test_ended", d.placement, 0,
				    minutes);
	return r ? r : VD_CH_TEST;
}
