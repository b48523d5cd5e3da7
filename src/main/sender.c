/* SPDX-License-Identifier: EUPL-1.2 */
#include "main/sender.h"
#include "base/json.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>

struct sending {
	struct wire *w;
	char id[VD_ID_LEN + 1];
};

/* What a status says about what happened: "later" only where the other side certainly did nothing.
 */
static enum vd_sent judge(const struct vd_fetch_result *x, char *ret_why, size_t cap)
{
	snprintf(ret_why, cap, "%s", x->why);
	if (!x->status)
		return x->sent ? VD_SENT_UNSURE : VD_SENT_LATER;
	snprintf(ret_why, cap, "http_%d", x->status);
	switch (x->status) {
	case 200 ... 299: return VD_SENT_ACCEPTED;
	case 429:
	case 503: return VD_SENT_LATER;
	case 408:
	case 500:
	case 502:
	case 504: return VD_SENT_UNSURE;
	default: return VD_SENT_REFUSED; /* also a redirect: the address is the configuration's */
	}
}

static void on_fetched(const struct vd_fetch_result *x, void *arg)
{
	struct sending *s = arg;
	char why[24];
	enum vd_sent how = judge(x, why, sizeof(why));
	vd_hub_sent(s->w->hub, vd_span_cstr(s->id), how, why);
	vd_free(s);
}

void sender_told(struct wire *w, const char *id, bool taken)
{
	vd_hub_sent(w->hub, vd_span_cstr(id), taken ? VD_SENT_ACCEPTED : VD_SENT_REFUSED,
		    taken ? "" : "refused");
}

/* A string of the configuration's member "downlink". false: absent, or too long. */
static bool told(const struct vd_binding *b, const char *path, char *ret, size_t cap)
{
	struct vd_json_val v;
	ret[0] = '\0';
	return vd_json_find(vd_span_cstr(b->config), path, &v) && v.type == VD_JSON_STRING &&
	       v.raw.n < cap && vd_json_unescape(v.raw, ret, cap) > 0;
}

static int send_http(struct wire *w, const struct vd_binding *b, const struct vd_downlink *d,
		     const char *id, int64_t left_ms, const char **ret_why)
{
	char base[512], secret[64], ca[64];
	*ret_why = "address";
	if (!told(b, "downlink.url", base, sizeof(base)))
		return VD_EINVAL;
	(void)told(b, "downlink.secret", secret, sizeof(secret));
	(void)told(b, "downlink.ca", ca, sizeof(ca));
	struct sending *s = vd_calloc(1, sizeof(*s));
	if (!s)
		return VD_ENOMEM;
	s->w = w;
	snprintf(s->id, sizeof(s->id), "%s", id);
	const struct vd_fetch_request r = {.base = base,
					   .path = d->topic,
					   .method = d->method,
					   .secret = secret,
					   .auth = d->auth,
					   .ca = ca,
					   .content_type = d->content_type,
					   .body = vd_buf_span(&d->body),
					   .left_ms = left_ms};
	int err = vd_fetch_start(w->fetch, &r, on_fetched, s, ret_why);
	if (err)
		vd_free(s);
	return err;
}

/* Both doors: a gateway may be connected through either. */
static int send_mqtt(struct wire *w, const struct vd_binding *b, const struct vd_downlink *d,
		     const char *id, int64_t left_ms, const char **ret_why)
{
	struct vd_mqtt *const doors[] = {w->mqtt, w->mqtt_plain};
	int best = VD_ENOTFOUND;
	*ret_why = "address";
	for (int i = 0; i < 2; i++) {
		int err = doors[i] ? vd_mqtt_order(doors[i], b->gateway, d->topic,
						   vd_buf_span(&d->body), id, left_ms)
				   : VD_ENOTFOUND;
		if (err == 0 || (err == 1 && best) || (err < 0 && best == VD_ENOTFOUND))
			best = err;
	}
	return best;
}

static int on_send(void *arg, const struct vd_binding *b, const struct vd_downlink *d,
		   const char *id, int64_t left_ms, const char **ret_why)
{
	return d->carrier == VD_CARRIER_HTTP ? send_http(arg, b, d, id, left_ms, ret_why)
					     : send_mqtt(arg, b, d, id, left_ms, ret_why);
}

int sender_open(struct wire *w, struct vd_errtext *e)
{
	char secrets[512];
	snprintf(secrets, sizeof(secrets), "%s/secrets", w->cfg->state_dir);
	const struct vd_fetch_config fc = {.secrets_dir = secrets,
					   .credentials_dir = getenv("CREDENTIALS_DIRECTORY"),
					   .agent = "varde/" VARDE_VERSION};
	int r = vd_fetch_open(&w->loop, w->rt, &fc, &w->fetch, e);
	const struct vd_sender s = {.arg = w, .send = on_send};
	if (!r)
		vd_hub_sender(w->hub, &s);
	return r;
}
