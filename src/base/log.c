/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum vd_log_level max_level = VD_LOG_INFO;
static int journal;

void vd_log_init(enum vd_log_level max)
{
	max_level = max;
	journal = getenv("JOURNAL_STREAM") != NULL;
}

void vd_log(enum vd_log_level level, const char *fmt, ...)
{
	static const char *const names[] = {[VD_LOG_ERR] = "error",
					    [VD_LOG_WARN] = "warning",
					    [5] = "notice",
					    [VD_LOG_INFO] = "info",
					    [VD_LOG_DEBUG] = "debug"};
	if (level > max_level)
		return;
	char line[1024];
	int n = journal ? snprintf(line, sizeof(line), "<%d>", (int)level)
			: snprintf(line, sizeof(line), "varde: %s: ", names[level]);
	va_list ap;
	va_start(ap, fmt);
	int m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	size_t len = (size_t)n + (m < 0 ? 0 : (size_t)m);
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	for (size_t i = 0; i < len; i++)
		if (line[i] == '\n' || line[i] == '\r')
			line[i] = ' ';
	line[len++] = '\n';
	ssize_t w = write(STDERR_FILENO, line, len);
	(void)w; /* nobody left to tell */
}
