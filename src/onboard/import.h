/* SPDX-License-Identifier: EUPL-1.2 */
/* From a CSV file to checked device rows, and what came of each. Pure: what a family is and what a
 * row does to the directory come as callbacks, so it runs on a fake in the fuzzer. One thread.
 *
 * Columns may stand in any order and under any of their names (bokmål, nynorsk, English; case,
 * blanks, '-' and '_' do not matter); unknown ones are told once and left alone. A row that cannot
 * be used is told with row number, column, value and cure, and the next row is read. */
#pragma once
#include "onboard/csv.h"
#include "onboard/text.h"

enum vd_import_column {
	VD_COL_GATEWAY,
	VD_COL_FAMILY,
	VD_COL_IDENTITY,
	VD_COL_NAME,
	VD_COL_VENDOR,
	VD_COL_MODEL,
	VD_COL_SERIAL,
	VD_COL_RECIPIENT,
	VD_COL_ALSO,
	VD_COL_ROOM,
	VD_COL_PURPOSE,
	VD_COL_ALARM_BUTTON,
	VD_COL_SUPERVISE,
	VD_COL_ALARM_ON_OPEN,
	VD_COL_NIGHT,
	VD_COL_MUNI,
	VD_COL_REASON, /* ours, from a file of refused rows: read over */
	VD_COL_COUNT,
	VD_COL_UNKNOWN = -1
};

#define VD_IMPORT_MAX_SUPERVISE_MIN 44640 /* 31 days; EN 50134 asks for at most one, for alarms */

struct vd_import_row {
	size_t number; /* as a spreadsheet counts */
	char gateway[64], family[32], identity[96], name[96], vendor[64], model[96], serial[64];
	char room[64], purpose[40];
	int64_t recipient;             /* 0 = not placed */
	int64_t also[VD_MAX_ALSO + 1]; /* who lives there too; ends with 0 */
	bool also_told;                /* else leave as it is */
	int alarm_button;              /* VD_UNSTATED */
	int alarm_on_open;             /* VD_UNSTATED */
	int night_from_min, night_to_min;
	int64_t supervise_ms; /* VD_UNSTATED */
};

struct vd_import_result {
	size_t number;
	int change;                      /* vd_dir_change bits, 0 unchanged, negative: refused */
	const struct vd_import_row *row; /* NULL when it could not be read that far */
	const char *reason;              /* of a refusal, without "Rad 14:"; "" else */
	const struct vd_span *fields;    /* as read, for the file of refused rows */
	size_t n;
};

struct vd_import {
	/* Set by the caller. */
	enum vd_lang lang;
	const char *gateway, *family; /* for files without these columns; "" */
	int serial_length;            /* 0 = any; a municipality's labels have one length */
	int muni;                     /* rows naming another are refused; 0 = any */
	const char *families;         /* for the reader of an error: "chirpstack, ..." */
	void *arg;
	bool (*known_family)(struct vd_span family, void *arg);
	/* Change bits or 0, or negative with the reason filled; *ret_stop ends the import. */
	int (*apply)(const struct vd_import_row *row, char *reason, size_t cap, bool *ret_stop,
		     void *arg);
	void (*on_header)(const struct vd_span *fields, size_t n, void *arg); /* optional */
	void (*on_notice)(const char *text, void *arg);                       /* optional */
	void (*on_result)(const struct vd_import_result *r, void *arg);       /* optional */
	/* The outcome. */
	size_t rows, added, changed, unchanged, failed;
	size_t stopped_at; /* row number; 0 = read to its end */
	char problem[512]; /* why the file as a whole failed */
	/* Internal. */
	struct vd_csv csv;
	enum vd_import_column column[VD_MAX_CSV_FIELDS];
	size_t n_columns;
	int reason_at; /* which field is ours; -1 none */
	bool headed;
};

/* Fill the caller's part of a zeroed struct first. */
void vd_import_begin(struct vd_import *im);
/* 0 to go on; VD_EPARSE, VD_ELIMIT, VD_ENOMEM or what apply stopped with, with `problem`. */
int vd_import_feed(struct vd_import *im, const char *p, size_t n);
int vd_import_end(struct vd_import *im);
void vd_import_fini(struct vd_import *im);

/* What onboarding's own options share with the columns. */
enum vd_import_column vd_import_column_of(struct vd_span header);
enum vd_text vd_import_column_text(enum vd_import_column c);
enum vd_text vd_import_column_head(enum vd_import_column c);
/* ja, nei, yes, no, 1, 0, x ... -> 1 or 0; -1 when it is neither. */
int vd_import_yes_no(struct vd_span s);
/* "22:00-07:00" -> minutes after midnight. 0 or VD_EPARSE. */
int vd_import_night(struct vd_span s, int *ret_from, int *ret_to);
/* Whole number in [min, max]. 0 or VD_EPARSE. */
int vd_import_number(struct vd_span s, int64_t min, int64_t max, int64_t *ret);
/* "13, 14" -> numbers of recipients, ended by 0; "-" = nobody. 0 or VD_EPARSE (also too many). */
int vd_import_also(struct vd_span s, int64_t ret[VD_MAX_ALSO + 1]);
/* "dør", "medisin" -> "door", "medication"; a word of its own is kept, in lower case. 0 or
 * VD_EINVAL when it does not fit in cap. */
int vd_import_purpose(struct vd_span s, char *dst, size_t cap);
