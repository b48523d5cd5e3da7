/* SPDX-License-Identifier: EUPL-1.2 */
/* What onboarding says to people, in bokmål, nynorsk and English; the table is text_table.h.
 * Pure, any thread. The error texts follow KS's guide for plain language: concrete, beside the
 * fault, one step on. */
#pragma once
#include "base/buf.h"
#include "store/directory_write.h"

enum vd_lang { VD_LANG_NB, VD_LANG_NN, VD_LANG_EN };

#define VD_T(name, nb, nn, en) VD_T_##name,
enum vd_text {
#include "onboard/text_table.h"
	VD_T_COUNT
};
#undef VD_T

#define VD_ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "nb" "nn" "en", also "no" and a locale ("nn_NO.UTF-8"). false when it is none of ours. */
bool vd_lang_parse(const char *s, enum vd_lang *ret);
const char *vd_lang_name(enum vd_lang lang);
/* The text with {0}, {1} ... replaced by args (NULL-terminated, NULL allowed), cut at cap. */
void vd_text(char *dst, size_t cap, enum vd_lang lang, enum vd_text id, const char *const args[]);
const char *vd_text_raw(enum vd_lang lang, enum vd_text id);
/* "24.11.2026" and "24.11.2026 10:15", Oslo time: the public sector's way (sprakradet.no). */
void vd_text_day(int64_t ms, char dst[16]);
void vd_text_time(int64_t ms, char dst[24]);
/* A refusal as fact and hint in one sentence or two. */
void vd_text_refusal(char *dst, size_t cap, enum vd_lang lang, const struct vd_refusal *why);
/* Whatever went wrong with w: its refusal, or the storage failure `code`. */
void vd_text_failure(char *dst, size_t cap, enum vd_lang lang, int code, const struct vd_dirw *w);
/* "in_use" -> "i drift". */
const char *vd_text_lifecycle(enum vd_lang lang, const char *lifecycle);
