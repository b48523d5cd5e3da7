/* SPDX-License-Identifier: EUPL-1.2 */
/* A streaming reader of CSV as people's spreadsheets write it: fed bytes, gives rows. Pure; one
 * thread; the fields of a row are borrowed until the callback returns.
 *
 * The dialect: semicolon, or comma when the first line has no semicolon; an Excel line "sep=;" is
 * obeyed; a UTF-8 byte order mark is accepted; LF, CRLF or CR ends a row; a field in double quotes
 * may hold anything, with "" for a quote. Nothing grows past limits.h: a row that does is told as
 * an error and skipped to its end of line, and reading goes on. */
#pragma once
#include "base/buf.h"
#include "base/limits.h"

enum vd_csv_problem {
	VD_CSV_FINE,
	VD_CSV_QUOTE,  /* a quote is missing, or something follows a closing one */
	VD_CSV_LONG,   /* over VD_MAX_CSV_RECORD bytes */
	VD_CSV_FIELDS, /* over VD_MAX_CSV_FIELDS fields */
	VD_CSV_UTF8    /* not UTF-8, or a NUL: often a spreadsheet's own 8-bit code page */
};

struct vd_csv_row {
	size_t number; /* as a spreadsheet counts: the header is row 1, empty rows count */
	enum vd_csv_problem problem; /* then the fields are what could be made out */
	const struct vd_span *fields;
	size_t n;
};

struct vd_csv {
	/* Returns 0 to go on; anything else stops and is returned by feed or end. */
	int (*on_row)(const struct vd_csv_row *row, void *arg);
	void *arg;
	char sep; /* 0 until the first line is whole */
	size_t rows;
	int err;            /* sticky */
	struct vd_buf line; /* the first line, until the separator is known */
	struct vd_buf text; /* the fields of the present row, one after the other */
	size_t ends[VD_MAX_CSV_FIELDS];
	size_t n;
	size_t bytes; /* of the present row, as read */
	enum vd_csv_problem problem;
	int state; /* internal */
	bool any;  /* the present row has had a byte */
	bool was_cr, utf16;
};

void vd_csv_init(struct vd_csv *c, int (*on_row)(const struct vd_csv_row *row, void *arg),
		 void *arg);
void vd_csv_fini(struct vd_csv *c);
/* 0, VD_ENOMEM, VD_ELIMIT (over VD_MAX_CSV_ROWS rows), VD_EPARSE (not text: UTF-16), or what
 * on_row returned. */
int vd_csv_feed(struct vd_csv *c, const char *p, size_t n);
int vd_csv_end(struct vd_csv *c); /* the last row may lack its line end */

/* Appends a field, quoted when needed, so that the reader gives it back byte for byte. Bytes that
 * are no UTF-8 are taken for ISO 8859-1, which is what the spreadsheet meant. */
void vd_csv_write(struct vd_buf *b, struct vd_span field, char sep, bool first);
