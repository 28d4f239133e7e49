/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#12 files made here in every form, right and wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/limits.h"
#include "cms/load.h"
#include "support/fault.h"
#include "support/hex.h"
#include "support/parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX_FILE ((size_t)1 << 20)
#define ROUNDS 3

typedef enum mac_kind {
	MAC_SHA1,
	MAC_SHA256,
	MAC_SHA512,
	MAC_PBMAC1,
	MAC_NONE
} mac_kind;

/* What a file is made of. */
typedef struct recipe {
	const char *password;
	bool ber, legacy;
	bool bmp; /* PBES2 from the password as a BMPString, as NSS did */
	mac_kind mac;
	bool mac_no_bytes;	  /* the empty password as no bytes */
	const char *key_password; /* of the shrouded key; NULL: the same */
	unsigned nesting;	  /* SafeContents bags around the bags */
	bool plain_key, with_crl, with_strangers;
} recipe;

typedef struct kitchen {
	sgl_engine *engine;
	sgl_secret key;
	sgl_buf cert;
} kitchen;

static int
start(void **state)
{
	static kitchen k;
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_cert_parts parts = {0};

	k = (kitchen){.cert = sgl_buf_init(MAX_FILE)};
	if (sgl_engine_new(NULL, &k.engine, NULL) != SGL_OK ||
	    sgl_key_generate(k.engine, SGL_KEY_P256, 0, &key, NULL) != SGL_OK ||
	    sgl_key_write(key, &k.key, NULL) != SGL_OK)
		return -1;
	parts.spki = sgl_key_get_spki(key);
	sgl_parts_cert(&parts, &k.cert);
	*state = &k;
	return 0;
}

static int
stop(void **state)
{
	kitchen *k = *state;

	sgl_secret_clear(&k->key);
	sgl_buf_clear(&k->cert);
	sgl_engine_free(k->engine);
	return 0;
}

static void
append(sgl_buf *out, sgl_slice bytes)
{
	assert_int_equal(sgl_buf_add(out, bytes, NULL), SGL_OK);
}

/* One element, as BER with an indefinite length where it is constructed. */
static void
put(const recipe *r, sgl_buf *out, sgl_tag tag, sgl_slice contents)
{
	uint8_t head[10];

	if (r->ber && (tag & SGL_TAG_CONSTRUCTED) != 0) {
		append(
		    out, sgl_slice_of(head, sgl_der_put_indefinite(head, tag)));
		append(out, contents);
		append(out, SGL_LIT("\0\0"));
		return;
	}
	append(out,
	    sgl_slice_of(head, sgl_der_put_header(head, tag, contents.len)));
	append(out, contents);
}

/* The same, emptying what it wraps. */
static void
wrap(const recipe *r, sgl_buf *inside, sgl_tag tag)
{
	sgl_buf out = sgl_buf_init(MAX_FILE);

	put(r, &out, tag, sgl_buf_slice(inside));
	sgl_buf_clear(inside);
	*inside = out;
}

/* A string; as BER in pieces of 7 bytes. */
static void
put_octets(const recipe *r, sgl_buf *out, sgl_tag tag, sgl_slice bytes)
{
	SGL_AUTO_CLEAR(sgl_buf) pieces = sgl_buf_init(MAX_FILE);

	if (!r->ber) {
		put(r, out, tag, bytes);
		return;
	}
	while (bytes.len > 0) {
		size_t n = bytes.len < 7 ? bytes.len : 7;

		put(r, &pieces, SGL_OCTET_STRING, sgl_slice_first(bytes, n));
		bytes = sgl_slice_from(bytes, n);
	}
	put(r, out, tag | SGL_TAG_CONSTRUCTED, sgl_buf_slice(&pieces));
}

static void
put_oid(const recipe *r, sgl_buf *out, sgl_oid oid)
{
	put(r, out, SGL_OID, sgl_oid_der(oid));
}

static void
encrypt(kitchen *k, const recipe *r, const char *password, sgl_slice in,
    sgl_buf *algorithm, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_secret) bmp = {0};
	sgl_slice p = sgl_slice_str(password);

	if (r->bmp) {
		assert_int_equal(sgl_pbe_bmp(p, &bmp, NULL), SGL_OK);
		p = sgl_secret_slice(&bmp);
	}
	assert_int_equal(r->legacy ? sgl_pbe_encrypt_legacy(k->engine, p,
					 ROUNDS, in, algorithm, out, NULL)
				   : sgl_pbe_encrypt(k->engine, p, ROUNDS, in,
					 algorithm, out, NULL),
	    SGL_OK);
}

static void
put_bag(const recipe *r, sgl_buf *out, sgl_slice type, sgl_slice value)
{
	SGL_AUTO_CLEAR(sgl_buf) bag = sgl_buf_init(MAX_FILE);

	put(r, &bag, SGL_OID, type);
	put(r, &bag, SGL_CONTEXT(0), value);
	put(r, &bag, SGL_SET, SGL_LIT(""));
	put(r, out, SGL_SEQUENCE, sgl_buf_slice(&bag));
}

static void
put_key_bag(kitchen *k, const recipe *r, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(MAX_FILE);

	if (r->plain_key) {
		put_bag(r, out, sgl_oid_der(SGL_OID_BAG_KEY),
		    sgl_secret_slice(&k->key));
		return;
	}
	encrypt(k, r, r->key_password != NULL ? r->key_password : r->password,
	    sgl_secret_slice(&k->key), &body, &bytes);
	put_octets(r, &body, SGL_OCTET_STRING, sgl_buf_slice(&bytes));
	wrap(r, &body, SGL_SEQUENCE);
	put_bag(r, out, sgl_oid_der(SGL_OID_BAG_SHROUDED_KEY),
	    sgl_buf_slice(&body));
}

static void
put_typed_bag(
    const recipe *r, sgl_buf *out, sgl_oid bag, sgl_oid type, sgl_slice der)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(MAX_FILE);

	put_oid(r, &body, type);
	put_octets(r, &value, SGL_OCTET_STRING, der);
	put(r, &body, SGL_CONTEXT(0), sgl_buf_slice(&value));
	wrap(r, &body, SGL_SEQUENCE);
	put_bag(r, out, sgl_oid_der(bag), sgl_buf_slice(&body));
}

/* An empty CRL. */
#define CRL                                                                    \
	"3055303c020101300a06082a8648ce3d040302300d310b300906035504030c02"     \
	"6361170d3230303130313030303030305a170d3439313233313233353935395a"     \
	"300a06082a8648ce3d0403020309003006020101020101"

static void
put_strangers(const recipe *r, sgl_buf *out)
{
	static const char sdsi[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x02";
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(MAX_FILE);

	put_bag(r, out, sgl_oid_der(SGL_OID_BAG_SECRET), unhex("30020500"));
	put_bag(r, out, SGL_LIT("\x2a\x03\x04"), unhex("0500"));
	put(r, &body, SGL_OID, SGL_LIT(sdsi));
	put(r, &body, SGL_CONTEXT(0), unhex("1600"));
	wrap(r, &body, SGL_SEQUENCE);
	put_bag(r, out, sgl_oid_der(SGL_OID_BAG_CERT), sgl_buf_slice(&body));
}

static void
nest(const recipe *r, sgl_buf *bags)
{
	wrap(r, bags, SGL_SEQUENCE);
	for (unsigned i = 0; i < r->nesting; i++) {
		SGL_AUTO_CLEAR(sgl_buf) inner = *bags;

		*bags = sgl_buf_init(MAX_FILE);
		put_bag(r, bags, sgl_oid_der(SGL_OID_BAG_SAFE_CONTENTS),
		    sgl_buf_slice(&inner));
		wrap(r, bags, SGL_SEQUENCE);
	}
}

static void
put_plain_safe(kitchen *k, const recipe *r, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) bags = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) string = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) info = sgl_buf_init(MAX_FILE);

	put_key_bag(k, r, &bags);
	if (r->with_strangers)
		put_strangers(r, &bags);
	nest(r, &bags);
	put_octets(r, &string, SGL_OCTET_STRING, sgl_buf_slice(&bags));
	put_oid(r, &info, SGL_OID_DATA);
	put(r, &info, SGL_CONTEXT(0), sgl_buf_slice(&string));
	put(r, out, SGL_SEQUENCE, sgl_buf_slice(&info));
}

static void
put_encrypted_safe(kitchen *k, const recipe *r, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) bags = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) inner = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) data = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) info = sgl_buf_init(MAX_FILE);

	put_typed_bag(r, &bags, SGL_OID_BAG_CERT, SGL_OID_BAG_X509_CERTIFICATE,
	    sgl_buf_slice(&k->cert));
	if (r->with_crl)
		put_typed_bag(r, &bags, SGL_OID_BAG_CRL, SGL_OID_BAG_X509_CRL,
		    unhex(CRL));
	nest(r, &bags);
	put_oid(r, &inner, SGL_OID_DATA);
	encrypt(k, r, r->password, sgl_buf_slice(&bags), &inner, &bytes);
	put_octets(r, &inner, SGL_CONTEXT_PRIMITIVE(0), sgl_buf_slice(&bytes));
	wrap(r, &inner, SGL_SEQUENCE);
	put(r, &data, SGL_INTEGER, SGL_LIT("\0"));
	append(&data, sgl_buf_slice(&inner));
	wrap(r, &data, SGL_SEQUENCE);
	put_oid(r, &info, SGL_OID_ENCRYPTED_DATA);
	put(r, &info, SGL_CONTEXT(0), sgl_buf_slice(&data));
	put(r, out, SGL_SEQUENCE, sgl_buf_slice(&info));
}

/* RFC 9579: PBKDF2 with HMAC-SHA-256 gives the key of HMAC-SHA-512. */
static void
put_pbmac1(
    kitchen *k, const recipe *r, sgl_slice safes, unsigned len, sgl_derb *b)
{
	sgl_slice salt = SGL_LIT("saltsalt");
	sgl_digest value;
	uint8_t key[64];
	size_t data, info, alg, params, kdf, kdf_params;

	assert_int_equal(
	    sgl_kdf_pbkdf2(k->engine, SGL_DIGEST_SHA256,
		sgl_slice_str(r->password), salt, ROUNDS, key, len, NULL),
	    SGL_OK);
	assert_int_equal(sgl_hmac(k->engine, SGL_DIGEST_SHA512,
			     sgl_slice_of(key, len), safes, &value, NULL),
	    SGL_OK);
	data = sgl_derb_open(b, SGL_SEQUENCE);
	info = sgl_derb_open(b, SGL_SEQUENCE);
	alg = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_PBMAC1));
	params = sgl_derb_open(b, SGL_SEQUENCE);
	kdf = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_PBKDF2));
	kdf_params = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_octets(b, salt);
	sgl_derb_uint(b, ROUNDS);
	sgl_derb_uint(b, len);
	sgl_derb_raw(b, unhex("300c06082a864886f70d02090500"));
	sgl_derb_close(b, kdf_params);
	sgl_derb_close(b, kdf);
	sgl_derb_raw(b, unhex("300c06082a864886f70d020b0500"));
	sgl_derb_close(b, params);
	sgl_derb_close(b, alg);
	sgl_derb_octets(b, sgl_digest_slice(&value));
	sgl_derb_close(b, info);
	sgl_derb_octets(b, SGL_LIT("not used"));
	sgl_derb_uint(b, 1);
	sgl_derb_close(b, data);
}

static void
put_mac(kitchen *k, const recipe *r, sgl_slice safes, sgl_buf *out)
{
	static const sgl_digest_alg digests[] = {[MAC_SHA1] = SGL_DIGEST_SHA1,
	    [MAC_SHA256] = SGL_DIGEST_SHA256,
	    [MAC_SHA512] = SGL_DIGEST_SHA512};
	sgl_slice password =
	    r->mac_no_bytes ? (sgl_slice){NULL, 0} : sgl_slice_str(r->password);
	sgl_derb b = sgl_derb_over(out);

	if (r->mac == MAC_NONE)
		return;
	if (r->mac == MAC_PBMAC1)
		put_pbmac1(k, r, safes, 32, &b);
	else
		assert_int_equal(
		    sgl_pkcs12_mac_add(k->engine, &b, digests[r->mac], ROUNDS,
			password, safes, NULL),
		    SGL_OK);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

static sgl_buf
cook(kitchen *k, const recipe *r)
{
	SGL_AUTO_CLEAR(sgl_buf) safes = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) string = sgl_buf_init(MAX_FILE);
	SGL_AUTO_CLEAR(sgl_buf) info = sgl_buf_init(MAX_FILE);
	sgl_buf pfx = sgl_buf_init(MAX_FILE);

	put_encrypted_safe(k, r, &safes);
	put_plain_safe(k, r, &safes);
	wrap(r, &safes, SGL_SEQUENCE);
	put_octets(r, &string, SGL_OCTET_STRING, sgl_buf_slice(&safes));
	put_oid(r, &info, SGL_OID_DATA);
	put(r, &info, SGL_CONTEXT(0), sgl_buf_slice(&string));
	wrap(r, &info, SGL_SEQUENCE);
	put(r, &pfx, SGL_INTEGER, SGL_LIT("\3"));
	append(&pfx, sgl_buf_slice(&info));
	put_mac(k, r, sgl_buf_slice(&safes), &pfx);
	wrap(r, &pfx, SGL_SEQUENCE);
	return pfx;
}

#define CAFE "r\xc3\xa4ksm\xc3\xb6rg\xc3\xa5s \xf0\x9f\x94\x91"

static const struct {
	const char *name;
	recipe recipe;
	const char *password; /* to open it; NULL: none given */
	sgl_status status;
	const char *text;
	size_t num_crls;
} table[] = {
    {"PBES2", {.password = "pw", .mac = MAC_SHA256}, "pw", SGL_OK, NULL, 0},
    {"3DES", {.password = "pw", .legacy = true}, "pw", SGL_OK, NULL, 0},
    {"SHA-512", {.password = "pw", .mac = MAC_SHA512}, "pw", SGL_OK, NULL, 0},
    {"PBMAC1", {.password = "pw", .mac = MAC_PBMAC1}, "pw", SGL_OK, NULL, 0},
    {"PBMAC1, wrong", {.password = "pw", .mac = MAC_PBMAC1}, "px",
	SGL_E_PASSWORD, "wrong password", 0},
    {"BER", {.password = "pw", .ber = true}, "pw", SGL_OK, NULL, 0},
    {"BER, 3DES", {.password = "pw", .ber = true, .legacy = true}, "pw", SGL_OK,
	NULL, 0},
    {"no MAC", {.password = "pw", .mac = MAC_NONE}, "pw", SGL_OK, NULL, 0},
    {"no MAC, wrong", {.password = "pw", .mac = MAC_NONE}, "px", SGL_E_PASSWORD,
	"wrong password", 0},
    {"no MAC, none", {.password = "pw", .mac = MAC_NONE}, NULL, SGL_E_PASSWORD,
	"is needed", 0},
    {"wrong", {.password = "pw"}, "pW", SGL_E_PASSWORD, "wrong password", 0},
    {"wrong, empty", {.password = "pw"}, "", SGL_E_PASSWORD, "wrong password",
	0},
    {"none", {.password = "pw"}, NULL, SGL_E_PASSWORD, "is needed", 0},
    {"empty", {.password = ""}, "", SGL_OK, NULL, 0},
    {"empty, none given", {.password = ""}, NULL, SGL_OK, NULL, 0},
    {"empty, 3DES", {.password = "", .legacy = true}, "", SGL_OK, NULL, 0},
    {"empty as no bytes", {.password = "", .mac_no_bytes = true}, "", SGL_OK,
	NULL, 0},
    {"empty as no bytes, none given", {.password = "", .mac_no_bytes = true},
	NULL, SGL_OK, NULL, 0},
    {"beyond ASCII", {.password = CAFE}, CAFE, SGL_OK, NULL, 0},
    {"beyond ASCII, 3DES", {.password = CAFE, .legacy = true}, CAFE, SGL_OK,
	NULL, 0},
    {"PBES2 from a BMPString", {.password = "pw", .bmp = true}, "pw", SGL_OK,
	NULL, 0},
    {"PBES2 from a BMPString, beyond ASCII, BER",
	{.password = CAFE, .bmp = true, .ber = true}, CAFE, SGL_OK, NULL, 0},
    {"PBES2 from a BMPString, wrong", {.password = "pw", .bmp = true}, "px",
	SGL_E_PASSWORD, "wrong password", 0},
    {"PBES2 from a BMPString, but no MAC to be sure",
	{.password = "pw", .bmp = true, .mac = MAC_NONE}, "pw", SGL_E_PASSWORD,
	"wrong password", 0},
    {"not UTF-8", {.password = "pw"}, "\xff\xfe", SGL_E_USAGE, "not UTF-8", 0},
    {"another password for the key",
	{.password = "pw", .key_password = "other"}, "pw", SGL_E_PASSWORD,
	"another password", 0},
    {"a plain key", {.password = "pw", .plain_key = true}, "pw", SGL_OK, NULL,
	0},
    {"a CRL", {.password = "pw", .with_crl = true}, "pw", SGL_OK, NULL, 1},
    {"strangers", {.password = "pw", .with_strangers = true}, "pw", SGL_OK,
	NULL, 0},
    {"nested", {.password = "pw", .nesting = 8}, "pw", SGL_OK, NULL, 0},
    {"nested BER", {.password = "pw", .ber = true, .nesting = 3}, "pw", SGL_OK,
	NULL, 0},
    {"nested too deep", {.password = "pw", .nesting = 9}, "pw", SGL_E_LIMIT,
	"too deep", 0},
};

static sgl_status
load(kitchen *k, sgl_slice file, const char *password, sgl_loaded *got,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	SGL_AUTO_CLEAR(sgl_crls) crls = {0};
	sgl_slice pass =
	    password != NULL ? sgl_slice_str(password) : (sgl_slice){NULL, 0};
	sgl_status status =
	    sgl_load(k->engine, file, pass, &ring, &crls, got, err);

	if (status == SGL_OK)
		assert_non_null(
		    sgl_keyring_find_key(&ring, ring.certs.items[0]));
	return status;
}

static void
reads_every_form(void **state)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		SGL_AUTO_CLEAR(sgl_buf)
		file = cook(*state, &table[i].recipe);
		sgl_loaded got = {0};
		sgl_err err = {0};
		sgl_status status = load(*state, sgl_buf_slice(&file),
		    table[i].password, &got, &err);

		if (status != table[i].status ||
		    (table[i].text != NULL &&
			strstr(err.text, table[i].text) == NULL))
			fail_msg("%s: %s, %s", table[i].name,
			    sgl_status_name(status),
			    err.text != NULL ? err.text : "");
		if (status == SGL_OK)
			assert_int_equal(got.num_crls, table[i].num_crls);
	}
}

/* Any byte that differs is found: by the MAC, or as malformed. */
static void
finds_every_changed_byte(void **state)
{
	static const recipe r = {.password = "pw"};
	SGL_AUTO_CLEAR(sgl_buf) file = cook(*state, &r);

	for (size_t i = 0; i < file.len; i++) {
		sgl_loaded got = {0};
		sgl_err err = {0};

		file.data[i] ^= 0x10;
		if (load(*state, sgl_buf_slice(&file), "pw", &got, &err) ==
		    SGL_OK)
			fail_msg("byte %zu changed, and nobody noticed", i);
		file.data[i] ^= 0x10;
	}
}

static void
refuses_every_cut(void **state)
{
	static const recipe r = {.password = "pw", .ber = true};
	SGL_AUTO_CLEAR(sgl_buf) file = cook(*state, &r);

	for (size_t i = 0; i < file.len; i += 3) {
		sgl_loaded got = {0};
		sgl_err err = {0};

		assert_int_equal(
		    load(*state, sgl_slice_of(file.data, i), "pw", &got, &err),
		    SGL_E_ENCODING);
	}
}

static void
limits_the_rounds(void **state)
{
	kitchen k = *(kitchen *)*state;
	static const recipe r = {.password = "pw"};
	SGL_AUTO_CLEAR(sgl_buf) file = cook(&k, &r);
	sgl_limits limits = {.kdf_iterations = ROUNDS - 1};
	sgl_engine_config config = {.limits = &limits};
	sgl_loaded got;

	assert_int_equal(sgl_engine_new(&config, &k.engine, NULL), SGL_OK);
	assert_int_equal(
	    load(&k, sgl_buf_slice(&file), "pw", &got, NULL), SGL_E_LIMIT);
	sgl_engine_free(k.engine);
}

/* One part may have them all, but not every one of hundreds. */
static void
limits_the_rounds_of_all_parts(void **state)
{
	kitchen k = *(kitchen *)*state;
	sgl_limits limits = {.kdf_iterations = 1000};
	sgl_engine_config config = {.limits = &limits};
	sgl_pkcs12_effort e = {0}, many = {0};

	assert_int_equal(sgl_engine_new(&config, &k.engine, NULL), SGL_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    sgl_pkcs12_spend(k.engine, &e, 1000, NULL), SGL_OK);
	assert_int_equal(sgl_pkcs12_spend(k.engine, &e, 0, NULL), SGL_OK);
	assert_int_equal(sgl_pkcs12_spend(k.engine, &e, 1, NULL), SGL_E_LIMIT);
	assert_int_equal(
	    sgl_pkcs12_spend(k.engine, &e, UINT64_MAX, NULL), SGL_E_LIMIT);
	for (int i = 0; i < 256; i++)
		assert_int_equal(
		    sgl_pkcs12_spend(k.engine, &many, 1, NULL), SGL_OK);
	assert_int_equal(
	    sgl_pkcs12_spend(k.engine, &many, 1, NULL), SGL_E_LIMIT);
	sgl_engine_free(k.engine);
}

/* A PFX around another ContentInfo than a password can protect. */
static void
refuses_other_protection(void **state)
{
	static const char *const pfx[] = {
	    "3014020103300f06092a864886f70d010702a0023000",
	    "30300201033028"
	    "06092a864886f70d010701a01b0419"
	    "3017301506092a864886f70d010703a0083006020100"
	    "310030003003",
	};
	sgl_loaded got;
	sgl_err err = {0};

	assert_int_equal(
	    load(*state, unhex(pfx[0]), "pw", &got, &err), SGL_E_UNSUPPORTED);
	assert_non_null(strstr(err.text, "signature"));
}

static sgl_status
fault_job(void *ctx, sgl_err *err)
{
	const sgl_buf *file = ctx;
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	TRY(sgl_engine_new(NULL, &engine, err));
	return sgl_load(
	    engine, sgl_buf_slice(file), SGL_LIT("pw"), &ring, NULL, NULL, err);
}

static void
survives_lack_of_memory(void **state)
{
	static const recipe r = {.password = "pw", .ber = true, .nesting = 1};
	sgl_buf file = cook(*state, &r);

	assert_true(sgl_fault_each(fault_job, &file) > 10);
	sgl_buf_clear(&file);
}

static void
fill(kitchen *k, sgl_keyring *ring)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO(sgl_cert)
	other = NULL;
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(MAX_FILE);
	sgl_cert_parts parts = {0};

	sgl_parts_cert(&parts, &der);
	assert_int_equal(
	    sgl_key_read(k->engine, sgl_secret_slice(&k->key), &key, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_cert_read(k->engine, sgl_buf_slice(&k->cert), &cert, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_cert_read(k->engine, sgl_buf_slice(&der), &other, NULL),
	    SGL_OK);
	assert_int_equal(sgl_keyring_add_cert(ring, other, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_cert(ring, cert, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_key(ring, key, NULL), SGL_OK);
}

static void
writes_what_it_reads(void **state)
{
	kitchen *k = *state;
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	fill(k, &ring);
	for (int legacy = 0; legacy <= 1; legacy++) {
		sgl_bytes file = {0};
		sgl_loaded got = {0};

		assert_int_equal(
		    sgl_pkcs12_write(k->engine, &ring, SGL_LIT("alice"),
			SGL_LIT(CAFE), legacy, &file, NULL),
		    SGL_OK);
		assert_int_equal(load(k, sgl_slice_of(file.data, file.len),
				     CAFE, &got, NULL),
		    SGL_OK);
		assert_int_equal(got.num_certs, 2);
		assert_int_equal(got.num_keys, 1);
		sgl_bytes_free(&file);
		sgl_bytes_free(&file);
	}
}

static sgl_status
never_answers(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)answer;
	(void)err;
	return SGL_NEED_KEY;
}

static void
writes_only_what_it_can(void **state)
{
	static const sgl_key_ops ops = {.ask = never_answers};
	kitchen *k = *state;
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	SGL_AUTO_CLEAR(sgl_keyring) remote = {0};
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_slice none = {NULL, 0};
	sgl_bytes out = {0};

	assert_int_equal(sgl_pkcs12_write(k->engine, &ring, none, SGL_LIT("x"),
			     false, &out, NULL),
	    SGL_E_USAGE);
	fill(k, &ring);
	assert_int_equal(
	    sgl_pkcs12_write(k->engine, &ring, none, none, false, &out, NULL),
	    SGL_E_USAGE);
	assert_int_equal(
	    sgl_key_new_remote(k->engine, sgl_key_get_spki(ring.keys[0]), &ops,
		NULL, &key, NULL),
	    SGL_OK);
	assert_int_equal(sgl_keyring_add_key(&remote, key, NULL), SGL_OK);
	assert_int_equal(sgl_pkcs12_write(k->engine, &remote, none,
			     SGL_LIT("x"), false, &out, NULL),
	    SGL_E_UNSUPPORTED);
	assert_null(out.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_form),
	    cmocka_unit_test(finds_every_changed_byte),
	    cmocka_unit_test(refuses_every_cut),
	    cmocka_unit_test(limits_the_rounds),
	    cmocka_unit_test(limits_the_rounds_of_all_parts),
	    cmocka_unit_test(refuses_other_protection),
	    cmocka_unit_test(survives_lack_of_memory),
	    cmocka_unit_test(writes_what_it_reads),
	    cmocka_unit_test(writes_only_what_it_can),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
