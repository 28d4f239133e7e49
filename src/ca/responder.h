/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signs OCSP answers: for each issuing authority a key of its own, whose
 * certificate lives a month (RFC 6960 4.2.2.2), so that nobody has to ask
 * whether that one is revoked.
 */
#ifndef SGL_CA_RESPONDER_H
#define SGL_CA_RESPONDER_H

#include "ca/making.h"
#include "pki/ocsp.h"

typedef struct sgl_responder {
	int64_t authority;
	sgl_ocsp_issuer issuer; /* what requests call the authority */
	sgl_cert *cert;
	sgl_key *key;
} sgl_responder;
void sgl_responder_clear(sgl_responder *r);
SGL_AUTO_CLEAR_TYPE(sgl_responder, sgl_responder_clear)

/* sgl_responder_open opens the newest one. *found false: there is none, or it
 * has ended. */
SGL_MUST sgl_status sgl_responder_open(sgl_home *home, const sgl_authority *a,
    sgl_responder *out, bool *found, sgl_err *err);

/* sgl_responder_store records who answers for an authority, by which protocol.
 */
SGL_MUST sgl_status sgl_responder_store(sgl_home *home, int64_t authority,
    sgl_responder_protocol protocol, const sgl_ca_made *m, sgl_err *err);
/* sgl_responder_has_due: one is missing, or has lived for half its time. */
SGL_MUST sgl_status sgl_responder_has_due(
    sgl_home *home, bool *due, sgl_err *err);
/* sgl_responder_renew makes those that are due, in an open transaction of the
 * home, and tells how many. An authority whose key cannot be had now is passed
 * over. */
SGL_MUST sgl_status sgl_responder_renew(
    sgl_home *home, unsigned *made, sgl_err *err);

#endif
