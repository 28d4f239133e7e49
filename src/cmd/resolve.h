/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an address means in the organisation (keys, certificates, trust), and
 * the keys on a token. The commands on messages ask here for an ID or CERT
 * that is no file.
 *
 * sigill-answer answers, as a process of its own that is started at the first
 * question: it has the store and the tokens, and it keeps the private keys.
 * The process that reads strangers' messages sees public halves only, and asks
 * through a channel for each signature and decryption (sys/farkey.h).
 */
#ifndef SGL_CMD_RESOLVE_H
#define SGL_CMD_RESOLVE_H

#include "cmd/command.h"
#include "base/mem.h"
#include "sigill/pki.h"

/* sgl_resolve_is_address: `id` is to be looked up in the organisation: it is
 * an addr-spec, has no '/', and no file of that name exists. */
bool sgl_resolve_is_address(const char *id);

/* sgl_resolve_is_hidden: it would be an address, were there not such a file. */
bool sgl_resolve_is_hidden(const char *id);

/* sgl_resolve_is_token: `id` is a PKCS#11 URI (RFC 7512). */
bool sgl_resolve_is_token(const char *id);

typedef struct sgl_resolver sgl_resolver;

/* All-zero is empty. */
typedef struct sgl_identity {
	/* Every key the person ever had, with all their certificates and the
	 * certificates of the authorities. Of a token, what is on it. */
	sgl_keyring ring;
	/* To sign with, of a person: a counted reference, NULL where there is
	 * none that is valid now. Its key is in the ring. */
	sgl_cert *signing_cert;
	/* Why there is none; status SGL_OK: nothing is known. */
	sgl_err no_signing;
} sgl_identity;
void sgl_identity_clear(sgl_identity *identity);
SGL_AUTO_CLEAR_TYPE(sgl_identity, sgl_identity_clear)

/* sgl_resolver_open starts sigill-answer for the home (NULL: the usual place;
 * see org/place.h), which it opens at the first question about it. SGL_E_IO and
 * others say what to do, as all failures here. */
SGL_MUST sgl_status sgl_resolver_open(
    sgl_engine *engine, const char *home, sgl_resolver **out, sgl_err *err);
/* sgl_resolver_settle: nothing more is wanted but what keys do. A long message
 * shall not hold the home open. */
void sgl_resolver_settle(sgl_resolver *resolver);
/* The keys it gave can be used no more. */
void sgl_resolver_free(sgl_resolver *resolver);

/* sgl_resolver_identity fills *out with what the person of that address may
 * use. SGL_E_NOKEY: nobody has that address. err->detail names it. */
SGL_MUST sgl_status sgl_resolver_identity(sgl_resolver *resolver,
    const char *address, sgl_identity *out, sgl_err *err);
/* sgl_resolver_token fills *out with the keys and certificates of a token; pin
 * data NULL: none is given. SGL_E_PASSWORD: it is wrong, or one is needed. */
SGL_MUST sgl_status sgl_resolver_token(sgl_resolver *resolver, const char *uri,
    sgl_slice pin, sgl_identity *out, sgl_err *err);
/* sgl_resolver_recipient gives a reference to the certificate to encrypt to.
 * SGL_E_NOKEY: there is none, or it has expired. */
SGL_MUST sgl_status sgl_resolver_recipient(
    sgl_resolver *resolver, const char *address, sgl_cert **out, sgl_err *err);
/* sgl_resolver_trust adds the organisation's roots to `anchors` and its other
 * authorities to `intermediates`. */
SGL_MUST sgl_status sgl_resolver_trust(sgl_resolver *resolver,
    sgl_certs *anchors, sgl_certs *intermediates, sgl_err *err);
/* sgl_resolver_crls adds what its authorities have revoked, as it is now. */
SGL_MUST sgl_status sgl_resolver_crls(
    sgl_resolver *resolver, sgl_crls *out, sgl_err *err);

#endif
