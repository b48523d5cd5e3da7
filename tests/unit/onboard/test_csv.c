/* SPDX-License-Identifier: EUPL-1.2 */
/* The CSV reader: the dialects spreadsheets write, every fault, chunks, and memory running out. */
#include "vdtest.h"
#include "base/mem.h"
#include "onboard/csv.h"
#include <stdio.h>
#include <string.h>

/* Rows as text: fields in [] with the row number and the problem's letter. */
struct got {
	char text[8192];
	size_t n;
	int stop_at; /* row after which on_row says stop; 0 = never */
};

static int on_row(const struct vd_csv_row *row, void *arg)
{
	struct got *g = arg;
	g->n += (size_t)snprintf(g->text + g->n, sizeof(g->text) - g->n, "%zu%c", row->number,
				 ".QLFU"[row->problem]);
	for (size_t i = 0; i < row->n && row->fields[i].n < 100 && g->n < 8000; i++)
		g->n += (size_t)snprintf(g->text + g->n, sizeof(g->text) - g->n, "[%.*s]",
					 (int)row->fields[i].n, row->fields[i].p);
	g->n += (size_t)snprintf(g->text + g->n, sizeof(g->text) - g->n, " ");
	return g->stop_at && row->number >= (size_t)g->stop_at ? -77 : 0;
}

static int read_chunks(const char *p, size_t n, size_t chunk, struct got *g)
{
	struct vd_csv c;
	int r = 0;
	vd_csv_init(&c, on_row, g);
	for (size_t i = 0; !r && i < n; i += chunk)
		r = vd_csv_feed(&c, p + i, n - i < chunk ? n - i : chunk);
	if (!r)
		r = vd_csv_end(&c);
	vd_csv_fini(&c);
	return r;
}

/* Whole, in threes and byte by byte must read the same. */
static void same(const char *csv, size_t n, const char *want)
{
	static const size_t chunks[] = {1 << 20, 3, 1};
	for (size_t i = 0; i < 3; i++) {
		struct got g = {0};
		assert_int_equal(read_chunks(csv, n, chunks[i], &g), 0);
		assert_string_equal(g.text, want);
	}
}
#define SAME(csv, want) same(csv, sizeof(csv) - 1, want)

static void dialects(void **state)
{
	SAME("a;b\n1;2\n", "1.[a][b] 2.[1][2] ");
	SAME("a;b\r\n1;2\r\n", "1.[a][b] 2.[1][2] ");
	SAME("a;b\r1;2\r", "1.[a][b] 2.[1][2] ");
	SAME("a;b\n1;2", "1.[a][b] 2.[1][2] ");
	SAME("\xef\xbb\xbf"
	     "a;b\n1;2\n",
	     "1.[a][b] 2.[1][2] ");
	SAME("a,b\n1,2\n", "1.[a][b] 2.[1][2] ");
	/* a comma is no separator when the header has a semicolon */
	SAME("a,x;b\n1,5;2\n", "1.[a,x][b] 2.[1,5][2] ");
	SAME("sep=;\na;b\n1;2\n", "2.[a][b] 3.[1][2] ");
	SAME("sep=;\r\na;b\r\n1;2\r\n", "2.[a][b] 3.[1][2] ");
	SAME("\xef\xbb\xbfsep=,\r\na,b\r\n", "2.[a][b] ");
	SAME("a;b\n\n1;2\n\n", "1.[a][b] 3.[1][2] ");
	SAME("a;b\n;\n", "1.[a][b] 2.[][] ");
	SAME("a;b\n1\n", "1.[a][b] 2.[1] ");
	SAME("", "");
	SAME("\n\n", "");
	SAME("bare", "1.[bare] ");
	SAME("r\xc3\xb8yk;\xc3\xa5\n", "1.[r\xc3\xb8yk][\xc3\xa5] ");
}

static void quotes(void **state)
{
	SAME("a;b\n\"1;x\";\"2\"\"y\"\n", "1.[a][b] 2.[1;x][2\"y] ");
	SAME("a;b\n\"one\ntwo\";3\n4;5\n", "1.[a][b] 2.[one\ntwo][3] 3.[4][5] ");
	SAME("a;b\n\"one\r\ntwo\";3\r\n4;5\r\n", "1.[a][b] 2.[one\r\ntwo][3] 3.[4][5] ");
	SAME("\"a\";\"b\"\n\"\";x\n", "1.[a][b] 2.[][x] ");
	/* a quote inside a bare field is a character: 3/4" pipes exist */
	SAME("a;b\n3\";x\n", "1.[a][b] 2.[3\"][x] ");
	SAME("a;b\n\"1\"x;2\n3;4\n", "1.[a][b] 2Q[1x][2] 3.[3][4] ");
	SAME("a;b\n1;\"2\n3;4\n", "1.[a][b] 2Q[1][2\n3;4\n] ");
}

static void not_text(void **state)
{
	struct got g = {0};
	SAME("a;b\nr\xf8yk;1\nx;2\n", "1.[a][b] 2U[r\xf8yk][1] 3.[x][2] ");
	same("a;b\n1\0;2\n", 9, "1.[a][b] 2U[1][2] ");
	assert_int_equal(read_chunks("\xff\xfe"
				     "a\0;\0b\0\n\0",
				     10, 4, &g),
			 VD_EPARSE);
	assert_string_equal(g.text, "");
}

static void too_many_fields(void **state)
{
	char line[3 * VD_MAX_CSV_FIELDS + 64] = "a;b\n";
	struct got g = {0};
	size_t n = strlen(line);
	for (int i = 0; i < VD_MAX_CSV_FIELDS + 1; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "x;");
	n += (size_t)snprintf(line + n, sizeof(line) - n, "\n7;8\n");
	assert_int_equal(read_chunks(line, n, 7, &g), 0);
	assert_non_null(strstr(g.text, "2F[x]"));
	assert_non_null(strstr(g.text, "3.[7][8]"));
}

static void too_long(void **state)
{
	static char big[3 * VD_MAX_CSV_RECORD];
	struct got g = {0};
	size_t n = (size_t)snprintf(big, sizeof(big), "a;b\n1;");
	memset(big + n, 'x', 2 * VD_MAX_CSV_RECORD);
	n += 2 * VD_MAX_CSV_RECORD;
	n += (size_t)snprintf(big + n, sizeof(big) - n, "\n3;4\n");
	assert_int_equal(read_chunks(big, n, 4096, &g), 0);
	assert_string_equal(g.text, "1.[a][b] 2L[1] 3.[3][4] ");
	/* the same inside an open quote: reading goes on at the next line */
	g = (struct got){0};
	big[6] = '"';
	assert_int_equal(read_chunks(big, n, 4096, &g), 0);
	assert_string_equal(g.text, "1.[a][b] 2L[1] 3.[3][4] ");
	/* and a first line that never ends is no header */
	g = (struct got){0};
	memset(big, 'y', sizeof(big));
	assert_int_equal(read_chunks(big, sizeof(big), 4096, &g), VD_EPARSE);
}

static void too_many_rows(void **state)
{
	struct vd_csv c;
	struct got g = {0};
	int r = 0;
	vd_csv_init(&c, on_row, &g);
	for (int i = 0; !r && i < VD_MAX_CSV_ROWS + 1; i++) {
		g.n = 0;
		r = vd_csv_feed(&c, "a;b\n", 4);
	}
	assert_int_equal(r, 0); /* the header and all rows allowed */
	assert_int_equal(c.rows, VD_MAX_CSV_ROWS + 1);
	assert_int_equal(vd_csv_feed(&c, "a;b\n", 4), VD_ELIMIT);
	assert_int_equal(vd_csv_feed(&c, "a;b\n", 4), VD_ELIMIT); /* sticky */
	vd_csv_fini(&c);
}

static void stops_when_told(void **state)
{
	struct got g = {.stop_at = 2};
	assert_int_equal(read_chunks("a;b\n1;2\n3;4\n", 12, 12, &g), -77);
	assert_string_equal(g.text, "1.[a][b] 2.[1][2] ");
}

static void memory_runs_out(void **state)
{
	static const char csv[] = "a;b\n\"long enough to grow the buffer a few times, surely\";2\n"
				  "and another row that is longer than the one before it was;2\n";
	struct got whole = {0};
	vd_mem_fault(1000, 0);
	assert_int_equal(read_chunks(csv, sizeof(csv) - 1, 5, &whole), 0);
	long n = vd_mem_count();
	assert_true(n >= 2);
	for (long i = 0; i < n; i++) {
		struct got g = {0};
		vd_mem_fault(i, 0);
		int r = read_chunks(csv, sizeof(csv) - 1, 5, &g);
		vd_mem_fault(-1, 0);
		assert_int_equal(r, VD_ENOMEM);
		/* what was told before is a beginning of the truth */
		assert_int_equal(strncmp(g.text, whole.text, strlen(g.text)), 0);
	}
	vd_mem_fault(-1, 0);
}

static void written_reads_back(void **state)
{
	static const char *const fields[] = {"plain",   "semi;colon",  "quo\"te", "two\nlines", "",
					     " blank ", "r\xc3\xb8yk", "\"",      "a,b"};
	for (int comma = 0; comma < 2; comma++) {
		struct vd_buf b;
		struct got g = {0};
		char want[400] = "";
		size_t n = 0;
		char sep = comma ? ',' : ';';
		vd_buf_init(&b, 4096);
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
			vd_csv_write(&b, vd_span_cstr(fields[i]), sep, i == 0);
			n += (size_t)snprintf(want + n, sizeof(want) - n, "[%s]", fields[i]);
		}
		(void)vd_buf_add_cstr(&b, "\r\n");
		assert_int_equal(b.err, 0);
		/* a header decides the separator; the row has a semicolon in quotes */
		char file[600];
		int file_n = snprintf(file, sizeof(file), "h%ch\n%s", sep, b.p);
		assert_int_equal(read_chunks(file, (size_t)file_n, 100, &g), 0);
		assert_string_equal(strstr(g.text, "2.") + 2 + strlen(want), " ");
		assert_non_null(strstr(g.text, want));
		vd_buf_fini(&b);
	}
}

static void latin1_is_mended(void **state)
{
	struct vd_buf b;
	vd_buf_init(&b, 100);
	vd_csv_write(&b, vd_span_cstr("r\xf8yk"), ';', true);
	assert_string_equal(b.p, "\"r\xc3\xb8yk\"");
	vd_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialects),           cmocka_unit_test(quotes),
		cmocka_unit_test(not_text),           cmocka_unit_test(too_many_fields),
		cmocka_unit_test(too_long),           cmocka_unit_test(too_many_rows),
		cmocka_unit_test(stops_when_told),    cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(written_reads_back), cmocka_unit_test(latin1_is_mended),
	};
	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
