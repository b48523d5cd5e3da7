-- SPDX-License-Identifier: EUPL-1.2
-- Commands to devices (docs/commands.md). Times are UTC milliseconds. A row is written before
-- anything is sent; the journal's device.command events tell the same, unalterably.
CREATE TABLE command (
	id TEXT PRIMARY KEY,          -- = id of the event that says it was asked
	muni INTEGER NOT NULL, gateway INTEGER NOT NULL, device INTEGER NOT NULL,
	placement INTEGER NOT NULL, recipient INTEGER NOT NULL,
	verb TEXT NOT NULL, minutes INTEGER NOT NULL,
	staff INTEGER NOT NULL,       -- who asked, 0 = the command line
	alarm TEXT NOT NULL,          -- asked in this alarm, '' = none
	ask_key TEXT NOT NULL,        -- the asker's own key against double clicks, '' = none
	created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
	sent_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, -- 0 = not
	state TEXT NOT NULL, attempts INTEGER NOT NULL, result TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX command_open ON command (created_at) WHERE ended_at = 0;
CREATE INDEX command_device ON command (device, created_at);
CREATE INDEX command_alarm ON command (alarm) WHERE alarm != '';
-- Each state a command was in, as it was stored: what happened when.
CREATE TABLE command_step (
	command TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
	result TEXT NOT NULL, PRIMARY KEY (command, at, state)
) STRICT, WITHOUT ROWID;
-- PERSONAL: why somebody asked for it, in their own words.
CREATE TABLE command_note (
	command TEXT PRIMARY KEY, muni INTEGER NOT NULL, note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
