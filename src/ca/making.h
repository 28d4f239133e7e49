/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the authority: making one certificate by its profile. */
#ifndef SGL_CA_MAKING_H
#define SGL_CA_MAKING_H

#include "ca/ca.h"
#include "pki/build.h"
#include "vault/token.h"

/* Who signs: NULL certificate for a root, which signs itself. */
typedef struct sgl_ca_signer {
	sgl_cert *cert;
	sgl_key *key;
	sgl_token *token; /* that the key is on; NULL: none */
	int64_t id;	  /* of the authority; 0: none yet */
	int64_t num_shards;
} sgl_ca_signer;
void sgl_ca_signer_clear(sgl_ca_signer *s);
SGL_AUTO_CLEAR_TYPE(sgl_ca_signer, sgl_ca_signer_clear)

/* sgl_ca_signer_open opens an authority's key, wherever it is. SGL_E_NOKEY: it
 * is where we cannot reach it. */
SGL_MUST sgl_status sgl_ca_signer_open(
    sgl_home *home, const sgl_authority *a, sgl_ca_signer *out, sgl_err *err);
/* sgl_ca_signer_use does the same, once in a transaction for as many
 * certificates as are made in it. */
SGL_MUST sgl_status sgl_ca_signer_use(
    sgl_home *home, const sgl_authority *a, sgl_ca_signer *out, sgl_err *err);
/* sgl_ca_key_is_away: it failed because the key cannot be had just now, or
 * never again; what is due is made when it can be had. */
bool sgl_ca_key_is_away(const sgl_authority *a, sgl_status status);
/* sgl_ca_key_elsewhere makes the key of an authority of which the public half
 * alone is here, to be certified: asked for anything else it is SGL_E_NOKEY. */
SGL_MUST sgl_status sgl_ca_key_elsewhere(
    sgl_engine *engine, sgl_slice spki, sgl_key **out, sgl_err *err);
/* sgl_ca_shard_of: the part of its CRL that a serial number belongs to. */
int64_t sgl_ca_shard_of(const sgl_ca_signer *signer, sgl_slice serial);
/* sgl_ca_digest_for: the digest that signatures with a key are made by. */
sgl_digest_alg sgl_ca_digest_for(const sgl_key *key);

/* What is made: a certificate, its key, and the key's number, 0 where it is
 * not in the vault. */
typedef struct sgl_ca_made {
	sgl_cert *cert;
	sgl_key *key;
	int64_t key_id;
} sgl_ca_made;
void sgl_ca_made_clear(sgl_ca_made *m);
SGL_AUTO_CLEAR_TYPE(sgl_ca_made, sgl_ca_made_clear)

#define SGL_CA_RANDOM 11 /* where the BR want 8 (7.1.2.3) */
typedef struct sgl_ca_order {
	sgl_profile_id profile;
	sgl_slice subject;	    /* DER Name */
	const sgl_slice *addresses; /* of a person */
	size_t num_addresses;
	int64_t person;	       /* 0: an authority */
	sgl_key *key;	       /* NULL: one is made in the vault */
	const char *algorithm; /* of a new one; NULL: the profile's, else the
				  organisation's */
	bool is_draft;	       /* the serial number is marked as used when it is
				  taken */
	int64_t key_id;	       /* of `key`, if the vault knows it */
	/* SGL_CA_RANDOM octets for the serial number, drawn for this one alone;
	 * NULL: they are drawn when it is made. */
	const uint8_t *random;
	const struct sgl_branch_wish *branch; /* of the profile for them */
} sgl_ca_order;

/* sgl_ca_make_draft and sgl_ca_make_end are the two halves of sgl_ca_make,
 * between which the key of `signer` is asked for the signature. */
SGL_MUST sgl_status sgl_ca_make_draft(sgl_home *home, const sgl_ca_order *order,
    const sgl_ca_signer *signer, sgl_ca_made *m, sgl_cert_draft *out,
    sgl_err *err);
SGL_MUST sgl_status sgl_ca_make_end(sgl_home *home, const sgl_cert_draft *d,
    const sgl_ca_signer *signer, sgl_slice signature, sgl_ca_made *m,
    sgl_err *err);
/* sgl_ca_make generates a key, stores it, takes a serial number and has the
 * certificate signed. One that breaks a rule for certificates (lint.h) does
 * not leave it. */
SGL_MUST sgl_status sgl_ca_make(sgl_home *home, const sgl_ca_order *order,
    const sgl_ca_signer *signer, sgl_ca_made *out, sgl_err *err);

#endif
