/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pki/csr.h"
#include "support/corpus.h"
#include "support/fault.h"
#include "support/folder.h"
#include "support/hex.h"
#include "support/issue.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

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

static const sgl_oid mail[] = {SGL_OID_KP_EMAIL_PROTECTION};
static const sgl_slice addresses[] = {
    {(const uint8_t *)"alice@example.org", 17}};

/* CN=ca */
#define NAME "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02\x63\x61"

static sgl_cert_template
usual_wish(void)
{
	return (sgl_cert_template){.subject = SGL_LIT(NAME),
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE,
	    .ext_key_usage = mail,
	    .num_ext_key_usage = 1,
	    .addresses = addresses,
	    .num_addresses = 1};
}

static sgl_key *
new_key(sgl_engine *engine, sgl_key_kind kind)
{
	sgl_key *key = NULL;

	assert_int_equal(
	    sgl_key_generate(engine, kind, 2048, &key, NULL), SGL_OK);
	return key;
}

static void
build_usual(sgl_engine *engine, sgl_key *key, sgl_buf *out)
{
	sgl_cert_template t = usual_wish();

	assert_int_equal(sgl_csr_build(engine, &t, SGL_LIT("s\xc3\xa4kert"),
			     key, SGL_DIGEST_NONE, out, NULL),
	    SGL_OK);
}

static sgl_csr *
read_csr(sgl_engine *engine, sgl_slice der)
{
	sgl_csr *csr = NULL;
	sgl_err err = {0};

	if (sgl_csr_read(engine, der, &csr, &err) != SGL_OK)
		fail_msg("%s at %zu", err.text, (size_t)err.offset);
	return csr;
}

static bool
is_signed(sgl_engine *engine, const sgl_csr *csr)
{
	bool good = false;

	return sgl_csr_is_signed(engine, csr, &good, NULL) == SGL_OK && good;
}

static const sgl_key_kind signing_kinds[] = {
    SGL_KEY_P256, SGL_KEY_P384, SGL_KEY_P521, SGL_KEY_RSA, SGL_KEY_ED25519};

/* What is asked for arrives, whatever the key. */
static void
asks_and_is_understood(void **state)
{
	for (size_t i = 0; i < COUNT(signing_kinds); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);
		SGL_AUTO(sgl_key)
		key = new_key(*state, signing_kinds[i]);
		SGL_AUTO(sgl_csr)
		csr = NULL;

		build_usual(*state, key, &der);
		csr = read_csr(*state, sgl_buf_slice(&der));
		assert_true(is_signed(*state, csr));
		assert_int_equal(csr->asked.key_kind, signing_kinds[i]);
		assert_true(
		    sgl_slice_eq(csr->asked.spki, sgl_key_get_spki(key)));
		assert_true(sgl_slice_eq(csr->asked.subject, SGL_LIT(NAME)));
		assert_int_equal(sgl_cert_num_addresses(&csr->asked), 1);
		assert_true(sgl_slice_eq(
		    sgl_cert_get_address(&csr->asked, 0), addresses[0]));
		assert_int_equal(
		    csr->asked.key_usage, SGL_KU_DIGITAL_SIGNATURE);
		assert_true(sgl_cert_may_sign(&csr->asked));
		assert_false(csr->asked.is_ca);
		assert_true(csr->has_challenge);
		assert_true(sgl_slice_eq(
		    sgl_buf_slice(&csr->challenge), SGL_LIT("s\xc3\xa4kert")));
	}
}

/* An issuing authority asks its offline root. */
static void
asks_to_be_an_authority(void **state)
{
	static const sgl_slice permitted[] = {
	    {(const uint8_t *)".example.org", 12}};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);
	SGL_AUTO(sgl_key)
	key = new_key(*state, SGL_KEY_P256);
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_cert_template t = {.subject = SGL_LIT(NAME),
	    .is_ca = true,
	    .has_path_len = true,
	    .key_usage = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN,
	    .permitted = permitted,
	    .num_permitted = 1};

	assert_int_equal(sgl_csr_build(*state, &t, (sgl_slice){0}, key,
			     SGL_DIGEST_NONE, &der, NULL),
	    SGL_OK);
	csr = read_csr(*state, sgl_buf_slice(&der));
	assert_true(csr->asked.is_ca && csr->asked.has_path_len);
	assert_true(csr->asked.name_constraints.len > 0);
	assert_false(csr->has_challenge);
	t.key_usage = SGL_KU_DIGITAL_SIGNATURE;
	assert_int_equal(sgl_csr_build(*state, &t, (sgl_slice){0}, key,
			     SGL_DIGEST_NONE, &der, NULL),
	    SGL_E_USAGE);
	assert_int_equal(der.len, csr->asked.der.len);
}

/* Whatever byte is changed, nobody's request passes for signed; whatever is
 * missing, it is no request. */
static void
sees_every_change(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);
	SGL_AUTO(sgl_key)
	key = new_key(*state, SGL_KEY_P256);

	build_usual(*state, key, &der);
	for (size_t i = 0; i < der.len; i++)
		for (unsigned bit = 1; bit < 256; bit *= 4) {
			SGL_AUTO(sgl_csr)
			csr = NULL;
			sgl_err err = {0};
			sgl_status status;

			der.data[i] ^= (uint8_t)bit;
			status = sgl_csr_read(
			    *state, sgl_buf_slice(&der), &csr, &err);
			der.data[i] ^= (uint8_t)bit;
			if (status == SGL_OK ? is_signed(*state, csr)
					     : status != SGL_E_ENCODING)
				fail_msg("byte %zu, bit %u", i, bit);
		}
	for (size_t n = 0; n < der.len; n++) {
		sgl_csr *csr = NULL;

		assert_int_equal(
		    sgl_csr_read(*state, sgl_slice_of(der.data, n), &csr, NULL),
		    SGL_E_ENCODING);
	}
	assert_int_equal(sgl_buf_add(&der, SGL_LIT("\0"), NULL), SGL_OK);
	assert_int_equal(
	    sgl_csr_read(*state, sgl_buf_slice(&der), &(sgl_csr *){NULL}, NULL),
	    SGL_E_ENCODING);
}

static void
refuses_endless_requests(void **state)
{
	SGL_AUTO_MEM uint8_t *bytes = sgl_mem_zeroed(1, SGL_CSR_MAX + 1);
	sgl_csr *csr = NULL;

	assert_non_null(bytes);
	assert_int_equal(sgl_csr_read(*state,
			     sgl_slice_of(bytes, SGL_CSR_MAX + 1), &csr, NULL),
	    SGL_E_LIMIT);
}

/* CHALLENGE(type and value): an Attribute in hex. WISHES: extensionRequest of
 * basicConstraints cA. */
#define CHALLENGE "301006092a864886f70d01090731030c0161"
#define CA_LIST "31133011300f0603551d130101ff040530030101ff"
#define WISHES "302006092a864886f70d01090e" CA_LIST
#define MS_WISHES "3021060a2b06010401823702010e" CA_LIST

static const struct {
	const char *version, *attributes; /* NULL: no [0] at all */
	bool reads, is_ca, has_challenge;
} raw[] = {
    {"020100", "", true, false, false},
    {"020100", NULL, true, false, false},
    {"020100", CHALLENGE, true, false, true},
    {"020100", WISHES, true, true, false},
    {"020100", MS_WISHES, true, true, false},
    {"020100", WISHES CHALLENGE, true, true, true},
    {"020101", "", false, false, false}, /* v2 */
    {"020100", CHALLENGE CHALLENGE, false, false, false},
    {"020100", WISHES WISHES, false, false, false},
    {"020100", WISHES MS_WISHES, false, false, false},
    /* two values, and one that is no text */
    {"020100", "301306092a864886f70d01090731060c01610c0162", false, false,
	false},
    {"020100", "301006092a864886f70d0109073103020161", false, false, false},
    {"020100", "301006092a864886f70d01090731030c01ff", false, false, false},
    /* a list of extensions that is none */
    {"020100", "301106092a864886f70d01090e310430020500", false, false, false},
    /* no value asks for nothing */
    {"020100", "300d06092a864886f70d0109073100", true, false, false},
    {"020100", "300d06092a864886f70d01090e3100" CHALLENGE, true, false, true},
    /* what nobody knows is not looked into; what is no Attribute */
    {"020100", "300706022a0331010c", true, false, false},
    {"020100", "300806022a0331020500", true, false, false},
    {"020100", "0500", false, false, false},
    {"020100", "300406022a03", false, false, false},
};

static void
put_raw(sgl_engine *engine, size_t row, sgl_buf *out)
{
	SGL_AUTO(sgl_key)
	key = new_key(engine, SGL_KEY_P256);
	sgl_derb b = sgl_derb_over(out);
	size_t csr = sgl_derb_open(&b, SGL_SEQUENCE), info, list;

	info = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_raw(&b, unhex(raw[row].version));
	sgl_derb_raw(&b, SGL_LIT(NAME));
	sgl_derb_raw(&b, sgl_key_get_spki(key));
	if (raw[row].attributes != NULL) {
		list = sgl_derb_open(&b, SGL_CONTEXT(0));
		sgl_derb_raw(&b, unhex(raw[row].attributes));
		sgl_derb_close(&b, list);
	}
	sgl_derb_close(&b, info);
	sgl_derb_raw(&b, unhex("300a06082a8648ce3d040302"));
	sgl_derb_bits(&b, SGL_LIT("x"), 0);
	sgl_derb_close(&b, csr);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static void
reads_attributes(void **state)
{
	for (size_t i = 0; i < COUNT(raw); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);
		SGL_AUTO(sgl_csr)
		csr = NULL;
		sgl_status status;

		put_raw(*state, i, &der);
		status = sgl_csr_read(*state, sgl_buf_slice(&der), &csr, NULL);
		if (status != (raw[i].reads ? SGL_OK : SGL_E_ENCODING) ||
		    (csr != NULL &&
			(csr->asked.is_ca != raw[i].is_ca ||
			    csr->has_challenge != raw[i].has_challenge ||
			    is_signed(*state, csr))))
			fail_msg("row %zu", i);
	}
}

/* --- openssl and GnuTLS --- */

static void
reads_vectors(void **state)
{
	static const char *const names[] = {
	    "csr-rsa.der", "csr-ec.der", "csr-ed25519.der"};
	const char *source = getenv("SIGILL_SOURCE");

	for (size_t i = 0; i < COUNT(names); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);
		SGL_AUTO(sgl_csr)
		csr = NULL;
		char path[1024];

		(void)snprintf(path, sizeof path,
		    "%s/tests/vectors/authority-by-openssl/%s",
		    source == NULL ? "." : source, names[i]);
		sgl_corpus_read_file(path, &der);
		csr = read_csr(*state, sgl_buf_slice(&der));
		assert_true(is_signed(*state, csr));
		assert_int_equal(
		    csr->asked.key_usage, SGL_KU_DIGITAL_SIGNATURE);
		assert_true(sgl_slice_eq(
		    sgl_buf_slice(&csr->challenge), SGL_LIT("one time")));
	}
}

static void
peers_read_ours(void **state)
{
	sgl_folder folder;

	sgl_folder_need("openssl");
	sgl_folder_need("certtool");
	sgl_folder_make(&folder);
	for (size_t i = 0; i < COUNT(signing_kinds); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);
		SGL_AUTO(sgl_key)
		key = new_key(*state, signing_kinds[i]);

		build_usual(*state, key, &der);
		sgl_folder_write(&folder, "csr", sgl_buf_slice(&der));
		sgl_folder_run(&folder,
		    "openssl req -inform der -in csr -noout -verify -text");
		sgl_folder_run(&folder,
		    "openssl req -inform der -in csr -noout -text | "
		    "grep -q email:alice@example.org");
		sgl_folder_run(&folder,
		    "certtool --crq-info --inder --infile csr >out && "
		    "grep -q 'RFC822Name: alice@example.org' out && "
		    "grep -q 'Self signature: verified' out");
	}
	sgl_folder_remove(&folder);
}

static const char *const peer_keys[] = {
    "-newkey rsa:2048",
    "-newkey rsa:2048 -sigopt rsa_padding_mode:pss",
    "-newkey rsa-pss -pkeyopt rsa_keygen_bits:2048",
    "-newkey ec -pkeyopt ec_paramgen_curve:P-256",
    "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384",
    "-newkey ec -pkeyopt ec_paramgen_curve:P-521 -sha512",
    "-newkey ed25519",
};

static void
reads_those_of_openssl(void **state)
{
	static const char config[] = "[req]\nprompt=no\n"
				     "distinguished_name=dn\nattributes=at\n"
				     "[dn]\nCN=Alice\n"
				     "[at]\nchallengePassword=one time\n";
	sgl_folder folder;

	sgl_folder_need("openssl");
	sgl_folder_make(&folder);
	sgl_folder_write(&folder, "conf", SGL_LIT(config));
	for (size_t i = 0; i < COUNT(peer_keys); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = {0};
		SGL_AUTO(sgl_csr)
		csr = NULL;
		char command[512];

		(void)snprintf(command, sizeof command,
		    "openssl req -new -config conf -nodes -keyout key %s "
		    "-addext subjectAltName=email:alice@example.org "
		    "-outform der -out csr",
		    peer_keys[i]);
		sgl_folder_run(&folder, command);
		der = sgl_folder_read(&folder, "csr");
		csr = read_csr(*state, sgl_buf_slice(&der));
		if (!is_signed(*state, csr))
			fail_msg("%s", peer_keys[i]);
		assert_true(sgl_slice_eq(
		    sgl_cert_get_address(&csr->asked, 0), addresses[0]));
		assert_true(sgl_slice_eq(
		    sgl_buf_slice(&csr->challenge), SGL_LIT("one time")));
	}
	sgl_folder_remove(&folder);
}

typedef struct job {
	sgl_engine *engine;
	sgl_key *key;
} job;

static sgl_status
do_job(void *ctx, sgl_err *err)
{
	job *j = ctx;
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);
	SGL_AUTO(sgl_csr)
	csr = NULL;
	sgl_cert_template t = usual_wish();

	TRY(sgl_csr_build(j->engine, &t, SGL_LIT("password"), j->key,
	    SGL_DIGEST_NONE, &der, err));
	return sgl_csr_read(j->engine, sgl_buf_slice(&der), &csr, err);
}

static void
survives_lack_of_memory(void **state)
{
	SGL_AUTO(sgl_key)
	key = new_key(*state, SGL_KEY_P256);
	job j = {*state, key};

	assert_int_equal(do_job(&j, NULL), SGL_OK);
	assert_true(sgl_fault_each(do_job, &j) >= 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asks_and_is_understood),
	    cmocka_unit_test(asks_to_be_an_authority),
	    cmocka_unit_test(sees_every_change),
	    cmocka_unit_test(refuses_endless_requests),
	    cmocka_unit_test(reads_attributes),
	    cmocka_unit_test(reads_vectors),
	    cmocka_unit_test(peers_read_ours),
	    cmocka_unit_test(reads_those_of_openssl),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
