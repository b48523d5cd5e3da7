/* SPDX-License-Identifier: EUPL-1.2 */
/* The one door to the heap, so that tests can make the n-th allocation fail. Any thread. */
#pragma once
#include <stddef.h>

void *vd_malloc(size_t n);
void *vd_calloc(size_t n, size_t size);
void *vd_realloc(void *p, size_t n);
char *vd_strdup(const char *s);
char *vd_memdup_str(const char *p, size_t n); /* copies n bytes and adds a NUL */
void vd_free(void *p);
/* Memory that a library took from the C heap for us (scandir, json_dumps). */
void vd_foreign_free(void *p);

/* Test hook: the allocation after `countdown` more succeeds no longer, `repeat` times
 * (0 = for ever). A negative countdown switches the fault off. Not thread-safe: call it before
 * threads start. */
void vd_mem_fault(long countdown, long repeat);
/* Allocations made since the last vd_mem_fault() call. */
long vd_mem_count(void);
