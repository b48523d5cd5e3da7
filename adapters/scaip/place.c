/* SPDX-License-Identifier: EUPL-1.2 */
/* Where: WGS-84 as "lat,lon" (geo of RFC 5870), or an NMEA 0183 GGA sentence. A position that
 * cannot be trusted is none, and is told in words instead: a person may see what a rule may not
 * use. */
#include "adapters/scaip/scaip_int.h"
#include "base/clock.h"
#include <math.h>
#include <stdlib.h>

/* A number that fills the span. */
static bool number(struct vd_span s, double *ret)
{
	char buf[24], *end;
	s = vd_span_trim(s);
	if (!s.n || !vd_span_copy(buf, sizeof(buf), s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("0123456789.-+", s.p[i]))
			return false; /* strtod would take "nan", "inf", hexadecimals */
	*ret = strtod(buf, &end);
	return end == buf + s.n && isfinite(*ret);
}

static bool on_earth(double lat, double lon)
{
	return fabs(lat) <= 90 && fabs(lon) <= 180 && !(lat == 0 && lon == 0);
}

static bool read_geo(struct vd_span s, double *lat, double *lon)
{
	struct vd_span a, b;
	if (vd_span_starts(s, VD_SPAN_LIT("geo:")))
		s = vd_span_skip(s, 4);
	return vd_span_next(&s, ',', &a) && vd_span_next(&s, ',', &b) && number(a, lat) &&
	       number(b, lon) && on_earth(*lat, *lon);
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

static bool sum_is_right(struct vd_span s)
{
	unsigned sum = 0;
	size_t i = 1;
	if (s.n < 4 || s.p[0] != '$')
		return false;
	while (i < s.n && s.p[i] != '*')
		sum ^= (unsigned char)s.p[i++];
	return i + 3 == s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0 &&
	       (unsigned)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])) == sum;
}

/* ddmm.mmmm and its side of the world. */
static bool degrees(struct vd_span s, struct vd_span side, double *ret)
{
	double v;
	if (!number(s, &v) || v < 0 || side.n != 1 || !strchr("NSEW", side.p[0]))
		return false;
	double whole = floor(v / 100);
	*ret = whole + (v - whole * 100) / 60;
	if (side.p[0] == 'S' || side.p[0] == 'W')
		*ret = -*ret;
	return true;
}

static bool read_gga(struct vd_span s, double *lat, double *lon)
{
	struct vd_span f[7], rest = s;
	if (!sum_is_right(s))
		return false;
	for (size_t i = 0; i < 7; i++)
		if (!vd_span_next(&rest, ',', &f[i]))
			return false;
	if (f[0].n != 6 || memcmp(f[0].p + 3, "GGA", 3) != 0 || vd_span_is(f[6], "0") || !f[6].n)
		return false; /* quality 0: no fix */
	return degrees(f[2], f[3], lat) && degrees(f[4], f[5], lon) && on_earth(*lat, *lon);
}

/* YYYY-MM-DDThh:mm:ss and the zone in whole hours. */
static int64_t time_of(struct vd_span s)
{
	char buf[40];
	int64_t ms;
	if (s.n < 20 || s.n > 30)
		return 0;
	bool hours_only = s.n == 22 && (s.p[19] == '+' || s.p[19] == '-');
	int n = snprintf(buf, sizeof(buf), "%.*s%s", (int)s.n, s.p, hours_only ? ":00" : "");
	return vd_iso_parse(vd_span(buf, (size_t)n), &ms, NULL) == 0 ? ms : 0;
}

static void tell(struct vd_decoded *d, struct vd_span raw)
{
	size_t n = strlen(d->said);
	snprintf(d->said + n, sizeof(d->said) - n, "%s%.*s", n ? " · " : "", (int)raw.n, raw.p);
}

void scaip_place(const struct scaip_message *m, struct vd_span unit, struct vd_decoded *d)
{
	struct vd_span geo = m->doc.f[SCAIP_GEO], gga = m->doc.f[SCAIP_GGA];
	double lat = 0, lon = 0;
	bool known = (geo.n && read_geo(geo, &lat, &lon)) || (gga.n && read_gga(gga, &lat, &lon));
	if (!known) {
		if (geo.n || gga.n) {
			tell(d, geo.n ? geo : gga);
			vd_unknown_field(d, geo.n ? VD_SPAN_LIT("geo") : VD_SPAN_LIT("gga"));
		}
		return;
	}
	struct vd_reading *r = vd_reading_add(d, unit, VD_KIND_LOCATION, "");
	if (!r)
		return;
	r->flags |= VD_F_EDGE;
	r->t_ms = time_of(m->doc.f[SCAIP_TIM]);
	r->t_src = VD_T_DEVICE;
	snprintf(r->attrs, sizeof(r->attrs), "\"lat\":%.6f,\"lon\":%.6f", lat, lon);
	snprintf(d->said + strlen(d->said), sizeof(d->said) - strlen(d->said), "%s%.5f, %.5f",
		 d->said[0] ? " · " : "", lat, lon);
}
