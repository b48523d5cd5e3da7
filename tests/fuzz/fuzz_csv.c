/* SPDX-License-Identifier: EUPL-1.2 */
/* The CSV import, on a fake directory: any file in any chunks must end without harm, read the same
 * however it is cut, and hand on only rows that keep their promises. The first byte chooses chunk
 * size, language and defaults; the rest is the file. */
#include "base/check.h"
#include "onboard/identity.h"
#include "onboard/import.h"
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct vd_import im;
	struct vd_buf again; /* the rows written back, to be read once more */
	uint64_t sum;        /* of everything told */
	size_t results, columns;
};

static void mix(struct run *u, struct vd_span s)
{
	u->sum = vd_hash64(s, u->sum);
}

static bool known_family(struct vd_span family, void *arg)
{
	return vd_span_is(family, "varde") || vd_span_is(family, "zigbee2mqtt") ||
	       vd_span_is(family, "chirpstack");
}

static void check_text(const char *s, size_t cap)
{
	size_t n = strnlen(s, cap);
	VD_REQUIRE(n < cap);
	VD_REQUIRE(vd_identity_printable(vd_span(s, n)));
}

static int apply(const struct vd_import_row *row, char *reason, size_t cap, bool *ret_stop,
		 void *arg)
{
	struct run *u = arg;
	check_text(row->gateway, sizeof(row->gateway));
	check_text(row->identity, sizeof(row->identity));
	check_text(row->name, sizeof(row->name));
	check_text(row->vendor, sizeof(row->vendor));
	check_text(row->model, sizeof(row->model));
	check_text(row->serial, sizeof(row->serial));
	check_text(row->room, sizeof(row->room));
	check_text(row->purpose, sizeof(row->purpose));
	VD_REQUIRE(*row->gateway && known_family(vd_span_cstr(row->family), NULL));
	VD_REQUIRE(*row->identity || *row->serial);
	VD_REQUIRE(row->recipient >= 0 && row->supervise_ms >= VD_UNSTATED);
	VD_REQUIRE(row->night_from_min < 1440 && row->night_to_min < 1440);
	VD_REQUIRE(row->recipient || !*row->room);
	mix(u, vd_span_cstr(row->identity));
	mix(u, vd_span_cstr(row->serial));
	if (row->number % 5 == 0) {
		(void)vd_span_copy(reason, cap, VD_SPAN_LIT("no"));
		return VD_ESTATE;
	}
	*ret_stop = row->number == 77;
	return row->number % 2 ? VD_CH_NEW : 0;
}

static void on_notice(const char *text, void *arg)
{
	struct run *u = arg;
	mix(u, vd_span_cstr(text));
}

static void on_result(const struct vd_import_result *r, void *arg)
{
	struct run *u = arg;
	u->results++;
	VD_REQUIRE((r->change < 0) == (r->reason[0] != '\0'));
	mix(u, vd_span_cstr(r->reason));
	for (size_t i = 0; i < r->n; i++)
		vd_csv_write(&u->again, r->fields[i], ';', i == 0);
	(void)vd_buf_add_cstr(&u->again, "\r\n");
}

static int import(struct run *u, unsigned how, const char *p, size_t n, size_t chunk)
{
	*u = (struct run){.im = {.lang = (enum vd_lang)(how % 3),
				 .gateway = how & 4 ? "lom-01" : "",
				 .family = how & 8 ? "varde" : "",
				 .serial_length = how & 16 ? 8 : 0,
				 .muni = how & 32 ? 3434 : 0,
				 .families = "varde",
				 .known_family = known_family,
				 .apply = apply,
				 .on_notice = on_notice,
				 .on_result = on_result}};
	int r = 0;
	u->im.arg = u;
	vd_buf_init(&u->again, 4u << 20);
	vd_import_begin(&u->im);
	for (size_t i = 0; !r && i < n; i += chunk)
		r = vd_import_feed(&u->im, p + i, n - i < chunk ? n - i : chunk);
	if (!r)
		r = vd_import_end(&u->im);
	vd_import_fini(&u->im);
	VD_REQUIRE(u->im.rows == u->im.added + u->im.changed + u->im.unchanged + u->im.failed);
	VD_REQUIRE(u->im.rows == u->results);
	VD_REQUIRE(!r || u->im.problem[0]);
	return r;
}

struct count {
	size_t rows;
};

static int count_row(const struct vd_csv_row *row, void *arg)
{
	struct count *c = arg;
	/* What we wrote is well-formed, whatever it was made of. Fields are only cut by their
	 * number, which the reader caps. */
	VD_REQUIRE(row->problem == VD_CSV_FINE || row->problem == VD_CSV_LONG);
	c->rows++;
	return 0;
}

static void read_back(struct run *u)
{
	struct vd_csv c;
	struct count n = {0};
	if (u->again.err)
		return;
	vd_csv_init(&c, count_row, &n);
	int r = vd_csv_feed(&c, "h;h\r\n", 5);
	if (!r)
		r = vd_csv_feed(&c, u->again.p ? u->again.p : "", u->again.n);
	if (!r)
		r = vd_csv_end(&c);
	VD_REQUIRE(!r);
	vd_csv_fini(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run whole, cut;
	if (!size)
		return 0;
	const char *p = (const char *)data + 1;
	unsigned how = data[0];
	int a = import(&whole, how, p, size - 1, size);
	int b = import(&cut, how, p, size - 1, 1 + how / 64);
	VD_REQUIRE(a == b && whole.sum == cut.sum && whole.im.rows == cut.im.rows);
	read_back(&whole);
	vd_buf_fini(&whole.again);
	vd_buf_fini(&cut.again);
	return 0;
}
