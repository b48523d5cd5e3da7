/* SPDX-License-Identifier: EUPL-1.2 */
/* cmocka with its includes in the order it needs. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
