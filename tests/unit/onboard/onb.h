/* SPDX-License-Identifier: EUPL-1.2 */
/* A database of its own in a temporary folder, the commands run on it as main would, and its whole
 * content as text. For the tests of onboarding. */
#pragma once
#include "vdtest.h"
#include "onboard/verbs.h"

struct onb {
	char dir[40], db[80], file[80];
	int64_t now_ms;
	const char *in;  /* standard input of the next command; NULL = empty */
	char *out, *err; /* of the last command; owned */
	char secret[64]; /* of lom-01 */
};

void onb_open(struct onb *o); /* Lom (3434) and Lesja (3432), a gateway and two recipients each */
void onb_close(struct onb *o);
/* "device add --gateway ..." split at blanks ('_' in a word stands for a blank); the exit code. */
int onb_run(struct onb *o, const char *command);
/* The same, which must succeed. */
void onb_ok(struct onb *o, const char *command);
/* One value from the database as text; freed with the next call. */
const char *onb_value(struct onb *o, const char *sql);
int64_t onb_number(struct onb *o, const char *sql);
/* Every row of every table; the caller frees. */
char *onb_dump(struct onb *o);
void onb_write_file(struct onb *o, const char *text); /* o->file */
int onb_device_count(struct onb *o);
