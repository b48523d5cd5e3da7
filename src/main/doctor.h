/* SPDX-License-Identifier: EUPL-1.2 */
/* What `varde doctor` looks at, one group of findings a function. A tool: one thread, may block. */
#pragma once
#include "main/config.h"
#include <stdint.h>

enum vd_level { VD_FINE, VD_WARN, VD_BAD };

struct vd_finding {
	enum vd_level level;
	char what[32];  /* stable name for programs: "disk.space" */
	char fact[240]; /* "12.3 GiB free" */
	char hint[240]; /* what to do; "" when fine */
};
#define VD_MAX_FINDINGS 96 /* a region of 32 municipalities without a roster, and all the rest */

struct vd_doctor {
	const struct vd_config *cfg; /* borrowed */
	int64_t now_ms;
	bool full; /* take the time a whole check needs */
	struct vd_finding list[VD_MAX_FINDINGS];
	size_t n, warnings, errors;
};

void vd_doctor_find(struct vd_doctor *d, enum vd_level level, const char *what, const char *hint,
		    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

void vd_doctor_machine(struct vd_doctor *d);  /* folder, space, fsync, plug-in */
void vd_doctor_clock(struct vd_doctor *d);    /* year, synchronisation, summer time rule */
void vd_doctor_tls(struct vd_doctor *d);      /* certificates and keys */
void vd_doctor_database(struct vd_doctor *d); /* schema, checkpoints, duty, devices */
void vd_doctor_server(struct vd_doctor *d);   /* does it answer */
struct vd_inspect;
/* The SIP door and its accounts; called by vd_doctor_database. */
void vd_doctor_sip(struct vd_doctor *d, const struct vd_inspect *i);
void vd_doctor_reports(struct vd_doctor *d); /* last night's edition */
