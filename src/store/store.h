/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of an organisation in one database file. No policy lives here:
 * what a record means is decided by the rooms above.
 *
 * Every failure of the database is SGL_E_IO with a text that says what is the
 * matter (disk full, locked, damaged, read-only, not a database), SGL_E_NOMEM,
 * or SGL_E_USAGE for a promise of ours that was broken.
 *
 * What is listed or found is copied; clear it with the function named beside
 * the type. All-zero is an empty record and an empty list. Times are seconds,
 * numbers of records are positive; 0 stands for none.
 */
#ifndef SGL_STORE_STORE_H
#define SGL_STORE_STORE_H

#include "base/buf.h"

typedef struct sgl_store sgl_store;

/* sgl_store_create makes a database (0600) in the file system at `path`, or
 * completes one that was begun. */
SGL_MUST sgl_status sgl_store_create(
    const char *path, sgl_store **out, sgl_err *err);
/* sgl_store_open opens one and brings it up to the present form (migrations),
 * unless `read_only`. SGL_E_UNSUPPORTED: made by a newer release. */
SGL_MUST sgl_status sgl_store_open(
    const char *path, bool read_only, sgl_store **out, sgl_err *err);
void sgl_store_free(sgl_store *store); /* rolls back what was not committed */
SGL_AUTO_TYPE(sgl_store, sgl_store_free)

/* Changes belong between begin and commit: all of them are kept, or none. */
SGL_MUST sgl_status sgl_store_begin(sgl_store *store, sgl_err *err);
SGL_MUST sgl_status sgl_store_commit(sgl_store *store, sgl_err *err);
void sgl_store_rollback(sgl_store *store);

/* sgl_store_version is the number of the newest migration we know. */
int sgl_store_version(void);

/* ------------------------------------------------------------ settings --- */

/* sgl_store_get_setting appends the value. */
SGL_MUST sgl_status sgl_store_get_setting(sgl_store *store, const char *name,
    sgl_buf *value, bool *found, sgl_err *err);
SGL_MUST sgl_status sgl_store_set_setting(
    sgl_store *store, const char *name, sgl_slice value, sgl_err *err);

/* -------------------------------------------------------------- people --- */

typedef struct sgl_person {
	int64_t id;
	char *address;	   /* as it was given */
	char *address_key; /* unique; the form that addresses are found by */
	char *name;	   /* "" if none */
	sgl_time created;
} sgl_person;
void sgl_person_clear(sgl_person *p);
SGL_AUTO_CLEAR_TYPE(sgl_person, sgl_person_clear)

typedef struct sgl_persons {
	sgl_person *items;
	size_t num;
} sgl_persons;
void sgl_persons_clear(sgl_persons *list);
SGL_AUTO_CLEAR_TYPE(sgl_persons, sgl_persons_clear)

/* sgl_store_add_person stores all but `id`, which it gives. */
SGL_MUST sgl_status sgl_store_add_person(
    sgl_store *store, const sgl_person *p, int64_t *id, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_person(sgl_store *store,
    sgl_slice address_key, sgl_person *out, bool *found, sgl_err *err);
/* In the order of address_key. */
SGL_MUST sgl_status sgl_store_list_persons(
    sgl_store *store, sgl_persons *out, sgl_err *err);

/* ---------------------------------------------------------------- keys --- */

typedef struct sgl_key_record {
	int64_t id;
	uint8_t spki_digest[32]; /* unique */
	sgl_buf sealed;
	char *kind;	/* of sgl_key_kind_name */
	int64_t person; /* 0: an authority's */
	sgl_time created;
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
SGL_MUST sgl_status sgl_store_find_key(sgl_store *store, int64_t id,
    sgl_key_record *out, bool *found, sgl_err *err);
/* Newest first. */
SGL_MUST sgl_status sgl_store_list_keys(
    sgl_store *store, int64_t person, sgl_key_records *out, sgl_err *err);

/* --------------------------------------------------------- authorities --- */

typedef enum sgl_authority_kind {
	SGL_AUTHORITY_ROOT,
	SGL_AUTHORITY_ISSUING
} sgl_authority_kind;

typedef struct sgl_authority {
	int64_t id;
	sgl_authority_kind kind;
	sgl_buf der; /* its certificate */
	int64_t key;
	int64_t issuer; /* an authority; 0: itself */
	sgl_time created;
} sgl_authority;
void sgl_authority_clear(sgl_authority *a);
SGL_AUTO_CLEAR_TYPE(sgl_authority, sgl_authority_clear)

typedef struct sgl_authorities {
	sgl_authority *items;
	size_t num;
} sgl_authorities;
void sgl_authorities_clear(sgl_authorities *list);
SGL_AUTO_CLEAR_TYPE(sgl_authorities, sgl_authorities_clear)

SGL_MUST sgl_status sgl_store_add_authority(
    sgl_store *store, const sgl_authority *a, int64_t *id, sgl_err *err);
/* Newest first. */
SGL_MUST sgl_status sgl_store_list_authorities(
    sgl_store *store, sgl_authorities *out, sgl_err *err);

/* -------------------------------------------------------- certificates --- */

typedef enum sgl_cert_purpose {
	SGL_CERT_SIGNING,
	SGL_CERT_ENCRYPTION
} sgl_cert_purpose;
const char *sgl_cert_purpose_name(sgl_cert_purpose purpose); /* "signing" */
SGL_MUST bool sgl_cert_purpose_find(sgl_slice name, sgl_cert_purpose *out);

typedef enum sgl_cert_status {
	SGL_CERT_CURRENT,
	SGL_CERT_SUPERSEDED /* renewed; its key still decrypts */
} sgl_cert_status;
const char *sgl_cert_status_name(sgl_cert_status status); /* "current" */

typedef struct sgl_cert_record {
	int64_t id, person;
	sgl_cert_purpose purpose;
	sgl_cert_status status;
	sgl_buf serial; /* INTEGER contents */
	sgl_time not_before, not_after;
	sgl_buf der;
	int64_t issuer; /* an authority */
	int64_t key;
	sgl_time created, superseded; /* superseded: 0 while it is not */
} sgl_cert_record;
void sgl_cert_record_clear(sgl_cert_record *c);
SGL_AUTO_CLEAR_TYPE(sgl_cert_record, sgl_cert_record_clear)

typedef struct sgl_cert_records {
	sgl_cert_record *items;
	size_t num;
} sgl_cert_records;
void sgl_cert_records_clear(sgl_cert_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_cert_records, sgl_cert_records_clear)

/* sgl_store_take_serial marks a serial number as used, for all authorities
 * together. *taken false: somebody had it before. */
SGL_MUST sgl_status sgl_store_take_serial(
    sgl_store *store, sgl_slice serial, bool *taken, sgl_err *err);
SGL_MUST sgl_status sgl_store_add_cert(
    sgl_store *store, const sgl_cert_record *c, int64_t *id, sgl_err *err);
/* sgl_store_list_certs: of one person, or of all (0); by person's address,
 * then newest first. */
SGL_MUST sgl_status sgl_store_list_certs(
    sgl_store *store, int64_t person, sgl_cert_records *out, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_cert_by_serial(sgl_store *store,
    sgl_slice serial, sgl_cert_record *out, bool *found, sgl_err *err);
/* sgl_store_supersede_certs marks the current certificates of a person for a
 * purpose, but not `except`. */
SGL_MUST sgl_status sgl_store_supersede_certs(sgl_store *store, int64_t person,
    sgl_cert_purpose purpose, int64_t except, sgl_time when, sgl_err *err);

#endif
