/* SPDX-License-Identifier: EUPL-1.2 */
/* What the administration commands share: finding the verb, options, language, the database, tables
 * and errors. Data goes to `out`, all else to `err`. One thread that may block.
 *
 * Exit codes are those of <sysexits.h>, with 0 = done and 1 = refused. */
#pragma once
#include "onboard/text.h"
#include "store/directory_find.h"
#include <stdio.h>
#include <sysexits.h>

#define VD_CLI_REFUSED 1
#define VD_CLI_DB      "/var/lib/varde/varde.db"

struct vd_cli {
	FILE *in, *out, *err;
	enum vd_lang lang;
	bool json;
	const char *name;    /* "varde device add" */
	const char *db_path; /* borrowed */
	const char *staff;   /* --staff; NULL */
	int64_t muni;        /* --municipality; 0 */
	int64_t now_ms;      /* wall clock at start */
	char by[64];         /* who, for history and receipts */
	bool (*known_family)(struct vd_span family);
	bool (*config_fits)(struct vd_span family, struct vd_span config); /* NULL = not asked */
	const char *families;                                              /* "chirpstack, ..." */
	struct vd_scope scope;
	struct vd_dirw w; /* after vd_cli_open() */
};

struct vd_verb {
	const char *noun; /* "gateway", or NULL */
	const char *name;
	const char *synopsis;
	enum vd_text what;
	int (*run)(struct vd_cli *c, int argc, char **argv); /* argv[0] is the verb */
};
/* Runs the verb argv[1] (or noun argv[1] and verb argv[2]) names. The exit code. The caller sets
 * in, out, err, known_family, families; the rest comes from arguments and environment. */
int vd_cli_run(struct vd_cli *c, const char *program, const struct vd_verb *verbs, size_t n,
	       int argc, char **argv);

enum vd_opt_type { VD_OPT_FLAG, VD_OPT_TEXT, VD_OPT_NUMBER, VD_OPT_NIGHT, VD_OPT_MUNIS };
struct vd_opt {
	const char *name; /* "--gateway" */
	enum vd_opt_type type;
	void *to; /* FLAG bool *, TEXT const char **, NUMBER int64_t *, NIGHT int[2], MUNIS int[16]
		   */
	int64_t min, max; /* NUMBER */
	bool required;
};
#define VD_CLI_DONE (-1) /* nothing is left to do; *ret_exit says how */
/* Reads options (ours and the common ones) and up to max_words other words. The number of words, or
 * VD_CLI_DONE with the exit code. `words` names what must be there: "DEVICE"; one a word. */
int vd_cli_parse(struct vd_cli *c, int argc, char **argv, const struct vd_opt *opts, size_t n_opts,
		 const char *const words_wanted[], const char **ret_words, int *ret_exit);

/* 0, or an exit code after telling why. Close with vd_cli_close() in any case. */
int vd_cli_open(struct vd_cli *c, enum vd_db_mode mode);
void vd_cli_close(struct vd_cli *c);
/* Tells what went wrong with c->w and returns the exit code. */
int vd_cli_failed(struct vd_cli *c, int code);
void vd_cli_say(struct vd_cli *c, FILE *to, enum vd_text id, const char *const args[]);
/* Error text and a hint to --help; EX_USAGE. */
int vd_cli_usage(struct vd_cli *c, enum vd_text id, const char *a, const char *b, const char *hint);
/* The device a word names. 0, or the exit code after telling (with the candidates). */
int vd_cli_device(struct vd_cli *c, const char *code, int64_t *ret_id);
/* Nothing may be lost on the way out: 0 or EX_IOERR. */
int vd_cli_finish(struct vd_cli *c);

/* A table with aligned columns; control characters become '?', since names come from devices. */
struct vd_table {
	struct vd_buf cells; /* NUL-terminated, row by row */
	size_t n_cols, n_rows, n_cells;
	size_t width[16];
};
void vd_table_init(struct vd_table *t, size_t n_cols); /* at most 16 */
void vd_table_add(struct vd_table *t, const char *cell);
void vd_table_addf(struct vd_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int vd_table_print(struct vd_table *t, FILE *out); /* 0 or VD_ENOMEM / VD_ELIMIT; frees */
