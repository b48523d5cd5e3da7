/* SPDX-License-Identifier: EUPL-1.2 */
#include "onboard/apply.h"

struct job {
	const struct vd_import_row *row;
	int64_t test_ms, id;
};

static int run(struct vd_dirw *w, void *arg)
{
	struct job *j = arg;
	const struct vd_import_row *row = j->row;
	struct vd_dirw_device d = {.gateway = row->gateway,
				   .family = row->family,
				   .identity = row->identity,
				   .name = row->name,
				   .vendor = row->vendor,
				   .model = row->model,
				   .serial = row->serial,
				   .alarm_button = row->alarm_button,
				   .supervise_ms = row->supervise_ms};
	struct vd_dirw_place p = {.recipient = row->recipient,
				  .room = row->room,
				  .purpose = row->purpose,
				  .alarm_on_open = row->alarm_on_open,
				  .night_from_min = row->night_from_min,
				  .night_to_min = row->night_to_min,
				  .alarm_button = VD_UNSTATED, /* set with the device */
				  .supervise_ms = VD_UNSTATED,
				  .test_ms = j->test_ms,
				  .also = row->also_told ? row->also : NULL};
	int a = vd_dirw_device(w, &d, &j->id);
	if (a < 0 || !row->recipient)
		return a;
	int b = vd_dirw_place(w, j->id, &p);
	return b < 0 ? b : a | b;
}

int vd_apply_row(struct vd_dirw *w, enum vd_lang lang, const struct vd_import_row *row,
		 int64_t test_ms, char *reason, size_t cap, bool *ret_stop, int64_t *ret_id)
{
	struct job j = {.row = row, .test_ms = test_ms};
	int r = vd_dirw_tx(w, run, &j);
	if (r < 0) {
		vd_text_failure(reason, cap, lang, r, w);
		*ret_stop = w->why.what == VD_REF_NONE;
	} else if (ret_id) {
		*ret_id = j.id;
	}
	return r;
}
