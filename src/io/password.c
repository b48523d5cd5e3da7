/* SPDX-License-Identifier: EUPL-1.2 */
/* argon2id off the loop: two threads, a short queue, then refuse; otherwise fifty sign-ins at shift
 * change would take a gigabyte. Figures: OWASP Password Storage Cheat Sheet (m=19456, t=2, p=1). */
#include "io/web_int.h"
#include "base/mem.h"
#include <argon2.h>
#include <pthread.h>
#include <stdlib.h>

#define THREADS 2

struct job {
	struct vd_link link;
	char encoded[160];
	char password[512];
	size_t password_n;
	bool right;
	void (*done)(bool right, void *arg);
	void *arg;
};

struct web_passwords {
	struct vd_runtime *rt;
	struct vd_waker *waker;
	pthread_t threads[THREADS];
	int n_threads;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct vd_link queue, done;
	size_t waiting;
	bool closing;
};

/* A hash of nothing anybody knows, so that an unknown user costs the same time. */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
			     "w6fDQr6J8Y5rT1mHn2H0c0bM6s0mJm3l0l1pQ1f6mXg";

static void *thread_main(void *arg)
{
	struct web_passwords *p = arg;
	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct vd_link *l = vd_list_pop(&p->queue);
		if (!l) {
			if (p->closing)
				break;
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		p->waiting--;
		pthread_mutex_unlock(&p->lock);
		struct job *j = VD_CONTAINER(l, struct job, link);
		const char *hash = j->encoded[0] ? j->encoded : nobody;
		j->right = argon2id_verify(hash, j->password, j->password_n) == ARGON2_OK &&
			   j->encoded[0];
		explicit_bzero(j->password, sizeof(j->password));
		pthread_mutex_lock(&p->lock);
		vd_list_push_back(&p->done, l);
		p->rt->waker_wake(p->waker);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void on_wake(void *arg)
{
	struct web_passwords *p = arg;
	for (;;) {
		pthread_mutex_lock(&p->lock);
		struct vd_link *l = vd_list_pop(&p->done);
		pthread_mutex_unlock(&p->lock);
		if (!l)
			return;
		struct job *j = VD_CONTAINER(l, struct job, link);
		j->done(j->right, j->arg);
		vd_free(j);
	}
}

int web_passwords_open(struct vd_runtime *rt, struct web_passwords **ret)
{
	struct web_passwords *p = vd_calloc(1, sizeof(*p));
	if (!p)
		return VD_ENOMEM;
	p->rt = rt;
	vd_list_init(&p->queue);
	vd_list_init(&p->done);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	p->waker = rt->waker_open(rt, on_wake, p);
	for (int i = 0; p->waker && i < THREADS; i++)
		p->n_threads += pthread_create(&p->threads[i], NULL, thread_main, p) == 0;
	if (!p->waker || !p->n_threads) {
		web_passwords_close(p);
		return VD_ENOMEM;
	}
	*ret = p;
	return 0;
}

void web_passwords_close(struct web_passwords *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (int i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
	on_wake(p);
	p->rt->waker_close(p->waker);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->work);
	vd_free(p);
}

int web_password_check(struct web_passwords *p, const char *encoded, struct vd_span password,
		       void (*done)(bool right, void *arg), void *arg)
{
	struct job *j = vd_calloc(1, sizeof(*j));
	if (!j)
		return VD_EBUSY;
	pthread_mutex_lock(&p->lock);
	if (p->waiting >= VD_MAX_PENDING_LOGIN || p->closing || password.n >= sizeof(j->password)) {
		pthread_mutex_unlock(&p->lock);
		vd_free(j);
		return VD_EBUSY;
	}
	vd_span_copy(j->encoded, sizeof(j->encoded), vd_span_cstr(encoded));
	memcpy(j->password, password.p, password.n);
	j->password_n = password.n;
	j->done = done;
	j->arg = arg;
	vd_list_push_back(&p->queue, &j->link);
	p->waiting++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
	return 0;
}
