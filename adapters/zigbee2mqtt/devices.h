/* SPDX-License-Identifier: EUPL-1.2 */
/* The gateway's devices as bridge/devices tells them: friendly name -> IEEE address, vendor, model.
 * Owned by the adapter's state; replaced whole. Loop thread. */
#pragma once
#include "adapters/common/models.h"
#include "base/json.h"
#include "base/map.h"
#include "port/adapter.h"

struct z2m_device {
	char name[96], ieee[24], vendor[48], model[64];
	const struct vd_models_name *of; /* what the tables know of the model; NULL = nothing */
	unsigned takes;                  /* Z2M_TAKES_*: what its exposes let be set */
};
enum z2m_takes {
	Z2M_TAKES_LOCK = 1,     /* lock: state LOCK, UNLOCK */
	Z2M_TAKES_IDENTIFY = 2, /* blinks */
	Z2M_TAKES_WARNING = 4,  /* siren, by mode and seconds */
	Z2M_TAKES_ALARM = 8,    /* siren, true and false */
	Z2M_TAKES_SILENCE = 16  /* smoke alarm that can be quietened, true */
};
struct z2m_devices {
	struct z2m_device *list; /* owned */
	size_t n;
	struct vd_map by_name; /* of the list */
};

void z2m_devices_free(struct z2m_devices *d);
const struct z2m_device *z2m_devices_find(const struct z2m_devices *d, struct vd_span name);
/* Reads the whole message, fills ret->heard, replaces the list. On error nothing has changed. */
int z2m_devices_read(struct z2m_devices *d, const struct vd_tables *tables, struct vd_span body,
		     struct vd_decoded *ret);
/* What one entry of exposes adds to that, or a feature inside a "lock". */
unsigned z2m_takes_of(struct vd_span type, struct vd_span property, int access, bool on_true,
		      bool in_lock);
unsigned z2m_commands(const struct z2m_devices *d, const struct vd_target *who);
int z2m_command(const struct z2m_devices *d, const char *prefix, const struct vd_target *who,
		const struct vd_command *c, struct vd_downlink *ret);
/* A string that is an address: 0x and sixteen hexadecimal digits. */
bool z2m_is_ieee(const struct vd_json_val *v);
