/* SPDX-License-Identifier: EUPL-1.2 */
/* Content-Encoding of a document (RFC 3261 20.12; SS 91100 advises deflate for what is long). What
 * it becomes has a ceiling: a few bytes can unfold into gigabytes. */
#include "io/sip_int.h"
#include <strings.h>
#include <zlib.h>

#define CHUNK 4096

enum { RAW = -MAX_WBITS, ZLIB = MAX_WBITS, GZIP = MAX_WBITS + 16 };

static int inflate_all(z_stream *z, struct vd_buf *ret)
{
	int rc = Z_OK;
	while (rc == Z_OK) {
		size_t room = ret->max - ret->n < CHUNK ? ret->max - ret->n : CHUNK;
		if (!room)
			return VD_ELIMIT;
		char *p = vd_buf_reserve(ret, room);
		if (!p)
			return ret->err;
		z->next_out = (unsigned char *)p;
		z->avail_out = (unsigned)room;
		rc = inflate(z, Z_NO_FLUSH);
		ret->n += room - z->avail_out;
	}
	if (rc == Z_MEM_ERROR)
		return VD_ENOMEM;
	/* The rest must be nothing: a second document behind the first would go unread. */
	return rc == Z_STREAM_END && !z->avail_in ? 0 : VD_EPARSE;
}

static int inflate_as(int window, struct vd_span body, struct vd_buf *ret)
{
	z_stream z = {.next_in = (unsigned char *)(body.n ? body.p : ""),
		      .avail_in = (unsigned)body.n};
	vd_buf_clear(ret);
	int rc = inflateInit2(&z, window);
	if (rc != Z_OK)
		return rc == Z_MEM_ERROR ? VD_ENOMEM : VD_EPARSE;
	int err = inflate_all(&z, ret);
	inflateEnd(&z);
	return err;
}

static bool is(struct vd_span a, const char *word)
{
	return a.n == strlen(word) && strncasecmp(a.p, word, a.n) == 0;
}

int sip_body_decode(struct vd_span encoding, struct vd_span body, struct vd_buf *ret)
{
	if (!encoding.n || is(encoding, "identity"))
		return body.n ? vd_buf_add_span(ret, body) : 0;
	if (is(encoding, "gzip") || is(encoding, "x-gzip"))
		return inflate_as(GZIP, body, ret);
	if (!is(encoding, "deflate"))
		return VD_EINVAL;
	/* The standard's deflate has zlib's head (RFC 1950), the field's often has none. */
	int err = inflate_as(ZLIB, body, ret);
	return err == VD_EPARSE ? inflate_as(RAW, body, ret) : err;
}
