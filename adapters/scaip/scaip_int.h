/* SPDX-License-Identifier: EUPL-1.2 */
/* Inside the SCAIP family. Loop thread. */
#pragma once
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "adapters/scaip/config.h"
#include "adapters/scaip/doc.h"

struct scaip {
	const struct vd_tables *tables; /* borrowed */
	struct scaip_config config;
};

/* One request, with all that decides what it means and how it is answered. */
struct scaip_message {
	struct scaip_doc doc;
	struct scaip_options options; /* of this unit */
	struct vd_span from;          /* user part of the From address; "" = none told */
	struct vd_span unit;          /* whose message: cid, else the From user; into doc or from */
	char type;                    /* 'M'E, 'R'E, 'I'N, 'P'I */
	int dty, stc;                 /* as scaip_code() */
	bool foreign;                 /* From user and cid differ */
};

#define SCAIP_MAX_UNIT 64 /* bytes of a unit's name; the standard's has 32 digits */

/* 0, VD_ENOMEM. Never refuses: see scaip_refused(). */
int scaip_message_read(const struct scaip *s, const struct vd_frame *f, struct scaip_message *ret);
/* Why nothing of the message may be believed, NULL = it may. Static text or in m. */
const char *scaip_refused(const struct scaip_message *m);
/* Does it call for a person? By the same readings that decode makes. */
bool scaip_calls(const struct scaip *s, const struct scaip_message *m);

/* meaning.c: readings of a message, but its location. `unit` is what they bear as identity. */
void scaip_meaning(const struct scaip *s, const struct scaip_message *m, struct vd_span unit,
		   struct vd_decoded *ret);
/* place.c: the location, and what could not be read as one. */
void scaip_place(const struct scaip_message *m, struct vd_span unit, struct vd_decoded *ret);
/* answer.c */
int scaip_reply(void *state, const struct vd_frame *f, const struct vd_answer *a,
		struct vd_buf *ret_body, const char **ret_content_type);
