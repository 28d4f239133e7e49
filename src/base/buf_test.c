/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "support/fault.h"

static void
a_buffer_grows_to_its_maximum(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(1000);
	uint8_t chunk[7];
	sgl_err err;

	(void)state;
	for (size_t i = 0; i < 142; i++) {
		memset(chunk, (int)i, sizeof chunk);
		assert_int_equal(
		    sgl_buf_add(&b, sgl_slice_of(chunk, 7), &err), SGL_OK);
	}
	assert_int_equal(b.len, 994);
	assert_true(b.cap <= 1000);
	assert_int_equal(
	    sgl_buf_add(&b, sgl_slice_of(chunk, 7), &err), SGL_E_LIMIT);
	assert_int_equal(err.status, SGL_E_LIMIT);
	assert_int_equal(b.len, 994);
	assert_int_equal(sgl_buf_add(&b, sgl_slice_of(chunk, 6), &err), SGL_OK);
	assert_int_equal(sgl_buf_reserve(&b, 1, &err), SGL_E_LIMIT);
	assert_int_equal(sgl_buf_reserve(&b, SIZE_MAX, &err), SGL_E_LIMIT);
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], (i < 994 ? i / 7 : 141));
}

static void
an_empty_buffer_is_valid(void **state)
{
	sgl_buf b = {.max = 4};

	(void)state;
	assert_int_equal(sgl_buf_add(&b, (sgl_slice){NULL, 0}, NULL), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&b, "", NULL), SGL_OK);
	assert_int_equal(sgl_buf_slice(&b).len, 0);
	sgl_buf_clear(&b);
	sgl_buf_wipe(&b);
	assert_int_equal(b.max, 4);
	assert_int_equal(sgl_buf_add_str(&b, "abcd", NULL), SGL_OK);
	sgl_buf_wipe(&b);
	assert_null(b.data);
	assert_int_equal(b.len + b.cap, 0);
}

static void
text_is_formatted_up_to_the_maximum(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(8);

	(void)state;
	assert_int_equal(sgl_buf_printf(&b, NULL, "%s", ""), SGL_OK);
	assert_int_equal(sgl_buf_printf(&b, NULL, "%03d", 7), SGL_OK);
	assert_int_equal(sgl_buf_printf(&b, NULL, "%s", "123456"), SGL_E_LIMIT);
	assert_int_equal(sgl_buf_printf(&b, NULL, "%s", "12345"), SGL_OK);
	assert_true(sgl_slice_eq(sgl_buf_slice(&b), SGL_LIT("00712345")));
}

static void
a_secret_buffer_moves_by_hand(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = {.max = SIZE_MAX, .secret = true};
	char want[3001];

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		want[i] = (char)('a' + i % 26);
		assert_int_equal(
		    sgl_buf_add(&b, sgl_slice_of(want + i, 1), NULL), SGL_OK);
	}
	assert_int_equal(b.len, 3000);
	assert_memory_equal(b.data, want, 3000);
	sgl_buf_clear(&b);
	assert_true(b.secret);
}

static void
a_copy_ends_in_nul(void **state)
{
	uint8_t *copy = NULL;

	(void)state;
	assert_int_equal(
	    sgl_slice_copy(SGL_LIT("text"), &copy, "t", NULL), SGL_OK);
	assert_string_equal((char *)copy, "text");
	sgl_mem_free(copy);
	assert_int_equal(
	    sgl_slice_copy((sgl_slice){NULL, 0}, &copy, "t", NULL), SGL_OK);
	assert_string_equal((char *)copy, "");
	sgl_mem_free(copy);
}

static void
secrets_are_set_anew(void **state)
{
	SGL_AUTO_CLEAR(sgl_secret) s = {0};

	(void)state;
	assert_int_equal(sgl_secret_set(&s, SGL_LIT("first"), NULL), SGL_OK);
	assert_string_equal((char *)s.data, "first");
	/* A part of itself. */
	assert_int_equal(
	    sgl_secret_set(&s, sgl_slice_first(sgl_secret_slice(&s), 2), NULL),
	    SGL_OK);
	assert_string_equal((char *)s.data, "fi");
	assert_int_equal(s.len, 2);
	assert_int_equal(sgl_secret_zeroed(&s, 3, NULL), SGL_OK);
	assert_memory_equal(s.data, "\0\0\0", 4);
	assert_int_equal(
	    sgl_secret_set(&s, (sgl_slice){NULL, 0}, NULL), SGL_OK);
	assert_int_equal(s.len, 0);
	assert_int_equal(sgl_secret_zeroed(&s, SIZE_MAX, NULL), SGL_E_NOMEM);
	assert_int_equal(s.len, 0);
	sgl_secret_clear(&s);
	assert_null(s.data);
}

static void
a_source_reads_and_rewinds(void **state)
{
	sgl_slicesource s;
	uint8_t got[4];
	size_t n;

	(void)state;
	sgl_slicesource_init(&s, SGL_LIT("abcdef"));
	for (int round = 0; round < 2; round++) {
		assert_int_equal(
		    s.source.ops->read(&s.source, got, 4, &n, NULL), SGL_OK);
		assert_int_equal(n, 4);
		assert_memory_equal(got, "abcd", 4);
		assert_int_equal(
		    s.source.ops->read(&s.source, got, 4, &n, NULL), SGL_OK);
		assert_int_equal(n, 2);
		assert_int_equal(
		    s.source.ops->read(&s.source, got, 4, &n, NULL), SGL_OK);
		assert_int_equal(n, 0);
		assert_int_equal(s.source.ops->rewind(&s.source, NULL), SGL_OK);
	}
}

static void
zero_limits_are_filled(void **state)
{
	sgl_limits given = {.layers = 3, .element = 5};
	sgl_limits full = sgl_limits_fill(&given), all = sgl_limits_fill(NULL);

	(void)state;
	assert_int_equal(full.layers, 3);
	assert_int_equal(full.element, 5);
	assert_int_equal(full.mime_depth, 32);
	assert_int_equal(full.ber_depth, 32);
	assert_int_equal(full.recipients, 10000);
	assert_int_equal(full.signers, 16);
	assert_int_equal(full.certificates, 128);
	assert_int_equal(full.path_steps, 256);
	assert_int_equal(full.kdf_iterations, 10000000);
	assert_int_equal(full.headers, 1 << 20);
	assert_int_equal(full.sets, 16 << 20);
	assert_int_equal(full.spool_memory, 1 << 20);
	assert_int_equal(all.layers, 8);
	assert_int_equal(all.element, 1 << 20);
}

static sgl_status
everything(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) plain = sgl_buf_init(5000);
	SGL_AUTO_CLEAR(sgl_buf) hidden = {.max = 5000, .secret = true};
	SGL_AUTO_CLEAR(sgl_secret) key = {0};
	SGL_AUTO_MEM uint8_t *copy = NULL;
	char text[500];

	(void)ctx;
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 4; i++) {
		TRY(sgl_buf_add(&plain, sgl_slice_of(text, 500), err));
		TRY(sgl_buf_add(&hidden, sgl_slice_of(text, 500), err));
	}
	TRY(sgl_buf_printf(&plain, err, "%d", 1));
	TRY(sgl_secret_set(&key, SGL_LIT("one"), err));
	TRY(sgl_secret_set(&key, SGL_LIT("two"), err));
	return sgl_slice_copy(sgl_buf_slice(&plain), &copy, "test", err);
}

static void
no_memory_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(everything, NULL) >= 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_buffer_grows_to_its_maximum),
	    cmocka_unit_test(an_empty_buffer_is_valid),
	    cmocka_unit_test(text_is_formatted_up_to_the_maximum),
	    cmocka_unit_test(a_secret_buffer_moves_by_hand),
	    cmocka_unit_test(a_copy_ends_in_nul),
	    cmocka_unit_test(secrets_are_set_anew),
	    cmocka_unit_test(a_source_reads_and_rewinds),
	    cmocka_unit_test(zero_limits_are_filled),
	    cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
