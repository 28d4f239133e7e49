/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables, in words that either database fills in (schema.c): ID a number
 * that the table gives, NEW one that is never given twice, for sealing depends
 * on it; END and KEYED the ends of a table; COUNT(table) goes on counting its
 * ids where the copied ones end. What was released is never changed: add
 * another. For a list of three or more, `x IN (...)` makes SQLite build a table
 * for each row that it checks: where there are many, it is written out.
 */
#ifndef SGL_STORE_SCHEMA_TABLE_H
#define SGL_STORE_SCHEMA_TABLE_H

/* One line of a statement is one line here. */
/* clang-format off */
#define SGL_MIGRATION_1(ID, NEW, INT, BYTES, TEXT, END, KEYED, COUNT) \
	"CREATE TABLE migration (" \
	" version " INT " PRIMARY KEY," \
	" applied " INT " NOT NULL" END \
	"CREATE TABLE setting (" \
	" name " TEXT " NOT NULL PRIMARY KEY," \
	" value " TEXT " NOT NULL" KEYED \
	"CREATE TABLE person (" \
	" id " ID "," \
	" address " TEXT " NOT NULL," \
	" address_key " TEXT " NOT NULL UNIQUE," \
	" name " TEXT " NOT NULL," \
	" created " INT " NOT NULL" END \
	"CREATE TABLE key (" \
	" id " NEW "," \
	" spki_digest " BYTES " NOT NULL UNIQUE CHECK (length(spki_digest) = 32)," \
	" sealed " BYTES " NOT NULL," \
	" kind " TEXT " NOT NULL," \
	" person " INT " REFERENCES person (id)," \
	" created " INT " NOT NULL" END \
	"CREATE INDEX key_person ON key (person);" \
	"CREATE TABLE authority (" \
	" id " ID "," \
	" kind " TEXT " NOT NULL CHECK (kind IN ('root', 'issuing'))," \
	" der " BYTES " NOT NULL," \
	" key " INT " NOT NULL REFERENCES key (id)," \
	" issuer " INT " REFERENCES authority (id)," \
	" created " INT " NOT NULL" END \
	"CREATE TABLE serial (" \
	" serial " BYTES " NOT NULL PRIMARY KEY" KEYED \
	"CREATE TABLE certificate (" \
	" id " ID "," \
	" person " INT " NOT NULL REFERENCES person (id)," \
	" purpose " TEXT " NOT NULL CHECK (purpose IN ('signing', 'encryption'))," \
	" status " TEXT " NOT NULL CHECK (status IN ('current', 'superseded'))," \
	" serial " BYTES " NOT NULL UNIQUE REFERENCES serial (serial)," \
	" not_before " INT " NOT NULL," \
	" not_after " INT " NOT NULL," \
	" der " BYTES " NOT NULL," \
	" issuer " INT " NOT NULL REFERENCES authority (id)," \
	" key " INT " NOT NULL REFERENCES key (id)," \
	" created " INT " NOT NULL," \
	" superseded " INT END \
	"CREATE INDEX certificate_person ON certificate (person);"

#define SGL_MIGRATION_2(ID, NEW, INT, BYTES, TEXT, END, KEYED, COUNT) \
	/* One row: how often something was changed, and the version of all this. */ \
	"CREATE TABLE generation (" \
	" one " INT " PRIMARY KEY CHECK (one = 1)," \
	" number " INT " NOT NULL," \
	" version " INT " NOT NULL" END \
	"INSERT INTO generation (one, number, version) VALUES (1, 0, 2);" \
	"ALTER TABLE person ADD COLUMN state " TEXT " NOT NULL DEFAULT 'active'" \
	" CHECK (state = 'active' OR state = 'suspended' OR state = 'left');" \
	"ALTER TABLE person ADD COLUMN custody " TEXT " NOT NULL DEFAULT 'user'" \
	" CHECK (custody = 'user' OR custody = 'server' OR custody = 'sealed');" \
	"ALTER TABLE person ADD COLUMN is_protected " INT " NOT NULL DEFAULT 0" \
	" CHECK (is_protected IN (0, 1));" \
	/* Every address by which a person is found: that of the person, and aliases. */ \
	"CREATE TABLE address (" \
	" address_key " TEXT " NOT NULL PRIMARY KEY," \
	" address " TEXT " NOT NULL," \
	" person " INT " NOT NULL REFERENCES person (id)," \
	" created " INT " NOT NULL" KEYED \
	"INSERT INTO address (address_key, address, person, created)" \
	" SELECT address_key, address, id, created FROM person;" \
	"CREATE INDEX address_person ON address (person);" \
	/* Two tables whose columns become other ones are made anew. */ \
	"CREATE TABLE authority_2 (" \
	" id " ID "," \
	" kind " TEXT " NOT NULL CHECK (kind IN ('root', 'issuing'))," \
	" state " TEXT " NOT NULL CHECK (state IN ('active', 'retired', 'revoked'))," \
	" der " BYTES " NOT NULL," \
	" key_location " TEXT " NOT NULL," \
	" key " INT " REFERENCES key (id)," \
	" issuer " INT " REFERENCES authority_2 (id)," \
	" num_shards " INT " NOT NULL CHECK (num_shards > 0)," \
	" crl_number " INT " NOT NULL," \
	" created " INT " NOT NULL," \
	" revoked " INT "," \
	" reason " TEXT "," \
	" CHECK ((state = 'revoked') = (revoked IS NOT NULL))," \
	" CHECK (key IS NOT NULL OR key_location <> 'vault')" END \
	"INSERT INTO authority_2 (id, kind, state, der, key_location, key, issuer," \
	" num_shards, crl_number, created)" \
	" SELECT id, kind, 'active', der, 'vault', key, issuer, 1, 0, created" \
	" FROM authority ORDER BY id;" \
	"CREATE TABLE certificate_2 (" \
	" id " ID "," \
	" person " INT " NOT NULL REFERENCES person (id)," \
	" purpose " TEXT " NOT NULL CHECK (purpose IN ('signing', 'encryption'))," \
	" status " TEXT " NOT NULL" \
	" CHECK (status IN ('current', 'superseded', 'revoked'))," \
	" serial " BYTES " NOT NULL UNIQUE REFERENCES serial (serial)," \
	" not_before " INT " NOT NULL," \
	" not_after " INT " NOT NULL," \
	" der " BYTES " NOT NULL," \
	" issuer " INT " NOT NULL REFERENCES authority_2 (id)," \
	" shard " INT " NOT NULL," \
	" key " INT " NOT NULL REFERENCES key (id)," \
	" created " INT " NOT NULL," \
	" superseded " INT "," \
	" revoked " INT "," \
	" reason " TEXT "," \
	" invalidity " INT "," \
	" CHECK ((status = 'revoked') = (revoked IS NOT NULL))," \
	" CHECK ((revoked IS NULL) = (reason IS NULL))" END \
	"INSERT INTO certificate_2 (id, person, purpose, status, serial, not_before," \
	" not_after, der, issuer, shard, key, created, superseded)" \
	" SELECT id, person, purpose, status, serial, not_before, not_after, der," \
	" issuer, 0, key, created, superseded FROM certificate;" \
	"DROP TABLE certificate;" \
	"DROP TABLE authority;" \
	"ALTER TABLE authority_2 RENAME TO authority;" \
	"ALTER TABLE certificate_2 RENAME TO certificate;" \
	"CREATE INDEX certificate_person ON certificate (person);" \
	"CREATE INDEX certificate_revoked ON certificate (issuer, shard, id)" \
	" WHERE status = 'revoked';" \
	/* By what the recipients of old mail are called (RFC 5652 6.2.1). Others have \
	 * issued serial numbers twice: so the key is a part of what is unique. */ \
	"CREATE TABLE recipient (" \
	" issuer " BYTES " NOT NULL CHECK (length(issuer) = 32)," \
	" serial " BYTES " NOT NULL," \
	" key " INT " NOT NULL REFERENCES key (id)," \
	" ski " BYTES "," \
	" PRIMARY KEY (issuer, serial, key)" KEYED \
	"CREATE INDEX recipient_ski ON recipient (ski, key) WHERE ski IS NOT NULL;" \
	"CREATE INDEX recipient_key ON recipient (key);" \
	"CREATE TABLE crl (" \
	" authority " INT " NOT NULL REFERENCES authority (id)," \
	" shard " INT " NOT NULL," \
	" number " INT " NOT NULL," \
	" this_update " INT " NOT NULL," \
	" next_update " INT " NOT NULL," \
	" der " BYTES " NOT NULL," \
	" PRIMARY KEY (authority, shard, number)" END \
	"CREATE TABLE ocsp_response (" \
	" certificate " INT " NOT NULL REFERENCES certificate (id)," \
	" digest " TEXT " NOT NULL," \
	" this_update " INT " NOT NULL," \
	" next_update " INT " NOT NULL," \
	" der " BYTES " NOT NULL," \
	" PRIMARY KEY (certificate, digest)" END \
	"CREATE TABLE audit (" \
	" sequence " INT " PRIMARY KEY," \
	" at " INT " NOT NULL," \
	" who " TEXT " NOT NULL," \
	" action " TEXT " NOT NULL," \
	" object " TEXT " NOT NULL," \
	" before " TEXT " NOT NULL," \
	" after " TEXT " NOT NULL," \
	" previous " BYTES " NOT NULL UNIQUE CHECK (length(previous) = 32)," \
	" hash " BYTES " NOT NULL UNIQUE CHECK (length(hash) = 32)" END

/* Key recovery: who has shares of which recovery key; part of what follows. */
#define SGL_RECOVERY_TABLES(ID, NEW, INT, BYTES, TEXT, END, KEYED) \
	"CREATE TABLE officer (" \
	" id " NEW "," \
	" name " TEXT " NOT NULL," \
	" signing " BYTES " NOT NULL," \
	" encryption " BYTES " NOT NULL," \
	" created " INT " NOT NULL," \
	" removed " INT END \
	"CREATE UNIQUE INDEX officer_name ON officer (name) WHERE removed IS NULL;" \
	"CREATE TABLE recovery_key (" \
	" id " NEW "," \
	" threshold " INT " NOT NULL," \
	" spki " BYTES "," \
	" policy " BYTES "," \
	" created " INT " NOT NULL" END \
	"CREATE TABLE recovery_share (" \
	" recovery_key " INT " NOT NULL REFERENCES recovery_key (id)," \
	" officer " INT " NOT NULL REFERENCES officer (id)," \
	" envelope " BYTES " NOT NULL," \
	" PRIMARY KEY (recovery_key, officer)" END \
	"CREATE TABLE escrow (" \
	" key " INT " NOT NULL PRIMARY KEY REFERENCES key (id)," \
	" recovery_key " INT " NOT NULL REFERENCES recovery_key (id)," \
	" made_for " TEXT " NOT NULL," \
	" sealed " BYTES " NOT NULL," \
	" created " INT " NOT NULL" END \
	"CREATE INDEX escrow_recovery_key ON escrow (recovery_key);" \
	"CREATE TABLE recovery_request (" \
	" id " NEW "," \
	" recovery_key " INT " NOT NULL REFERENCES recovery_key (id)," \
	" person " INT " NOT NULL," \
	" address " TEXT " NOT NULL," \
	" number " TEXT " NOT NULL," \
	" reason " TEXT " NOT NULL," \
	" opened_by " TEXT " NOT NULL," \
	" state " TEXT " NOT NULL CHECK (state IN ('open', 'collected', 'cancelled'))," \
	" opened " INT " NOT NULL," \
	" expires " INT " NOT NULL," \
	" ended " INT "," \
	" tell " INT " NOT NULL," \
	/* Every key is sealed to that recovery key instead; nobody gets one. */ \
	" move_to " INT " REFERENCES recovery_key (id)," \
	" session " BYTES "," \
	" session_sealed " BYTES END \
	"CREATE INDEX recovery_request_person ON recovery_request (person);" \
	"CREATE TABLE recovery_request_key (" \
	" request " INT " NOT NULL REFERENCES recovery_request (id)," \
	" key " INT " NOT NULL REFERENCES key (id)," \
	" PRIMARY KEY (request, key)" END \
	"CREATE TABLE recovery_approval (" \
	" request " INT " NOT NULL REFERENCES recovery_request (id)," \
	" officer " INT " NOT NULL REFERENCES officer (id)," \
	" at " INT " NOT NULL," \
	" share " BYTES "," \
	" signature " BYTES "," \
	" received " INT " NOT NULL," \
	" PRIMARY KEY (request, officer)" END

#define SGL_MIGRATION_3(ID, NEW, INT, BYTES, TEXT, END, KEYED, COUNT) \
	SGL_RECOVERY_TABLES(ID, NEW, INT, BYTES, TEXT, END, KEYED) \
	/* Each record follows the one whose number is one less: what follows what is \
	 * unique without indexes of hashes, which no place in memory suits. */ \
	"CREATE TABLE audit_3 (" \
	" sequence " INT " PRIMARY KEY," \
	" at " INT " NOT NULL," \
	" who " TEXT " NOT NULL," \
	" action " TEXT " NOT NULL," \
	" object " TEXT " NOT NULL," \
	" before " TEXT " NOT NULL," \
	" after " TEXT " NOT NULL," \
	" previous " BYTES " NOT NULL CHECK (length(previous) = 32)," \
	" hash " BYTES " NOT NULL CHECK (length(hash) = 32)" END \
	"INSERT INTO audit_3 SELECT sequence, at, who, action, object, before," \
	" after, previous, hash FROM audit ORDER BY sequence;" \
	"DROP TABLE audit;" \
	"ALTER TABLE audit_3 RENAME TO audit;" \
	"DROP INDEX recipient_key;" \
	/* Certificates of other authorities: no issuer of ours, and a serial number \
	 * that anybody may give again. What was kept for answers is made anew. */ \
	"DROP TABLE ocsp_response;" \
	"CREATE TABLE certificate_3 (" \
	" id " ID "," \
	" person " INT " NOT NULL REFERENCES person (id)," \
	" purpose " TEXT " NOT NULL CHECK (purpose IN ('signing', 'encryption'))," \
	" status " TEXT " NOT NULL" \
	" CHECK (status = 'current' OR status = 'superseded' OR status = 'revoked')," \
	" serial " BYTES " NOT NULL," \
	" not_before " INT " NOT NULL," \
	" not_after " INT " NOT NULL," \
	" der " BYTES " NOT NULL," \
	" issuer " INT " REFERENCES authority (id)," \
	" shard " INT " NOT NULL," \
	" key " INT " NOT NULL REFERENCES key (id)," \
	" created " INT " NOT NULL," \
	" superseded " INT "," \
	" revoked " INT "," \
	" reason " TEXT "," \
	" invalidity " INT "," \
	" is_preferred " INT " NOT NULL DEFAULT 0 CHECK (is_preferred IN (0, 1))," \
	/* It serves both purposes, and has a row for each. */ \
	" is_dual " INT " NOT NULL DEFAULT 0 CHECK (is_dual IN (0, 1))," \
	" CHECK ((status = 'revoked') = (revoked IS NOT NULL))," \
	" CHECK ((revoked IS NULL) = (reason IS NULL))" END \
	"INSERT INTO certificate_3 (id, person, purpose, status, serial, not_before," \
	" not_after, der, issuer, shard, key, created, superseded, revoked, reason," \
	" invalidity)" \
	" SELECT id, person, purpose, status, serial, not_before, not_after, der," \
	" issuer, shard, key, created, superseded, revoked, reason, invalidity" \
	" FROM certificate ORDER BY id;" \
	"DROP TABLE certificate;" \
	"ALTER TABLE certificate_3 RENAME TO certificate;" \
	COUNT("certificate") \
	COUNT("authority") \
	"CREATE INDEX certificate_person ON certificate (person);" \
	/* One of ours is there once for a purpose; those of others have no issuer \
	 * here, so they are never the same. */ \
	"CREATE UNIQUE INDEX certificate_serial ON certificate (serial, purpose," \
	" issuer);" \
	"CREATE INDEX certificate_revoked ON certificate (issuer, shard, id)" \
	" WHERE status = 'revoked';" \
	"CREATE TABLE ocsp_response (" \
	" certificate " INT " NOT NULL REFERENCES certificate (id)," \
	" digest " TEXT " NOT NULL," \
	" this_update " INT " NOT NULL," \
	" next_update " INT " NOT NULL," \
	" der " BYTES " NOT NULL," \
	" PRIMARY KEY (certificate, digest)" END \
	/* The certificates above those of other authorities, each once; and which of \
	 * them stand above which certificate, the nearest at place 0. */ \
	"CREATE TABLE issuer (" \
	" id " ID "," \
	" fingerprint " BYTES " NOT NULL UNIQUE CHECK (length(fingerprint) = 32)," \
	" der " BYTES " NOT NULL" END \
	"CREATE TABLE chain (" \
	" certificate " INT " NOT NULL REFERENCES certificate (id)," \
	" place " INT " NOT NULL," \
	" issuer " INT " NOT NULL REFERENCES issuer (id)," \
	" PRIMARY KEY (certificate, place)" KEYED \
	/* Other authorities that the organisation believes. */ \
	"CREATE TABLE trusted (" \
	" fingerprint " BYTES " NOT NULL PRIMARY KEY" \
	" CHECK (length(fingerprint) = 32)," \
	" der " BYTES " NOT NULL," \
	" created " INT " NOT NULL" KEYED \
	/* Parts of CRLs that must be made anew, for what they say has changed, \
	 * and how often. */ \
	"CREATE TABLE crl_due (" \
	" authority " INT " NOT NULL REFERENCES authority (id)," \
	" shard " INT " NOT NULL," \
	" changes " INT " NOT NULL," \
	" PRIMARY KEY (authority, shard)" KEYED \
	/* Authorities of others that a root of ours has certified. */ \
	"CREATE TABLE branch (" \
	" id " ID "," \
	" issuer " INT " NOT NULL REFERENCES authority (id)," \
	" created " INT " NOT NULL," \
	" der " BYTES " NOT NULL" END \
	/* Certificates to answer for an authority by OCSP, and by SCEP. */ \
	"CREATE TABLE responder (" \
	" id " ID "," \
	" authority " INT " NOT NULL REFERENCES authority (id)," \
	" protocol " TEXT " NOT NULL CHECK (protocol IN ('ocsp', 'scep'))," \
	" der " BYTES " NOT NULL," \
	" key " INT " NOT NULL REFERENCES key (id)," \
	" not_after " INT " NOT NULL," \
	" created " INT " NOT NULL" END \
	"CREATE INDEX responder_authority ON responder (authority);" \
	/* Revoked by CRLs that are newer than the backup this came from. */ \
	"CREATE TABLE lost_revocation (" \
	" authority " INT " NOT NULL REFERENCES authority (id)," \
	" shard " INT " NOT NULL," \
	" serial " BYTES " NOT NULL," \
	" revoked " INT " NOT NULL," \
	" reason " TEXT " NOT NULL," \
	" invalidity " INT "," \
	" PRIMARY KEY (authority, shard, serial)" KEYED \
	/* Signatures over the end that the audit chain had. */ \
	"CREATE TABLE audit_head (" \
	" sequence " INT " PRIMARY KEY," \
	" key " INT " NOT NULL REFERENCES key (id)," \
	" signature " BYTES " NOT NULL" END \
	/* Who else than the home's owner may do what. */ \
	"CREATE TABLE administrator (" \
	" uid " INT " NOT NULL CHECK (uid >= 0)," \
	" office " TEXT " NOT NULL CHECK (office IN ('administrator', 'operator'," \
	" 'reader', 'recovery-officer'))," \
	" name " TEXT " NOT NULL," \
	" created " INT " NOT NULL," \
	" PRIMARY KEY (uid, office)" KEYED \
	/* One-time codes with which devices enrol. */ \
	"CREATE TABLE enrol_code (" \
	" locator " TEXT " NOT NULL PRIMARY KEY," \
	" person " INT " NOT NULL REFERENCES person (id)," \
	" purpose " TEXT " NOT NULL" \
	" CHECK (purpose IN ('signing', 'encryption', 'dual'))," \
	" salt " BYTES " NOT NULL CHECK (length(salt) = 32)," \
	" hash " BYTES " NOT NULL CHECK (length(hash) = 32)," \
	" created " INT " NOT NULL," \
	" expires " INT " NOT NULL," \
	" tries " INT " NOT NULL," \
	" UNIQUE (person, purpose)" KEYED \
	/* A mailbox of several people; where the reminders are in another language \
	 * than everybody's; since when it is suspended, or deleted. */ \
	"ALTER TABLE person ADD COLUMN is_shared " INT " NOT NULL DEFAULT 0" \
	" CHECK (is_shared IN (0, 1));" \
	"ALTER TABLE person ADD COLUMN language " TEXT " NOT NULL DEFAULT '';" \
	/* The kind of keys to make, where it is not the organisation's. */ \
	"ALTER TABLE person ADD COLUMN algorithm " TEXT " NOT NULL DEFAULT '';" \
	/* One certificate for both purposes, or two, likewise. */ \
	"ALTER TABLE person ADD COLUMN profile " TEXT " NOT NULL DEFAULT ''" \
	" CHECK (profile IN ('', 'separate', 'dual'));" \
	"ALTER TABLE person ADD COLUMN suspended " INT ";" \
	"ALTER TABLE person ADD COLUMN deleted " INT ";" \
	"ALTER TABLE address ADD COLUMN is_certified " INT " NOT NULL DEFAULT 0" \
	" CHECK (is_certified IN (0, 1));" \
	"CREATE INDEX address_certified ON address (person, address_key)" \
	" WHERE is_certified = 1;" \
	/* When the private part was given to somebody; since when it is not here. */ \
	"ALTER TABLE key ADD COLUMN handed " INT ";" \
	"ALTER TABLE key ADD COLUMN gone " INT ";" \
	/* Until then another one is used, unless the hand-out is confirmed. */ \
	"ALTER TABLE certificate ADD COLUMN waits_until " INT ";" \
	/* All that those in use are counted by (store/count.c); SQLite does not see \
	 * that it need not look at the row unless the status is there, too. */ \
	"CREATE INDEX certificate_current ON certificate (issuer, purpose, is_dual," \
	" not_after, person, not_before, status) WHERE status = 'current';" \
	"CREATE TABLE holder (" \
	" mailbox " INT " NOT NULL REFERENCES person (id)," \
	" person " INT " NOT NULL REFERENCES person (id)," \
	" created " INT " NOT NULL," \
	" handed " INT "," \
	" PRIMARY KEY (mailbox, person)" KEYED \
	"CREATE INDEX holder_person ON holder (person);" \
	/* Mails to people about the keys of a mailbox: that they end on a day (since \
	 * 1970) and how many days before at most, that new ones wait (a certificate), \
	 * that they were recovered (a request). */ \
	"CREATE TABLE reminder (" \
	" id " ID "," \
	" kind " TEXT " NOT NULL CHECK (kind IN ('ends', 'fetch', 'recovered'))," \
	" mailbox " INT " NOT NULL REFERENCES person (id)," \
	" person " INT " NOT NULL REFERENCES person (id)," \
	" about " INT " NOT NULL," \
	" days " INT " NOT NULL," \
	" mail " TEXT " NOT NULL," \
	" created " INT " NOT NULL," \
	" claimed " INT "," \
	" sent " INT "," \
	" UNIQUE (mailbox, person, kind, about, days)" END \
	"CREATE INDEX reminder_unsent ON reminder (id) WHERE sent IS NULL;"
/* clang-format on */

#endif
