/* SPDX-License-Identifier: EUPL-1.2 */
/* What The Things Stack and ChirpStack share on the way down: which bytes mean what to which model,
 * and how a device is called on its platform. Loop thread.
 *
 * A LoRaWAN device of class A listens after it has spoken: what a platform has accepted waits there
 * until then. So only what bears waiting is rendered: never a door. */
#pragma once
#include "adapters/common/downlink.h"

/* Names that platforms use besides the DevEUI, learnt from uplinks. A ring: the newest stay. */
#define VD_LORA_PEERS 500 /* as many as one gateway may add to the waiting list */
struct vd_lora_peer {
	char eui[24], device[64], application[64], topic[96];
};
struct vd_lora_peers {
	struct vd_lora_peer *list; /* owned */
	size_t n, at;
};
/* Without memory nothing is learnt: the next uplink tells it again. */
void vd_lora_learn(struct vd_lora_peers *p, struct vd_span eui, struct vd_span device,
		   struct vd_span application, struct vd_span topic);
const struct vd_lora_peer *vd_lora_peer(const struct vd_lora_peers *p, struct vd_span eui);
void vd_lora_peers_free(struct vd_lora_peers *p);

bool vd_lora_is_eui(struct vd_span s); /* sixteen hexadecimal digits */

/* Verbs this model takes: ours, and those of the binding's own list
 * "downlinks": [{"model": "ws303*", "verb": "locate", "f_port": 85, "payload": "FF..."}]. */
unsigned vd_lora_verbs(const char *config, const struct vd_target *who);
/* The port and the bytes in base64. 0, or VD_EINVAL: not this model, or it cannot say that number.
 */
int vd_lora_render(const char *config, const struct vd_target *who, const struct vd_command *c,
		   int *ret_port, char *ret_base64, size_t cap);
