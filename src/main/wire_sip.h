/* SPDX-License-Identifier: EUPL-1.2 */
/* The SIP door's part of the composition root. Loop thread, except open which runs before it. */
#pragma once
#include "main/wire.h"

int wire_open_sip(struct wire *w, struct vd_errtext *e); /* 0 or VD_E* with *e told */
void wire_sip_metrics(const struct wire *w, struct vd_buf *b);
