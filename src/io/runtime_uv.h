/* SPDX-License-Identifier: EUPL-1.2 */
/* The runtime on libuv. */
#pragma once
#include "port/runtime.h"
#include <uv.h>

/* The loop is borrowed. 0 or VD_ENOMEM/VD_EIO. Close before uv_loop_close; on_closed in a later
 * turn, then *ret is freed. */
int vd_runtime_uv_open(uv_loop_t *loop, struct vd_runtime **ret);
void vd_runtime_uv_close(struct vd_runtime *r, void (*on_closed)(void *arg), void *arg);
