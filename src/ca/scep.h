/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority's side of SCEP (RFC 8894) on bytes alone: a message of a
 * stranger is opened and checked, what it wishes is told, and what became of
 * that is made into the answer. Who may have a certificate is not decided here.
 *
 * The door is the registration certificate that strangers encrypt to and that
 * signs our answers. Its key may answer later (sgl_key_new_remote): then the
 * transaction waits with a question.
 */
#ifndef SGL_CA_SCEP_H
#define SGL_CA_SCEP_H

#include "cms/writer.h"
#include "pki/csr.h"

/* No honest message is longer. */
#define SGL_SCEP_MESSAGE_MAX ((size_t)64 << 10)

/* What GetCACaps says (RFC 8894 3.5.2). */
#define SGL_SCEP_CAPABILITIES                                                  \
	"AES\nPOSTPKIOperation\nRenewal\nSHA-256\nSHA-384\nSHA-"               \
	"512\nSCEPStandard\n"

typedef enum sgl_scep_kind {
	SGL_SCEP_RENEW = 17,
	SGL_SCEP_ENROL = 19,
	SGL_SCEP_POLL = 20,
	SGL_SCEP_GET_CERT = 21,
	SGL_SCEP_GET_CRL = 22
} sgl_scep_kind;

/* RFC 8894 3.2.1.4.5 */
typedef enum sgl_scep_fail {
	SGL_SCEP_BAD_ALG = 0,
	SGL_SCEP_BAD_MESSAGE_CHECK = 1,
	SGL_SCEP_BAD_REQUEST = 2,
	SGL_SCEP_BAD_TIME = 3,
	SGL_SCEP_BAD_CERT_ID = 4
} sgl_scep_fail;

typedef struct sgl_scep_door {
	sgl_cert *cert; /* borrowed, as all here */
	sgl_key *key;
} sgl_scep_door;

/* What is wished for. Slices are the transaction's. */
typedef struct sgl_scep_wish {
	sgl_scep_kind kind;
	bool is_refused; /* by us, for `fail`; nobody needs to be asked */
	sgl_scep_fail fail;
	sgl_slice spki;		  /* ENROL, RENEW: the key, which they have */
	sgl_slice challenge;	  /* ENROL; secret */
	sgl_slice client;	  /* the certificate that signed, DER */
	sgl_slice issuer, serial; /* GET_CERT, GET_CRL: DER Name, INTEGER */
} sgl_scep_wish;

typedef struct sgl_scep sgl_scep;
void sgl_scep_free(sgl_scep *s);
SGL_AUTO_TYPE(sgl_scep, sgl_scep_free)

/*
 * sgl_scep_begin reads a message. SGL_OK: sgl_scep_wish_of tells what it
 * wishes, also that it is refused. SGL_NEED_KEY: the door's key is asked.
 * Otherwise it is nothing that could be answered in its own form:
 * SGL_E_ENCODING, SGL_E_LIMIT, SGL_E_UNSUPPORTED. What is wrong inside of the
 * encryption, of whatever kind, looks the same from outside. `door` is
 * borrowed.
 */
SGL_MUST sgl_status sgl_scep_begin(sgl_engine *engine,
    const sgl_scep_door *door, sgl_slice message, sgl_scep **out, sgl_err *err);
const sgl_scep_wish *sgl_scep_wish_of(const sgl_scep *s);

/* What became of it: certificates or a CRL, or neither: `fail` says why. */
typedef struct sgl_scep_outcome {
	const sgl_certs *certs; /* NULL or empty: none */
	const sgl_crls *crls;
	sgl_scep_fail fail;
} sgl_scep_outcome;
/* sgl_scep_reply makes the answer, SGL_OK, or asks the door's key,
 * SGL_NEED_KEY. It is called once. */
SGL_MUST sgl_status sgl_scep_reply(
    sgl_scep *s, const sgl_scep_outcome *outcome, sgl_err *err);
/* The finished answer. */
sgl_slice sgl_scep_answer_of(const sgl_scep *s);

/* The question to the door's key that is open, or NULL; and its answer, after
 * which things go on as they would have: statuses are those of the call that
 * had to ask. */
const sgl_key_request *sgl_scep_question(const sgl_scep *s);
SGL_MUST sgl_status sgl_scep_go_on(
    sgl_scep *s, sgl_status status, const sgl_key_answer *answer, sgl_err *err);

/* sgl_certs_only appends a SignedData of certificates and CRLs without signers
 * (RFC 5652 5.2, RFC 8894 3.4, RFC 7030 4.1.3). Either may be NULL. */
SGL_MUST sgl_status sgl_certs_only(sgl_engine *engine, const sgl_certs *certs,
    const sgl_crls *crls, sgl_buf *out, sgl_err *err);

#endif
