/* SPDX-License-Identifier: Apache-2.0 */
/* The records of key recovery: officers, recovery keys, what is escrowed, and
 * requests. Clear and all-zero as in store.h. */
#ifndef SGL_STORE_RECOVERY_H
#define SGL_STORE_RECOVERY_H

#include "store/store.h"

/* ------------------------------------------------------------ officers --- */

typedef struct sgl_officer_record {
	int64_t id;
	char *name;		     /* unique among those in office */
	sgl_buf signing, encryption; /* certificates; may be the same */
	sgl_time created, removed;   /* removed: 0 while in office */
} sgl_officer_record;
void sgl_officer_record_clear(sgl_officer_record *o);
SGL_AUTO_CLEAR_TYPE(sgl_officer_record, sgl_officer_record_clear)

typedef struct sgl_officer_records {
	sgl_officer_record *items;
	size_t num;
} sgl_officer_records;
void sgl_officer_records_clear(sgl_officer_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_officer_records, sgl_officer_records_clear)

SGL_MUST sgl_status sgl_store_add_officer(
    sgl_store *store, const sgl_officer_record *o, int64_t *id, sgl_err *err);
/* In office, in the order in which they came. */
SGL_MUST sgl_status sgl_store_list_officers(
    sgl_store *store, sgl_officer_records *out, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_officer(sgl_store *store, const char *name,
    sgl_officer_record *out, bool *found, sgl_err *err);
SGL_MUST sgl_status sgl_store_remove_officer(
    sgl_store *store, int64_t id, sgl_time when, sgl_err *err);

/* ------------------------------------------------------- recovery keys --- */

typedef struct sgl_recovery_key_record {
	int64_t id;
	int64_t threshold;
	sgl_buf spki;
	sgl_buf policy; /* sealed by the keyholder */
	sgl_time created;
} sgl_recovery_key_record;
void sgl_recovery_key_record_clear(sgl_recovery_key_record *k);
SGL_AUTO_CLEAR_TYPE(sgl_recovery_key_record, sgl_recovery_key_record_clear)

/* sgl_store_add_recovery_key stores threshold and time, and gives a number that
 * is never given twice; sgl_store_set_recovery_key the rest, which is sealed
 * under it. */
SGL_MUST sgl_status sgl_store_add_recovery_key(sgl_store *store,
    const sgl_recovery_key_record *k, int64_t *id, sgl_err *err);
SGL_MUST sgl_status sgl_store_set_recovery_key(
    sgl_store *store, const sgl_recovery_key_record *k, sgl_err *err);
/* id 0: the newest. */
SGL_MUST sgl_status sgl_store_find_recovery_key(sgl_store *store, int64_t id,
    sgl_recovery_key_record *out, bool *found, sgl_err *err);

/* A share of a recovery key, enveloped for an officer. */
typedef struct sgl_share_record {
	int64_t officer;
	char *name;
	sgl_buf signing;  /* the officer's certificate */
	sgl_time removed; /* of the officer */
	sgl_buf envelope;
} sgl_share_record;
void sgl_share_record_clear(sgl_share_record *s);

typedef struct sgl_share_records {
	sgl_share_record *items;
	size_t num;
} sgl_share_records;
void sgl_share_records_clear(sgl_share_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_share_records, sgl_share_records_clear)

SGL_MUST sgl_status sgl_store_add_share(sgl_store *store, int64_t recovery_key,
    int64_t officer, sgl_slice envelope, sgl_err *err);
/* In the order of the officers' numbers. */
SGL_MUST sgl_status sgl_store_list_shares(sgl_store *store,
    int64_t recovery_key, sgl_share_records *out, sgl_err *err);

/* -------------------------------------------------------------- escrow --- */

typedef struct sgl_escrow_record {
	int64_t key, recovery_key;
	uint8_t spki_digest[32]; /* of the key */
	char *made_for;		 /* an address */
	sgl_buf sealed;
	sgl_time created;
} sgl_escrow_record;
void sgl_escrow_record_clear(sgl_escrow_record *e);
SGL_AUTO_CLEAR_TYPE(sgl_escrow_record, sgl_escrow_record_clear)

typedef struct sgl_escrow_records {
	sgl_escrow_record *items;
	size_t num;
} sgl_escrow_records;
void sgl_escrow_records_clear(sgl_escrow_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_escrow_records, sgl_escrow_records_clear)

/* sgl_store_set_escrow puts it in the place of the one before; the digest is
 * the key's own. */
SGL_MUST sgl_status sgl_store_set_escrow(
    sgl_store *store, const sgl_escrow_record *e, sgl_err *err);
/* Of a person, newest first. */
SGL_MUST sgl_status sgl_store_list_escrows(
    sgl_store *store, int64_t person, sgl_escrow_records *out, sgl_err *err);
/* Sealed to a recovery key, the first `SGL_ESCROW_PAGE` of them in the order of
 * their numbers. */
#define SGL_ESCROW_PAGE 200
SGL_MUST sgl_status sgl_store_list_escrows_to(sgl_store *store,
    int64_t recovery_key, sgl_escrow_records *out, sgl_err *err);
/* sgl_store_drop_escrows forgets those of a person. */
SGL_MUST sgl_status sgl_store_drop_escrows(
    sgl_store *store, int64_t person, sgl_err *err);
/* How many are sealed to a recovery key. */
SGL_MUST sgl_status sgl_store_count_escrows(
    sgl_store *store, int64_t recovery_key, int64_t *out, sgl_err *err);
/* sgl_store_each_unescrowed visits the keys to encrypt (and, but for
 * `with_dual`, not to sign) that people but those of custody `sealed` have
 * here, and that are not sealed to the recovery key; `address` is the person's.
 * In the order of their numbers. */
typedef sgl_status (*sgl_unescrowed_visit)(
    void *ctx, const sgl_key_record *k, const char *address, sgl_err *err);
SGL_MUST sgl_status sgl_store_each_unescrowed(sgl_store *store,
    int64_t recovery_key, bool with_dual, sgl_unescrowed_visit visit, void *ctx,
    sgl_err *err);

/* ------------------------------------------------------------ requests --- */

typedef enum sgl_request_state {
	SGL_REQUEST_OPEN,
	SGL_REQUEST_COLLECTED,
	SGL_REQUEST_CANCELLED
} sgl_request_state;
const char *sgl_request_state_name(sgl_request_state state); /* "open" */

typedef struct sgl_request_record {
	int64_t id, recovery_key, person;
	char *address, *number, *reason, *opened_by;
	sgl_request_state state;
	sgl_time opened, expires, ended; /* ended: 0 while it is open */
	sgl_time tell;			 /* the person, from then on */
	/* Not 0: every key is sealed to this recovery key instead of the other,
	 * and there is no person. */
	int64_t move_to;
	sgl_buf session;	/* SubjectPublicKeyInfo */
	sgl_buf session_sealed; /* empty once it has ended */
} sgl_request_record;
void sgl_request_record_clear(sgl_request_record *r);
SGL_AUTO_CLEAR_TYPE(sgl_request_record, sgl_request_record_clear)

typedef struct sgl_request_records {
	sgl_request_record *items;
	size_t num;
} sgl_request_records;
void sgl_request_records_clear(sgl_request_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_request_records, sgl_request_records_clear)

/* sgl_store_add_request stores all but the session, which is sealed under the
 * number that it gives and set then. */
SGL_MUST sgl_status sgl_store_add_request(
    sgl_store *store, const sgl_request_record *r, int64_t *id, sgl_err *err);
SGL_MUST sgl_status sgl_store_set_session(
    sgl_store *store, const sgl_request_record *r, sgl_err *err);
SGL_MUST sgl_status sgl_store_find_request(sgl_store *store, int64_t id,
    sgl_request_record *out, bool *found, sgl_err *err);
/* Newest first. */
SGL_MUST sgl_status sgl_store_list_requests(
    sgl_store *store, sgl_request_records *out, sgl_err *err);
SGL_MUST sgl_status sgl_store_list_requests_of(
    sgl_store *store, int64_t person, sgl_request_records *out, sgl_err *err);
/* sgl_store_end_request also wipes the session and what was approved by. */
SGL_MUST sgl_status sgl_store_end_request(sgl_store *store, int64_t id,
    sgl_request_state state, sgl_time when, sgl_err *err);
/* sgl_store_wipe_expired forgets session and shares of requests that nobody can
 * submit to or collect any more; the rest of them stays. */
SGL_MUST sgl_status sgl_store_wipe_expired(
    sgl_store *store, sgl_time now, sgl_err *err);

/* The keys that a request is about, with what is escrowed of them. */
SGL_MUST sgl_status sgl_store_add_request_key(
    sgl_store *store, int64_t request, int64_t key, sgl_err *err);
SGL_MUST sgl_status sgl_store_list_request_keys(
    sgl_store *store, int64_t request, sgl_escrow_records *out, sgl_err *err);

typedef struct sgl_approval_record {
	int64_t request, officer;
	char *name;	  /* the officer's */
	sgl_time removed; /* of the officer */
	sgl_time at;	  /* by the officer's own clock */
	sgl_buf share, signature;
	sgl_time received;
} sgl_approval_record;
void sgl_approval_record_clear(sgl_approval_record *a);

typedef struct sgl_approval_records {
	sgl_approval_record *items;
	size_t num;
} sgl_approval_records;
void sgl_approval_records_clear(sgl_approval_records *list);
SGL_AUTO_CLEAR_TYPE(sgl_approval_records, sgl_approval_records_clear)

SGL_MUST sgl_status sgl_store_add_approval(
    sgl_store *store, const sgl_approval_record *a, sgl_err *err);
/* In the order of the officers' numbers. */
SGL_MUST sgl_status sgl_store_list_approvals(
    sgl_store *store, int64_t request, sgl_approval_records *out, sgl_err *err);

#endif
