/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/id.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void vd_id_make(struct vd_idgen *g, int64_t wall_ms, const uint8_t entropy[10],
		char ret_id[VD_ID_LEN + 1])
{
	uint64_t ms = wall_ms < 0 ? 0 : (uint64_t)wall_ms;
	if (ms > g->last_ms) {
		g->last_ms = ms;
		memcpy(g->last_random, entropy, sizeof(g->last_random));
		g->last_random[0] &= 0x7F; /* room to count upwards */
	} else {
		for (int i = 9; i >= 0; i--)
			if (++g->last_random[i])
				break;
	}
	uint8_t raw[16];
	for (int i = 0; i < 6; i++)
		raw[i] = (uint8_t)(g->last_ms >> (8 * (5 - i)));
	memcpy(raw + 6, g->last_random, 10);
	/* 128 bits as 26 digits of 5 bits, the first holding the top 3. */
	for (int d = 0; d < VD_ID_LEN; d++) {
		int bit = 128 - 5 * (VD_ID_LEN - d);
		unsigned v = 0;
		for (int k = 0; k < 5; k++) {
			int pos = bit + k;
			unsigned one = pos < 0 ? 0 : (raw[pos / 8] >> (7 - pos % 8)) & 1u;
			v = (v << 1) | one;
		}
		ret_id[d] = alphabet[v];
	}
	ret_id[VD_ID_LEN] = '\0';
}

bool vd_id_valid(struct vd_span s)
{
	if (s.n != VD_ID_LEN || s.p[0] > '7')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !memchr(alphabet, s.p[i], 32))
			return false;
	return true;
}
