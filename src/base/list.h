/* SPDX-License-Identifier: EUPL-1.2 */
/* Intrusive doubly linked list; nodes live inside their owners. One thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct vd_link {
	struct vd_link *next, *prev; /* self-linked when in no list */
};

#define VD_CONTAINER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline void vd_list_init(struct vd_link *l)
{
	l->next = l->prev = l;
}
static inline bool vd_list_empty(const struct vd_link *l)
{
	return l->next == l;
}
static inline void vd_list_remove(struct vd_link *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->next = n->prev = n;
}
static inline void vd_list_push_back(struct vd_link *l, struct vd_link *n)
{
	n->prev = l->prev;
	n->next = l;
	l->prev->next = n;
	l->prev = n;
}
static inline void vd_list_push_front(struct vd_link *l, struct vd_link *n)
{
	vd_list_push_back(l->next, n);
}
static inline struct vd_link *vd_list_pop(struct vd_link *l)
{
	struct vd_link *n = l->next;
	if (n == l)
		return NULL;
	vd_list_remove(n);
	return n;
}
/* Safe against removal of the current node. */
#define VD_LIST_EACH(it, list)                                                                     \
	for (struct vd_link *it = (list)->next, *it##_next = it->next; it != (list);               \
	     it = it##_next, it##_next = it->next)
