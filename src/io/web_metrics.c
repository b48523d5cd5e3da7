/* SPDX-License-Identifier: EUPL-1.2 */
/* /metrics in Prometheus' text form (prometheus.io/docs/practices/naming). No label names a person
 * or a device. For this machine itself and for signed-in administrators. */
#include "io/web_int.h"

static bool may_read(struct web_request *q)
{
	const struct web_session *s = web_session_of(q->web, q->cookie);
	const struct vd_staff *p = s ? vd_dir_staff(vd_hub_directory(q->web->hub), s->staff) : NULL;
	return strncmp(q->address, "127.", 4) == 0 || strcmp(q->address, "::1") == 0 ||
	       strcmp(q->address, "::ffff:127.0.0.1") == 0 || (p && (p->roles & VD_ROLE_ADMIN));
}

static void one(struct vd_buf *b, const char *name, const char *type, int64_t v)
{
	vd_buf_printf(b, "# TYPE %s %s\n%s %lld\n", name, type, name, (long long)v);
}

static void raised(struct vd_buf *b, const struct vd_hub_stats *s)
{
	vd_buf_add_cstr(b, "# TYPE varde_alarms_raised_total counter\n");
	for (int k = 1; k < VD_KIND_MAX; k++)
		if (s->by_kind_raised[k])
			vd_buf_printf(b, "varde_alarms_raised_total{kind=\"%s\"} %lld\n",
				      vd_kind_name((enum vd_kind)k),
				      (long long)s->by_kind_raised[k]);
}

static void acknowledged(struct vd_buf *b, const struct vd_hub_stats *s)
{
	static const char *const le[] = {"15", "30", "60", "180", "600", "+Inf"};
	int64_t sum = 0;
	vd_buf_add_cstr(b, "# TYPE varde_alarm_ack_seconds histogram\n");
	for (int i = 0; i < 6; i++) {
		sum += s->ack_seconds[i];
		vd_buf_printf(b, "varde_alarm_ack_seconds_bucket{le=\"%s\"} %lld\n", le[i],
			      (long long)sum);
	}
	vd_buf_printf(b, "varde_alarm_ack_seconds_count %lld\n", (long long)sum);
}

static void commands(struct vd_buf *b, const struct vd_hub_stats *s)
{
	vd_buf_add_cstr(b, "# TYPE varde_commands_total counter\n");
	for (int i = VD_CS_SENT; i < VD_CS_MAX; i++)
		vd_buf_printf(b, "varde_commands_total{end=\"%s\"} %lld\n",
			      vd_command_state_name((enum vd_command_state)i),
			      (long long)s->commands[i]);
	one(b, "varde_commands_refused_total", "counter", s->commands_refused);
}

void web_metrics(struct web_request *q)
{
	struct vd_hub_stats s;
	struct vd_store_stats t;
	struct vd_buf *b = &q->out;
	if (!may_read(q)) {
		web_problem_err(q, VD_EDENIED);
		return;
	}
	vd_hub_stats(q->web->hub, &s);
	q->web->store->stats(q->web->store, &t);
	vd_buf_printf(b, "# TYPE varde_build_info gauge\nvarde_build_info{version=\"%s\"} 1\n",
		      q->web->cfg.version);
	one(b, "varde_frames_total", "counter", s.frames);
	vd_buf_printf(b,
		      "# TYPE varde_frame_outcomes_total counter\n"
		      "varde_frame_outcomes_total{outcome=\"stored\"} %lld\n"
		      "varde_frame_outcomes_total{outcome=\"duplicate\"} %lld\n"
		      "varde_frame_outcomes_total{outcome=\"refused\"} %lld\n"
		      "varde_frame_outcomes_total{outcome=\"busy\"} %lld\n",
		      (long long)s.stored, (long long)s.duplicates, (long long)s.refused,
		      (long long)s.busy);
	one(b, "varde_frames_unreadable_total", "counter", s.unreadable);
	one(b, "varde_events_total", "counter", s.events);
	raised(b, &s);
	acknowledged(b, &s);
	commands(b, &s);
	one(b, "varde_alarms_open", "gauge", s.open_alarms);
	one(b, "varde_devices_silent", "gauge", s.silent_devices);
	one(b, "varde_frames_inflight", "gauge", s.inflight);
	one(b, "varde_consoles_connected", "gauge", (int64_t)q->web->n_clients);
	one(b, "varde_sessions", "gauge", (int64_t)q->web->n_sessions);
	one(b, "varde_access_log_waiting", "gauge", (int64_t)q->web->n_looks_waiting);
	one(b, "varde_access_log_lost_total", "counter", q->web->looks_lost);
	one(b, "varde_http_requests_total", "counter", q->web->requests);
	one(b, "varde_journal_rows", "gauge", t.journal_rows);
	one(b, "varde_store_queue_batches", "gauge", (int64_t)t.queued);
	one(b, "varde_store_commits_total", "counter", t.commits);
	one(b, "varde_store_failures_total", "counter", t.failures);
	one(b, "varde_store_healthy", "gauge", t.health == VD_STORE_OK);
	vd_buf_printf(
		b,
		"# TYPE varde_store_commit_seconds summary\n"
		"varde_store_commit_seconds_sum %.6f\nvarde_store_commit_seconds_count %lld\n",
		(double)t.commit_ns_sum / 1e9, (long long)t.commits);
	if (q->web->metrics_fn)
		q->web->metrics_fn(b, q->web->metrics_arg);
	q->status = 200;
	q->type = "text/plain; version=0.0.4";
}
