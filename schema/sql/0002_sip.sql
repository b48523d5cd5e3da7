-- SPDX-License-Identifier: EUPL-1.2
-- Gateways that may sign in at the SIP door. A digest needs H(user:realm:secret) (RFC 7616 3.4.2),
-- which no hash of the secret alone can give, so it is made when the secret is. It opens this door
-- as the secret would: the file's mode guards it, as it guards everything in here.
CREATE TABLE sip_account (
	gateway INTEGER PRIMARY KEY REFERENCES gateway,
	realm TEXT NOT NULL,
	ha1_md5 BLOB NOT NULL,             -- 16 bytes: what units in the field know
	ha1_sha256 BLOB NOT NULL DEFAULT x'' -- 32 bytes, or none: then SHA-256 is not offered
) STRICT;
