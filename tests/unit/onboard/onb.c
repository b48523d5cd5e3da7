/* SPDX-License-Identifier: EUPL-1.2 */
#include "onb.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool known_family(struct vd_span f)
{
	return vd_span_is(f, "zigbee2mqtt") || vd_span_is(f, "chirpstack") ||
	       vd_span_is(f, "varde");
}

static const char *platform(struct vd_span f)
{
	return vd_span_is(f, "zigbee2mqtt")  ? "zigbee2mqtt"
	       : vd_span_is(f, "chirpstack") ? "lorawan"
					     : NULL;
}

int onb_run(struct onb *o, const char *command)
{
	char line[2048], *argv[64], *rest = line, *word;
	int argc = 0;
	size_t out_n, err_n;
	snprintf(line, sizeof(line), "%s", command);
	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		for (char *p = word; *p; p++)
			if (*p == '_')
				*p = ' ';
		assert_true(argc < 63);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	free(o->out);
	free(o->err);
	o->out = o->err = NULL;
	const char *in = o->in && *o->in ? o->in : "\n";
	struct vd_cli c = {.in = fmemopen((void *)(uintptr_t)in, strlen(in), "r"),
			   .out = open_memstream(&o->out, &out_n),
			   .err = open_memstream(&o->err, &err_n),
			   .now_ms = o->now_ms,
			   .known_family = known_family,
			   .platform = platform,
			   .families = "chirpstack, varde, zigbee2mqtt"};
	bool device = !strcmp(argv[0], "device");
	int exit = vd_cli_run(&c, device ? "varde device" : "varde staff",
			      device ? vd_device_verbs : vd_staff_verbs,
			      device ? vd_device_verbs_n : vd_staff_verbs_n, argc, argv);
	fclose(c.in);
	fclose(c.out);
	fclose(c.err);
	o->in = NULL;
	return exit;
}

void onb_ok(struct onb *o, const char *command)
{
	int exit = onb_run(o, command);
	if (exit)
		fail_msg("%s: exit %d: %s", command, exit, o->err);
}

void onb_open(struct onb *o)
{
	*o = (struct onb){.now_ms = 1795518000000}; /* 24 November 2026, 12:00 in Oslo */
	snprintf(o->dir, sizeof(o->dir), "/tmp/varde-onboard-XXXXXX");
	assert_non_null(mkdtemp(o->dir));
	snprintf(o->db, sizeof(o->db), "%s/varde.db", o->dir);
	snprintf(o->file, sizeof(o->file), "%s/in.csv", o->dir);
	setenv("VARDE_DB", o->db, 1);
	setenv("VARDE_LANG", "nb", 1);
	unsetenv("SUDO_USER");
	onb_ok(o, "staff municipality add --number 3434 --name Lom --language nn");
	onb_ok(o, "staff municipality add --number 3432 --name Lesja --language nn");
	onb_ok(o, "staff gateway add --user lom-01 --name Lom_1 --municipality 3434 --family "
		  "zigbee2mqtt --prefix zigbee2mqtt");
	snprintf(o->secret, sizeof(o->secret), "%.*s", (int)strcspn(o->out, "\n"), o->out);
	onb_ok(o, "staff gateway add --user lesja-01 --name Lesja_1 --municipality 3432");
	onb_ok(o, "staff recipient add --name Ola_Test --municipality 3434");
	onb_ok(o, "staff recipient add --name Kari_Test --municipality 3434");
	onb_ok(o, "staff recipient add --name Per_Test --municipality 3432");
}

void onb_close(struct onb *o)
{
	char path[400];
	struct dirent *e;
	DIR *d = opendir(o->dir);
	free(o->out);
	free(o->err);
	(void)onb_value(o, NULL);
	assert_non_null(d);
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", o->dir, e->d_name);
		(void)unlink(path);
	}
	closedir(d);
	assert_int_equal(rmdir(o->dir), 0);
}

const char *onb_value(struct onb *o, const char *sql)
{
	static char text[4096];
	struct vd_db *db;
	text[0] = '\0';
	if (!sql)
		return text;
	assert_int_equal(vd_db_open(o->db, VD_DB_READ, &db, NULL), 0);
	sqlite3_stmt *st = vd_db_prepare(db, sql, NULL);
	assert_non_null(st);
	size_t n = 0;
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *s = (const char *)sqlite3_column_text(st, 0);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? "|" : "", s ? s : "");
	}
	sqlite3_finalize(st);
	vd_db_close(db);
	return text;
}

int64_t onb_number(struct onb *o, const char *sql)
{
	return strtoll(onb_value(o, sql), NULL, 10);
}

static void dump_table(struct vd_db *db, const char *table, FILE *f)
{
	char sql[200];
	snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
	sqlite3_stmt *st = vd_db_prepare(db, sql, NULL);
	assert_non_null(st);
	fprintf(f, "%s\n", table);
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const char *s = (const char *)sqlite3_column_text(st, i);
			fprintf(f, "%s|", s ? s : "NULL");
		}
		fputc('\n', f);
	}
	sqlite3_finalize(st);
}

char *onb_dump(struct onb *o)
{
	char *text = NULL;
	size_t n;
	struct vd_db *db;
	FILE *f = open_memstream(&text, &n);
	assert_int_equal(vd_db_open(o->db, VD_DB_READ, &db, NULL), 0);
	sqlite3_stmt *st = vd_db_prepare(
		db, "SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name", NULL);
	assert_non_null(st);
	while (sqlite3_step(st) == SQLITE_ROW)
		dump_table(db, (const char *)sqlite3_column_text(st, 0), f);
	sqlite3_finalize(st);
	vd_db_close(db);
	fclose(f);
	return text;
}

void onb_write_file(struct onb *o, const char *text)
{
	FILE *f = fopen(o->file, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	fclose(f);
}

int onb_device_count(struct onb *o)
{
	return (int)onb_number(o, "SELECT count(*) FROM device");
}
