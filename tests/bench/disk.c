/* SPDX-License-Identifier: EUPL-1.2 */
/* The disk's own limits, to stand beside the hub's figures: 4 KiB append + fdatasync and 4 KiB
 * overwrite of preallocated blocks + fdatasync, each for two seconds, in the folder given. */
#include "hist.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void measure(int fd, bool append, const char *name)
{
	static struct hist h;
	static char block[4096];
	memset(&h, 0, sizeof(h));
	uint64_t end = now_us() + 2000000;
	for (uint64_t i = 0; now_us() < end; i++) {
		uint64_t t = now_us();
		off_t at = append ? (off_t)(i * 4096) : (off_t)(i % 1024 * 4096);
		if (pwrite(fd, block, sizeof(block), at) != sizeof(block) || fdatasync(fd)) {
			perror("disk");
			exit(1);
		}
		hist_add(&h, now_us() - t);
	}
	hist_json(&h, name);
}

int main(int argc, char **argv)
{
	char path[512];
	static char zero[4096 * 1024];
	if (argc != 2)
		return 64;
	snprintf(path, sizeof(path), "%s/disk.test", argv[1]);
	int fd = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);
	if (fd < 0) {
		perror(path);
		return 1;
	}
	printf("{");
	measure(fd, true, "append_4k_fdatasync");
	if (ftruncate(fd, 0) || pwrite(fd, zero, sizeof(zero), 0) != sizeof(zero) || fsync(fd))
		return 1;
	printf(",");
	measure(fd, false, "overwrite_4k_fdatasync");
	printf("}\n");
	close(fd);
	unlink(path);
	return 0;
}
