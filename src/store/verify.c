/* SPDX-License-Identifier: EUPL-1.2 */
/* One pass over the journal in row order. Each municipality's tree is built from the rows' texts,
 * and whenever it reaches the size of a checkpoint, the roots are compared. The first fault of each
 * municipality is kept: it is the one that tells where to look. */
#include "store/verify.h"
#include "base/mem.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define NOTES_MAX 1000000 /* a year of one a minute is half a million */

struct note { /* a checkpoint whose signature held */
	int muni;
	uint64_t size;
	uint8_t root[VD_HASH_BYTES];
};

struct check {
	struct vd_db *db;
	const struct vd_verifier *v;
	struct vd_finding *list;
	struct vd_merkle *trees; /* beside list */
	uint64_t *next;          /* leaf number expected next, beside list */
	size_t n, cap;
	struct note *notes; /* sorted by (muni, size) */
	size_t n_notes, cap_notes;
};

const char *vd_fault_name(enum vd_fault f)
{
	static const char *const names[] = {"intact",    "altered", "removed", "reordered",
					    "rewritten", "cut",     "unsigned"};
	return names[f];
}

static struct vd_finding *finding(struct check *c, int muni)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].muni == muni)
			return &c->list[i];
	if (c->n == c->cap)
		return NULL;
	c->list[c->n] = (struct vd_finding){.muni = muni};
	c->trees[c->n] = (struct vd_merkle){0};
	c->next[c->n] = 0;
	return &c->list[c->n++];
}

static void fault(struct vd_finding *f, enum vd_fault what, uint64_t first, int64_t seq,
		  const char *text)
{
	if (f->fault != VD_INTACT)
		return;
	f->fault = what;
	f->first_bad = first;
	f->seq = seq;
	snprintf(f->text, sizeof(f->text), "%s", text);
}

/* -- checkpoints ---------------------------------------------------------------------------- */

static int add_note(struct check *c, struct vd_span text, int muni_expected)
{
	struct note n;
	if (vd_checkpoint_verify(c->v, text, &n.muni, &n.size, n.root) || n.muni != muni_expected) {
		struct vd_finding *f = finding(c, muni_expected);
		if (f)
			fault(f, VD_UNSIGNED, 0, 0,
			      "a checkpoint is not signed by this hub's key, or was altered");
		return 0;
	}
	if (c->n_notes == NOTES_MAX)
		return VD_ELIMIT;
	if (c->n_notes == c->cap_notes) {
		size_t cap = c->cap_notes ? c->cap_notes * 2 : 256;
		struct note *notes = vd_realloc(c->notes, cap * sizeof(*notes));
		if (!notes)
			return VD_ENOMEM;
		c->notes = notes;
		c->cap_notes = cap;
	}
	c->notes[c->n_notes++] = n;
	return finding(c, n.muni) ? 0 : VD_ELIMIT;
}

static int notes_of_table(struct check *c, struct vd_errtext *e)
{
	sqlite3_stmt *st =
		vd_db_prepare(c->db, "SELECT muni, note FROM checkpoint ORDER BY muni, size", e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW)
		r = add_note(c, vd_span_cstr((const char *)sqlite3_column_text(st, 1)),
			     sqlite3_column_int(st, 0));
	int rc = sqlite3_finalize(st);
	if (!r && rc != SQLITE_OK)
		r = vd_errtext(e, vd_db_err(rc), "the checkpoints cannot be read to their end",
			       "restore a backup; keep this file", "%s", sqlite3_errmsg(c->db->h));
	return r;
}

/* Notes follow each other, each ended by an empty line after its signature. */
static int notes_of_file(struct check *c, const char *path, int muni)
{
	char line[512], note[VD_NOTE_BYTES * 2] = "";
	size_t n = 0;
	int r = 0;
	FILE *f = fopen(path, "re");
	while (f && !r && fgets(line, sizeof(line), f)) {
		size_t len = strlen(line);
		if (len == 1 && n && strstr(note, "\xE2\x80\x94 ")) {
			r = add_note(c, vd_span(note, n), muni);
			n = 0;
			note[0] = '\0';
			continue;
		}
		if (n + len >= sizeof(note))
			n = 0;
		memcpy(note + n, line, len + 1);
		n += len;
	}
	if (f)
		fclose(f);
	return r;
}

static int by_size(const void *pa, const void *pb)
{
	const struct note *a = pa, *b = pb;
	if (a->muni != b->muni)
		return a->muni < b->muni ? -1 : 1;
	return a->size < b->size ? -1 : a->size > b->size;
}

/* Every <number>.txt in the folder, also of a municipality that the database no longer knows. */
static int notes_of_folder(struct check *c, const char *dir)
{
	DIR *d = opendir(dir);
	int r = 0;
	for (struct dirent *e; d && !r && (e = readdir(d));) {
		char path[900], *end;
		long muni = strtol(e->d_name, &end, 10);
		if (end == e->d_name || strcmp(end, ".txt") != 0 || muni < 0 || muni > 99999)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		r = notes_of_file(c, path, (int)muni);
	}
	if (d)
		closedir(d);
	return r;
}

static int load_notes(struct check *c, const char *dir, struct vd_errtext *e)
{
	int r = notes_of_table(c, e);
	if (!r)
		r = notes_of_folder(c, dir);
	if (c->n_notes)
		qsort(c->notes, c->n_notes, sizeof(*c->notes), by_size);
	return r;
}

/* -- rows ----------------------------------------------------------------------------------- */

static void compare(struct check *c, size_t i, int64_t seq)
{
	struct vd_finding *f = &c->list[i];
	struct note key = {.muni = f->muni, .size = c->trees[i].size};
	const struct note *n =
		c->n_notes ? bsearch(&key, c->notes, c->n_notes, sizeof(key), by_size) : NULL;
	uint8_t root[VD_HASH_BYTES];
	char text[240];
	if (!n)
		return;
	vd_merkle_root(&c->trees[i], root);
	f->checkpoints++;
	if (memcmp(root, n->root, sizeof(root)) == 0) {
		if (f->fault == VD_INTACT)
			f->last_good = f->signed_rows = n->size;
		return;
	}
	snprintf(text, sizeof(text),
		 "rows and leaves agree with each other but not with the signed checkpoint of %llu "
		 "rows: something from row %llu on was rewritten",
		 (unsigned long long)n->size, (unsigned long long)f->last_good);
	fault(f, VD_REWRITTEN, f->last_good, seq, text);
}

static void check_order(struct vd_finding *f, uint64_t want, uint64_t idx, int64_t seq)
{
	char text[240];
	if (idx == want)
		return;
	snprintf(text, sizeof(text),
		 idx > want
			 ? "row %llu is missing: row %llu follows the one before it"
			 : "row %llu was expected, row %llu comes here again or out of its order",
		 (unsigned long long)want, (unsigned long long)idx);
	fault(f, idx > want ? VD_REMOVED : VD_REORDERED, idx > want ? want : idx, seq, text);
}

static int check_row(struct check *c, sqlite3_stmt *st, int64_t *last_seq)
{
	int64_t seq = sqlite3_column_int64(st, 0);
	int muni = sqlite3_column_int(st, 1);
	uint64_t idx = (uint64_t)sqlite3_column_int64(st, 2);
	struct vd_finding *f = finding(c, muni);
	uint8_t leaf[VD_HASH_BYTES];
	char text[240];
	if (!f)
		return VD_ELIMIT;
	size_t i = (size_t)(f - c->list);
	*last_seq = seq;
	f->rows++;
	check_order(f, c->next[i], idx, seq);
	c->next[i] = idx + 1;
	vd_merkle_leaf(muni, idx, sqlite3_column_text(st, 3), (size_t)sqlite3_column_bytes(st, 3),
		       leaf);
	if (sqlite3_column_bytes(st, 4) != VD_HASH_BYTES ||
	    memcmp(leaf, sqlite3_column_blob(st, 4), VD_HASH_BYTES) != 0) {
		snprintf(text, sizeof(text),
			 "row %llu was altered: its text does not give its leaf",
			 (unsigned long long)idx);
		fault(f, VD_ALTERED, idx, seq, text);
	}
	vd_merkle_append(&c->trees[i], leaf);
	if (f->fault == VD_INTACT)
		compare(c, i, seq);
	return 0;
}

static int check_rows(struct check *c, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(
		c->db, "SELECT seq, muni, idx, body, leaf FROM journal ORDER BY seq", e);
	int64_t last = 0;
	int r = st ? 0 : VD_EIO, rc = SQLITE_DONE;
	while (!r && (rc = sqlite3_step(st)) == SQLITE_ROW)
		r = check_row(c, st, &last);
	sqlite3_finalize(st);
	if (!r && rc != SQLITE_DONE)
		r = vd_errtext(e, vd_db_err(rc), "the journal cannot be read to its end",
			       "restore a backup; keep this file", "after row %lld: %s",
			       (long long)last, sqlite3_errmsg(c->db->h));
	return r;
}

static void check_cut(struct check *c)
{
	char text[240];
	for (size_t i = 0; i < c->n_notes; i++) {
		struct vd_finding *f = finding(c, c->notes[i].muni);
		if (!f || c->notes[i].size <= f->rows || f->fault != VD_INTACT)
			continue;
		snprintf(
			text, sizeof(text),
			"the end is cut off: %llu rows are there, a signed checkpoint covers %llu; "
			"row %llu is the first missing",
			(unsigned long long)f->rows, (unsigned long long)c->notes[i].size,
			(unsigned long long)f->rows);
		fault(f, VD_CUT, f->rows, 0, text);
	}
}

static int by_muni(const void *pa, const void *pb)
{
	const struct vd_finding *a = pa, *b = pb;
	return a->muni - b->muni;
}

int vd_verify(struct vd_db *db, const struct vd_verifier *v, const char *dir,
	      struct vd_finding *list, size_t cap, size_t *ret_n, struct vd_errtext *e)
{
	struct check c = {.db = db, .v = v, .list = list, .cap = cap};
	c.trees = vd_calloc(cap, sizeof(*c.trees));
	c.next = vd_calloc(cap, sizeof(*c.next));
	int r = c.trees && c.next ? load_notes(&c, dir, e) : VD_ENOMEM;
	if (!r)
		r = check_rows(&c, e);
	if (!r) {
		check_cut(&c);
		qsort(list, c.n, sizeof(*list), by_muni);
		*ret_n = c.n;
	}
	vd_free(c.trees);
	vd_free(c.next);
	vd_free(c.notes);
	return r;
}
