/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One signed and one encrypted object, in all the forms and under all the
 * labels that senders, gateways and people who save attachments give them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base64.h"
#include "support/message.h"

/* 2030-01-01: inside the validity of the vectors' certificates. */
#define JUDGED_AT 1893456000
#define COUNT(a) (sizeof(a) / sizeof *(a))

static sgl_engine *engine;
static char folder[512];

static message_offer offer;
static sgl_buf content;

/* An object of the vectors: as base64 with line ends, and as octets. */
typedef struct object {
	const char *file, *signature, *confidentiality;
	sgl_buf base64, der;
} object;

static object objects[] = {
    {.file = "opaque-rsa-sha256.eml",
	.signature = "valid-trusted",
	.confidentiality = "none"},
    {.file = "env-rsa-aes-128-cbc.eml",
	.signature = "none",
	.confidentiality = "encrypted-no-integrity"},
};

typedef enum form {
	BASE64,
	ONE_LINE, /* of base64, without an end */
	GAPS,	  /* base64 with blank lines and blanks */
	DER,
	PEM,
	PEM_BEHIND_TEXT,
	PEM_BEFORE_TEXT,
	QP_OF_BASE64,
	BASE64_OF_PEM,
} form;

static void
add(sgl_buf *out, sgl_slice s)
{
	assert_int_equal(sgl_buf_add(out, s, NULL), SGL_OK);
}

static void
add_str(sgl_buf *out, const char *s)
{
	add(out, sgl_slice_str(s));
}

static void
add_without_lines(sgl_buf *out, sgl_slice base64)
{
	for (size_t i = 0; i < base64.len; i++)
		if (base64.data[i] != '\r' && base64.data[i] != '\n')
			add(out, sgl_slice_of(base64.data + i, 1));
}

/* Each line end becomes `end`, and each '=' what quoted-printable writes. */
static void
add_with_lines(sgl_buf *out, sgl_slice base64, const char *end, const char *pad)
{
	for (size_t i = 0; i < base64.len; i++)
		if (base64.data[i] == '\n')
			add_str(out, end);
		else if (base64.data[i] == '=')
			add_str(out, pad);
		else if (base64.data[i] != '\r')
			add(out, sgl_slice_of(base64.data + i, 1));
}

static void
add_pem(sgl_buf *out, const object *o)
{
	add_str(out, "-----BEGIN PKCS7-----\n");
	add(out, sgl_buf_slice(&o->base64));
	add_str(out, "-----END PKCS7-----\n");
}

static void
add_form(sgl_buf *out, const object *o, form f)
{
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(MESSAGE_MAX);
	sgl_slice base64 = sgl_buf_slice(&o->base64);

	switch (f) {
	case BASE64:
		add(out, base64);
		break;
	case ONE_LINE:
		add_without_lines(out, base64);
		break;
	case GAPS:
		add_with_lines(out, base64, " \t\r\n\r\n", "=");
		break;
	case DER:
		add(out, sgl_buf_slice(&o->der));
		break;
	case PEM:
		add_pem(out, o);
		break;
	case PEM_BEHIND_TEXT:
		add_str(out, "subject=/CN=Alice\n--- and more\n\n-----\n");
		add_pem(out, o);
		break;
	case PEM_BEFORE_TEXT:
		add_str(out, "\n");
		add_pem(out, o);
		add_str(out, "\n and more");
		break;
	case QP_OF_BASE64:
		add_with_lines(out, base64, "=\r\n=0A", "=3D");
		break;
	case BASE64_OF_PEM:
		add_pem(&pem, o);
		assert_int_equal(
		    sgl_base64_encode(sgl_buf_slice(&pem), out, NULL), SGL_OK);
		break;
	}
}

#define TYPE(t) "Content-Type: " t "\r\n"
#define CTE(e) "Content-Transfer-Encoding: " e "\r\n"
#define P7M TYPE("application/pkcs7-mime; name=smime.p7m")
#define WRONG "wrong-encoding"

/* The header section is all there is in front of the form; "" is none. */
static const struct row {
	const char *name, *head;
	form form;
	const char *finding; /* NULL: none */
} rows[] = {
    {"as it should be", P7M CTE("base64"), BASE64, NULL},
    {"one line", P7M CTE("base64"), ONE_LINE, NULL},
    {"gaps", P7M CTE("base64"), GAPS, NULL},
    {"octets", P7M CTE("binary"), DER, NULL},
    {"octets, unlabelled", P7M, DER, NULL},
    {"octets that are no base64", P7M CTE("base64"), DER, WRONG},
    {"octets that are no qp", P7M CTE("quoted-printable"), DER, WRONG},
    {"base64, unlabelled", P7M, BASE64, WRONG},
    {"base64 as 7bit", P7M CTE("7bit"), BASE64, WRONG},
    {"base64 as 8bit", P7M CTE("8bit"), GAPS, WRONG},
    {"base64 as binary", P7M CTE("binary"), ONE_LINE, WRONG},
    {"base64, misspelt", P7M CTE("base-64"), BASE64, WRONG},
    {"base64, quoted", P7M CTE("\"base64\""), BASE64, WRONG},
    {"base64, made up", P7M CTE("x-foo"), BASE64, WRONG},
    {"two encodings", P7M CTE("7bit") CTE("base64"), BASE64, WRONG},
    {"qp around base64", P7M CTE("quoted-printable"), QP_OF_BASE64, WRONG},
    {"PEM inside", P7M CTE("7bit"), PEM, WRONG},
    {"PEM as base64", P7M CTE("base64"), PEM, WRONG},
    {"PEM in base64", P7M CTE("base64"), BASE64_OF_PEM, WRONG},
    {"a blank line inside", P7M CTE("base64") "\r\n", BASE64, NULL},
    {"octets alone", "", DER, NULL},
    {"base64 alone", "", BASE64, NULL},
    {"PEM alone", "", PEM, NULL},
    {"PEM behind text", "", PEM_BEHIND_TEXT, NULL},
    {"PEM before text", "", PEM_BEFORE_TEXT, NULL},
    {"PEM behind a mark", "\xef\xbb\xbf", PEM, NULL},
    {"a mark in front", "\xef\xbb\xbf" P7M CTE("base64"), BASE64, NULL},
    {"blank lines in front", "\r\n\n" P7M CTE("base64"), BASE64, NULL},
    {"a mark and blank lines in front", "\xef\xbb\xbf\r\n\n" P7M CTE("base64"),
	BASE64, NULL},
    {"mbox", "From alice Mon Jan  1 00:00:00 2026\n" P7M CTE("base64"), BASE64,
	NULL},
    {"the old type", TYPE("application/x-pkcs7-mime") CTE("base64"), BASE64,
	NULL},
    {"name only",
	TYPE("application/octet-stream; name=SMIME.P7M") CTE("base64"), BASE64,
	NULL},
    {"certificates' name only",
	TYPE("application/octet-stream; name=\"smime.p7c\"") CTE("base64"),
	BASE64, NULL},
    {"compressed data's name only",
	TYPE("application/octet-stream; name=\"smime.p7z\"") CTE("base64"),
	BASE64, NULL},
    {"encoded name only",
	TYPE("application/octet-stream; name=\"=?utf-8?B?c21pbWUucDdt?=\"")
	    CTE("base64"),
	BASE64, NULL},
    {"encoded file name only",
	TYPE("application/octet-stream")
	    CTE("base64") "Content-Disposition: attachment;\r\n"
			  " filename=\"=?iso-8859-1?Q?smime=2Ep7m?=\"\r\n",
	BASE64, NULL},
    {"RFC 2231 file name only",
	TYPE("application/octet-stream")
	    CTE("base64") "Content-Disposition: attachment; "
			  "filename*=utf-8''smime%2Ep7m\r\n",
	BASE64, NULL},
    {"comments", TYPE("application/pkcs7-mime (S/MIME)") CTE("base64 (yes)"),
	BASE64, NULL},
    {"semicolons", TYPE("application/pkcs7-mime;; name=x;") CTE("base64;"),
	BASE64, NULL},
    {"certs-only, it says",
	TYPE("application/pkcs7-mime; smime-type=certs-only") CTE("base64"),
	BASE64, NULL},
};

static bool
is_amid_text(form f)
{
	return f == PEM_BEHIND_TEXT || f == PEM_BEFORE_TEXT;
}

static void
compose(const struct row *row, const object *o, sgl_buf *out)
{
	bool is_bare = row->head[0] == '\0' || is_amid_text(row->form) ||
	    strcmp(row->head, "\xef\xbb\xbf") == 0;

	add_str(out, row->head);
	if (!is_bare)
		add_str(out, "\r\n");
	add_form(out, o, row->form);
}

static bool
has_finding(const message_outcome *o, const char *finding)
{
	return memmem(o->json.data, o->json.len, finding, strlen(finding)) !=
	    NULL;
}

static void
check(const char *name, const object *o, const char *finding,
    const message_outcome *got)
{
	if (got->status != SGL_OK)
		fail_msg(
		    "%s, %s: %s", o->file, name, sgl_status_name(got->status));
	if (strcmp(got->signature, o->signature) != 0 ||
	    strcmp(got->confidentiality, o->confidentiality) != 0)
		fail_msg("%s, %s: %s / %s", o->file, name, got->signature,
		    got->confidentiality);
	if (!sgl_slice_eq(
		sgl_buf_slice(&got->content), sgl_buf_slice(&content)))
		fail_msg("%s, %s: another content", o->file, name);
	if (has_finding(got, WRONG) != (finding != NULL))
		fail_msg("%s, %s: another finding", o->file, name);
}

static void
check_cuts(const char *name, const object *o, const char *finding,
    bool has_text, const sgl_buf *message)
{
	const size_t steps[] = {message->len, 1, 7, message->len / 2 + 1};

	for (size_t i = 0; i < COUNT(steps); i++) {
		message_outcome got;

		message_read(engine, sgl_buf_slice(message), &offer, steps[i],
		    true, &got);
		check(name, o, finding, &got);
		if (has_finding(&got, "text-around") != has_text)
			fail_msg("%s, %s: text around it", o->file, name);
		message_outcome_clear(&got);
	}
}

static void
reads_every_form(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(objects); k++)
		for (size_t i = 0; i < COUNT(rows); i++) {
			SGL_AUTO_CLEAR(sgl_buf)
			message = sgl_buf_init(MESSAGE_MAX);

			compose(&rows[i], &objects[k], &message);
			check_cuts(rows[i].name, &objects[k], rows[i].finding,
			    is_amid_text(rows[i].form), &message);
		}
}

/* Wherever the input is cut. */
static void
only_the_first_mark_is_none_of_it(void **state)
{
	static const char *const heads[] = {
	    "\xef\xbb\xbf\xef\xbb\xbf" P7M CTE("base64") "\r\n",
	    "\n\xef\xbb\xbf" P7M CTE("base64") "\r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++)
		for (size_t step = 1; step < 9; step++) {
			SGL_AUTO_CLEAR(sgl_buf)
			message = sgl_buf_init(MESSAGE_MAX);
			message_outcome got;

			add_str(&message, heads[i]);
			add_form(&message, &objects[0], BASE64);
			message_read(engine, sgl_buf_slice(&message), &offer,
			    step == 8 ? message.len : step, true, &got);
			assert_int_equal(got.status, SGL_E_ENCODING);
			message_outcome_clear(&got);
		}
}

/* --- multipart/signed --- */

/* Replaces the first `from`, which must be there. */
static sgl_buf
replaced(const sgl_buf *in, const char *from, const char *to)
{
	const uint8_t *at = memmem(in->data, in->len, from, strlen(from));
	sgl_buf out = sgl_buf_init(MESSAGE_MAX);
	size_t front;

	assert_non_null(at);
	front = (size_t)(at - in->data);
	add(&out, sgl_slice_of(in->data, front));
	add_str(&out, to);
	add(&out, sgl_slice_from(sgl_buf_slice(in), front + strlen(from)));
	return out;
}

#define PROTOCOL "protocol=\"application/pkcs7-signature\"; "
#define MICALG "micalg=\"sha-256\"; "
#define SIGNATURE "Content-Type: application/pkcs7-signature"

static const struct {
	const char *name, *from, *to, *want, *finding;
} clear_rows[] = {
    {"no protocol", PROTOCOL, "", "valid-trusted", NULL},
    {"the other type", PROTOCOL, "protocol=\"application/pkcs7-mime\"; ",
	"valid-trusted", NULL},
    {"the old type", PROTOCOL, "protocol=application/x-pkcs7-signature; ",
	"valid-trusted", NULL},
    {"OpenPGP", PROTOCOL, "protocol=\"application/pgp-signature\"; ", "none",
	NULL},
    {"neither", PROTOCOL MICALG, "", "none", NULL},
    {"OpenPGP, no protocol", PROTOCOL MICALG, "micalg=pgp-sha256; ", "none",
	NULL},
    {"name only", SIGNATURE, "Content-Type: application/octet-stream",
	"valid-trusted", NULL},
    {"no encoding", "Content-Transfer-Encoding: base64", "X-Was-Here: 1",
	"valid-trusted", WRONG},
};

static void
reads_clear_signatures_in_every_form(void **state)
{
	sgl_buf file = message_file(folder, "clear-rsa-sha256.eml");

	(void)state;
	for (size_t i = 0; i < COUNT(clear_rows); i++) {
		sgl_buf message =
		    replaced(&file, clear_rows[i].from, clear_rows[i].to);
		message_outcome got;

		message_read(
		    engine, sgl_buf_slice(&message), &offer, 1, true, &got);
		assert_int_equal(got.status, SGL_OK);
		if (strcmp(got.signature, clear_rows[i].want) != 0)
			fail_msg("%s: %s", clear_rows[i].name, got.signature);
		assert_int_equal(
		    has_finding(&got, WRONG), clear_rows[i].finding != NULL);
		message_outcome_clear(&got);
		sgl_buf_clear(&message);
	}
	sgl_buf_clear(&file);
}

/* --- what is no form of an object --- */

static void
refuses_what_holds_no_object(void **state)
{
	static const char *const texts[] = {
	    P7M CTE("base64") "\r\n",
	    P7M CTE("7bit") "\r\nMIIB and so on, says the text\r\n",
	    P7M CTE("7bit") "\r\n-----BEGIN PKCS7-----\r\n",
	    P7M CTE("7bit") "\r\n-----BEGIN PKCS7-----\r\nMIIB\r\n",
	    P7M "\r\n0",
	    "no message\n\nand no -----BEGIN PKCS7-----\nMIIB\n",
	    "no message, but\n-----BEGIN PKCS7-----\nMIIB\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		for (size_t step = 1; step < 200; step += 198) {
			message_outcome got;

			message_read(engine, sgl_slice_str(texts[i]), &offer,
			    step, false, &got);
			assert_int_equal(got.status, SGL_E_ENCODING);
			assert_false(got.finished);
			message_outcome_clear(&got);
		}
}

static void
load_object(object *o)
{
	sgl_buf file = message_file(folder, o->file);
	const char *body = strstr((const char *)file.data, "\n\r\n");

	if (body == NULL)
		body = strstr((const char *)file.data, "\n\n");

	assert_non_null(body);
	o->base64 = sgl_buf_init(MESSAGE_MAX);
	o->der = sgl_buf_init(MESSAGE_MAX);
	add_with_lines(&o->base64, sgl_slice_str(body), "\n", "=");
	while (o->base64.len > 1 && o->base64.data[o->base64.len - 2] == '\n')
		o->base64.len--;
	assert_int_equal(
	    sgl_base64_decode(sgl_buf_slice(&o->base64), &o->der, NULL),
	    SGL_OK);
	sgl_buf_clear(&file);
}

static int
set_up(void **state)
{
	const char *source = getenv("SIGILL_SOURCE");
	sgl_keyring ca = {0};

	(void)state;
	(void)snprintf(folder, sizeof folder,
	    "%s/tests/vectors/made-by-openssl", source == NULL ? "." : source);
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	message_load(engine, folder, "ca.pem", NULL, &ca);
	offer = (message_offer){.at = JUDGED_AT, .peel = SGL_PEEL_ALL};
	assert_int_equal(
	    sgl_certs_add(&offer.anchors, ca.certs.items[0], NULL), SGL_OK);
	sgl_keyring_clear(&ca);
	message_load(engine, folder, "rsa.pem", NULL, &offer.ring);
	content = message_file(folder, "content.txt");
	for (size_t i = 0; i < COUNT(objects); i++)
		load_object(&objects[i]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(objects); i++) {
		sgl_buf_clear(&objects[i].base64);
		sgl_buf_clear(&objects[i].der);
	}
	sgl_buf_clear(&content);
	sgl_keyring_clear(&offer.ring);
	sgl_certs_clear(&offer.anchors);
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_form),
	    cmocka_unit_test(only_the_first_mark_is_none_of_it),
	    cmocka_unit_test(reads_clear_signatures_in_every_form),
	    cmocka_unit_test(refuses_what_holds_no_object),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
