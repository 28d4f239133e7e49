/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answering what others ask about our certificates, one by one (RFC 6960), and
 * as RFC 5019 has it: an answer to a request about one certificate, without
 * nonce, is the same for everybody; it is signed once, kept in the store, and
 * made anew after half the day that it holds for; where nobody can sign then,
 * because the keys are locked, it goes on to its end. Others are signed each
 * time.
 *
 * A serial number that was never given out is told apart: in an answer that is
 * made for one request it is `unknown`; else the whole answer is
 * `unauthorized`, which needs no signature.
 */
#ifndef SGL_CA_OCSP_H
#define SGL_CA_OCSP_H

#include "ca/responder.h"

/* A request, as facts: by which digest, whose certificates. */
#define SGL_CA_OCSP_SERIAL 20
typedef struct sgl_ca_ocsp_id {
	int64_t authority;
	sgl_digest_alg digest; /* SHA-1 or SHA-256 */
	uint8_t serial[SGL_CA_OCSP_SERIAL];
	size_t serial_len;
} sgl_ca_ocsp_id;

typedef struct sgl_ca_ocsp_question {
	sgl_ca_ocsp_id ids[SGL_OCSP_IDS];
	size_t num_ids;
	uint8_t nonce[SGL_OCSP_NONCE_MAX];
	size_t nonce_len;
} sgl_ca_ocsp_question;

typedef struct sgl_ca_ocsp_answer {
	sgl_buf der;	/* the whole response; empty where there is an error */
	bool is_fresh;	/* for everybody, and not in the store yet */
	bool is_shared; /* for everybody */
	sgl_ocsp_error error;
	sgl_ca_ocsp_id
	    id; /* where it is_shared: about whom, and what it says */
	sgl_revocation_mark mark;
	sgl_time this_update, next_update;
} sgl_ca_ocsp_answer;
void sgl_ca_ocsp_answer_clear(sgl_ca_ocsp_answer *a);
SGL_AUTO_CLEAR_TYPE(sgl_ca_ocsp_answer, sgl_ca_ocsp_answer_clear)

/* The responders of a home, opened at first use; `home` is borrowed. */
typedef struct sgl_ca_ocsp sgl_ca_ocsp;
SGL_MUST sgl_status sgl_ca_ocsp_new(
    sgl_home *home, sgl_ca_ocsp **out, sgl_err *err);
void sgl_ca_ocsp_free(sgl_ca_ocsp *o);
SGL_AUTO_TYPE(sgl_ca_ocsp, sgl_ca_ocsp_free)
/* sgl_ca_ocsp_forget closes them, and forgets what the store said: keys or
 * responders are others now, or something was revoked or released. */
void sgl_ca_ocsp_forget(sgl_ca_ocsp *o);

/* A question, and what becomes of it. */
typedef struct sgl_ca_ocsp_asked {
	sgl_ca_ocsp_question question;
	sgl_status status;
	sgl_ca_ocsp_answer answer; /* to be cleared; where status is SGL_OK */
	sgl_err err;		   /* else */
} sgl_ca_ocsp_asked;
/* sgl_ca_ocsp_ask answers several, each for itself, but what they need of the
 * same key is asked together. Where no responder can be had and no answer is
 * kept, that is SGL_OCSP_TRY_LATER; nothing is written. */
void sgl_ca_ocsp_ask(sgl_ca_ocsp *o, sgl_ca_ocsp_asked *all, size_t num);
/* sgl_ca_ocsp_keep stores one that is fresh, in an open transaction of the
 * home; unless it has become untrue. */
SGL_MUST sgl_status sgl_ca_ocsp_keep(
    sgl_home *home, const sgl_ca_ocsp_answer *a, sgl_err *err);

#endif
