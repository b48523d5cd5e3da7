/* SPDX-License-Identifier: EUPL-1.2 */
/* What read jobs and command-line tools ask of the store. Runs on the reader thread (or in a tool),
 * on a private read-only connection. Every call takes a scope. Callbacks get borrowed rows. */
#pragma once
#include "model/alarm.h"
#include "model/command.h"
#include "model/directory.h"
#include "model/event.h"
#include "store/db.h"

struct vd_reader {
	struct vd_db *db;
	int64_t now_ms; /* shifts ended two days before this are left out; 0 = the machine's clock
			 */
};

struct vd_event_filter {
	int muni;               /* 0 = whole scope */
	int64_t device;         /* 0 = any */
	enum vd_kind kind;      /* 0 = any */
	int64_t from_ms, to_ms; /* [from, to), 0 = open */
	int64_t after_seq;      /* journal row number */
	int limit;              /* 0 = 100, at most 1000 */
	bool newest_first;
};
typedef bool (*vd_event_fn)(int64_t seq, const struct vd_event *e, void *arg); /* false stops */
int vd_reader_events(struct vd_reader *r, const struct vd_scope *s, const struct vd_event_filter *f,
		     vd_event_fn fn, void *arg);
struct vd_alarm_filter {
	int muni;
	int64_t recipient, device;
	bool open_only, closed_only;
	int64_t from_ms, to_ms; /* received_at */
	int limit;
};
int vd_reader_alarms(struct vd_reader *r, const struct vd_scope *s, const struct vd_alarm_filter *f,
		     bool (*fn)(const struct vd_alarm *a, void *arg), void *arg);
/* Steps in order, with notes. VD_ENOTFOUND outside the scope. */
int vd_reader_steps(struct vd_reader *r, const struct vd_scope *s, const char *alarm,
		    bool (*fn)(const struct vd_alarm_step *st, void *arg), void *arg);
struct vd_command_filter {
	const char *alarm; /* "" = any */
	const char *id;    /* "" = any */
	int64_t device;    /* 0 = any */
	int limit;         /* 0 = 100, at most 1000 */
};
/* Newest first, with the reason ("" = none given). */
int vd_reader_commands(struct vd_reader *r, const struct vd_scope *s,
		       const struct vd_command_filter *f,
		       bool (*fn)(const struct vd_command *c, const char *reason, void *arg),
		       void *arg);
struct vd_access_row {
	int64_t at_ms, staff, recipient;
	int muni;
	const char *what, *alarm;
};
int vd_reader_access(struct vd_reader *r, const struct vd_scope *s, int64_t recipient,
		     int64_t from_ms, int64_t to_ms,
		     bool (*fn)(const struct vd_access_row *a, void *arg), void *arg);
int vd_reader_directory(struct vd_reader *r, struct vd_directory **ret); /* machine's own: all */
int vd_reader_directory_version(struct vd_reader *r, int64_t *ret);
