/* SPDX-License-Identifier: EUPL-1.2 */
/* LD_PRELOAD shim: while the file named by VARDE_NOSPACE exists, writes to the database fail. Its first
 * letter says how: 'f' no space left (ENOSPC), 'e' an input/output error (EIO), 's' failing fsync. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at);
ssize_t pwrite(int fd, const void *p, size_t n, off_t at);

static char fault(void)
{
	const char *path = getenv("VARDE_NOSPACE");
	char c = 0;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	if (read(fd, &c, 1) != 1)
		c = 'f';
	close(fd);
	return c;
}

static int database(int fd)
{
	char link[64], path[512];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return 0;
	path[n] = '\0';
	return strstr(path, "varde.db") != NULL;
}

static int refuse(int fd)
{
	char c = database(fd) ? fault() : 0;
	if (c != 'f' && c != 'e')
		return 0;
	errno = c == 'f' ? ENOSPC : EIO;
	return 1;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	ssize_t (*real)(int, const void *, size_t, off64_t) =
		(ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
	return refuse(fd) ? -1 : real(fd, p, n, at);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	return pwrite64(fd, p, n, at);
}

int fdatasync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	if (database(fd) && fault() == 's') {
		errno = EIO;
		return -1;
	}
	return real(fd);
}

int fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	if (database(fd) && fault() == 's') {
		errno = EIO;
		return -1;
	}
	return real(fd);
}
