/* SPDX-License-Identifier: EUPL-1.2 */
/* Opening a store backend. */
#pragma once
#include "port/store.h"

struct vd_store_config {
	const char *path;   /* database file; its folder also holds checkpoints/ and signing key */
	const char *origin; /* checkpoint origin line, e.g. "varde.nord-gudbrandsdal" */
	const char *key_file;  /* Ed25519 private key (PEM), made when absent */
	int64_t checkpoint_ms; /* sign at most this often; 0 = 1000 */
	bool inline_mode;      /* no threads: commits in a deferred call (simulate, tools) */
	bool unsafe_fast;      /* synchronous=OFF, for making demo history only */
};
int vd_store_sqlite_open(struct vd_runtime *rt, const struct vd_store_config *cfg,
			 struct vd_store **ret, struct vd_errtext *e);

/* In memory, for tests and scenarios. */
struct vd_store_memory_faults {
	bool full;        /* commits fail with VD_EBUSY */
	bool error;       /* commits fail with VD_EIO -> done(VD_EBUSY) */
	int64_t delay_ms; /* each commit takes this long on the simulated clock */
};
int vd_store_memory_open(struct vd_runtime *rt, struct vd_store **ret);
struct vd_store_memory_faults *vd_store_memory_faults(struct vd_store *s);
/* The directory a memory store boots with (ownership passes). */
void vd_store_memory_set_directory(struct vd_store *s, struct vd_directory *take_d);
/* Committed contents, for assertions: counts and lookups. */
size_t vd_store_memory_events(struct vd_store *s);
const struct vd_event *vd_store_memory_event(struct vd_store *s, size_t i);
const struct vd_alarm *vd_store_memory_alarm(struct vd_store *s, const char *id);
const struct vd_command *vd_store_memory_command(struct vd_store *s, const char *id); /* NULL */
size_t vd_store_memory_looks(struct vd_store *s, const struct vd_op_access **ret_first);
size_t vd_store_memory_steps(struct vd_store *s, const char *alarm,
			     const struct vd_alarm_step **ret_first);
/* As if the process had died: whatever was not committed is gone, the rest stays; the store can be
 * booted again by a new hub. */
void vd_store_memory_crash(struct vd_store *s);
