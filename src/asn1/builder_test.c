/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asn1/builder.h"
#include "support/fault.h"
#include "support/hex.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void
is(const sgl_buf *b, const char *hex)
{
	if (!sgl_slice_eq(sgl_buf_slice(b), unhex(hex)))
		fail_msg("is not %s", hex);
}

static void
writes_values(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
	sgl_derb b = sgl_derb_over(&out);

	(void)state;
	sgl_derb_bool(&b, true);
	sgl_derb_bool(&b, false);
	sgl_derb_uint(&b, 0);
	sgl_derb_uint(&b, 127);
	sgl_derb_uint(&b, 128);
	sgl_derb_uint(&b, UINT64_MAX);
	sgl_derb_unsigned(&b, SGL_LIT("\x00\x00\x01"));
	sgl_derb_unsigned(&b, SGL_LIT("\x00\x80"));
	sgl_derb_unsigned(&b, SGL_LIT(""));
	sgl_derb_null(&b);
	sgl_derb_oid(&b, SGL_LIT("\x2a\x03"));
	sgl_derb_bits(&b, SGL_LIT("\x80"), 7);
	sgl_derb_octets(&b, SGL_LIT("\xab"));
	sgl_derb_utf8(&b, SGL_LIT("A"));
	sgl_derb_bytes(&b, SGL_CONTEXT_PRIMITIVE(31), SGL_LIT("\x01"));
	sgl_derb_bytes(&b, SGL_CONTEXT_PRIMITIVE(16384), SGL_LIT(""));
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	is(&out,
	    "0101ff 010100 020100 02017f 02020080 020900ffffffffffffffff "
	    "020101 02020080 020100 0500 06022a03 03020780 0401ab 0c0141 "
	    "9f1f0101 9f81800000");
}

static const struct {
	sgl_time time;
	const char *want;
} times[] = {
    {0, "170d3730303130313030303030305a"},
    {2524607999, "170d3439313233313233353935395a"},
    {2524608000, "180f32303530303130313030303030305a"},
    {-631152000, "170d3530303130313030303030305a"},
    {-631152001, "180f31393439313233313233353935395a"},
    {253402300799, "180f39393939313233313233353935395a"},
};

static void
writes_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(64);
		sgl_derb b = sgl_derb_over(&out);
		sgl_der in;
		sgl_time back;

		sgl_derb_time(&b, times[i].time);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
		is(&out, times[i].want);
		in = sgl_der_over(sgl_buf_slice(&out));
		assert_true(sgl_der_read_time(&in, &back));
		assert_int_equal(back, times[i].time);
		out.len = 0;
		sgl_derb_generalized_time(&b, times[i].time);
		assert_int_equal(out.data[0], 0x18);
	}
}

/* Lengths around every size of their field, nested. */
static void
fixes_lengths(void **state)
{
	static const size_t sizes[] = {
	    0, 1, 127, 128, 129, 255, 256, 65535, 65536, 100000};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1 << 20);
		SGL_AUTO_CLEAR(sgl_buf) raw = sgl_buf_init(1 << 20);
		sgl_derb b = sgl_derb_over(&out);
		sgl_der in, body, inner;
		sgl_slice bytes;
		uint8_t head[10];
		size_t outer = sgl_derb_open(&b, SGL_SEQUENCE), mark;

		assert_int_equal(
		    sgl_buf_reserve(&raw, sizes[i] + 1, NULL), SGL_OK);
		memset(raw.data, 0x41, sizes[i]);
		mark = sgl_derb_open(&b, SGL_CONTEXT(0));
		sgl_derb_octets(&b, sgl_slice_of(raw.data, sizes[i]));
		sgl_derb_close(&b, mark);
		sgl_derb_null(&b);
		sgl_derb_close(&b, outer);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
		in = sgl_der_over(sgl_buf_slice(&out));
		assert_true(sgl_der_read(&in, SGL_SEQUENCE, &body));
		assert_true(sgl_der_done(&in));
		assert_true(sgl_der_read(&body, SGL_CONTEXT(0), &inner));
		assert_true(
		    sgl_der_read_bytes(&inner, SGL_OCTET_STRING, &bytes));
		assert_int_equal(bytes.len, sizes[i]);
		assert_true(sgl_der_read(&body, SGL_NULL, NULL));
		assert_true(sgl_der_done(&body));
		assert_int_equal(
		    sgl_der_put_header(head, SGL_OCTET_STRING, sizes[i]),
		    sgl_der_header_len(sizes[i]));
		assert_memory_equal(head,
		    bytes.data - sgl_der_header_len(sizes[i]),
		    sgl_der_header_len(sizes[i]));
	}
}

static void
sorts_sets(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
	sgl_derb b = sgl_derb_over(&out);
	size_t mark = sgl_derb_open(&b, SGL_SET);

	(void)state;
	sgl_derb_raw(&b, unhex("0202 0100"));
	sgl_derb_raw(&b, unhex("0201 05"));
	sgl_derb_raw(&b, unhex("0101 ff 0201 04"));
	sgl_derb_close_set_of(&b, mark);
	mark = sgl_derb_open(&b, SGL_SET);
	sgl_derb_close_set_of(&b, mark);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	is(&out, "310d 0101ff 020104 020105 02020100 3100");
	/* what is no run of elements cannot be sorted */
	mark = sgl_derb_open(&b, SGL_SET);
	sgl_derb_raw(&b, unhex("0202"));
	sgl_derb_close_set_of(&b, mark);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_E_USAGE);
}

static void
stays_failed(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(8);
	sgl_derb b = sgl_derb_over(&out);
	size_t mark = sgl_derb_open(&b, SGL_SEQUENCE);

	(void)state;
	sgl_derb_octets(&b, SGL_LIT("0123456789"));
	sgl_derb_null(&b);
	sgl_derb_close(&b, mark);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_E_LIMIT);
	assert_true(out.len <= 8);
}

static sgl_status
build_job(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
	sgl_derb b = sgl_derb_over(&out);
	size_t mark = sgl_derb_open(&b, SGL_SET);

	(void)ctx;
	for (unsigned i = 200; i > 0; i--)
		sgl_derb_uint(&b, i);
	sgl_derb_close_set_of(&b, mark);
	return sgl_derb_end(&b, err);
}

static void
survives_lack_of_memory(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(build_job, NULL) >= 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_values),
	    cmocka_unit_test(writes_times),
	    cmocka_unit_test(fixes_lengths),
	    cmocka_unit_test(sorts_sets),
	    cmocka_unit_test(stays_failed),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
