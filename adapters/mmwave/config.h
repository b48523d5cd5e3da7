/* SPDX-License-Identifier: EUPL-1.2 */
/* What a binding says about radars that somebody has put together: {"device":..., "topic":...,
 * "time":..., "vendor":..., "model":..., "firmware":...}, all optional. Loop thread. */
#pragma once
#include "base/span.h"

#define MMWAVE_WORD 64 /* bytes of one word of the configuration, with its end */

struct mmwave_config {
	char device[MMWAVE_WORD]; /* the member that names the device; "" = the topic does */
	char time[MMWAVE_WORD];   /* the member that tells the time; "" = timestamp, time or ts */
	char topic[2 * MMWAVE_WORD]; /* levels after the prefix: {device}, {key}, + or a word */
	char vendor[MMWAVE_WORD], model[MMWAVE_WORD], firmware[MMWAVE_WORD]; /* whose rows fit */
};

/* "" = defaults. 0, or VD_EINVAL: an unknown member, no text, too long, or a topic without
 * {device}. */
int mmwave_config_read(struct vd_span json, struct mmwave_config *ret);
/* Takes a topic (after the prefix) apart; false: it is not one of these radars'. *ret_key is ""
 * when the body holds the names of its values. Without a pattern all of it is the device, unless
 * `bare` says that the body is a value alone: then its last level is the name of that value. */
bool mmwave_topic(const struct mmwave_config *c, struct vd_span topic, bool bare,
		  struct vd_span *ret_device, struct vd_span *ret_key);
