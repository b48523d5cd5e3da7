/* SPDX-License-Identifier: EUPL-1.2 */
/* Batches and boot data: plain owned memory, independent of any backend. */
#include "base/mem.h"
#include "port/store.h"

struct vd_batch *vd_batch_new(void)
{
	struct vd_batch *b = vd_calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	vd_list_init(&b->link);
	b->bytes = sizeof(*b);
	return b;
}

static void op_fini(struct vd_op *op)
{
	switch (op->type) {
	case VD_OP_STEP: vd_free(op->u.step); break;
	case VD_OP_HEARD: vd_free(op->u.heard); break;
	case VD_OP_WATCH: vd_free(op->u.watch); break;
	case VD_OP_REMEMBER:
	case VD_OP_QUARANTINE:
		vd_free(op->u.frame.text);
		vd_free(op->u.frame.blob);
		break;
	case VD_OP_COMMAND:
		vd_free(op->u.command.c);
		vd_free(op->u.command.reason);
		break;
	case VD_OP_EVENT:
	case VD_OP_DEDUP:
	case VD_OP_ALARM:
	case VD_OP_CURSOR:
	case VD_OP_SEEN:
	case VD_OP_ACCESS:
	case VD_OP_COUNT: break;
	}
}

void vd_batch_free(struct vd_batch *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++)
		op_fini(&b->ops[i]);
	vd_free(b->ops);
	vd_free(b);
}

struct vd_op *vd_batch_op(struct vd_batch *b, enum vd_op_type type)
{
	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 2;
		if (b->n >= VD_MAX_BATCH_OPS)
			return NULL;
		struct vd_op *ops = vd_realloc(b->ops, cap * sizeof(*ops));
		if (!ops)
			return NULL;
		b->ops = ops;
		b->bytes += (cap - b->cap) * sizeof(*ops);
		b->cap = cap;
	}
	struct vd_op *op = &b->ops[b->n++];
	memset(op, 0, sizeof(*op));
	op->type = type;
	return op;
}

int vd_batch_event(struct vd_batch *b, const struct vd_event *e)
{
	struct vd_op *op = vd_batch_op(b, VD_OP_EVENT);
	if (!op)
		return VD_ENOMEM;
	op->u.event = *e;
	return 0;
}

int vd_batch_alarm(struct vd_batch *b, const struct vd_alarm *a)
{
	struct vd_op *op = vd_batch_op(b, VD_OP_ALARM);
	if (!op)
		return VD_ENOMEM;
	op->u.alarm = *a;
	return 0;
}

int vd_batch_step(struct vd_batch *b, const struct vd_alarm_step *s)
{
	struct vd_alarm_step *own = vd_malloc(sizeof(*own));
	struct vd_op *op = own ? vd_batch_op(b, VD_OP_STEP) : NULL;
	if (!op) {
		vd_free(own);
		return VD_ENOMEM;
	}
	*own = *s;
	op->u.step = own;
	b->bytes += sizeof(*own);
	return 0;
}

int vd_batch_heard(struct vd_batch *b, const struct vd_op_heard *h)
{
	struct vd_op_heard *own = vd_malloc(sizeof(*own));
	struct vd_op *op = own ? vd_batch_op(b, VD_OP_HEARD) : NULL;
	if (!op) {
		vd_free(own);
		return VD_ENOMEM;
	}
	*own = *h;
	op->u.heard = own;
	b->bytes += sizeof(*own);
	return 0;
}

int vd_batch_watch(struct vd_batch *b, const struct vd_op_watch *w)
{
	struct vd_op_watch *own = vd_malloc(sizeof(*own));
	struct vd_op *op = own ? vd_batch_op(b, VD_OP_WATCH) : NULL;
	if (!op) {
		vd_free(own);
		return VD_ENOMEM;
	}
	*own = *w;
	op->u.watch = own;
	b->bytes += sizeof(*own);
	return 0;
}

int vd_batch_frame(struct vd_batch *b, enum vd_op_type type, int64_t gateway, int64_t binding,
		   struct vd_span text, struct vd_span blob, int64_t at_ms)
{
	char *t = vd_memdup_str(text.p, text.n), *d = vd_memdup_str(blob.p, blob.n);
	struct vd_op *op = t && d ? vd_batch_op(b, type) : NULL;
	if (!op) {
		vd_free(t);
		vd_free(d);
		return VD_ENOMEM;
	}
	op->u.frame.gateway = gateway;
	op->u.frame.binding = binding;
	op->u.frame.at_ms = at_ms;
	op->u.frame.text = t;
	op->u.frame.blob = d;
	op->u.frame.blob_n = blob.n;
	b->bytes += text.n + blob.n;
	return 0;
}

int vd_batch_command(struct vd_batch *b, const struct vd_command *c, const char *reason,
		     int64_t at_ms)
{
	struct vd_command *own = vd_malloc(sizeof(*own));
	char *why = reason && reason[0] ? vd_strdup(reason) : NULL;
	bool lacks = !own || (reason && reason[0] && !why);
	struct vd_op *op = lacks ? NULL : vd_batch_op(b, VD_OP_COMMAND);
	if (!op) {
		vd_free(own);
		vd_free(why);
		return VD_ENOMEM;
	}
	*own = *c;
	op->u.command.c = own;
	op->u.command.reason = why;
	op->u.command.at_ms = at_ms;
	b->bytes += sizeof(*own) + (why ? strlen(why) : 0);
	return 0;
}

void vd_boot_free(struct vd_boot *b)
{
	if (!b)
		return;
	vd_directory_free(b->directory);
	for (size_t i = 0; i < b->n_remembered; i++) {
		vd_free(b->remembered[i].topic);
		vd_free(b->remembered[i].body);
	}
	vd_free(b->alarms);
	vd_free(b->cells);
	vd_free(b->seen);
	vd_free(b->watches);
	vd_free(b->dedup);
	vd_free(b->remembered);
	vd_free(b->events);
	vd_free(b->event_seq);
	vd_free(b->commands);
	memset(b, 0, sizeof(*b));
}
