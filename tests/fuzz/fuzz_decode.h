/* SPDX-License-Identifier: EUPL-1.2 */
/* What the adapters' fuzz targets share. Input: frames separated by byte 0x1E (at most four, so
 * that one frame's state meets the next). A frame's first byte, from '0': low three bits choose the
 * topic, bit 3 is the retain flag; the rest is the body. One thread. */
#pragma once
#include "adapters/common/table.h"
#include "base/check.h"
#include "base/mem.h"
#include "core/devstate.h"

#define FUZZ_FRAMES 4

static struct vd_tables *fuzz_tables;
static struct vd_decoded *fuzz_decoded;

static void fuzz_reset(struct vd_decoded *d)
{
	d->n = d->n_heard = 0;
	d->dedup = 0;
	d->alive = d->dedup_device = vd_span("", 0);
	d->remember = d->forget = false;
	d->unknown_keys = 0;
	d->error[0] = d->unknown_key[0] = '\0';
	vd_buf_clear(&d->scratch);
}

/* Reads every byte a span claims: the sanitizer sees a stale or foreign one. */
static void fuzz_touch(struct vd_span s)
{
	volatile char sum = 0;
	for (size_t i = 0; i < s.n; i++)
		sum = (char)(sum + s.p[i]);
	(void)sum;
}

static void fuzz_check(const struct vd_decoded *d, int err)
{
	VD_REQUIRE(err == 0 || err == VD_EPARSE || err == VD_EINVAL || err == VD_ELIMIT);
	VD_REQUIRE((err != VD_EPARSE && err != VD_EINVAL) || d->error[0]);
	if (err)
		return;
	VD_REQUIRE(d->n <= VD_MAX_EVENTS_FRAME && d->n_heard <= VD_MAX_HEARD_GATEWAY);
	fuzz_touch(d->alive);
	fuzz_touch(d->dedup_device);
	for (size_t i = 0; i < d->n; i++) {
		const struct vd_reading *r = &d->readings[i];
		fuzz_touch(r->identity);
		VD_REQUIRE(r->kind > VD_KIND_NONE && r->kind < VD_KIND_MAX);
		VD_REQUIRE(memchr(r->state, 0, sizeof(r->state)));
		VD_REQUIRE(memchr(r->unit, 0, sizeof(r->unit)));
		VD_REQUIRE(memchr(r->zone, 0, sizeof(r->zone)));
		VD_REQUIRE(memchr(r->attrs, 0, sizeof(r->attrs)));
	}
	for (size_t i = 0; i < d->n_heard; i++) {
		fuzz_touch(d->heard[i].identity);
		fuzz_touch(d->heard[i].name);
		fuzz_touch(d->heard[i].vendor);
		fuzz_touch(d->heard[i].model);
		fuzz_touch(d->heard[i].serial);
		fuzz_touch(d->heard[i].features);
	}
}

static void fuzz_judge(const struct vd_decoded *d, const struct vd_frame *f)
{
	struct vd_devstate state = {0};
	for (size_t i = 0; i < d->n; i++) {
		struct vd_judged j;
		(void)vd_judge(&state, f, &d->readings[i], f->retained, &j);
	}
	vd_devstate_fini(&state);
}

/* What a peer has told of itself must not make a command that was not offered, nor a broken one. */
static void fuzz_command(const struct vd_adapter *a, const void *state, struct vd_target who)
{
	who.gateway = VD_SPAN_LIT("base");
	unsigned set = a->commands(state, &who);
	for (int v = VD_CMD_NONE + 1; v < VD_CMD_MAX; v++) {
		struct vd_command c = {.verb = (enum vd_command_verb)v, .minutes = 30};
		struct vd_downlink d = {.carrier = VD_CARRIER_MQTT};
		vd_buf_init(&d.body, VD_MAX_DOWNLINK_BYTES);
		int err = a->command(state, &who, &c, &d);
		VD_REQUIRE(!err || err == VD_EINVAL || err == VD_ESTATE || err == VD_ELIMIT);
		VD_REQUIRE(set & VD_CMD_BIT(v) || err == VD_EINVAL);
		VD_REQUIRE(memchr(d.topic, 0, sizeof(d.topic)));
		VD_REQUIRE(err || d.body.err || (d.topic[0] && d.body.n));
		vd_buf_fini(&d.body);
	}
}

static void fuzz_commands(const struct vd_adapter *a, const void *state, const struct vd_decoded *d)
{
	if (!a->commands)
		return;
	fuzz_command(a, state,
		     (struct vd_target){.identity = d->alive,
					.vendor = VD_SPAN_LIT("milesight-iot"),
					.model = VD_SPAN_LIT("EM300-MCS")});
	for (size_t i = 0; i < d->n_heard && i < 4; i++)
		fuzz_command(a, state,
			     (struct vd_target){.identity = d->heard[i].identity,
						.vendor = d->heard[i].vendor,
						.model = d->heard[i].model});
}

static int fuzz_decode(const struct vd_adapter *a, const char *const topics[8], const uint8_t *data,
		       size_t size)
{
	if (!fuzz_decoded) {
		fuzz_decoded = vd_calloc(1, sizeof(*fuzz_decoded));
		VD_REQUIRE(fuzz_decoded && vd_tables_load(NULL, &fuzz_tables, NULL) == 0);
		vd_buf_init(&fuzz_decoded->scratch, VD_MAX_FRAME_BYTES);
	}
	struct vd_span rest = vd_span((const char *)data, size), part;
	void *state = vd_calloc(1, a->state_size);
	VD_REQUIRE(state && a->init(state, vd_span("", 0), vd_span("", 0), fuzz_tables) == 0);
	for (int n = 0; n < FUZZ_FRAMES && vd_span_next(&rest, 0x1E, &part); n++) {
		if (!part.n)
			continue;
		unsigned how = (unsigned char)part.p[0] - (unsigned)'0';
		struct vd_frame f = {.topic = vd_span_cstr(topics[how & 7]),
				     .body = vd_span_skip(part, 1),
				     .retained = how & 8,
				     .received_at_ms = 1770091506000};
		/* a body of its own, freed at once: nobody may keep pointers into it */
		char *own = vd_malloc(f.body.n);
		VD_REQUIRE(own);
		if (f.body.n)
			memcpy(own, f.body.p, f.body.n);
		f.body.p = own;
		fuzz_reset(fuzz_decoded);
		int err = a->decode(state, &f, fuzz_decoded);
		fuzz_check(fuzz_decoded, err);
		if (!err)
			fuzz_judge(fuzz_decoded, &f);
		if (!err)
			fuzz_commands(a, state, fuzz_decoded);
		vd_free(own);
	}
	if (a->fini)
		a->fini(state);
	vd_free(state);
	return 0;
}
