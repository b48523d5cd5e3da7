/* SPDX-License-Identifier: EUPL-1.2 */
/* Who may be heard how often. A stranger's address has a small rate; one that has signed in lately
 * a large one, since hundreds of units may stand behind a proxy or a mobile operator's NAT. Wrong
 * sign-ins are answered later and later, like at the MQTT door, then not at all.
 *
 * The table is small and set-associative: a flood from many addresses throws others out of it, and
 * who is thrown out starts anew with a full measure. So it can only ever let in too many. */
#include "base/mem.h"
#include "io/sip_int.h"

#define WAYS           8
#define STRANGER_RATE  50.0   /* requests a second; a unit's sign-in is four */
#define KNOWN_RATE     4000.0 /* the hub has rates of its own for each gateway and device */
#define KNOWN_MS       (15 * 60000ll)
#define FAIL_STEP_MS   500
#define FAIL_MAX_MS    8000
#define FAIL_FORGET_MS 60000
#define FAIL_SILENT    30 /* wrong ones within a minute: no answer any more until it has passed */

/* The IPv4 address, or the /64 of IPv6: one line of a household or a carrier. */
static struct sip_source *find(struct sip_core *c, const struct sip_addr *a)
{
	uint64_t seed, who;
	memcpy(&seed, c->secret, sizeof(seed));
	who = vd_hash64(vd_span((const char *)a->ip, a->v6 ? 8 : 4), seed) | 1;
	struct sip_source *set = c->sources + who % (VD_MAX_SIP_SOURCES / WAYS) * WAYS;
	struct sip_source *oldest = set;
	for (struct sip_source *s = set; s < set + WAYS; s++) {
		if (s->who == who)
			return s;
		if (s->at_mono < oldest->at_mono)
			oldest = s;
	}
	*oldest = (struct sip_source){.who = who,
				      .tokens = STRANGER_RATE,
				      .at_mono = sip_now(c),
				      .known_mono = INT64_MIN / 2};
	return oldest;
}

bool sip_guard_take(struct sip_core *c, const struct sip_addr *a)
{
	struct sip_source *s = find(c, a);
	int64_t now = sip_now(c);
	double rate = now - s->known_mono < KNOWN_MS ? KNOWN_RATE : STRANGER_RATE;
	s->tokens += (double)(now - s->at_mono) * rate / 1000.0;
	s->at_mono = now;
	if (s->tokens > rate)
		s->tokens = rate;
	if (s->tokens < 1) {
		c->stats.over_rate++;
		return false;
	}
	s->tokens -= 1;
	return true;
}

void sip_guard_known(struct sip_core *c, const struct sip_addr *a)
{
	struct sip_source *s = find(c, a);
	s->known_mono = sip_now(c);
	s->fails = 0;
}

int64_t sip_guard_failed(struct sip_core *c, const struct sip_addr *a)
{
	struct sip_source *s = find(c, a);
	int64_t now = sip_now(c), delay = 0;
	c->stats.auth_failures++;
	if (now - s->failed_mono > FAIL_FORGET_MS)
		s->fails = 0;
	s->failed_mono = now;
	if (s->fails >= FAIL_SILENT)
		return -1;
	if (s->fails)
		delay = s->fails > 5 ? FAIL_MAX_MS : FAIL_STEP_MS << (s->fails - 1);
	s->fails++;
	return delay < FAIL_MAX_MS ? delay : FAIL_MAX_MS;
}

/* -- refusals held back ----------------------------------------------------------------------- */

struct late {
	struct vd_link link;
	unsigned char key[16];
	struct sip_flow back;
	int64_t due_mono;
	size_t n;
	char bytes[];
};

static void arm(struct sip_core *c)
{
	if (vd_list_empty(&c->late))
		return;
	int64_t left = VD_CONTAINER(c->late.next, struct late, link)->due_mono - sip_now(c);
	c->rt->timer_start(c->late_timer, left > 0 ? left : 0);
}

static void on_due(void *arg)
{
	struct sip_core *c = arg;
	while (!vd_list_empty(&c->late)) {
		struct late *l = VD_CONTAINER(c->late.next, struct late, link);
		if (l->due_mono > sip_now(c))
			break;
		vd_list_remove(&l->link);
		c->n_late--;
		(void)c->net.send(c->net.arg, &l->back, vd_span(l->bytes, l->n));
		vd_free(l);
	}
	arm(c);
}

static void put_in_order(struct sip_core *c, struct late *l)
{
	struct vd_link *before = c->late.prev;
	while (before != &c->late &&
	       VD_CONTAINER(before, struct late, link)->due_mono > l->due_mono)
		before = before->prev;
	vd_list_push_front(before, &l->link);
	c->n_late++;
}

void sip_guard_refuse(struct sip_core *c, const struct sip_msg *m, int64_t delay_ms)
{
	struct sip_answer a = {.status = 403};
	char tag[SIP_TAG_CHARS + 1];
	struct vd_buf b;
	if (delay_ms == 0) {
		sip_core_answer(c, m, &a);
		return;
	}
	if (!c->late_timer)
		c->late_timer = c->rt->timer_open(c->rt, on_due, c);
	if (delay_ms < 0 || c->n_late >= VD_MAX_SIP_LATE || !c->late_timer)
		return;
	vd_buf_init(&b, VD_MAX_SIP_HEAD);
	sip_core_tag(c, m, tag);
	int err = sip_write_answer(&b, m, tag, &a);
	struct late *l = err ? NULL : vd_malloc(sizeof(*l) + b.n);
	if (l) {
		*l = (struct late){.back = m->back, .due_mono = sip_now(c) + delay_ms, .n = b.n};
		memcpy(l->bytes, b.p, b.n);
		sip_server_key(c, m, l->key);
		put_in_order(c, l);
		arm(c);
	}
	vd_buf_fini(&b);
}

bool sip_guard_waits(struct sip_core *c, const struct sip_msg *m)
{
	unsigned char key[16];
	if (vd_list_empty(&c->late))
		return false;
	sip_server_key(c, m, key);
	VD_LIST_EACH(it, &c->late)
	if (memcmp(VD_CONTAINER(it, struct late, link)->key, key, sizeof(key)) == 0)
		return true;
	return false;
}

void sip_guard_fini(struct sip_core *c)
{
	struct vd_link *l;
	while ((l = vd_list_pop(&c->late)))
		vd_free(VD_CONTAINER(l, struct late, link));
	c->n_late = 0;
	c->rt->timer_close(c->late_timer);
	c->late_timer = NULL;
}
