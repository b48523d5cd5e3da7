/* SPDX-License-Identifier: EUPL-1.2 */
/* What the SIP door asks the hub, and its figures. Loop thread. */
#include "main/wire_sip.h"

static const char family[] = "scaip";

static bool fill(const struct vd_gateway *g, const char *realm, struct vd_sip_account *ret)
{
	if (!g || g->disabled || strcmp(g->sip_realm, realm) != 0)
		return false;
	*ret = (struct vd_sip_account){.gateway = g->id, .has_sha256 = g->sip_sha256};
	memcpy(ret->ha1_md5, g->sip_ha1_md5, sizeof(ret->ha1_md5));
	memcpy(ret->ha1_sha256, g->sip_ha1_sha256, sizeof(ret->ha1_sha256));
	return true;
}

static bool account(void *arg, struct vd_span user, const char *realm, struct vd_sip_account *ret)
{
	struct wire *w = arg;
	return fill(vd_dir_gateway_user(vd_hub_directory(w->hub), user), realm, ret);
}

static bool account_of(void *arg, int64_t gateway, const char *realm, struct vd_sip_account *ret)
{
	struct wire *w = arg;
	return fill(vd_dir_gateway(vd_hub_directory(w->hub), gateway), realm, ret);
}

static void receive(void *arg, int64_t gateway, const struct vd_frame *f, struct vd_exchange *x)
{
	struct wire *w = arg;
	vd_hub_receive(w->hub, gateway, family, f, x);
}

static int reply(void *arg, int64_t gateway, const struct vd_frame *f, enum vd_outcome_code o,
		 const char *why, struct vd_buf *ret_body, const char **ret_content_type)
{
	struct wire *w = arg;
	return vd_hub_reply(w->hub, gateway, family, f, o, why, ret_body, ret_content_type);
}

static const char *config(void *arg, int64_t gateway, int64_t *ret_version)
{
	struct wire *w = arg;
	const struct vd_directory *d = vd_hub_directory(w->hub);
	*ret_version = d->version;
	for (size_t i = 0; i < d->n_bindings; i++)
		if (d->bindings[i].gateway == gateway && strcmp(d->bindings[i].family, family) == 0)
			return d->bindings[i].config;
	return NULL;
}

int wire_open_sip(struct wire *w, struct vd_errtext *e)
{
	const struct vd_config *c = w->cfg;
	struct vd_tls_config tc = {.cert_file = c->sip.cert, .key_file = c->sip.key};
	struct vd_sip_host host = {.arg = w,
				   .account = account,
				   .account_of = account_of,
				   .receive = receive,
				   .reply = reply,
				   .config = config};
	int r = c->sip.tls ? vd_tls_new(&tc, &w->sip_tls, e) : 0;
	struct vd_sip_config sc = {.bind = c->sip.bind,
				   .udp = c->sip.udp,
				   .tcp = c->sip.tcp,
				   .port = c->sip.port,
				   .tls = w->sip_tls,
				   .tls_port = c->sip.tls_port,
				   .realm = c->sip.realm,
				   .name = c->sip.name,
				   .max_connections = (size_t)c->sip.max_connections};
	return r ? r : vd_sip_open(&w->loop, w->rt, &sc, &host, &w->sip, e);
}

void wire_sip_metrics(const struct wire *w, struct vd_buf *b)
{
	struct vd_sip_stats s;
	if (!w->sip)
		return;
	vd_sip_stats(w->sip, &s);
	const struct {
		const char *name, *type;
		int64_t value;
	} rows[] = {
		{"varde_sip_connections", "gauge", s.connections},
		{"varde_sip_bindings", "gauge", s.bindings},
		{"varde_sip_server_transactions", "gauge", s.servers},
		{"varde_sip_client_transactions", "gauge", s.clients},
		{"varde_sip_messages_total", "counter", s.messages},
		{"varde_sip_registrations_total", "counter", s.registrations},
		{"varde_sip_repeats_total", "counter", s.repeats},
		{"varde_sip_challenges_total", "counter", s.challenged},
		{"varde_sip_auth_failures_total", "counter", s.auth_failures},
		{"varde_sip_malformed_total", "counter", s.malformed},
		{"varde_sip_refused_total", "counter", s.refused},
		{"varde_sip_over_rate_total", "counter", s.over_rate},
		{"varde_sip_mrs_sent_total", "counter", s.mrs_sent},
		{"varde_sip_mrs_failed_total", "counter", s.mrs_failed},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		vd_buf_printf(b, "# TYPE %s %s\n%s %lld\n", rows[i].name, rows[i].type,
			      rows[i].name, (long long)rows[i].value);
}
