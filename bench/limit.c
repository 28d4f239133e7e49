/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no program around the same libcrypto can do without: hashing or
 * ciphering the content and the operations with keys, on contexts made once.
 * No MIME, no base64, no ASN.1, no copy, no memory.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define PIECE ((size_t)65536) /* stays in a core's second-level cache */

typedef struct state {
	EVP_MD *sha256;
	EVP_MD_CTX *md;
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *cctx;
	EVP_PKEY_CTX *sign[3], *verify[3], *unwrap, *derive, *keygen;
	EVP_PKEY_CTX *wrap[BENCH_MANY];
	EVP_PKEY *peer;
	unsigned num_wraps;
	uint8_t digest[32], signature[3][512], wrapped[512];
	size_t signature_len[3], wrapped_len;
	uint8_t piece[65536 + 32];
} state;

static EVP_PKEY_CTX *
context(EVP_PKEY *pkey, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	if (ctx == NULL || init(ctx) != 1)
		bench_die("context");
	return ctx;
}

static EVP_PKEY_CTX *
signing(EVP_PKEY *pkey, int (*init)(EVP_PKEY_CTX *), const EVP_MD *md)
{
	EVP_PKEY_CTX *ctx = context(pkey, init);

	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1)
		bench_die("padding");
	if (EVP_PKEY_CTX_set_signature_md(ctx, md) != 1)
		bench_die("digest");
	return ctx;
}

static void
open_signing(state *s, const bench_kind *k)
{
	EVP_PKEY *keys[3] = {k->leaf.pkey, k->intermediate.pkey, k->root.pkey};

	for (unsigned i = 0; i < 3; i++) {
		s->sign[i] = signing(keys[i], EVP_PKEY_sign_init, s->sha256);
		s->verify[i] =
		    signing(keys[i], EVP_PKEY_verify_init, s->sha256);
	}
}

static void
sign(state *s, unsigned i)
{
	s->signature_len[i] = sizeof s->signature[i];
	if (EVP_PKEY_sign(s->sign[i], s->signature[i], &s->signature_len[i],
		s->digest, sizeof s->digest) != 1)
		bench_die("EVP_PKEY_sign");
}

static void
wrap(state *s, unsigned i)
{
	s->wrapped_len = sizeof s->wrapped;
	if (EVP_PKEY_encrypt(s->wrap[i], s->wrapped, &s->wrapped_len, s->digest,
		sizeof s->digest) != 1)
		bench_die("EVP_PKEY_encrypt");
}

static void
open_transport(state *s, const bench_kind *k)
{
	for (int i = 0; i < sk_X509_num(k->x509s); i++)
		s->wrap[s->num_wraps++] =
		    context(X509_get0_pubkey(sk_X509_value(k->x509s, i)),
			EVP_PKEY_encrypt_init);
	s->unwrap = context(k->leaf.pkey, EVP_PKEY_decrypt_init);
	/* What is unwrapped is what was wrapped for the leaf. */
	for (unsigned i = 0; i < s->num_wraps; i++)
		if (X509_cmp(sk_X509_value(k->x509s, (int)i), k->leaf.x509) ==
		    0)
			wrap(s, i);
}

static void
open_agreement(state *s, const bench_kind *k)
{
	s->keygen = EVP_PKEY_CTX_new_from_pkey(NULL, k->leaf.pkey, NULL);
	if (s->keygen == NULL || EVP_PKEY_keygen_init(s->keygen) != 1 ||
	    EVP_PKEY_keygen(s->keygen, &s->peer) != 1)
		bench_die("EVP_PKEY_keygen");
	s->derive = context(k->leaf.pkey, EVP_PKEY_derive_init);
}

static void *
open_state(bench_work *w)
{
	state *s = bench_alloc(sizeof *s);
	const char *name = w->c->gcm ? "AES-256-GCM" : "AES-256-CBC";

	s->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	s->md = EVP_MD_CTX_new();
	s->cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	s->cctx = EVP_CIPHER_CTX_new();
	if (s->sha256 == NULL || s->md == NULL || s->cipher == NULL ||
	    s->cctx == NULL)
		bench_die("the limit's objects");
	if (w->c->what == BENCH_SIGN || w->c->what == BENCH_VERIFY)
		open_signing(s, w->kind);
	else if (w->c->ec)
		open_agreement(s, w->kind);
	else
		open_transport(s, w->kind);
	for (unsigned i = 0; w->c->what == BENCH_VERIFY && i < 3; i++)
		sign(s, i);
	return s;
}

static void
close_state(void *state_)
{
	state *s = state_;

	EVP_MD_free(s->sha256);
	EVP_MD_CTX_free(s->md);
	EVP_CIPHER_free(s->cipher);
	EVP_CIPHER_CTX_free(s->cctx);
	for (unsigned i = 0; i < 3; i++) {
		EVP_PKEY_CTX_free(s->sign[i]);
		EVP_PKEY_CTX_free(s->verify[i]);
	}
	for (unsigned i = 0; i < s->num_wraps; i++)
		EVP_PKEY_CTX_free(s->wrap[i]);
	EVP_PKEY_CTX_free(s->unwrap);
	EVP_PKEY_CTX_free(s->derive);
	EVP_PKEY_CTX_free(s->keygen);
	EVP_PKEY_free(s->peer);
	free(s);
}

static void
hash(state *s, sgl_slice in)
{
	uint8_t value[32];

	if (EVP_DigestInit_ex2(s->md, s->sha256, NULL) != 1 ||
	    EVP_DigestUpdate(s->md, in.data, in.len) != 1 ||
	    EVP_DigestFinal_ex(s->md, value, NULL) != 1)
		bench_die("digest");
}

static void
cipher(state *s, sgl_slice in, int encrypt)
{
	static const uint8_t key[32], iv[16];
	int got;

	if (EVP_CipherInit_ex2(s->cctx, s->cipher, key, iv, encrypt, NULL) != 1)
		bench_die("cipher");
	while (in.len > 0) {
		size_t n = in.len < PIECE ? in.len : PIECE;

		if (EVP_CipherUpdate(
			s->cctx, s->piece, &got, in.data, (int)n) != 1)
			bench_die("cipher");
		in.data += n;
		in.len -= n;
	}
}

static void
verify(state *s, bool with_chain)
{
	/* The signer's, and the two of the chain. */
	for (unsigned i = 0; i < (with_chain ? 3 : 1); i++)
		if (EVP_PKEY_verify(s->verify[i], s->signature[i],
			s->signature_len[i], s->digest, sizeof s->digest) != 1)
			bench_die("EVP_PKEY_verify");
}

static void
agree(state *s, bool generate)
{
	uint8_t secret[32];
	size_t len = sizeof secret;
	EVP_PKEY *pkey = NULL;

	if (generate && EVP_PKEY_keygen(s->keygen, &pkey) != 1)
		bench_die("EVP_PKEY_keygen");
	EVP_PKEY_free(pkey);
	if (EVP_PKEY_derive_set_peer_ex(s->derive, s->peer, 0) != 1 ||
	    EVP_PKEY_derive(s->derive, secret, &len) != 1)
		bench_die("EVP_PKEY_derive");
}

static void
unwrap(state *s)
{
	uint8_t key[512];
	size_t len = sizeof key;

	if (EVP_PKEY_decrypt(
		s->unwrap, key, &len, s->wrapped, s->wrapped_len) != 1)
		bench_die("EVP_PKEY_decrypt");
}

static void
run(bench_work *w, void *state_)
{
	state *s = state_;

	switch (w->c->what) {
	case BENCH_SIGN:
		hash(s, w->content);
		sign(s, 0);
		return;
	case BENCH_VERIFY:
		hash(s, w->content);
		verify(s, w->c->cold);
		return;
	case BENCH_ENCRYPT:
		for (unsigned i = 0; i < s->num_wraps; i++)
			wrap(s, i);
		if (w->c->ec)
			agree(s, true);
		cipher(s, w->content, 1);
		return;
	case BENCH_DECRYPT:
		if (w->c->ec)
			agree(s, false);
		else
			unwrap(s);
		cipher(s, w->content, 0);
		return;
	}
}

const bench_contender bench_limit = {"limit", open_state, run, close_state};
