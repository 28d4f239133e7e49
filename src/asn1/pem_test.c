/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asn1/pem.h"
#include "support/fault.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define B "-----BEGIN X-----\n"
#define E "-----END X-----\n"

/* `want` is each block as "label:contents|", `status` how it ends. */
static const struct {
	const char *text, *want;
	sgl_status status;
	uint64_t offset;
} files[] = {
    {"", "", SGL_OK, 0},
    {"nothing here", "", SGL_OK, 0},
    {B "aGk=\n" E, "X:hi|", SGL_OK, 0},
    {B "aGk=\r\n-----END X-----\r\n", "X:hi|", SGL_OK, 0},
    {B "aG\n k =\n\n" E, "X:hi|", SGL_OK, 0},
    {B E, "X:|", SGL_OK, 0},
    {"text before\n" B "aGk=\n" E "and behind\n", "X:hi|", SGL_OK, 0},
    {B "aGk=\n" E B "aG8=\n" E, "X:hi|X:ho|", SGL_OK, 0},
    {"-----BEGIN A B-----\naGk=\n-----END A B-----", "A B:hi|", SGL_OK, 0},
    {B "Proc-Type: 4,ENCRYPTED\nDEK-Info: x,y\n\naGk=\n" E, "X:hi|", SGL_OK, 0},
    {"x" B "aGk=\n" E, "", SGL_OK, 0}, /* not at the start of a line */
    /* a byte order mark, in front alone */
    {"\xef\xbb\xbf" B "aGk=\n" E, "X:hi|", SGL_OK, 0},
    {"\xef\xbb\xbf", "", SGL_OK, 0},
    {"\n\xef\xbb\xbf" B "aGk=\n" E, "", SGL_OK, 0},
    {B "aGk=\n", "", SGL_E_ENCODING, 0},
    {"\n" B "aGk=\n-----END Y-----\n", "", SGL_E_ENCODING, 24},
    {B "aGk=\n" E "z\n" B "a\n" E, "X:hi|", SGL_E_ENCODING, 41},
    {B "a*k=\n" E, "", SGL_E_ENCODING, 0},
    {"-----BEGIN X\naGk=\n" E, "", SGL_E_ENCODING, 0},
    {"-----BEGIN ", "", SGL_E_ENCODING, 0},
    {B "-----END ", "", SGL_E_ENCODING, 18},
};

static void
reads_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		SGL_AUTO_CLEAR(sgl_buf) got = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(4096);
		sgl_slice text = sgl_slice_str(files[i].text);
		sgl_pem_block block;
		sgl_err err = {0};
		size_t at = 0;
		bool found = true;
		sgl_status status = SGL_OK;

		while (status == SGL_OK && found) {
			status =
			    sgl_pem_next(text, &at, &block, &der, &found, &err);
			if (status == SGL_OK && found)
				assert_int_equal(
				    sgl_buf_printf(&got, NULL, "%.*s:%.*s|",
					(int)block.label.len, block.label.data,
					(int)der.len, der.data),
				    SGL_OK);
		}
		if (status != files[i].status ||
		    (status != SGL_OK && err.offset != files[i].offset) ||
		    !sgl_slice_eq(
			sgl_buf_slice(&got), sgl_slice_str(files[i].want)))
			fail_msg("row %zu: %.*s at %zu", i, (int)got.len,
			    got.data, (size_t)err.offset);
	}
}

static void
lends_headers(void **state)
{
	static const char text[] = B "Proc-Type: 4,ENCRYPTED\nDEK-Info: a,b\n"
				     "\naGk=\n" E;
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(4096);
	sgl_pem_block block;
	size_t at = 0;
	bool found;

	(void)state;
	assert_true(sgl_pem_has(sgl_slice_str(text)));
	assert_int_equal(
	    sgl_pem_next(sgl_slice_str(text), &at, &block, &der, &found, NULL),
	    SGL_OK);
	assert_true(sgl_slice_starts(
	    block.headers, SGL_LIT("Proc-Type: 4,ENCRYPTED\nDEK-Info: a,b")));
	assert_int_equal(block.offset, 0);
}

/* OpenPGP's checksum and headers are no base64. */
static void
passes_openpgp_over(void **state)
{
	static const char armour[] =
	    "-----BEGIN PGP MESSAGE-----\nVersion: 2\n\n"
	    "iQEz\n=abcd\n"
	    "-----END PGP MESSAGE-----\n",
			  both[] = "-----BEGIN PGP MESSAGE-----\n=abcd\n"
				   "-----END PGP MESSAGE-----\n" B "aGk=\n" E;
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(4096);
	sgl_pem_block block;
	size_t at = 0;
	bool found;

	(void)state;
	assert_false(sgl_pem_has(sgl_slice_str(armour)));
	assert_true(sgl_pem_has(sgl_slice_str(both)));
	assert_int_equal(
	    sgl_pem_next(sgl_slice_str(both), &at, &block, &der, &found, NULL),
	    SGL_OK);
	assert_true(found);
	assert_true(sgl_slice_eq(sgl_buf_slice(&der), SGL_LIT("hi")));
}

static void
writes_what_it_reads(void **state)
{
	uint8_t bytes[200];

	(void)state;
	for (size_t n = 0; n < sizeof bytes; n++) {
		SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(4096);
		sgl_pem_block block;
		size_t at = 0;
		bool found;

		bytes[n] = (uint8_t)(n * 37);
		assert_int_equal(
		    sgl_pem_add(&pem, "X", sgl_slice_of(bytes, n), NULL),
		    SGL_OK);
		assert_int_equal(sgl_pem_next(sgl_buf_slice(&pem), &at, &block,
				     &der, &found, NULL),
		    SGL_OK);
		assert_true(found);
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&der), sgl_slice_of(bytes, n)));
		assert_false(memchr(pem.data, '\r', pem.len) != NULL);
	}
}

static sgl_status
pem_job(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(4096);
	sgl_pem_block block;
	size_t at = 0;
	bool found;

	(void)ctx;
	TRY(sgl_pem_add(&pem, "X", SGL_LIT("hello"), err));
	return sgl_pem_next(
	    sgl_buf_slice(&pem), &at, &block, &der, &found, err);
}

static void
survives_lack_of_memory(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(pem_job, NULL) >= 3);
}

static void
respects_maximum(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1);
	sgl_pem_block block;
	size_t at = 0;
	bool found;

	(void)state;
	assert_int_equal(sgl_pem_next(sgl_slice_str(B "aGVsbG8gd29ybGQ=\n" E),
			     &at, &block, &der, &found, NULL),
	    SGL_E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_blocks),
	    cmocka_unit_test(lends_headers),
	    cmocka_unit_test(passes_openpgp_over),
	    cmocka_unit_test(writes_what_it_reads),
	    cmocka_unit_test(survives_lack_of_memory),
	    cmocka_unit_test(respects_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
