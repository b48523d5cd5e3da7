/* SPDX-License-Identifier: EUPL-1.2 */
/* A store in memory for tests and scenarios: the same promises (order, exactly once, a later turn,
 * all or nothing) with faults that can be switched on, and a crash that forgets what was not
 * committed. */
#include "base/limits.h"
#include "base/mem.h"
#include "store/store.h"

struct dedup_row {
	int64_t gateway, device, at_ms;
	uint64_t key;
};

struct remembered_row {
	int64_t binding;
	char *topic, *body;
	size_t body_n;
};

struct memory {
	struct vd_store port;
	struct vd_runtime *rt;
	struct vd_link queue, reads;
	size_t queued;
	struct vd_deferred turn;
	struct vd_timer *slow;
	struct vd_store_memory_faults faults;
	struct vd_directory *directory;
	struct vd_event *events;
	size_t n_events;
	struct vd_alarm *alarms;
	size_t n_alarms;
	struct vd_alarm_step *steps;
	size_t n_steps;
	struct vd_state_cell *cells;
	size_t n_cells;
	struct vd_seen *seen;
	size_t n_seen;
	struct vd_op_watch *watches;
	size_t n_watches;
	struct dedup_row *dedup;
	size_t n_dedup;
	struct remembered_row *remembered;
	size_t n_remembered;
	struct vd_command *commands;
	size_t n_commands;
	struct vd_op_access *looks;
	size_t n_looks;
	int64_t cursor;
	struct vd_store_stats stats;
	bool closing;
	void (*on_closed)(void *arg);
	void *on_closed_arg;
};

/* Room for one more at the end, zeroed; NULL when out of memory. Grows by doubling. */
static void *push(void **list, size_t *n, size_t size)
{
	if (!(*n & (*n - 1))) {
		void *more = vd_realloc(*list, (*n ? *n * 2 : 1) * size);
		if (!more)
			return NULL;
		*list = more;
	}
	char *p = (char *)*list + (*n)++ * size;
	memset(p, 0, size);
	return p;
}
#define PUSH(m, what) push((void **)&(m)->what, &(m)->n_##what, sizeof(*(m)->what))

static int store_cell(struct memory *m, const struct vd_event *e)
{
	struct vd_state_cell *c = NULL;
	for (size_t i = 0; i < m->n_cells && !c; i++)
		if (m->cells[i].device == e->device && m->cells[i].gateway == e->gateway &&
		    m->cells[i].kind == e->kind && strcmp(m->cells[i].zone, e->zone) == 0)
			c = &m->cells[i];
	if (!c)
		c = PUSH(m, cells);
	if (!c)
		return VD_ENOMEM;
	*c = (struct vd_state_cell){.device = e->device,
				    .gateway = e->gateway,
				    .kind = e->kind,
				    .value = e->value,
				    .has_value = e->has_value,
				    .t_ms = e->t_ms,
				    .episode = e->episode};
	memcpy(c->zone, e->zone, sizeof(c->zone));
	memcpy(c->state, e->state, sizeof(c->state));
	return 0;
}

static int store_event(struct memory *m, const struct vd_event *e)
{
	struct vd_event *p = PUSH(m, events);
	if (!p)
		return VD_ENOMEM;
	*p = *e;
	return e->flags & (VD_F_REPLAY | VD_F_SIMULATED | VD_F_TEST) ? 0 : store_cell(m, e);
}

static int store_alarm(struct memory *m, const struct vd_alarm *a)
{
	for (size_t i = 0; i < m->n_alarms; i++)
		if (strcmp(m->alarms[i].id, a->id) == 0) {
			m->alarms[i] = *a;
			return 0;
		}
	struct vd_alarm *p = PUSH(m, alarms);
	if (!p)
		return VD_ENOMEM;
	*p = *a;
	return 0;
}

static int store_step(struct memory *m, const struct vd_alarm_step *s)
{
	for (size_t i = 0; i < m->n_steps; i++)
		if (m->steps[i].n == s->n && strcmp(m->steps[i].alarm, s->alarm) == 0) {
			m->steps[i] = *s;
			return 0;
		}
	struct vd_alarm_step *p = PUSH(m, steps);
	if (!p)
		return VD_ENOMEM;
	*p = *s;
	return 0;
}

static int store_seen(struct memory *m, const struct vd_op_seen *s)
{
	for (size_t i = 0; i < m->n_seen; i++)
		if (m->seen[i].device == s->device) {
			m->seen[i].at_ms = s->at_ms;
			return 0;
		}
	struct vd_seen *p = PUSH(m, seen);
	if (!p)
		return VD_ENOMEM;
	*p = (struct vd_seen){s->device, s->at_ms};
	return 0;
}

static int store_watch(struct memory *m, const struct vd_op_watch *w)
{
	struct vd_op_watch *p = NULL;
	for (size_t i = 0; i < m->n_watches && !p; i++)
		if (m->watches[i].device == w->device)
			p = &m->watches[i];
	if (!p)
		p = PUSH(m, watches);
	if (!p)
		return VD_ENOMEM;
	*p = *w;
	return 0;
}

static int store_remembered(struct memory *m, const struct vd_op *op)
{
	struct remembered_row *r = NULL;
	for (size_t i = 0; i < m->n_remembered && !r; i++)
		if (m->remembered[i].binding == op->u.frame.binding &&
		    strcmp(m->remembered[i].topic, op->u.frame.text) == 0)
			r = &m->remembered[i];
	if (!r && !op->u.frame.blob_n)
		return 0;
	if (!r) {
		r = PUSH(m, remembered);
		if (!r)
			return VD_ENOMEM;
		r->binding = op->u.frame.binding;
		r->topic = vd_strdup(op->u.frame.text);
	}
	vd_free(r->body);
	r->body_n = op->u.frame.blob_n;
	r->body = vd_memdup_str(op->u.frame.blob, r->body_n);
	return r->topic && r->body ? 0 : VD_ENOMEM;
}

static int store_command(struct memory *m, const struct vd_command *c)
{
	struct vd_command *p = NULL;
	for (size_t i = 0; i < m->n_commands && !p; i++)
		if (strcmp(m->commands[i].id, c->id) == 0)
			p = &m->commands[i];
	if (!p)
		p = PUSH(m, commands);
	if (!p)
		return VD_ENOMEM;
	*p = *c;
	return 0;
}

static int store_look(struct memory *m, const struct vd_op_access *a)
{
	struct vd_op_access *p = PUSH(m, looks);
	if (!p)
		return VD_ENOMEM;
	*p = *a;
	return 0;
}

static struct dedup_row *dedup_row(const struct memory *m, const struct vd_op *op)
{
	for (size_t i = 0; i < m->n_dedup; i++)
		if (m->dedup[i].gateway == op->u.dedup.gateway &&
		    m->dedup[i].device == op->u.dedup.device && m->dedup[i].key == op->u.dedup.key)
			return &m->dedup[i];
	return NULL;
}

static bool dedup_known(const struct memory *m, const struct vd_op *op)
{
	const struct dedup_row *d = dedup_row(m, op);
	int64_t age = d ? op->u.dedup.at_ms - d->at_ms : 0;
	return d && !(op->u.dedup.renew_ms && (age < 0 ? -age : age) >= op->u.dedup.renew_ms);
}

static int store_dedup(struct memory *m, const struct vd_op *op)
{
	struct dedup_row *d = dedup_row(m, op);
	if (!d)
		d = PUSH(m, dedup);
	if (!d)
		return VD_ENOMEM;
	*d = (struct dedup_row){.gateway = op->u.dedup.gateway,
				.device = op->u.dedup.device,
				.at_ms = op->u.dedup.at_ms,
				.key = op->u.dedup.key};
	return 0;
}

static int store_op(struct memory *m, const struct vd_op *op)
{
	switch (op->type) {
	case VD_OP_EVENT: return store_event(m, &op->u.event);
	case VD_OP_ALARM: return store_alarm(m, &op->u.alarm);
	case VD_OP_STEP: return store_step(m, op->u.step);
	case VD_OP_SEEN: return store_seen(m, &op->u.seen);
	case VD_OP_WATCH: return store_watch(m, op->u.watch);
	case VD_OP_DEDUP: return store_dedup(m, op);
	case VD_OP_REMEMBER: return store_remembered(m, op);
	case VD_OP_CURSOR:
		if (op->u.cursor.seq > m->cursor)
			m->cursor = op->u.cursor.seq;
		return 0;
	case VD_OP_COMMAND: return store_command(m, op->u.command.c);
	case VD_OP_ACCESS: return store_look(m, &op->u.access);
	case VD_OP_QUARANTINE:
	case VD_OP_HEARD:
	case VD_OP_COUNT: return 0; /* nothing reads them back here */
	}
	return VD_EINVAL;
}

static int commit(struct memory *m, const struct vd_batch *b, int64_t *ret_first)
{
	if (m->faults.full || m->faults.error) {
		m->stats.health = m->faults.full ? VD_STORE_FULL : VD_STORE_ERROR;
		m->stats.failures++;
		return VD_EBUSY;
	}
	m->stats.health = VD_STORE_OK;
	for (size_t i = 0; i < b->n; i++)
		if (b->ops[i].type == VD_OP_DEDUP && dedup_known(m, &b->ops[i]))
			return VD_EEXIST;
	int64_t first = 0;
	int err = 0;
	for (size_t i = 0; !err && i < b->n; i++) {
		if (b->ops[i].type == VD_OP_EVENT && !first)
			first = (int64_t)m->n_events + 1;
		err = store_op(m, &b->ops[i]);
	}
	m->stats.commits++;
	m->stats.journal_rows = (int64_t)m->n_events;
	*ret_first = first;
	return err;
}

struct read_job {
	struct vd_link link;
	vd_read_done done;
	void *arg;
};

static void tell_reads(struct memory *m)
{
	struct vd_link *l;
	while ((l = vd_list_pop(&m->reads))) {
		struct read_job *j = VD_CONTAINER(l, struct read_job, link);
		j->done(VD_ENOTFOUND, j->arg); /* there is no database to read */
		vd_free(j);
	}
}

static void on_turn(void *arg)
{
	struct memory *m = arg;
	struct vd_link now, *l;
	vd_list_init(&now);
	while ((l = vd_list_pop(&m->queue)))
		vd_list_push_back(&now, l);
	m->queued = 0;
	while ((l = vd_list_pop(&now))) {
		struct vd_batch *b = VD_CONTAINER(l, struct vd_batch, link);
		int64_t first = 0;
		int err = commit(m, b, &first);
		if (b->done)
			b->done(b, err, err ? 0 : first, b->arg);
		vd_batch_free(b);
	}
	tell_reads(m);
	if (!m->closing || !m->on_closed || !vd_list_empty(&m->queue))
		return;
	void (*fn)(void *arg2) = m->on_closed;
	m->on_closed = NULL;
	fn(m->on_closed_arg);
}

static void schedule(struct memory *m)
{
	if (m->faults.delay_ms)
		m->rt->timer_start(m->slow, m->faults.delay_ms);
	else if (!m->turn.pending)
		m->rt->defer(m->rt, &m->turn);
}

static int submit(struct vd_store *s, struct vd_batch *take_b)
{
	struct memory *m = s->impl;
	size_t max = VD_MAX_STORE_BATCHES - (take_b->alarm_lane ? 0 : VD_ALARM_LANE_RESERVE);
	if (m->closing || m->queued >= max)
		return VD_EBUSY;
	vd_list_push_back(&m->queue, &take_b->link);
	m->queued++;
	schedule(m);
	return 0;
}

static int read_later(struct vd_store *s, vd_read_fn fn, void *arg, vd_read_done done,
		      void *done_arg)
{
	struct memory *m = s->impl;
	struct read_job *j = vd_calloc(1, sizeof(*j));
	(void)fn;
	(void)arg;
	if (!j)
		return VD_ENOMEM;
	*j = (struct read_job){.done = done, .arg = done_arg};
	vd_list_push_back(&m->reads, &j->link);
	schedule(m);
	return 0;
}

struct directory_job {
	struct memory *m;
	int64_t have;
	void (*done)(struct vd_directory *take_d, int err, void *arg);
	void *arg;
};

static void on_directory(int err, void *arg)
{
	struct directory_job *j = arg;
	struct vd_directory *d = j->m->directory;
	(void)err;
	if (d && d->version != j->have)
		j->m->directory = NULL;
	else
		d = NULL;
	j->done(d, 0, j->arg);
	vd_free(j);
}

/* There is a newer one only after vd_store_memory_set_directory. */
static int directory(struct vd_store *s, int64_t have_version,
		     void (*done)(struct vd_directory *take_d, int err, void *arg), void *arg)
{
	struct memory *m = s->impl;
	if (!m->directory || m->closing)
		return VD_EBUSY;
	struct directory_job *j = vd_calloc(1, sizeof(*j));
	if (!j)
		return VD_ENOMEM;
	*j = (struct directory_job){m, have_version, done, arg};
	int err = read_later(s, NULL, NULL, on_directory, j);
	if (err)
		vd_free(j);
	return err;
}

static int copy(void **ret, size_t *ret_n, const void *from, size_t n, size_t size)
{
	*ret = vd_malloc((n + 1) * size);
	if (!*ret)
		return VD_ENOMEM;
	if (n)
		memcpy(*ret, from, n * size);
	*ret_n = n;
	return 0;
}

static int copy_remembered(const struct memory *m, struct vd_boot *b)
{
	b->remembered = vd_calloc(m->n_remembered + 1, sizeof(*b->remembered));
	if (!b->remembered)
		return VD_ENOMEM;
	for (size_t i = 0; i < m->n_remembered; i++) {
		const struct remembered_row *r = &m->remembered[i];
		if (!r->body_n)
			continue;
		b->remembered[b->n_remembered].binding = r->binding;
		b->remembered[b->n_remembered].topic = vd_strdup(r->topic);
		b->remembered[b->n_remembered].body = vd_memdup_str(r->body, r->body_n);
		b->remembered[b->n_remembered].body_n = r->body_n;
		if (!b->remembered[b->n_remembered].topic || !b->remembered[b->n_remembered].body)
			return VD_ENOMEM;
		b->n_remembered++;
	}
	return 0;
}

static int copy_dedup(const struct memory *m, struct vd_boot *b)
{
	b->dedup = vd_calloc(m->n_dedup + 1, sizeof(*b->dedup));
	if (!b->dedup)
		return VD_ENOMEM;
	b->n_dedup = m->n_dedup;
	for (size_t i = 0; i < m->n_dedup; i++) {
		b->dedup[i].gateway = m->dedup[i].gateway;
		b->dedup[i].device = m->dedup[i].device;
		b->dedup[i].key = m->dedup[i].key;
		b->dedup[i].at_ms = m->dedup[i].at_ms;
	}
	return 0;
}

static int copy_unassessed(const struct memory *m, struct vd_boot *b)
{
	size_t from = (size_t)m->cursor, n = m->n_events - from;
	const struct vd_event *first = n ? m->events + from : NULL;
	int err = copy((void **)&b->events, &b->n_events, first, n, sizeof(*b->events));
	b->event_seq = vd_calloc(n + 1, sizeof(*b->event_seq));
	for (size_t i = 0; b->event_seq && i < n; i++)
		b->event_seq[i] = (int64_t)(from + i + 1);
	b->cursor = m->cursor;
	return err || !b->event_seq ? VD_ENOMEM : 0;
}

#define COPY(what) copy((void **)&ret->what, &ret->n_##what, m->what, m->n_##what, sizeof(*m->what))

static int boot(struct vd_store *s, struct vd_boot *ret, struct vd_errtext *e)
{
	struct memory *m = s->impl;
	(void)e;
	*ret = (struct vd_boot){.directory = m->directory};
	m->directory = NULL;
	if (m->n_events)
		ret->wall_ms_last = m->events[m->n_events - 1].t_recv_ms;
	int err = COPY(alarms);
	if (!err)
		err = COPY(cells);
	if (!err)
		err = COPY(seen);
	if (!err)
		err = COPY(commands);
	if (!err)
		err = COPY(watches);
	if (!err)
		err = copy_dedup(m, ret);
	if (!err)
		err = copy_remembered(m, ret);
	if (!err)
		err = copy_unassessed(m, ret);
	if (err)
		vd_boot_free(ret);
	return err;
}

static void stats(struct vd_store *s, struct vd_store_stats *ret)
{
	struct memory *m = s->impl;
	*ret = m->stats;
	ret->queued = m->queued;
}

static void close_store(struct vd_store *s, void (*on_closed)(void *arg), void *arg)
{
	struct memory *m = s->impl;
	m->closing = true;
	m->on_closed = on_closed;
	m->on_closed_arg = arg;
	schedule(m);
}

static void free_store(struct vd_store *s)
{
	struct memory *m = s->impl;
	vd_store_memory_crash(s);
	m->rt->timer_close(m->slow);
	vd_directory_free(m->directory);
	for (size_t i = 0; i < m->n_remembered; i++) {
		vd_free(m->remembered[i].topic);
		vd_free(m->remembered[i].body);
	}
	void *const lists[] = {m->events,  m->alarms, m->steps,      m->cells,    m->seen,
			       m->watches, m->dedup,  m->remembered, m->commands, m->looks};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		vd_free(lists[i]);
	vd_free(m);
}

int vd_store_memory_open(struct vd_runtime *rt, struct vd_store **ret)
{
	struct memory *m = vd_calloc(1, sizeof(*m));
	if (!m)
		return VD_ENOMEM;
	m->rt = rt;
	vd_list_init(&m->queue);
	vd_list_init(&m->reads);
	m->turn = (struct vd_deferred){.fn = on_turn, .arg = m};
	m->slow = rt->timer_open(rt, on_turn, m);
	if (!m->slow) {
		vd_free(m);
		return VD_ENOMEM;
	}
	m->port = (struct vd_store){.impl = m,
				    .submit = submit,
				    .read = read_later,
				    .boot = boot,
				    .directory = directory,
				    .stats = stats,
				    .close = close_store,
				    .free = free_store};
	*ret = &m->port;
	return 0;
}

struct vd_store_memory_faults *vd_store_memory_faults(struct vd_store *s)
{
	return &((struct memory *)s->impl)->faults;
}

void vd_store_memory_set_directory(struct vd_store *s, struct vd_directory *take_d)
{
	struct memory *m = s->impl;
	vd_directory_free(m->directory);
	m->directory = take_d;
}

size_t vd_store_memory_events(struct vd_store *s)
{
	return ((struct memory *)s->impl)->n_events;
}

const struct vd_event *vd_store_memory_event(struct vd_store *s, size_t i)
{
	struct memory *m = s->impl;
	return i < m->n_events ? &m->events[i] : NULL;
}

const struct vd_alarm *vd_store_memory_alarm(struct vd_store *s, const char *id)
{
	struct memory *m = s->impl;
	for (size_t i = 0; i < m->n_alarms; i++)
		if (strcmp(m->alarms[i].id, id) == 0)
			return &m->alarms[i];
	return NULL;
}

const struct vd_command *vd_store_memory_command(struct vd_store *s, const char *id)
{
	struct memory *m = s->impl;
	for (size_t i = 0; i < m->n_commands; i++)
		if (strcmp(m->commands[i].id, id) == 0)
			return &m->commands[i];
	return NULL;
}

size_t vd_store_memory_looks(struct vd_store *s, const struct vd_op_access **ret_first)
{
	struct memory *m = s->impl;
	*ret_first = m->looks;
	return m->n_looks;
}

size_t vd_store_memory_steps(struct vd_store *s, const char *alarm,
			     const struct vd_alarm_step **ret_first)
{
	struct memory *m = s->impl;
	size_t n = 0;
	for (size_t i = 0; i < m->n_steps; i++) {
		if (strcmp(m->steps[i].alarm, alarm) != 0)
			continue;
		if (!n++)
			*ret_first = &m->steps[i];
	}
	return n;
}

void vd_store_memory_crash(struct vd_store *s)
{
	struct memory *m = s->impl;
	struct vd_link *l;
	while ((l = vd_list_pop(&m->queue)))
		vd_batch_free(VD_CONTAINER(l, struct vd_batch, link));
	m->queued = 0;
	while ((l = vd_list_pop(&m->reads))) {
		struct read_job *j = VD_CONTAINER(l, struct read_job, link);
		if (j->done == on_directory)
			vd_free(j->arg);
		vd_free(j);
	}
}
