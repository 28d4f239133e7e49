/* SPDX-License-Identifier: Apache-2.0 */
/* Inside token*.c: an open token and what is done with it. */
#ifndef SGL_VAULT_TOKEN_INSIDE_H
#define SGL_VAULT_TOKEN_INSIDE_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "vault/token.h"
#include "vault/token_kit.h"

#define SGL_TOKEN_ROOM "vault.token"
/* Objects of one kind on a token that we look at. */
#define SGL_TOKEN_OBJECTS 1024

struct sgl_token {
	sgl_engine *engine;
	sgl_kit kit;
	P11KitUri *uri;
	CK_FUNCTION_LIST **all;	  /* the modules p11-kit knows, or */
	CK_FUNCTION_LIST *only;	  /* the one of module-path */
	CK_FUNCTION_LIST *module; /* the token's own, of these; borrowed */
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info; /* as it was when it was opened */
	char label[33];
	bool only_certs; /* type=cert */
	/* Root acts as somebody else, who may have written the URI. */
	bool only_roots;
	sgl_secret pin;	   /* data NULL: none */
	sgl_pin_note note; /* of it */
	sgl_on_pin *on_pin;
	void *pin_ctx;

	CK_SESSION_HANDLE session;
	bool has_session;
	unsigned generation; /* of sessions: object handles go with them */
	bool lost;	     /* what failed, failed for want of a session */
};

/* A private key on it; the ctx of a remote key. */
typedef struct sgl_token_key {
	sgl_token *token; /* borrowed */
	sgl_pubkey *public;
	size_t len; /* bytes of the modulus, or of a coordinate */
	CK_OBJECT_HANDLE object;
	unsigned generation;
	CK_ULONG type;	      /* by which, and the two, it is found again: */
	sgl_secret id, label; /* empty where it has none */
	bool always_authenticate;
	bool has_seed, is_raw; /* see token_decrypt.c */
	sgl_digest seed;
} sgl_token_key;

/* --- token_fail.c */
/* sgl_token_fail says in our words what a module answered. */
sgl_status sgl_token_fail(sgl_token *t, CK_RV rv, sgl_err *err);
/* sgl_token_fail_text is a failure with the token's label as its detail. */
sgl_status sgl_token_fail_text(
    const sgl_token *t, sgl_status status, const char *text, sgl_err *err);
/* Whether an answer speaks of token, session or rights, and so not of the
 * bytes that were to be worked on. */
bool sgl_token_is_outage(CK_RV rv);
/* Whether it says that the token does not do this (with such parameters). */
bool sgl_token_is_refusal(CK_RV rv);

/* --- token_slot.c: finds the module, slot and token that the URI means. */
SGL_MUST sgl_status sgl_token_locate(sgl_token *t, sgl_err *err);

/* --- token_login.c */
SGL_MUST sgl_status sgl_token_take_pin(
    sgl_token *t, sgl_slice pin, sgl_err *err);
/* sgl_token_connect makes a session, logged in where the token wants it. */
SGL_MUST sgl_status sgl_token_connect(sgl_token *t, sgl_err *err);
void sgl_token_disconnect(sgl_token *t);
SGL_MUST sgl_status sgl_token_present_pin(
    sgl_token *t, CK_USER_TYPE user, sgl_err *err);

/* --- token_object.c */
typedef struct sgl_token_objects {
	CK_OBJECT_HANDLE items[SGL_TOKEN_OBJECTS];
	size_t num;
} sgl_token_objects;
SGL_MUST sgl_status sgl_token_find(sgl_token *t, CK_ATTRIBUTE *match,
    CK_ULONG num, sgl_token_objects *out, sgl_err *err);
/* sgl_token_get copies an attribute; one that is not there, or not shown, is
 * empty. */
SGL_MUST sgl_status sgl_token_get(sgl_token *t, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, sgl_secret *out, sgl_err *err);
/* The same for a number and a truth; absent: `absent`. */
SGL_MUST sgl_status sgl_token_get_ulong(sgl_token *t, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, CK_ULONG absent, CK_ULONG *out, sgl_err *err);
SGL_MUST sgl_status sgl_token_get_bool(sgl_token *t, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, bool *out, sgl_err *err);
/* PKCS#11 takes what it only reads by a pointer that may write. */
static inline CK_BYTE *
sgl_token_bytes(sgl_slice s)
{
	return (CK_BYTE *)(uintptr_t)s.data;
}
static inline CK_ATTRIBUTE
sgl_token_attribute(CK_ATTRIBUTE_TYPE type, sgl_slice value)
{
	return (CK_ATTRIBUTE){type, sgl_token_bytes(value), value.len};
}

/* --- token_ring.c */
typedef struct sgl_token_cert {
	sgl_cert *cert;
	sgl_secret id;
} sgl_token_cert;
typedef struct sgl_token_certs {
	sgl_token_cert *items;
	size_t num;
} sgl_token_certs;

/* --- token_public.c: the SubjectPublicKeyInfo of a private key's object, read
 * into *spki; left empty where the token does not tell. */
SGL_MUST sgl_status sgl_token_public(sgl_token *t, CK_OBJECT_HANDLE object,
    sgl_slice id, const sgl_token_certs *certs, sgl_buf *spki, sgl_err *err);

/* --- token_key.c */
SGL_MUST sgl_status sgl_token_key_new(sgl_token *t, CK_OBJECT_HANDLE object,
    sgl_slice id, sgl_slice spki, sgl_key **out, sgl_err *err);
/* sgl_token_start begins an operation (C_SignInit, C_DecryptInit), with the PIN
 * where the key wants it each time. *refused (may be NULL: it is a failure
 * then): the token does not do this mechanism. */
typedef CK_RV
sgl_token_init(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE);
SGL_MUST sgl_status sgl_token_start(sgl_token_key *k, sgl_token_init *init,
    CK_MECHANISM *mechanism, bool *refused, sgl_err *err);
sgl_status sgl_token_cannot(const sgl_token_key *k, sgl_err *err);
sgl_status sgl_token_odd(const sgl_token_key *k, sgl_err *err);

/* --- token_sign.c, token_decrypt.c, token_derive.c */
SGL_MUST sgl_status sgl_token_sign(sgl_token_key *k,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err);
SGL_MUST sgl_status sgl_token_unwrap_v15(sgl_token_key *k,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err);
SGL_MUST sgl_status sgl_token_unwrap_oaep(sgl_token_key *k,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err);
SGL_MUST sgl_status sgl_token_derive(sgl_token_key *k,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err);
/* The mechanism and the generator of masks by digest; false if there is none.
 */
bool sgl_token_digest(
    sgl_digest_alg alg, CK_MECHANISM_TYPE *hash, CK_RSA_PKCS_MGF_TYPE *mgf);

#endif
