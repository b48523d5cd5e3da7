/* SPDX-License-Identifier: EUPL-1.2 */
/* The hub's life: start from what the store remembers, follow the directory, stop in order.
 *
 * Start (late, never lost): directory -> devices with their last states -> remembered frames back
 * to the adapters -> open alarms with their deadlines -> journal rows after the cursor assessed
 * again -> a first sweep of silence. Nothing is received before all of that is done. */
#include "core/hub_int.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include <math.h>

/* -- small things --------------------------------------------------------------------------- */

void hub_id(struct vd_hub *h, int64_t wall_ms, char ret_id[VD_ID_LEN + 1])
{
	if (h->pool_at + 10 > sizeof(h->pool)) {
		h->rt->entropy(h->rt, h->pool, sizeof(h->pool));
		h->pool_at = 0;
	}
	vd_id_make(&h->ids, wall_ms, h->pool + h->pool_at, ret_id);
	h->pool_at += 10;
}

struct hub_gateway *hub_gateway(struct vd_hub *h, int64_t id)
{
	struct hub_gateway *g = vd_map_get_u64(&h->gateways, (uint64_t)id);
	if (g)
		return g;
	g = vd_calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	*g = (struct hub_gateway){.id = id,
				  .connected_mono = -1,
				  .lost_mono = -1,
				  .back_mono = -1,
				  .tokens = HUB_TOKENS_FULL,
				  .bad_tokens = HUB_TOKENS_FULL};
	for (int i = 0; i < HUB_STORM_N; i++)
		g->raised[i] = INT64_MIN / 2;
	vd_list_init(&g->bindings);
	if (vd_map_put_u64(&h->gateways, (uint64_t)id, g)) {
		vd_free(g);
		return NULL;
	}
	return g;
}

struct hub_device *hub_device_add(struct vd_hub *h, struct hub_binding *b, int64_t gateway,
				  const char *family, struct vd_span identity, int64_t id)
{
	struct hub_device *d = vd_calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->id = id;
	d->gateway = gateway;
	d->binding = b;
	d->family = vd_strdup(family);
	d->identity = vd_memdup_str(identity.p, identity.n);
	d->heard_mono = -1;
	d->told_mono = h->started_mono;
	d->tokens = d->call_tokens = HUB_TOKENS_FULL;
	d->battery = d->link_quality = NAN;
	vd_list_init(&d->link);
	vd_list_init(&d->due);
	vd_list_init(&d->unseen);
	if (!d->family || !d->identity)
		goto fail;
	if (identity.n && vd_map_put_u64(&h->device_by_id, (uint64_t)id, d))
		goto fail;
	if (b && vd_map_put(&b->devices, vd_span_cstr(d->identity), d)) {
		vd_map_remove_u64(&h->device_by_id, (uint64_t)id);
		goto fail;
	}
	vd_list_push_back(&h->devices, &d->link);
	return d;
fail:
	vd_free(d->family);
	vd_free(d->identity);
	vd_free(d);
	return NULL;
}

/* One device of a gateway and family may be heard through several bindings (two Zigbee2MQTT on one
 * machine): it is the same one in each. */
static struct hub_device *known_elsewhere(struct vd_hub *h, struct hub_binding *b, int64_t id)
{
	struct hub_device *d = vd_map_get_u64(&h->device_by_id, (uint64_t)id);
	if (!d || d->gateway != b->gateway || strcmp(d->family, b->adapter->family) != 0 ||
	    vd_map_put(&b->devices, vd_span_cstr(d->identity), d))
		return NULL;
	if (!d->binding)
		d->binding = b;
	return d;
}

struct hub_device *hub_device_get(struct vd_hub *h, struct hub_binding *b, struct vd_span identity,
				  bool calls)
{
	struct hub_device *d = vd_map_get(&b->devices, identity);
	if (d)
		return d;
	if (identity.n > 95)
		return NULL;
	if (!identity.n)
		return hub_device_add(h, b, b->gateway, b->adapter->family, identity, 0);
	const struct vd_device *row =
		vd_dir_device_key(h->dir, b->gateway, b->adapter->family, identity);
	int64_t id = row ? row->id : vd_device_key(b->gateway, b->adapter->family, identity);
	if (vd_map_get_u64(&h->device_by_id, (uint64_t)id))
		return known_elsewhere(h, b, id);
	if (b->heard >= VD_MAX_HEARD_GATEWAY * (calls ? 2u : 1u))
		return NULL;
	d = hub_device_add(h, b, b->gateway, b->adapter->family, identity, id);
	if (d)
		b->heard++;
	return d;
}

/* -- bindings ------------------------------------------------------------------------------- */

static bool topic_in(struct vd_span topic, const char *prefix)
{
	struct vd_span p = vd_span_cstr(prefix);
	return vd_span_starts(topic, p) && (!p.n || topic.n == p.n || topic.p[p.n] == '/');
}

struct hub_binding *hub_binding_find(struct vd_hub *h, int64_t gateway, const char *family,
				     struct vd_span topic)
{
	struct hub_binding *best = NULL;
	struct hub_gateway *g = vd_map_get_u64(&h->gateways, (uint64_t)gateway);
	if (!g)
		return NULL;
	VD_LIST_EACH(l, &g->bindings)
	{
		struct hub_binding *b = VD_CONTAINER(l, struct hub_binding, of_gateway);
		if (family ? strcmp(b->adapter->family, family) != 0 : !topic_in(topic, b->prefix))
			continue;
		if (!best || strlen(b->prefix) > strlen(best->prefix))
			best = b;
	}
	return best;
}

static void binding_free(struct hub_binding *b)
{
	if (!b)
		return;
	if (b->state) {
		if (b->adapter->fini)
			b->adapter->fini(b->state);
		vd_free(b->state);
	}
	vd_map_fini(&b->devices);
	vd_map_fini(&b->remembered_n);
	vd_free(b->prefix);
	vd_free(b);
}

bool hub_remember_room(struct hub_binding *b, struct vd_span topic, size_t n)
{
	uint64_t key = vd_hash64(topic, 1);
	size_t old = (size_t)(uintptr_t)vd_map_get_u64(&b->remembered_n, key);
	if (n && b->remembered - old + n > VD_MAX_ADAPTER_MEMORY)
		return false;
	if (old)
		(void)vd_map_remove_u64(&b->remembered_n, key);
	b->remembered -= old;
	if (!n || vd_map_put_u64(&b->remembered_n, key, (void *)(uintptr_t)n))
		return !n;
	b->remembered += n;
	return true;
}

static int binding_add(struct vd_hub *h, const struct vd_binding *row)
{
	const struct vd_adapter *a = vd_adapter_find(vd_span_cstr(row->family));
	if (!a)
		return 0; /* a family this program does not have: doctor tells */
	struct hub_gateway *g = hub_gateway(h, row->gateway);
	struct hub_binding *b = g ? vd_calloc(1, sizeof(*b)) : NULL;
	if (!b)
		return VD_ENOMEM;
	*b = (struct hub_binding){.id = row->id,
				  .gateway = row->gateway,
				  .adapter = a,
				  .online_mono = -1,
				  .back_mono = -1,
				  .last_mono = -HUB_START_MAX_MS};
	vd_list_init(&b->link);
	vd_list_init(&b->of_gateway);
	vd_map_init(&b->devices, VD_MAX_DEVICES, (uint64_t)row->id);
	vd_map_init(&b->remembered_n, VD_MAX_REMEMBERED, (uint64_t)row->id);
	b->prefix = vd_strdup(row->prefix);
	void *state = vd_calloc(1, a->state_size);
	int err = b->prefix && state ? a->init(state, vd_span_cstr(row->prefix),
					       vd_span_cstr(row->config), h->cfg.tables)
				     : VD_ENOMEM;
	if (err) {
		vd_free(state);
		binding_free(b);
		/* A configuration its adapter does not take stops this binding, nobody else's. */
		return err == VD_ENOMEM ? err : 0;
	}
	b->state = state;
	b->config = vd_hash64(vd_span_cstr(row->config), 0);
	vd_list_push_back(&h->bindings, &b->link);
	vd_list_push_back(&g->bindings, &b->of_gateway);
	return 0;
}

static uint64_t config_hash(const struct vd_binding *row)
{
	return vd_hash64(vd_span_cstr(row->config), 0);
}

static void reconfigure(struct hub_binding *b, const struct vd_binding *row)
{
	if (b->config != config_hash(row) && b->adapter->configure &&
	    b->adapter->configure(b->state, vd_span_cstr(row->config)) == 0)
		b->config = config_hash(row);
}

static struct hub_binding *binding_by_id(struct vd_hub *h, int64_t id)
{
	VD_LIST_EACH(l, &h->bindings)
	{
		struct hub_binding *b = VD_CONTAINER(l, struct hub_binding, link);
		if (b->id == id)
			return b;
	}
	return NULL;
}

/* Devices outlive a binding that went away: their state comes back with the next one. */
static void devices_unbind(struct vd_hub *h, const struct hub_binding *b)
{
	VD_LIST_EACH(l, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(l, struct hub_device, link);
		if (d->binding == b)
			d->binding = NULL;
	}
}

static int sync_bindings(struct vd_hub *h)
{
	VD_LIST_EACH(l, &h->bindings)
	VD_CONTAINER(l, struct hub_binding, link)->stale = true;
	for (size_t i = 0; i < h->dir->n_bindings; i++) {
		const struct vd_binding *row = &h->dir->bindings[i];
		struct hub_binding *b = binding_by_id(h, row->id);
		if (b && strcmp(b->prefix, row->prefix) == 0 &&
		    strcmp(b->adapter->family, row->family) == 0) {
			b->stale = false;
			reconfigure(b, row);
		} else if (binding_add(h, row)) {
			return VD_ENOMEM;
		}
	}
	return 0;
}

static void drop_stale_bindings(struct vd_hub *h)
{
	VD_LIST_EACH(l, &h->bindings)
	{
		struct hub_binding *b = VD_CONTAINER(l, struct hub_binding, link);
		if (!b->stale)
			continue;
		devices_unbind(h, b);
		vd_list_remove(&b->link);
		vd_list_remove(&b->of_gateway);
		binding_free(b);
	}
}

/* -- devices -------------------------------------------------------------------------------- */

static struct hub_binding *binding_of(struct vd_hub *h, int64_t gateway, const char *family)
{
	return hub_binding_find(h, gateway, family, vd_span("", 0));
}

static struct hub_device *find_device(struct vd_hub *h, const struct vd_device *row)
{
	struct hub_device *d = vd_map_get_u64(&h->device_by_id, (uint64_t)row->id);
	if (d)
		return d;
	struct hub_binding *b = binding_of(h, row->gateway, row->family);
	return b ? vd_map_get(&b->devices, vd_span_cstr(row->identity)) : NULL;
}

/* A device that was heard under a made-up key and got its row by other means keeps its state. */
static void rekey(struct vd_hub *h, struct hub_device *d, int64_t id)
{
	if (d->id == id)
		return;
	vd_map_remove_u64(&h->device_by_id, (uint64_t)d->id);
	d->id = id;
	(void)vd_map_put_u64(&h->device_by_id, (uint64_t)id, d);
}

/* The waiting list holds those that have spoken and that nobody has registered. */
static void count_waiting(struct vd_hub *h)
{
	VD_LIST_EACH(l, &h->bindings)
	VD_CONTAINER(l, struct hub_binding, link)->heard = 0;
	VD_LIST_EACH(l, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(l, struct hub_device, link);
		if (d->binding && d->identity[0] && (!d->dir || d->dir->lifecycle == VD_LIFE_HEARD))
			d->binding->heard++;
	}
}

/* A device that goes into use with something already wrong (an empty battery, a fault): on the
 * shelf that was allowed, beside a person it is an alarm. */
static void came_into_use(struct vd_hub *h, struct hub_device *d)
{
	for (unsigned i = 0; i < d->state.n; i++) {
		const struct vd_cell *c = &d->state.cells[i];
		if (vd_kind_class(c->kind) == 'T' && vd_state_active(c->kind, c->state) &&
		    c->kind != VD_KIND_DEVICE_CONNECTIVITY && !hub_made_cell(c))
			hub_own_event(h, d->dir->muni, d->gateway, d, c->kind, c->zone, c->state,
				      "\"by\":\"hub\"");
	}
}

static void use_row(struct vd_hub *h, struct hub_device *d, const struct vd_device *row)
{
	bool used = row->lifecycle == VD_LIFE_IN_USE || row->lifecycle == VD_LIFE_TEST;
	d->dir = row;
	if (used && !d->in_use)
		came_into_use(h, d);
	d->in_use = used;
	if (used)
		hub_watch_device(h, d);
	else
		hub_watch_end(d);
	if (!used) /* judged anew when it is put up again */
		d->silent = false;
}

/* How many devices in use a gateway and a municipality have: how many silent ones are an outage. */
static void count_in_use(struct vd_hub *h)
{
	size_t it = 0;
	for (struct hub_gateway *g; (g = vd_map_each(&h->gateways, &it));)
		g->fallen.in_use = 0;
	it = 0;
	for (struct hub_muni *m; (m = vd_map_each(&h->munis, &it));)
		m->fallen.in_use = 0;
	VD_LIST_EACH(l, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(l, struct hub_device, link);
		if (!d->dir)
			hub_watch_end(d);
		struct hub_gateway *g = hub_in_use(d) ? hub_gateway(h, d->gateway) : NULL;
		struct hub_muni *m = g ? hub_muni(h, hub_muni_of_gateway(h, g->id)) : NULL;
		if (g)
			g->fallen.in_use++;
		if (m)
			m->fallen.in_use++;
	}
}

static int sync_devices(struct vd_hub *h)
{
	for (size_t i = 0; i < h->dir->n_devices; i++) {
		const struct vd_device *row = &h->dir->devices[i];
		struct hub_device *d = find_device(h, row);
		struct hub_binding *b = binding_of(h, row->gateway, row->family);
		if (!d)
			d = hub_device_add(h, b, row->gateway, row->family,
					   vd_span_cstr(row->identity), row->id);
		if (!d)
			return VD_ENOMEM;
		rekey(h, d, row->id);
		if (!d->binding && b && vd_map_put(&b->devices, vd_span_cstr(d->identity), d) == 0)
			d->binding = b;
		use_row(h, d, row);
	}
	count_waiting(h);
	count_in_use(h);
	h->counts_stale = true;
	return 0;
}

static int directory_use(struct vd_hub *h, struct vd_directory *take_d)
{
	struct vd_directory *old = h->dir;
	h->dir = take_d;
	VD_LIST_EACH(l, &h->devices) /* nothing may point into the old one, whatever fails */
	VD_CONTAINER(l, struct hub_device, link)->dir = NULL;
	int r = sync_bindings(h);
	drop_stale_bindings(h);
	int r2 = sync_devices(h);
	vd_directory_free(old);
	if (!r && !r2)
		hub_commands_orders(h);
	return r ? r : r2;
}

static void on_directory(struct vd_directory *take_d, int err, void *arg)
{
	struct vd_hub *h = arg;
	h->directory_asked = false;
	if (take_d && (h->stopping || directory_use(h, take_d) != 0) && h->dir != take_d)
		vd_directory_free(take_d);
	(void)err; /* asked again at the next tick */
	hub_check_drained(h);
}

void vd_hub_directory_poll(struct vd_hub *h)
{
	if (h->directory_asked || h->stopping)
		return;
	h->directory_asked = true;
	if (h->store->directory(h->store, h->dir->version, on_directory, h))
		h->directory_asked = false;
}

const struct vd_directory *vd_hub_directory(struct vd_hub *h)
{
	return h->dir;
}

/* -- start ---------------------------------------------------------------------------------- */

static void restore_cells(struct vd_hub *h, const struct vd_boot *boot)
{
	for (size_t i = 0; i < boot->n_cells; i++) {
		const struct vd_state_cell *s = &boot->cells[i];
		struct hub_device *d = vd_map_get_u64(&h->device_by_id, (uint64_t)s->device);
		if (!d || !s->device)
			continue;
		struct vd_cell c = {.kind = s->kind,
				    .value = s->value,
				    .has_value = s->has_value,
				    .t_ms = s->t_ms,
				    .episode = s->episode};
		memcpy(c.zone, s->zone, sizeof(c.zone));
		memcpy(c.state, s->state, sizeof(c.state));
		(void)vd_devstate_restore(&d->state, &c);
		if (s->kind == VD_KIND_DEVICE_BATTERY && s->has_value)
			d->battery = s->value;
		if (s->kind == VD_KIND_DEVICE_CONNECTIVITY) {
			d->silent = vd_state_active(s->kind, s->state);
			d->told_mono = hub_told_before(h, s->t_ms);
		}
	}
}

static void restore_seen(struct vd_hub *h, const struct vd_boot *boot)
{
	for (size_t i = 0; i < boot->n_seen; i++) {
		struct hub_device *d =
			vd_map_get_u64(&h->device_by_id, (uint64_t)boot->seen[i].device);
		if (d)
			d->heard_wall = d->flushed_wall = boot->seen[i].at_ms;
	}
}

static void restore_dedup(struct vd_hub *h, const struct vd_boot *boot)
{
	for (size_t i = 0; i < boot->n_dedup; i++) {
		struct dedup_entry *e = &h->dedup_ring[h->dedup_at];
		if (e->key)
			vd_map_remove_u64(&h->dedup, e->key);
		*e = (struct dedup_entry){.key = boot->dedup[i].key,
					  .at_ms = boot->dedup[i].at_ms,
					  .heard_mono = h->started_mono,
					  .committed = true};
		if (vd_map_put_u64(&h->dedup, e->key, e))
			e->key = 0;
		else
			h->dedup_at = (h->dedup_at + 1) % HUB_DEDUP_MAX;
	}
}

/* Remembered frames tell the adapters what they knew; whatever they read out of them is old. */
static void recall(struct vd_hub *h, const struct vd_boot *boot)
{
	for (size_t i = 0; i < boot->n_remembered; i++) {
		struct hub_binding *b = binding_by_id(h, boot->remembered[i].binding);
		if (!b)
			continue;
		struct vd_frame f = {
			.carrier = VD_CARRIER_LOCAL,
			.topic = vd_span_cstr(boot->remembered[i].topic),
			.body = vd_span(boot->remembered[i].body, boot->remembered[i].body_n),
			.retained = true,
			.recall = true,
			.received_at_ms = h->rt->wall_ms(h->rt)};
		h->decoded->n = h->decoded->n_heard = 0;
		vd_buf_clear(&h->decoded->scratch);
		(void)b->adapter->decode(b->state, &f, h->decoded);
		(void)hub_remember_room(b, f.topic, f.topic.n + f.body.n);
	}
}

static int64_t id_ms(const char *id)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	int64_t ms = 0;
	for (int i = 0; i < 10; i++) {
		const char *p = id[i] ? strchr(digits, id[i]) : NULL;
		if (!p)
			return 0;
		ms = ms << 5 | (p - digits);
	}
	return ms;
}

/* Whether an event has been counted is told by the order of ids. So new ones come after all that an
 * alarm may bear, also when the clock was ahead before this start and is right now. */
static void restore_ids(struct vd_hub *h, const struct vd_boot *boot)
{
	int64_t last = 0;
	for (size_t i = 0; i < boot->n_alarms; i++) {
		const int64_t seen[] = {id_ms(boot->alarms[i].id),
					id_ms(boot->alarms[i].cause_event)};
		for (int k = 0; k < 2; k++)
			last = seen[k] > last ? seen[k] : last;
	}
	for (size_t i = 0; i < boot->n_events; i++)
		if (id_ms(boot->events[i].id) > last)
			last = id_ms(boot->events[i].id);
	hub_id(h, last + 1, h->epoch);
}

static int restore_alarms(struct vd_hub *h, const struct vd_boot *boot)
{
	for (size_t i = 0; i < boot->n_alarms; i++)
		if (!hub_live_add(h, &boot->alarms[i]) && boot->alarms[i].handling != VD_H_CLOSED)
			return VD_ENOMEM;
	VD_LIST_EACH(l, &h->lives)
	hub_rearm_at_start(h, VD_CONTAINER(l, struct live, link));
	return 0;
}

static void replay(struct vd_hub *h, const struct vd_boot *boot)
{
	for (size_t i = 0; i < boot->n_events; i++) {
		hub_assess(h, &boot->events[i], false);
		if (boot->event_seq[i] > h->cursor)
			h->cursor = boot->event_seq[i];
	}
}

/* -- ticking -------------------------------------------------------------------------------- */

static void on_tick(void *arg)
{
	struct vd_hub *h = arg;
	vd_hub_directory_poll(h);
	hub_flush(h);
	hub_store_cursor(h);
	hub_check_storage(h);
	hub_commands_tick(h);
	if (h->rt->mono_ms(h->rt) - h->seen_flush_mono >= HUB_SEEN_MS)
		hub_seen_flush(h, false);
	h->rt->timer_start(h->tick, h->cfg.tick_ms ? h->cfg.tick_ms : HUB_TICK_MS);
}

static void on_sweep(void *arg)
{
	struct vd_hub *h = arg;
	if (h->wheel_behind) {
		hub_sweep_devices(h);
	} else {
		hub_sweep(h);
		hub_commands_sweep(h);
	}
	h->rt->timer_start(h->sweep, h->wheel_behind ? HUB_SOON_MS : HUB_SWEEP_MS);
}

static void on_flush(void *arg)
{
	hub_flush(arg);
}

static void lists_init(struct vd_hub *h)
{
	struct vd_link *lists[] = {&h->bindings, &h->devices,   &h->lives,   &h->dirty,
				   &h->watchers, &h->exchanges, &h->commands};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		vd_list_init(lists[i]);
	uint64_t seed;
	hub_wheel_init(h);
	h->rt->entropy(h->rt, &seed, sizeof(seed));
	vd_map_init(&h->gateways, VD_MAX_GATEWAYS, seed);
	vd_map_init(&h->munis, VD_MAX_GATEWAYS, seed);
	vd_map_init(&h->device_by_id, VD_MAX_DEVICES * 2, seed);
	vd_map_init(&h->live_by_id, VD_MAX_OPEN_ALARMS * 2, seed);
	vd_map_init(&h->live_by_key, VD_MAX_OPEN_ALARMS * 2, seed);
	vd_map_init(&h->persons, VD_MAX_OPEN_ALARMS * 2, seed);
	vd_map_init(&h->callers, VD_MAX_OPEN_ALARMS * 2, seed);
	vd_map_init(&h->dedup, HUB_DEDUP_MAX, seed);
	vd_map_init(&h->consoles, VD_MAX_WS_CLIENTS, seed);
	vd_map_init(&h->watched, VD_MAX_GATEWAYS, seed);
}

static int hub_init(struct vd_hub *h, struct vd_boot *boot)
{
	h->pool_at = sizeof(h->pool);
	h->started_mono = h->seen_flush_mono = h->mono_seen = h->rt->mono_ms(h->rt);
	h->wall_seen = h->wall_started = h->rt->wall_ms(h->rt);
	h->cursor = h->cursor_saved = boot->cursor;
	h->flush = (struct vd_deferred){.fn = on_flush, .arg = h};
	h->ring = vd_calloc(VD_FEED_RING, sizeof(*h->ring));
	h->decoded = vd_calloc(1, sizeof(*h->decoded));
	h->dedup_ring = vd_calloc(HUB_DEDUP_MAX, sizeof(*h->dedup_ring));
	h->tick = h->rt->timer_open(h->rt, on_tick, h);
	h->sweep = h->rt->timer_open(h->rt, on_sweep, h);
	if (!h->ring || !h->decoded || !h->dedup_ring || !h->tick || !h->sweep)
		return VD_ENOMEM;
	vd_buf_init(&h->decoded->scratch, VD_MAX_FRAME_BYTES);
	struct vd_directory *dir = boot->directory;
	boot->directory = NULL;
	int r = directory_use(h, dir);
	if (r)
		return r;
	restore_ids(h, boot);
	restore_cells(h, boot);
	restore_seen(h, boot);
	hub_watches_restore(h, boot);
	restore_dedup(h, boot);
	recall(h, boot);
	r = restore_alarms(h, boot);
	if (r)
		return r;
	replay(h, boot);
	r = hub_commands_restore(h, boot);
	if (r)
		return r;
	hub_supervise_restore(h, boot);
	h->running = true;
	hub_sweep(h);
	h->rt->timer_start(h->tick, HUB_TICK_MS);
	h->rt->timer_start(h->sweep, h->wheel_behind ? HUB_SOON_MS : HUB_SWEEP_MS);
	return 0;
}

int vd_hub_new(const struct vd_hub_config *cfg, struct vd_boot *boot, struct vd_hub **ret)
{
	VD_REQUIRE(boot->directory);
	struct vd_hub *h = vd_calloc(1, sizeof(*h));
	if (!h)
		return VD_ENOMEM;
	h->cfg = *cfg;
	h->rt = cfg->runtime;
	h->store = cfg->store;
	lists_init(h);
	int r = hub_init(h, boot);
	vd_boot_free(boot);
	if (r) {
		vd_hub_free(h);
		return r;
	}
	*ret = h;
	return 0;
}

/* -- stop ----------------------------------------------------------------------------------- */

void hub_check_drained(struct vd_hub *h)
{
	if (!h->stopping || !h->on_drained || h->n_inflight || h->directory_asked)
		return;
	void (*fn)(void *arg) = h->on_drained;
	h->on_drained = NULL;
	fn(h->on_drained_arg);
}

static void on_stop_turn(void *arg)
{
	hub_check_drained(arg);
}

void vd_hub_stop(struct vd_hub *h, void (*on_drained)(void *arg), void *arg)
{
	VD_REQUIRE(!h->stopping);
	hub_seen_flush(h, true);
	hub_flush(h);
	hub_store_cursor(h);
	hub_commands_stop(h);
	h->stopping = true;
	h->on_drained = on_drained;
	h->on_drained_arg = arg;
	h->rt->timer_stop(h->tick);
	h->rt->timer_stop(h->sweep);
	h->stop_turn = (struct vd_deferred){.fn = on_stop_turn, .arg = h};
	h->rt->defer(h->rt, &h->stop_turn);
}

static void devices_free(struct vd_hub *h)
{
	struct vd_link *l;
	while ((l = vd_list_pop(&h->devices))) {
		struct hub_device *d = VD_CONTAINER(l, struct hub_device, link);
		hub_watch_end(d);
		vd_devstate_fini(&d->state);
		vd_free(d->family);
		vd_free(d->identity);
		vd_free(d);
	}
}

static void map_free_values(struct vd_map *m)
{
	size_t it = 0;
	for (void *v; (v = vd_map_each(m, &it));)
		vd_free(v);
	vd_map_fini(m);
}

void vd_hub_free(struct vd_hub *h)
{
	if (!h)
		return;
	while (!vd_list_empty(&h->lives))
		hub_live_free(h, VD_CONTAINER(h->lives.next, struct live, link));
	hub_commands_free(h);
	devices_free(h);
	struct vd_link *l;
	while ((l = vd_list_pop(&h->bindings)))
		binding_free(VD_CONTAINER(l, struct hub_binding, link));
	h->rt->timer_close(h->tick);
	h->rt->timer_close(h->sweep);
	map_free_values(&h->gateways);
	map_free_values(&h->munis);
	map_free_values(&h->persons);
	map_free_values(&h->callers);
	map_free_values(&h->consoles);
	map_free_values(&h->watched);
	vd_map_fini(&h->device_by_id);
	vd_map_fini(&h->live_by_id);
	vd_map_fini(&h->live_by_key);
	vd_map_fini(&h->dedup);
	if (h->decoded)
		vd_buf_fini(&h->decoded->scratch);
	vd_free(h->decoded);
	vd_free(h->dedup_ring);
	vd_free(h->ring);
	vd_directory_free(h->dir);
	vd_free(h);
}
