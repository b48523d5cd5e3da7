/* SPDX-License-Identifier: EUPL-1.2 */
/* libcurl's multi interface on the loop: it says which sockets to watch and when to wake it
 * (curl.se/libcurl/c/libcurl-multi.html, multi_socket). */
#include "base/mem.h"
#include "io/fetch_int.h"

static void read_news(struct vd_fetch *f)
{
	CURLMsg *m;
	int left;
	while ((m = curl_multi_info_read(f->multi, &left)))
		if (m->msg == CURLMSG_DONE)
			fetch_finish(f, m->easy_handle, m->data.result);
	fetch_pump(f);
}

static void act(struct vd_fetch *f, curl_socket_t fd, int what)
{
	int running;
	curl_multi_socket_action(f->multi, fd, what, &running);
	read_news(f);
}

static void on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout(CURLM *multi, long ms, void *arg)
{
	struct vd_fetch *f = arg;
	(void)multi;
	if (f->closing || ms < 0)
		f->rt->timer_stop(f->timer);
	else /* never from inside: 0 is the next turn */
		f->rt->timer_start(f->timer, ms);
	return 0;
}

static void on_poll(uv_poll_t *p, int status, int events)
{
	struct fetch_socket *s = p->data;
	int what = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
		   (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0) |
		   (status < 0 ? CURL_CSELECT_ERR : 0);
	act(s->f, s->fd, what);
}

static void on_socket_closed(uv_handle_t *h)
{
	struct fetch_socket *s = h->data;
	struct vd_fetch *f = s->f;
	vd_free(s);
	f->n_handles--;
	fetch_check_closed(f);
}

static void forget(struct fetch_socket *s)
{
	vd_list_remove(&s->link);
	uv_poll_stop(&s->poll);
	uv_close((uv_handle_t *)&s->poll, on_socket_closed);
}

static struct fetch_socket *watch(struct vd_fetch *f, curl_socket_t fd)
{
	struct fetch_socket *s = vd_calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->f = f;
	s->fd = fd;
	if (uv_poll_init_socket(f->loop, &s->poll, fd)) {
		vd_free(s);
		return NULL;
	}
	s->poll.data = s;
	f->n_handles++;
	vd_list_init(&s->link);
	vd_list_push_back(&f->sockets, &s->link);
	curl_multi_assign(f->multi, fd, s);
	return s;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sock)
{
	struct vd_fetch *f = arg;
	struct fetch_socket *s = sock;
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s) {
			curl_multi_assign(f->multi, fd, NULL);
			forget(s);
		}
		return 0;
	}
	if (!s && !(s = watch(f, fd)))
		return -1; /* libcurl ends its transfers */
	int events =
		(what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
	return uv_poll_start(&s->poll, events, on_poll) ? -1 : 0;
}

int fetch_loop_open(struct vd_fetch *f)
{
	f->timer = f->rt->timer_open(f->rt, on_timer, f);
	f->multi = f->timer ? curl_multi_init() : NULL;
	if (!f->multi)
		return VD_ENOMEM;
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
	curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)VD_MAX_FETCHES);
	return 0;
}

/* Connections kept for reuse end here, too. */
void fetch_loop_close(struct vd_fetch *f)
{
	if (f->multi)
		curl_multi_cleanup(f->multi);
	f->multi = NULL;
	f->rt->timer_close(f->timer);
	f->timer = NULL;
	VD_LIST_EACH(l, &f->sockets)
	forget(VD_CONTAINER(l, struct fetch_socket, link));
}
