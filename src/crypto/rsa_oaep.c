/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EME-OAEP decoding (RFC 8017 7.1.2, step 3). Which part is wrong would let
 * somebody decrypt by asking (Manger's attack), so all parts are looked at
 * without a branch, and only their sum decides.
 */
#include "crypto/key.h"
#include "crypto/unpad.h"

#define ROOM "crypto.rsa"

/* XORs MGF1(seed) into `data` (RFC 8017 B.2.1). */
static sgl_status
mask(sgl_engine *engine, sgl_digest_alg alg, sgl_slice seed, uint8_t *data,
    size_t len, sgl_err *err)
{
	sgl_digest block = {0};
	uint32_t number = 0;

	for (size_t at = 0; at < len; at += block.len, number++) {
		SGL_AUTO(sgl_hash)
		h = NULL;
		const uint8_t counter[4] = {(uint8_t)(number >> 24),
		    (uint8_t)(number >> 16), (uint8_t)(number >> 8),
		    (uint8_t)number};

		TRY(sgl_hash_new(engine, alg, &h, err));
		TRY(sgl_hash_update(h, seed, err));
		TRY(sgl_hash_update(h, sgl_slice_of(counter, 4), err));
		TRY(sgl_hash_value(h, &block, err));
		for (size_t i = 0; i < block.len && at + i < len; i++)
			data[at + i] ^= block.bytes[i];
	}
	sgl_mem_wipe(&block, sizeof block);
	return SGL_OK;
}

/* DB = lHash, zeros, 01, message. All ones if that is so; *start is then
 * where the message begins. */
static uint32_t
find_message(sgl_slice db, const sgl_digest *label, size_t *start)
{
	uint32_t good = 0xffffffffu, found = 0, at = 0;

	for (size_t i = 0; i < label->len; i++)
		good &= sgl_mask_zero(db.data[i] ^ label->bytes[i]);
	for (size_t i = label->len; i < db.len; i++) {
		uint32_t is_one = sgl_mask_zero(db.data[i] ^ 1u);
		uint32_t is_zero = sgl_mask_zero(db.data[i]);

		good &= found | is_one | is_zero;
		at |= ~found & is_one & (uint32_t)(i + 1);
		found |= is_one;
	}
	*start = at;
	return good & found;
}

/* The block is unmasked in place: 00, seed, DB. */
static sgl_status
unmask(sgl_engine *engine, const sgl_oaep *oaep, uint8_t *em, size_t len,
    size_t hash_len, sgl_err *err)
{
	uint8_t *seed = em + 1, *db = seed + hash_len;
	size_t db_len = len - 1 - hash_len;

	TRY(mask(
	    engine, oaep->mgf, sgl_slice_of(db, db_len), seed, hash_len, err));
	return mask(
	    engine, oaep->mgf, sgl_slice_of(seed, hash_len), db, db_len, err);
}

static sgl_status
unpad(sgl_engine *engine, const sgl_oaep *oaep, uint8_t *em, size_t em_len,
    uint8_t *out, size_t *len, sgl_err *err)
{
	sgl_digest label;
	sgl_slice db;
	size_t start;
	uint32_t good;

	TRY(sgl_hash_once(engine, oaep->digest, oaep->label, &label, err));
	/* For everybody to see: the key is too short for the digest. */
	if (em_len < 2 * label.len + 2 || em_len > SGL_RSA_MAX_BYTES)
		return sgl_fail(
		    err, SGL_E_DECRYPT, ROOM, SGL_NO_OFFSET, SGL_NOT_UNWRAPPED);
	TRY(unmask(engine, oaep, em, em_len, label.len, err));
	db = sgl_slice_of(em + 1 + label.len, em_len - 1 - label.len);
	good = find_message(db, &label, &start) & sgl_mask_zero(em[0]);
	if (!good)
		return sgl_fail(
		    err, SGL_E_DECRYPT, ROOM, SGL_NO_OFFSET, SGL_NOT_UNWRAPPED);
	*len = db.len - start;
	memcpy(out, db.data + start, *len);
	return SGL_OK;
}

sgl_status
sgl_rsa_oaep_unpad(sgl_engine *engine, const sgl_oaep *oaep, sgl_slice em,
    uint8_t *out, size_t *len, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) copy = {0};

	TRY(sgl_secret_set(&copy, em, err));
	return unpad(engine, oaep, copy.data, copy.len, out, len, err);
}
