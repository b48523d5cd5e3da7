/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading the boot data. Before the store's threads run. */
#pragma once
#include "port/store.h"
#include "store/reader.h"

/* A row of the table `command`, in its columns' order. */
void vd_command_from_row(sqlite3_stmt *st, struct vd_command *ret);
int vd_boot_read(struct vd_db *db, int64_t now_ms, struct vd_boot *ret, struct vd_errtext *e);
/* A row of SELECT * FROM alarm. */
void vd_alarm_from_row(sqlite3_stmt *st, struct vd_alarm *ret);
