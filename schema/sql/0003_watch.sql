-- SPDX-License-Identifier: EUPL-1.2
-- Watching over silence: what is known of each device's own rhythm, and the limit drawn from it. The
-- hub writes it, tools show it. No personal data.
CREATE TABLE device_watch (
	device INTEGER PRIMARY KEY, at INTEGER NOT NULL,
	class TEXT NOT NULL,          -- 'alarm_unit' 'sensor' ... (docs/supervision.md)
	basis TEXT NOT NULL,          -- 'class' 'learned' 'stated' 'installer'
	limit_ms INTEGER NOT NULL,    -- silent after this
	interval_ms INTEGER NOT NULL, -- heard about this often; 0 = not known
	stated_ms INTEGER NOT NULL,   -- the interval it promises; 0 = none
	since INTEGER NOT NULL,       -- watched since
	tested INTEGER NOT NULL,      -- last test or real call; 0 = never
	reminded INTEGER NOT NULL,    -- last told that a test is due; 0 = never
	troubles INTEGER NOT NULL,    -- bit set of what is wrong now (src/core/trouble.h)
	learned TEXT NOT NULL,        -- its gaps: "class:count:seconds ..."
	shape TEXT NOT NULL           -- what its messages usually hold
) STRICT;
-- Days between tests of a device that can call for help; 0 = no reminders.
ALTER TABLE municipality ADD COLUMN test_days INTEGER NOT NULL DEFAULT 30;
