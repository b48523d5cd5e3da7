-- varde schema 1. Times are UTC milliseconds; days are Oslo calendar days since 1970-01-01.
-- Personal data lives only in the tables marked PERSONAL.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('directory_version', '1');

-- The journal: rowid and one index on time, nothing else (more indexes cost a factor 7 to 20).
CREATE TABLE journal (
	seq INTEGER PRIMARY KEY,      -- order of commit over all municipalities, no gaps
	t_recv INTEGER NOT NULL,
	muni INTEGER NOT NULL,
	idx INTEGER NOT NULL,         -- leaf number in the municipality's Merkle log, from 0
	body TEXT NOT NULL,           -- canonical event JSON
	leaf BLOB NOT NULL            -- RFC 6962 leaf hash of muni, idx and body
) STRICT;
CREATE INDEX journal_time ON journal (t_recv);
-- Checkpoints in C2SP tlog-checkpoint form, also appended to checkpoints/<muni>.txt.
CREATE TABLE checkpoint (
	muni INTEGER NOT NULL,
	size INTEGER NOT NULL,
	root BLOB NOT NULL,
	at INTEGER NOT NULL,
	note TEXT NOT NULL,           -- the signed note
	PRIMARY KEY (muni, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_state (
	device INTEGER NOT NULL, gateway INTEGER NOT NULL, kind TEXT NOT NULL, zone TEXT NOT NULL,
	state TEXT NOT NULL, value REAL, t INTEGER NOT NULL, episode INTEGER NOT NULL,
	PRIMARY KEY (device, gateway, kind, zone)
) STRICT, WITHOUT ROWID;
CREATE TABLE device_seen (
	device INTEGER PRIMARY KEY, at INTEGER NOT NULL, battery REAL, link REAL
) STRICT;
-- One summary row per device and day instead of every heartbeat.
CREATE TABLE device_day (
	device INTEGER NOT NULL, day INTEGER NOT NULL,
	heartbeats INTEGER NOT NULL, gap_ms INTEGER NOT NULL,
	PRIMARY KEY (device, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE device_count (
	device INTEGER NOT NULL, day INTEGER NOT NULL, name TEXT NOT NULL, muni INTEGER NOT NULL,
	n INTEGER NOT NULL, PRIMARY KEY (device, day, name)
) STRICT, WITHOUT ROWID;
-- Kept at insert, read by the nightly report: cost follows the day, not history.
CREATE TABLE rollup_day (
	muni INTEGER NOT NULL, day INTEGER NOT NULL, placement INTEGER NOT NULL,
	device INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
	n INTEGER NOT NULL, first_t INTEGER NOT NULL, last_t INTEGER NOT NULL,
	night_n INTEGER NOT NULL,     -- of those between 22 and 07
	PRIMARY KEY (muni, day, placement, device, kind, state)
) STRICT, WITHOUT ROWID;
-- Bounded window against repeated delivery.
CREATE TABLE dedup (
	gateway INTEGER NOT NULL, device INTEGER NOT NULL, key INTEGER NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY (gateway, device, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE cursor (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
INSERT INTO cursor VALUES (1, 0);

CREATE TABLE alarm (
	id TEXT PRIMARY KEY,
	muni INTEGER NOT NULL, gateway INTEGER NOT NULL, device INTEGER NOT NULL,
	placement INTEGER NOT NULL, recipient INTEGER NOT NULL,
	kind TEXT NOT NULL, state TEXT NOT NULL, priority INTEGER NOT NULL,
	condition TEXT NOT NULL, handling TEXT NOT NULL, parent TEXT NOT NULL,
	raised_at INTEGER NOT NULL, received_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
	returned_at INTEGER NOT NULL, acked_at INTEGER NOT NULL, first_ack_at INTEGER NOT NULL,
	on_site_at INTEGER NOT NULL, closed_at INTEGER NOT NULL,
	owner INTEGER NOT NULL, target INTEGER NOT NULL, handled_at INTEGER NOT NULL,
	deadline INTEGER NOT NULL, shelved_until INTEGER NOT NULL,
	count INTEGER NOT NULL, repeat_24h INTEGER NOT NULL, level INTEGER NOT NULL,
	realerts INTEGER NOT NULL, outcome TEXT NOT NULL, flags INTEGER NOT NULL,
	version INTEGER NOT NULL, cause_event TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_open ON alarm (received_at) WHERE handling != 'closed';
CREATE INDEX alarm_time ON alarm (muni, received_at);
CREATE TABLE alarm_step (
	alarm TEXT NOT NULL, n INTEGER NOT NULL, muni INTEGER NOT NULL, step TEXT NOT NULL,
	at INTEGER NOT NULL, staff INTEGER NOT NULL, target INTEGER NOT NULL,
	level INTEGER NOT NULL, outcome TEXT NOT NULL, event TEXT NOT NULL,
	PRIMARY KEY (alarm, n)
) STRICT, WITHOUT ROWID;
-- PERSONAL: free text about a person.
CREATE TABLE alarm_note (
	alarm TEXT NOT NULL, n INTEGER NOT NULL, muni INTEGER NOT NULL, note TEXT NOT NULL,
	PRIMARY KEY (alarm, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE adapter_memory (
	binding INTEGER NOT NULL, topic TEXT NOT NULL, gateway INTEGER NOT NULL,
	body BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (binding, topic)
) STRICT, WITHOUT ROWID;
CREATE TABLE quarantine (
	n INTEGER PRIMARY KEY AUTOINCREMENT, gateway INTEGER NOT NULL, at INTEGER NOT NULL,
	why TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE access_log (
	n INTEGER PRIMARY KEY, at INTEGER NOT NULL, muni INTEGER NOT NULL, staff INTEGER NOT NULL,
	recipient INTEGER NOT NULL, what TEXT NOT NULL, alarm TEXT NOT NULL
) STRICT;
CREATE INDEX access_recipient ON access_log (recipient, at);

-- The directory. A change also counts meta.directory_version up in the same transaction.
CREATE TABLE municipality (
	number INTEGER PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL DEFAULT 'nb',
	escalate1_ms INTEGER NOT NULL DEFAULT 60000, escalate2_ms INTEGER NOT NULL DEFAULT 60000,
	ack_timeout_ms INTEGER NOT NULL DEFAULT 600000,
	travel_remind_ms INTEGER NOT NULL DEFAULT 1800000,
	repeat_window_ms INTEGER NOT NULL DEFAULT 86400000
) STRICT;
CREATE TABLE gateway (
	id INTEGER PRIMARY KEY, muni INTEGER NOT NULL REFERENCES municipality,
	name TEXT NOT NULL, user TEXT NOT NULL UNIQUE, secret_sha256 BLOB NOT NULL,
	cert_sha256 TEXT NOT NULL DEFAULT '', disabled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE binding (
	id INTEGER PRIMARY KEY, gateway INTEGER NOT NULL REFERENCES gateway,
	family TEXT NOT NULL, prefix TEXT NOT NULL, config TEXT NOT NULL DEFAULT '',
	UNIQUE (gateway, family, prefix)
) STRICT;
-- PERSONAL.
CREATE TABLE recipient (
	id INTEGER PRIMARY KEY, muni INTEGER NOT NULL REFERENCES municipality,
	name TEXT NOT NULL, national_id TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '',
	floor TEXT NOT NULL DEFAULT '', key_note TEXT NOT NULL DEFAULT '',
	phone TEXT NOT NULL DEFAULT '', ended_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE placement (
	id INTEGER PRIMARY KEY, recipient INTEGER NOT NULL REFERENCES recipient,
	muni INTEGER NOT NULL, room TEXT NOT NULL DEFAULT '', purpose TEXT NOT NULL DEFAULT '',
	alarm_on_open INTEGER NOT NULL DEFAULT 0,
	night_from_min INTEGER NOT NULL DEFAULT 0, night_to_min INTEGER NOT NULL DEFAULT 0,
	ended_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE device (
	id INTEGER PRIMARY KEY, gateway INTEGER NOT NULL REFERENCES gateway, muni INTEGER NOT NULL,
	family TEXT NOT NULL, identity TEXT NOT NULL,
	name TEXT NOT NULL DEFAULT '', vendor TEXT NOT NULL DEFAULT '',
	model TEXT NOT NULL DEFAULT '', serial TEXT NOT NULL DEFAULT '',
	features TEXT NOT NULL DEFAULT '', unsupported INTEGER NOT NULL DEFAULT 0,
	lifecycle TEXT NOT NULL DEFAULT 'heard', placement INTEGER NOT NULL DEFAULT 0,
	supervise_ms INTEGER NOT NULL DEFAULT 0, alarm_button INTEGER NOT NULL DEFAULT 0,
	test_until INTEGER NOT NULL DEFAULT 0, first_heard INTEGER NOT NULL DEFAULT 0,
	UNIQUE (gateway, family, identity)
) STRICT;
CREATE INDEX device_serial ON device (serial) WHERE serial != '';
-- Which device stood in which placement when; and every lifecycle move.
CREATE TABLE device_history (
	n INTEGER PRIMARY KEY, device INTEGER NOT NULL, at INTEGER NOT NULL,
	what TEXT NOT NULL,           -- 'placed' 'swapped_in' 'swapped_out' 'returned' ...
	placement INTEGER NOT NULL DEFAULT 0, other_device INTEGER NOT NULL DEFAULT 0,
	staff INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE staff (
	id INTEGER PRIMARY KEY, muni INTEGER NOT NULL REFERENCES municipality,
	user TEXT NOT NULL UNIQUE, name TEXT NOT NULL, phone TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL DEFAULT 'nb', roles INTEGER NOT NULL,
	password TEXT NOT NULL DEFAULT '', disabled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE staff_scope (
	staff INTEGER NOT NULL REFERENCES staff, muni INTEGER NOT NULL REFERENCES municipality,
	PRIMARY KEY (staff, muni)
) STRICT, WITHOUT ROWID;
CREATE TABLE shift (
	id INTEGER PRIMARY KEY, muni INTEGER NOT NULL REFERENCES municipality,
	staff INTEGER NOT NULL REFERENCES staff, level INTEGER NOT NULL DEFAULT 1,
	from_t INTEGER NOT NULL, to_t INTEGER NOT NULL
) STRICT;
CREATE INDEX shift_time ON shift (to_t);

-- Benefit: a measured baseline per placement and technology, cited assumptions, costs.
CREATE TABLE baseline (
	id INTEGER PRIMARY KEY, muni INTEGER NOT NULL, placement INTEGER NOT NULL,
	tech TEXT NOT NULL,           -- 'dispenser' 'door' 'supervision'
	from_day INTEGER NOT NULL, to_day INTEGER NOT NULL, -- when it was measured
	visits_per_week REAL NOT NULL, face_min REAL NOT NULL, travel_min REAL NOT NULL,
	doc_min REAL NOT NULL, km REAL NOT NULL,
	remaining_per_week REAL NOT NULL DEFAULT 0, -- visits that stay (refill, care)
	start_day INTEGER NOT NULL,   -- in use from
	measured_by TEXT NOT NULL, locked_at INTEGER NOT NULL
) STRICT;
CREATE TABLE assumption (
	id TEXT NOT NULL, muni INTEGER NOT NULL DEFAULT 0, -- 0 = all
	value REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, unit TEXT NOT NULL,
	price_year INTEGER NOT NULL DEFAULT 0, grade TEXT NOT NULL, source TEXT NOT NULL,
	changed_by TEXT NOT NULL DEFAULT '', changed_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (id, muni)
) STRICT, WITHOUT ROWID;
