/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/topic.h"
#include <strings.h>

bool vd_topic_under(const char *prefix, struct vd_span topic, struct vd_span *ret_rest)
{
	size_t n = strlen(prefix);
	*ret_rest = topic;
	if (!n)
		return topic.n > 0;
	if (topic.n <= n || !vd_span_starts(topic, vd_span_cstr(prefix)) || topic.p[n] != '/')
		return false;
	*ret_rest = vd_span_skip(topic, n + 1);
	return ret_rest->n > 0;
}

struct vd_span vd_topic_last(struct vd_span *path)
{
	size_t at = path->n;
	while (at && path->p[at - 1] != '/')
		at--;
	struct vd_span last = vd_span_skip(*path, at);
	path->n = at ? at - 1 : 0;
	return last;
}

struct vd_span vd_topic_first(struct vd_span *path)
{
	size_t n = 0;
	while (n < path->n && path->p[n] != '/')
		n++;
	struct vd_span first = vd_span(path->p, n);
	*path = vd_span_skip(*path, n + 1);
	return first;
}

bool vd_same_text(struct vd_span a, const char *b)
{
	return a.n == strlen(b) && (a.n == 0 || strncasecmp(a.p, b, a.n) == 0);
}

int vd_digits(struct vd_span s, int max)
{
	int v = 0;
	if (!s.n)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + (s.p[i] - '0');
		if (v > max)
			return -1;
	}
	return v;
}
