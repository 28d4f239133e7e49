/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/verdict_say.h"
#include "pki/path.h"

#define NUM_STATES (SGL_SIGNATURE_NO_CERTIFICATE + 1)
#define NUM_CONFIDENTIALITIES (SGL_CONFIDENTIALITY_LOCKED + 1)

static const sgl_verdict_summary full = {
    .signer_address = "alice@example.org",
    .signer_name = "Alice Example",
    .issuer_name = "Example CA",
    .from = "bob@example.org",
    .reason = "",
    .cipher = "aes-256-cbc",
    .needed_key = "serial 01, issuer CN=Example CA",
    .differing_fields = "",
    .outer_from = "",
    .protected_from = "",
    .has_signing_time = true,
    .num_layers = 2,
    .num_signers = 2,
    .label_policy = "",
    .label_mark = "",
    .label_classification = -1,
};

static sgl_buf text;

static const char *
say(const sgl_verdict_summary *sum)
{
	sgl_buf_clear(&text);
	text = sgl_buf_init(1 << 16);
	assert_int_equal(sgl_verdict_say(sum, &text, NULL), SGL_OK);
	assert_int_equal(sgl_buf_add(&text, sgl_slice_of("", 1), NULL), SGL_OK);
	return (const char *)text.data;
}

static size_t
count_lines(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

static int
forget(void **state)
{
	(void)state;
	sgl_buf_clear(&text);
	return 0;
}

static void
check_all_of(sgl_verdict_summary sum)
{
	for (int s = 0; s < NUM_STATES; s++)
		for (int c = 0; c < NUM_CONFIDENTIALITIES; c++) {
			const char *said;

			sum.signature = (sgl_signature_state)s;
			sum.confidentiality = (sgl_confidentiality_state)c;
			said = say(&sum);
			assert_in_range(count_lines(said), 2, 6);
			assert_null(strstr(said, "\n\n"));
			if (s != SGL_SIGNATURE_VALID_TRUSTED)
				assert_null(strstr(said, "You can believe it"));
		}
}

static void
check_all(sgl_verdict_summary sum)
{
	check_all_of(sum);
	sum.label_policy = "1.2.3";
	sum.label_mark = "Board only";
	sum.labels_differ = true;
	check_all_of(sum);
}

static void
every_state_has_two_to_six_lines(void **state)
{
	static const char *const reasons[] = {
	    "", "digest-mismatch", "address-mismatch", "sha1", "unheard-of"};
	sgl_verdict_summary sum = full;

	(void)state;
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		sum.reason = reasons[i];
		sum.signs_ciphertext = i % 2 == 1;
		check_all(sum);
	}
	sum.protects_headers = sum.subject_was_hidden = true;
	check_all(sum);
	sum.differing_fields = "Subject";
	check_all(sum);
	sum.from_differs = sum.from_is_unproven = true;
	check_all(sum);
}

static void
header_fields_are_told_where_it_matters(void **state)
{
	sgl_verdict_summary sum = full;

	(void)state;
	sum.signature = SGL_SIGNATURE_VALID_TRUSTED;
	sum.subject_was_hidden = true;
	assert_null(strstr(say(&sum), "subject"));
	sum.protects_headers = true;
	assert_non_null(strstr(say(&sum), "Its subject was hidden"));
	sum.differing_fields = "Subject, T\xe2\x80\xaeo";
	assert_non_null(strstr(say(&sum), "which count: Subject, T?o.\n"));
	assert_null(strstr(say(&sum), "was hidden"));
	sum.from_differs = true;
	sum.outer_from = "list@example.org";
	sum.protected_from = "alice@example.org";
	assert_non_null(strstr(say(&sum),
	    "from list@example.org, but nobody signed that; inside, where it "
	    "is signed, it is from alice@example.org.\n"));
	sum.from_is_unproven = true;
	sum.outer_from = "";
	assert_non_null(strstr(say(&sum),
	    "Beware: outside it says it is from ?, inside from "
	    "alice@example.org, and neither is proven.\n"));
}

static void
nothing_known_is_said_too(void **state)
{
	const sgl_verdict_summary empty = {
	    .signer_address = "",
	    .signer_name = "",
	    .issuer_name = "",
	    .from = "",
	    .reason = "",
	    .cipher = "",
	    .needed_key = "",
	    .label_policy = "",
	    .label_mark = "",
	    .label_classification = -1,
	};

	(void)state;
	check_all(empty);
}

/* What the judge gives as reasons; each has a sentence. */
static void
every_reason_adds_a_line(void **state)
{
	static const char *const reasons[] = {"digest-mismatch",
	    "signature-mismatch", "certificate-exchanged",
	    "malformed-attributes", "content-type-mismatch",
	    "algorithm-mismatch", "unsupported-algorithm", "md5",
	    "unsupported-key", "digest-not-made", "address-mismatch",
	    "only-sender-matches", "several-from-fields", "unreadable-from",
	    "certificate-without-address", "sha1", "weak-chain",
	    "digest-not-listed"};
	sgl_verdict_summary sum = full;

	(void)state;
	sum.signature = SGL_SIGNATURE_CHAIN_ERROR;
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		sum.reason = reasons[i];
		assert_int_equal(count_lines(say(&sum)), 5);
	}
}

/* The faults of a path that are a state of their own need no more words. */
static void
every_broken_rule_adds_a_line(void **state)
{
	sgl_verdict_summary sum = full;

	(void)state;
	sum.signature = SGL_SIGNATURE_CHAIN_ERROR;
	for (int i = SGL_PATH_BAD_SIGNATURE; i <= SGL_PATH_GAVE_UP; i++) {
		if (i == SGL_PATH_WRONG_USAGE || i == SGL_PATH_REVOKED ||
		    i == SGL_PATH_REVOCATION_UNKNOWN)
			continue;
		sum.reason = sgl_path_fault_name((sgl_path_fault)i);
		assert_int_equal(count_lines(say(&sum)), 5);
	}
}

static void
tells_what_else_is_wrong(void **state)
{
	sgl_verdict_summary sum = full;
	const char *said;

	(void)state;
	sum.signature = SGL_SIGNATURE_VALID_UNTRUSTED;
	sum.defects = ~0u;
	said = say(&sum);
	assert_non_null(strstr(said,
	    "\nBesides: its certificates break the rules; a certificate is not "
	    "valid any more; a certificate is not valid yet; the certificate "
	    "is not for signing mail; it rests on methods that can be broken; "
	    "the certificate is not for the From address; whether a "
	    "certificate has been revoked is not known.\n"));
	check_all(sum);
	sum.signature = SGL_SIGNATURE_VALID_ADDRESS_MISMATCH;
	sum.reason = "address-mismatch";
	sum.defects = 1u << SGL_SIGNATURE_VALID_ADDRESS_MISMATCH |
	    1u << SGL_SIGNATURE_WEAK;
	said = say(&sum);
	assert_non_null(strstr(said,
	    "The certificate does not name that address. Besides: it rests on "
	    "methods that can be broken.\n"));
}

static const struct {
	int classification;
	const char *mark;
	bool differ;
	const char *said;
} labels[] = {
    {4, "Board\x1b only", true,
	"\nSecurity label: secret (policy 1.2.3), \"Board? only\"; but not all "
	"of its signatures say so. "},
    {0, "", false, "\nSecurity label: unmarked (policy 1.2.3). "},
    {5, "", false, "\nSecurity label: top secret (policy 1.2.3). "},
    {6, "", false, "\nSecurity label: class 6 (policy 1.2.3). "},
    {-1, "", false, "\nSecurity label: policy 1.2.3. "},
};

static void
tells_labels(void **state)
{
	sgl_verdict_summary sum = full;

	(void)state;
	sum.signature = SGL_SIGNATURE_VALID_TRUSTED;
	sum.label_policy = "1.2.3";
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		sum.label_classification = labels[i].classification;
		sum.label_mark = labels[i].mark;
		sum.labels_differ = labels[i].differ;
		assert_non_null(strstr(say(&sum), labels[i].said));
	}
	sum.label_policy = "";
	assert_null(strstr(say(&sum), "label"));
	sum.is_receipt = true;
	assert_non_null(strstr(say(&sum), "\nThis is a signed receipt"));
}

static void
tells_of_parts(void **state)
{
	sgl_verdict_summary sum = full;

	(void)state;
	sum.signature = SGL_SIGNATURE_NONE;
	sum.reason = "signed-part-inside";
	sum.has_encrypted_part = true;
	assert_non_null(strstr(say(&sum), "A part of it is signed: save"));
	assert_non_null(strstr(say(&sum), "A part of it is encrypted: save"));
	assert_null(strstr(say(&sum), "Not encrypted"));
}

static void
tells_of_what_is_foreign(void **state)
{
	sgl_verdict_summary sum = full;

	(void)state;
	sum.signature = SGL_SIGNATURE_NONE;
	sum.reason = "openpgp";
	assert_non_null(strstr(say(&sum), "OpenPGP, which is not read here"));
	assert_non_null(strstr(say(&sum), "Not encrypted"));
	sum.has_openpgp_encryption = true;
	assert_non_null(strstr(say(&sum), "encrypted with OpenPGP"));
	assert_null(strstr(say(&sum), "Not encrypted"));
	sum.has_openpgp_encryption = false;
	sum.reason = "protected-part-inside";
	sum.has_protected_part = true;
	assert_non_null(strstr(say(&sum), "is signed or encrypted: save"));
	assert_null(strstr(say(&sum), "Not encrypted"));
	sum.has_protected_part = false;
	sum.reason = "torn-signature";
	assert_non_null(strstr(say(&sum), "a signature that stands alone"));
	sum.reason = "tnef";
	sum.has_tnef = true;
	assert_non_null(strstr(say(&sum), "winmail.dat"));
	assert_null(strstr(say(&sum), "Not encrypted"));
	assert_null(strstr(say(&sum), "has other text"));
	sum.has_text_around = true;
	assert_non_null(strstr(say(&sum), "has other text"));
}

static void
says_who_and_what(void **state)
{
	static const struct {
		sgl_signature_state signature;
		sgl_confidentiality_state confidentiality;
		const char *want;
	} table[] = {
	    {SGL_SIGNATURE_NONE, SGL_CONFIDENTIALITY_ENCRYPTED,
		"the sender is not proven"},
	    {SGL_SIGNATURE_NONE, SGL_CONFIDENTIALITY_NONE, "Not encrypted"},
	    {SGL_SIGNATURE_VALID_TRUSTED, SGL_CONFIDENTIALITY_NONE,
		"Signed by alice@example.org (Alice Example), as Example CA "
		"certifies."},
	    {SGL_SIGNATURE_VALID_TRUSTED, SGL_CONFIDENTIALITY_NONE,
		"revoked was not checked"},
	    {SGL_SIGNATURE_VALID_ADDRESS_MISMATCH, SGL_CONFIDENTIALITY_NONE,
		"It says it is from: bob@example.org"},
	    {SGL_SIGNATURE_VALID_UNTRUSTED, SGL_CONFIDENTIALITY_NONE,
		"anybody could have made it"},
	    {SGL_SIGNATURE_TAMPERED, SGL_CONFIDENTIALITY_NONE,
		"The signature names alice@example.org"},
	    {SGL_SIGNATURE_EXPIRED, SGL_CONFIDENTIALITY_NONE, "--at TIME"},
	    {SGL_SIGNATURE_NONE, SGL_CONFIDENTIALITY_LOCKED,
		"serial 01, issuer CN=Example CA"},
	    {SGL_SIGNATURE_NONE, SGL_CONFIDENTIALITY_NO_INTEGRITY,
		"nothing proves that nobody changed it"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		sgl_verdict_summary sum = full;
		sum.signature = table[i].signature;
		sum.confidentiality = table[i].confidentiality;
		assert_non_null(strstr(say(&sum), table[i].want));
	}
}

static void
outside_signatures_prove_little(void **state)
{
	sgl_verdict_summary sum = full;

	(void)state;
	sum.signs_ciphertext = true;
	sum.reason = "only-around-encryption";
	sum.confidentiality = SGL_CONFIDENTIALITY_ENCRYPTED;
	assert_non_null(strstr(say(&sum), "What is inside is not signed"));
	assert_non_null(strstr((const char *)text.data, "alice@example.org"));
}

static void
encryption_inside_is_not_denied(void **state)
{
	sgl_verdict_summary sum = full;

	(void)state;
	sum.signature = SGL_SIGNATURE_VALID_TRUSTED;
	sum.confidentiality = SGL_CONFIDENTIALITY_NONE;
	assert_non_null(strstr(say(&sum), "Not encrypted"));
	sum.holds_encryption = true;
	assert_null(strstr(say(&sum), "Not encrypted"));
	assert_non_null(strstr((const char *)text.data, "not who wrote"));
}

static void
strangers_texts_are_made_safe(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
	    {"Alice", "Alice"},
	    {"\x1b[2J\r\n\t", "?[2J???"},
	    {"a\xc2\x9b"
	     "b",
		"a?b"},				  /* C1 */
	    {"\xe2\x80\xaegro", "?gro"},	  /* right-to-left override */
	    {"\xe2\x81\xa6x\xe2\x81\xa9", "?x?"}, /* isolates */
	    {"\xc3\xa5\xf0\x9f\x94\x92", "\xc3\xa5\xf0\x9f\x94\x92"},
	    {"\xc3", "?"},
	    {"\xed\xa0\x80", "???"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(100);
		assert_int_equal(
		    sgl_say_safe(&out, table[i].text, NULL), SGL_OK);
		assert_int_equal(out.len, strlen(table[i].want));
		assert_memory_equal(out.data, table[i].want, out.len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_state_has_two_to_six_lines),
	    cmocka_unit_test(header_fields_are_told_where_it_matters),
	    cmocka_unit_test(nothing_known_is_said_too),
	    cmocka_unit_test(every_reason_adds_a_line),
	    cmocka_unit_test(every_broken_rule_adds_a_line),
	    cmocka_unit_test(tells_what_else_is_wrong),
	    cmocka_unit_test(tells_labels),
	    cmocka_unit_test(tells_of_parts),
	    cmocka_unit_test(tells_of_what_is_foreign),
	    cmocka_unit_test(says_who_and_what),
	    cmocka_unit_test(outside_signatures_prove_little),
	    cmocka_unit_test(encryption_inside_is_not_denied),
	    cmocka_unit_test(strangers_texts_are_made_safe),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
