/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/mem.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_long fault_at = -1;
static atomic_long fault_left;
static atomic_long count;

void vd_mem_fault(long countdown, long repeat)
{
	atomic_store(&fault_at, countdown);
	atomic_store(&fault_left, repeat);
	atomic_store(&count, 0);
}

long vd_mem_count(void)
{
	return atomic_load(&count);
}

static int fails(void)
{
	if (atomic_load_explicit(&fault_at, memory_order_relaxed) < 0)
		return 0;
	long n = atomic_fetch_add(&count, 1);
	long at = atomic_load(&fault_at);
	long rep = atomic_load(&fault_left);
	return n >= at && (rep == 0 || n < at + rep);
}

void *vd_malloc(size_t n)
{
	return fails() ? NULL : malloc(n ? n : 1);
}

void *vd_calloc(size_t n, size_t size)
{
	return fails() ? NULL : calloc(n ? n : 1, size ? size : 1);
}

void *vd_realloc(void *p, size_t n)
{
	return fails() ? NULL : realloc(p, n ? n : 1);
}

char *vd_memdup_str(const char *p, size_t n)
{
	char *d = n == SIZE_MAX ? NULL : vd_malloc(n + 1);
	if (!d)
		return NULL;
	if (n)
		memcpy(d, p, n);
	d[n] = '\0';
	return d;
}

char *vd_strdup(const char *s)
{
	return vd_memdup_str(s, strlen(s));
}

void vd_free(void *p)
{
	free(p);
}

void vd_foreign_free(void *p)
{
	free(p);
}
