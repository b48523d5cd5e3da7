/* SPDX-License-Identifier: EUPL-1.2 */
/* MQTT topics by their parts. Pure; spans point into the topic. */
#pragma once
#include "base/span.h"

/* What follows `prefix` and its slash; all of it when the prefix is "". false: not under it. */
bool vd_topic_under(const char *prefix, struct vd_span topic, struct vd_span *ret_rest);
/* Cuts the last part off: "a/b/c" -> "a/b" stays, "c" is returned; the last one leaves "". */
struct vd_span vd_topic_last(struct vd_span *path);
/* Cuts the first part off likewise. */
struct vd_span vd_topic_first(struct vd_span *path);
/* Compared whole and without regard to case. */
bool vd_same_text(struct vd_span a, const char *b);
/* Nothing but digits, worth at most `max`: its number, else -1. */
int vd_digits(struct vd_span s, int max);
