/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key recovery by m of n officers, as far as more than one of us knows it: the
 * keyholder, control, and the officer's own machine.
 *
 * Private keys are sealed to a recovery key (seal.h: sgl_seal_to), whose
 * private half exists nowhere: it was shared among the officers (shamir.h),
 * each share enveloped for one officer's certificate. A case is stated as a
 * text. Who approves it seals the share to the case's session key, which the
 * keyholder made, and signs the digest of the statement together with that.
 */
#ifndef SGL_VAULT_RECOVERY_H
#define SGL_VAULT_RECOVERY_H

#include "base/buf.h"
#include "crypto/pubkey.h"

#define SGL_RECOVERY_OFFICERS_MAX 32
#define SGL_RECOVERY_KEYS_MAX 1000
#define SGL_RECOVERY_LINE_MAX ((size_t)500)
#define SGL_RECOVERY_SPKI_MAX ((size_t)2200)
#define SGL_RECOVERY_SHARE_MAX ((size_t)2048) /* sealed to the session */
#define SGL_RECOVERY_ENVELOPE_MAX                                              \
	((size_t)16384) /* a share, for an officer                             \
			 */
#define SGL_RECOVERY_SIGNATURE_MAX ((size_t)2048)
/* How far the clocks of officers may go wrong. */
#define SGL_RECOVERY_SKEW ((sgl_time)300)

/* sgl_recovery_line_is_fit: text that a line of a statement can hold: UTF-8
 * without control characters, neither empty nor too long. */
bool sgl_recovery_line_is_fit(sgl_slice text);

/* ---------------------------------------------------------- a case --- */

/* All borrowed. */
typedef struct sgl_recovery_key {
	int64_t id;
	sgl_slice spki_digest; /* 32 bytes */
	sgl_slice made_for;    /* the address when it was escrowed */
} sgl_recovery_key;

typedef struct sgl_recovery_case {
	int64_t id;
	sgl_slice organisation; /* its domain */
	sgl_slice recovery_key; /* SHA-256 of its SubjectPublicKeyInfo */
	unsigned threshold;
	sgl_slice number, reason, address;
	sgl_time opened, expires;
	sgl_slice session; /* SubjectPublicKeyInfo */
	const sgl_recovery_key *keys;
	size_t num_keys;
	/* Not empty: SHA-256 of the SubjectPublicKeyInfo of another recovery
	 * key, to which all is sealed that is sealed to this one. Nothing is
	 * handed out, and there is neither address nor keys. */
	sgl_slice move_to;
} sgl_recovery_case;

/* sgl_recovery_statement appends the text that officers approve; a case has
 * one text only. SGL_E_USAGE: something does not fit a line. */
SGL_MUST sgl_status sgl_recovery_statement(
    sgl_engine *engine, const sgl_recovery_case *c, sgl_buf *out, sgl_err *err);

/* ------------------------------------------------------ an approval --- */

/* All borrowed. */
typedef struct sgl_recovery_approval {
	int64_t officer;
	sgl_time at;
	sgl_slice share; /* sealed to the session */
	sgl_slice signature;
} sgl_recovery_approval;

/* What a share is sealed with, beside the session's key. */
#define SGL_RECOVERY_CONTEXT 40
typedef struct sgl_recovery_context {
	uint8_t bytes[SGL_RECOVERY_CONTEXT];
} sgl_recovery_context;
sgl_recovery_context
sgl_recovery_context_of(const sgl_digest *statement, int64_t officer);

/* sgl_recovery_approval_text appends what is signed. */
SGL_MUST sgl_status sgl_recovery_approval_text(const sgl_digest *statement,
    const sgl_recovery_approval *a, sgl_buf *out, sgl_err *err);
/* sgl_recovery_approval_add appends the file: that text and the signature. */
SGL_MUST sgl_status sgl_recovery_approval_add(const sgl_digest *statement,
    const sgl_recovery_approval *a, sgl_buf *out, sgl_err *err);
/* sgl_recovery_approval_read reads such a file, which a stranger may have
 * written; *store holds what *out points to. SGL_E_ENCODING: it is none;
 * SGL_E_MISMATCH: it approves another statement. */
SGL_MUST sgl_status sgl_recovery_approval_read(sgl_slice file,
    const sgl_digest *statement, sgl_buf *store, sgl_recovery_approval *out,
    sgl_err *err);
/* How an officer's kind of key signs. */
SGL_MUST sgl_status sgl_recovery_signature(
    sgl_key_kind kind, sgl_sig_alg *out, sgl_err *err);
/* sgl_recovery_approval_check: SGL_E_MISMATCH unless the owner of `spki` signed
 * it. */
SGL_MUST sgl_status sgl_recovery_approval_check(sgl_engine *engine,
    sgl_slice spki, const sgl_digest *statement, const sgl_recovery_approval *a,
    sgl_err *err);

/* -------------------------------------------------------- a request --- */

/* All borrowed. */
typedef struct sgl_recovery_share {
	int64_t officer;
	sgl_slice name;
	sgl_slice spki;	    /* what the officer signs with */
	sgl_slice envelope; /* CMS, for the officer's key to decrypt */
} sgl_recovery_share;

typedef struct sgl_recovery_request {
	sgl_slice statement, session;
	sgl_slice signature; /* over the statement, by the keyholder */
	sgl_recovery_share shares[SGL_RECOVERY_OFFICERS_MAX];
	size_t num_shares;
} sgl_recovery_request;

/* sgl_recovery_request_add appends the file that officers get: the statement as
 * it is, and the rest in a block of base64. */
SGL_MUST sgl_status sgl_recovery_request_add(
    const sgl_recovery_request *r, sgl_buf *out, sgl_err *err);
/* sgl_recovery_request_read: *out points into `file` and *store.
 * SGL_E_ENCODING. */
SGL_MUST sgl_status sgl_recovery_request_read(
    sgl_slice file, sgl_buf *store, sgl_recovery_request *out, sgl_err *err);
/*
 * What an officer's envelope holds: the share, which only the keyholder can
 * read, and the public half of the key by which the keyholder signs requests.
 * So who made up a request would have to make up the envelope, too, and get
 * nothing for it.
 */
typedef struct sgl_recovery_enveloped {
	sgl_slice share;
	sgl_slice spki;
} sgl_recovery_enveloped;
SGL_MUST sgl_status sgl_recovery_enveloped_add(
    const sgl_recovery_enveloped *e, sgl_buf *out, sgl_err *err);
/* SGL_E_ENCODING. */
SGL_MUST sgl_status sgl_recovery_enveloped_read(
    sgl_slice bytes, sgl_recovery_enveloped *out, sgl_err *err);
/* sgl_recovery_request_check: SGL_E_MISMATCH unless the owner of `spki` signed
 * the statement. */
SGL_MUST sgl_status sgl_recovery_request_check(sgl_engine *engine,
    const sgl_recovery_request *r, sgl_slice spki, sgl_err *err);
/* sgl_recovery_names_session: the session of the request is the one that its
 * statement names. */
SGL_MUST sgl_status sgl_recovery_names_session(sgl_engine *engine,
    const sgl_recovery_request *r, bool *named, sgl_err *err);
/* sgl_recovery_show appends a statement as it may be shown on a terminal. */
SGL_MUST sgl_status sgl_recovery_show(
    sgl_slice statement, sgl_buf *out, sgl_err *err);

#endif
