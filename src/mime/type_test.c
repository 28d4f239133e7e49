/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "mime/header.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* `want` is "type/subtype name=value;name=value;", and "!" in front of it if
 * something had to be skipped. */
static const struct {
	const char *value, *want;
} types[] = {
    {"text/plain", "text/plain "},
    {" Text / PLAIN ; Charset = UTF-8 ", "text/plain charset=UTF-8;"},
    {"text/plain; charset=us-ascii (Plain text)",
	"text/plain charset=us-ascii;"},
    {"text/plain; charset=\"us-ascii\"", "text/plain charset=us-ascii;"},
    {"text/plain;", "text/plain "},
    {"text/plain;; charset=a;", "text/plain charset=a;"},
    {"attachment; filename=\"a \\\"b\\\".txt\"",
	"attachment/ filename=a \"b\".txt;"},
    {"inline", "inline/ "},
    {"multipart/mixed; boundary=----=_Part_1=x/y",
	"multipart/mixed boundary=----=_Part_1=x/y;"},
    {"multipart/signed; protocol=application/pkcs7-signature;\r\n"
     "\tmicalg=sha-256; boundary=\"=_a b\"",
	"multipart/signed protocol=application/pkcs7-signature;"
	"micalg=sha-256;boundary==_a b;"},
    {"multipart/mixed; boundary=\"a\r\n b\"", "multipart/mixed boundary=a b;"},
    {"a/b (x(y)z\\)); (c) n (d) = (e) v (f)", "a/b n=v;"},
    {"a/b; n=v(w", "a/b n=v(w;"},
    {"a/b; n=\"\"", "a/b n=;"},
    /* RFC 2231 */
    {"a/b; n*0=one; n*1=two", "a/b n=onetwo;"},
    {"a/b; n*1=two; m=x; n*0=one", "a/b m=x;n=onetwo;"},
    {"a/b; n*=us-ascii'en'This%20is%2A", "a/b n=This is*;"},
    {"a/b; n*0*=utf-8''%C3%A5; n*1*=%20b'c'd; n*2=\"%20e\"",
	"a/b n=\xc3\xa5 b'c'd%20e;"},
    {"a/b; n*=%zz%4", "a/b n=%zz%4;"},
    /* with something skipped */
    {"", "!/ "},
    {"/plain", "!/plain "},
    {"text/", "!text/ "},
    {"text/plain charset=x", "!text/plain "},
    {"text/plain; charset", "!text/plain "},
    {"text/plain; charset=; a=b", "!text/plain a=b;"},
    {"text/plain; =x; a=b", "!text/plain a=b;"},
    {"text/plain; name=my file.txt; a=b", "!text/plain name=my file.txt;a=b;"},
    {"text/plain; a=\"b; c=d", "!text/plain a=b; c=d;"},
    {"text/plain; a=b (c; d=e", "!text/plain a=b;"},
    {"text/plain; a=\"b\" c; d=e", "!text/plain a=b;d=e;"},
    {"text/plain; a=b; A=c", "!text/plain a=b;"},
    {"text/plain; a=b; a*0=c", "!text/plain a=b;"},
    {"text/plain; a*0=b; a*2=c", "!text/plain a=b;"},
    {"text/plain; a*0=b; a*0=c", "!text/plain a=b;"},
    {"text/plain; a*1=c", "!text/plain "},
    {"text/plain; a*x=c; *=d; a*100=e; a**0=f", "!text/plain "},
};

static void
describe(const sgl_mime_type *t, char *out, size_t size)
{
	int n = snprintf(out, size, "%s%s/%s ", t->malformed ? "!" : "",
	    t->type, t->subtype);

	for (size_t i = 0; i < t->num_params; i++) {
		assert_int_equal(
		    strlen(t->params[i].value), t->params[i].value_len);
		n += snprintf(out + n, size - (size_t)n, "%s=%s;",
		    t->params[i].name, t->params[i].value);
	}
}

static void
test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
		char got[300];

		assert_int_equal(
		    sgl_mime_type_read(sgl_slice_str(types[i].value), &t, NULL),
		    SGL_OK);
		describe(&t, got, sizeof got);
		assert_string_equal(got, types[i].want);
	}
}

static void
test_many_params(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};

	(void)state;
	assert_int_equal(sgl_buf_add_str(&b, "a/b", NULL), SGL_OK);
	for (int i = 0; i < 70; i++)
		assert_int_equal(
		    sgl_buf_printf(&b, NULL, "; n%d=%d", i, i), SGL_OK);
	assert_int_equal(
	    sgl_mime_type_read(sgl_buf_slice(&b), &t, NULL), SGL_OK);
	assert_true(t.malformed);
	assert_int_equal(t.num_params, SGL_MIME_PARAMS_MAX);
	assert_string_equal(sgl_mime_type_param(&t, "n63"), "63");
	assert_null(sgl_mime_type_param(&t, "n64"));
}

static const struct {
	const char *section, *type, *subtype;
	bool malformed;
} defaults[] = {
    {"", "text", "plain", false},
    {"Content-Type: image/PNG\n", "image", "png", false},
    {"Content-Type: image\n", "text", "plain", true},
    {"Content-Type: \n", "text", "plain", true},
    {"Content-Type: image/png; x\n", "image", "png", true},
};

static void
test_content_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(defaults); i++) {
		SGL_AUTO_CLEAR(sgl_headers) h = {0};
		SGL_AUTO_CLEAR(sgl_mime_type) t = {0};

		assert_int_equal(
		    sgl_headers_read(
			sgl_slice_str(defaults[i].section), 4096, &h, NULL),
		    SGL_OK);
		assert_int_equal(
		    sgl_headers_content_type(&h, &t, NULL), SGL_OK);
		assert_true(sgl_mime_type_is(
		    &t, defaults[i].type, defaults[i].subtype));
		assert_int_equal(t.malformed, defaults[i].malformed);
	}
}

static const struct {
	const char *field, *want; /* NULL: it cannot be read */
} edits[] = {
    {"Content-Type: text/plain\r\n", "Content-Type: text/plain; n=1\r\n"},
    {"Content-Type: text/plain; charset=a\r\n",
	"Content-Type: text/plain; n=1; charset=a\r\n"},
    {"content-type :\r\n text/plain (c);\r\n\tx=\"y;z\"\r\n",
	"content-type :\r\n text/plain; n=1 (c);\r\n\tx=\"y;z\"\r\n"},
    {"Content-Type: a/b; old=x; charset=a\n",
	"Content-Type: a/b; n=1; charset=a\n"},
    {"Content-Type: a/b; charset=a;\r\n OLD=\"x;y\"\r\n",
	"Content-Type: a/b; n=1; charset=a\r\n"},
    {"Content-Type: a/b; Old*0=x; (;) old*1*=y; older=z\n",
	"Content-Type: a/b; n=1; older=z\n"},
    {"Content-Type: a/b; name=\"; old=x\"; second=1\n",
	"Content-Type: a/b; n=1; name=\"; old=x\"\n"},
    {"Content-Type: a/b;;old=x;", "Content-Type: a/b; n=1;;"},
    {"Content-Type: text\n", NULL},
    {"Content-Type: text/\n", NULL},
    {"Content-Type:\n", NULL},
};

static void
test_edit(void **state)
{
	static const char *const drop[] = {"old", "second", NULL};

	(void)state;
	for (size_t i = 0; i < COUNT(edits); i++) {
		SGL_AUTO_CLEAR(sgl_headers) h = {0};
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
		sgl_status status;

		assert_int_equal(sgl_headers_read(sgl_slice_str(edits[i].field),
				     4096, &h, NULL),
		    SGL_OK);
		status = sgl_mime_type_edit(
		    &h.fields[0], drop, SGL_LIT("; n=1"), &out, NULL);
		assert_int_equal(
		    status, edits[i].want == NULL ? SGL_E_ENCODING : SGL_OK);
		if (edits[i].want != NULL &&
		    !sgl_slice_eq(
			sgl_buf_slice(&out), sgl_slice_str(edits[i].want)))
			fail_msg("%s: %.*s", edits[i].field, (int)out.len,
			    (const char *)out.data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_many_params),
	    cmocka_unit_test(test_content_type),
	    cmocka_unit_test(test_edit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
