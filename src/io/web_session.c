/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is signed in. Sessions live in memory: a restart signs everybody out, and the consoles' live
 * lists say so. The cookie's token is kept as its SHA-256 only. */
#include "io/web_int.h"
#include "base/mem.h"
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>

#define ATTEMPTS_MAX 4096
#define LOCK_MAX_MS  (15 * 60000ll)
#define SHOWN_MAX    4096

/* Who is slowed down: an account from one address soon; an account, or an address, as a whole only
 * after many failures, because a municipality often has one address, and nobody should be able to
 * keep a nurse out by mistyping her password elsewhere. */
enum who { WHO_PAIR, WHO_ACCOUNT, WHO_ADDRESS, WHO_MAX };
static const int free_tries[WHO_MAX] = {5, 30, 50};

struct attempt { /* failures */
	uint64_t key;
	int fails;
	int64_t until_mono, last_mono;
};
struct web_attempts {
	struct vd_map by_key;
	struct attempt ring[ATTEMPTS_MAX];
	size_t at;
};

static void random_text(struct vd_web *w, char ret[44])
{
	uint8_t raw[32];
	w->rt->entropy(w->rt, raw, sizeof(raw));
	unsigned char b64[48];
	EVP_EncodeBlock(b64, raw, sizeof(raw));
	for (int i = 0; i < 43; i++)
		ret[i] = b64[i] == '+' ? '-' : b64[i] == '/' ? '_' : (char)b64[i];
	ret[43] = '\0';
}

static void hash_token(struct vd_span token, uint8_t ret[32])
{
	EVP_Digest(token.n ? token.p : "", token.n, ret, NULL, EVP_sha256(), NULL);
}

static const char *cookie_name(const struct vd_web *w)
{
	return w->tls ? "__Host-varde" : "varde";
}

static struct vd_span token_of(const struct vd_web *w, const char *cookie)
{
	struct vd_span rest = vd_span_cstr(cookie), pair, name;
	while (vd_span_next(&rest, ';', &pair)) {
		pair = vd_span_trim(pair);
		if (vd_span_next(&pair, '=', &name) && vd_span_is(name, cookie_name(w)) && pair.p)
			return pair;
	}
	return vd_span("", 0);
}

/* -- sessions ------------------------------------------------------------------------------- */

static void session_free(struct vd_web *w, struct web_session *s)
{
	vd_map_remove(&w->session_by_key, vd_span((char *)s->key, sizeof(s->key)));
	vd_list_remove(&s->link);
	vd_map_fini(&s->shown);
	w->n_sessions--;
	vd_free(s);
}

struct web_session *web_session_by_key(struct vd_web *w, const uint8_t key[32])
{
	return vd_map_get(&w->session_by_key, vd_span((const char *)key, 32));
}

/* Rights are those of the directory now: disabled people are out at once. */
static bool still_staff(const struct vd_web *w, const struct web_session *s)
{
	const struct vd_staff *p = vd_dir_staff(vd_hub_directory(w->hub), s->staff);
	return p && !p->disabled && p->password[0];
}

struct web_session *web_session_of(struct vd_web *w, const char *cookie)
{
	uint8_t key[32];
	struct vd_span token = token_of(w, cookie);
	if (token.n != 43)
		return NULL;
	hash_token(token, key);
	struct web_session *s = web_session_by_key(w, key);
	return s && still_staff(w, s) ? s : NULL;
}

bool web_session_idle(const struct vd_web *w, const struct web_session *s)
{
	int64_t now = w->rt->mono_ms(w->rt);
	return now - s->used_mono > w->cfg.idle_minutes * 60000ll ||
	       now - s->created_mono > w->cfg.hard_hours * 3600000ll;
}

struct web_session *web_session_use(struct vd_web *w, const char *cookie, bool *ret_locked)
{
	struct web_session *s = web_session_of(w, cookie);
	*ret_locked = s && web_session_idle(w, s);
	if (!s || *ret_locked)
		return NULL;
	s->used_mono = w->rt->mono_ms(w->rt);
	return s;
}

static void end_consoles(struct vd_web *w, const struct web_session *s)
{
	VD_LIST_EACH(it, &w->clients)
	{
		struct web_client *c = VD_CONTAINER(it, struct web_client, link);
		if (memcmp(c->session_key, s->key, sizeof(s->key)) == 0)
			web_client_bye(c, "signed_out");
	}
}

/* One person cannot fill the room of all: the sign-in she has not used for longest makes room. */
static void make_room(struct vd_web *w, int64_t staff)
{
	struct web_session *oldest = NULL;
	int n = 0;
	VD_LIST_EACH(it, &w->sessions)
	{
		struct web_session *s = VD_CONTAINER(it, struct web_session, link);
		if (s->staff != staff)
			continue;
		n++;
		if (!oldest || s->used_mono < oldest->used_mono)
			oldest = s;
	}
	if (n < WEB_SESSIONS_PERSON)
		return;
	end_consoles(w, oldest);
	session_free(w, oldest);
}

static struct web_session *session_new(struct vd_web *w, int64_t staff, char ret_token[44])
{
	make_room(w, staff);
	struct web_session *s = w->n_sessions < VD_MAX_SESSIONS ? vd_calloc(1, sizeof(*s)) : NULL;
	if (!s)
		return NULL;
	random_text(w, ret_token);
	random_text(w, s->csrf);
	hash_token(vd_span(ret_token, 43), s->key);
	s->staff = staff;
	s->created_mono = s->used_mono = w->rt->mono_ms(w->rt);
	vd_map_init(&s->shown, SHOWN_MAX, (uint64_t)s->created_mono);
	vd_list_init(&s->link);
	if (vd_map_put(&w->session_by_key, vd_span((char *)s->key, sizeof(s->key)), s)) {
		vd_free(s);
		return NULL;
	}
	vd_list_push_back(&w->sessions, &s->link);
	w->n_sessions++;
	return s;
}

/* A console with unacknowledged alarms goes on showing them; without, the idle session ends. */
void web_sessions_sweep(struct vd_web *w)
{
	VD_LIST_EACH(it, &w->sessions)
	{
		struct web_session *s = VD_CONTAINER(it, struct web_session, link);
		struct vd_status st;
		bool gone = !still_staff(w, s);
		if (!gone && web_session_idle(w, s)) {
			struct vd_scope scope = web_scope(w, s->staff);
			vd_hub_status(w->hub, &scope, &st);
			gone = !s->clients || !st.unacknowledged;
		}
		if (!gone)
			continue;
		end_consoles(w, s);
		session_free(w, s);
	}
}

int web_sessions_open(struct vd_web *w)
{
	uint64_t seed;
	w->rt->entropy(w->rt, &seed, sizeof(seed));
	vd_map_init(&w->session_by_key, VD_MAX_SESSIONS, seed);
	web_looks_open(w);
	w->attempts = vd_calloc(1, sizeof(*w->attempts));
	if (!w->attempts)
		return VD_ENOMEM;
	vd_map_init(&w->attempts->by_key, ATTEMPTS_MAX, seed);
	return web_passwords_open(w->rt, &w->passwords);
}

void web_sessions_close(struct vd_web *w)
{
	while (w->sessions.next && !vd_list_empty(&w->sessions))
		session_free(w, VD_CONTAINER(w->sessions.next, struct web_session, link));
	vd_map_fini(&w->session_by_key);
	web_looks_close(w);
	if (w->attempts)
		vd_map_fini(&w->attempts->by_key);
	vd_free(w->attempts);
}

/* -- rate limit ----------------------------------------------------------------------------- */

/* The address that counts: all of IPv4, the /64 of IPv6, of which one line has all addresses. */
static struct vd_span network_of(const char *address, uint8_t raw[16])
{
	struct vd_span text = vd_span_cstr(address);
	return inet_pton(AF_INET6, address, raw) == 1 && !memchr(text.p, '.', text.n)
		       ? vd_span((char *)raw, 8)
		       : text;
}

void web_attempt_keys(const char *user, const char *address, uint64_t ret[3])
{
	uint8_t raw[16];
	struct vd_span from = network_of(address, raw);
	uint64_t account = vd_hash64(vd_span_cstr(user), vd_hash64(VD_SPAN_LIT("user"), 3));
	ret[WHO_ACCOUNT] = account | 1;
	ret[WHO_ADDRESS] = vd_hash64(from, vd_hash64(VD_SPAN_LIT("from"), 3)) | 1;
	ret[WHO_PAIR] = vd_hash64(from, account) | 1;
}

int web_attempt_wait_s(struct vd_web *w, const uint64_t keys[3])
{
	int64_t now = w->rt->mono_ms(w->rt), left = 0;
	for (int i = 0; i < WHO_MAX; i++) {
		const struct attempt *t = vd_map_get_u64(&w->attempts->by_key, keys[i]);
		if (t && t->until_mono - now > left)
			left = t->until_mono - now;
	}
	return left > 0 ? (int)(left / 1000) + 1 : 0;
}

/* Made by a failure only, which costs a hash: asking alone pushes nobody's record out. */
static struct attempt *attempt_of(struct web_attempts *a, uint64_t key)
{
	struct attempt *t = vd_map_get_u64(&a->by_key, key);
	if (t)
		return t;
	t = &a->ring[a->at++ % ATTEMPTS_MAX];
	if (t->key)
		vd_map_remove_u64(&a->by_key, t->key);
	*t = (struct attempt){.key = key};
	(void)vd_map_put_u64(&a->by_key, key, t);
	return t;
}

/* After the free tries each failure doubles the wait; an hour of quiet forgives. */
static void failed(struct attempt *t, int free, int64_t now)
{
	if (now - t->last_mono > 3600000)
		t->fails = 0;
	t->last_mono = now;
	t->fails++;
	if (t->fails < free)
		return;
	int shift = t->fails - free;
	int64_t wait = 2000ll << (shift < 10 ? shift : 10);
	t->until_mono = now + (wait < LOCK_MAX_MS ? wait : LOCK_MAX_MS);
}

void web_attempt_result(struct vd_web *w, const uint64_t keys[3], bool right)
{
	for (int i = 0; i < WHO_MAX; i++) {
		struct attempt *t = vd_map_get_u64(&w->attempts->by_key, keys[i]);
		if (!right)
			failed(attempt_of(w->attempts, keys[i]), free_tries[i],
			       w->rt->mono_ms(w->rt));
		else if (t && i != WHO_ADDRESS) /* one who may sign in is no proof of the others */
			t->fails = 0;
	}
}

/* -- /api/v1/session ------------------------------------------------------------------------ */

static void write_session(struct web_request *q, const struct web_session *s, bool locked)
{
	static const struct {
		unsigned bit;
		const char *name;
	} roles[] = {{VD_ROLE_CARE, "care"},
		     {VD_ROLE_LEADER, "leader"},
		     {VD_ROLE_TECHNICIAN, "technician"},
		     {VD_ROLE_CONTROLLER, "controller"},
		     {VD_ROLE_ADMIN, "admin"}};
	const struct vd_directory *d = vd_hub_directory(q->web->hub);
	const struct vd_staff *p = vd_dir_staff(d, s->staff);
	struct vd_jw j;
	vd_jw_init(&j, &q->out);
	vd_jw_obj(&j);
	vd_jw_key(&j, "staff");
	vd_jw_obj(&j);
	vd_jw_kv_int(&j, "id", p->id);
	vd_jw_kv_str(&j, "name", p->name);
	vd_jw_kv_str(&j, "user", p->user);
	vd_jw_end_obj(&j);
	vd_jw_key(&j, "roles");
	vd_jw_arr(&j);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (p->roles & roles[i].bit)
			vd_jw_cstr(&j, roles[i].name);
	vd_jw_end_arr(&j);
	vd_jw_kv_str(&j, "language", s->language[0] ? s->language : p->language);
	vd_jw_key(&j, "municipalities");
	vd_jw_arr(&j);
	for (int i = 0; i < 16 && p->scope[i]; i++) {
		const struct vd_municipality *m = vd_dir_muni(d, p->scope[i]);
		vd_jw_obj(&j);
		vd_jw_kv_int(&j, "number", p->scope[i]);
		vd_jw_kv_str(&j, "name", m ? m->name : "?");
		vd_jw_end_obj(&j);
	}
	vd_jw_end_arr(&j);
	vd_jw_kv_str(&j, "csrf", s->csrf);
	vd_jw_kv_str(&j, "version", q->web->cfg.version);
	vd_jw_kv_int(&j, "idle_minutes", q->web->cfg.idle_minutes);
	vd_jw_kv_bool(&j, "locked", locked);
	vd_jw_end_obj(&j);
	web_json(q, 200);
}

struct sign_in {
	struct web_request *q;
	int64_t staff;
	uint64_t attempt[WHO_MAX];
};

static void on_checked(bool right, void *arg)
{
	struct sign_in *t = arg;
	struct web_request *q = t->q;
	struct vd_web *w = q->web;
	char token[44];
	const struct vd_staff *p = right ? vd_dir_staff(vd_hub_directory(w->hub), t->staff) : NULL;
	struct web_session *s = p && !p->disabled ? session_new(w, p->id, token) : NULL;
	web_attempt_result(w, t->attempt, right);
	if (!right || !p || p->disabled) {
		web_problem(q, 401, "auth", "User name or password is wrong.");
	} else if (!s) {
		web_problem(q, 503, "busy", "Too many people are signed in.");
	} else {
		struct web_session *old = web_session_of(w, q->cookie);
		if (old) /* unlocked in place: the live stream of the old one moves over */
			VD_LIST_EACH(it, &w->clients)
			{
				struct web_client *c = VD_CONTAINER(it, struct web_client, link);
				if (old->staff == s->staff &&
				    memcmp(c->session_key, old->key, 32) == 0) {
					memcpy(c->session_key, s->key, 32);
					old->clients--;
					s->clients++;
				}
			}
		if (old && old->staff == s->staff)
			session_free(w, old);
		snprintf(q->set_cookie, sizeof(q->set_cookie),
			 "%s=%s; Path=/; HttpOnly; SameSite=Strict%s", cookie_name(w), token,
			 w->tls ? "; Secure" : "");
		write_session(q, s, false);
	}
	vd_free(t);
	web_answer(q);
}

static bool same_origin(const struct web_request *q)
{
	const char *slashes = strstr(q->origin, "//");
	return !q->origin[0] || (slashes && strcmp(slashes + 2, q->host) == 0);
}

static void sign_in(struct web_request *q)
{
	struct vd_web *w = q->web;
	json_t *body = json_loadb(q->body.p ? q->body.p : "", q->body.n, 0, NULL);
	const char *user = json_string_value(json_object_get(body, "user"));
	json_t *pw = json_object_get(body, "password");
	const char *password = json_string_value(pw);
	struct sign_in *t = user && password ? vd_calloc(1, sizeof(*t)) : NULL;
	if (!t) {
		web_problem(q, 400, "parse", "user and password are needed.");
		json_decref(body);
		return;
	}
	const struct vd_staff *p = vd_dir_staff_user(vd_hub_directory(w->hub), vd_span_cstr(user));
	*t = (struct sign_in){.q = q, .staff = p ? p->id : 0};
	web_attempt_keys(user, q->address, t->attempt);
	int wait = web_attempt_wait_s(w, t->attempt);
	if (wait) {
		q->retry_after_s = wait;
		web_problem(q, 429, "limit", "Too many failed sign-ins; wait and try again.");
		vd_free(t);
	} else if (web_password_check(w->passwords, p && !p->disabled ? p->password : "",
				      vd_span(password, json_string_length(pw)), on_checked, t)) {
		web_problem(q, 503, "busy", "Many are signing in now; try again in a moment.");
		vd_free(t);
	} else {
		q->pending = true;
	}
	json_decref(body);
}

static void set_language(struct web_request *q, struct web_session *s)
{
	json_t *body = json_loadb(q->body.p ? q->body.p : "", q->body.n, 0, NULL);
	const char *l = json_string_value(json_object_get(body, "language"));
	if (l && (strcmp(l, "nb") == 0 || strcmp(l, "nn") == 0 || strcmp(l, "en") == 0)) {
		snprintf(s->language, sizeof(s->language), "%s", l);
		write_session(q, s, false);
	} else {
		web_problem(q, 400, "parse", "language is nb, nn or en.");
	}
	json_decref(body);
}

static void sign_out(struct web_request *q, struct web_session *s)
{
	end_consoles(q->web, s);
	session_free(q->web, s);
	snprintf(q->set_cookie, sizeof(q->set_cookie), "%s=; Path=/; Max-Age=0%s",
		 cookie_name(q->web), q->web->tls ? "; Secure" : "");
	q->status = 204;
}

void web_session_request(struct web_request *q)
{
	bool locked = false;
	struct web_session *s = web_session_of(q->web, q->cookie);
	bool change = strcmp(q->method, "GET") != 0;
	if (change && !same_origin(q)) {
		web_problem(q, 403, "denied", "This request comes from another page.");
		return;
	}
	if (strcmp(q->method, "POST") == 0) {
		sign_in(q);
		return;
	}
	if (s && !change) {
		write_session(q, s, web_session_idle(q->web, s));
		return;
	}
	s = web_session_use(q->web, q->cookie, &locked);
	if (!s) {
		web_problem(q, 401, locked ? "locked" : "auth", "Sign in.");
	} else if (CRYPTO_memcmp(q->csrf, s->csrf, 43) != 0 || strlen(q->csrf) != 43) {
		web_problem(q, 403, "denied", "The page is out of date; load it again.");
	} else if (strcmp(q->method, "PATCH") == 0) {
		set_language(q, s);
	} else if (strcmp(q->method, "DELETE") == 0) {
		sign_out(q, s);
	} else {
		web_problem(q, 405, "state", "GET, POST, PATCH or DELETE.");
	}
}
