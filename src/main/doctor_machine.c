/* SPDX-License-Identifier: EUPL-1.2 */
/* The machine under varde: its state folder, disk, clock and libraries. */
#include "main/doctor.h"
#include "base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define SYNCS      32   /* enough for a median; a slow disk of 50 ms takes 1.6 s */
#define BLOCK      4096 /* what a small commit writes */
#define GIB        (1024.0 * 1024 * 1024)
#define FIRST_YEAR 2026 /* this program's own: an earlier clock was never set */

static void folder(struct vd_doctor *d)
{
	struct stat st;
	const char *dir = d->cfg->state_dir;
	if (stat(dir, &st)) {
		vd_doctor_find(d, VD_BAD, "state.folder", "start `varde serve` once, or make it",
			       "%s: %s", dir, strerror(errno));
		return;
	}
	if (!S_ISDIR(st.st_mode) || access(dir, W_OK | X_OK))
		vd_doctor_find(d, VD_BAD, "state.folder", "run as the user varde runs as, or root",
			       "%s cannot be written", dir);
	else if (st.st_mode & 007)
		vd_doctor_find(d, VD_WARN, "state.folder", "chmod 0700, it holds personal data",
			       "%s is open to everybody on this machine", dir);
	else
		vd_doctor_find(d, VD_FINE, "state.folder", "", "%s", dir);
}

/* SQLite needs room for the journal and as much again for a backup or a migration. */
static void space(struct vd_doctor *d)
{
	struct statvfs v;
	if (statvfs(d->cfg->state_dir, &v))
		return;
	double free_b = (double)v.f_bavail * (double)v.f_frsize;
	double share = v.f_blocks ? 100.0 * (double)v.f_bavail / (double)v.f_blocks : 0;
	double inodes = v.f_files ? 100.0 * (double)v.f_favail / (double)v.f_files : 100;
	enum vd_level l = free_b < 0.5 * GIB || share < 1                ? VD_BAD
			  : free_b < 4 * GIB || share < 10 || inodes < 5 ? VD_WARN
									 : VD_FINE;
	vd_doctor_find(d, l, "disk.space",
		       l == VD_FINE ? "" : "make room: with a full disk varde answers \"busy\"",
		       "%.1f GiB free (%.0f %%)", free_b / GIB, share);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double ms_since(const struct timespec *t0)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)(t.tv_sec - t0->tv_sec) * 1e3 + (double)(t.tv_nsec - t0->tv_nsec) / 1e6;
}

/* How long the disk takes to say "kept", which is what every acknowledgement waits for. */
static void sync_time(struct vd_doctor *d)
{
	char path[600], block[BLOCK];
	double took[SYNCS];
	int n = 0;
	memset(block, 0x56, sizeof(block));
	snprintf(path, sizeof(path), "%s/.doctor-XXXXXX", d->cfg->state_dir);
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return; /* told by folder() */
	unlink(path);
	for (; n < SYNCS; n++) {
		struct timespec t0;
		clock_gettime(CLOCK_MONOTONIC, &t0);
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block) || fdatasync(fd))
			break;
		took[n] = ms_since(&t0);
	}
	close(fd);
	if (n < SYNCS) {
		vd_doctor_find(d, VD_BAD, "disk.sync", "look at the kernel log (dmesg)",
			       "writing to %s failed: %s", d->cfg->state_dir, strerror(errno));
		return;
	}
	qsort(took, SYNCS, sizeof(*took), by_size);
	double median = took[SYNCS / 2], worst = took[SYNCS - 1];
	if (median < 0.02)
		vd_doctor_find(d, VD_WARN, "disk.sync",
			       "a memory disk, or a cache that does not keep what it promises",
			       "fsync takes %.3f ms: too fast to be true", median);
	else if (median > 20 || worst > 500)
		vd_doctor_find(d, VD_WARN, "disk.sync",
			       "use a disk with a protected write cache: alarms wait for this",
			       "fsync takes %.1f ms in the middle, %.0f ms at worst", median,
			       worst);
	else
		vd_doctor_find(d, VD_FINE, "disk.sync", "",
			       "fsync takes %.2f ms in the middle, %.1f ms at worst", median,
			       worst);
}

struct library {
	char folder[512];
};

static int find_lws(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct library *l = arg;
	const char *name = strstr(info->dlpi_name, "/libwebsockets.so");
	(void)size;
	if (!name)
		return 0;
	snprintf(l->folder, sizeof(l->folder), "%.*s", (int)(name - info->dlpi_name),
		 info->dlpi_name);
	return 1;
}

/* libwebsockets loads its libuv part at run time from beside itself; nothing depends on it. */
static void plugin(struct vd_doctor *d)
{
	struct library l = {""};
	char path[600];
	dl_iterate_phdr(find_lws, &l);
	if (!l.folder[0])
		return; /* linked in another way */
	snprintf(path, sizeof(path), "%s/libwebsockets-evlib_uv.so", l.folder);
	if (access(path, R_OK))
		vd_doctor_find(d, VD_BAD, "library.evlib", "apt-get install libwebsockets-evlib-uv",
			       "%s is missing: the web door cannot open", path);
	else
		vd_doctor_find(d, VD_FINE, "library.evlib", "", "%s", path);
}

void vd_doctor_machine(struct vd_doctor *d)
{
	folder(d);
	space(d);
	sync_time(d);
	plugin(d);
}

void vd_doctor_clock(struct vd_doctor *d)
{
	struct vd_civil c;
	struct timex t = {.modes = 0};
	char now[25];
	vd_civil_utc(d->now_ms, &c);
	vd_iso_format(d->now_ms, now);
	if (c.year < FIRST_YEAR || c.year > FIRST_YEAR + 50) {
		vd_doctor_find(d, VD_BAD, "clock.year", "set the clock: timedatectl set-ntp true",
			       "the clock says %s", now);
		return;
	}
	int state = adjtimex(&t);
	if (state == TIME_ERROR || (t.status & STA_UNSYNC))
		vd_doctor_find(d, VD_WARN, "clock.sync",
			       "timedatectl set-ntp true; in a container, look at its host",
			       "the kernel does not count the clock as synchronised (%s)", now);
	else
		vd_doctor_find(d, VD_FINE, "clock.sync", "", "%s, at most %.0f ms off", now,
			       (double)t.maxerror / 1000.0);
}
