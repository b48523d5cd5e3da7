/* SPDX-License-Identifier: EUPL-1.2 */
#include "faulty_vfs.h"
#include <string.h>

struct faulty_vfs faulty;

struct file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs shim, *real;

static sqlite3_file *inner(sqlite3_file *f)
{
	return ((struct file *)f)->real;
}

static int fault(int rc)
{
	if (!rc)
		return SQLITE_OK;
	return faulty.after-- > 0 ? SQLITE_OK : rc;
}

static int x_close(sqlite3_file *f)
{
	return inner(f)->pMethods ? inner(f)->pMethods->xClose(inner(f)) : SQLITE_OK;
}
static int x_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return faulty.read_rc ? faulty.read_rc : inner(f)->pMethods->xRead(inner(f), p, n, at);
}
static int x_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc = fault(faulty.write_rc);
	return rc ? rc : inner(f)->pMethods->xWrite(inner(f), p, n, at);
}
static int x_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return inner(f)->pMethods->xTruncate(inner(f), n);
}
static int x_sync(sqlite3_file *f, int flags)
{
	int rc = fault(faulty.sync_rc);
	return rc ? rc : inner(f)->pMethods->xSync(inner(f), flags);
}
static int x_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return inner(f)->pMethods->xFileSize(inner(f), n);
}
static int x_lock(sqlite3_file *f, int how)
{
	return inner(f)->pMethods->xLock(inner(f), how);
}
static int x_unlock(sqlite3_file *f, int how)
{
	return inner(f)->pMethods->xUnlock(inner(f), how);
}
static int x_reserved(sqlite3_file *f, int *out)
{
	return inner(f)->pMethods->xCheckReservedLock(inner(f), out);
}
static int x_control(sqlite3_file *f, int op, void *arg)
{
	return inner(f)->pMethods->xFileControl(inner(f), op, arg);
}
static int x_sector(sqlite3_file *f)
{
	return inner(f)->pMethods->xSectorSize(inner(f));
}
static int x_character(sqlite3_file *f)
{
	return inner(f)->pMethods->xDeviceCharacteristics(inner(f));
}
static int x_shm_map(sqlite3_file *f, int page, int n, int extend, void volatile **out)
{
	return inner(f)->pMethods->xShmMap(inner(f), page, n, extend, out);
}
static int x_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	if (faulty.locked && at == 0 && (flags & SQLITE_SHM_LOCK) && (flags & SQLITE_SHM_EXCLUSIVE))
		return SQLITE_BUSY;
	return inner(f)->pMethods->xShmLock(inner(f), at, n, flags);
}
static void x_shm_barrier(sqlite3_file *f)
{
	inner(f)->pMethods->xShmBarrier(inner(f));
}
static int x_shm_unmap(sqlite3_file *f, int remove)
{
	return inner(f)->pMethods->xShmUnmap(inner(f), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = x_close,
	.xRead = x_read,
	.xWrite = x_write,
	.xTruncate = x_truncate,
	.xSync = x_sync,
	.xFileSize = x_size,
	.xLock = x_lock,
	.xUnlock = x_unlock,
	.xCheckReservedLock = x_reserved,
	.xFileControl = x_control,
	.xSectorSize = x_sector,
	.xDeviceCharacteristics = x_character,
	.xShmMap = x_shm_map,
	.xShmLock = x_shm_lock,
	.xShmBarrier = x_shm_barrier,
	.xShmUnmap = x_shm_unmap,
};

static int x_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct file *mine = (struct file *)f;
	(void)v;
	memset(mine, 0, sizeof(*mine));
	mine->real = (sqlite3_file *)(mine + 1);
	int rc = real->xOpen(real, name, mine->real, flags, out);
	if (mine->real->pMethods)
		mine->base.pMethods = &methods;
	return rc;
}

/* Nobody waits here for somebody else's lock. */
static int x_sleep(sqlite3_vfs *v, int us)
{
	(void)v;
	return us;
}

void faulty_vfs_install(void)
{
	real = sqlite3_vfs_find(NULL);
	shim = *real;
	shim.zName = "faulty";
	shim.szOsFile = (int)sizeof(struct file) + real->szOsFile;
	shim.xOpen = x_open;
	shim.xSleep = x_sleep;
	sqlite3_vfs_register(&shim, 1);
}
