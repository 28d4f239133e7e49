/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"
#include "sys/text.h"
#include "vault/shamir.h"

#define ROOM "vault.shamir"

void
sgl_share_clear(sgl_share *share)
{
	sgl_secret_clear(&share->y);
	share->x = 0;
}

/* ---------------------------------------------------------- the field --- */

static uint8_t
times(uint8_t a, uint8_t b)
{
	unsigned x = a, product = 0;

	for (unsigned i = 0; i < 8; i++) {
		product ^= x & (0U - ((unsigned)(b >> i) & 1U));
		x = (x << 1) ^ (0x11bU & (0U - (x >> 7)));
	}
	return (uint8_t)product;
}

/* a^254 = 1/a; 0 for 0. */
static uint8_t
inverse(uint8_t a)
{
	uint8_t power = a, product = 1;

	for (unsigned i = 0; i < 7; i++) {
		power = times(power, power);
		product = times(product, power);
	}
	return product;
}

/* ---------------------------------------------------------- splitting --- */

/* The value at x of the polynomial whose constant term is a byte of the secret
 * (Horner); `higher` has the coefficients of the other powers, for all bytes
 * one power behind the other. */
static uint8_t
value_at(uint8_t x, uint8_t constant, sgl_slice higher, size_t stride,
    size_t position)
{
	uint8_t value = 0;

	for (size_t at = position; at < higher.len; at += stride)
		value = times(value, x) ^ higher.data[at];
	return times(value, x) ^ constant;
}

static sgl_status
fill_share(sgl_slice secret, sgl_slice higher, unsigned x, sgl_share *out,
    sgl_err *err)
{
	TRY(sgl_secret_zeroed(&out->y, secret.len, err));
	out->x = (uint8_t)x;
	for (size_t i = 0; i < secret.len; i++)
		out->y.data[i] =
		    value_at(out->x, secret.data[i], higher, secret.len, i);
	return SGL_OK;
}

static sgl_status
fill_shares(sgl_slice secret, sgl_slice higher, unsigned num, sgl_share *shares,
    sgl_err *err)
{
	sgl_status status = SGL_OK;

	for (unsigned i = 0; i < num && status == SGL_OK; i++)
		status = fill_share(secret, higher, i + 1, &shares[i], err);
	for (unsigned i = 0; i < num && status != SGL_OK; i++)
		sgl_share_clear(&shares[i]);
	return status;
}

sgl_status
sgl_shamir_split(sgl_engine *engine, sgl_slice secret, unsigned threshold,
    unsigned num, sgl_share *shares, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) higher = {0};

	if (threshold < 1 || threshold > num || num > SGL_SHARES_MAX ||
	    secret.len == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a secret cannot be shared like that"));
	TRY(sgl_secret_zeroed(&higher, (threshold - 1) * secret.len, err));
	TRY(sgl_random(engine, higher.data, higher.len, err));
	return fill_shares(secret, sgl_secret_slice(&higher), num, shares, err);
}

/* ---------------------------------------------------------- combining --- */

static bool
belong_together(const sgl_share *shares, size_t num)
{
	if (num == 0 || num > SGL_SHARES_MAX || shares[0].y.len == 0)
		return false;
	for (size_t i = 0; i < num; i++) {
		if (shares[i].x == 0 || shares[i].y.len != shares[0].y.len)
			return false;
		for (size_t j = 0; j < i; j++)
			if (shares[j].x == shares[i].x)
				return false;
	}
	return true;
}

/* How much share `i` counts for the values at 0 (Lagrange); subtracting is
 * XOR. */
static uint8_t
weight_of(const sgl_share *shares, size_t num, size_t i)
{
	uint8_t above = 1, below = 1;

	for (size_t j = 0; j < num; j++)
		if (j != i) {
			above = times(above, shares[j].x);
			below = times(below, shares[j].x ^ shares[i].x);
		}
	return times(above, inverse(below));
}

sgl_status
sgl_shamir_combine(
    const sgl_share *shares, size_t num, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) sum = {0};

	if (!belong_together(shares, num))
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("these shares do not belong together"));
	TRY(sgl_secret_zeroed(&sum, shares[0].y.len, err));
	for (size_t i = 0; i < num; i++) {
		uint8_t weight = weight_of(shares, num, i);

		for (size_t at = 0; at < sum.len; at++)
			sum.data[at] ^= times(weight, shares[i].y.data[at]);
	}
	sgl_secret_clear(out);
	*out = sum;
	sum = (sgl_secret){0};
	return SGL_OK;
}
