/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>

const char *vd_strerror(int err)
{
	switch ((enum vd_err)err) {
	case VD_OK: return "ok";
	case VD_ENOMEM: return "out of memory";
	case VD_EINVAL: return "invalid argument";
	case VD_ELIMIT: return "a limit was reached";
	case VD_EBUSY: return "busy, try again";
	case VD_ENOTFOUND: return "not found";
	case VD_EEXIST: return "exists already";
	case VD_EDENIED: return "not allowed";
	case VD_EAUTH: return "not authenticated";
	case VD_EPARSE: return "not readable";
	case VD_EIO: return "disk or socket failed";
	case VD_ESTATE: return "not allowed in this state";
	case VD_ECORRUPT: return "stored data contradicts itself";
	case VD_EVERSION: return "made by a newer program";
	case VD_ECONFLICT: return "somebody else changed it first";
	}
	return "unknown error";
}

int vd_errtext(struct vd_errtext *e, int code, const char *fact, const char *hint,
	       const char *detail_fmt, ...)
{
	if (!e)
		return code;
	e->code = code;
	snprintf(e->fact, sizeof(e->fact), "%s", fact ? fact : vd_strerror(code));
	snprintf(e->hint, sizeof(e->hint), "%s", hint ? hint : "");
	e->detail[0] = '\0';
	if (detail_fmt) {
		va_list ap;
		va_start(ap, detail_fmt);
		vsnprintf(e->detail, sizeof(e->detail), detail_fmt, ap);
		va_end(ap);
	}
	return code;
}
