/* SPDX-License-Identifier: EUPL-1.2 */
/* Looking things up in the directory for a tool: by what a person types, and in lists. Rows are
 * borrowed and last until the callback returns. One thread that may block. */
#pragma once
#include "model/rhythm.h"
#include "store/directory_write.h"

#define VD_DIR_BETWEEN     '\x1f'
#define VD_FIND_CANDIDATES 10 /* shown when a code fits several devices */

/* One device as tools show it. Personal columns are empty unless asked for. */
struct vd_dir_row {
	int64_t id, gateway, placement, recipient;
	int muni;
	const char *muni_name, *gateway_user, *gateway_name, *family, *identity, *name, *vendor,
		*model, *serial, *features, *lifecycle, *room, *purpose;
	const char *recipient_name; /* personal */
	const char *also;           /* numbers of who lives there too, blanks between */
	const char *also_names;     /* personal; in the same order, VD_DIR_BETWEEN between */
	bool unsupported, alarm_button, alarm_on_open, silent, on_test;
	int night_from_min, night_to_min;
	int64_t supervise_ms, test_until, first_heard, last_heard; /* 0 = never, none */
	double battery, link;                                      /* NaN = unknown */
	int64_t unknown_keys;          /* how often a field was told that nobody understood */
	int64_t unknown_fields;        /* how many different ones */
	int64_t limit_ms, interval_ms; /* silent after, heard about every; 0 = not known */
	enum vd_limit_basis basis;
	int64_t tested; /* newest test or call for help; 0 = none known */
};
typedef bool (*vd_dir_row_fn)(const struct vd_dir_row *row, void *arg); /* false stops */

enum vd_dir_which {
	VD_DIR_REGISTERED, /* everything the municipality has: not waiting, not gone */
	VD_DIR_WAITING,    /* heard, and nobody has registered it */
	VD_DIR_SILENT,     /* should have been heard from */
	VD_DIR_ALL
};
struct vd_dir_filter {
	enum vd_dir_which which;
	int muni;       /* 0 = whole scope */
	int64_t device; /* 0 = any */
	bool personal;  /* fill recipient_name: the caller logs the look first */
};
int vd_dirf_devices(struct vd_dirw *w, const struct vd_dir_filter *f, vd_dir_row_fn fn, void *arg);

/* The device a person means by `code`: its number, serial or identity as written on it (case,
 * colons and a leading 0x do not matter), or "id:", "serial:", "identity:" and one of those.
 * Several: refused, and `candidates` (room for VD_FIND_CANDIDATES) with *ret_n tell which. */
int vd_dirf_resolve(struct vd_dirw *w, const char *code, int64_t *ret_id,
		    int64_t candidates[VD_FIND_CANDIDATES], size_t *ret_n);

struct vd_dir_history {
	int64_t at_ms, placement, other, staff;
	const char *what, *note, *other_serial, *other_identity;
};
/* Oldest first. */
int vd_dirf_history(struct vd_dirw *w, int64_t device,
		    bool (*fn)(const struct vd_dir_history *h, void *arg), void *arg);

/* A field nobody understood, as counted. Days are Oslo days. */
struct vd_dir_unknown {
	char key[64];  /* "" = those of long messages that were counted without a name */
	char type[12]; /* "bool" "number" "text" "object" "list", "" = never told */
	int64_t times;
	int first_day, last_day;
};
#define VD_FIND_UNKNOWN 100 /* told of one device; a device with more is not understood at all */
/* The most frequent first. */
int vd_dirf_unknown(struct vd_dirw *w, int64_t device,
		    bool (*fn)(const struct vd_dir_unknown *u, void *arg), void *arg);

struct vd_dir_who {
	int64_t id;
	int muni;
	int scope[16]; /* 0-terminated */
};
/* A member of staff by user name. 0 or a refusal. */
int vd_dirf_staff(struct vd_dirw *w, const char *user, struct vd_dir_who *ret);

/* Lists of plain columns; each is borrowed text, "" for NULL. muni 0 = the whole scope. */
enum vd_dir_list {
	VD_LIST_MUNICIPALITIES, /* number name language gateways recipients devices and the
				 * five times in ms, test_days */
	VD_LIST_RECIPIENTS,     /* id muni name address floor phone devices ended_at ; personal */
	VD_LIST_GATEWAYS,       /* id muni user name disabled cert devices sip */
	VD_LIST_BINDINGS,       /* gateway-user family prefix config */
	VD_LIST_STAFF,          /* id muni user name phone language roles has-password disabled
				 * scope ; personal */
	VD_LIST_SHIFTS          /* id muni user name level from to ; personal, those not over */
};
typedef bool (*vd_dir_list_fn)(const char *const *cols, int n, void *arg);
int vd_dirf_list(struct vd_dirw *w, enum vd_dir_list what, int muni, vd_dir_list_fn fn, void *arg);
