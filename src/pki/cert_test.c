/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "pki/cert_read.h"
#include "support/corpus.h"
#include "support/fault.h"
#include "support/parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define R(s) SGL_RAW(s)

#define OID_SKI R("\x55\x1d\x0e")
#define OID_KU R("\x55\x1d\x0f")
#define OID_SAN R("\x55\x1d\x11")
#define OID_BC R("\x55\x1d\x13")
#define OID_NC R("\x55\x1d\x1e")
#define OID_POLICIES R("\x55\x1d\x20")
#define OID_MAPPINGS R("\x55\x1d\x21")
#define OID_AKI R("\x55\x1d\x23")
#define OID_PC R("\x55\x1d\x24")
#define OID_EKU R("\x55\x1d\x25")
#define OID_ANY R("\x55\x1d\x36")
#define OID_ODD R("\x2a\x03\x04")
#define OID_ODDER R("\x2a\x03\x05")
#define EMAIL_PROTECTION "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x04"
#define CLIENT_AUTH "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02"

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

static sgl_cert *
read_parts(sgl_engine *engine, const sgl_cert_parts *p)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_cert *cert = NULL;
	sgl_err err = {0};

	sgl_parts_cert(p, &der);
	if (sgl_cert_read(engine, sgl_buf_slice(&der), &cert, &err) != SGL_OK)
		fail_msg("%s at %zu", err.text, (size_t)err.offset);
	return cert;
}

static void
reads_fields(void **state)
{
	sgl_cert_parts p = {0};
	SGL_AUTO(sgl_cert)
	cert = read_parts(*state, &p);

	assert_int_equal(cert->version, 3);
	assert_int_equal(cert->serial.len, 1);
	assert_int_equal(cert->not_before, 1577836800);
	assert_int_equal(cert->not_after, 2524607999);
	assert_int_equal(cert->key_kind, SGL_KEY_P256);
	assert_int_equal(cert->key_bits, 256);
	assert_int_equal(cert->signature.len, 8);
	assert_int_equal(cert->key_usage, SGL_KU_ALL);
	assert_false(cert->has_key_usage);
	assert_false(sgl_cert_is_ca(cert));
	assert_false(sgl_cert_is_self_issued(cert));
	assert_null(cert->ski.data);
	assert_null(cert->ext_key_usage.data);
	assert_int_equal(sgl_cert_num_addresses(cert), 0);
	assert_true(sgl_cert_may_sign(cert));
	assert_true(sgl_cert_may_encrypt(cert));
}

/* Oddities that decide nothing are read past. */
static const sgl_cert_parts odd[] = {
    {.no_version = true},
    {.version = R("\xa0\x03\x02\x01\x00")},
    {.version = R("\xa0\x03\x02\x01\x01")},
    {.serial = R("\xff")},
    {.serial = R("\x00\x00\x01")},
    {.serial = R("\x7f\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab"
		 "\xcd\xef\x01\x23\x45\x67\x89\xab\xcd")},
    {.validity = R("\x30\x1a\x17\x0b"
		   "2001010000Z\x17\x0b"
		   "4912312359Z")},
    {.validity = R("\x30\x26\x18\x11"
		   "20200101000000.5Z\x18\x11"
		   "20491231235959.0Z")},
    {.validity = R("\x30\x26\x17\x11"
		   "200101010000+0100\x17\x11"
		   "491231235959+0000")},
    {.unique = R("\x81\x02\x00\x01\x82\x02\x00\x02")},
    {.issuer = R("\x30\x00")},
    {.signature = R("\x07\x80")},
    {.signature = R("\x00")},
    {.exts = {{OID_BC, "\x01", R("\x30\x03\x01\x01\x01")}}},
    {.exts = {{OID_BC, "\xff", R("\x30\x03\x01\x01\x00")}}},
};

static void
reads_oddities(void **state)
{
	for (size_t i = 0; i < COUNT(odd); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
		SGL_AUTO(sgl_cert)
		cert = NULL;
		sgl_err err = {0};

		sgl_parts_cert(&odd[i], &der);
		if (sgl_cert_read(*state, sgl_buf_slice(&der), &cert, &err) !=
		    SGL_OK)
			fail_msg("row %zu: %s at %zu", i, err.text,
			    (size_t)err.offset);
		assert_int_equal(cert->malformed_extension.len, 0);
	}
}

/* What is no certificate, and the byte where that shows. */
static const struct {
	sgl_cert_parts parts;
	uint64_t offset;
} bad[] = {
    {{.version = R("\xa0\x03\x02\x01\x03")}, 6},
    {{.serial = R("")}, 11},
    {{.behind = R("\x05\x00")}, 205},
    {{.spki = R("\x30\x00")}, 0},
};

static void
refuses_malformed(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_cert *cert = NULL;
	sgl_err err = {0};

	for (size_t i = 0; i < COUNT(bad); i++) {
		sgl_parts_cert(&bad[i].parts, &der);
		assert_int_equal(
		    sgl_cert_read(*state, sgl_buf_slice(&der), &cert, &err),
		    SGL_E_ENCODING);
		assert_null(cert);
		if (bad[i].offset != 0)
			assert_int_equal(err.offset, bad[i].offset);
	}
}

/* No prefix of a certificate is one, nor is one with a byte behind it. */
static void
refuses_cut(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_cert_parts p = {.exts = {{OID_BC, "\xff", R("\x30\x00")}}};
	sgl_cert *cert = NULL;

	sgl_parts_cert(&p, &der);
	for (size_t n = 0; n < der.len; n++)
		assert_int_equal(sgl_cert_read(*state,
				     sgl_slice_of(der.data, n), &cert, NULL),
		    SGL_E_ENCODING);
	assert_int_equal(sgl_buf_add(&der, SGL_LIT("\0"), NULL), SGL_OK);
	assert_int_equal(
	    sgl_cert_read(*state, sgl_buf_slice(&der), &cert, NULL),
	    SGL_E_ENCODING);
}

/* Extensions that RFC 5280 does not let stand where they do; the first is the
 * good case beside the bad one. */
static const struct {
	sgl_cert_parts parts;
	sgl_slice forbidden;
} forbidden[] = {
#define TWO_POLICIES(a, b)                                                     \
	R("\x30\x0c\x30\x04\x06\x02\x2a" a "\x30\x04\x06\x02\x2a" b)
    {{.exts = {{OID_POLICIES, "", TWO_POLICIES("\x01", "\x02")}}}, {0}},
    {{.exts = {{OID_POLICIES, "", TWO_POLICIES("\x01", "\x01")}}},
	OID_POLICIES},
/* name constraints are an authority's */
#define ANY_HOST R("\x30\x06\xa1\x04\x30\x02\x81\x00")
    {{.exts = {{OID_BC, "\xff", R("\x30\x03\x01\x01\xff")},
	  {OID_NC, "\xff", ANY_HOST}}},
	{0}},
    {{.exts = {{OID_NC, "\xff", ANY_HOST},
	  {OID_BC, "\xff", R("\x30\x03\x01\x01\xff")}}},
	{0}},
    {{.exts = {{OID_BC, "\xff", R("\x30\x00")}, {OID_NC, "\xff", ANY_HOST}}},
	OID_NC},
    {{.exts = {{OID_NC, "", ANY_HOST}}}, OID_NC},
    /* extensions came with version 3 */
    {{.exts = {{OID_ODD, "", R("")}}}, {0}},
    {{.exts = {{OID_ODD, "", R("")}}, .version = R("\xa0\x03\x02\x01\x01")},
	OID_ODD},
    {{.exts = {{OID_ODD, "", R("")}}, .no_version = true}, OID_ODD},
    {{.no_version = true}, {0}},
};

static void
finds_what_is_forbidden(void **state)
{
	for (size_t i = 0; i < COUNT(forbidden); i++) {
		SGL_AUTO(sgl_cert)
		cert = read_parts(*state, &forbidden[i].parts);

		if (!sgl_slice_eq(
			cert->forbidden_extension, forbidden[i].forbidden) ||
		    cert->malformed_extension.len > 0)
			fail_msg("row %zu", i);
	}
}

enum { NONE = 0, UNKNOWN = 1, DOUBLE = 2, MALFORMED = 4 };

static const struct {
	sgl_part_ext exts[SGL_PART_EXTS];
	unsigned faults;
	unsigned key_usage;
	bool is_ca, may_sign, may_encrypt;
} extensions[] = {
    {{{OID_ODD, "", R("")}}, NONE, SGL_KU_ALL, false, true, true},
    {{{OID_ODD, "\xff", R("")}}, UNKNOWN, SGL_KU_ALL, false, true, true},
    {{{OID_ODD, "\x01", R("")}}, UNKNOWN, SGL_KU_ALL, false, true, true},
    {{{OID_ODD, "\x00", R("")}, {OID_ODDER, "", R("")}}, NONE, SGL_KU_ALL,
	false, true, true},
    {{{OID_ODD, "", R("")}, {OID_ODD, "", R("")}}, DOUBLE, SGL_KU_ALL, false,
	true, true},
    {{{OID_SKI, "", R("\x04\x01\x01")}, {OID_SKI, "", R("\x04\x01\x02")}},
	DOUBLE, SGL_KU_ALL, false, true, true},
    {{{OID_KU, "\xff", R("\x03\x02\x07\x80")}}, NONE, SGL_KU_DIGITAL_SIGNATURE,
	false, true, false},
    {{{OID_KU, "\xff", R("\x03\x02\x06\x40")}}, NONE, SGL_KU_NON_REPUDIATION,
	false, true, false},
    {{{OID_KU, "\xff", R("\x03\x02\x05\x20")}}, NONE, SGL_KU_KEY_ENCIPHERMENT,
	false, false, false},
    {{{OID_KU, "\xff", R("\x03\x02\x03\x08")}}, NONE, SGL_KU_KEY_AGREEMENT,
	false, false, true},
    {{{OID_KU, "\xff", R("\x03\x02\x01\x06")}}, NONE,
	SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN, false, false, false},
    {{{OID_KU, "\xff", R("\x03\x03\x07\x08\x80")}}, NONE,
	SGL_KU_KEY_AGREEMENT | SGL_KU_DECIPHER_ONLY, false, false, true},
    /* bits that do not count; none at all; more than there are */
    {{{OID_KU, "\xff", R("\x03\x02\x07\xff")}}, NONE, SGL_KU_DIGITAL_SIGNATURE,
	false, true, false},
    {{{OID_KU, "\xff", R("\x03\x01\x00")}}, NONE, 0, false, false, false},
    {{{OID_KU, "\xff", R("\x03\x04\x00\xff\xff\xff")}}, NONE, SGL_KU_ALL, false,
	true, true},
    {{{OID_KU, "\xff", R("\x03\x01\x01")}}, MALFORMED, 0, false, false, false},
    {{{OID_KU, "", R("\x03\x02\x08\x00")}}, MALFORMED, 0, false, false, false},
    {{{OID_KU, "", R("")}}, MALFORMED, 0, false, false, false},
    {{{OID_BC, "\xff", R("\x30\x00")}}, NONE, SGL_KU_ALL, false, true, true},
    {{{OID_BC, "\xff", R("\x30\x03\x01\x01\xff")}}, NONE, SGL_KU_ALL, true,
	true, true},
    {{{OID_BC, "\xff", R("\x30\x06\x01\x01\xff\x02\x01\x00")}}, NONE,
	SGL_KU_ALL, true, true, true},
    {{{OID_BC, "\xff", R("\x30\x06\x01\x01\xff\x02\x01\xff")}}, MALFORMED,
	SGL_KU_ALL, false, false, false},
    {{{OID_BC, "", R("\x30\x03\x01\x01\xff\x00")}}, MALFORMED, SGL_KU_ALL,
	false, false, false},
    {{{OID_EKU, "", R("\x30\x0a" EMAIL_PROTECTION)}}, NONE, SGL_KU_ALL, false,
	true, true},
    {{{OID_EKU, "", R("\x30\x0a" CLIENT_AUTH)}}, NONE, SGL_KU_ALL, false, false,
	false},
    {{{OID_EKU, "", R("\x30\x14" CLIENT_AUTH EMAIL_PROTECTION)}}, NONE,
	SGL_KU_ALL, false, true, true},
    {{{OID_EKU, "", R("\x30\x06\x06\x04\x55\x1d\x25\x00")}}, NONE, SGL_KU_ALL,
	false, true, true},
    {{{OID_EKU, "", R("\x30\x00")}}, MALFORMED, SGL_KU_ALL, false, false,
	false},
    {{{OID_EKU, "", R("\x30\x02\x05\x00")}}, MALFORMED, SGL_KU_ALL, false,
	false, false},
    {{{OID_SAN, "", R("\x30\x02\x81\x05")}}, MALFORMED, SGL_KU_ALL, false,
	false, false},
    {{{OID_POLICIES, "", R("\x30\x04\x30\x02\x06\x00")}}, MALFORMED, SGL_KU_ALL,
	false, false, false},
    {{{OID_POLICIES, "", R("\x30\x06\x30\x04\x06\x02\x2a\x03")}}, NONE,
	SGL_KU_ALL, false, true, true},
    {{{OID_MAPPINGS, "", R("\x30\x06\x30\x04\x06\x02\x2a\x03")}}, MALFORMED,
	SGL_KU_ALL, false, false, false},
    {{{OID_PC, "", R("\x30\x00")}}, MALFORMED, SGL_KU_ALL, false, false, false},
    {{{OID_PC, "", R("\x30\x06\x80\x01\x00\x81\x01\x05")}}, NONE, SGL_KU_ALL,
	false, true, true},
    {{{OID_ANY, "", R("\x02\x01\x00")}}, NONE, SGL_KU_ALL, false, true, true},
    {{{OID_ANY, "", R("\x02\x01\x80")}}, MALFORMED, SGL_KU_ALL, false, false,
	false},
    /* hints: unreadable is absent, unless it is critical */
    {{{OID_SKI, "", R("\x05\x00")}}, NONE, SGL_KU_ALL, false, true, true},
    {{{OID_SKI, "\xff", R("\x05\x00")}}, MALFORMED, SGL_KU_ALL, false, false,
	false},
    {{{OID_AKI, "", R("\x30\x02\x80\x05")}}, NONE, SGL_KU_ALL, false, true,
	true},
};

static void
reads_extensions(void **state)
{
	for (size_t i = 0; i < COUNT(extensions); i++) {
		sgl_cert_parts p = {0};
		SGL_AUTO(sgl_cert)
		cert = NULL;
		unsigned faults;

		memcpy(p.exts, extensions[i].exts, sizeof p.exts);
		cert = read_parts(*state, &p);
		faults = (cert->unknown_critical.len > 0 ? UNKNOWN : 0) |
		    (cert->duplicate_extension.len > 0 ? DOUBLE : 0) |
		    (cert->malformed_extension.len > 0 ? MALFORMED : 0);
		if (faults != extensions[i].faults ||
		    cert->key_usage != extensions[i].key_usage ||
		    cert->is_ca != extensions[i].is_ca ||
		    sgl_cert_may_sign(cert) != extensions[i].may_sign ||
		    sgl_cert_may_encrypt(cert) != extensions[i].may_encrypt)
			fail_msg("row %zu", i);
	}
}

static void
reads_identifiers(void **state)
{
	sgl_cert_parts p = {
	    .exts = {{OID_SKI, "", R("\x04\x02\xab\xcd")},
		{OID_AKI, "",
		    R("\x30\x0a\x80\x02\x12\x34\xa1\x01\x00\x82\x01\x07")},
		{OID_PC, "\xff", R("\x30\x06\x80\x01\x03\x81\x01\x05")},
		{OID_ANY, "\xff", R("\x02\x01\x09")}}};
	SGL_AUTO(sgl_cert)
	cert = read_parts(*state, &p);

	assert_true(sgl_slice_eq(cert->ski, SGL_LIT("\xab\xcd")));
	assert_true(sgl_slice_eq(cert->aki_key_id, SGL_LIT("\x12\x34")));
	assert_true(sgl_slice_eq(cert->aki_serial, SGL_LIT("\x07")));
	assert_true(cert->has_require_explicit && cert->has_inhibit_mapping &&
	    cert->has_inhibit_any);
	assert_int_equal(cert->require_explicit, 3);
	assert_int_equal(cert->inhibit_mapping, 5);
	assert_int_equal(cert->inhibit_any, 9);
}

#define SUBJECT_MAIL(tag, len_a, len_b, len_c, len_d, len, text)               \
	R("\x30" len_a "\x31" len_b "\x30" len_c                               \
	  "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01" tag len text)
#define ALICE "alice@example.org" /* 17 = 0x11 bytes */
#define BOB "bob@example.org"	  /* 15 = 0x0f */
#define SUBJECT_ALICE                                                          \
	SUBJECT_MAIL("\x16", "\x22", "\x20", "\x1e", "", "\x11", ALICE)
#define SMTP_UTF8(len_a, len_b, len_c, text)                                   \
	"\xa0" len_a "\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x09\xa0" len_b      \
	"\x0c" len_c text

static const struct {
	sgl_slice subject, san; /* contents of GeneralNames, or none */
	const char *want;	/* each with '|' behind it */
} addresses[] = {
    {{0}, {0}, ""},
    {{0}, R("\x30\x13\x81\x11" ALICE), ALICE "|"},
    {{0}, R("\x30\x24\x81\x11" ALICE "\x81\x0f" BOB), ALICE "|" BOB "|"},
    {SUBJECT_ALICE, {0}, ALICE "|"},
    {SUBJECT_ALICE, R("\x30\x11\x81\x0f" BOB), BOB "|"},
    {SUBJECT_ALICE, R("\x30\x04\x82\x02hi"), ALICE "|"},
    {SUBJECT_ALICE, R("\x30\x04\x81\x02hi"), ""},
    {SUBJECT_ALICE, R("\x30\x01\x00"), ""}, /* unreadable */
    {{0},
	R("\x30\x24\x81\x11" ALICE "\x81\x0f"
	  "bob\0example.org"),
	ALICE "|"},
    {{0},
	R("\x30\x12\x81\x10"
	  "alice@example\0rg"),
	""},
    {{0},
	R("\x30\x13\x81\x11"
	  "\xc3\xa4ice@example.org"),
	""},
    {{0},
	R("\x30\x21" SMTP_UTF8("\x1f", "\x13", "\x11",
	    "al\xc3\xa9"
	    "e@example.org")),
	"al\xc3\xa9"
	"e@example.org|"},
    {{0},
	R("\x30\x22" SMTP_UTF8("\x20", "\x14", "\x12",
	    "al\xc3"
	    "ice@example.org")),
	""},
    {SUBJECT_MAIL("\x0c", "\x22", "\x20", "\x1e", "", "\x11", ALICE), {0},
	ALICE "|"},
    {SUBJECT_MAIL("\x1e", "\x17", "\x15", "\x13", "", "\x06", "\0a\0@\0b"), {0},
	"a@b|"},
    {SUBJECT_MAIL("\x14", "\x14", "\x12", "\x10", "", "\x03", "\xe9@b"), {0},
	"\xc3\xa9@b|"},
    {SUBJECT_MAIL("\x04", "\x14", "\x12", "\x10", "", "\x03", "a@b"), {0}, ""},
};

static void
reads_addresses(void **state)
{
	for (size_t i = 0; i < COUNT(addresses); i++) {
		SGL_AUTO_CLEAR(sgl_buf) got = sgl_buf_init(4096);
		sgl_cert_parts p = {.subject = addresses[i].subject};
		SGL_AUTO(sgl_cert)
		cert = NULL;

		if (addresses[i].san.data != NULL)
			p.exts[0] =
			    (sgl_part_ext){OID_SAN, "", addresses[i].san};
		cert = read_parts(*state, &p);
		for (size_t k = 0; k < sgl_cert_num_addresses(cert); k++)
			assert_int_equal(
			    sgl_buf_printf(&got, NULL, "%.*s|",
				(int)sgl_cert_get_address(cert, k).len,
				sgl_cert_get_address(cert, k).data),
			    SGL_OK);
		if (!sgl_slice_eq(
			sgl_buf_slice(&got), sgl_slice_str(addresses[i].want)))
			fail_msg("row %zu: %.*s", i, (int)got.len, got.data);
	}
}

static void
keeps_sets(void **state)
{
	sgl_cert_parts one = {.serial = R("\x01")}, two = {.serial = R("\x02")};
	SGL_AUTO(sgl_cert)
	a = read_parts(*state, &one);
	SGL_AUTO(sgl_cert)
	again = read_parts(*state, &one);
	SGL_AUTO_CLEAR(sgl_certs) set = {0};

	assert_int_equal(sgl_certs_add(&set, a, NULL), SGL_OK);
	assert_int_equal(sgl_certs_add(&set, again, NULL), SGL_OK);
	assert_int_equal(set.num, 1);
	for (unsigned i = 2; i < 40; i++) {
		uint8_t byte = (uint8_t)i;
		SGL_AUTO(sgl_cert)
		cert = NULL;

		two.serial = sgl_slice_of(&byte, 1);
		cert = read_parts(*state, &two);
		assert_int_equal(sgl_certs_add(&set, cert, NULL), SGL_OK);
	}
	assert_int_equal(set.num, 39);
	assert_ptr_equal(
	    sgl_certs_find_issuer_serial(&set, a->issuer, SGL_LIT("\x01")), a);
	assert_ptr_equal(
	    sgl_certs_find_issuer_serial(&set, a->issuer, SGL_LIT("\x27")),
	    set.items[38]);
	assert_null(
	    sgl_certs_find_issuer_serial(&set, a->issuer, SGL_LIT("\x28")));
	assert_null(
	    sgl_certs_find_issuer_serial(&set, a->subject, SGL_LIT("\x01")));
	assert_null(sgl_certs_find_ski(&set, SGL_LIT("x")));
	assert_ptr_equal(
	    sgl_certs_find_ski(&set, sgl_slice_of(a->key_id, 20)), a);
}

typedef struct job {
	sgl_engine *engine;
	sgl_slice der;
} job;

static sgl_status
read_job(void *ctx, sgl_err *err)
{
	job *j = ctx;
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO_CLEAR(sgl_certs) set = {0};

	TRY(sgl_cert_read(j->engine, j->der, &cert, err));
	return sgl_certs_add(&set, cert, err);
}

static void
survives_lack_of_memory(void **state)
{
	static const sgl_cert_parts with_san = {
	    .exts = {{OID_SAN, "", R("\x30\x13\x81\x11" ALICE)}}};
	static const sgl_cert_parts with_wide = {
	    .subject = SUBJECT_MAIL(
		"\x1e", "\x17", "\x15", "\x13", "", "\x06", "\0a\0@\0b")};
	static const sgl_cert_parts *const cases[] = {&with_san, &with_wide};

	for (size_t i = 0; i < COUNT(cases); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
		job j = {.engine = *state};

		sgl_parts_cert(cases[i], &der);
		j.der = sgl_buf_slice(&der);
		assert_int_equal(read_job(&j, NULL), SGL_OK); /* warms up */
		assert_true(sgl_fault_each(read_job, &j) >= 3);
	}
}

static void
read_file(const char *path, void *ctx)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 24);
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_err err = {0};

	sgl_corpus_read_der(path, &der);
	if (sgl_cert_read(ctx, sgl_buf_slice(&der), &cert, &err) != SGL_OK)
		fail_msg("%s: %s at %zu", path, err.text, (size_t)err.offset);
	assert_int_equal(cert->malformed_extension.len, 0);
	assert_int_equal(cert->duplicate_extension.len, 0);
}

/* Every certificate of the conformance suite can be read, with its bad
 * signatures and unknown extensions. */
static void
reads_pkits(void **state)
{
	if (!sgl_corpus_has("pkits")) {
		print_message("SIGILL_CORPUS is not set: skipped\n");
		skip();
	}
	assert_int_equal(
	    sgl_corpus_each("pkits/certs", read_file, *state), 405);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_fields),
	    cmocka_unit_test(reads_oddities),
	    cmocka_unit_test(refuses_malformed),
	    cmocka_unit_test(refuses_cut),
	    cmocka_unit_test(finds_what_is_forbidden),
	    cmocka_unit_test(reads_extensions),
	    cmocka_unit_test(reads_identifiers),
	    cmocka_unit_test(reads_addresses),
	    cmocka_unit_test(keeps_sets),
	    cmocka_unit_test(survives_lack_of_memory),
	    cmocka_unit_test(reads_pkits),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
