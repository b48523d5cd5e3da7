/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/pseudonym.h"
#include "adapters/common/reading.h"
#include "base/err.h"
#include "base/map.h"
#include <inttypes.h>

#define SALT_MIN     16
#define SALT_MAX     128
#define IDENTITY_MAX 95 /* as the hub keeps them */

int vd_pseudonyms_init(struct vd_pseudonyms *p, struct vd_span config)
{
	struct vd_json_val salt = {0};
	*p = (struct vd_pseudonyms){0};
	if (!config.n || !vd_json_find(config, "salt", &salt))
		return 0;
	if (salt.type != VD_JSON_STRING || salt.raw.n < SALT_MIN || salt.raw.n > SALT_MAX)
		return VD_EINVAL;
	p->k0 = vd_hash64(salt.raw, 1);
	p->k1 = vd_hash64(salt.raw, 2);
	return 0;
}

static uint64_t left(uint64_t x, int n)
{
	return (x << n) | (x >> (64 - n));
}

static void rounds(uint64_t v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[1] = left(v[1], 13) ^ v[0];
		v[0] = left(v[0], 32);
		v[2] += v[3];
		v[3] = left(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = left(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = left(v[1], 17) ^ v[2];
		v[2] = left(v[2], 32);
	}
}

uint64_t vd_pseudonym_hash(const struct vd_pseudonyms *p, struct vd_span who)
{
	uint64_t v[4] = {p->k0 ^ 0x736f6d6570736575ull, p->k1 ^ 0x646f72616e646f6dull,
			 p->k0 ^ 0x6c7967656e657261ull, p->k1 ^ 0x7465646279746573ull};
	uint64_t word = 0;
	for (size_t i = 0; i < who.n; i++) {
		word |= (uint64_t)(unsigned char)who.p[i] << (8 * (i % 8));
		if (i % 8 != 7)
			continue;
		v[3] ^= word;
		rounds(v, 2);
		v[0] ^= word;
		word = 0;
	}
	word |= (uint64_t)who.n << 56;
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Scratch was given room before the first call, so it never moves. */
static struct vd_span keep(struct vd_decoded *d, const char *text, size_t n)
{
	if (d->scratch.n + n + 1 > d->scratch.cap)
		return vd_span("", 0);
	char *dst = d->scratch.p + d->scratch.n;
	memcpy(dst, text, n);
	dst[n] = '\0';
	d->scratch.n += n + 1;
	return vd_span(dst, n);
}

struct vd_span vd_pseudonym(struct vd_decoded *d, const struct vd_pseudonyms *p, const char *prefix,
			    struct vd_span who)
{
	char text[48];
	if (!who.n)
		return vd_span("", 0);
	int n = snprintf(text, sizeof(text), "%s-%016" PRIx64, prefix, vd_pseudonym_hash(p, who));
	return n > 0 && (size_t)n < sizeof(text) ? keep(d, text, (size_t)n) : vd_span("", 0);
}

/* Check digits: Skatteetaten, "Fødselsnummer". Months + 40, + 65 and + 80 are made-up persons. */
bool vd_national_number(struct vd_span s)
{
	static const int w1[] = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1},
			 w2[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
	int sum1 = 0, sum2 = 0;
	if (s.n != 11)
		return false;
	for (size_t i = 0; i < 11; i++) {
		int c = s.p[i] - '0';
		if (c < 0 || c > 9)
			return false;
		sum1 += i < 10 ? c * w1[i] : 0;
		sum2 += c * w2[i];
	}
	return sum1 % 11 == 0 && sum2 % 11 == 0;
}

struct vd_span vd_device_named(struct vd_decoded *d, const struct vd_pseudonyms *p,
			       const struct vd_json_val *v)
{
	struct vd_span s = vd_span_trim(v->raw);
	if ((v->type != VD_JSON_STRING && v->type != VD_JSON_NUMBER) || !s.n)
		return vd_span("", 0);
	if (v->escaped || s.n > IDENTITY_MAX)
		return vd_pseudonym(d, p, "id", s);
	return vd_national_number(s) ? vd_pseudonym(d, p, "person", s) : s;
}
