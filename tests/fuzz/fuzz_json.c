/* SPDX-License-Identifier: EUPL-1.2 */
/* Any bytes through the JSON reader with jansson as judge, by path, and as a journaled event. */
#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/event.h"
#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads by every door there is; the verdict of the last. */
static int whole(struct vd_span text)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	char out[32];
	vd_json_init(&j, text);
	if (vd_json_peek(&j) == VD_JSON_OBJECT && vd_json_enter_object(&j)) {
		while (vd_json_next_key(&j, &key))
			if (vd_json_value(&j, &v) && v.type == VD_JSON_STRING)
				VD_REQUIRE(vd_json_unescape(v.raw, out, sizeof(out)) < sizeof(out));
	} else {
		(void)vd_json_skip(&j);
	}
	int one = vd_json_finish(&j);
	vd_json_init(&j, text);
	(void)vd_json_skip(&j);
	int other = vd_json_finish(&j);
	VD_REQUIRE((one == 0) == (other == 0)); /* however it is read */
	return other;
}

/* Accepted by us: then it is JSON. The other way round has two limits of ours and two of theirs
 * (tests/unit/base/test_json.c). */
static void judge(struct vd_span text)
{
	json_error_t e;
	json_t *v = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	enum json_error_code code = v ? json_error_unknown : json_error_code(&e);
	bool theirs =
		v || code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
	json_decref(v);
	VD_REQUIRE(theirs);
}

static void events(struct vd_span text)
{
	struct vd_event e, again;
	struct vd_buf b;
	if (vd_event_parse(text, &e))
		return;
	vd_buf_init(&b, 8192);
	VD_REQUIRE(vd_event_json(&e, &b) == 0);
	VD_REQUIRE(vd_event_parse(vd_buf_span(&b), &again) == 0);
	VD_REQUIRE(again.kind == e.kind && again.device == e.device && again.seq == e.seq);
	vd_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vd_json_val v;
	char *own = vd_malloc(size);
	VD_REQUIRE(own);
	if (size)
		memcpy(own, data, size);
	struct vd_span text = vd_span(own, size);
	if (whole(text) == 0)
		judge(text);
	(void)vd_json_find(text, "a.b", &v);
	events(text);
	vd_free(own);
	return 0;
}
