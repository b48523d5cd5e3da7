/* SPDX-License-Identifier: EUPL-1.2 */
/* Assertions that stay on in production. Plain assert() is banned by tests/check. Any thread. */
#pragma once
#include <stdbool.h>

/* Prints the broken invariant to stderr and aborts: the watchdog restarts us, the journal holds. */
_Noreturn void vd_check_fail(const char *what, const char *file, int line);

/* VD_REQUIRE: going on would corrupt data or lose an alarm; always fatal. */
#define VD_REQUIRE(cond)                                                                           \
	((__builtin_expect(!!(cond), 1)) ? (void)0 : vd_check_fail(#cond, __FILE__, __LINE__))

/* VD_UNREACHABLE: a switch over an enum ran out of cases. */
#define VD_UNREACHABLE(what) vd_check_fail(what, __FILE__, __LINE__)
