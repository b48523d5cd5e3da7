/* SPDX-License-Identifier: EUPL-1.2 */
/* Where commands leave: over MQTT to a gateway's subscribers, over HTTP to the platform that the
 * binding's configuration names. Loop thread. */
#pragma once
#include "main/wire.h"

/* Opens the way out and gives it to the hub. 0, or VD_E* with *e told. */
int sender_open(struct wire *w, struct vd_errtext *e);
/* An order over MQTT was acknowledged (`taken`) or refused. */
void sender_told(struct wire *w, const char *id, bool taken);
