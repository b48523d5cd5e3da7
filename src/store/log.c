/* SPDX-License-Identifier: EUPL-1.2 */
/* The Merkle logs beside the journal: loaded at start from the frontier kept with each checkpoint
 * and the rows after it, signed now and then, published to files outside the database. */
#include "base/mem.h"
#include "store/apply_int.h"
#include <stdio.h>
#include <stdlib.h>

/* meta row "frontier/<muni>": "<size> <hex of each level whose bit is set>". */
static void frontier_write(const struct log_state *l, struct vd_buf *b)
{
	vd_buf_printf(b, "%llu", (unsigned long long)l->tree.size);
	for (int i = 0; i < 64; i++) {
		if (!(l->tree.size >> i & 1))
			continue;
		vd_buf_add_char(b, ' ');
		for (int k = 0; k < VD_HASH_BYTES; k++)
			vd_buf_printf(b, "%02x", l->tree.level[i][k]);
	}
}

static bool hex_read(struct vd_span s, uint8_t ret[VD_HASH_BYTES])
{
	if (s.n != 2 * VD_HASH_BYTES)
		return false;
	for (size_t i = 0; i < VD_HASH_BYTES; i++) {
		char two[3] = {s.p[2 * i], s.p[2 * i + 1], 0}, *end;
		ret[i] = (uint8_t)strtoul(two, &end, 16);
		if (*end)
			return false;
	}
	return true;
}

static bool frontier_read(const char *text, struct log_state *l)
{
	struct vd_span rest = vd_span_cstr(text), part;
	char *end;
	uint64_t size = strtoull(text, &end, 10);
	struct vd_merkle t = {.size = size};
	(void)vd_span_next(&rest, ' ', &part);
	for (int i = 0; i < 64; i++)
		if (size >> i & 1 &&
		    (!vd_span_next(&rest, ' ', &part) || !hex_read(part, t.level[i])))
			return false;
	l->tree = t;
	l->signed_size = size;
	return true;
}

/* A tree that was read halfway would number its next leaves wrongly. */
static int ended(sqlite3_stmt *st, int r, struct vd_apply *a, struct vd_errtext *e)
{
	int rc = sqlite3_finalize(st);
	if (r || rc == SQLITE_OK)
		return r;
	return vd_errtext(e, vd_db_err(rc) ? vd_db_err(rc) : VD_EIO,
			  "the journal cannot be read to its end",
			  "restore the newest backup beside it; do not delete it", "%s: %s",
			  a->db->path, sqlite3_errmsg(a->db->h));
}

static int load_frontiers(struct vd_apply *a, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(
		a->db, "SELECT substr(name, 10), value FROM meta WHERE name GLOB 'frontier/*'", e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		struct log_state *l = apply_log(a, sqlite3_column_int(st, 0));
		if (!l || !frontier_read((const char *)sqlite3_column_text(st, 1), l))
			r = vd_errtext(e, VD_ECORRUPT, "the journal's frontier is not readable",
				       "run varde verify on this database", "%s", a->db->path);
	}
	return ended(st, r, a, e);
}

/* Rows after the last checkpoint: few, since one is signed at least every minute. The journal row
 * up to which all frontiers reach is kept as meta "frontier_seq". */
static int load_tail(struct vd_apply *a, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(a->db,
					 "SELECT seq, muni, idx, leaf FROM journal WHERE seq > "
					 "coalesce((SELECT value FROM meta"
					 " WHERE name = 'frontier_seq'), 0) + 0 ORDER BY seq",
					 e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		struct log_state *l = apply_log(a, sqlite3_column_int(st, 1));
		int64_t seq = sqlite3_column_int64(st, 0);
		if (!l || sqlite3_column_bytes(st, 3) != VD_HASH_BYTES ||
		    (uint64_t)sqlite3_column_int64(st, 2) > l->tree.size)
			r = vd_errtext(e, VD_ECORRUPT, "the journal contradicts itself",
				       "run varde verify: it names the row", "%s, row %lld",
				       a->db->path, (long long)seq);
		else if ((uint64_t)sqlite3_column_int64(st, 2) == l->tree.size)
			vd_merkle_append(&l->tree, sqlite3_column_blob(st, 3));
	}
	return ended(st, r, a, e);
}

/* Past the cursor too: rows cut off the end must not make new ones look assessed. */
static int load_seq(struct vd_apply *a, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(
		a->db,
		"SELECT max(coalesce((SELECT max(seq) FROM journal), 0), (SELECT seq FROM cursor))",
		e);
	int r = st && sqlite3_step(st) == SQLITE_ROW ? 0 : VD_EIO;
	if (!r)
		a->next_seq = sqlite3_column_int64(st, 0) + 1;
	return ended(st, r, a, e);
}

int apply_load(struct vd_apply *a, struct vd_errtext *e)
{
	int r = load_seq(a, e);
	if (!r)
		r = load_frontiers(a, e);
	return r ? r : load_tail(a, e);
}

/* -- signing -------------------------------------------------------------------------------- */

static int put_meta(struct vd_apply *a, const char *name, const char *value)
{
	sqlite3_stmt *st = a->st[ST_FRONTIER];
	sqlite3_bind_text(st, 1, name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, value, -1, SQLITE_TRANSIENT);
	return apply_run(st);
}

static int put_checkpoint(struct vd_apply *a, const struct log_state *l, const uint8_t *root,
			  const char *note, int64_t wall_ms)
{
	sqlite3_stmt *st = a->st[ST_CHECKPOINT];
	sqlite3_bind_int64(st, 1, l->muni);
	sqlite3_bind_int64(st, 2, (int64_t)l->tree.size);
	sqlite3_bind_blob(st, 3, root, VD_HASH_BYTES, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 4, wall_ms);
	sqlite3_bind_text(st, 5, note, -1, SQLITE_TRANSIENT);
	return apply_run(st);
}

static int sign_log(struct vd_apply *a, struct log_state *l, int64_t wall_ms)
{
	uint8_t root[VD_HASH_BYTES];
	char name[32];
	struct vd_buf note, frontier;
	vd_buf_init(&note, VD_NOTE_BYTES - 1);
	vd_buf_init(&frontier, 8192);
	vd_merkle_root(&l->tree, root);
	int err = vd_checkpoint_sign(a->signer, l->muni, l->tree.size, root, &note);
	frontier_write(l, &frontier);
	snprintf(name, sizeof(name), "frontier/%d", l->muni);
	if (!err)
		err = frontier.err;
	if (!err)
		err = put_checkpoint(a, l, root, note.p, wall_ms);
	if (!err)
		err = put_meta(a, name, frontier.p);
	if (!err) {
		a->notes[a->n_notes].muni = l->muni;
		memcpy(a->notes[a->n_notes++].note, note.p, note.n + 1);
		l->signed_size = l->tree.size;
	}
	vd_buf_fini(&note);
	vd_buf_fini(&frontier);
	return err;
}

int apply_sign(struct vd_apply *a, int64_t wall_ms)
{
	char seq[24];
	int err = 0;
	if (!a->signer)
		return 0;
	a->n_notes = 0;
	for (size_t i = 0; !err && i < a->n_logs; i++)
		if (a->logs[i].tree.size > a->logs[i].signed_size)
			err = sign_log(a, &a->logs[i], wall_ms);
	snprintf(seq, sizeof(seq), "%lld", (long long)(a->next_seq - 1));
	return err ? err : put_meta(a, "frontier_seq", seq);
}

/* Outside the database, where whoever edits the database does not reach by the same means. A file
 * that cannot be written costs nothing but this copy. */
void apply_publish(struct vd_apply *a)
{
	char path[560];
	for (size_t i = 0; i < a->n_notes; i++) {
		snprintf(path, sizeof(path), "%s/%d.txt", a->checkpoint_dir, a->notes[i].muni);
		FILE *f = fopen(path, "ae");
		if (!f)
			continue;
		fputs(a->notes[i].note, f);
		fputc('\n', f);
		fclose(f);
	}
	a->n_notes = 0;
}
