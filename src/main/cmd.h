/* SPDX-License-Identifier: EUPL-1.2 */
/* One function per subcommand: argv[0] is the subcommand's name. Returns the exit code.
 * Data goes to stdout, all else to stderr. Exit codes follow sysexits where one fits. */
#pragma once

enum vd_exit {
	VD_EXIT_OK = 0,
	VD_EXIT_FAILED = 1,       /* did what it could, and something was wrong (see stderr) */
	VD_EXIT_USAGE = 64,       /* wrong arguments */
	VD_EXIT_DATA = 65,        /* input unreadable */
	VD_EXIT_NOINPUT = 66,     /* file missing */
	VD_EXIT_UNAVAILABLE = 69, /* busy, try again */
	VD_EXIT_SOFTWARE = 70,
	VD_EXIT_IO = 74,
	VD_EXIT_NOPERM = 77,
	VD_EXIT_CONFIG = 78
};

#define VD_COMMANDS(X)                                                                             \
	X(serve, "serve", "run the hub")                                                           \
	X(device, "device", "add, import, place, swap, return and list devices")                   \
	X(alarm, "alarm", "list alarms")                                                           \
	X(event, "event", "list journaled events")                                                 \
	X(report, "report", "build the nightly report")                                            \
	X(staff, "staff", "add and list staff, gateways and shifts")                               \
	X(decode, "decode", "interpret device messages without a hub")                             \
	X(check_config, "check-config", "check a configuration file")                              \
	X(doctor, "doctor", "look at this installation and say what is wrong")                     \
	X(backup, "backup", "copy the database while it is in use")                                \
	X(verify, "verify", "check the journal against its signed checkpoints")                    \
	X(simulate, "simulate", "make a demo region with plausible history")

#define X(fn, name, what) int vd_cmd_##fn(int argc, char **argv);
VD_COMMANDS(X)
#undef X
