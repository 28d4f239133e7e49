/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GCM (NIST SP 800-38D) authenticates associated data A and ciphertext C by
 *
 *	tag = E(J0) ^ sum A_i H^(m+n+2-i) ^ sum C_j H^(n+2-j) ^ L H
 *
 * with m and n blocks and L = len(A) || len(C) in bits. A stream that was
 * decrypted without its associated data has the same tag but for the first sum
 * and the upper half of L, so both can be added when the data arrives
 * (RFC 5083 2.1 puts it behind the ciphertext). Nothing here branches on the
 * hash key or looks anything up by it; lengths are public.
 */
#include "crypto/engine.h"

/* A polynomial over GF(2); bit 0 of GCM is the top bit of hi. */
typedef struct gf {
	uint64_t hi, lo;
} gf;

static uint64_t
load64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void
store64(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

static uint64_t
mask_of(uint64_t bit)
{
	uint64_t mask = 0 - bit;

	/* Keep the compiler from seeing that this is a condition. */
	__asm__("" : "+r"(mask));
	return mask;
}

/* SP 800-38D 6.3, algorithm 1. */
static gf
multiply(gf x, gf y)
{
	gf z = {0, 0}, v = y;

	for (int i = 0; i < 128; i++) {
		uint64_t take = mask_of(x.hi >> 63), reduce;
		z.hi ^= v.hi & take;
		z.lo ^= v.lo & take;
		x.hi = x.hi << 1 | x.lo >> 63;
		x.lo <<= 1;
		reduce = mask_of(v.lo & 1);
		v.lo = v.lo >> 1 | v.hi << 63;
		v.hi = v.hi >> 1 ^ (UINT64_C(0xe1) << 56 & reduce);
	}
	return z;
}

/* base to an exponent that is public and at least 1. */
static gf
power(gf base, uint64_t exponent)
{
	gf result = base;

	for (int bit = 62 - __builtin_clzll(exponent); bit >= 0; bit--) {
		result = multiply(result, result);
		if (exponent >> bit & 1)
			result = multiply(result, base);
	}
	return result;
}

/* The sum of A_i H^(m+1-i), by Horner's rule; the last block is filled with
 * zeros. */
static gf
hash_blocks(gf h, sgl_slice aad)
{
	gf y = {0, 0};

	while (aad.len > 0) {
		uint8_t block[16] = {0};
		size_t n = aad.len < 16 ? aad.len : 16;
		memcpy(block, aad.data, n);
		y.hi ^= load64(block);
		y.lo ^= load64(block + 8);
		y = multiply(y, h);
		aad = sgl_slice_from(aad, n);
	}
	return y;
}

void
sgl_gcm_late_share(
    const uint8_t h[16], sgl_slice aad, uint64_t content, uint8_t share[16])
{
	gf key = {load64(h), load64(h + 8)};
	gf length = {(uint64_t)aad.len * 8, 0};
	uint64_t blocks = content / 16 + (content % 16 != 0);
	gf sum = multiply(hash_blocks(key, aad), power(key, blocks + 1));

	length = multiply(length, key);
	store64(share, sum.hi ^ length.hi);
	store64(share + 8, sum.lo ^ length.lo);
	sgl_mem_wipe(&key, sizeof key);
	sgl_mem_wipe(&sum, sizeof sum);
	sgl_mem_wipe(&length, sizeof length);
}
