/* SPDX-License-Identifier: EUPL-1.2 */
/* What adapters that render commands share: the binding's configuration, kept as text. Loop thread.
 *
 * A binding's configuration is a JSON object. "downlink" is the hub's (where requests go,
 * docs/commands.md); "commands" says what nobody else can: which devices take which verbs. */
#pragma once
#include "base/json.h"
#include "port/adapter.h"

/* A copy of the configuration, NULL when there is none or it is no object: then nothing is offered,
 * and messages are read all the same. 0 or VD_ENOMEM. */
int vd_down_keep(char **ret, struct vd_span config);
/* The same in place of an older one. */
int vd_down_keep_new(char **config, struct vd_span fresh);
/* Are requests to go over HTTP? */
bool vd_down_http(const char *config);
/* A string member of the top level; "" when absent. */
struct vd_span vd_down_text(const char *config, const char *key);
/* "commands": {"*": ["ring"], "door-1": ["unlock", "lock"]}: the verbs of this device, and those of
 * "*", which stands for every device. */
unsigned vd_down_verbs(const char *config, struct vd_span identity);
/* printf into the topic; VD_ELIMIT when it does not fit. */
int vd_down_topic(struct vd_downlink *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Percent-encoded as one segment of a path (RFC 3986): the platform's own names go in unharmed. */
int vd_down_segment(struct vd_downlink *d, struct vd_span name);
