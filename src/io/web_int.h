/* SPDX-License-Identifier: EUPL-1.2 */
/* Inside the web door. web.c alone knows libwebsockets; the rest sees requests, clients and
 * sessions. Loop thread.
 *
 * Glossary: a *request* lives from its head until its answer is written, also when its peer has
 * gone meanwhile; a *client* is one console's WebSocket; a *session* is one signed-in person. */
#pragma once
#include "base/json.h"
#include "base/map.h"
#include "core/hub.h"
#include "io/web.h"
#include <jansson.h>

#define WEB_BEAT_MS        5000ll
#define WEB_HERE_MS        15000ll /* a console that is silent longer is not watching */
#define WEB_RESPONSE_BYTES (8 * 1024 * 1024)
#define WEB_MESSAGE_BYTES  (1024 * 1024)
#define WEB_GONE_MS        300000ll /* and after this it is let go */

/* So that one sender, or one person, leaves room for the others. */
#define WEB_HOOKS           1024 /* webhooks waiting for the commit */
#define WEB_HOOKS_GATEWAY   64   /* of one gateway */
#define WEB_CLIENTS_SESSION 16   /* consoles on one sign-in: browser tabs */
#define WEB_SESSIONS_PERSON 16   /* the longest unused makes room */

struct web_session;
struct web_passwords;
struct web_static;
struct web_attempts;

struct web_request {
	struct vd_web *web;
	void *wsi; /* libwebsockets', NULL when the peer has gone */
	char method[8];
	char path[1024], query[1024];
	char content_type[96], authorization[512], cookie[1024], csrf[80], origin[256], host[256];
	char etag_seen[80], address[64];
	struct vd_buf body;
	int64_t since_mono;
	bool heard;   /* its body has come to its end */
	bool pending; /* an answer will come later */
	bool answered;
	int refused; /* the status it will get once its body has been heard out; 0 = none */
	struct web_session *session; /* set by the router, valid during the call only */
	/* the answer */
	int status;
	const char *type; /* static text */
	struct vd_buf out;
	struct vd_span borrowed; /* static file, instead of out */
	char set_cookie[256], etag[80], location[128];
	int retry_after_s;
	bool ask_credential, cacheable;
	int64_t id; /* scratch of handlers */
};

struct out_message {
	struct out_message *next;
	char kind; /* 'c' change, 'e' event, 'x' anything else: only like kinds share a frame */
	size_t n;
	char text[];
};

struct web_client {
	struct vd_link link;
	struct vd_web *web;
	void *wsi;
	uint8_t session_key[32];
	int64_t staff, here_mono;
	bool counted, hello, events, bye;
	struct out_message *first, **last;
	size_t queued_bytes;
};

struct web_session {
	struct vd_link link;
	uint8_t key[32]; /* SHA-256 of the token in the cookie */
	char csrf[44];
	int64_t staff, created_mono, used_mono;
	int64_t directory_version; /* rights were checked against this one */
	char language[4];
	struct vd_map shown; /* alarms whose person has been shown, by hash: access log once each */
	unsigned clients;
};

struct vd_web {
	struct vd_web_config cfg;
	struct vd_runtime *rt;
	struct vd_hub *hub;
	struct vd_store *store;
	void *context; /* libwebsockets' */
	int port;
	bool tls, closing;
	struct vd_timer *beat;
	struct vd_watcher watcher;
	struct vd_link clients, sessions, hooks; /* the last: webhooks waiting for the commit */
	size_t n_clients, n_sessions, n_hooks;
	struct vd_map session_by_key;
	struct web_passwords *passwords;
	struct web_attempts *attempts;
	struct vd_link looks_waiting, looks_submitted; /* struct look */
	size_t n_looks_waiting;
	int64_t looks_lost;
	struct web_static *files;
	void (*metrics_fn)(struct vd_buf *b, void *arg);
	void *metrics_arg;
	int64_t requests, started_wall;
	void (*on_closed)(void *arg);
	void *on_closed_arg;
	struct vd_deferred later;
};

/* web.c */
void web_answer(struct web_request *q);      /* the answer is complete: write it */
void web_client_wants(struct web_client *c); /* something is queued */

/* web_route.c */
void web_route(struct web_request *q);
void web_problem(struct web_request *q, int status, const char *code, const char *detail);
void web_problem_err(struct web_request *q, int err);
void web_json(struct web_request *q, int status); /* out holds JSON */
bool web_query(const struct web_request *q, const char *name, char *ret, size_t cap);
struct vd_scope web_scope(const struct vd_web *w, int64_t staff);
/* Content-Length as it was written: 0 and *ret, or the status to refuse with (413 fills *ret too).
 */
int web_length(const char *text, size_t max, size_t *ret);
/* `address` is the peer's: when that is a proxy on this machine, whom it speaks for (the last of
 * X-Forwarded-For). */
void web_address(char *address, size_t cap, const char *forwarded);

/* web_hook.c */
void web_hook(struct web_request *q, struct vd_span rest);

/* web_session.c */
int web_sessions_open(struct vd_web *w);
void web_sessions_close(struct vd_web *w);
struct web_session *web_session_of(struct vd_web *w, const char *cookie);
/* The same, refreshed as used; NULL when idle or over: *ret_locked tells the former. */
struct web_session *web_session_use(struct vd_web *w, const char *cookie, bool *ret_locked);
bool web_session_idle(const struct vd_web *w, const struct web_session *s);
void web_session_request(struct web_request *q); /* /api/v1/session */
void web_sessions_sweep(struct vd_web *w);
/* Failed sign-ins slow down: this account from this address, the account, the address. */
void web_attempt_keys(const char *user, const char *address, uint64_t ret[3]);
int web_attempt_wait_s(struct vd_web *w, const uint64_t keys[3]); /* 0 = try */
void web_attempt_result(struct vd_web *w, const uint64_t keys[3], bool right);
struct web_session *web_session_by_key(struct vd_web *w, const uint8_t key[32]);

/* web_look.c: every look at a person's data reaches the access log, after a full disk too. */
void web_looks_open(struct vd_web *w);
void web_looks_close(struct vd_web *w); /* what still waits is lost, and said so in the log */
void web_looks_retry(struct vd_web *w);
void web_looked(struct vd_web *w, struct web_session *s, int muni, int64_t recipient,
		const char *what, const char *alarm);

/* web_api.c */
void web_api(struct web_request *q, struct vd_span path);

/* web_alarm_json.c */
void web_alarm_write(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a, int64_t staff);
void web_alarm_members(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a, int64_t staff);
/* `person`: with the note, which may tell about her. */
void web_step_write(struct vd_web *w, struct vd_jw *j, const struct vd_alarm_step *s, bool person);
/* May she know whose alarm it is? Care staff, leaders and administrators; technicians where a
 * device is the matter; nobody else (need to know: GDPR art. 5 (1) c, 32). The alarm itself is no
 * secret. */
bool web_sees_person(struct vd_web *w, const struct vd_alarm *a, int64_t staff);
/* Everybody whom a placement's device is for, the alarm's own recipient first; returns how many.
 * Borrowed from the directory. */
size_t web_residents(struct vd_web *w, int64_t recipient, int64_t placement,
		     const struct vd_recipient *ret[1 + VD_MAX_ALSO]);
/* Logs the look at each of them, if they were shown. */
void web_alarm_looked(struct vd_web *w, struct web_session *s, const struct vd_alarm *a,
		      const char *what);
/* Member "affected" of an alarm that has such a list, each person named being a look at them. */
void web_affected_write(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a,
			struct web_session *s);
void web_watch_write(struct vd_jw *j, const struct vd_device_health *h);
void web_status_write(struct vd_web *w, struct vd_jw *j, int64_t staff);
void web_person(struct vd_web *w, struct vd_jw *j, const char *key, int64_t staff);
const char *web_step_request(enum vd_step s); /* "acknowledge" ... or NULL */
int web_step_parse(struct vd_span s);         /* -1 */

/* web_command.c */
struct vd_reader;
struct vd_command_filter;
struct web_commands { /* read on the reader thread, written on the loop */
	struct {
		struct vd_command c;
		char *reason; /* owned; NULL = none */
	} * rows;
	size_t n;
};
int web_commands_read(struct vd_reader *r, const struct vd_scope *scope,
		      const struct vd_command_filter *f, struct web_commands *ret);
void web_commands_free(struct web_commands *l);
/* The member "commands" of an alarm: what this home takes, and what has been asked. */
void web_commands_write(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a, int64_t staff,
			const struct web_commands *l, bool person);
void web_command_write(struct vd_web *w, struct vd_jw *j, const struct vd_command *c,
		       const char *reason); /* NULL = left out */
void web_commands_route(struct web_request *q, struct vd_span rest, bool change);
void web_device_commands_route(struct web_request *q, struct vd_span rest, bool change);

/* web_live.c */
int web_live_open(struct vd_web *w);
void web_live_close(struct vd_web *w);
void web_client_open(struct web_client *c);
void web_client_close(struct web_client *c);
void web_client_message(struct web_client *c, struct vd_span text);
/* Takes the next frame's text off the queue into `frame`; false when empty. */
bool web_client_next(struct web_client *c, struct vd_buf *frame);
void web_client_bye(struct web_client *c, const char *reason);

/* web_static.c */
int web_static_open(struct vd_web *w, struct vd_errtext *e);
void web_static_close(struct vd_web *w);
void web_static_get(struct web_request *q);

/* web_metrics.c */
void web_metrics(struct web_request *q);

/* web_reports.c */
void web_reports_list(struct web_request *q);
void web_report_file(struct web_request *q, struct vd_span rest);

/* password.c */
int web_passwords_open(struct vd_runtime *rt, struct web_passwords **ret);
void web_passwords_close(struct web_passwords *p); /* waits for the hashes under way */
/* VD_EBUSY when VD_MAX_PENDING_LOGIN wait. done on the loop. `encoded` "" costs as much and fails.
 */
int web_password_check(struct web_passwords *p, const char *encoded, struct vd_span password,
		       void (*done)(bool right, void *arg), void *arg);
