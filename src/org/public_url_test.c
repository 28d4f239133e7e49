/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "org/public_url.h"
#include "support/fault.h"

static sgl_status
read(const char *given, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_public_url_read(given, out, err));
	return sgl_buf_add(out, sgl_slice_of("", 1), err);
}

static void
urls_get_one_form(void **state)
{
	static const struct {
		const char *given, *want;
	} cases[] = {
	    {"http://pki.example.org", "http://pki.example.org"},
	    {"HTTP://PKI.Example.ORG/", "http://pki.example.org"},
	    {"http://pki.example.org:80/a/B//", "http://pki.example.org/a/B"},
	    {"http://pki.example.org:8080", "http://pki.example.org:8080"},
	    {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
	    {"http://[0:0::1]:81", "http://[::1]:81"},
	    {"http://m\xc3\xbcller.example", "http://xn--mller-kva.example"},
	    {"http://a.example/~x/a-b_c.d", "http://a.example/~x/a-b_c.d"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
		assert_int_equal(read(cases[i].given, &out, NULL), SGL_OK);
		assert_string_equal(out.data, cases[i].want);
	}
}

static void
what_cannot_stand_in_certificates_is_refused(void **state)
{
	static const struct {
		const char *given, *said;
	} cases[] = {
	    {"", "must begin with http://"},
	    {"https://pki.example.org", "must begin with http://"},
	    {"ldap://pki.example.org", "must begin with http://"},
	    {"pki.example.org", "must begin with http://"},
	    {"http://", "host"},
	    {"http:///crl", "host"},
	    {"http://a b.example", "host"},
	    {"http://example..org", "host"},
	    {"http://me@example.org", "user name"},
	    {"http://me:secret@example.org/", "user name"},
	    {"http://example.org:", "port"},
	    {"http://example.org:0", "port"},
	    {"http://example.org:65536", "port"},
	    {"http://example.org:8x", "port"},
	    {"http://[::1]8", "port"},
	    {"http://[::1", "brackets"},
	    {"http://[nonsense]", "brackets"},
	    {"http://example.org?a=b", "query"},
	    {"http://example.org/#a", "fragment"},
	    {"http://example.org/%2e", "plain"},
	    {"http://example.org/a b", "plain"},
	    {"http://example.org/\n", "plain"},
	    {"http://example.org/../a", "dot"},
	    {"http://example.org/a//b", "empty"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
		sgl_err err = {0};
		assert_int_equal(read(cases[i].given, &out, &err), SGL_E_USAGE);
		if (strstr(err.text, cases[i].said) == NULL)
			fail_msg("%s: %s", cases[i].given, err.text);
		assert_int_equal(out.len, 0);
	}
}

static void
there_is_an_end_to_length(void **state)
{
	char url[SGL_PUBLIC_URL_MAX + 16] = "http://example.org/";
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
	size_t used = strlen(url);

	(void)state;
	memset(url + used, 'a', SGL_PUBLIC_URL_MAX - used);
	assert_int_equal(read(url, &out, NULL), SGL_OK);
	url[SGL_PUBLIC_URL_MAX] = 'a';
	assert_int_equal(read(url, &out, NULL), SGL_E_USAGE);
}

static sgl_status
read_one(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);

	(void)ctx;
	return read("http://pki.example.org:81/a", &out, err);
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(read_one, NULL) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(urls_get_one_form),
	    cmocka_unit_test(what_cannot_stand_in_certificates_is_refused),
	    cmocka_unit_test(there_is_an_end_to_length),
	    cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
