/* SPDX-License-Identifier: EUPL-1.2 */
/* One PUBLISH on its way through the hub, and wills. */
#include "base/mem.h"
#include "io/mqtt_int.h"

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	struct mqtt_pub *u = VD_CONTAINER(x, struct mqtt_pub, x);
	u->answered = true;
	u->outcome = o;
	if (u->peer)
		mqtt_peer_answered(u->peer, u, why);
	else if (u->session)
		mqtt_session_answered(u->session, u);
	else
		mqtt_pub_free(u);
}

struct mqtt_pub *mqtt_pub_new(void)
{
	struct mqtt_pub *u = vd_calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->x.on_outcome = on_outcome;
	vd_list_init(&u->link);
	return u;
}

void mqtt_pub_free(struct mqtt_pub *u)
{
	vd_list_remove(&u->link);
	vd_free(u->why);
	vd_free(u);
}

void mqtt_pub_orphan(struct mqtt_core *c, struct mqtt_pub *u)
{
	if (u->answered) {
		mqtt_pub_free(u);
		return;
	}
	u->peer = NULL;
	u->session = NULL;
	vd_list_remove(&u->link);
	vd_list_push_back(&c->orphans, &u->link);
}

/* Nobody waits for the answer: a will that meets a full hub is lost, but the hub learns of the lost
 * connection in any case (host.connected). */
void mqtt_will_publish(struct mqtt_core *c, int64_t gateway, const struct mqtt_will *w)
{
	struct mqtt_pub *u = mqtt_pub_new();
	if (!u)
		return;
	struct vd_frame f = {.carrier = VD_CARRIER_MQTT,
			     .topic = w->topic,
			     .body = w->payload,
			     .content_type = w->content_type,
			     .received_at_ms = c->rt->wall_ms(c->rt)};
	vd_list_push_back(&c->orphans, &u->link);
	c->stats.publishes++;
	c->host.publish(c->host.arg, gateway, &f, &u->x);
}
