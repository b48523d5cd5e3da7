/* SPDX-License-Identifier: EUPL-1.2 */
/* The administration commands, each a function of parsed words; main names them to the user. One
 * thread that may block. */
#pragma once
#include "onboard/cli.h"
#include <jansson.h>

extern const struct vd_verb vd_device_verbs[];
extern const size_t vd_device_verbs_n;
extern const struct vd_verb vd_staff_verbs[];
extern const size_t vd_staff_verbs_n;

/* verb_import.c */
int vd_verb_device_import(struct vd_cli *c, int argc, char **argv);
/* verb_command.c */
int vd_verb_device_command(struct vd_cli *c, int argc, char **argv);
/* verbs_list.c */
int vd_verb_device_list(struct vd_cli *c, int argc, char **argv);
int vd_verb_device_show(struct vd_cli *c, int argc, char **argv);
/* verbs_region.c */
int vd_verb_gateway_add(struct vd_cli *c, int argc, char **argv);
int vd_verb_gateway_list(struct vd_cli *c, int argc, char **argv);
int vd_verb_gateway_bind(struct vd_cli *c, int argc, char **argv);
int vd_verb_gateway_secret(struct vd_cli *c, int argc, char **argv);
int vd_verb_gateway_revoke(struct vd_cli *c, int argc, char **argv);
int vd_verb_municipality_add(struct vd_cli *c, int argc, char **argv);
int vd_verb_municipality_set(struct vd_cli *c, int argc, char **argv);
int vd_verb_municipality_list(struct vd_cli *c, int argc, char **argv);
int vd_verb_recipient_add(struct vd_cli *c, int argc, char **argv);
int vd_verb_recipient_list(struct vd_cli *c, int argc, char **argv);

/* verbs_unknown.c: the fields of a device nobody understood, and what to do about them. */
struct vd_unknown_of {
	int64_t device;
	char family[32], vendor[64], model[96];
};
/* Prints them; nothing when there are none. 0 or an exit code after telling. */
int vd_verb_unknown(struct vd_cli *c, const struct vd_unknown_of *of);
/* The same as a JSON array; NULL = out of memory or the database failed. */
json_t *vd_verb_unknown_json(struct vd_cli *c, const struct vd_unknown_of *of);

/* Is this word one of the kinds a device can report ("door device.tamper")? */
bool vd_verb_can(const char *features, const char *kind);
/* It can be pressed, nothing of it calls by itself, and nobody has said that a press is an alarm.
 */
bool vd_verb_unmarked(const char *features, const char *purpose, bool alarm_button);

/* Text of one line from a file, "-" = c->in, without its line end. 0 with at most cap - 1 bytes, or
 * an exit code after telling. */
int vd_verb_read_line(struct vd_cli *c, const char *path, char *dst, size_t cap);
/* Prints `doc` (consumed) on c->out. 0 or an exit code. NULL = out of memory. */
int vd_verb_print_json(struct vd_cli *c, json_t *take_doc);
/* Prints the table, or "None." when it has only its head. 0 or an exit code. */
int vd_verb_print_table(struct vd_cli *c, struct vd_table *t);
/* A table head of these texts. */
void vd_verb_head(struct vd_cli *c, struct vd_table *t, const enum vd_text *heads, size_t n);
/* Does `family` exist? 0, or EX_USAGE after telling which do. */
int vd_verb_family(struct vd_cli *c, const char *family);
