/* SPDX-License-Identifier: EUPL-1.2 */
/* One SCAIP request as it stands in its XML: fields in any order, values trimmed. Nothing here
 * knows what a code means. Loop thread; nothing outlives the call that read it.
 *
 * Glossary: an *MRQ* is what a unit sends, an *MRS* what it is answered, a *snu* the answer's
 * number (SS 91100). A *part* is an MRQ that says in `ame` that more of the same follow. */
#pragma once
#include "base/buf.h"

/* X(enum, tag, most characters, what may stand in it, mandatory). The tables of SS 91100 6.2;
 * names and lengths agree with github.com/caruhome/scaip-gateway (spec.py). */
#define SCAIP_FIELDS(X)                                                                            \
	X(REF, "ref", 16, ALNUM, 1)                                                                \
	X(VER, "ver", 5, VERSION, 0)                                                               \
	X(SCO, "sco", 1, DIGITS, 0)                                                                \
	X(CHA, "cha", 1, DIGITS, 0)                                                                \
	X(MTY, "mty", 2, TYPE, 0)                                                                  \
	X(HBO, "hbo", 3, DIGITS, 0)                                                                \
	X(CID, "cid", 32, DIGITS, 1)                                                               \
	X(DTY, "dty", 4, DIGITS, 1)                                                                \
	X(DID, "did", 16, ASCII, 0)                                                                \
	X(DCO, "dco", 3, DIGITS, 0)                                                                \
	X(DTE, "dte", 32, TEXT, 0)                                                                 \
	X(CRD, "crd", 256, TEXT, 0)                                                                \
	X(STC, "stc", 4, DIGITS, 0)                                                                \
	X(STT, "stt", 32, TEXT, 0)                                                                 \
	X(PRI, "pri", 1, DIGITS, 0)                                                                \
	X(LCO, "lco", 3, DIGITS, 0)                                                                \
	X(LVA, "lva", 2, ASCII, 0)                                                                 \
	X(GEO, "geo", 23, ASCII, 0)                                                                \
	X(TIM, "tim", 22, ASCII, 0)                                                                \
	X(GGA, "gga", 81, ASCII, 0)                                                                \
	X(LTE, "lte", 32, TEXT, 0)                                                                 \
	X(ICO, "ico", 3, DIGITS, 0)                                                                \
	X(ITE, "ite", 128, TEXT, 0)                                                                \
	X(AME, "ame", 4, DIGITS, 0)

enum scaip_field {
#define X(e, tag, max, class, must) SCAIP_##e,
	SCAIP_FIELDS(X)
#undef X
		SCAIP_FIELD_MAX
};

#define SCAIP_MAX_BODY     (16 * 1024) /* a whole MRQ is under 1300 bytes (SS 91100 6.2) */
#define SCAIP_MAX_ELEMENTS 128         /* the standard has 27, crd may repeat */
#define SCAIP_MAX_DEPTH    8           /* the standard nests three deep */
#define SCAIP_MAX_VALUE    1100        /* bytes kept of one value: 256 characters and some */
#define SCAIP_MAX_TEXT     4096        /* bytes kept of all values */
#define SCAIP_MAX_CRD      4           /* one per medium; the standard has four media */

enum scaip_fault {
	SCAIP_FINE,
	SCAIP_NO_XML,     /* it stops being XML; what was complete before is there */
	SCAIP_OTHER_ROOT, /* well-formed, but no MRQ */
	SCAIP_DTD,        /* a document type: nobody needs one, and it can hide anything */
	SCAIP_TOO_MUCH,   /* past one of the ceilings above */
	SCAIP_TOLD_TWICE  /* two different words for whose message it is */
};

struct scaip_doc {
	struct vd_span f[SCAIP_FIELD_MAX]; /* into text; empty when absent or empty */
	unsigned chars[SCAIP_FIELD_MAX];   /* length in characters, not bytes */
	bool twice[SCAIP_FIELD_MAX];       /* told again in other words: the first stands */
	struct vd_span crd[SCAIP_MAX_CRD];
	size_t n_crd;
	enum scaip_fault fault;
	bool is_mrq;
	bool dialect;       /* the root is <scaip>, as one receiver in the field has it both ways */
	unsigned n_unknown; /* elements nobody knows */
	char unknown[48];   /* the first of them */
	char why[120];      /* with a fault: where and what, for the sender */
	char text[SCAIP_MAX_TEXT];
	size_t text_n;
};

/* 0 with *ret filled (see fault), or VD_ENOMEM. */
int scaip_doc_read(struct vd_span body, struct scaip_doc *ret);
const char *scaip_field_tag(enum scaip_field f);

/* A code as a number: units pad to two, three or four digits. */
enum { SCAIP_ABSENT = -1, SCAIP_NOT_A_NUMBER = -2 };
int scaip_code(const struct scaip_doc *d, enum scaip_field f);

/* The answer's number for what is wrong with the document itself, 0 when nothing is. *ret_why (NULL
 * allowed) gets a sentence in ASCII of at most 128 characters. */
int scaip_check(const struct scaip_doc *d, char ret_why[120]);
