/* SPDX-License-Identifier: EUPL-1.2 */
#include "fake.h"
#include <stdio.h>
#include <string.h>

static int64_t login(void *arg, struct vd_span user, struct vd_span password, const char *cert)
{
	struct fake *f = arg;
	f->logins++;
	snprintf(f->cert, sizeof(f->cert), "%s", cert);
	if (cert[0] && !user.n)
		return 5;
	if (!vd_span_is(password, "secret") || user.n != 3 || memcmp(user.p, "gw", 2) != 0)
		return VD_EAUTH;
	return user.p[2] >= '1' && user.p[2] <= '9' ? user.p[2] - '0' : VD_EAUTH;
}

static void publish(void *arg, int64_t gateway, const struct vd_frame *f, struct vd_exchange *x)
{
	struct fake *k = arg;
	assert_true(k->n < FAKE_FRAMES);
	struct fake_frame *r = &k->frames[k->n++];
	*r = (struct fake_frame){.gateway = gateway,
				 .x = x,
				 .body_n = f->body.n,
				 .retained = f->retained,
				 .dup = f->dup};
	vd_span_copy(r->topic, sizeof(r->topic), f->topic);
	vd_span_copy(r->body, sizeof(r->body), f->body);
	vd_span_copy(r->content_type, sizeof(r->content_type), f->content_type);
	assert_true(f->received_at_ms > 0);
}

static void connected(void *arg, int64_t gateway, bool yes)
{
	struct fake *k = arg;
	k->connected[gateway] += yes ? 1 : -1;
	assert_true(k->connected[gateway] >= 0);
}

static void told(void *arg, const char *tag, bool taken)
{
	snprintf(((struct fake *)arg)->told, sizeof(((struct fake *)arg)->told), "%s%s", tag,
		 taken ? "" : " no");
}

struct vd_mqtt_host fake_host(struct fake *f)
{
	return (struct vd_mqtt_host){
		.arg = f, .login = login, .publish = publish, .connected = connected, .told = told};
}

void fake_answer(struct fake *f, size_t i, enum vd_outcome_code o)
{
	assert_true(i < f->n);
	struct vd_exchange *x = f->frames[i].x;
	assert_non_null(x);
	f->frames[i].x = NULL;
	x->on_outcome(x, o, o == VD_REFUSED ? "no" : o == VD_BUSY ? "later" : NULL);
}

void fake_answer_all(struct fake *f, enum vd_outcome_code o)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->frames[i].x)
			fake_answer(f, i, o);
}

size_t fake_waiting(const struct fake *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++)
		n += f->frames[i].x != NULL;
	return n;
}

/* -- a client's bytes ------------------------------------------------------------------------- */

void say_hex(struct vd_buf *b, const char *hex)
{
	for (; hex && *hex; hex++) {
		unsigned v;
		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		vd_buf_add_char(b, (char)v);
		hex++;
	}
}

void expect_hex(struct vd_buf *b, const char *hex)
{
	struct vd_buf want;
	vd_buf_init(&want, 1 << 20);
	say_hex(&want, hex);
	if (b->n != want.n || (b->n && memcmp(b->p, want.p, b->n) != 0)) {
		print_error("got :");
		for (size_t i = 0; i < b->n; i++)
			print_error(" %02X", (unsigned char)b->p[i]);
		print_error("\nwant: %s\n", hex);
		fail();
	}
	vd_buf_fini(&want);
	vd_buf_clear(b);
}

static void put_string(struct vd_buf *b, const char *s)
{
	vd_buf_add_char(b, (char)(strlen(s) >> 8));
	vd_buf_add_char(b, (char)strlen(s));
	vd_buf_add_cstr(b, s);
}

static void put_props(struct vd_buf *b, const char *hex)
{
	struct vd_buf p;
	vd_buf_init(&p, 100);
	say_hex(&p, hex);
	vd_buf_add_char(b, (char)p.n);
	vd_buf_add_span(b, vd_buf_span(&p));
	vd_buf_fini(&p);
}

void say_connect(struct vd_buf *b, const struct say_connect *c)
{
	struct vd_buf p;
	int version = c->version ? c->version : 4;
	unsigned flags = (c->dirty ? 0 : 2u) | (c->no_user ? 0 : 0xC0u);
	if (c->will_topic)
		flags |= 4u | (unsigned)c->will_qos << 3 | (c->will_retain ? 0x20u : 0);
	vd_buf_init(&p, 4096);
	put_string(&p, "MQTT");
	vd_buf_add_char(&p, (char)version);
	vd_buf_add_char(&p, (char)flags);
	vd_buf_add_char(&p, (char)(c->keep_alive >> 8));
	vd_buf_add_char(&p, (char)c->keep_alive);
	if (version == 5)
		put_props(&p, c->props_hex);
	put_string(&p, c->id ? c->id : "c1");
	if (c->will_topic) {
		if (version == 5)
			put_props(&p, c->will_props_hex);
		put_string(&p, c->will_topic);
		put_string(&p, c->will ? c->will : "");
	}
	if (!c->no_user) {
		put_string(&p, c->user ? c->user : "gw1");
		put_string(&p, c->password ? c->password : "secret");
	}
	assert_true(p.n < 16384);
	vd_buf_add_char(b, 0x10);
	if (p.n > 127) {
		vd_buf_add_char(b, (char)(p.n % 128 | 0x80));
		vd_buf_add_char(b, (char)(p.n / 128));
	} else {
		vd_buf_add_char(b, (char)p.n);
	}
	vd_buf_add_span(b, vd_buf_span(&p));
	vd_buf_fini(&p);
}

void say_publish(struct vd_buf *b, int version, const char *topic, const char *body, int qos,
		 unsigned id, bool dup)
{
	mqtt_put_publish(b, version, vd_span_cstr(topic), vd_span_cstr(body), qos, (uint16_t)id,
			 dup);
}
