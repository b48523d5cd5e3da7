/* SPDX-License-Identifier: EUPL-1.2 */
/* varde device command: asks the running hub to tell a device something, and waits for what comes
 * of it. The hub judges and sends; here the wish is written down for it. No door opens from a
 * command line: whoever sits there has proved nothing about themselves. */
#include "onboard/verbs.h"
#include <poll.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define TAKE_S  5 /* the hub looks every second */
#define WAIT_S  20
#define LOOK_MS 500

struct order {
	int64_t device, minutes;
	enum vd_command_verb verb;
	char id[VD_ID_LEN + 1];
};

static int do_order(struct vd_dirw *w, void *arg)
{
	struct order *o = arg;
	return vd_dirw_order(w, o->device, o->verb, (int)o->minutes, o->id);
}

static int do_withdraw(struct vd_dirw *w, void *arg)
{
	return vd_dirw_order_withdraw(w, ((struct order *)arg)->id);
}

/* The hub's commits touch the write-ahead log: woken by them, and twice a second in any case. */
static int watch_db(const struct vd_cli *c)
{
	char wal[1024];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	snprintf(wal, sizeof(wal), "%s-wal", c->db_path);
	if (fd >= 0)
		(void)inotify_add_watch(fd, wal, IN_MODIFY);
	return fd;
}

static void wait_change(int fd)
{
	char events[4096];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	if (poll(&p, 1, LOOK_MS) > 0)
		while (read(fd, events, sizeof(events)) > 0)
			;
}

static int64_t mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

/* Until it has ended, or until the patience runs out. 0 or a failure. */
static int follow(struct vd_cli *c, const struct order *o, int64_t wait_s, struct vd_command *ret)
{
	const int64_t began = mono_ms();
	int fd = watch_db(c), r;
	for (;;) {
		r = vd_dirw_order_state(&c->w, o->id, ret);
		int64_t patience = ret->state == VD_CS_ASKED ? TAKE_S : wait_s;
		if (r || ret->ended_ms || mono_ms() - began >= patience * 1000)
			break;
		wait_change(fd);
	}
	if (fd >= 0)
		close(fd);
	return r;
}

static int print_json(struct vd_cli *c, const struct order *o, const struct vd_command *now)
{
	return vd_verb_print_json(c, json_pack("{s:s, s:I, s:s, s:s, s:s, s:b}", "command", o->id,
					       "device", (json_int_t)o->device, "verb",
					       vd_verb_name(o->verb), "state",
					       vd_command_state_name(now->state), "result",
					       now->result, "ended", now->ended_ms != 0));
}

static int tell(struct vd_cli *c, const struct order *o, const struct vd_command *now)
{
	static const enum vd_text texts[VD_CS_MAX] = {
		[VD_CS_ASKED] = VD_T_CMD_NOT_TAKEN, [VD_CS_QUEUED] = VD_T_CMD_WAITS,
		[VD_CS_SENT] = VD_T_CMD_SENT,       [VD_CS_ACCEPTED] = VD_T_CMD_ACCEPTED,
		[VD_CS_DONE] = VD_T_CMD_DONE,       [VD_CS_FAILED] = VD_T_CMD_FAILED,
		[VD_CS_EXPIRED] = VD_T_CMD_EXPIRED};
	bool good = now->state == VD_CS_SENT || now->state == VD_CS_ACCEPTED ||
		    now->state == VD_CS_DONE;
	bool withdrawn = strcmp(now->result, "nohub") == 0;
	bool bad = now->state == VD_CS_FAILED || now->state == VD_CS_EXPIRED;
	char number[24];
	snprintf(number, sizeof(number), "%lld", (long long)o->device);
	int exit = c->json ? print_json(c, o, now) : 0;
	if (!c->json)
		vd_cli_say(
			c, good ? c->out : c->err, texts[withdrawn ? VD_CS_ASKED : now->state],
			VD_ARGS(vd_verb_name(o->verb), number, now->result[0] ? now->result : "…"));
	return exit ? exit : good ? 0 : bad && !withdrawn ? VD_CLI_REFUSED : EX_TEMPFAIL;
}

static int check_verb(struct vd_cli *c, const char *word, struct order *o)
{
	o->verb = vd_verb_parse(vd_span_cstr(word));
	if (!o->verb) {
		vd_cli_say(c, c->err, VD_T_CMD_VERB,
			   VD_ARGS(word, "confirm, cancel, locate, ring, interval"));
		return EX_USAGE;
	}
	if (o->verb == VD_CMD_UNLOCK || o->verb == VD_CMD_LOCK) {
		vd_cli_say(c, c->err, VD_T_CMD_DOOR, NULL);
		return VD_CLI_REFUSED;
	}
	if ((o->verb == VD_CMD_INTERVAL) == (o->minutes > 0))
		return 0;
	vd_cli_say(c, c->err, VD_T_CMD_MINUTES, NULL);
	return EX_USAGE;
}

int vd_verb_device_command(struct vd_cli *c, int argc, char **argv)
{
	static const char *const two[] = {"DEVICE", "VERB", NULL};
	const char *words[2];
	struct order o = {0};
	struct vd_command now = {0};
	int64_t wait_s = WAIT_S;
	int exit;
	const struct vd_opt opts[] = {
		{"--minutes", VD_OPT_NUMBER, &o.minutes, VD_CMD_MINUTES_MIN, VD_CMD_MINUTES_MAX},
		{"--wait", VD_OPT_NUMBER, &wait_s, 1, 3600}};
	if (vd_cli_parse(c, argc, argv, opts, 2, two, words, &exit) < 0)
		return exit;
	if ((exit = check_verb(c, words[1], &o)) || (exit = vd_cli_open(c, VD_DB_WRITE)) ||
	    (exit = vd_cli_device(c, words[0], &o.device)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_order, &o);
	if (r >= 0)
		r = follow(c, &o, wait_s, &now);
	if (!r && now.state == VD_CS_ASKED) {
		r = vd_dirw_tx(&c->w, do_withdraw, &o);
		if (r >= 0) /* or taken in the last moment */
			r = vd_dirw_order_state(&c->w, o.id, &now);
	}
	return r < 0 ? vd_cli_failed(c, r) : tell(c, &o, &now);
}
