/* SPDX-License-Identifier: EUPL-1.2 */
/* What a unit is answered, whatever it sent. Input: one byte chooses outcome, stand and
 * configuration, the rest is the request. What comes out is XML again, and short. */
#include "base/check.h"
#include "base/mem.h"
#include "fuzz_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct vd_adapter vd_adapter_scaip;

static const char *const configs[] = {
	"", "{\"hold\":true,\"from\":\"strict\",\"call\":\"duty\"}",
	"{\"call\":\"sip:vakt@lom.example\",\"units\":{\"1\":{\"hold\":true,\"brand\":\"x\"}}}",
	"{\"call\":\"tel:+4761000000\",\"media\":3,\"heartbeat_min\":1}"};

/* Every element is closed, nothing of the request's markup came through. */
static void check_closed(struct vd_span s)
{
	int depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '<')
			depth += i + 1 < s.n && s.p[i + 1] == '/' ? -1 : 1;
		VD_REQUIRE(depth >= 0 && depth <= 2);
	}
	VD_REQUIRE(depth == 0 && s.n > 0 && s.n < 8192);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (!fuzz_tables)
		VD_REQUIRE(vd_tables_load(NULL, &fuzz_tables, NULL) == 0);
	const struct vd_adapter *a = &vd_adapter_scaip;
	struct vd_answer answer = {.outcome = (enum vd_outcome_code)(data[0] & 3),
				   .stand = (enum vd_stand)(data[0] >> 2 & 3),
				   .why = data[0] & 64 ? "cannot store" : NULL,
				   .call = data[0] & 128 ? "+47 900 00 000" : NULL};
	struct vd_frame f = {.carrier = VD_CARRIER_SIP,
			     .topic = VD_SPAN_LIT("1@alarm.example"),
			     .body = vd_span((const char *)data + 1, size - 1),
			     .received_at_ms = 1770091506000};
	struct vd_buf body, scratch;
	const char *type = NULL;
	void *state = vd_calloc(1, a->state_size);
	vd_buf_init(&body, VD_MAX_FRAME_BYTES);
	vd_buf_init(&scratch, VD_MAX_FRAME_BYTES);
	VD_REQUIRE(state && a->init(state, vd_span("", 0), vd_span_cstr(configs[data[0] >> 4 & 3]),
				    fuzz_tables) == 0);
	VD_REQUIRE(a->reply(state, &f, &answer, &body, &type) == 0 && type);
	check_closed(vd_buf_span(&body));
	fuzz_touch(a->speaker(state, &f, &scratch));
	vd_buf_fini(&body);
	vd_buf_fini(&scratch);
	a->fini(state);
	vd_free(state);
	return 0;
}
