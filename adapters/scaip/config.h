/* SPDX-License-Identifier: EUPL-1.2 */
/* How a gateway's units are answered: its binding's configuration, for all of them and for single
 * ones. Loop thread. */
#pragma once
#include "base/span.h"

#define SCAIP_MAX_CONFIG (64 * 1024) /* about 400 units with words of their own */

struct scaip_options {
	bool hold;            /* snu 4 until a person has taken the alarm */
	bool strict_from;     /* a From user other than cid is refused */
	int media;            /* mre: 0 no call, 1 duplex, 2 and 3 simplex */
	int heartbeat_min;    /* hbi, 1..1440; 0 = the unit keeps its own */
	struct vd_span call;  /* "" the unit's preset receiver, "duty", "sip:..." or "tel:..." */
	struct vd_span brand; /* the vendor of schema/maps/scaip.csv, for private codes */
};

struct scaip_config {
	struct scaip_options all;
	struct vd_span units; /* JSON object, cid -> options; into text */
	char *text;           /* owned */
};

/* A JSON object, "" = defaults. VD_EINVAL: a member nobody knows or a value that does not fit, also
 * of a single unit. Fini also after a failed init. */
int scaip_config_init(struct scaip_config *c, struct vd_span json);
void scaip_config_fini(struct scaip_config *c);
/* What holds for this unit. Spans live as long as the configuration. */
void scaip_options_of(const struct scaip_config *c, struct vd_span cid, struct scaip_options *ret);
