/* SPDX-License-Identifier: EUPL-1.2 */
#include "main/nearest.h"
#include <string.h>

#define MAX_WORD 64

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the usual table. */
int vd_edit_distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	int rows[3][MAX_WORD + 1];
	if (na > MAX_WORD || nb > MAX_WORD)
		return MAX_WORD;
	int *before = rows[0], *above = rows[1], *row = rows[2];
	for (size_t j = 0; j <= nb; j++)
		above[j] = before[j] = (int)j;
	for (size_t i = 1; i <= na; i++) {
		row[0] = (int)i;
		for (size_t j = 1; j <= nb; j++) {
			int d = above[j - 1] + (a[i - 1] != b[j - 1]);
			d = least(d, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, before[j - 2] + 1);
			row[j] = d;
		}
		int *spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[nb];
}

const char *vd_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t len = strlen(word);
	int limit = len < 4 ? 1 : (int)(len / 3) + 1, best_d = limit + 1;
	for (size_t i = 0; i < n; i++) {
		int d = vd_edit_distance(word, names[i]);
		if (len >= 3 && strncmp(names[i], word, len) == 0)
			d = 1;
		if (d < best_d) {
			best_d = d;
			best = names[i];
		}
	}
	return best;
}
