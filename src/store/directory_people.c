/* SPDX-License-Identifier: EUPL-1.2 */
/* Municipalities, recipients, gateways and staff: the other half of directory_write.h. A gateway's
 * and a person's user name is unique over the whole installation. Any one thread. */
#include "base/clock.h"
#include "base/limits.h"
#include "store/directory_int.h"
#include <stdio.h>

#define SHIFT_MAX_MS (14 * VD_DAY_MS) /* longer is a mistyped date, not a shift */

static int need_muni(struct vd_dirw *w, int muni)
{
	char number[16];
	int64_t one;
	int r = vd_dsql_int(w, &one, "SELECT number FROM municipality WHERE number=?", "i",
			    (int64_t)muni);
	if (r == VD_ENOTFOUND || (!r && !vd_scope_sees(w->scope, muni))) {
		snprintf(number, sizeof(number), "%d", muni);
		return vd_dirw_refuse(w, VD_ENOTFOUND, VD_REF_MUNI_UNKNOWN, number, NULL);
	}
	return r;
}

int vd_dirw_municipality(struct vd_dirw *w, int number, const char *name, const char *language)
{
	char a[16];
	int r = vd_dsql_run(w, "INSERT INTO municipality (number, name, language) VALUES (?,?,?)",
			    "itt", (int64_t)number, name, language);
	if (r == VD_EEXIST) {
		snprintf(a, sizeof(a), "%d", number);
		return vd_dirw_refuse(w, r, VD_REF_MUNI_EXISTS, a, NULL);
	}
	return r ? r : VD_CH_NEW;
}

int vd_dirw_municipality_times(struct vd_dirw *w, int number, const struct vd_dirw_times *t)
{
	const struct {
		const char *column;
		int64_t value;
	} f[] = {{"escalate1_ms", t->escalate1_ms},
		 {"escalate2_ms", t->escalate2_ms},
		 {"ack_timeout_ms", t->ack_timeout_ms},
		 {"travel_remind_ms", t->travel_remind_ms},
		 {"repeat_window_ms", t->repeat_window_ms},
		 {"test_days", t->test_days}};
	int changed = 0, r = need_muni(w, number);
	for (size_t i = 0; !r && i < sizeof(f) / sizeof(f[0]); i++) {
		char sql[120];
		if (f[i].value < 0)
			continue;
		snprintf(sql, sizeof(sql),
			 "UPDATE municipality SET %s=?1 WHERE number=?2 AND %s!=?1", f[i].column,
			 f[i].column);
		r = vd_dsql_run(w, sql, "ii", f[i].value, (int64_t)number);
		changed += r ? 0 : sqlite3_changes(w->db->h);
	}
	return r ? r : changed ? VD_CH_OTHER : 0;
}

int vd_dirw_recipient(struct vd_dirw *w, const struct vd_dirw_recipient *in, int64_t *ret_id)
{
	int r = need_muni(w, in->muni);
	if (!r)
		r = vd_dsql_run(w,
				"INSERT INTO recipient (muni, name, national_id, address, floor, "
				"key_note, phone) VALUES (?,?,?,?,?,?,?)",
				"itttttt", (int64_t)in->muni, in->name, in->national_id,
				in->address, in->floor, in->key_note, in->phone);
	if (r)
		return r;
	*ret_id = sqlite3_last_insert_rowid(w->db->h);
	return VD_CH_NEW;
}

/* -- gateways --------------------------------------------------------------------------------- */

int vd_dirw_gateway(struct vd_dirw *w, int muni, const char *user, const char *name,
		    const uint8_t secret_sha256[32], const char *cert_sha256, int64_t *ret_id)
{
	char max[16];
	int64_t n = 0;
	int r = need_muni(w, muni);
	if (!r)
		r = vd_dsql_int(w, &n, "SELECT count(*) FROM gateway", "");
	if (!r && n >= VD_MAX_GATEWAYS) {
		snprintf(max, sizeof(max), "%d", VD_MAX_GATEWAYS);
		return vd_dirw_refuse(w, VD_ELIMIT, VD_REF_TOO_MANY, max, NULL);
	}
	if (!r)
		r = vd_dsql_run(
			w,
			"INSERT INTO gateway (muni, name, user, secret_sha256, cert_sha256) "
			"VALUES (?,?,?,?,?)",
			"ittbt", (int64_t)muni, name, user, (const void *)secret_sha256, 32,
			cert_sha256);
	if (r == VD_EEXIST)
		return vd_dirw_refuse(w, r, VD_REF_GATEWAY_EXISTS, user, NULL);
	if (r)
		return r;
	*ret_id = sqlite3_last_insert_rowid(w->db->h);
	return VD_CH_NEW;
}

static int gateway_id(struct vd_dirw *w, const char *user, int64_t *ret)
{
	int64_t muni;
	int r = vd_dsql_int(w, ret, "SELECT id FROM gateway WHERE user=?", "t", user);
	if (!r)
		r = vd_dsql_int(w, &muni, "SELECT muni FROM gateway WHERE user=?", "t", user);
	if (r == VD_ENOTFOUND)
		return vd_dirw_refuse(w, r, VD_REF_GATEWAY_UNKNOWN, user, NULL);
	if (!r && !vd_scope_sees(w->scope, (int)muni))
		return vd_dirw_refuse_other(w, (int)muni);
	return r;
}

int vd_dirw_binding(struct vd_dirw *w, const char *gateway, const char *family, const char *prefix,
		    const char *config)
{
	int64_t id = 0;
	int r = gateway_id(w, gateway, &id);
	if (!r)
		r = vd_dsql_run(w,
				"INSERT INTO binding (gateway, family, prefix, config) VALUES "
				"(?1,?2,?3,?4) ON CONFLICT (gateway, family, prefix) DO UPDATE SET "
				"config=?4 WHERE config!=?4",
				"ittt", id, family, prefix, config);
	return r ? r : sqlite3_changes(w->db->h) ? VD_CH_OTHER : 0;
}

int vd_dirw_gateway_secret(struct vd_dirw *w, const char *user, const uint8_t secret_sha256[32])
{
	int64_t id = 0;
	int r = gateway_id(w, user, &id);
	if (!r)
		r = vd_dsql_run(w, "UPDATE gateway SET secret_sha256=?, disabled=0 WHERE id=?",
				"bi", (const void *)secret_sha256, 32, id);
	return r ? r : VD_CH_OTHER;
}

int vd_dirw_sip_account(struct vd_dirw *w, const char *user, const char *realm,
			const uint8_t ha1_md5[16], const uint8_t ha1_sha256[32])
{
	int64_t id = 0;
	int r = gateway_id(w, user, &id);
	if (!r)
		r = vd_dsql_run(w,
				"INSERT OR REPLACE INTO sip_account (gateway, realm, ha1_md5, "
				"ha1_sha256) VALUES (?,?,?,?)",
				"itbb", id, realm, (const void *)ha1_md5, 16,
				(const void *)(ha1_sha256 ? ha1_sha256 : (const uint8_t *)""),
				ha1_sha256 ? 32 : 0);
	return r ? r : VD_CH_OTHER;
}

int vd_dirw_sip_account_get(struct vd_dirw *w, const char *user, char ret_realm[64],
			    bool *ret_sha256)
{
	int64_t id = 0, length = 0;
	int r = gateway_id(w, user, &id);
	if (!r)
		r = vd_dsql_text(w, ret_realm, 64, "SELECT realm FROM sip_account WHERE gateway=?",
				 "i", id);
	if (r == VD_ENOTFOUND && !w->why.what)
		return 0;
	if (!r)
		r = vd_dsql_int(w, &length,
				"SELECT length(ha1_sha256) FROM sip_account WHERE gateway=?", "i",
				id);
	*ret_sha256 = length == 32;
	return r ? r : 1;
}

int vd_dirw_gateway_revoke(struct vd_dirw *w, const char *user)
{
	int64_t id = 0;
	int r = gateway_id(w, user, &id);
	if (!r)
		r = vd_dsql_run(w, "DELETE FROM sip_account WHERE gateway=?", "i", id);
	if (!r)
		r = vd_dsql_run(w,
				"UPDATE gateway SET disabled=1, secret_sha256=zeroblob(32), "
				"cert_sha256='' WHERE id=? AND disabled=0",
				"i", id);
	return r ? r : sqlite3_changes(w->db->h) ? VD_CH_OTHER : 0;
}

/* -- staff ------------------------------------------------------------------------------------ */

static int set_scope(struct vd_dirw *w, int64_t staff, int employer, const int munis[16])
{
	int r = vd_dsql_run(w, "DELETE FROM staff_scope WHERE staff=?", "i", staff);
	if (!r)
		r = vd_dsql_run(w, "INSERT INTO staff_scope VALUES (?,?)", "ii", staff,
				(int64_t)employer);
	for (size_t i = 0; !r && i < 16 && munis[i]; i++) {
		r = need_muni(w, munis[i]);
		if (!r)
			r = vd_dsql_run(w, "INSERT OR IGNORE INTO staff_scope VALUES (?,?)", "ii",
					staff, (int64_t)munis[i]);
	}
	return r;
}

int vd_dirw_staff(struct vd_dirw *w, const struct vd_dirw_staff *in, int64_t *ret_id)
{
	int r = need_muni(w, in->muni);
	if (!r)
		r = vd_dsql_run(
			w,
			"INSERT INTO staff (muni, user, name, phone, language, roles, password)"
			" VALUES (?,?,?,?,?,?,?)",
			"itttt"
			"it",
			(int64_t)in->muni, in->user, in->name, in->phone, in->language,
			(int64_t)in->roles, in->password);
	if (r == VD_EEXIST)
		return vd_dirw_refuse(w, r, VD_REF_STAFF_EXISTS, in->user, NULL);
	if (r)
		return r;
	int64_t id = sqlite3_last_insert_rowid(w->db->h);
	r = set_scope(w, id, in->muni, in->scope);
	if (r)
		return r;
	*ret_id = id;
	return VD_CH_NEW;
}

struct person {
	int64_t id;
	int muni;
	bool disabled;
};

static int find_staff(struct vd_dirw *w, const char *user, struct person *ret)
{
	sqlite3_stmt *st;
	int r = vd_dsql(w, &st, "SELECT id, muni, disabled FROM staff WHERE user=?", "t", user);
	if (r)
		return r;
	r = vd_dsql_step(w, st);
	if (!r)
		*ret = (struct person){sqlite3_column_int64(st, 0), sqlite3_column_int(st, 1),
				       sqlite3_column_int(st, 2) != 0};
	sqlite3_finalize(st);
	if (r == VD_ENOTFOUND || (!r && !vd_scope_sees(w->scope, ret->muni)))
		return vd_dirw_refuse(w, VD_ENOTFOUND, VD_REF_STAFF_UNKNOWN, user, NULL);
	return r;
}

int vd_dirw_staff_scope(struct vd_dirw *w, const char *user, const int munis[16])
{
	struct person p = {0};
	int r = find_staff(w, user, &p);
	if (!r)
		r = set_scope(w, p.id, p.muni, munis);
	return r ? r : VD_CH_OTHER;
}

int vd_dirw_staff_password(struct vd_dirw *w, const char *user, const char *encoded)
{
	struct person p = {0};
	int r = find_staff(w, user, &p);
	if (!r)
		r = vd_dsql_run(w, "UPDATE staff SET password=? WHERE id=?", "ti", encoded, p.id);
	return r ? r : VD_CH_OTHER;
}

int vd_dirw_staff_disable(struct vd_dirw *w, const char *user, bool disabled)
{
	struct person p = {0};
	int r = find_staff(w, user, &p);
	if (r)
		return r;
	if (p.disabled == disabled)
		return 0;
	r = vd_dsql_run(w, "UPDATE staff SET disabled=? WHERE id=?", "ii", (int64_t)disabled, p.id);
	return r ? r : VD_CH_OTHER;
}

static int check_shift(struct vd_dirw *w, const struct person *p, const char *user, int muni)
{
	char number[16];
	int64_t one;
	if (p->disabled)
		return vd_dirw_refuse(w, VD_ESTATE, VD_REF_STAFF_DISABLED, user, NULL);
	int r = need_muni(w, muni);
	if (r)
		return r;
	r = vd_dsql_int(w, &one, "SELECT 1 FROM staff_scope WHERE staff=? AND muni=?", "ii", p->id,
			(int64_t)muni);
	if (r != VD_ENOTFOUND)
		return r;
	snprintf(number, sizeof(number), "%d", muni);
	return vd_dirw_refuse(w, VD_EDENIED, VD_REF_STAFF_SCOPE, user, number);
}

int vd_dirw_shift(struct vd_dirw *w, const char *user, int muni, int level, int64_t from_ms,
		  int64_t to_ms, int64_t *ret_id)
{
	struct person p = {0};
	int r = find_staff(w, user, &p);
	if (!r)
		r = check_shift(w, &p, user, muni);
	if (!r && (to_ms <= from_ms || to_ms - from_ms > SHIFT_MAX_MS))
		return vd_dirw_refuse(w, VD_EINVAL, VD_REF_SHIFT_TIMES, NULL, NULL);
	if (r)
		return r;
	r = vd_dsql_int(
		w, ret_id,
		"SELECT id FROM shift WHERE staff=? AND muni=? AND level=? AND from_t=? AND "
		"to_t=?",
		"iiiii", p.id, (int64_t)muni, (int64_t)level, from_ms, to_ms);
	if (r != VD_ENOTFOUND)
		return r; /* found: it was there already */
	r = vd_dsql_run(w,
			"INSERT INTO shift (muni, staff, level, from_t, to_t) VALUES (?,?,?,?,?)",
			"iiiii", (int64_t)muni, p.id, (int64_t)level, from_ms, to_ms);
	if (r)
		return r;
	*ret_id = sqlite3_last_insert_rowid(w->db->h);
	return VD_CH_NEW;
}

/* -- looks at personal data ------------------------------------------------------------------- */

/* Its own transaction: reading is no change of the directory. */
int vd_dirw_looked(struct vd_dirw *w, const char *what, const struct vd_dirw_look *looks, size_t n)
{
	w->err = (struct vd_errtext){0};
	if (!n)
		return 0;
	int r = vd_db_begin(w->db, &w->err);
	if (r)
		return r;
	for (size_t i = 0; !r && i < n; i++)
		r = vd_dsql_run(w,
				"INSERT INTO access_log (at, muni, staff, recipient, what, alarm) "
				"VALUES (?,?,?,?,?,'')",
				"iiiit", w->now_ms, (int64_t)looks[i].muni, w->staff,
				looks[i].recipient, what);
	if (!r)
		r = vd_db_commit(w->db, &w->err);
	if (r)
		vd_db_rollback(w->db);
	return r;
}
