/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages made by others, with the verdicts that were written beside them.
 * Where ours differs, `why` names the clause. Skipped where $SIGILL_CORPUS is
 * not set.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <time.h>

#include "pki/crl.h"
#include "support/corpus.h"
#include "support/message.h"

static sgl_engine *engine;

/* Files are separated by blanks; a password holds for all keys of a row. */
typedef struct row {
	const char *file, *keys, *password, *anchors;
	sgl_time at;
	const char *signature, *confidentiality;
	const char *content; /* a file that the content equals, or NULL */
	const char *why;     /* of a difference from the written verdict */
} row;

#define Y2000 978000000	 /* 2000-12-28 */
#define Y2002 1030000000 /* 2002-08-22 */
#define Y2006 1164000000 /* 2006-11-20 */
#define Y2016 1480000000 /* 2016-11-24 */
#define Y2020 1600000000 /* 2020-09-13 */
#define Y2024 1725148800 /* 2024-09-01 */
#define Y2027 1798761600 /* 2027-01-01 */

#define NO_DSA "RFC 8551 appendix B: DSA is historic, RFC 8551 2.2 lists none"
#define NO_SHA1 "RFC 8551 B.1: SHA-1 signatures are not to be relied on"

#define SIGNED_BY "rfc4134/CarlRSASelf.cer rfc4134/CarlDSSSelf.cer"
#define BOB "rfc4134/BobPrivRSAEncrypt.pri rfc4134/BobRSASignByCarl.cer"

#define NO_CONTENT_TYPE "RFC 5652 11.1: a content-type attribute must be there"
#define NO_GOST "RFC 8551 2.2 lists no GOST R 34.10"

#define LAMPS "notmuch/smime/ca.crt"
#define LAMPS_BOB "notmuch/smime/bob.p12"
#define JAMES "james/smime-test-resource-set/rootCA.crt"
#define G10 "gnupg-cms/cert_g10code_test1.der"

static const row rows[] = {
    {"rfc4134/4.1.bin", "", NULL, SIGNED_BY, Y2000, "unsupported", "none",
	"rfc4134/ExContent.bin", NO_DSA},
    {"rfc4134/4.2.bin", "", NULL, SIGNED_BY, Y2000, "weak", "none",
	"rfc4134/ExContent.bin", NO_SHA1},
    {"rfc4134/4.4.bin", "", NULL, SIGNED_BY, Y2000, "unsupported", "none",
	"rfc4134/ExContent.bin", NO_DSA},
    {"rfc4134/4.5.bin", "", NULL, SIGNED_BY, Y2000, "weak", "none",
	"rfc4134/ExContent.bin", NO_SHA1},
    {"rfc4134/4.6.bin", "", NULL, SIGNED_BY, Y2000, "unsupported", "none",
	"rfc4134/ExContent.bin", NO_DSA},
    {"rfc4134/4.7.bin", "", NULL, SIGNED_BY, Y2000, "unsupported", "none",
	"rfc4134/ExContent.bin", NO_DSA},
    {"rfc4134/4.8.eml", "", NULL, SIGNED_BY, Y2000, "unsupported", "none", NULL,
	NO_DSA},
    {"rfc4134/4.9.eml", "", NULL, SIGNED_BY, Y2000, "unsupported", "none", NULL,
	NO_DSA},
    {"rfc4134/4.10.bin", "", NULL, SIGNED_BY, Y2000, "unsupported", "none",
	"rfc4134/ExContent.bin", NO_DSA},
    {"rfc4134/4.11.bin", "", NULL, SIGNED_BY, Y2000, "none", "none", NULL,
	NULL},
    {"rfc4134/5.1.bin", BOB, NULL, "", Y2000, "none", "encrypted-no-integrity",
	"rfc4134/ExContent.bin", NULL},
    {"rfc4134/5.2.bin", BOB, NULL, "", Y2000, "none", "encrypted-no-integrity",
	"rfc4134/ExContent.bin", NULL},
    {"rfc4134/5.3.eml", BOB, NULL, "", Y2000, "none", "encrypted-no-integrity",
	NULL, NULL},

    {"client-samples-open/bouncycastle-mail/quotable.message", "", NULL,
	"client-samples-open/bouncycastle-mail/validator.root.crt", Y2006,
	"valid-untrusted", "none", NULL, NULL},
    {"client-samples-open/bouncycastle-mail/validator.validMail.eml", "", NULL,
	"client-samples-open/bouncycastle-mail/validator.root.crt", Y2006,
	"chain-error", "none", NULL,
	"RFC 8550 4.3: its certificate is signed with MD5"},
    {"client-samples-open/bouncycastle-mail/validator.expired.eml", "", NULL,
	"client-samples-open/bouncycastle-mail/validator.root.crt", Y2006,
	"chain-error", "none", NULL,
	"RFC 8550 4.3: its certificate is signed with MD5"},
    {"client-samples-open/bouncycastle-mail/test192.message",
	"client-samples-open/bouncycastle-mail/key.pem "
	"client-samples-open/bouncycastle-mail/cert.pem",
	NULL, "", Y2006, "none", "encrypted-no-integrity", NULL, NULL},
    {"client-samples-open/simple-java-mail/pkcs12/"
     "S_MIME_test_message_signed.eml",
	"", NULL, "client-samples-open/simple-java-mail/pkcs12/ca.crt", Y2020,
	"valid-trusted", "none", NULL, NULL},
    {"client-samples-open/kde-messagelib/smime-encrypted.mbox", "", NULL, "",
	Y2020, "none", "locked", NULL, NULL},
    {"client-samples-open/kde-messagelib/smime-opaque-sign.mbox", "", NULL, "",
	Y2020, "no-certificate", "none", NULL, NULL},

    {"openssl-test/80-test_cms_data/bad_signtime_attr.cms", "", NULL,
	"openssl-test/smime-certs/smroot.pem", Y2020, "tampered", "none", NULL,
	NULL},
    {"openssl-test/80-test_cms_data/ct_multiple_attr.cms", "", NULL,
	"openssl-test/smime-certs/smroot.pem", Y2020, "tampered", "none", NULL,
	NULL},
    {"openssl-test/80-test_cms_data/no_ct_attr.cms", "", NULL,
	"openssl-test/smime-certs/smroot.pem", Y2020, "tampered", "none", NULL,
	NULL},
    {"openssl-test/80-test_cms_data/no_md_attr.cms", "", NULL,
	"openssl-test/smime-certs/smroot.pem", Y2020, "tampered", "none", NULL,
	NULL},
    {"openssl-test/80-test_cms_data/pkcs7-md4.pem", "", NULL, "", Y2020,
	"unsupported", "none", NULL, NULL},
    {"openssl-test/smime-eml/pkcs7-empty-digest-set.eml", "", NULL, "", Y2020,
	"unsupported", "none", NULL, NULL},
    {"openssl-test/smime-eml/SignedInvalidMappingFromanyPolicyTest7.eml", "",
	NULL, "pkits/certs/TrustAnchorRootCertificate.crt", 1304208000,
	"chain-error", "none", NULL, NULL},

    {"notmuch/pkcs7/smime-onepart-signed.eml", "", NULL, LAMPS, Y2020,
	"valid-trusted", "none", NULL, NULL},
    {"notmuch/protected-headers/smime-onepart-signed.eml", "", NULL, LAMPS,
	Y2020, "valid-trusted", "none", NULL, NULL},
    {"notmuch/protected-headers/smime-multipart-signed.eml", "", NULL, LAMPS,
	Y2020, "valid-trusted", "none", NULL, NULL},
    {"notmuch/protected-headers/smime-enc+legacy-disp.eml", LAMPS_BOB, "",
	LAMPS, Y2020, "none", "encrypted-no-integrity", NULL, NULL},
    {"notmuch/protected-headers/smime-sign+enc.eml", LAMPS_BOB, "", LAMPS,
	Y2020, "valid-trusted", "encrypted", NULL, NULL},
    {"notmuch/protected-headers/smime-sign+enc+legacy-disp.eml", LAMPS_BOB, "",
	LAMPS, Y2020, "valid-trusted", "encrypted", NULL, NULL},
    {"notmuch/protected-headers/smime-sign+enc.eml",
	"notmuch/smime/0xE0972A47.p12", "", LAMPS, Y2020, "none", "locked",
	NULL, NULL},

    {"james/smime-test-resource-set/mail_with_signature.eml", "", NULL, JAMES,
	Y2024, "valid-trusted", "none", NULL, NULL},
    {"james/smime-test-resource-set/"
     "mail_with_signature_and_content_type_xpkcs7mime.eml",
	"", NULL, JAMES, Y2024, "valid-trusted", "none", NULL, NULL},
    {"james/smime-test-resource-set/mail-with-signature-and-multi-certs.eml",
	"", NULL, JAMES, Y2024, "valid-trusted", "none", NULL, NULL},
    {"james/eml/mail_with_bad_signature.eml", "", NULL, JAMES, Y2024,
	"tampered", "none", NULL, NULL},
    {"james/eml/non_smime_mail.eml", "", NULL, JAMES, Y2024, "none", "none",
	NULL, NULL},
    {"james/eml/crypted.eml", "james/smime.p12", "secret", "", Y2024, "none",
	"encrypted-no-integrity", NULL, NULL},
    {"james/eml/crypted_with_attachment.eml", "james/smime.p12", "secret", "",
	Y2024, "none", "encrypted-no-integrity", NULL, NULL},
    {"james/eml/bad_crypted.eml", "james/smime.p12", "secret", "", Y2024,
	"none", "locked", NULL, NULL},

    /* Its signer's certificate is for TLS servers. */
    {"gnutls-pkcs7/full.p7b", "", NULL, "", Y2016, "wrong-usage", "none", NULL,
	NULL},
    {"gnutls-pkcs7/openssl.p7b", "", NULL, "", Y2016, "not-yet-valid", "none",
	NULL, NULL},
    {"gnutls-pkcs7/openssl-keyid.p7b", "", NULL, "", Y2016, "wrong-usage",
	"none", NULL, NULL},
    {"gnutls-pkcs7/pkcs7.smime", "", NULL, "", Y2016, "wrong-usage", "none",
	NULL, NULL},
    {"gnutls-pkcs7/pkcs7-eddsa-sig.p7s", "", NULL, "", Y2020, "valid-untrusted",
	"none", NULL, NULL},
    {"gnutls-pkcs7/rfc4134-4.5.p7b", "", NULL, SIGNED_BY, Y2000, "weak", "none",
	"rfc4134/ExContent.bin", NO_SHA1},
    {"gnutls-pkcs7/rfc4490.p7b", "", NULL, "", Y2016, "unsupported", "none",
	NULL, NO_GOST},

    {"boringssl-pkcs7/nss.p7c", "", NULL, "", Y2016, "none", "none", NULL,
	NULL},
    {"boringssl-pkcs7/openssl_crl.p7c", "", NULL, "", Y2016, "none", "none",
	NULL, NULL},
    {"boringssl-pkcs7/windows.p7c", "", NULL, "", Y2016, "none", "none", NULL,
	NULL},

    {"gnupg-cms/text-1.osig-bad.pem", "", NULL, G10, Y2002, "tampered", "none",
	NULL, NULL},
    {"gnupg-cms/text-2.osig-bad.pem", "", NULL, G10, Y2002, "tampered", "none",
	NULL, NULL},
    {"gnupg-cms/text-1.osig.pem", "", NULL, G10, Y2002, "tampered", "none",
	NULL, NO_CONTENT_TYPE},
    {"gnupg-cms/text-2.osig.pem", "", NULL, G10, Y2002, "tampered", "none",
	NULL, NO_CONTENT_TYPE},
    {"gnupg-cms/plain-1.cms.asc", "", NULL, "", Y2002, "none", "locked", NULL,
	NULL},
    {"gnupg-cms/plain-large.cms.asc", "", NULL, "", Y2002, "none", "locked",
	NULL, NULL},
};

/* What must fail, and not with a crash. */
static const struct {
	const char *file, *keys;
} refused[] = {
    {"openssl-test/80-test_cms_data/dh-malformed.der",
	"openssl-test/80-test_cms_data/dh-cert.pem"},
    {"openssl-test/80-test_cms_data/ecdh-malformed.der",
	"openssl-test/80-test_cms_data/ecdh-cert.pem "
	"openssl-test/80-test_cms_data/ecdh-key.pem"},
    {"openssl-test/80-test_cms_data/rsa-malformed.der",
	"openssl-test/smime-certs/smrsa1.pem"},
    {"openssl-test/80-test_cms_data/pkcs7-md4-encrypted.pem",
	"openssl-test/smime-certs/smrsa1.pem"},
    {"gnupg-cms/text-1.dsig.pem", ""}, /* detached from these on */
    {"gnutls-pkcs7/detached.p7b", ""},
    {"boringssl-pkcs7/sign_sha1.p7s", ""},
    {"boringssl-pkcs7/sign_sha1_key_id.p7s", ""},
    {"boringssl-pkcs7/sign_sha256.p7s", ""},
    {"boringssl-pkcs7/sign_sha256_cert2.p7s", ""},
    {"boringssl-pkcs7/sign_sha256_key_id.p7s", ""},
    {"gnutls-pkcs7/single-ca.p7b", ""},
    {"gnutls-pkcs7/pkcs7-cat.p7", ""}, /* its content is no OCTET STRING */
    {"james/eml/mail_with_no_signature.eml", ""}, /* text in a CMS type */
    {"rfc4134/3.2.bin", ""},
    {"rfc4134/4.3.bin", ""},
};

static const char *
corpus(void)
{
	const char *folder = getenv("SIGILL_CORPUS");

	if (folder == NULL) {
		print_message("skipped: SIGILL_CORPUS is not set\n");
		skip();
	}
	return folder;
}

static void
load_list(const char *list, const char *password, sgl_keyring *ring)
{
	char copy[512], *save = NULL;

	(void)snprintf(copy, sizeof copy, "%s", list);
	for (char *f = strtok_r(copy, " ", &save); f != NULL;
	     f = strtok_r(NULL, " ", &save))
		message_load(engine, corpus(), f, password, ring);
}

static void
load_anchors(const char *list, sgl_certs *anchors)
{
	sgl_keyring ring = {0};

	load_list(list, NULL, &ring);
	for (size_t i = 0; i < ring.certs.num; i++)
		assert_int_equal(
		    sgl_certs_add(anchors, ring.certs.items[i], NULL), SGL_OK);
	sgl_keyring_clear(&ring);
}

static void
check_row(const row *w)
{
	message_offer o = {.at = w->at, .peel = SGL_PEEL_ALL};
	sgl_buf file = message_file(corpus(), w->file), want;
	message_outcome whole, bytes;

	load_list(w->keys, w->password, &o.ring);
	load_anchors(w->anchors, &o.anchors);
	message_read(engine, sgl_buf_slice(&file), &o, file.len, true, &whole);
	if (whole.status != SGL_OK ||
	    strcmp(whole.signature, w->signature) != 0 ||
	    strcmp(whole.confidentiality, w->confidentiality) != 0)
		fail_msg("%s: %s, %s (%s) / %s", w->file,
		    sgl_status_name(whole.status), whole.signature,
		    whole.reason, whole.confidentiality);
	if (w->content != NULL) {
		want = message_file(corpus(), w->content);
		if (!sgl_slice_eq(
			sgl_buf_slice(&want), sgl_buf_slice(&whole.content)))
			fail_msg("%s: another content", w->file);
		sgl_buf_clear(&want);
	}
	message_read(engine, sgl_buf_slice(&file), &o, 1, true, &bytes);
	message_same(&whole, &bytes);
	message_outcome_clear(&whole);
	message_outcome_clear(&bytes);
	sgl_keyring_clear(&o.ring);
	sgl_certs_clear(&o.anchors);
	sgl_buf_clear(&file);
}

static void
test_rows(void **state)
{
	(void)state;
	(void)corpus();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&rows[i]);
}

static void
test_refused(void **state)
{
	(void)state;
	(void)corpus();
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		message_offer o = {.at = Y2020, .peel = SGL_PEEL_ALL};
		sgl_buf file = message_file(corpus(), refused[i].file);
		message_outcome out;

		load_list(refused[i].keys, NULL, &o.ring);
		message_read(
		    engine, sgl_buf_slice(&file), &o, file.len, true, &out);
		if (out.finished)
			fail_msg("%s: not refused", refused[i].file);
		message_outcome_clear(&out);
		sgl_keyring_clear(&o.ring);
		sgl_buf_clear(&file);
	}
}

/* 17 messages to Fran: RSA-OAEP with every parameter, and ECDH. */
static void
read_fran(const char *path, void *ctx)
{
	message_offer o = {.at = Y2027, .peel = SGL_PEEL_ALL};
	sgl_buf file = sgl_buf_init(MESSAGE_MAX);
	message_outcome out;
	size_t *num = ctx;

	if (strstr(path, ".env") == NULL)
		return;
	message_load(engine, corpus(),
	    strstr(path, "fran-ec") != NULL
		? "nss-interop/interop-openssl/Fran-ec.p12"
		: "nss-interop/interop-openssl/Fran.p12",
	    "nss", &o.ring);
	sgl_corpus_read(path, &file);
	message_read(engine, sgl_buf_slice(&file), &o, 13, true, &out);
	assert_int_equal(out.status, SGL_OK);
	assert_string_equal(out.confidentiality, "encrypted-no-integrity");
	if (!sgl_slice_eq(sgl_buf_slice(&out.content),
		SGL_LIT("This is a test message to Fran.\n")))
		fail_msg("%s: another content", path);
	(*num)++;
	message_outcome_clear(&out);
	sgl_keyring_clear(&o.ring);
	sgl_buf_clear(&file);
}

static void
test_fran(void **state)
{
	size_t num = 0;

	(void)state;
	(void)corpus();
	(void)sgl_corpus_each("nss-interop/interop-openssl", read_fran, &num);
	assert_int_equal(num, 17);
}

/* Thunderbird's table: good means trusted; a message that it calls encrypted
 * is never without confidentiality; a signature that it does not see is one
 * around an encryption, which proves nothing about the content. */
static void
check_thunderbird(const char *file, bool enc, bool sig, bool good)
{
	message_offer o = {.at = Y2027, .peel = SGL_PEEL_ALL};
	char path[256];
	sgl_buf message;
	message_outcome out;

	(void)snprintf(path, sizeof path, "thunderbird-open/%s", file);
	message = message_file(corpus(), path);
	message_load(
	    engine, corpus(), "thunderbird-open/smime/Bob.p12", "nss", &o.ring);
	load_anchors("thunderbird-open/smime/TestCA.pem", &o.anchors);
	message_read(
	    engine, sgl_buf_slice(&message), &o, message.len, true, &out);
	assert_int_equal(out.status, SGL_OK);
	if (good != !strcmp(out.signature, "valid-trusted") ||
	    enc != (strcmp(out.confidentiality, "none") != 0) ||
	    (sig && !strcmp(out.signature, "none")))
		fail_msg("%s: %s (%s) / %s", file, out.signature, out.reason,
		    out.confidentiality);
	message_outcome_clear(&out);
	sgl_keyring_clear(&o.ring);
	sgl_certs_clear(&o.anchors);
	sgl_buf_clear(&message);
}

static void
test_thunderbird(void **state)
{
	char path[600], line[400], file[128], enc[8], sig[8], good[8];
	size_t num = 0;
	FILE *f;

	(void)state;
	(void)snprintf(
	    path, sizeof path, "%s/thunderbird-open/EXPECTED.tsv", corpus());
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		if (strncmp(line, "smime/", 6) != 0)
			continue;
		assert_int_equal(
		    sscanf(line, "%127s %7s %7s %7s", file, enc, sig, good), 4);
		check_thunderbird(
		    file, enc[0] == 't', sig[0] == 't', good[0] == 't');
		num++;
	}
	(void)fclose(f);
	assert_true(num >= 15);
}

/* gpgsm's samples of password recipients; the GCM one too. */
static void
test_passwords(void **state)
{
	static const char *const files[] = {
	    "gnupg-cms/samplemsgs/pwri-sample.cbc.p7m",
	    "gnupg-cms/samplemsgs/pwri-sample.cbc-2.p7m",
	    "gnupg-cms/samplemsgs/pwri-sample.gcm.p7m",
	};

	(void)state;
	(void)corpus();
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		message_offer o = {.at = Y2027,
		    .peel = SGL_PEEL_ALL,
		    .password = SGL_LIT("abc")};
		sgl_buf file = message_file(corpus(), files[i]);
		message_outcome out;

		message_read(
		    engine, sgl_buf_slice(&file), &o, file.len, true, &out);
		if (out.status != SGL_OK)
			fail_msg(
			    "%s: %s", files[i], sgl_status_name(out.status));
		message_outcome_clear(&out);
		o.password = SGL_LIT("wrong");
		message_read(
		    engine, sgl_buf_slice(&file), &o, file.len, true, &out);
		assert_int_equal(out.status, SGL_E_PASSWORD);
		message_outcome_clear(&out);
		sgl_buf_clear(&file);
	}
}

/* The form of protected header fields before RFC 9788. What is inside of it is
 * "BarCorp contract signed"; outside of what is encrypted it is "...". */
static void
test_draft_headers(void **state)
{
	static const struct {
		const char *file, *signature, *state, *outside;
	} messages[] = {
	    {"smime-multipart-signed", "valid-trusted", "signed-only", "same"},
	    {"smime-onepart-signed", "valid-trusted", "signed-only", "same"},
	    {"smime-sign+enc", "valid-trusted", "signed-only", "differs"},
	    {"smime-sign+enc+legacy-disp", "valid-trusted", "signed-only",
		"differs"},
	    {"smime-enc+legacy-disp", "none", "unprotected", "differs"},
	};

	(void)state;
	(void)corpus();
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		message_offer o = {
		    .at = Y2027, .peel = SGL_PEEL_ALL, .keep_headers = true};
		char path[256], want[256];
		message_outcome out;
		sgl_buf file;

		(void)snprintf(path, sizeof path,
		    "notmuch/protected-headers/%s.eml", messages[i].file);
		(void)snprintf(want, sizeof want,
		    "\"name\": \"Subject\",\n        \"state\": \"%s\",\n"
		    "        \"outside\": \"%s\"",
		    messages[i].state, messages[i].outside);
		file = message_file(corpus(), path);
		message_load(
		    engine, corpus(), "notmuch/smime/bob.p12", "", &o.ring);
		load_anchors("notmuch/smime/ca.crt", &o.anchors);
		message_read(engine, sgl_buf_slice(&file), &o, 100, true, &out);
		assert_string_equal(out.signature, messages[i].signature);
		if (memmem(out.json.data, out.json.len, want, strlen(want)) ==
		    NULL)
			fail_msg("%s: %.*s", path, (int)out.json.len,
			    (const char *)out.json.data);
		assert_non_null(
		    memmem(out.content.data, out.content.len, "ubject: ", 8));
		assert_null(memmem(
		    out.content.data, out.content.len, "Subject: ...", 12));
		message_outcome_clear(&out);
		sgl_keyring_clear(&o.ring);
		sgl_certs_clear(&o.anchors);
		sgl_buf_clear(&file);
	}
}

static double
seconds_used(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Loads the file and describes it. */
static void
load_and_describe(sgl_slice file)
{
	sgl_slice secret = SGL_LIT("secret");
	sgl_keyring ring = {0};
	sgl_crls crls = {0};
	sgl_bytes out = {0};

	(void)!sgl_load(engine, file, secret, &ring, &crls, NULL, NULL);
	for (int json = 0; json < 2; json++) {
		(void)!sgl_inspect(engine, file, secret, json == 1, &out, NULL);
		sgl_bytes_free(&out);
	}
	sgl_keyring_clear(&ring);
	sgl_crls_clear(&crls);
}

/* As a message, as a certificate, as a list, and described: whatever it is, no
 * crash, nothing lost, and no more than a moment. */
static void
survive(const char *path, void *ctx)
{
	message_offer o = {.at = Y2020, .peel = SGL_PEEL_ALL};
	sgl_buf file = sgl_buf_init(MESSAGE_MAX);
	double start = seconds_used();
	message_outcome whole, pieces;
	sgl_cert *cert = NULL;
	sgl_crl *crl = NULL;

	sgl_corpus_read(path, &file);
	message_load(
	    engine, corpus(), "rfc4134/BobPrivRSAEncrypt.pri", NULL, &o.ring);
	message_read(
	    engine, sgl_buf_slice(&file), &o, file.len + 1, true, &whole);
	message_read(engine, sgl_buf_slice(&file), &o, 7, true, &pieces);
	message_same(&whole, &pieces);
	(void)!sgl_cert_read(engine, sgl_buf_slice(&file), &cert, NULL);
	(void)!sgl_crl_read(engine, sgl_buf_slice(&file), &crl, NULL);
	load_and_describe(sgl_buf_slice(&file));
	if (seconds_used() - start > 5)
		fail_msg("%s: %f seconds", path, seconds_used() - start);
	sgl_cert_unref(cert);
	sgl_crl_unref(crl);
	message_outcome_clear(&whole);
	message_outcome_clear(&pieces);
	sgl_keyring_clear(&o.ring);
	sgl_buf_clear(&file);
	++*(size_t *)ctx;
}

static void
test_replay(void **state)
{
	static const struct {
		const char *set;
		size_t num;
	} sets[] = {
	    {"openssl-fuzz-open", 1000},
	    {"wine-crypt32", 160},
	    {"zlint-smime", 160},
	    {"gnutls-pkcs7", 20},
	    {"boringssl-pkcs7", 10},
	    {"gnupg-cms", 30},
	};

	(void)state;
	(void)corpus();
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
		size_t num = 0;

		(void)sgl_corpus_each(sets[i].set, survive, &num);
		assert_true(num >= sets[i].num);
	}
}

static int
set_up(void **state)
{
	(void)state;
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_fran),
	    cmocka_unit_test(test_thunderbird),
	    cmocka_unit_test(test_passwords),
	    cmocka_unit_test(test_draft_headers),
	    cmocka_unit_test(test_replay),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
