/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of an organisation in one database: a file (SQLite) or a
 * database of PostgreSQL that several machines share. Both behave alike. No
 * policy lives here: what a record means is decided by the rooms above.
 *
 * Every failure of the database is SGL_E_IO with a text that says what is the
 * matter (disk full, locked, damaged, read-only, login refused, server gone),
 * SGL_E_NOMEM, or SGL_E_USAGE for a promise of ours that was broken (a double
 * where there is one of a kind). A password of the URL is in no text.
 *
 * What is listed or found is copied; clear it with the function named beside
 * the type. All-zero is an empty record and an empty list. Times are seconds,
 * numbers of records are positive; 0 stands for none. What may be long is not
 * listed but visited, in pages, so that it never lies in memory as a whole;
 * the visitor may use the store, and what it returns ends the visit unless it
 * is SGL_OK.
 */
#ifndef SGL_STORE_STORE_H
#define SGL_STORE_STORE_H

#include "base/buf.h"

typedef struct sgl_store sgl_store;

/*
 * A location is the path of a file, or the URL of a database of PostgreSQL
 * (postgresql://user@host/database?sslmode=verify-full) with what libpq knows
 * of parameters.
 */
bool sgl_store_is_url(const char *location);

typedef struct sgl_store_options {
	bool read_only;
	/* PostgreSQL: there is a backup, so that an older database may be
	 * migrated. For SQLite one is made by us. */
	bool has_backup;
	/* Called (unless NULL) in the change that migrates from version `from`,
	 * for what SQL cannot fill in. */
	sgl_status (*upgrade)(
	    void *ctx, sgl_store *store, int from, sgl_err *err);
	void *ctx;
} sgl_store_options;

/* sgl_store_create makes a database (0600) in the file system at a path, or
 * the tables in an empty database of PostgreSQL; or completes one that was
 * begun. */
SGL_MUST sgl_status sgl_store_create(
    const char *location, sgl_store **out, sgl_err *err);
/*
 * sgl_store_open opens one. One of an older release is brought up to the
 * present form, in one change, unless `read_only`: of a file, a copy is made
 * first, beside it, called FILE.before-vN for the new version N (0600, on the
 * disk); if that is not possible nothing is touched. PostgreSQL wants
 * has_backup. SGL_E_UNSUPPORTED: made by a newer release, or this program has
 * no PostgreSQL.
 */
SGL_MUST sgl_status sgl_store_open(const char *location,
    const sgl_store_options *options, sgl_store **out, sgl_err *err);
void sgl_store_free(sgl_store *store); /* rolls back what was not committed */
SGL_AUTO_TYPE(sgl_store, sgl_store_free)

/*
 * Changes belong between begin and commit: all of them are kept, or none. One
 * outside is a change of its own. Whoever has begun is the only one who
 * changes anything, on all machines, until commit or rollback; others wait a
 * few seconds. After any failure inside, commit fails too and keeps nothing.
 *
 * If the connection to a server is lost, the change fails; the next begin
 * connects anew. What was committed is on the disk.
 */
SGL_MUST sgl_status sgl_store_begin(sgl_store *store, sgl_err *err);
SGL_MUST sgl_status sgl_store_commit(sgl_store *store, sgl_err *err);
void sgl_store_rollback(sgl_store *store);

/* "sqlite" or "postgresql" */
const char *sgl_store_kind(const sgl_store *store);
/* sgl_store_check reads all of a database in a file, and tells whether it is
 * *sound. (A server does that for itself.) */
SGL_MUST sgl_status sgl_store_check(
    sgl_store *store, bool *sound, sgl_err *err);
/* sgl_store_version is the number of the newest migration we know. */
int sgl_store_version(void);
/* sgl_store_get_generation gives a number that every change raises. */
SGL_MUST sgl_status sgl_store_get_generation(
    sgl_store *store, int64_t *out, sgl_err *err);

/* ------------------------------------------------------------ settings --- */

/* sgl_store_get_setting appends the value. */
SGL_MUST sgl_status sgl_store_get_setting(sgl_store *store, const char *name,
    sgl_buf *value, bool *found, sgl_err *err);
SGL_MUST sgl_status sgl_store_set_setting(
    sgl_store *store, const char *name, sgl_slice value, sgl_err *err);

/* -------------------------------------------------------------- people --- */

typedef enum sgl_person_state {
	SGL_PERSON_ACTIVE,
	SGL_PERSON_SUSPENDED,
	SGL_PERSON_LEFT
} sgl_person_state;
const char *sgl_person_state_name(sgl_person_state state); /* "active" */

/* Who holds the private keys: the person alone (the key to encrypt is
 * escrowed), our server too, or nobody but the person, for ever. */
typedef enum sgl_custody {
	SGL_CUSTODY_USER,
	SGL_CUSTODY_SERVER,
	SGL_CUSTODY_SEALED
} sgl_custody;
const char *sgl_custody_name(sgl_custody custody); /* "user" */
SGL_MUST bool sgl_custody_find(sgl_slice name, sgl_custody *out);

typedef struct sgl_person {
	int64_t id;
	char *address;	   /* as it was given */
	char *address_key; /* unique; the form that addresses are found by */
	char *name;	   /* "" if none */
	sgl_person_state state;
	sgl_custody custody;
	bool is_protected; /* where the person is must not be found out */
	bool is_shared;	   /* a mailbox of several people: see holders */
	char *language;	 /* of what is written to it; NULL or "": everybody's */
	char *algorithm; /* of new keys; NULL or "": the organisation's */
	char *profile;	 /* "separate" or "dual", likewise */
	sgl_time created;
	sgl_time suspended; /* since when; 0: it is not */
	sgl_time deleted;   /* 0: it is there */
} sgl_person;
void sgl_person_clear(sgl_person *p);
SGL_MUST sgl_status sgl_person_set_profile(
    sgl_person *p, const char *profile, sgl_err *err);
SGL_AUTO_CLEAR_TYPE(sgl_person, sgl_person_clear)

/* sgl_store_add_person stores all but `id`, which it gives. */
SGL_MUST sgl_status sgl_store_add_person(
    sgl_store *store, const sgl_person *p, int64_t *id, sgl_err *err);
/* sgl_store_set_person stores all of the person of this id but the addresses
 * and the times of its making and deletion. */
SGL_MUST sgl_status sgl_store_set_person(
    sgl_store *store, const sgl_person *p, sgl_err *err);
/* sgl_store_rename_person makes an alias of a person the own address, and the
 * own address an alias. SGL_E_USAGE: it is no alias of this person. */
SGL_MUST sgl_status sgl_store_rename_person(
    sgl_store *store, int64_t id, sgl_slice address_key, sgl_err *err);
/* sgl_store_delete_person: the person is found no more, and all addresses are
 * free; keys and certificates stay. */
SGL_MUST sgl_status sgl_store_delete_person(
    sgl_store *store, int64_t id, sgl_time when, sgl_err *err);
/* By the person's own address or by an alias. */
SGL_MUST sgl_status sgl_store_find_person(sgl_store *store,
    sgl_slice address_key, sgl_person *out, bool *found, sgl_err *err);
/* By the number, also one that was deleted. */
SGL_MUST sgl_status sgl_store_get_person(
    sgl_store *store, int64_t id, sgl_person *out, bool *found, sgl_err *err);
/* In the order of address_key. */
typedef sgl_status (*sgl_person_visit)(
    void *ctx, const sgl_person *p, sgl_err *err);
SGL_MUST sgl_status sgl_store_each_person(
    sgl_store *store, sgl_person_visit visit, void *ctx, sgl_err *err);

/* Further addresses of a person. An address_key is one person's alone. */
typedef struct sgl_alias {
	char *address;
	char *address_key;
	int64_t person;
	bool is_certified; /* it stands in certificates too */
	sgl_time created;
} sgl_alias;
void sgl_alias_clear(sgl_alias *a);
SGL_AUTO_CLEAR_TYPE(sgl_alias, sgl_alias_clear)

typedef struct sgl_aliases {
	sgl_alias *items;
	size_t num;
} sgl_aliases;
void sgl_aliases_clear(sgl_aliases *list);
SGL_AUTO_CLEAR_TYPE(sgl_aliases, sgl_aliases_clear)

SGL_MUST sgl_status sgl_store_add_alias(
    sgl_store *store, const sgl_alias *a, sgl_err *err);
/* *removed false: there is no such alias (a person's own address is none). */
SGL_MUST sgl_status sgl_store_remove_alias(
    sgl_store *store, sgl_slice address_key, bool *removed, sgl_err *err);
SGL_MUST sgl_status sgl_store_certify_alias(
    sgl_store *store, sgl_slice address_key, bool is_certified, sgl_err *err);
/* sgl_store_count_addresses: how many, of people and further ones, have an
 * address_key that ends in this. */
SGL_MUST sgl_status sgl_store_count_addresses(
    sgl_store *store, const char *end, int64_t *out, sgl_err *err);
/* In the order of address_key. */
SGL_MUST sgl_status sgl_store_list_aliases(
    sgl_store *store, int64_t person, sgl_aliases *out, sgl_err *err);
/* Those that certificates shall name. */
SGL_MUST sgl_status sgl_store_list_certified(
    sgl_store *store, int64_t person, sgl_aliases *out, sgl_err *err);

/* Who may have the keys of a shared mailbox, and whom they were given to. */
typedef struct sgl_holder {
	int64_t mailbox, person;
	char *mailbox_address, *address; /* of either, when it was read */
	sgl_time created;
	sgl_time handed; /* 0: never yet */
} sgl_holder;
void sgl_holder_clear(sgl_holder *h);
SGL_AUTO_CLEAR_TYPE(sgl_holder, sgl_holder_clear)

typedef struct sgl_holders {
	sgl_holder *items;
	size_t num;
} sgl_holders;
void sgl_holders_clear(sgl_holders *list);
SGL_AUTO_CLEAR_TYPE(sgl_holders, sgl_holders_clear)

/* *added false: that person is one already. */
SGL_MUST sgl_status sgl_store_add_holder(
    sgl_store *store, const sgl_holder *h, bool *added, sgl_err *err);
SGL_MUST sgl_status sgl_store_remove_holder(sgl_store *store, int64_t mailbox,
    int64_t person, bool *removed, sgl_err *err);
/* sgl_store_set_handed notes for a holder when the keys were given; 0: this one
 * has none of them. */
SGL_MUST sgl_status sgl_store_set_handed(sgl_store *store, int64_t mailbox,
    int64_t person, sgl_time when, sgl_err *err);
/* The holders of a mailbox, by address; the mailboxes of a holder, likewise. */
SGL_MUST sgl_status sgl_store_list_holders(
    sgl_store *store, int64_t mailbox, sgl_holders *out, sgl_err *err);
SGL_MUST sgl_status sgl_store_list_held(
    sgl_store *store, int64_t person, sgl_holders *out, sgl_err *err);

/* Of one purpose, from one authority. */
#define SGL_NUM_HORIZONS 3
extern const int sgl_cert_horizons[SGL_NUM_HORIZONS]; /* days: 30, 7, 1 */
typedef struct sgl_cert_count sgl_cert_count;	      /* below */

/* How many there are; people, and what they have, only of the active ones. */
typedef struct sgl_counts {
	int64_t people;
	int64_t certs;	    /* current, and not ended by the clock */
	int64_t ending;	    /* of these: within the first horizon */
	int64_t ended;	    /* called current, but ended by the clock */
	int64_t early;	    /* called current, but not valid yet */
	sgl_cert_count *of; /* the same ones, apart */
	size_t num;
	int64_t keys;	    /* private ones of people that are kept here */
	int64_t recoveries; /* that are open */
	int64_t reminders;  /* that are not sent yet */
} sgl_counts;
void sgl_counts_clear(sgl_counts *c);
SGL_AUTO_CLEAR_TYPE(sgl_counts, sgl_counts_clear)
SGL_MUST sgl_status sgl_store_count(
    sgl_store *store, sgl_time now, sgl_counts *out, sgl_err *err);
/* sgl_store_size tells how much room the database takes. */
SGL_MUST sgl_status sgl_store_size(
    sgl_store *store, int64_t *bytes, sgl_err *err);

/* ----------------------------------------------------------- reminders --- */

typedef enum sgl_notice_kind {
	SGL_NOTICE_ENDS,      /* the keys end */
	SGL_NOTICE_FETCH,     /* they hold no more, and new ones wait */
	SGL_NOTICE_RECOVERED, /* others were given them */
	SGL_NUM_NOTICE_KINDS
} sgl_notice_kind;
const char *sgl_notice_kind_name(sgl_notice_kind kind); /* "ends" */

/* A mail to somebody about keys. There is one of a kind. */
typedef struct sgl_reminder {
	int64_t id;
	sgl_notice_kind kind;
	int64_t mailbox, person; /* whose keys; who is written to */
	char *address;		 /* of the mailbox, when it was read */
	/* The day, counted from 1970; the new certificate; the request. */
	int64_t about;
	int64_t days; /* before that day, at most; else 0 */
	char *mail;   /* all of it */
	sgl_time created;
	sgl_time sent; /* 0: not yet */
} sgl_reminder;
void sgl_reminder_clear(sgl_reminder *r);
SGL_AUTO_CLEAR_TYPE(sgl_reminder, sgl_reminder_clear)

SGL_MUST sgl_status sgl_store_has_reminder(
    sgl_store *store, const sgl_reminder *r, bool *has, sgl_err *err);
SGL_MUST sgl_status sgl_store_add_reminder(
    sgl_store *store, const sgl_reminder *r, sgl_err *err);
/* sgl_store_claim_reminder takes the first above the number `after` that is not
 * sent, and that nobody has claimed since `since`. */
SGL_MUST sgl_status sgl_store_claim_reminder(sgl_store *store, int64_t after,
    sgl_time since, sgl_time now, sgl_reminder *out, bool *found, sgl_err *err);
/* sgl_store_end_reminder: it was sent then, or (0) it was not, and may be
 * claimed again. */
SGL_MUST sgl_status sgl_store_end_reminder(
    sgl_store *store, int64_t id, sgl_time sent, sgl_err *err);
/* In the order in which they were made. */
typedef sgl_status (*sgl_reminder_visit)(
    void *ctx, const sgl_reminder *r, sgl_err *err);
SGL_MUST sgl_status sgl_store_each_reminder(
    sgl_store *store, sgl_reminder_visit visit, void *ctx, sgl_err *err);

/* ---------------------------------------------------------------- keys --- */

typedef struct sgl_key_record {
	int64_t id;
	uint8_t spki_digest[32]; /* unique */
	sgl_buf sealed;		 /* empty: the private key is elsewhere */
	char *kind;		 /* of sgl_key_kind_name */
	int64_t person;		 /* 0: an authority's */
	sgl_time created;
	sgl_time handed; /* the private part to somebody; 0: never */
	sgl_time gone;	 /* when it was wiped; 0: it was not */
} sgl_key_record;
void sgl_key_record_clear(sgl_key_record *k);
SGL_AUTO_CLEAR_TYPE(sgl_key_record, sgl_key_record_clear)

typedef struct sgl_key_records {
	sgl_key_record *items;
	size_t num;
} sgl_key_records;
void sgl_key_records_clear(sgl_key_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_key_records, sgl_key_records_clear)

/* sgl_store_next_key_id gives the number that the next key gets if it is added
 * in the same transaction: sealing needs it first. */
SGL_MUST sgl_status sgl_store_next_key_id(
    sgl_store *store, int64_t *id, sgl_err *err);
SGL_MUST sgl_status sgl_store_add_key(
    sgl_store *store, const sgl_key_record *k, sgl_err *err);
/* sgl_store_add_public_key gives it a number by the way; *id 0: such a key is
 * there already, and stays as it is. */
SGL_MUST sgl_status sgl_store_add_public_key(
    sgl_store *store, const sgl_key_record *k, int64_t *id, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_key(sgl_store *store, int64_t id,
    sgl_key_record *out, bool *found, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_key_by_digest(sgl_store *store,
    const uint8_t spki_digest[32], sgl_key_record *out, bool *found,
    sgl_err *err);
/* Newest first. */
SGL_MUST sgl_status sgl_store_list_keys(
    sgl_store *store, int64_t person, sgl_key_records *out, sgl_err *err);

/* sgl_store_hand_key notes that the private part was given away;
 * sgl_store_drop_key wipes it out of the record. */
SGL_MUST sgl_status sgl_store_hand_key(
    sgl_store *store, int64_t id, sgl_time when, sgl_err *err);
SGL_MUST sgl_status sgl_store_drop_key(
    sgl_store *store, int64_t id, sgl_time when, sgl_err *err);

/* All there ever were, oldest first. */
typedef sgl_status (*sgl_key_visit)(
    void *ctx, const sgl_key_record *k, sgl_err *err);
SGL_MUST sgl_status sgl_store_each_key(
    sgl_store *store, sgl_key_visit visit, void *ctx, sgl_err *err);

/* What a message may call the owner of a key (RFC 5652 6.2.1): issuer and
 * serial number of a certificate, and its subject key identifier. */
typedef struct sgl_recipient_name {
	uint8_t issuer[32]; /* SHA-256 of the issuer's Name, DER */
	sgl_slice serial;   /* INTEGER contents; borrowed */
	sgl_slice ski;	    /* empty if none; borrowed */
} sgl_recipient_name;

/* sgl_store_add_recipient: the same again does nothing. */
SGL_MUST sgl_status sgl_store_add_recipient(sgl_store *store, int64_t key,
    const sgl_recipient_name *name, sgl_err *err);
/* sgl_store_find_key_by_recipient finds among all keys that a person ever had.
 * An empty list: there is none; several: an issuer gave a serial number twice,
 * or a key identifier is of several keys. Newest first, 16 at most. */
SGL_MUST sgl_status sgl_store_find_key_by_recipient(sgl_store *store,
    int64_t person, const uint8_t issuer[32], sgl_slice serial,
    sgl_key_records *out, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_key_by_ski(sgl_store *store, int64_t person,
    sgl_slice ski, sgl_key_records *out, sgl_err *err);
/* sgl_store_has_key: the private half of one of a person's keys is here. */
SGL_MUST sgl_status sgl_store_has_key(
    sgl_store *store, int64_t person, bool *has, sgl_err *err);

/* --------------------------------------------------------- authorities --- */

/* Why something was revoked: RFC 5280 5.3.1, by its numbers there. */
typedef enum sgl_revocation_reason {
	SGL_REASON_UNSPECIFIED = 0,
	SGL_REASON_KEY_COMPROMISE = 1,
	SGL_REASON_CA_COMPROMISE = 2,
	SGL_REASON_AFFILIATION_CHANGED = 3,
	SGL_REASON_SUPERSEDED = 4,
	SGL_REASON_CESSATION_OF_OPERATION = 5,
	SGL_REASON_CERTIFICATE_HOLD = 6,
	SGL_REASON_REMOVE_FROM_CRL = 8,
	SGL_REASON_PRIVILEGE_WITHDRAWN = 9,
	SGL_REASON_AA_COMPROMISE = 10
} sgl_revocation_reason;
/* "keyCompromise" */
const char *sgl_revocation_reason_name(sgl_revocation_reason reason);
SGL_MUST bool
sgl_revocation_reason_find(sgl_slice name, sgl_revocation_reason *out);

typedef struct sgl_revocation_mark {
	sgl_time when; /* 0: not revoked */
	sgl_revocation_reason reason;
	sgl_time invalidity; /* 0: not said (certificates alone have it) */
} sgl_revocation_mark;

typedef enum sgl_authority_kind {
	SGL_AUTHORITY_ROOT,
	SGL_AUTHORITY_ISSUING
} sgl_authority_kind;

typedef enum sgl_authority_state {
	SGL_AUTHORITY_ACTIVE,
	SGL_AUTHORITY_RETIRED, /* issues no more, but still CRLs */
	SGL_AUTHORITY_REVOKED
} sgl_authority_state;
const char *sgl_authority_state_name(sgl_authority_state state); /* "active" */

#define SGL_KEY_IN_VAULT "vault"
#define SGL_KEY_EXPORTED "exported"
#define SGL_KEY_PARENTS "parent" /* with the organisation above ours */
#define SGL_KEY_LOST "lost"	 /* not in the backup that all came back from */
typedef struct sgl_authority {
	int64_t id;
	sgl_authority_kind kind;
	sgl_authority_state state;
	sgl_buf der;	    /* its certificate */
	char *key_location; /* one of those above, or a pkcs11: URI */
	int64_t key;	    /* 0 where it never was in the vault */
	int64_t issuer;	    /* an authority; 0: itself */
	int64_t num_shards; /* parts of its CRL, 1 or more */
	int64_t crl_number; /* of the newest; 0: none yet */
	sgl_time created;
	sgl_revocation_mark revocation;
} sgl_authority;
void sgl_authority_clear(sgl_authority *a);
/* sgl_authority_is_parents: it is no authority of ours, but the root above
 * ours, whose lists others make. */
bool sgl_authority_is_parents(const sgl_authority *a);
/* sgl_authority_is_lost: what it issued can only be revoked with it. */
bool sgl_authority_is_lost(const sgl_authority *a);
SGL_AUTO_CLEAR_TYPE(sgl_authority, sgl_authority_clear)

typedef struct sgl_authorities {
	sgl_authority *items;
	size_t num;
} sgl_authorities;
void sgl_authorities_clear(sgl_authorities *list);
SGL_AUTO_CLEAR_TYPE(sgl_authorities, sgl_authorities_clear)

/* sgl_store_add_authority stores all but `id`, which it gives; a NULL
 * key_location is the vault, no shards are one. */
SGL_MUST sgl_status sgl_store_add_authority(
    sgl_store *store, const sgl_authority *a, int64_t *id, sgl_err *err);
/* sgl_store_set_authority stores state, revocation, key_location and
 * num_shards of the authority of this id. */
SGL_MUST sgl_status sgl_store_set_authority(
    sgl_store *store, const sgl_authority *a, sgl_err *err);
/* sgl_store_find_issuing: the newest active one that issues for people. */
SGL_MUST sgl_status sgl_store_find_issuing(
    sgl_store *store, sgl_authority *out, bool *found, sgl_err *err);
/* Newest first. */
SGL_MUST sgl_status sgl_store_list_authorities(
    sgl_store *store, sgl_authorities *out, sgl_err *err);

/* An authority of others that a root of ours has certified. Whether it was
 * revoked is among the lost revocations: it is no certificate of people. */
typedef struct sgl_branch_record {
	int64_t id;
	int64_t issuer; /* an authority */
	sgl_buf der;	/* its certificate */
	sgl_time created;
} sgl_branch_record;
void sgl_branch_record_clear(sgl_branch_record *b);
SGL_AUTO_CLEAR_TYPE(sgl_branch_record, sgl_branch_record_clear)

typedef struct sgl_branches {
	sgl_branch_record *items;
	size_t num;
} sgl_branches;
void sgl_branches_clear(sgl_branches *list);
SGL_AUTO_CLEAR_TYPE(sgl_branches, sgl_branches_clear)

/* sgl_store_add_branch stores all but `id`, which it gives. */
SGL_MUST sgl_status sgl_store_add_branch(
    sgl_store *store, const sgl_branch_record *b, int64_t *id, sgl_err *err);
/* The oldest first. */
SGL_MUST sgl_status sgl_store_list_branches(
    sgl_store *store, sgl_branches *out, sgl_err *err);

/* -------------------------------------------------------- certificates --- */

/* What a record is for, and what may be asked for: one certificate for both
 * purposes (dual use) has two records, with one of them each. */
typedef enum sgl_cert_purpose {
	SGL_CERT_SIGNING,
	SGL_CERT_ENCRYPTION,
	SGL_CERT_DUAL
} sgl_cert_purpose;
const char *sgl_cert_purpose_name(sgl_cert_purpose purpose); /* "signing" */
SGL_MUST bool sgl_cert_purpose_find(sgl_slice name, sgl_cert_purpose *out);

struct sgl_cert_count {
	int64_t authority; /* 0: authorities of others */
	sgl_cert_purpose purpose;
	int64_t current, expired, revoked, early;
	int64_t ending[SGL_NUM_HORIZONS]; /* of the current ones */
};

typedef enum sgl_cert_status {
	SGL_CERT_CURRENT,
	SGL_CERT_SUPERSEDED, /* renewed; its key still decrypts */
	SGL_CERT_REVOKED
} sgl_cert_status;
const char *sgl_cert_status_name(sgl_cert_status status); /* "current" */

typedef struct sgl_cert_record {
	int64_t id, person;
	char *address; /* the person's, when it was read */
	sgl_cert_purpose purpose;
	sgl_cert_status status;
	sgl_buf serial; /* INTEGER contents */
	sgl_time not_before, not_after;
	sgl_buf der;
	int64_t issuer; /* an authority; 0: somebody else's */
	int64_t shard;	/* of its CRL, from 0 */
	int64_t key;
	sgl_time created, superseded; /* superseded: 0 while it is not */
	/* Until then the one before is used; 0: it does not wait. */
	sgl_time waits_until;
	sgl_revocation_mark revocation;
	bool is_preferred; /* to any other of the same purpose */
} sgl_cert_record;
void sgl_cert_record_clear(sgl_cert_record *c);
SGL_AUTO_CLEAR_TYPE(sgl_cert_record, sgl_cert_record_clear)

typedef struct sgl_cert_records {
	sgl_cert_record *items;
	size_t num;
} sgl_cert_records;
void sgl_cert_records_clear(sgl_cert_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_cert_records, sgl_cert_records_clear)

/* sgl_cert_is_twin: the two records are of one certificate for both purposes;
 * sgl_cert_find_twin finds the other record of such a one, or NULL. */
bool sgl_cert_is_twin(const sgl_cert_record *a, const sgl_cert_record *b);
const sgl_cert_record *
sgl_cert_find_twin(const sgl_cert_records *list, const sgl_cert_record *c);

/* sgl_store_take_serial marks a serial number as used, for all authorities
 * together. *taken false: somebody had it before. */
SGL_MUST sgl_status sgl_store_take_serial(
    sgl_store *store, sgl_slice serial, bool *taken, sgl_err *err);
/* sgl_store_add_cert stores all but `id`, which it gives, and a revocation. */
SGL_MUST sgl_status sgl_store_add_cert(
    sgl_store *store, const sgl_cert_record *c, int64_t *id, sgl_err *err);
/* sgl_store_mark_dual: if the certificate of this record is the same person's
 * for the other purpose, too, both records say so from now on. */
SGL_MUST sgl_status sgl_store_mark_dual(
    sgl_store *store, int64_t id, sgl_err *err);
/* sgl_store_list_certs: of one person, newest first. */
SGL_MUST sgl_status sgl_store_list_certs(
    sgl_store *store, int64_t person, sgl_cert_records *out, sgl_err *err);
/* sgl_store_list_current_certs: of one person, those in use that authorities of
 * ours gave, newest first. */
SGL_MUST sgl_status sgl_store_list_current_certs(
    sgl_store *store, int64_t person, sgl_cert_records *out, sgl_err *err);
/* sgl_store_each_cert: of all, by person's address, then newest first. */
typedef sgl_status (*sgl_cert_visit)(
    void *ctx, const sgl_cert_record *c, sgl_err *err);
SGL_MUST sgl_status sgl_store_each_cert(
    sgl_store *store, sgl_cert_visit visit, void *ctx, sgl_err *err);
/* Of two alike, the one that an authority of ours gave: others give what
 * numbers they like. */
/* sgl_store_each_newest: of each active person and purpose the newest current
 * one that an authority of ours issued, for a key that is or was here, in the
 * order of numbers: those above `after`, up to `up_to`, that end before
 * `before`. */
typedef struct sgl_newest {
	int64_t after, up_to;
	sgl_time before;
} sgl_newest;
SGL_MUST sgl_status sgl_store_each_newest(sgl_store *store,
    const sgl_newest *which, sgl_cert_visit visit, void *ctx, sgl_err *err);
/* sgl_store_find_last_cert: the last one that an authority gave. */
SGL_MUST sgl_status sgl_store_find_last_cert(sgl_store *store,
    int64_t authority, sgl_cert_record *out, bool *found, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_cert_by_serial(sgl_store *store,
    sgl_slice serial, sgl_cert_record *out, bool *found, sgl_err *err);
/* sgl_store_supersede_cert marks a certificate, if it is current. */
SGL_MUST sgl_status sgl_store_supersede_cert(
    sgl_store *store, int64_t id, sgl_time when, sgl_err *err);
/* sgl_store_confirm_cert: it waits no more. */
SGL_MUST sgl_status sgl_store_confirm_cert(
    sgl_store *store, int64_t id, sgl_err *err);

/* sgl_store_prefer_cert prefers one certificate of a person for its purpose to
 * all others, or (0) none. */
SGL_MUST sgl_status sgl_store_prefer_cert(sgl_store *store, int64_t person,
    sgl_cert_purpose purpose, int64_t id, sgl_err *err);

/* sgl_store_revoke_cert stores a revocation (when is not 0) of the certificate
 * that the record is of, whatever else that is for; also in place of an
 * earlier one. sgl_store_release_cert takes it back, as from a hold. Either
 * way: *done false if there is no such certificate, or none revoked. */
SGL_MUST sgl_status sgl_store_revoke_cert(sgl_store *store, int64_t id,
    const sgl_revocation_mark *revocation, bool *done, sgl_err *err);
SGL_MUST sgl_status sgl_store_release_cert(
    sgl_store *store, int64_t id, bool *done, sgl_err *err);
/* sgl_store_each_revoked visits what a CRL lists, in the order of issue. */
SGL_MUST sgl_status sgl_store_each_revoked(sgl_store *store, int64_t authority,
    int64_t shard, sgl_cert_visit visit, void *ctx, sgl_err *err);

/* A revoked serial number whose certificate is not among the records, because
 * they are a backup's. sgl_store_each_revoked visits these too, after the
 * others: as records without person, with nothing but what is here. */
typedef struct sgl_lost_revocation {
	int64_t authority, shard;
	sgl_slice serial; /* INTEGER contents; borrowed */
	sgl_revocation_mark revocation;
} sgl_lost_revocation;
/* sgl_store_add_lost_revocation: the same again does nothing. */
SGL_MUST sgl_status sgl_store_add_lost_revocation(
    sgl_store *store, const sgl_lost_revocation *r, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_lost_revocation(sgl_store *store,
    int64_t authority, sgl_slice serial, sgl_revocation_mark *out, bool *found,
    sgl_err *err);

/* --------------------------------------------------- other authorities --- */

typedef struct sgl_issuer_record {
	uint8_t fingerprint[32]; /* SHA-256 of der */
	sgl_buf der;
} sgl_issuer_record;
void sgl_issuer_record_clear(sgl_issuer_record *r);
SGL_AUTO_CLEAR_TYPE(sgl_issuer_record, sgl_issuer_record_clear)

typedef struct sgl_issuer_records {
	sgl_issuer_record *items;
	size_t num;
} sgl_issuer_records;
void sgl_issuer_records_clear(sgl_issuer_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_issuer_records, sgl_issuer_records_clear)

/* sgl_store_add_chain stores what stands above a certificate that no authority
 * of ours gave, at `place`: the nearest has 0. */
SGL_MUST sgl_status sgl_store_add_chain(sgl_store *store, int64_t certificate,
    int64_t place, const sgl_issuer_record *r, sgl_err *err);
/* In the order of places. */
SGL_MUST sgl_status sgl_store_list_chain(sgl_store *store, int64_t certificate,
    sgl_issuer_records *out, sgl_err *err);

/* What the organisation believes beside its own authorities. *added false: it
 * is there already; *removed false: it is not there. */
SGL_MUST sgl_status sgl_store_add_trusted(sgl_store *store,
    const sgl_issuer_record *r, sgl_time now, bool *added, sgl_err *err);
SGL_MUST sgl_status sgl_store_remove_trusted(sgl_store *store,
    const uint8_t fingerprint[32], bool *removed, sgl_err *err);
/* The first added first. */
SGL_MUST sgl_status sgl_store_list_trusted(
    sgl_store *store, sgl_issuer_records *out, sgl_err *err);

/* -------------------------------------------------- revocation, spoken --- */

typedef struct sgl_crl_record {
	int64_t authority, shard, number;
	sgl_time this_update, next_update;
	sgl_buf der;
} sgl_crl_record;
void sgl_crl_record_clear(sgl_crl_record *c);
SGL_AUTO_CLEAR_TYPE(sgl_crl_record, sgl_crl_record_clear)

/* sgl_store_take_crl_number gives an authority's next number, once. */
SGL_MUST sgl_status sgl_store_take_crl_number(
    sgl_store *store, int64_t authority, int64_t *number, sgl_err *err);
/* sgl_store_leap_crl_number: the next one is that much higher. */
SGL_MUST sgl_status sgl_store_leap_crl_number(
    sgl_store *store, int64_t authority, int64_t by, sgl_err *err);
/* sgl_store_add_crl stores one; its part is due no more. */
SGL_MUST sgl_status sgl_store_add_crl(
    sgl_store *store, const sgl_crl_record *c, sgl_err *err);
/* The one with the highest number. */
SGL_MUST sgl_status sgl_store_find_crl(sgl_store *store, int64_t authority,
    int64_t shard, sgl_crl_record *out, bool *found, sgl_err *err);
/* sgl_store_drop_crls forgets those with a lower number. */
SGL_MUST sgl_status sgl_store_drop_crls(sgl_store *store, int64_t authority,
    int64_t shard, int64_t number, sgl_err *err);

/* sgl_store_set_crl_due notes that a part is to be made anew, until one is
 * added. */
SGL_MUST sgl_status sgl_store_set_crl_due(
    sgl_store *store, int64_t authority, int64_t shard, sgl_err *err);
/* ... or there is none that was made at `since` or later, and not after `now`:
 * one from a time to come, when the clock was wrong, is believed by nobody. */
SGL_MUST sgl_status sgl_store_is_crl_due(sgl_store *store, int64_t authority,
    int64_t shard, sgl_time since, sgl_time now, bool *due, sgl_err *err);
/* sgl_store_get_published gives a number that is another one whenever something
 * was revoked, released or published. */
SGL_MUST sgl_status sgl_store_get_published(
    sgl_store *store, int64_t *out, sgl_err *err);

/* Who answers for an authority, and by which protocol. */
typedef enum sgl_responder_protocol {
	SGL_RESPONDER_OCSP,
	SGL_RESPONDER_SCEP
} sgl_responder_protocol;
typedef struct sgl_responder_record {
	int64_t id, authority, key;
	sgl_responder_protocol protocol;
	sgl_buf der; /* its certificate */
	sgl_time not_after, created;
} sgl_responder_record;
void sgl_responder_record_clear(sgl_responder_record *r);
SGL_AUTO_CLEAR_TYPE(sgl_responder_record, sgl_responder_record_clear)

SGL_MUST sgl_status sgl_store_add_responder(
    sgl_store *store, const sgl_responder_record *r, sgl_err *err);
/* The newest. */
SGL_MUST sgl_status sgl_store_find_responder(sgl_store *store,
    int64_t authority, sgl_responder_protocol protocol,
    sgl_responder_record *out, bool *found, sgl_err *err);

typedef struct sgl_ocsp_record {
	int64_t certificate;
	char *digest; /* by which the request names it: "sha1", "sha256" */
	sgl_time this_update, next_update;
	sgl_buf der;
} sgl_ocsp_record;
void sgl_ocsp_record_clear(sgl_ocsp_record *r);
SGL_AUTO_CLEAR_TYPE(sgl_ocsp_record, sgl_ocsp_record_clear)

/* sgl_store_set_ocsp puts it in the place of the one before. */
SGL_MUST sgl_status sgl_store_set_ocsp(
    sgl_store *store, const sgl_ocsp_record *r, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_ocsp(sgl_store *store, int64_t certificate,
    const char *digest, sgl_ocsp_record *out, bool *found, sgl_err *err);
/* sgl_store_drop_ocsp forgets all about a certificate. */
SGL_MUST sgl_status sgl_store_drop_ocsp(
    sgl_store *store, int64_t certificate, sgl_err *err);

/* ----------------------------------------------------------- enrolment --- */

/* A code with which a device of a person may enrol, once. Of the code there is
 * but a hash. */
typedef struct sgl_enrol_code {
	char *locator; /* the part of it that it is found by */
	int64_t person;
	sgl_cert_purpose purpose;
	uint8_t salt[32], hash[32];
	sgl_time created, expires;
	int64_t tries; /* how often it was given wrongly */
} sgl_enrol_code;
void sgl_enrol_code_clear(sgl_enrol_code *c);
SGL_AUTO_CLEAR_TYPE(sgl_enrol_code, sgl_enrol_code_clear)

/* sgl_store_set_enrol_code puts it in the place of the person's code for the
 * same purpose. */
SGL_MUST sgl_status sgl_store_set_enrol_code(
    sgl_store *store, const sgl_enrol_code *c, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_enrol_code(sgl_store *store,
    const char *locator, sgl_enrol_code *out, bool *found, sgl_err *err);
SGL_MUST sgl_status sgl_store_note_enrol_try(
    sgl_store *store, const char *locator, sgl_err *err);
/* *dropped false: it is not there any more. */
/* sgl_store_drop_enrol_codes: nobody can use any of them any more. */
SGL_MUST sgl_status sgl_store_drop_enrol_codes(
    sgl_store *store, int64_t *dropped, sgl_err *err);
SGL_MUST sgl_status sgl_store_drop_enrol_code(
    sgl_store *store, const char *locator, bool *dropped, sgl_err *err);

/* --------------------------------------------------------------- audit --- */

/* One link of a chain: `hash`, which the caller computes, is over the record
 * and the hash before. No two records can follow the same one. */
typedef struct sgl_audit_record {
	int64_t sequence; /* from 1, without gaps */
	sgl_time at;
	char *who, *action, *object, *before, *after;
	uint8_t previous[32], hash[32];
} sgl_audit_record;
void sgl_audit_record_clear(sgl_audit_record *r);
SGL_AUTO_CLEAR_TYPE(sgl_audit_record, sgl_audit_record_clear)

/* sgl_store_add_audit: SGL_E_USAGE unless the record follows the last one
 * (the first: sequence 1). */
SGL_MUST sgl_status sgl_store_add_audit(
    sgl_store *store, const sgl_audit_record *r, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_last_audit(
    sgl_store *store, sgl_audit_record *out, bool *found, sgl_err *err);
/* Those from `sequence` on. */
typedef sgl_status (*sgl_audit_visit)(
    void *ctx, const sgl_audit_record *r, sgl_err *err);
SGL_MUST sgl_status sgl_store_each_audit(sgl_store *store, int64_t sequence,
    sgl_audit_visit visit, void *ctx, sgl_err *err);

/* A signature over the record that was the last one then. */
typedef struct sgl_audit_head {
	int64_t sequence;
	int64_t key;
	sgl_buf signature;
} sgl_audit_head;
void sgl_audit_head_clear(sgl_audit_head *h);
SGL_AUTO_CLEAR_TYPE(sgl_audit_head, sgl_audit_head_clear)

SGL_MUST sgl_status sgl_store_add_audit_head(
    sgl_store *store, const sgl_audit_head *h, sgl_err *err);
/* sgl_store_next_audit_head finds the first one from `sequence` on, and
 * sgl_store_find_last_audit_head the last. */
SGL_MUST sgl_status sgl_store_next_audit_head(sgl_store *store,
    int64_t sequence, sgl_audit_head *out, bool *found, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_last_audit_head(
    sgl_store *store, sgl_audit_head *out, bool *found, sgl_err *err);
/* sgl_store_last_signed tells of when the last record is that is signed; 0:
 * none is. */
SGL_MUST sgl_status sgl_store_last_signed(
    sgl_store *store, sgl_time *out, sgl_err *err);

/* ------------------------------------------------------ administrators --- */

/* Whoever may do something, besides the home's owner. A user has several
 * offices or one; what they mean is not known here. */
typedef struct sgl_administrator {
	int64_t uid;
	char *office; /* of sgl_office_name */
	char *name;   /* that the user had when it was stored */
	sgl_time created;
} sgl_administrator;
void sgl_administrator_clear(sgl_administrator *a);
SGL_AUTO_CLEAR_TYPE(sgl_administrator, sgl_administrator_clear)

typedef struct sgl_administrators {
	sgl_administrator *items;
	size_t num;
} sgl_administrators;
void sgl_administrators_clear(sgl_administrators *list);
SGL_AUTO_CLEAR_TYPE(sgl_administrators, sgl_administrators_clear)

/* *added false: the user has this office already. */
SGL_MUST sgl_status sgl_store_add_administrator(
    sgl_store *store, const sgl_administrator *a, bool *added, sgl_err *err);
SGL_MUST sgl_status sgl_store_remove_administrator(sgl_store *store,
    int64_t uid, const char *office, bool *removed, sgl_err *err);
/* By user, then office. */
SGL_MUST sgl_status sgl_store_list_administrators(
    sgl_store *store, sgl_administrators *out, sgl_err *err);

#endif
