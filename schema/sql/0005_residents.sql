-- SPDX-License-Identifier: EUPL-1.2
-- One device for several people of a home: residents of a placement beside placement.recipient, whose
-- alarms, history and report it counts for. At most four more (src/base/limits.h).
CREATE TABLE placement_recipient (
	placement INTEGER NOT NULL REFERENCES placement,
	recipient INTEGER NOT NULL REFERENCES recipient,
	PRIMARY KEY (placement, recipient)
) STRICT, WITHOUT ROWID;
