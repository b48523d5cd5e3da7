/* SPDX-License-Identifier: EUPL-1.2 */
/* Log-linear histogram of microseconds: 64 sub-buckets per power of two, at most 1.6 % error. */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HIST_SUB 6
struct hist {
	uint64_t n, max, bucket[64 << HIST_SUB];
};

static inline unsigned hist_index(uint64_t us)
{
	if (us < (1u << HIST_SUB))
		return (unsigned)us;
	unsigned top = 63u - (unsigned)__builtin_clzll(us), shift = top - HIST_SUB;
	return ((shift + 1) << HIST_SUB) + (unsigned)((us >> shift) & ((1u << HIST_SUB) - 1));
}

static inline uint64_t hist_value(unsigned i)
{
	if (i < (1u << HIST_SUB))
		return i;
	unsigned shift = (i >> HIST_SUB) - 1;
	return ((uint64_t)(1u << HIST_SUB) + (i & ((1u << HIST_SUB) - 1))) << shift;
}

static inline void hist_add(struct hist *h, uint64_t us)
{
	h->bucket[hist_index(us)]++;
	h->n++;
	if (us > h->max)
		h->max = us;
}

static inline uint64_t hist_quantile(const struct hist *h, double q)
{
	uint64_t want = (uint64_t)(q * (double)h->n), seen = 0;
	for (unsigned i = 0; i < sizeof(h->bucket) / sizeof(h->bucket[0]); i++) {
		seen += h->bucket[i];
		if (seen > want)
			return hist_value(i);
	}
	return h->max;
}

static inline void hist_json(const struct hist *h, const char *name)
{
	printf("\"%s\":{\"n\":%llu,\"p50_us\":%llu,\"p99_us\":%llu,\"p999_us\":%llu,\"max_us\":%"
	       "llu}",
	       name, (unsigned long long)h->n, (unsigned long long)hist_quantile(h, 0.5),
	       (unsigned long long)hist_quantile(h, 0.99),
	       (unsigned long long)hist_quantile(h, 0.999), (unsigned long long)h->max);
}
