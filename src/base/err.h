/* SPDX-License-Identifier: EUPL-1.2 */
/* Error codes: every fallible function returns 0 or one of these (negative). Text is made at the
 * edge only, as fact, detail and hint (struct vd_errtext). Any thread. */
#pragma once
#include <stddef.h>

enum vd_err {
	VD_OK = 0,
	VD_ENOMEM = -1,    /* allocation failed */
	VD_EINVAL = -2,    /* the caller or peer gave something that can never be right */
	VD_ELIMIT = -3,    /* a ceiling from limits.h was reached */
	VD_EBUSY = -4,     /* not now: queue full, disk full, shutting down; try again */
	VD_ENOTFOUND = -5, /* no such thing, or not within the caller's scope */
	VD_EEXIST = -6,    /* it is there already */
	VD_EDENIED = -7,   /* identity known, right missing */
	VD_EAUTH = -8,     /* identity not proved */
	VD_EPARSE = -9,    /* bytes are not what they claim to be */
	VD_EIO = -10,      /* disk or socket failed */
	VD_ESTATE = -11,   /* not allowed in the present state */
	VD_ECORRUPT = -12, /* stored data contradicts itself */
	VD_EVERSION = -13, /* made by a newer program */
	VD_ECONFLICT = -14 /* somebody else changed it first */
};

/* Short English fact for logs ("disk or socket failed"). Never NULL. */
const char *vd_strerror(int err);

/* An error ready for a reader: what happened, which part, what to do. */
struct vd_errtext {
	int code;          /* enum vd_err */
	char fact[160];    /* "cannot open the journal" */
	char detail[240];  /* "/var/lib/varde/varde.db: permission denied"; may be empty */
	char hint[240];    /* "run as the user varde"; may be empty */
};

/* Fills *e (NULL allowed) and returns code, so that callers can `return vd_errtext(...)`.
 * `detail_fmt` is printf-like and may be NULL. */
int vd_errtext(struct vd_errtext *e, int code, const char *fact, const char *hint,
	       const char *detail_fmt, ...) __attribute__((format(printf, 5, 6)));
