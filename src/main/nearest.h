/* SPDX-License-Identifier: EUPL-1.2 */
/* "Did you mean": edit distance over short names. Pure. Any thread. */
#pragma once
#include <stddef.h>

/* Edits (insert, delete, replace, swap neighbours) between a and b; words over 64 bytes: 64. */
int vd_edit_distance(const char *a, const char *b);
/* The closest of n names when it is close enough to be meant (at most a third of the word wrong, or
 * one name begins with the other), else NULL. */
const char *vd_nearest(const char *word, const char *const *names, size_t n);
