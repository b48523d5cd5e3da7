/* SPDX-License-Identifier: EUPL-1.2 */
/* Ranges (low, most likely, high) and the value of freed capacity. Pure, any thread. */
#include "benefit/benefit.h"
#include <math.h>

struct vd_range vd_range_add(struct vd_range a, struct vd_range b)
{
	return (struct vd_range){a.low + b.low, a.mode + b.mode, a.high + b.high};
}

struct vd_range vd_range_mul(struct vd_range a, struct vd_range b)
{
	double p[4] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
	struct vd_range r = {p[0], a.mode * b.mode, p[0]};
	for (int i = 1; i < 4; i++) {
		r.low = fmin(r.low, p[i]);
		r.high = fmax(r.high, p[i]);
	}
	return r;
}

struct vd_range vd_benefit_value(struct vd_range minutes, struct vd_range hour_price)
{
	struct vd_range hours = {minutes.low / 60, minutes.mode / 60, minutes.high / 60};
	return vd_range_mul(hours, hour_price);
}
