/* SPDX-License-Identifier: EUPL-1.2 */
/* A look at a database from outside, for `varde doctor`: no personal data is read. Opens a
 * read-only connection of its own and closes it; blocking, so in a tool and never on the loop. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VD_MAX_DUTY_GAPS 32 /* municipalities told by name; the rest is counted */

struct vd_inspect {
	int schema;    /* of the file */
	int64_t bytes; /* database pages in use */
	int64_t journal_rows;
	int64_t newest_ms;     /* newest receipt in the journal, 0 = empty */
	int64_t checkpoint_ms; /* newest signed checkpoint, 0 = none */
	int64_t unsigned_rows; /* among the newest 10 000, not under a checkpoint of their log */
	int64_t unsigned_since_ms;         /* oldest of them */
	bool whole;                        /* the integrity check came to its end in time */
	char damage[200];                  /* its first complaint, "" = none */
	int64_t in_use, silent, waiting;   /* devices */
	int64_t quarantined;               /* unreadable messages kept */
	int64_t sip_accounts, sip_without; /* open accounts; gateways with SCAIP and none */
	char sip_realms[200];              /* of the accounts, with commas between */
	size_t n_gaps;
	int64_t gaps_more;
	struct {
		int muni;
		char name[64];
		int64_t from_ms, to_ms; /* nobody on duty, within the 24 hours asked about */
	} gaps[VD_MAX_DUTY_GAPS];       /* first gap of each municipality with devices in use */
};

/* `silence_ms`: limit of devices without their own. `check_ms`: how long the integrity check may
 * take, 0 = as long as it wants. 0, VD_ENOTFOUND, VD_EVERSION, VD_ECORRUPT or VD_EIO. */
int vd_store_inspect(const char *path, int64_t now_ms, int64_t silence_ms, int64_t check_ms,
		     struct vd_inspect *ret, struct vd_errtext *e);
