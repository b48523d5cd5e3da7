/* SPDX-License-Identifier: EUPL-1.2 */
#include "onboard/text.h"
#include "base/clock.h"
#include <stdio.h>

bool vd_lang_parse(const char *s, enum vd_lang *ret)
{
	static const struct {
		const char *name;
		enum vd_lang lang;
	} known[] = {
		{"nb", VD_LANG_NB}, {"no", VD_LANG_NB}, {"nn", VD_LANG_NN}, {"en", VD_LANG_EN}};
	for (size_t i = 0; s && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(s, known[i].name, 2) ||
		    (s[2] && s[2] != '_' && s[2] != '.' && s[2] != '-'))
			continue;
		*ret = known[i].lang;
		return true;
	}
	return false;
}

const char *vd_lang_name(enum vd_lang lang)
{
	static const char *const names[] = {"nb", "nn", "en"};
	return names[lang];
}

const char *vd_text_raw(enum vd_lang lang, enum vd_text id)
{
	return vd_texts[id][lang];
}

void vd_text(char *dst, size_t cap, enum vd_lang lang, enum vd_text id, const char *const args[])
{
	struct vd_buf b;
	size_t n_args = 0;
	const char *s = vd_texts[id][lang];
	while (args && args[n_args])
		n_args++;
	vd_buf_init(&b, 8192);
	for (; *s; s++) {
		if (s[0] == '{' && s[1] >= '0' && s[1] <= '9' && s[2] == '}') {
			size_t i = (size_t)(s[1] - '0');
			(void)vd_buf_add_cstr(&b, i < n_args ? args[i] : "");
			s += 2;
			continue;
		}
		(void)vd_buf_add_char(&b, *s);
	}
	/* Without memory the bare text is still better than none. */
	(void)vd_span_copy(dst, cap, b.err ? vd_span_cstr(vd_texts[id][lang]) : vd_buf_span(&b));
	vd_buf_fini(&b);
}

void vd_text_day(int64_t ms, char dst[16])
{
	struct vd_civil c;
	vd_civil_oslo(ms, &c);
	snprintf(dst, 16, "%02d.%02d.%04d", c.day % 100, c.month % 100, c.year % 10000);
}

void vd_text_time(int64_t ms, char dst[24])
{
	struct vd_civil c;
	vd_civil_oslo(ms, &c);
	snprintf(dst, 24, "%02d.%02d.%04d %02d:%02d", c.day % 100, c.month % 100, c.year % 10000,
		 c.hour % 100, c.minute % 100);
}

static enum vd_text refusal_text(const struct vd_refusal *why)
{
	switch (why->what) {
	case VD_REF_NONE: break;
	case VD_REF_DEVICE_UNKNOWN: return VD_T_REF_DEVICE_UNKNOWN;
	case VD_REF_DEVICE_AMBIGUOUS: return VD_T_REF_DEVICE_AMBIGUOUS;
	case VD_REF_OTHER_MUNI: return why->a[0] ? VD_T_REF_OTHER_MUNI : VD_T_REF_OTHER_MUNI_BARE;
	case VD_REF_IN_USE: return why->since_ms ? VD_T_REF_IN_USE : VD_T_REF_IN_USE_BARE;
	case VD_REF_GATEWAY_UNKNOWN: return VD_T_REF_GATEWAY_UNKNOWN;
	case VD_REF_GATEWAY_REVOKED: return VD_T_REF_GATEWAY_REVOKED;
	case VD_REF_RECIPIENT_UNKNOWN: return VD_T_REF_RECIPIENT_UNKNOWN;
	case VD_REF_RECIPIENT_ENDED: return VD_T_REF_RECIPIENT_ENDED;
	case VD_REF_SERIAL_TAKEN: return VD_T_REF_SERIAL_TAKEN;
	case VD_REF_IDENTITY_MISSING: return VD_T_REF_IDENTITY_MISSING;
	case VD_REF_SCRAPPED: return VD_T_REF_SCRAPPED;
	case VD_REF_SAME_DEVICE: return VD_T_REF_SAME_DEVICE;
	case VD_REF_NOT_PLACED: return VD_T_REF_NOT_PLACED;
	case VD_REF_MUNI_UNKNOWN: return VD_T_REF_MUNI_UNKNOWN;
	case VD_REF_MUNI_EXISTS: return VD_T_REF_MUNI_EXISTS;
	case VD_REF_STAFF_UNKNOWN: return VD_T_REF_STAFF_UNKNOWN;
	case VD_REF_STAFF_EXISTS: return VD_T_REF_STAFF_EXISTS;
	case VD_REF_STAFF_SCOPE: return VD_T_REF_STAFF_SCOPE;
	case VD_REF_STAFF_DISABLED: return VD_T_REF_STAFF_DISABLED;
	case VD_REF_GATEWAY_EXISTS: return VD_T_REF_GATEWAY_EXISTS;
	case VD_REF_SHIFT_TIMES: return VD_T_REF_SHIFT_TIMES;
	case VD_REF_TOO_MANY: return VD_T_REF_TOO_MANY;
	}
	return VD_T_STORE_FAILED;
}

void vd_text_refusal(char *dst, size_t cap, enum vd_lang lang, const struct vd_refusal *why)
{
	char day[16] = "";
	if (why->since_ms)
		vd_text_day(why->since_ms, day);
	vd_text(dst, cap, lang, refusal_text(why), VD_ARGS(why->a, why->b, day));
}

void vd_text_failure(char *dst, size_t cap, enum vd_lang lang, int code, const struct vd_dirw *w)
{
	char detail[600];
	enum vd_text id = VD_T_STORE_FAILED;
	if (w->why.what) {
		vd_text_refusal(dst, cap, lang, &w->why);
		return;
	}
	snprintf(detail, sizeof(detail), "(%s%s%s)",
		 w->err.fact[0] ? w->err.fact : vd_strerror(code), w->err.detail[0] ? ": " : "",
		 w->err.detail);
	if (code == VD_EBUSY)
		id = VD_T_STORE_BUSY;
	else if (code == VD_EVERSION)
		id = VD_T_STORE_VERSION;
	else if (code == VD_ENOMEM)
		id = VD_T_NO_MEMORY;
	vd_text(dst, cap, lang, id, VD_ARGS(detail));
}

const char *vd_text_lifecycle(enum vd_lang lang, const char *lifecycle)
{
	static const enum vd_text names[] = {
		[VD_LIFE_HEARD] = VD_T_LIFE_HEARD,
		[VD_LIFE_STOCK] = VD_T_LIFE_STOCK,
		[VD_LIFE_READY] = VD_T_LIFE_READY,
		[VD_LIFE_TEST] = VD_T_LIFE_TEST,
		[VD_LIFE_IN_USE] = VD_T_LIFE_IN_USE,
		[VD_LIFE_OUT_OF_SERVICE] = VD_T_LIFE_OUT_OF_SERVICE,
		[VD_LIFE_RETURNED] = VD_T_LIFE_RETURNED,
		[VD_LIFE_SCRAPPED] = VD_T_LIFE_SCRAPPED,
	};
	int l = vd_lifecycle_parse(vd_span_cstr(lifecycle));
	return l < 0 ? lifecycle : vd_texts[names[l]][lang];
}
