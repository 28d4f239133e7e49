/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SoftHSM for the tests of tokens: tokens in a folder of their own, filled
 * through PKCS#11 itself with keys and certificates that the test knows.
 * Failures fail the test.
 */
#ifndef SGL_VAULT_HSM_TEST_H
#define SGL_VAULT_HSM_TEST_H

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <p11-kit/pkcs11.h>

#include "asn1/der.h"
#include "support/folder.h"
#include "support/people.h"

#define HSM_PIN "5678"
#define HSM_MAX 16384
#ifndef CKK_EC_MONTGOMERY
#define CKK_EC_MONTGOMERY 0x41UL
#endif

/* Where Debian puts it, now and before. */
static inline const char *
hsm_module(void)
{
	static const char *const paths[] = {"/usr/lib/softhsm/libsofthsm2.so",
	    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
	    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"};

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	fail_msg("SoftHSM is not installed (package softhsm2)");
	return NULL;
}

/* The folder of the tokens, and the environment in which modules find it. */
static inline void
hsm_prepare(const sgl_folder *folder)
{
	char text[1024];

	(void)snprintf(text, sizeof text,
	    "directories.tokendir = %s/tokens\nobjectstore.backend = file\n"
	    "log.level = ERROR\nslots.removable = false\n",
	    folder->path);
	sgl_folder_write(folder, "softhsm2.conf", sgl_slice_str(text));
	assert_int_equal(mkdir(sgl_folder_path(folder, "tokens"), 0700), 0);
	(void)setenv(
	    "SOFTHSM2_CONF", sgl_folder_path(folder, "softhsm2.conf"), 1);
	(void)setenv("SIGILL_SHIM_MODULE", hsm_module(), 1);
	(void)unsetenv("SIGILL_SHIM");
}

/* A session of an owner who fills a token. */
typedef struct hsm {
	void *library;
	CK_FUNCTION_LIST *p11;
	CK_SESSION_HANDLE session;
} hsm;

#define HSM_OK(call) assert_int_equal(call, CKR_OK)

static inline void
hsm_load(hsm *h)
{
	CK_RV (*get)(CK_FUNCTION_LIST **);
	void *symbol;

	h->library = dlopen(hsm_module(), RTLD_NOW);
	assert_non_null(h->library);
	symbol = dlsym(h->library, "C_GetFunctionList");
	assert_non_null(symbol);
	memcpy(&get, &symbol, sizeof symbol);
	HSM_OK(get(&h->p11));
	HSM_OK(h->p11->C_Initialize(NULL));
}

/* The free slot is the last one. */
static inline CK_SLOT_ID
hsm_free_slot(hsm *h)
{
	CK_SLOT_ID slots[16];
	CK_ULONG num = 16;

	HSM_OK(h->p11->C_GetSlotList(CK_TRUE, slots, &num));
	assert_true(num > 0);
	return slots[num - 1];
}

static inline void
hsm_init(hsm *h, const char *label)
{
	CK_SLOT_ID slot = hsm_free_slot(h);
	CK_BYTE so[] = "1234", pin[] = HSM_PIN;
	uint8_t padded[32];

	memset(padded, ' ', sizeof padded);
	memcpy(padded, label, strlen(label));
	HSM_OK(h->p11->C_InitToken(slot, so, 4, padded));
	HSM_OK(h->p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
	    NULL, NULL, &h->session));
	HSM_OK(h->p11->C_Login(h->session, CKU_SO, so, 4));
	HSM_OK(h->p11->C_InitPIN(h->session, pin, 4));
	HSM_OK(h->p11->C_Logout(h->session));
	HSM_OK(h->p11->C_Login(h->session, CKU_USER, pin, 4));
}

/* hsm_new makes a token and logs in to fill it; hsm_done ends that. */
static inline void
hsm_new(hsm *h, const char *label)
{
	hsm_load(h);
	hsm_init(h, label);
}

static inline void
hsm_done(hsm *h)
{
	HSM_OK(h->p11->C_Finalize(NULL));
	(void)dlclose(h->library);
}

/* --- objects --- */

typedef struct hsm_object {
	CK_ATTRIBUTE items[24];
	CK_ULONG num;
	CK_BBOOL yes;
	CK_ULONG class, type;
} hsm_object;

static inline void
hsm_add(hsm_object *o, CK_ATTRIBUTE_TYPE type, sgl_slice value)
{
	o->items[o->num++] =
	    (CK_ATTRIBUTE){type, (void *)(uintptr_t)value.data, value.len};
}

/* One byte of CKA_ID; 0: none. */
static inline void
hsm_begin(hsm_object *o, CK_OBJECT_CLASS class, CK_ULONG type,
    const char *label, const uint8_t *id)
{
	*o = (hsm_object){.yes = CK_TRUE, .class = class, .type = type};
	hsm_add(o, CKA_CLASS, sgl_slice_of(&o->class, sizeof o->class));
	hsm_add(o,
	    class == CKO_CERTIFICATE ? CKA_CERTIFICATE_TYPE : CKA_KEY_TYPE,
	    sgl_slice_of(&o->type, sizeof o->type));
	hsm_add(o, CKA_TOKEN, sgl_slice_of(&o->yes, sizeof o->yes));
	hsm_add(o, CKA_LABEL, sgl_slice_str(label));
	if (*id != 0)
		hsm_add(o, CKA_ID, sgl_slice_of(id, 1));
}

static inline void
hsm_create(hsm *h, hsm_object *o)
{
	CK_OBJECT_HANDLE made;

	HSM_OK(h->p11->C_CreateObject(h->session, o->items, o->num, &made));
}

static inline void
hsm_add_cert(hsm *h, sgl_slice der, const char *label, uint8_t id)
{
	hsm_object o;

	hsm_begin(&o, CKO_CERTIFICATE, CKC_X_509, label, &id);
	hsm_add(&o, CKA_SUBJECT, SGL_LIT("\x30\x00"));
	hsm_add(&o, CKA_VALUE, der);
	hsm_create(h, &o);
}

static inline void
hsm_allow(hsm_object *o, CK_ATTRIBUTE_TYPE what)
{
	hsm_add(o, what, sgl_slice_of(&o->yes, sizeof o->yes));
}

static inline void
hsm_add_rsa_numbers(hsm_object *o, sgl_slice key)
{
	static const CK_ATTRIBUTE_TYPE types[] = {CKA_MODULUS,
	    CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2,
	    CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT};
	sgl_der in = sgl_der_over(key), body;
	uint64_t version;
	sgl_slice n;

	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &body));
	assert_true(sgl_der_read_uint(&body, &version));
	for (size_t i = 0; i < 8; i++) {
		assert_true(sgl_der_read_unsigned(&body, &n));
		hsm_add(o, types[i], n);
	}
}

/* ECPrivateKey (RFC 5915), or the OCTET STRING of RFC 8410. */
static inline void
hsm_add_ec_numbers(hsm_object *o, sgl_slice params, sgl_slice key)
{
	sgl_der in = sgl_der_over(key), body;
	uint64_t version;
	sgl_slice d = {NULL, 0};

	hsm_add(o, CKA_EC_PARAMS, params);
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body))
		assert_true(sgl_der_read_bytes(&in, SGL_OCTET_STRING, &d));
	else
		assert_true(sgl_der_read_uint(&body, &version) &&
		    sgl_der_read_bytes(&body, SGL_OCTET_STRING, &d));
	hsm_add(o, CKA_VALUE, d);
}

static inline sgl_slice
hsm_curve(sgl_key_kind kind)
{
	switch (kind) {
	case SGL_KEY_P256:
		return SGL_LIT("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07");
	case SGL_KEY_P384:
		return SGL_LIT("\x06\x05\x2b\x81\x04\x00\x22");
	case SGL_KEY_P521:
		return SGL_LIT("\x06\x05\x2b\x81\x04\x00\x23");
	case SGL_KEY_ED25519:
		return SGL_LIT("\x06\x03\x2b\x65\x70");
	case SGL_KEY_X25519:
		return SGL_LIT("\x06\x03\x2b\x65\x6e");
	default:
		return (sgl_slice){NULL, 0};
	}
}

static inline CK_ULONG
hsm_key_type(sgl_key_kind kind)
{
	/* SoftHSM keeps X25519 under the Edwards curves. */
	return kind == SGL_KEY_RSA				? CKK_RSA
	    : kind == SGL_KEY_ED25519 || kind == SGL_KEY_X25519 ? CKK_EC_EDWARDS
								: CKK_EC;
}

/* What a key is put on the token with, beside the usual. */
typedef struct hsm_how {
	const char *label;
	uint8_t id;
	bool always; /* wants the PIN each time */
} hsm_how;

static inline sgl_slice
hsm_private_part(sgl_slice pkcs8)
{
	sgl_der in = sgl_der_over(pkcs8), body;
	uint64_t version;
	sgl_slice key;

	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &body));
	assert_true(sgl_der_read_uint(&body, &version));
	assert_true(sgl_der_read(&body, SGL_SEQUENCE, NULL));
	assert_true(sgl_der_read_bytes(&body, SGL_OCTET_STRING, &key));
	return key;
}

static inline void
hsm_add_private(hsm *h, const sgl_key *key, const hsm_how *how)
{
	sgl_key_kind kind = sgl_key_get_kind(key);
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sgl_slice part;
	hsm_object o;

	assert_int_equal(sgl_key_write(key, &pkcs8, NULL), SGL_OK);
	part = hsm_private_part(sgl_secret_slice(&pkcs8));
	hsm_begin(
	    &o, CKO_PRIVATE_KEY, hsm_key_type(kind), how->label, &how->id);
	hsm_allow(&o, CKA_PRIVATE);
	hsm_allow(&o, CKA_SENSITIVE);
	hsm_allow(&o, CKA_SIGN);
	hsm_allow(&o, CKA_DECRYPT);
	hsm_allow(&o, CKA_DERIVE);
	if (how->always)
		hsm_allow(&o, CKA_ALWAYS_AUTHENTICATE);
	if (kind == SGL_KEY_RSA)
		hsm_add_rsa_numbers(&o, part);
	else
		hsm_add_ec_numbers(&o, hsm_curve(kind), part);
	hsm_create(h, &o);
}

static inline sgl_slice
hsm_public_bits(const sgl_key *key)
{
	sgl_der in = sgl_der_over(sgl_key_get_spki(key)), body;
	unsigned unused;
	sgl_slice bits;

	assert_true(sgl_der_read(&in, SGL_SEQUENCE, &body));
	assert_true(sgl_der_read(&body, SGL_SEQUENCE, NULL));
	assert_true(sgl_der_read_bits(&body, &bits, &unused));
	return bits;
}

/* The object of a public EC key, its point in an OCTET STRING. */
static inline void
hsm_add_public(hsm *h, const sgl_key *key, const hsm_how *how)
{
	sgl_key_kind kind = sgl_key_get_kind(key);
	sgl_slice bits = hsm_public_bits(key);
	uint8_t point[256] = {4, (uint8_t)bits.len};
	hsm_object o;

	assert_true(bits.len < 128);
	memcpy(point + 2, bits.data, bits.len);
	hsm_begin(&o, CKO_PUBLIC_KEY, hsm_key_type(kind), how->label, &how->id);
	hsm_add(&o, CKA_EC_PARAMS, hsm_curve(kind));
	hsm_add(&o, CKA_EC_POINT, sgl_slice_of(point, 2 + bits.len));
	hsm_create(h, &o);
}

#endif
