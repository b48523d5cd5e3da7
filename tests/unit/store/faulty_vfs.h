/* SPDX-License-Identifier: EUPL-1.2 */
/* SQLite's own file layer with faults that can be switched on. One thread. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>

struct faulty_vfs {
	int write_rc, sync_rc, read_rc; /* SQLite code to fail with; 0 = works */
	int after;                      /* that many writes and syncs still work */
	bool locked;                    /* somebody else holds the write lock */
};
extern struct faulty_vfs faulty;
void faulty_vfs_install(void); /* as the default, once */
