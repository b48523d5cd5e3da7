/* SPDX-License-Identifier: EUPL-1.2 */
/* A command written down by a tool: a row the running hub takes with its next look at the
 * directory. Any one thread. */
#include "store/directory_int.h"
#include <sys/random.h>

int vd_dirw_order(struct vd_dirw *w, int64_t device, enum vd_command_verb verb, int minutes,
		  char ret_id[VD_ID_LEN + 1])
{
	struct vd_idgen g = {0};
	uint8_t entropy[10];
	if (getrandom(entropy, sizeof(entropy), 0) != sizeof(entropy))
		return vd_errtext(&w->err, VD_EIO, "no randomness from the system", NULL, NULL);
	vd_id_make(&g, w->now_ms, entropy, ret_id);
	int r = vd_dsql_run(
		w,
		"INSERT INTO command SELECT ?, muni, gateway, id, placement, 0, ?, ?, ?, '', '',"
		" ?, ?, 0, 0, 'asked', 0, '' FROM device WHERE id = ?",
		"ttiiiii", ret_id, vd_verb_name(verb), (int64_t)minutes, w->staff, w->now_ms,
		w->now_ms + vd_verb_life_ms(verb), device);
	return r ? r : VD_CH_NEW;
}

int vd_dirw_order_withdraw(struct vd_dirw *w, const char *id)
{
	int64_t n = 0;
	int r = vd_dsql_int(w, &n, "SELECT count(*) FROM command WHERE id = ? AND state = 'asked'",
			    "t", id);
	if (r || !n)
		return r;
	r = vd_dsql_run(w,
			"UPDATE command SET state = 'expired', result = 'nohub', ended_at = ?"
			" WHERE id = ? AND state = 'asked'",
			"it", w->now_ms, id);
	return r ? r : VD_CH_NEW;
}

int vd_dirw_order_state(struct vd_dirw *w, const char *id, struct vd_command *ret)
{
	sqlite3_stmt *st;
	int r = vd_dsql(w, &st, "SELECT state, result, ended_at FROM command WHERE id = ?", "t",
			id);
	if (r)
		return r;
	r = vd_dsql_step(w, st);
	if (!r) {
		int s = vd_command_state_parse(vd_span_cstr(vd_dsql_col(st, 0)));
		ret->state = s < 0 ? VD_CS_FAILED : (enum vd_command_state)s;
		vd_span_copy(ret->result, sizeof(ret->result), vd_span_cstr(vd_dsql_col(st, 1)));
		ret->ended_ms = sqlite3_column_int64(st, 2);
	}
	sqlite3_finalize(st);
	return r;
}
