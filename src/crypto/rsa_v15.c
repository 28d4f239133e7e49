/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSAES-PKCS1-v1_5 (RFC 8017 7.2.2) with implicit rejection: whatever is wrong
 * with a ciphertext, the answer is as many bytes as were asked for, drawn from
 * the private key and the ciphertext, so that the same question gets the same
 * answer, and nobody can tell it from a key that was really sent. libcrypto
 * does so from 3.2 on; here it is done for all of them, and with the length
 * known beforehand, so that there is no search for the end of the padding.
 *
 * No branch and no address depends on what the ciphertext decrypts to.
 */
#include "crypto/key.h"
#include "crypto/unpad.h"

#define ROOM "crypto.rsa"
#define MIN_OVERHEAD 11 /* 00 02, eight of padding, 00 */

/* HMAC-SHA-256 under the secret (of a key in memory: the digest of the private
 * exponent) makes a key per ciphertext, and that key a stream (as
 * draft-irtf-cfrg-rsa-guidance does). */
static sgl_status
draw_block(sgl_engine *engine, const sgl_digest *seed, size_t len,
    uint16_t number, sgl_digest *block, sgl_err *err)
{
	uint8_t label[] = {0, 0, 'm', 'e', 's', 's', 'a', 'g', 'e', 0, 0};

	label[0] = (uint8_t)(number >> 8);
	label[1] = (uint8_t)number;
	label[sizeof label - 2] = (uint8_t)(len >> 8);
	label[sizeof label - 1] = (uint8_t)len;
	return sgl_hmac(engine, SGL_DIGEST_SHA256, sgl_digest_slice(seed),
	    sgl_slice_of(label, sizeof label), block, err);
}

static sgl_status
draw(sgl_engine *engine, const sgl_digest *seed, uint8_t *out, size_t len,
    sgl_err *err)
{
	sgl_digest block = {0};
	uint16_t number = 0;

	for (size_t at = 0; at < len; at += block.len) {
		size_t n;
		TRY(draw_block(engine, seed, len, number++, &block, err));
		n = len - at < block.len ? len - at : block.len;
		memcpy(out + at, block.bytes, n);
	}
	sgl_mem_wipe(&block, sizeof block);
	return SGL_OK;
}

sgl_status
sgl_rsa_v15_draw(sgl_engine *engine, sgl_slice secret, sgl_slice ciphertext,
    uint8_t *out, size_t want_len, sgl_err *err)
{
	sgl_digest seed = {0};
	sgl_status status;

	status =
	    sgl_hmac(engine, SGL_DIGEST_SHA256, secret, ciphertext, &seed, err);
	if (status == SGL_OK)
		status = draw(engine, &seed, out, want_len, err);
	sgl_mem_wipe(&seed, sizeof seed);
	return status;
}

/* EM = 00 02 PS 00 M, with PS of what length is left and no zero in it; the
 * caller has seen to it that this is at least 8. */
static uint32_t
is_good(const uint8_t *em, size_t em_len, size_t message_len)
{
	size_t zero = em_len - message_len - 1;
	uint32_t good = sgl_mask_zero(em[0]) & sgl_mask_zero(em[1] ^ 2u);

	for (size_t i = 2; i < zero; i++)
		good &= ~sgl_mask_zero(em[i]);
	return good & sgl_mask_zero(em[zero]);
}

static void
choose(uint32_t good, const uint8_t *message, uint8_t *out, size_t len)
{
	uint8_t mask = (uint8_t)good;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)((message[i] & mask) | (out[i] & ~mask));
}

sgl_status
sgl_rsa_v15_unpad(sgl_engine *engine, sgl_slice secret, sgl_slice ciphertext,
    sgl_slice em, uint8_t *out, size_t want_len, sgl_err *err)
{
	TRY(sgl_rsa_v15_draw(engine, secret, ciphertext, out, want_len, err));
	if (want_len + MIN_OVERHEAD <= em.len)
		choose(is_good(em.data, em.len, want_len),
		    em.data + em.len - want_len, out, want_len);
	return SGL_OK;
}

/*
 * The bare RSA operation; blinding is libcrypto's. That a ciphertext is too
 * long or not below the modulus is for everybody to see; it still gets no
 * other answer than the rest.
 */
static sgl_status
decrypt(
    sgl_engine *engine, sgl_key *key, sgl_slice in, uint8_t *em, sgl_err *err)
{
	sgl_op op = {.kind = SGL_OP_DECRYPT, .padding = SGL_PAD_RAW};
	size_t len = key->modulus_len;
	EVP_PKEY_CTX *ctx = NULL;

	TRY(sgl_evp_key_ctx(engine, &key->evp, &op, &ctx, err));
	if (in.len == key->modulus_len &&
	    EVP_PKEY_decrypt(ctx, em, &len, in.data, in.len) == 1 &&
	    len == key->modulus_len)
		return SGL_OK;
	if (sgl_crypto_drain())
		return sgl_oom(err, ROOM);
	memset(em, 0xff, key->modulus_len);
	return SGL_OK;
}

sgl_status
sgl_rsa_unwrap_v15(sgl_engine *engine, sgl_key *key, sgl_slice in,
    size_t want_len, uint8_t *out, sgl_err *err)
{
	uint8_t em[SGL_RSA_MAX_BYTES];
	sgl_status status;

	TRY(decrypt(engine, key, in, em, err));
	status = sgl_rsa_v15_unpad(engine, sgl_digest_slice(&key->exponent), in,
	    sgl_slice_of(em, key->modulus_len), out, want_len, err);
	sgl_mem_wipe(em, key->modulus_len);
	return status;
}
