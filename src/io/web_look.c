/* SPDX-License-Identifier: EUPL-1.2 */
/* The access log: who looked at whose data, when. A look that the store could not take waits and is
 * tried again with every beat: the alarm is shown all the same, because a person may be lying on a
 * floor, but the look is not forgotten. Loop thread. */
#include "base/log.h"
#include "base/mem.h"
#include "io/web_int.h"
#include <stdio.h>

struct look {
	struct vd_link link;
	struct vd_web *web; /* NULL: the door has closed */
	struct vd_op_access a;
};

void web_looks_open(struct vd_web *w)
{
	vd_list_init(&w->looks_waiting);
	vd_list_init(&w->looks_submitted);
}

static void lose(struct vd_web *w, size_t n)
{
	w->looks_lost += (int64_t)n;
	vd_log(VD_LOG_ERR, "access log: %zu looks at personal data could not be stored", n);
}

void web_looks_close(struct vd_web *w)
{
	struct vd_link *l;
	if (!w->looks_waiting.next)
		return; /* never opened */
	if (w->n_looks_waiting)
		lose(w, w->n_looks_waiting);
	w->n_looks_waiting = 0;
	while ((l = vd_list_pop(&w->looks_waiting)))
		vd_free(VD_CONTAINER(l, struct look, link));
	while ((l = vd_list_pop(&w->looks_submitted)))
		VD_CONTAINER(l, struct look, link)->web = NULL;
}

static void wait(struct vd_web *w, struct look *l)
{
	if (w->n_looks_waiting >= VD_MAX_LOOKS) {
		vd_free(VD_CONTAINER(vd_list_pop(&w->looks_waiting), struct look, link));
		w->n_looks_waiting--;
		lose(w, 1);
	}
	vd_list_push_back(&w->looks_waiting, &l->link);
	w->n_looks_waiting++;
}

static void on_logged(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	struct look *l = arg;
	(void)b;
	(void)first_seq;
	if (!l->web) {
		vd_free(l);
		return;
	}
	vd_list_remove(&l->link);
	if (err == VD_EBUSY) {
		wait(l->web, l);
		return;
	}
	if (err)
		lose(l->web, 1);
	vd_free(l);
}

static int submit(struct vd_web *w, struct look *l)
{
	struct vd_batch *b = vd_batch_new();
	struct vd_op *op = b ? vd_batch_op(b, VD_OP_ACCESS) : NULL;
	int err = op ? 0 : VD_ENOMEM;
	if (op) {
		op->u.access = l->a;
		b->done = on_logged;
		b->arg = l;
		err = w->store->submit(w->store, b);
	}
	if (err)
		vd_batch_free(b);
	else
		vd_list_push_back(&w->looks_submitted, &l->link);
	return err;
}

void web_looks_retry(struct vd_web *w)
{
	size_t n = w->n_looks_waiting;
	while (n--) {
		struct look *l = VD_CONTAINER(vd_list_pop(&w->looks_waiting), struct look, link);
		w->n_looks_waiting--;
		if (submit(w, l)) {
			wait(w, l);
			return;
		}
	}
}

void web_looked(struct vd_web *w, struct web_session *s, int muni, int64_t recipient,
		const char *what, const char *alarm)
{
	char key[96];
	if (!recipient)
		return;
	int n = snprintf(key, sizeof(key), "%s/%s/%lld", what, alarm, (long long)recipient);
	uint64_t h = vd_hash64(vd_span(key, (size_t)n), 1) | 1;
	/* A list that stays on the screen is one look; opening the alarm is one each time, also for
	 * everybody it names. */
	bool opened = strcmp(what, "alarm.detail") == 0 || strcmp(what, "alarm.affected") == 0;
	if (!opened && vd_map_put_u64(&s->shown, h, s) == VD_EEXIST)
		return;
	struct look *l = vd_calloc(1, sizeof(*l));
	if (!l) {
		lose(w, 1);
		return;
	}
	l->web = w;
	l->a = (struct vd_op_access){.muni = muni,
				     .staff = s->staff,
				     .recipient = recipient,
				     .at_ms = w->rt->wall_ms(w->rt)};
	snprintf(l->a.what, sizeof(l->a.what), "%s", what);
	snprintf(l->a.alarm, sizeof(l->a.alarm), "%s", alarm);
	if (submit(w, l))
		wait(w, l);
}
