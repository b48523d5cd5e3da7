/* SPDX-License-Identifier: EUPL-1.2 */
/* Log lines on stderr, one line each, systemd priority prefix when stderr is the journal.
 * Only main and carriers log; libraries return errors. Never personal data. Any thread. */
#pragma once

enum vd_log_level { VD_LOG_ERR = 3, VD_LOG_WARN = 4, VD_LOG_INFO = 6, VD_LOG_DEBUG = 7 };

/* Lines above `max` are dropped. Call before threads start. */
void vd_log_init(enum vd_log_level max);
void vd_log(enum vd_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
