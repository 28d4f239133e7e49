/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an address means in the organisation: keys, certificates, trust. The
 * commands on messages ask here for an ID or CERT that is an address; only
 * sigill-org can answer (it has the store), and sigill hands over to it before
 * the command starts, so the commands need not care where they run.
 */
#ifndef SGL_CMD_RESOLVE_H
#define SGL_CMD_RESOLVE_H

#include "cmd/command.h"
#include "sigill/pki.h"

/* sgl_resolve_is_address: `id` is to be looked up in the organisation: it is
 * an addr-spec, has no '/', and no file of that name exists. */
bool sgl_resolve_is_address(const char *id);

/* sgl_resolve_is_hidden: it would be an address, were there not such a file. */
bool sgl_resolve_is_hidden(const char *id);

/* An open organisation, for reading. */
typedef struct sgl_resolver sgl_resolver;

/* All-zero is empty. */
typedef struct sgl_identity {
	/* Every key the person ever had, with all their certificates and the
	 * certificates of the authorities. */
	sgl_keyring ring;
	/* To sign with; counted references, NULL where there is none that is
	 * valid now. */
	sgl_cert *signing_cert;
	sgl_key *signing_key;
	/* To advertise, and to encrypt to oneself. */
	sgl_cert *encryption_cert;
	/* The issuers, without the root, to send along; and the root. */
	sgl_certs chain, roots;
} sgl_identity;
void sgl_identity_clear(sgl_identity *identity);

/* sgl_resolver_open opens the home (NULL: the usual place; see org/place.h).
 * SGL_E_IO and others say what to do, as all failures here. */
SGL_MUST sgl_status sgl_resolver_open(
    sgl_engine *engine, const char *home, sgl_resolver **out, sgl_err *err);
void sgl_resolver_free(sgl_resolver *resolver);

/* sgl_resolver_identity fills *out with what the person of that address may
 * use. SGL_E_NOKEY: nobody has that address. err->detail names it. */
SGL_MUST sgl_status sgl_resolver_identity(sgl_resolver *resolver,
    const char *address, sgl_identity *out, sgl_err *err);
/* sgl_resolver_recipient gives a reference to the certificate to encrypt to.
 * SGL_E_NOKEY: there is none, or it has expired. */
SGL_MUST sgl_status sgl_resolver_recipient(
    sgl_resolver *resolver, const char *address, sgl_cert **out, sgl_err *err);
/* sgl_resolver_trust adds the organisation's roots to `anchors` and its other
 * authorities to `intermediates`. */
SGL_MUST sgl_status sgl_resolver_trust(sgl_resolver *resolver,
    sgl_certs *anchors, sgl_certs *intermediates, sgl_err *err);

#endif
