/* SPDX-License-Identifier: EUPL-1.2 */
/* LD_PRELOAD shim: every fsync and fdatasync takes VARDE_SLOWSYNC_MS longer, as on a slow disk. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int fsync(int fd);
int fdatasync(int fd);

static void wait_ms(void)
{
	const char *s = getenv("VARDE_SLOWSYNC_MS");
	long ms = s ? strtol(s, NULL, 10) : 5;
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&t, NULL);
}

int fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	wait_ms();
	return real(fd);
}

int fdatasync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	wait_ms();
	return real(fd);
}
