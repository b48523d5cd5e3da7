/* SPDX-License-Identifier: EUPL-1.2 */
/* Small numbers: cells that rest on fewer than five people are hidden, and so many more that they
 * cannot be computed back from the total. Pure, any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* etikkom.no advises groups no smaller than five; Statistics Norway hides fewer than three. */
#define VD_SUPPRESS_BELOW 5
/* Fewer than this in a denominator: no percentage, numbers only. */
#define VD_PERCENT_FROM 20

/* people[n]: how many persons stand behind each cell of a row whose sum is also shown. Fills
 * hide[n]; returns whether the sum must be hidden too. */
bool vd_suppress_row(const int64_t *people, size_t n, bool *hide);
static inline bool vd_suppress_one(int64_t people)
{
	return people > 0 && people < VD_SUPPRESS_BELOW;
}
