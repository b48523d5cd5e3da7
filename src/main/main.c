/* SPDX-License-Identifier: EUPL-1.2 */
/* varde's one program: finds the subcommand and runs it. */
#include "main/cmd.h"
#include "main/nearest.h"
#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name, *what;
	int (*run)(int argc, char **argv);
} commands[] = {
#define X(fn, name, what) {name, what, vd_cmd_##fn},
	VD_COMMANDS(X)
#undef X
};
#define N_COMMANDS (sizeof(commands) / sizeof(*commands))

static void help(FILE *out)
{
	fprintf(out,
		"varde %s: welfare technology in, alarms to care staff, benefit in reports\n\n",
		VARDE_VERSION);
	fputs("Usage: varde COMMAND [ARGUMENTS]\n       varde --help | --version\n\nCommands:\n",
	      out);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-14s%s\n", commands[i].name, commands[i].what);
	fputs("\n`varde COMMAND --help` tells more; so does `man varde`.\n", out);
}

static int unknown(const char *word)
{
	const char *names[N_COMMANDS];
	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	const char *near = vd_nearest(word, names, N_COMMANDS);
	fprintf(stderr, "varde: unknown command \"%.60s\"", word);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?\n", near);
	else
		fprintf(stderr, "; see varde --help\n");
	return VD_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	/* No setlocale(): numbers are written with a point wherever the program runs. */
	if (argc < 2) {
		help(stderr);
		return VD_EXIT_USAGE;
	}
	const char *word = argv[1];
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		if (argc < 3) {
			help(stdout);
			return fflush(stdout) ? VD_EXIT_IO : VD_EXIT_OK;
		}
		static char ask[] = "--help";
		argv[1] = argv[2];
		argv[2] = ask;
		argc = 3;
		word = argv[1];
	}
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		printf("varde %s\n", VARDE_VERSION);
		return fflush(stdout) ? VD_EXIT_IO : VD_EXIT_OK;
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(word, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return unknown(word);
}
