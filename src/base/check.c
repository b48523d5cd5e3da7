/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include <stdio.h>
#include <stdlib.h>

_Noreturn void vd_check_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "varde: broken invariant: %s (%s:%d)\n", what, file, line);
	fflush(stderr);
	abort();
}
