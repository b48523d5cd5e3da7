/* SPDX-License-Identifier: EUPL-1.2 */
#include "benefit/answer.h"
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Nearest rank: a wait that really happened, not one between two. */
static int64_t rank(const int64_t *v, size_t n, unsigned percent)
{
	size_t i = (n * percent + 99) / 100;
	return n ? v[i ? i - 1 : 0] : 0;
}

struct vd_answer vd_answer_of(int64_t *wait_ms, size_t n)
{
	struct vd_answer r = {.alarms = (int64_t)n};
	size_t first = 0;
	if (n)
		qsort(wait_ms, n, sizeof(*wait_ms), by_value);
	while (first < n && wait_ms[first] < 0)
		first++;
	const int64_t *v = wait_ms + first;
	size_t k = n - first;
	r.answered = (int64_t)k;
	for (size_t i = 0; i < k; i++) {
		r.within60 += v[i] <= 60000;
		r.within180 += v[i] <= 180000;
	}
	r.median_ms = rank(v, k, 50);
	r.p90_ms = rank(v, k, 90);
	r.max_ms = rank(v, k, 100);
	return r;
}
