/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "support/fault.h"
#include "vault/shamir.h"

#define MOST 6

static sgl_engine *engine;

static int
set_up(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : 1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

static void
clear(sgl_share *shares, size_t num)
{
	for (size_t i = 0; i < num; i++)
		sgl_share_clear(&shares[i]);
}

static void
set_share(sgl_share *s, uint8_t x, sgl_slice y)
{
	s->x = x;
	assert_int_equal(sgl_secret_set(&s->y, y, NULL), SGL_OK);
}

static void
assert_combine(const sgl_share *shares, size_t num, sgl_slice want)
{
	SGL_AUTO_CLEAR(sgl_secret) got = {0};

	assert_int_equal(sgl_shamir_combine(shares, num, &got, NULL), SGL_OK);
	assert_true(sgl_slice_eq(sgl_secret_slice(&got), want));
}

static void
refuses(const sgl_share *shares, size_t num)
{
	SGL_AUTO_CLEAR(sgl_secret) got = {0};

	assert_int_equal(
	    sgl_shamir_combine(shares, num, &got, NULL), SGL_E_MISMATCH);
	assert_null(got.data);
}

/* draft-mcgrew-tss-03 9: two shares of "test" and a zero byte. */
static void
others_shares_combine(void **state)
{
	static const uint8_t one[] = {0xb9, 0xfa, 0x07, 0xe1, 0x85};
	static const uint8_t two[] = {0xf5, 0x40, 0x9b, 0x45, 0x11};
	sgl_share shares[2] = {0};

	(void)state;
	set_share(&shares[0], 1, sgl_slice_of(one, sizeof one));
	set_share(&shares[1], 2, sgl_slice_of(two, sizeof two));
	assert_combine(shares, 2, sgl_slice_of("test", 5));
	clear(shares, 2);
}

/* FIPS 197 4.2: {57} * {83} = {c1} and {57} * {13} = {fe}, by a line through
 * 0 and the point: at x it is slope * x. */
static void
the_field_is_that_of_aes(void **state)
{
	static const uint8_t factors[][3] = {
	    {0x57, 0x83, 0xc1}, {0x57, 0x13, 0xfe}, {0x53, 0xca, 0x01}};
	static const uint8_t zero[] = {0};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		sgl_share shares[2] = {0};

		set_share(
		    &shares[0], factors[i][0], sgl_slice_of(&factors[i][2], 1));
		set_share(&shares[1], 1, sgl_slice_of(&factors[i][1], 1));
		assert_combine(shares, 2, sgl_slice_of(zero, 1));
		clear(shares, 2);
	}
}

/* Every subset of the shares: with `threshold` or more it is the secret. */
static void
try_subsets(
    const sgl_share *shares, unsigned num, unsigned threshold, sgl_slice secret)
{
	for (unsigned set = 1; set < 1U << num; set++) {
		sgl_share some[MOST];
		unsigned n = 0;

		for (unsigned i = 0; i < num; i++)
			if (set & (1U << i))
				some[n++] = shares[i]; /* borrowed */
		if (n >= threshold)
			assert_combine(some, n, secret);
	}
}

static void
any_m_give_the_secret(void **state)
{
	static const char secret[] = "a secret of some length, with a \0 in it";
	const sgl_slice bytes = sgl_slice_of(secret, sizeof secret);

	(void)state;
	for (unsigned num = 1; num <= MOST; num++)
		for (unsigned m = 1; m <= num; m++) {
			sgl_share shares[MOST] = {0};

			assert_int_equal(sgl_shamir_split(engine, bytes, m, num,
					     shares, NULL),
			    SGL_OK);
			try_subsets(shares, num, m, bytes);
			clear(shares, num);
		}
}

/* m - 1 shares, and one more with each value of a byte: what they give takes
 * each of the 256 values once. So m - 1 shares rule no secret out. */
static void
every_secret_fits_fewer(const sgl_share *shares, unsigned m)
{
	bool seen[256] = {0};
	sgl_share some[MOST] = {0};

	for (unsigned i = 0; i + 1 < m; i++)
		some[i] = shares[i]; /* borrowed */
	for (unsigned value = 0; value < 256; value++) {
		const uint8_t byte = (uint8_t)value;
		SGL_AUTO_CLEAR(sgl_secret) got = {0};

		set_share(&some[m - 1], 200, sgl_slice_of(&byte, 1));
		assert_int_equal(
		    sgl_shamir_combine(some, m, &got, NULL), SGL_OK);
		assert_false(seen[got.data[0]]);
		seen[got.data[0]] = true;
	}
	sgl_share_clear(&some[m - 1]);
}

static void
fewer_than_m_tell_nothing(void **state)
{
	(void)state;
	for (unsigned m = 2; m <= MOST; m++) {
		sgl_share shares[MOST] = {0};

		assert_int_equal(sgl_shamir_split(engine, SGL_LIT("k"), m, MOST,
				     shares, NULL),
		    SGL_OK);
		every_secret_fits_fewer(shares, m);
		clear(shares, MOST);
	}
}

/* What one share shows of the same secret, split again and again, is each
 * value about as often: 256 values in 25600 splits, 100 of each; less than 40
 * or more than 180 come by chance in less than one run of 10^8. */
static void
a_share_shows_nothing_of_the_secret(void **state)
{
	unsigned count[256] = {0};

	(void)state;
	for (unsigned i = 0; i < 25600; i++) {
		sgl_share shares[2] = {0};

		assert_int_equal(
		    sgl_shamir_split(engine, SGL_LIT("k"), 2, 2, shares, NULL),
		    SGL_OK);
		count[shares[0].y.data[0]]++;
		clear(shares, 2);
	}
	for (unsigned i = 0; i < 256; i++)
		assert_true(count[i] > 40 && count[i] < 180);
}

static void
the_most_shares(void **state)
{
	static sgl_share shares[SGL_SHARES_MAX];

	(void)state;
	assert_int_equal(sgl_shamir_split(engine, SGL_LIT("key"),
			     SGL_SHARES_MAX, SGL_SHARES_MAX, shares, NULL),
	    SGL_OK);
	assert_combine(shares, SGL_SHARES_MAX, SGL_LIT("key"));
	shares[254].y.data[1] ^= 1;
	{
		SGL_AUTO_CLEAR(sgl_secret) got = {0};

		assert_int_equal(
		    sgl_shamir_combine(shares, SGL_SHARES_MAX, &got, NULL),
		    SGL_OK);
		assert_int_not_equal(got.data[1], 'e');
	}
	clear(shares, SGL_SHARES_MAX);
}

static void
what_does_not_belong_together(void **state)
{
	sgl_share shares[3] = {0};

	(void)state;
	assert_int_equal(
	    sgl_shamir_split(engine, SGL_LIT("key"), 2, 3, shares, NULL),
	    SGL_OK);
	refuses(shares, 0);
	shares[2].x = 1; /* twice, whatever its values */
	refuses(shares, 3);
	shares[2].x = 0; /* where the secret itself is */
	refuses(shares, 3);
	shares[2].x = 3;
	assert_combine(shares, 3, SGL_LIT("key"));
	shares[2].y.len = 2;
	refuses(shares, 3);
	shares[2].y.len = 0;
	refuses(shares + 2, 1);
	clear(shares, 3);
}

static void
what_cannot_be_shared(void **state)
{
	static const struct {
		unsigned threshold, num;
	} wrong[] = {{0, 0}, {0, 1}, {2, 1}, {1, 256}, {256, 256}};
	sgl_share shares[2] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(
		    sgl_shamir_split(engine, SGL_LIT("key"), wrong[i].threshold,
			wrong[i].num, shares, NULL),
		    SGL_E_USAGE);
	assert_int_equal(
	    sgl_shamir_split(engine, SGL_LIT(""), 1, 2, shares, NULL),
	    SGL_E_USAGE);
	assert_null(shares[0].y.data);
}

static sgl_status
split_and_combine(void *ctx, sgl_err *err)
{
	sgl_share shares[3] = {0};
	SGL_AUTO_CLEAR(sgl_secret) got = {0};
	sgl_status status;

	(void)ctx;
	TRY(sgl_shamir_split(engine, SGL_LIT("key"), 2, 3, shares, err));
	status = sgl_shamir_combine(shares, 2, &got, err);
	clear(shares, 3);
	return status;
}

static void
without_memory(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(split_and_combine, NULL) >= 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(others_shares_combine),
	    cmocka_unit_test(the_field_is_that_of_aes),
	    cmocka_unit_test(any_m_give_the_secret),
	    cmocka_unit_test(fewer_than_m_tell_nothing),
	    cmocka_unit_test(a_share_shows_nothing_of_the_secret),
	    cmocka_unit_test(the_most_shares),
	    cmocka_unit_test(what_does_not_belong_together),
	    cmocka_unit_test(what_cannot_be_shared),
	    cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
