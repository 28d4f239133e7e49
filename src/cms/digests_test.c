/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cms/digests.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
	const char *name;
	sgl_digest_mask mask;
	size_t keep, len;
	sgl_digest_alg ask;
	bool found, kept;
} cases[] = {
    {"asked for", SGL_DIGEST_BIT(SGL_DIGEST_SHA256), 0, 100, SGL_DIGEST_SHA256,
	true, false},
    {"not asked for", SGL_DIGEST_BIT(SGL_DIGEST_SHA256), 0, 100,
	SGL_DIGEST_SHA512, false, false},
    {"kept", SGL_DIGEST_BIT(SGL_DIGEST_SHA256), 100, 100, SGL_DIGEST_SHA512,
	true, true},
    {"nothing asked for", 0, 100, 100, SGL_DIGEST_SHA1, true, true},
    {"too long to keep", SGL_DIGEST_BIT(SGL_DIGEST_SHA384), 99, 100,
	SGL_DIGEST_SHA512, false, false},
    {"too long, but asked for", SGL_DIGEST_LIKELY, 99, 100, SGL_DIGEST_SHA384,
	true, false},
    {"empty", SGL_DIGEST_LIKELY, 10, 0, SGL_DIGEST_SHA1, true, true},
    {"MD5", SGL_DIGEST_BIT(SGL_DIGEST_MD5), 100, 100, SGL_DIGEST_MD5, false,
	true},
    {"none", SGL_DIGEST_LIKELY, 100, 100, SGL_DIGEST_NONE, false, true},
    {"unknown bits", ~0u, 0, 100, SGL_DIGEST_SHA224, true, false},
};

static void
check_case(sgl_engine *engine, size_t i, sgl_slice in, size_t step)
{
	SGL_AUTO(sgl_digests)
	d = NULL;
	sgl_digest got, want;
	sgl_slice kept;
	bool found = !cases[i].found;

	assert_int_equal(
	    sgl_digests_new(engine, cases[i].mask, cases[i].keep, &d, NULL),
	    SGL_OK);
	for (size_t at = 0; at < in.len; at += step)
		assert_int_equal(
		    sgl_digests_update(d,
			sgl_slice_of(in.data + at,
			    in.len - at < step ? in.len - at : step),
			NULL),
		    SGL_OK);
	assert_int_equal(
	    sgl_digests_value(d, cases[i].ask, &got, &found, NULL), SGL_OK);
	if (found != cases[i].found)
		fail_msg("%s", cases[i].name);
	assert_int_equal(sgl_digests_content(d, &kept), cases[i].kept);
	if (cases[i].kept)
		assert_int_equal(kept.len, in.len);
	if (!found)
		return;
	assert_int_equal(
	    sgl_hash_once(engine, cases[i].ask, in, &want, NULL), SGL_OK);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.bytes, want.bytes, want.len);
}

static void
digests(void **state)
{
	static const size_t steps[] = {1, 50, 99, 1000};
	uint8_t bytes[100];

	memset(bytes, 'x', sizeof bytes);
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t k = 0; k < COUNT(steps); k++)
			check_case(*state, i, sgl_slice_of(bytes, cases[i].len),
			    steps[k]);
}

static int
start(void **state)
{
	return sgl_engine_new(NULL, (sgl_engine **)state, NULL) == SGL_OK ? 0
									  : -1;
}

static int
stop(void **state)
{
	sgl_engine_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(digests)};

	return cmocka_run_group_tests(tests, start, stop);
}
