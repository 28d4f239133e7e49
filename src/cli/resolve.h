/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an address means in the organisation (keys, certificates, trust), and
 * the keys on a token. The commands on messages ask here for an ID or CERT
 * that is no file.
 *
 * The service answers if one runs for the home: control, at its socket. Else,
 * and for a token always, sigill-answer does, as a process of its own that is
 * started at the first question. Either keeps the private keys: the process
 * that reads strangers' messages sees public halves only, and asks through a
 * channel for each signature and decryption (sys/farkey.h).
 */
#ifndef SGL_CLI_RESOLVE_H
#define SGL_CLI_RESOLVE_H

#include "cli/command.h"
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
	/* Of a person, the key to sign with, and certificates that may go
	 * along. Of a token, all that is on it. */
	sgl_keyring ring;
	/* Of a person: the certificate of that key, and the one that others
	 * encrypt to (NULL: there is none). References. */
	sgl_cert *signing_cert, *encryption_cert;
} sgl_identity;
void sgl_identity_clear(sgl_identity *identity);
SGL_AUTO_CLEAR_TYPE(sgl_identity, sgl_identity_clear)

/* sgl_resolver_open is for the home (NULL: the usual place; see org/place.h);
 * `home` is borrowed. Nobody is asked yet. SGL_E_IO and others say what to do,
 * as all failures here. */
SGL_MUST sgl_status sgl_resolver_open(
    sgl_engine *engine, const char *home, sgl_resolver **out, sgl_err *err);
/* sgl_resolver_settle: nothing more is wanted but what keys do. A long message
 * shall not hold the home open. */
void sgl_resolver_settle(sgl_resolver *resolver);
/* The keys it gave can be used no more. */
void sgl_resolver_free(sgl_resolver *resolver);

/* sgl_resolver_signer fills *out with what the person of that address signs
 * with. SGL_E_NOKEY: nobody has that address, or there is no key to sign with;
 * SGL_E_PASSWORD: the keys are locked. err->detail names the address. */
SGL_MUST sgl_status sgl_resolver_signer(sgl_resolver *resolver,
    const char *address, sgl_identity *out, sgl_err *err);
/* sgl_resolver_reader: the person of that address has keys to open mail with
 * (else SGL_E_NOKEY), which will be asked for. */
SGL_MUST sgl_status sgl_resolver_reader(
    sgl_resolver *resolver, const char *address, sgl_err *err);
/* sgl_resolver_find is sgl_key_finder.find for what such a person ever had: it
 * leaves alone what is in `keys` already. */
SGL_MUST sgl_status sgl_resolver_find(sgl_resolver *resolver,
    const char *address, const sgl_named_recipient *names, size_t num,
    sgl_key **keys, sgl_err *err);
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
