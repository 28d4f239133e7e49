/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificate is used for what.
 *
 * To sign, and to encrypt to somebody: among the person's current certificates
 * for the purpose that are valid now and do not wait for their hand-out to be
 * confirmed, the preferred one, else the one with the latest notBefore; of two
 * alike, the one made last. Who is suspended does not sign, but is still
 * written to; who has left does neither. To decrypt: every key the person ever
 * had, and that is here (recipients.h).
 */
#ifndef SGL_ORG_CHOOSE_H
#define SGL_ORG_CHOOSE_H

#include "org/home.h"

/* Why there is none. */
typedef enum sgl_no_cert {
	SGL_NO_CERT_NEVER, /* there never was one */
	SGL_NO_CERT_ENDED, /* the newest has expired */
	SGL_NO_CERT_REVOKED,
	SGL_NO_CERT_SUSPENDED, /* the person is */
	SGL_NO_CERT_LEFT
} sgl_no_cert;

typedef struct sgl_chosen {
	sgl_cert *cert;		 /* a reference, or NULL: there is none */
	int64_t id, key, issuer; /* numbers as in the certificate's record */
	/* Where there is none: why, and when the newest one ended; 0: never was
	 * one. */
	sgl_no_cert why;
	sgl_time ended;
} sgl_chosen;
void sgl_chosen_clear(sgl_chosen *c);
SGL_AUTO_CLEAR_TYPE(sgl_chosen, sgl_chosen_clear)

SGL_MUST sgl_status sgl_choose_cert(sgl_home *home, int64_t person,
    sgl_cert_purpose purpose, sgl_chosen *out, sgl_err *err);
/* sgl_choose_fail tells why there is no certificate: SGL_E_NOKEY. */
sgl_status
sgl_choose_fail(const sgl_chosen *chosen, const char *address, sgl_err *err);
/* sgl_choose_key opens the private key of what was chosen. */
SGL_MUST sgl_status sgl_choose_key(
    sgl_home *home, const sgl_chosen *chosen, sgl_key **out, sgl_err *err);
/* sgl_choose_lend does it for no more than the terms say (sgl_keeper_lend);
 * *out stays NULL where it is not kept here. */
SGL_MUST sgl_status sgl_choose_lend(sgl_home *home, const sgl_chosen *chosen,
    const sgl_ticket_terms *terms, sgl_key **out, sgl_err *err);

/* sgl_home_add_authorities adds the roots and the issuing authorities; either
 * may be NULL. */
SGL_MUST sgl_status sgl_home_add_authorities(
    sgl_home *home, sgl_certs *roots, sgl_certs *issuing, sgl_err *err);

/* sgl_choose_chain adds what goes along with what was chosen: the certificates
 * above it but not the root, which others believe or do not. */
SGL_MUST sgl_status sgl_choose_chain(
    sgl_home *home, const sgl_chosen *chosen, sgl_certs *set, sgl_err *err);

/* sgl_home_add_chain adds what stands above a certificate of another authority,
 * the nearest first. */
SGL_MUST sgl_status sgl_home_add_chain(
    sgl_home *home, int64_t certificate, sgl_certs *set, sgl_err *err);
/* sgl_home_add_trusted adds what the organisation believes beside its own
 * authorities. */
SGL_MUST sgl_status sgl_home_add_trusted(
    sgl_home *home, sgl_certs *roots, sgl_certs *others, sgl_err *err);

#endif
