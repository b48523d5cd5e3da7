/* SPDX-License-Identifier: EUPL-1.2 */
/* Commands inside the hub: command.c takes wishes and judges them, command_send.c carries them out.
 * Loop thread. */
#pragma once
#include "core/hub_int.h"

struct command_waiter { /* somebody who asked, and waits for it to be durable */
	struct command_waiter *next;
	struct vd_deferred later;
	struct hub_command *x;
	void (*done)(int err, const struct vd_command *c, void *arg);
	void *arg;
};

struct hub_command {
	struct vd_link link; /* hub.commands */
	struct vd_hub *h;
	struct vd_command c;
	struct vd_timer *timer;
	struct command_waiter *waiters;
	int64_t asked_mono;  /* when it came; INT64_MIN / 2 for one of an earlier life */
	int64_t expire_mono; /* its time runs out */
	unsigned saving;     /* batches on their way to the disk */
	unsigned tries;      /* for the pauses between */
	bool stored;         /* its first row is on the disk: it may be sent */
	bool dirty;          /* its present state is not on the disk */
	bool dirty_end;      /* nor is the journal's event of its end */
	bool unsure;         /* may have reached the device */
};

/* command.c */
/* The device's adapter and what it is to know; false when nobody can tell it anything. */
struct hub_binding *command_binding(struct vd_hub *h, int64_t device, struct vd_target *ret);
/* May what has waited still be done? Not when its device hangs in another home by now, nor, of a
 * door, when its asker has lost the right to it. */
bool command_still_may(struct vd_hub *h, const struct vd_command *c);
/* An entry of the access log about it. `tail` "" or ".refused". 0 or VD_ENOMEM. */
int command_look(struct vd_batch *b, const struct vd_command *c, const char *tail, int64_t at_ms);

/* command_send.c */
struct hub_command *command_new(struct vd_hub *h, const struct vd_command *c); /* NULL: memory */
void command_free(struct hub_command *x);
/* Its first row with the journal's event; then it is sent. 0, or VD_EBUSY / VD_ENOMEM: it is not.
 */
int command_store_first(struct hub_command *x, const char *reason);
void command_attempt(void *x); /* now */
/* From now on for `left_ms`, starting in `delay_ms`. */
void command_arm(struct hub_command *x, int64_t left_ms, int64_t delay_ms);
void command_end(struct hub_command *x, enum vd_command_state to, const char *result);
