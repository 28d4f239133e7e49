/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status of certificates, asked and answered one by one: OCSP (RFC 6960),
 * its nonce (RFC 9654), and what its profile for many clients (RFC 5019) wants:
 * answers that are signed before anybody asks.
 */
#ifndef SGL_PKI_OCSP_H
#define SGL_PKI_OCSP_H

#include "pki/build.h"
#include "pki/path.h"

/* --- whom it is about --- */

/* A CertID (RFC 6960 4.1.1) as it came; slices borrow. */
typedef struct sgl_ocsp_id {
	sgl_slice whole; /* as a response repeats it */
	sgl_digest_alg digest;
	sgl_slice name_hash, key_hash;
	sgl_slice serial; /* INTEGER contents */
} sgl_ocsp_id;

/* An issuer's hashes, made once, by SHA-1 and by SHA-256: nobody asks by
 * others. */
typedef struct sgl_ocsp_issuer {
	uint8_t name_sha1[20], key_sha1[20];
	uint8_t name_sha256[32], key_sha256[32];
} sgl_ocsp_issuer;
SGL_MUST sgl_status sgl_ocsp_issuer_init(sgl_engine *engine,
    const sgl_cert *issuer, sgl_ocsp_issuer *out, sgl_err *err);
/* sgl_ocsp_issuer_is: `id` is about a certificate of this issuer. */
bool sgl_ocsp_issuer_is(const sgl_ocsp_issuer *issuer, const sgl_ocsp_id *id);
/* sgl_ocsp_id_build appends a CertID by SHA-1 or SHA-256. */
SGL_MUST sgl_status sgl_ocsp_id_build(const sgl_ocsp_issuer *issuer,
    sgl_digest_alg digest, sgl_slice serial, sgl_buf *out, sgl_err *err);

/* --- requests --- */

#define SGL_OCSP_IDS 16		/* certificates in one request */
#define SGL_OCSP_NONCE_MAX 128u /* RFC 9654 2.1 */

/* Slices borrow from what was read. */
typedef struct sgl_ocsp_request {
	sgl_ocsp_id ids[SGL_OCSP_IDS];
	size_t num_ids;	 /* at least 1 */
	sgl_slice nonce; /* empty: none */
	bool is_signed;	 /* by whom is not looked at */
} sgl_ocsp_request;

/*
 * sgl_ocsp_request_read reads a stranger's DER and allocates nothing. Every
 * failure deserves SGL_OCSP_MALFORMED as answer: SGL_E_ENCODING with the
 * offset, SGL_E_LIMIT (more than SGL_OCSP_IDS), SGL_E_UNSUPPORTED (a critical
 * extension).
 */
SGL_MUST sgl_status sgl_ocsp_request_read(
    sgl_slice der, sgl_ocsp_request *out, sgl_err *err);
/* sgl_ocsp_request_build appends a request about whole CertIDs; `nonce` may be
 * empty. */
SGL_MUST sgl_status sgl_ocsp_request_build(const sgl_slice *ids, size_t num,
    sgl_slice nonce, sgl_buf *out, sgl_err *err);

/* --- responses --- */

typedef enum sgl_ocsp_error {
	SGL_OCSP_SUCCESSFUL = 0,
	SGL_OCSP_MALFORMED = 1,
	SGL_OCSP_INTERNAL = 2,
	SGL_OCSP_TRY_LATER = 3,
	SGL_OCSP_SIG_REQUIRED = 5,
	SGL_OCSP_UNAUTHORIZED = 6 /* RFC 5019 2.2.3: not one of ours */
} sgl_ocsp_error;
/* sgl_ocsp_error_response borrows the constant response that says so. */
sgl_slice sgl_ocsp_error_response(sgl_ocsp_error error);

typedef enum sgl_ocsp_status {
	SGL_OCSP_GOOD,
	SGL_OCSP_REVOKED,
	SGL_OCSP_UNKNOWN
} sgl_ocsp_status;

typedef struct sgl_ocsp_answer {
	sgl_slice id; /* whole CertID */
	sgl_ocsp_status status;
	sgl_time revoked_at;
	int reason; /* RFC 5280 5.3.1; -1: none given */
	sgl_time this_update, next_update;
} sgl_ocsp_answer;

typedef struct sgl_ocsp_template {
	const sgl_cert *responder; /* whose key signs; named by key */
	/* The responder is not the CA itself: its certificate goes along. */
	bool is_delegated;
	sgl_time produced_at;
	const sgl_ocsp_answer *answers;
	size_t num_answers;
	sgl_slice nonce; /* of the request; empty: to be kept and given to all
			  */
} sgl_ocsp_template;

/*
 * sgl_ocsp_build appends a whole OCSPResponse. SGL_E_USAGE: what RFC 6960 and
 * 5019 forbid; SGL_E_MISMATCH: the key is not the responder's, or what a remote
 * key answered is no signature by it.
 */
SGL_MUST sgl_status sgl_ocsp_build(sgl_engine *engine,
    const sgl_ocsp_template *t, sgl_key *key, sgl_digest_alg digest,
    sgl_buf *out, sgl_err *err);

/*
 * The same in two steps, for who asks a key for many at once:
 * sgl_ocsp_draft_make, then sgl_ocsp_draft_end with what the key has answered
 * to sgl_ocsp_draft_request, which borrows from the draft.
 */
typedef struct sgl_ocsp_draft {
	sgl_buf data, certs;
	sgl_sig_alg alg;
} sgl_ocsp_draft;
void sgl_ocsp_draft_clear(sgl_ocsp_draft *d);
SGL_AUTO_CLEAR_TYPE(sgl_ocsp_draft, sgl_ocsp_draft_clear)
SGL_MUST sgl_status sgl_ocsp_draft_make(sgl_engine *engine,
    const sgl_ocsp_template *t, sgl_key *key, sgl_digest_alg digest,
    sgl_ocsp_draft *out, sgl_err *err);
sgl_key_request sgl_ocsp_draft_request(const sgl_ocsp_draft *d);
SGL_MUST sgl_status sgl_ocsp_draft_end(sgl_engine *engine,
    const sgl_ocsp_draft *d, sgl_key *key, sgl_slice signature, sgl_buf *out,
    sgl_err *err);

#define SGL_OCSP_CERTS 8 /* certificates read in a response */

/* A response as it was read; shared and immutable, counted. Every slice borrows
 * from `der`. */
typedef struct sgl_ocsp {
	unsigned refs;
	sgl_slice der;
	unsigned error; /* sgl_ocsp_error, or a number that nobody knows; the
			   rest is empty where it is not 0 */
	sgl_slice tbs, algorithm, signature;
	sgl_slice responder_name; /* DER Name, or empty */
	sgl_slice responder_key;  /* SHA-1 of the key, or empty */
	sgl_time produced_at;
	sgl_slice responses; /* contents: SingleResponses */
	size_t num_responses;
	sgl_slice nonce;
	/* A critical extension that is not understood (RFC 6960 4.4): the
	 * response proves nothing. */
	bool is_unusable;
	sgl_certs certs; /* those that can be read */
	uint8_t fingerprint[32];
} sgl_ocsp;
SGL_MUST sgl_status sgl_ocsp_read(
    sgl_engine *engine, sgl_slice der, sgl_ocsp **out, sgl_err *err);
sgl_ocsp *sgl_ocsp_ref(sgl_ocsp *ocsp);
void sgl_ocsp_unref(sgl_ocsp *ocsp);
SGL_AUTO_TYPE(sgl_ocsp, sgl_ocsp_unref)

typedef struct sgl_ocsp_single {
	sgl_ocsp_id id;
	sgl_ocsp_status status;
	sgl_time revoked_at;
	int reason; /* -1: none given */
	sgl_time this_update, next_update;
	bool has_next_update;
	bool is_unusable;
} sgl_ocsp_single;
/* sgl_ocsp_single_read steps over the next of ocsp->responses. */
SGL_MUST bool sgl_ocsp_single_read(sgl_der *in, sgl_ocsp_single *out);

/* --- what a response proves --- */

typedef enum sgl_ocsp_fault {
	SGL_OCSP_FAULT_NONE,
	SGL_OCSP_FAULT_ERROR,	  /* an error instead of an answer */
	SGL_OCSP_FAULT_NO_ANSWER, /* about other certificates */
	SGL_OCSP_FAULT_UNUSABLE,  /* a critical extension */
	SGL_OCSP_FAULT_NONCE,	  /* not the one that was sent */
	SGL_OCSP_FAULT_RESPONDER, /* signed by nobody who may */
	SGL_OCSP_FAULT_SIGNATURE,
	SGL_OCSP_FAULT_WEAK /* signed with SHA-1, MD5, a short key */
} sgl_ocsp_fault;
const char *sgl_ocsp_fault_name(sgl_ocsp_fault fault); /* "no-answer" */

typedef struct sgl_ocsp_policy {
	sgl_time time;	 /* as in sgl_path_policy */
	sgl_time leeway; /* seconds by which clocks may differ */
	/* For how many seconds an answer without nextUpdate is fresh. */
	sgl_time max_age;
	sgl_slice nonce;    /* that was sent; empty: none */
	bool require_nonce; /* one that is missing is a fault, too; RFC 5019
			       responders leave it out */
	bool allow_weak;    /* SHA-1 and short RSA; never MD5 */
} sgl_ocsp_policy;

typedef struct sgl_ocsp_finding {
	sgl_ocsp_fault fault;
	/* UNKNOWN where there is a fault, or the responder does not know; STALE
	 * where the answer is too old. Like a CRL, an old answer can still say
	 * "revoked", and a later one says when (see sgl_path_policy). */
	sgl_revocation revocation;
	sgl_time revoked_at;
	int reason; /* -1: none given */
	sgl_time this_update, next_update;
	bool has_next_update;
	sgl_cert *signer; /* borrowed: `issuer`, or one in the response */
	/* The signer is delegated and its certificate does not say nocheck
	 * (RFC 6960 4.2.2.2.1): ask for its own status before believing. */
	bool ask_for_signer;
} sgl_ocsp_finding;

/*
 * sgl_ocsp_check tells what `ocsp` proves about `cert`, issued by `issuer`: the
 * signer is `issuer` itself or holds a certificate for OCSP signing that the
 * same key issued (RFC 6960 4.2.2.2). Pure; status is about memory and bugs.
 */
SGL_MUST sgl_status sgl_ocsp_check(sgl_engine *engine, const sgl_ocsp *ocsp,
    const sgl_cert *cert, sgl_cert *issuer, const sgl_ocsp_policy *policy,
    sgl_ocsp_finding *out, sgl_err *err);

#endif
