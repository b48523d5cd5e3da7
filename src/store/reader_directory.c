/* SPDX-License-Identifier: EUPL-1.2 */
/* A snapshot of the directory tables in one read transaction. */
#include "store/reader.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>
#include <time.h>

static const char *word(struct vd_directory *d, sqlite3_stmt *st, int col, bool *bad)
{
	const char *s = vd_directory_str(d, (const char *)sqlite3_column_text(st, col));
	if (!s)
		*bad = true;
	return s;
}

/* Reads every row of `query` into an array of the size counted first. */
typedef void (*row_fn)(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad);

static int load(struct vd_reader *r, struct vd_directory *d, const char *query, size_t size,
		void **ret_list, size_t *ret_n, row_fn fn)
{
	struct vd_errtext e;
	sqlite3_stmt *st = vd_db_prepare(r->db, query, &e);
	char *list = NULL;
	size_t n = 0, cap = 0;
	bool bad = !st;
	int rc = SQLITE_DONE;
	while (!bad && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (n == cap) {
			cap = cap ? cap * 2 : 16;
			char *more = vd_realloc(list, cap * size);
			if (!more)
				break;
			list = more;
		}
		memset(list + n * size, 0, size);
		fn(d, st, list + n * size, &bad);
		n++;
	}
	sqlite3_finalize(st);
	*ret_list = list;
	*ret_n = n;
	return bad || rc != SQLITE_DONE ? (st ? VD_ENOMEM : VD_EIO) : 0;
}

#define I(col) sqlite3_column_int64(st, col)
#define S(col) word(d, st, col, bad)

static void row_muni(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	*(struct vd_municipality *)row = (struct vd_municipality){.number = (int)I(0),
								  .name = S(1),
								  .language = S(2),
								  .escalate1_ms = I(3),
								  .escalate2_ms = I(4),
								  .ack_timeout_ms = I(5),
								  .travel_remind_ms = I(6),
								  .repeat_window_ms = I(7),
								  .test_days = (int)I(8)};
}

static void row_gateway(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	struct vd_gateway *g = row;
	*g = (struct vd_gateway){.id = I(0),
				 .muni = (int)I(1),
				 .name = S(2),
				 .user = S(3),
				 .cert_sha256 = S(5),
				 .disabled = I(6),
				 .sip_realm = S(7)};
	if (sqlite3_column_bytes(st, 4) == sizeof(g->secret_sha256))
		memcpy(g->secret_sha256, sqlite3_column_blob(st, 4), sizeof(g->secret_sha256));
	else
		g->disabled = true; /* no secret, no entry */
	if (sqlite3_column_bytes(st, 8) == sizeof(g->sip_ha1_md5))
		memcpy(g->sip_ha1_md5, sqlite3_column_blob(st, 8), sizeof(g->sip_ha1_md5));
	else
		g->sip_realm = "";
	g->sip_sha256 = sqlite3_column_bytes(st, 9) == sizeof(g->sip_ha1_sha256);
	if (g->sip_sha256)
		memcpy(g->sip_ha1_sha256, sqlite3_column_blob(st, 9), sizeof(g->sip_ha1_sha256));
}

static void row_binding(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	*(struct vd_binding *)row = (struct vd_binding){
		.id = I(0), .gateway = I(1), .family = S(2), .prefix = S(3), .config = S(4)};
}

static void row_device(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	int life = vd_lifecycle_parse(vd_span_cstr((const char *)sqlite3_column_text(st, 9)));
	*(struct vd_device *)row =
		(struct vd_device){.id = I(0),
				   .gateway = I(1),
				   .muni = (int)I(2),
				   .family = S(3),
				   .identity = S(4),
				   .name = S(5),
				   .vendor = S(6),
				   .model = S(7),
				   .serial = S(8),
				   .lifecycle = life < 0 ? VD_LIFE_HEARD : (enum vd_lifecycle)life,
				   .placement = I(10),
				   .supervise_ms = I(11),
				   .alarm_button = I(12),
				   .test_until_ms = I(13),
				   .features = S(14)};
}

static void row_placement(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	*(struct vd_placement *)row = (struct vd_placement){.id = I(0),
							    .recipient = I(1),
							    .muni = (int)I(2),
							    .room = S(3),
							    .purpose = S(4),
							    .alarm_on_open = I(5),
							    .night_from_min = (int)I(6),
							    .night_to_min = (int)I(7)};
}

static void row_recipient(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	*(struct vd_recipient *)row = (struct vd_recipient){.id = I(0),
							    .muni = (int)I(1),
							    .name = S(2),
							    .address = S(3),
							    .floor = S(4),
							    .key_note = S(5),
							    .phone = S(6),
							    .alarm_limit = ""};
}

static void row_staff(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	*(struct vd_staff *)row = (struct vd_staff){.id = I(0),
						    .muni = (int)I(1),
						    .user = S(2),
						    .name = S(3),
						    .phone = S(4),
						    .language = S(5),
						    .roles = (unsigned)I(6),
						    .password = S(7),
						    .disabled = I(8)};
}

static void row_shift(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	(void)d;
	(void)bad;
	*(struct vd_shift *)row = (struct vd_shift){.id = I(0),
						    .muni = (int)I(1),
						    .staff = I(2),
						    .level = (int)I(3),
						    .from_ms = I(4),
						    .to_ms = I(5)};
}

static void row_order(struct vd_directory *d, sqlite3_stmt *st, void *row, bool *bad)
{
	*(struct vd_order *)row = (struct vd_order){.id = S(0),
						    .device = I(1),
						    .staff = I(2),
						    .created_ms = I(3),
						    .verb = S(4),
						    .minutes = (int)I(5)};
}

#define LOAD(array, query, fn)                                                                     \
	(err ? err : load(r, d, query, sizeof(*d->array), (void **)&d->array, &d->n_##array, fn))

static int load_all(struct vd_reader *r, struct vd_directory *d)
{
	int err = 0;
	err = LOAD(
		munis,
		"SELECT number, name, language, escalate1_ms, escalate2_ms, ack_timeout_ms,"
		" travel_remind_ms, repeat_window_ms, test_days FROM municipality ORDER BY number",
		row_muni);
	err = LOAD(gateways,
		   "SELECT id, muni, name, user, secret_sha256, cert_sha256, disabled,"
		   " coalesce(realm,''), ha1_md5, ha1_sha256 FROM gateway"
		   " LEFT JOIN sip_account ON sip_account.gateway = gateway.id ORDER BY id",
		   row_gateway);
	err = LOAD(bindings, "SELECT id, gateway, family, prefix, config FROM binding ORDER BY id",
		   row_binding);
	err = LOAD(devices,
		   "SELECT id, gateway, muni, family, identity, name, vendor, model, serial,"
		   " lifecycle, placement, supervise_ms, alarm_button, test_until, features FROM"
		   " device"
		   " ORDER BY id",
		   row_device);
	err = LOAD(placements,
		   "SELECT id, recipient, muni, room, purpose, alarm_on_open, night_from_min,"
		   " night_to_min FROM placement ORDER BY id",
		   row_placement);
	err = LOAD(
		recipients,
		"SELECT id, muni, name, address, floor, key_note, phone FROM recipient ORDER BY id",
		row_recipient);
	err = LOAD(
		staff,
		"SELECT id, muni, user, name, phone, language, roles, password, disabled FROM staff"
		" ORDER BY id",
		row_staff);
	int64_t now = r->now_ms ? r->now_ms : (int64_t)time(NULL) * 1000;
	char shifts[160];
	snprintf(shifts, sizeof(shifts),
		 "SELECT id, muni, staff, level, from_t, to_t FROM shift WHERE to_t > %lld"
		 " ORDER BY from_t, id",
		 (long long)(now - 2 * VD_DAY_MS));
	err = LOAD(shifts, shifts, row_shift);
	err = LOAD(orders,
		   "SELECT id, device, staff, created_at, verb, minutes FROM command"
		   " WHERE ended_at = 0 AND state = 'asked' ORDER BY created_at LIMIT 100",
		   row_order);
	return err;
}

static int load_scopes(struct vd_reader *r, struct vd_directory *d)
{
	struct vd_errtext e;
	sqlite3_stmt *st = vd_db_prepare(
		r->db, "SELECT staff, muni FROM staff_scope ORDER BY staff, muni", &e);
	if (!st)
		return VD_EIO;
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct vd_staff *s = vd_dir_staff(d, I(0));
		int i = 0;
		while (s && i < 15 && s->scope[i])
			i++;
		if (s && i < 15)
			s->scope[i] = (int)I(1);
	}
	return sqlite3_finalize(st) == SQLITE_OK ? 0 : VD_EIO;
}

static int load_also(struct vd_reader *r, struct vd_directory *d)
{
	struct vd_errtext e;
	sqlite3_stmt *st = vd_db_prepare(r->db,
					 "SELECT placement, recipient FROM placement_recipient "
					 "ORDER BY placement, recipient",
					 &e);
	if (!st)
		return VD_EIO;
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct vd_placement *p = vd_dir_placement(d, I(0));
		int i = 0;
		while (p && i < VD_MAX_ALSO && p->also[i])
			i++;
		if (p && i < VD_MAX_ALSO)
			p->also[i] = I(1);
	}
	return sqlite3_finalize(st) == SQLITE_OK ? 0 : VD_EIO;
}

int vd_reader_directory_version(struct vd_reader *r, int64_t *ret)
{
	struct vd_errtext e;
	sqlite3_stmt *st =
		vd_db_prepare(r->db, "SELECT value FROM meta WHERE name = 'directory_version'", &e);
	if (!st)
		return VD_EIO;
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : VD_EIO;
}

int vd_reader_directory(struct vd_reader *r, struct vd_directory **ret)
{
	struct vd_directory *d = vd_calloc(1, sizeof(*d));
	if (!d)
		return VD_ENOMEM;
	bool own = sqlite3_get_autocommit(r->db->h);
	int err = own ? vd_db_exec(r->db, "BEGIN", NULL) : 0;
	if (!err)
		err = vd_reader_directory_version(r, &d->version);
	if (!err)
		err = load_all(r, d);
	if (!err)
		err = vd_directory_index(d);
	if (!err)
		err = load_scopes(r, d);
	if (!err)
		err = load_also(r, d);
	if (own)
		vd_db_exec(r->db, "COMMIT", NULL);
	if (err) {
		vd_directory_free(d);
		return err;
	}
	*ret = d;
	return 0;
}
