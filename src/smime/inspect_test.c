/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "asn1/pem.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "pki/ocsp.h"
#include "smime/inspect.h"
#include "support/corpus.h"
#include "support/fault.h"
#include "support/hex.h"
#include "support/parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX_FILE ((size_t)16 << 20)
#define R(s) SGL_RAW(s)

static int
start(void **state)
{
	sgl_engine *engine;

	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	*state = engine;
	return 0;
}

static int
stop(void **state)
{
	sgl_engine_free(*state);
	return 0;
}

/* --- the writer --- */

static void
write_sample(sgl_tree *t)
{
	sgl_tree_open(t, (sgl_span){0, 9}, "root", SGL_LIT(""));
	sgl_tree_leaff(t, (sgl_span){2, 3}, "number", "%d", 42);
	sgl_tree_open_decoded(t, (sgl_span){5, 4}, "body", 3);
	sgl_tree_hex(t, (sgl_span){0, 3}, "bytes", SGL_LIT("\x01\xff\x80"));
	sgl_tree_close(t);
	sgl_tree_leaf(t, SGL_NOWHERE, "text",
	    SGL_LIT("a\x1b[2J\r\n\xc2\x9b\xff\xe2\x80\xae\xc3\xa5"));
}

static const char sample_text[] =
    "       0  root\n"
    "       2    number: 42\n"
    "       5    body: 3 bytes; offsets below count from their first\n"
    "       0      bytes: 01ff80\n"
    "            text: a\\x1b[2J\\x0d\\x0a\\x9b\\xff\\u{202e}\xc3\xa5\n";

static const char sample_json[] =
    "{\n"
    "  \"sigill-inspect\": 1,\n"
    "  \"kind\": \"sample\",\n"
    "  \"tree\": {\n"
    "    \"offset\": 0,\n"
    "    \"length\": 9,\n"
    "    \"name\": \"root\",\n"
    "    \"children\": [\n"
    "      {\n"
    "        \"offset\": 2,\n"
    "        \"length\": 3,\n"
    "        \"name\": \"number\",\n"
    "        \"value\": \"42\"\n"
    "      },\n"
    "      {\n"
    "        \"offset\": 5,\n"
    "        \"length\": 4,\n"
    "        \"name\": \"body\",\n"
    "        \"value\": \"3 bytes\",\n"
    "        \"decoded\": true,\n"
    "        \"children\": [\n"
    "          {\n"
    "            \"offset\": 0,\n"
    "            \"length\": 3,\n"
    "            \"name\": \"bytes\",\n"
    "            \"value\": \"01ff80\"\n"
    "          }\n"
    "        ]\n"
    "      },\n"
    "      {\n"
    "        \"name\": \"text\",\n"
    "        \"value\": \"a\\\\x1b[2J\\\\x0d\\\\x0a\\\\x9b\\\\xff\\\\u{202e}"
    "\xc3\xa5\"\n"
    "      }\n"
    "    ]\n"
    "  },\n"
    "  \"malformed\": false\n"
    "}\n";

static void
writes_text_and_json(void **state)
{
	(void)state;
	for (int json = 0; json <= 1; json++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_FILE);
		const char *want = json ? sample_json : sample_text;
		sgl_tree t;

		sgl_tree_start(&t, &out, json, "sample");
		write_sample(&t);
		assert_int_equal(sgl_tree_end(&t, false, NULL), SGL_OK);
		assert_int_equal(sgl_buf_add(&out, SGL_LIT("\0"), NULL), 0);
		assert_string_equal((const char *)out.data, want);
	}
}

static size_t
occurrences(sgl_slice text, const char *word)
{
	size_t n = 0, len = strlen(word);

	for (size_t i = 0; i + len <= text.len; i++)
		n += !memcmp(text.data + i, word, len);
	return n;
}

static void
cuts_what_is_too_long(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(MAX_FILE);
	sgl_tree t;

	(void)state;
	for (int i = 0; i < 2000; i++)
		assert_int_equal(sgl_buf_add_str(&value, "\xc3\xa5", NULL), 0);
	sgl_tree_start(&t, &out, false, "");
	sgl_tree_open(&t, SGL_NOWHERE, "root", SGL_LIT(""));
	sgl_tree_leaf(&t, SGL_NOWHERE, "long", sgl_buf_slice(&value));
	sgl_tree_hex(&t, SGL_NOWHERE, "bytes", sgl_buf_slice(&value));
	assert_int_equal(sgl_tree_end(&t, false, NULL), SGL_OK);
	assert_true(out.len < 1400);
	assert_true(sgl_utf8_is(sgl_buf_slice(&out)));
	assert_int_equal(
	    occurrences(sgl_buf_slice(&out), "... (4000 bytes)"), 2);
}

static void
limits_depth_and_number(void **state)
{
	(void)state;
	for (int json = 0; json <= 1; json++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(SGL_TREE_BYTES);
		sgl_tree t;

		sgl_tree_start(&t, &out, json, "");
		for (int i = 0; i < 200; i++)
			sgl_tree_open(&t, SGL_NOWHERE, "level", SGL_LIT(""));
		sgl_tree_leaf(&t, SGL_NOWHERE, "level", SGL_LIT(""));
		sgl_tree_unwind(&t, 1);
		for (int i = 0; i < SGL_TREE_NODES; i++)
			sgl_tree_leaf(&t, SGL_NOWHERE, "node", SGL_LIT(""));
		assert_int_equal(sgl_tree_end(&t, true, NULL), SGL_OK);
		assert_int_equal(
		    occurrences(sgl_buf_slice(&out), "nested too deep"), 1);
		assert_int_equal(
		    occurrences(sgl_buf_slice(&out), "too many nodes"), 1);
		assert_int_equal(
		    occurrences(sgl_buf_slice(&out), "level"), SGL_TREE_DEPTH);
	}
}

/* --- whole inputs --- */

static sgl_status
inspect(sgl_engine *engine, sgl_slice file, const char *password, bool json,
    sgl_bytes *out, sgl_err *err)
{
	sgl_slice p =
	    password != NULL ? sgl_slice_str(password) : (sgl_slice){NULL, 0};

	return sgl_inspect(engine, file, p, json, out, err);
}

static void
must_say(sgl_engine *engine, const char *name, sgl_slice file,
    const char *password, sgl_status want, const char *const *lines)
{
	sgl_bytes out = {0};
	sgl_err err = {0};
	sgl_status status = inspect(engine, file, password, false, &out, &err);
	sgl_slice text = sgl_slice_of(out.data, out.len);

	if (status != want)
		fail_msg("%s: %s, %s", name, sgl_status_name(status),
		    err.text != NULL ? err.text : "");
	for (; *lines != NULL; lines++)
		if (occurrences(text, *lines) == 0)
			fail_msg("%s: does not say \"%s\":\n%.*s", name, *lines,
			    (int)text.len, (const char *)text.data);
	sgl_bytes_free(&out);
}

#define LINES(...)                                                             \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}

static const struct {
	const char *file;
	const char *const *lines;
} vectors[] = {
    {"clear-rsa-sha256.eml",
	LINES("message: multipart/signed", "From: Alice", "part: text/plain",
	    "part: application/pkcs7-signature",
	    "offsets below count from their first",
	    "content type: id-signedData (1.2.840.113549.1.7.2)",
	    "digest: id-sha256", "issuer: CN=Vector Root",
	    "public key: rsa, 2048 bits", "rfc822Name: alice@example.org",
	    "id-ce-keyUsage, critical: digitalSignature",
	    "id-contentType: id-data", "id-signingTime: 20",
	    "id-messageDigest: ", "capability: id-aes256-CBC",
	    "signature: 256 bytes")},
    {"clear-pss-sha384.eml",
	LINES("signature algorithm: id-RSASSA-PSS", "hash: id-sha384",
	    "mask generation: id-mgf1", "salt length: ")},
    {"clear-rsa-ski.eml", LINES("subject key identifier: ")},
    {"opaque-p384-sha384.eml",
	LINES("smime-type=signed-data", "encapsulated content",
	    "message: text/plain", "public key: p384, 384 bits")},
    {"opaque-long-stream.eml",
	LINES("body decoded from base64", "content: ", "signers")},
    {"certs-only.p7c", LINES("certificates", "subject: CN=")},
    {"env-oaep-sha256.eml",
	LINES("key transport", "id-RSAES-OAEP", "hash: id-sha256",
	    "encrypted key: 256 bytes", "encryption algorithm: id-aes256-CBC",
	    "iv: 16 bytes")},
    {"env-p256-aes-128-cbc.eml",
	LINES("key agreement", "originator key", "key wrap: id-aes128-wrap",
	    "encrypted key: 24 bytes")},
    {"env-password.der",
	LINES("password", "key derivation: id-PBKDF2", "iterations: 2048",
	    "id-alg-PWRI-KEK")},
    {"env-kek.der", LINES("key encryption key", "key identifier: 6b656b")},
    {"env-many.der", LINES("recipients: 4")},
    {"env-rsa-stream.der", LINES("in pieces")},
    {"env-rsa.pem7", LINES("PEM block ", "EnvelopedData")},
    {"auth-rsa-aes-256-gcm.eml",
	LINES("AuthEnvelopedData", "id-aes256-GCM", "nonce: 12 bytes",
	    "ICV length: 16", "MAC: 16 bytes")},
    {"nested-triple.eml",
	LINES("message: multipart/signed", "part: application/pkcs7-mime",
	    "AuthEnvelopedData")},
    {"ca.pem",
	LINES("PEM block CERTIFICATE", "CA: true", "signature algorithm: ")},
    {"rsa.pem", LINES("private key", "rsa, 2048 bits (not shown)")},
};

static void
describes_the_vectors(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);
	const char *source = getenv("SIGILL_SOURCE");
	char path[1024];

	if (source == NULL)
		skip();
	for (size_t i = 0; i < COUNT(vectors); i++) {
		(void)snprintf(path, sizeof path,
		    "%s/tests/vectors/made-by-openssl/%s", source,
		    vectors[i].file);
		sgl_corpus_read_file(path, &file);
		must_say(*state, vectors[i].file, sgl_buf_slice(&file), NULL,
		    SGL_OK, vectors[i].lines);
	}
}

#define EMAIL "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x04"

static void
describes_extensions(void **state)
{
	static const struct {
		sgl_part_ext ext;
		const char *line;
	} table[] = {
	    {{R("\x55\x1d\x0f"), "\xff", R("\x03\x02\x05\xa0")},
		"id-ce-keyUsage, critical: digitalSignature, keyEncipherment"},
	    {{R("\x55\x1d\x25"), "", R("\x30\x0a" EMAIL)},
		"purpose: id-kp-emailProtection"},
	    {{R("\x55\x1d\x13"), "", R("\x30\x06\x01\x01\xff\x02\x01\x02")},
		"path length: 2"},
	    {{R("\x55\x1d\x11"), "", R("\x30\x06\x87\x04\x7f\x00\x00\x01")},
		"iPAddress: 127.0.0.1"},
	    {{R("\x55\x1d\x11"), "",
		 R("\x30\x05\x81\x03"
		   "a\x1b"
		   "b")},
		"rfc822Name: a\\x1bb"},
	    {{R("\x55\x1d\x23"), "", R("\x30\x04\x80\x02\xab\xcd")},
		"key identifier: abcd"},
	    {{R("\x55\x1d\x1e"), "",
		 R("\x30\x0a\xa0\x08\x30\x06\x82\x04"
		   "test")},
		"dNSName: test"},
	    {{R("\x55\x1d\x20"), "",
		 R("\x30\x08\x30\x06\x06\x04\x55\x1d\x20\x00")},
		"policy: anyPolicy"},
	    {{R("\x55\x1d\x24"), "", R("\x30\x03\x80\x01\x05")},
		"require explicit policy: 5"},
	    {{R("\x55\x1d\x1f"), "",
		 R("\x30\x0a\x30\x08\xa0\x06\xa0\x04\x86\x02"
		   "u:")},
		"uniformResourceIdentifier: u:"},
	    {{R("\x2a\x03\x04"), "", R("\x04\x02\xca\xfe")}, "1.2.3.4: cafe"},
	    {{R("\x2a\x03\x05"), "\xff", R("free text")},
		"1.2.3.5, critical: 667265652074657874"},
	    {{R("\x60\x86\x48\x01\x86\xf8\x42\x01\x01"), "",
		 R("\x03\x02\x05\x20")},
		"netscapeCertType: smime"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_FILE);
		sgl_cert_parts parts = {.exts = {table[i].ext}};

		sgl_parts_cert(&parts, &der);
		must_say(*state, table[i].line, sgl_buf_slice(&der), NULL,
		    SGL_OK, LINES(table[i].line, "subject: CN=alice"));
	}
}

/* One SignedData with every attribute that we know, each malformed or not. */
static void
put_signed(sgl_buf *out, sgl_slice attributes)
{
	sgl_derb b = sgl_derb_over(out);
	size_t info, zero, data, set, signer, attrs, encap;

	out->len = 0;
	info = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_SIGNED_DATA));
	zero = sgl_derb_open(&b, SGL_CONTEXT(0));
	data = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 3);
	sgl_derb_raw(&b, unhex("3100"));
	encap = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_DATA));
	sgl_derb_close(&b, encap);
	set = sgl_derb_open(&b, SGL_SET);
	signer = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_uint(&b, 3);
	sgl_derb_raw(&b, unhex("8002abcd"));
	sgl_derb_raw(&b, unhex("300b0609608648016503040201"));
	attrs = sgl_derb_open(&b, SGL_CONTEXT(0));
	sgl_derb_raw(&b, attributes);
	sgl_derb_close(&b, attrs);
	sgl_derb_raw(&b, unhex("300506032b6570"));
	sgl_derb_octets(&b, SGL_LIT("sig"));
	sgl_derb_close(&b, signer);
	sgl_derb_close(&b, set);
	sgl_derb_close(&b, data);
	sgl_derb_close(&b, zero);
	sgl_derb_close(&b, info);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
put_attribute(sgl_buf *out, sgl_oid type, sgl_slice value)
{
	sgl_derb b = sgl_derb_over(out);
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE), set;

	sgl_derb_oid(&b, sgl_oid_der(type));
	set = sgl_derb_open(&b, SGL_SET);
	sgl_derb_raw(&b, value);
	sgl_derb_close(&b, set);
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

#define NAME "300d310b300906035504030c026361"

static const struct {
	sgl_oid type;
	const char *value, *line;
} attributes[] = {
    {SGL_OID_AA_MESSAGE_DIGEST, "0402beef", "id-messageDigest: beef"},
    {SGL_OID_AA_SIGNING_TIME, "170d3236313132333230353230305a",
	"id-signingTime: 2026-11-23T20:52:00Z"},
    {SGL_OID_AA_CHALLENGE_PASSWORD, "0c0568656c6c6f",
	"challengePassword: (not shown)"},
    {SGL_OID_AA_SMIME_CAPABILITIES, "300d300b060960864801650304012a",
	"capability: id-aes256-CBC"},
    {SGL_OID_AA_SIGNING_CERTIFICATE, "300a300830060404cafecafe",
	"certificate hash: cafecafe"},
    {SGL_OID_AA_SIGNING_CERTIFICATE_V2,
	"3020301e301c0402010230163011a40f300d310b300906035504030c026361020107",
	"directoryName: CN=ca"},
    {SGL_OID_AA_ENCRYP_KEY_PREF, "a012" NAME "020109", "serial: 09"},
    {SGL_OID_AA_ENCRYP_KEY_PREF, "820412345678",
	"subject key identifier: 12345678"},
    {SGL_OID_AA_RECEIPT_REQUEST, "3012040269648001013009300781056140622e63",
	"rfc822Name: a@b.c"},
    {SGL_OID_AA_SECURITY_LABEL, "310e02010406032a030413046d61726b",
	"classification: 4, secret"},
    {SGL_OID_AA_SECURITY_LABEL, "310e02010406032a030413046d61726b",
	"privacy mark: mark"},
    {SGL_OID_AA_CONTENT_HINT,
	"300f0c0268690609"
	"2a864886f70d010701",
	"description: hi"},
    {SGL_OID_AA_CONTENT_IDENTIFIER, "0403616263",
	"id-aa-contentIdentifier: abc"},
    {SGL_OID_AA_CMS_ALGORITHM_PROTECTION,
	"3014300b0609608648016503040201a10506032b6570",
	"signature algorithm: id-Ed25519"},
};

static void
describes_attributes(void **state)
{
	for (size_t i = 0; i < COUNT(attributes); i++) {
		SGL_AUTO_CLEAR(sgl_buf) attr = sgl_buf_init(MAX_FILE);
		SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);

		put_attribute(
		    &attr, attributes[i].type, unhex(attributes[i].value));
		put_signed(&file, sgl_buf_slice(&attr));
		must_say(*state, attributes[i].line, sgl_buf_slice(&file), NULL,
		    SGL_OK,
		    LINES(attributes[i].line, "signature: 3 bytes",
			"subject key identifier: abcd"));
	}
}

static void
describes_bare_base64(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(MAX_FILE);
	sgl_cert_parts parts = {0};

	sgl_parts_cert(&parts, &der);
	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&der), &text, NULL), SGL_OK);
	must_say(*state, "base64", sgl_buf_slice(&text), NULL, SGL_OK,
	    LINES("input: base64", "decoded: ", "subject: CN=alice"));
}

/* A malformed value is said to be so, and what follows is shown all the same.
 */
static void
goes_on_behind_faults(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) attr = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);

	put_attribute(&attr, SGL_OID_AA_SIGNING_TIME,
	    unhex("1702"
		  "3236"));
	put_attribute(&attr, SGL_OID_AA_SIGNING_CERTIFICATE, unhex("3000"));
	put_attribute(&attr, SGL_OID_AA_MESSAGE_DIGEST, unhex("0402beef"));
	put_signed(&file, sgl_buf_slice(&attr));
	must_say(*state, "faults", sgl_buf_slice(&file), NULL, SGL_E_ENCODING,
	    LINES("malformed: at offset ", ": malformed time",
		"a field is missing", "id-messageDigest: beef",
		"signature: 3 bytes"));
}

static void
tells_what_it_cannot_read(void **state)
{
	static const struct {
		const char *name, *input, *line;
	} table[] = {
	    {"nothing", "", "the input is empty"},
	    {"blanks", " \n\n", "the input is empty"},
	    {"text", "hello\n", "neither a message, PEM nor ASN.1"},
	    {"PEM without end", "-----BEGIN X-----\nAAAA\n",
		"a PEM block without its end"},
	    {"a multipart without boundary",
		"Content-Type: multipart/mixed\n\nx\n", "without a boundary"},
	    {"a multipart cut short",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n",
		"without its last delimiter"},
	    {"ASN.1 cut short", "0\x82\x10\x10\x02\x01\x05",
		"the input ends within this element"},
	};

	for (size_t i = 0; i < COUNT(table); i++)
		must_say(*state, table[i].name, sgl_slice_str(table[i].input),
		    NULL, SGL_E_ENCODING, LINES(table[i].line));
}

/* Mail as it is: nothing in it is a fault. */
static void
describes_mail_of_others(void **state)
{
	static const char openpgp[] =
	    "From: alice@example.org\n"
	    "Content-Type: multipart/signed; micalg=pgp-sha256;\n"
	    " protocol=\"application/pgp-signature\"; boundary=b\n\n"
	    "--b\n\nsigned\n"
	    "--b\nContent-Type: application/pgp-signature\n\n"
	    "-----BEGIN PGP SIGNATURE-----\nVersion: 2\n\niQEz\n=abcd\n"
	    "-----END PGP SIGNATURE-----\n"
	    "--b--\n";
	static const char quoted[] =
	    "From: alice@example.org\n"
	    "Content-Type: application/json\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n";
	static const char led[] = "\xef\xbb\xbf\r\n\nSubject: x\n\nhello\n";

	must_say(*state, "OpenPGP", sgl_slice_str(openpgp), NULL, SGL_OK,
	    LINES("message: multipart/signed",
		"part: application/pgp-signature"));
	must_say(*state, "quoted-printable", sgl_slice_str(quoted), NULL,
	    SGL_OK, LINES("body decoded from quoted-printable: 43 bytes"));
	must_say(*state, "led", sgl_slice_str(led), NULL, SGL_OK,
	    LINES("       6    message: text/plain", "Subject: x"));
}

static void
describes_unlabelled_base64(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(MAX_FILE);
	sgl_cert_parts parts = {0};

	sgl_parts_cert(&parts, &der);
	assert_int_equal(sgl_buf_add_str(&text,
			     "Content-Type: application/pkix-cert\n\n", NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&der), &text, NULL), SGL_OK);
	must_say(*state, "base64 inside", sgl_buf_slice(&text), NULL, SGL_OK,
	    LINES("without saying so", "subject: CN=alice"));
}

static void
describes_mime(void **state)
{
	static const char mail[] =
	    "From alice Mon Nov 23 20:52:00 2026\n"
	    "From: =?utf-8?q?Alice?= <alice@example.org>\n"
	    "Subject: a\n b\x1b\n"
	    "X-Other: no\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\nplain\n"
	    "--b\nContent-Type: message/rfc822\n\n"
	    "To: bob@example.org\n\ninner\n"
	    "--b\nContent-Type: application/octet-stream\n\n0 is no ASN.1\n"
	    "--b--\n";

	must_say(*state, "MIME", sgl_slice_str(mail), NULL, SGL_OK,
	    LINES("      36      From: =?utf-8?q?Alice?= <alice@example.org>",
		"Subject: a b\\x1b", "part: text/plain, 6 bytes",
		"part: message/rfc822", "message: text/plain, 26 bytes",
		"To: bob@example.org", "body: 13 bytes"));
}

/* Nothing of a key is shown, whole, cut short or with a byte changed. */
static void
check_hidden(sgl_engine *engine, sgl_slice der, sgl_slice bytes)
{
	for (int json = 0; json <= 1; json++) {
		SGL_AUTO_CLEAR(sgl_buf) want = sgl_buf_init(MAX_FILE);
		sgl_bytes out = {0};

		for (size_t i = 0; i < 4; i++)
			assert_int_equal(
			    sgl_buf_printf(&want, NULL, "%02x", bytes.data[i]),
			    SGL_OK);
		(void)inspect(engine, der, NULL, json, &out, NULL);
		assert_null(memmem(out.data, out.len, want.data, want.len));
		sgl_bytes_free(&out);
	}
}

static void
never_shows_a_key(void **state)
{
	static const sgl_key_kind kinds[] = {
	    SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_ED25519};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		SGL_AUTO(sgl_key)
		key = NULL;
		SGL_AUTO_CLEAR(sgl_secret) der = {0};
		sgl_slice secret;

		assert_int_equal(
		    sgl_key_generate(*state, kinds[i], 2048, &key, NULL),
		    SGL_OK);
		assert_int_equal(sgl_key_write(key, &der, NULL), SGL_OK);
		/* RSA: in the exponents at its end; EC: the scalar. */
		secret = kinds[i] == SGL_KEY_P256
		    ? sgl_slice_of(der.data + 40, 4)
		    : sgl_slice_of(der.data + der.len - 12, 4);
		check_hidden(*state, sgl_secret_slice(&der), secret);
		check_hidden(
		    *state, sgl_slice_of(der.data, der.len - 2), secret);
		for (size_t at = 0; at < 32; at++) {
			der.data[at] ^= 1;
			check_hidden(*state, sgl_secret_slice(&der), secret);
			der.data[at] ^= 1;
		}
	}
}

/* --- passwords --- */

static void
make_pkcs12(sgl_engine *engine, sgl_bytes *out)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_FILE);
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_cert_parts parts = {0};

	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	parts.spki = sgl_key_get_spki(key);
	sgl_parts_cert(&parts, &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &cert, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_key(&ring, key, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_cert(&ring, cert, NULL), SGL_OK);
	assert_int_equal(sgl_pkcs12_write(engine, &ring, SGL_LIT("Alice"),
			     SGL_LIT("pw"), true, out, NULL),
	    SGL_OK);
}

static void
opens_with_a_password(void **state)
{
	sgl_bytes p12 = {0};
	sgl_slice file;

	make_pkcs12(*state, &p12);
	file = sgl_slice_of(p12.data, p12.len);
	must_say(*state, "closed", file, NULL, SGL_OK,
	    LINES("closed: a password is needed", "iterations: 50000",
		"encryption: pbeWithSHAAnd3-KeyTripleDES-CBC",
		"friendlyName: Alice", "bag: pkcs8ShroudedKeyBag"));
	must_say(*state, "opened", file, "pw", SGL_OK,
	    LINES("MAC under the password: right", "bag: certBag",
		"subject: CN=alice",
		"private key: p256, 256 bits (not shown)"));
	must_say(*state, "wrong", file, "px", SGL_E_PASSWORD,
	    LINES("MAC under the password: wrong password",
		"not decrypted: wrong password"));
	sgl_bytes_free(&p12);
}

/* --- OCSP --- */

static void
build_ocsp(sgl_engine *engine, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(1024);
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_cert_parts parts = {0};
	sgl_ocsp_issuer issuer;
	sgl_ocsp_answer answers[2] = {{.status = SGL_OCSP_REVOKED,
					  .revoked_at = 1700000000,
					  .reason = 1,
					  .this_update = 1700000001,
					  .next_update = 1800000000},
	    {.status = SGL_OCSP_UNKNOWN, .next_update = 1}};
	const sgl_ocsp_template t = {.is_delegated = true,
	    .answers = answers,
	    .num_answers = 2,
	    .nonce = SGL_LIT("nonce")};
	sgl_ocsp_template with = t;

	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	parts.spki = sgl_key_get_spki(key);
	sgl_parts_cert(&parts, &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &cert, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ocsp_issuer_init(engine, cert, &issuer, NULL), SGL_OK);
	assert_int_equal(sgl_ocsp_id_build(&issuer, SGL_DIGEST_SHA1,
			     SGL_LIT("\x4f\x01"), &id, NULL),
	    SGL_OK);
	answers[0].id = answers[1].id = sgl_buf_slice(&id);
	with.responder = cert;
	assert_int_equal(
	    sgl_ocsp_build(engine, &with, key, SGL_DIGEST_SHA256, out, NULL),
	    SGL_OK);
}

static void
describes_ocsp(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_FILE);

	must_say(*state, "no", sgl_ocsp_error_response(SGL_OCSP_UNAUTHORIZED),
	    NULL, SGL_OK, LINES("OCSP response", "status: unauthorized"));
	build_ocsp(*state, &der);
	must_say(*state, "yes", sgl_buf_slice(&der), NULL, SGL_OK,
	    LINES("status: successful", "serial: 4f01", "status: revoked",
		"revoked at: 2023-11-14T22:13:20Z", "reason: keyCompromise",
		"next update: 2027-01-15T08:00:00Z", "status: unknown",
		"id-pkix-ocsp-nonce: 6e6f6e6365", "CN=alice"));
	for (size_t len = 0; len < der.len; len++) {
		sgl_bytes out = {0};

		assert_int_not_equal(
		    inspect(*state, sgl_slice_first(sgl_buf_slice(&der), len),
			NULL, false, &out, NULL),
		    SGL_OK);
		sgl_bytes_free(&out);
	}
}

/* --- robustness --- */

/* Cut short anywhere: some description, and never a success that should not
 * be. */
static void
survives_every_cut(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) attr = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);

	put_attribute(&attr, SGL_OID_AA_MESSAGE_DIGEST, unhex("0402beef"));
	put_signed(&file, sgl_buf_slice(&attr));
	for (size_t i = 0; i < file.len; i++) {
		sgl_bytes out = {0};
		sgl_err err = {0};

		assert_int_equal(inspect(*state, sgl_slice_of(file.data, i),
				     NULL, i % 2 == 0, &out, &err),
		    SGL_E_ENCODING);
		assert_non_null(out.data);
		sgl_bytes_free(&out);
	}
}

/* An OCTET STRING in a SEQUENCE in an OCTET STRING..., a thousand deep. */
static void
survives_nesting(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);

	for (int i = 0; i < 1000; i++) {
		SGL_AUTO_CLEAR(sgl_buf) inner = file;
		sgl_derb b;
		size_t seq;

		file = sgl_buf_init(MAX_FILE);
		b = sgl_derb_over(&file);
		seq = sgl_derb_open(&b, SGL_SEQUENCE);
		sgl_derb_octets(&b, sgl_buf_slice(&inner));
		sgl_derb_close(&b, seq);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	}
	must_say(*state, "nesting", sgl_buf_slice(&file), NULL, SGL_OK,
	    LINES("nested too deep"));
}

static sgl_status
fault_job(void *ctx, sgl_err *err)
{
	const sgl_buf *file = ctx;
	SGL_AUTO(sgl_engine)
	engine = NULL;
	sgl_bytes out = {0};
	sgl_status status;

	TRY(sgl_engine_new(NULL, &engine, err));
	status = sgl_inspect(
	    engine, sgl_buf_slice(file), (sgl_slice){NULL, 0}, true, &out, err);
	sgl_bytes_free(&out);
	return status;
}

static void
survives_lack_of_memory(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) attr = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) cms = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) mail = sgl_buf_init(MAX_FILE);

	(void)state;
	put_attribute(&attr, SGL_OID_AA_MESSAGE_DIGEST, unhex("0402beef"));
	put_signed(&cms, sgl_buf_slice(&attr));
	assert_int_equal(sgl_buf_add_str(&mail,
			     "Content-Type: multipart/mixed; boundary=b\n\n"
			     "--b\nContent-Type: application/pkcs7-mime\n"
			     "Content-Transfer-Encoding: base64\n\n",
			     NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_base64_encode(sgl_buf_slice(&cms), &mail, NULL), SGL_OK);
	assert_int_equal(sgl_buf_add_str(&mail, "\n--b--\n", NULL), SGL_OK);
	sgl_fault_arm(0);
	assert_true(sgl_fault_each(fault_job, &mail) > 10);
}

static void
inspect_one(const char *path, void *ctx)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init((size_t)256 << 20);

	sgl_corpus_read(path, &file);
	for (int json = 0; json <= 1; json++) {
		sgl_bytes out = {0};
		sgl_err err = {0};
		sgl_status status =
		    inspect(ctx, sgl_buf_slice(&file), NULL, json, &out, &err);

		if (status != SGL_OK && status != SGL_E_ENCODING)
			fail_msg("%s: %s", path, err.text);
		if (out.len == 0 ||
		    !sgl_utf8_is(sgl_slice_of(out.data, out.len)))
			fail_msg("%s: no description", path);
		sgl_bytes_free(&out);
	}
}

static void
describes_the_corpus(void **state)
{
	static const char *const sets[] = {"rfc4134", "rfc9216", "notmuch",
	    "thunderbird-open", "client-samples-open", "nss-interop",
	    "openssl-test", "gnupg-cms", "james", "gnutls-pkcs7",
	    "boringssl-pkcs7", "wine-crypt32", "openssl-fuzz-open"};

	if (!sgl_corpus_has(sets[0])) {
		print_message("SIGILL_CORPUS is not set: skipped\n");
		skip();
	}
	for (size_t i = 0; i < COUNT(sets); i++)
		(void)sgl_corpus_each(sets[i], inspect_one, *state);
}

/* Every attribute of RFC 2634, in RFC 4134's own example. */
static void
describes_enhanced_services(void **state)
{
	static const char *const words[] = {"privacy mark: THIS IS A PRIVACY",
	    "classification: 1, unclassified", "policy: 1.2.3.4.5.6.7.8",
	    "type: 1.2.3.4.5.6.7.888", "description: Content Hints Description",
	    "content identifier: Content Reference Content Identifier Buffer",
	    "list's key identifier: 35373338323939", "receipts instead to",
	    "time: 1999-03-11T10:44:33Z", "policy: 1.2.3.4.5.6.7.10"};
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(MAX_FILE);
	sgl_bytes out = {0};
	sgl_err err = {0};

	if (!sgl_corpus_has("rfc4134")) {
		print_message("SIGILL_CORPUS is not set: skipped\n");
		skip();
	}
	sgl_corpus_read("rfc4134/4.10.bin", &file);
	assert_int_equal(
	    inspect(*state, sgl_buf_slice(&file), NULL, false, &out, &err),
	    SGL_OK);
	assert_int_equal(
	    sgl_buf_add(&text, sgl_slice_of(out.data, out.len), NULL), SGL_OK);
	assert_int_equal(sgl_buf_add(&text, sgl_slice_of("", 1), NULL), SGL_OK);
	for (size_t i = 0; i < COUNT(words); i++)
		if (strstr((const char *)text.data, words[i]) == NULL)
			fail_msg("lacks \"%s\"", words[i]);
	sgl_bytes_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_text_and_json),
	    cmocka_unit_test(cuts_what_is_too_long),
	    cmocka_unit_test(limits_depth_and_number),
	    cmocka_unit_test(describes_the_vectors),
	    cmocka_unit_test(describes_extensions),
	    cmocka_unit_test(describes_attributes),
	    cmocka_unit_test(describes_bare_base64),
	    cmocka_unit_test(goes_on_behind_faults),
	    cmocka_unit_test(tells_what_it_cannot_read),
	    cmocka_unit_test(describes_mail_of_others),
	    cmocka_unit_test(describes_unlabelled_base64),
	    cmocka_unit_test(describes_mime),
	    cmocka_unit_test(never_shows_a_key),
	    cmocka_unit_test(opens_with_a_password),
	    cmocka_unit_test(describes_ocsp),
	    cmocka_unit_test(survives_every_cut),
	    cmocka_unit_test(survives_nesting),
	    cmocka_unit_test(survives_lack_of_memory),
	    cmocka_unit_test(describes_the_corpus),
	    cmocka_unit_test(describes_enhanced_services),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
