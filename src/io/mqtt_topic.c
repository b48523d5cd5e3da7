/* SPDX-License-Identifier: EUPL-1.2 */
/* Topic names and filters (5.0 section 4.7). */
#include "io/mqtt_codec.h"

bool mqtt_topic_valid(struct vd_span topic)
{
	return topic.n && !memchr(topic.p, '+', topic.n) && !memchr(topic.p, '#', topic.n);
}

bool mqtt_filter_valid(struct vd_span filter)
{
	for (size_t i = 0; i < filter.n; i++) {
		bool first = i == 0 || filter.p[i - 1] == '/';
		bool last = i + 1 == filter.n;
		if (filter.p[i] == '#' && !(first && last))
			return false;
		if (filter.p[i] == '+' && !(first && (last || filter.p[i + 1] == '/')))
			return false;
	}
	return filter.n > 0;
}

bool mqtt_matches(struct vd_span filter, struct vd_span topic)
{
	if (!filter.n || !topic.n)
		return false;
	if (topic.p[0] == '$' && (filter.p[0] == '+' || filter.p[0] == '#'))
		return false;
	struct vd_span f, t;
	while (vd_span_next(&filter, '/', &f)) {
		if (vd_span_is(f, "#"))
			return true;
		if (!vd_span_next(&topic, '/', &t))
			return false;
		if (!vd_span_is(f, "+") && !vd_span_eq(f, t))
			return false;
	}
	return !topic.p;
}
