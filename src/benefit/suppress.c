/* SPDX-License-Identifier: EUPL-1.2 */
#include "benefit/suppress.h"

/* The smallest shown cell with people in it; when there is none, the first shown one. */
static size_t next_to_hide(const int64_t *people, size_t n, const bool *hide)
{
	size_t best = n, empty = n;
	for (size_t i = 0; i < n; i++) {
		if (hide[i])
			continue;
		if (!people[i]) {
			if (empty == n)
				empty = i;
		} else if (best == n || people[i] < people[best]) {
			best = i;
		}
	}
	return best < n ? best : empty;
}

bool vd_suppress_row(const int64_t *people, size_t n, bool *hide)
{
	int64_t sum = 0, hidden = 0;
	size_t cells = 0;
	for (size_t i = 0; i < n; i++) {
		sum += people[i];
		hide[i] = vd_suppress_one(people[i]);
		hidden += hide[i] ? people[i] : 0;
		cells += hide[i];
	}
	if (vd_suppress_one(sum))
		return true; /* without the sum nothing can be computed back */
	/* One hidden cell is the sum less the others; a few that hold fewer than five together
	 * are the same disclosure for a group. */
	while (cells && (cells < 2 || hidden < VD_SUPPRESS_BELOW)) {
		size_t i = next_to_hide(people, n, hide);
		if (i == n)
			return true;
		hide[i] = true;
		hidden += people[i];
		cells++;
	}
	return false;
}
