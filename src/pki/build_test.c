/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pki/build.h"
#include "pki/crl.h"
#include "pki/path.h"
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

static const struct {
	sgl_oid type;
	const char *value;
	const char *want; /* NULL: refused */
} names[] = {
    {SGL_OID_AT_CN, "Alice", "CN=Alice"},
    {SGL_OID_AT_CN, "R\xc3\xa4v", "CN=R\xc3\xa4v"},
    {SGL_OID_AT_CN, "", NULL},
    {SGL_OID_AT_CN, "a\xff", NULL},
    {SGL_OID_AT_CN, "a\nb", NULL},
    {SGL_OID_AT_CN,
	"a\xc2\x85"
	"b",
	NULL},
    {SGL_OID_AT_CN,
	"0123456789012345678901234567890123456789012345678901234567890123",
	"CN=0123456789012345678901234567890123456789012345678901234567890123"},
    {SGL_OID_AT_CN,
	"01234567890123456789012345678901234567890123456789012345678901234",
	NULL},
    {SGL_OID_AT_C, "SE", "C=SE"},
    {SGL_OID_AT_C, "SWE", NULL},
    {SGL_OID_AT_C, "S_", NULL},
    {SGL_OID_AT_DC, "example", "DC=example"},
    {SGL_OID_AT_DC, "ex\xc3\xa4mple", NULL},
    {SGL_OID_AT_SERIAL_NUMBER, "12-3", "serialNumber=12-3"},
    {SGL_OID_AT_SERIAL_NUMBER, "12*3", NULL},
    {SGL_OID_AT_EMAIL_ADDRESS, "alice@example.org",
	"emailAddress=alice@example.org"},
};

static void
builds_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(4096);
		sgl_rdn rdn = {names[i].type, sgl_slice_str(names[i].value)};
		sgl_status want = names[i].want ? SGL_OK : SGL_E_USAGE;

		if (sgl_name_build(&rdn, 1, &der, NULL) != want)
			fail_msg("row %zu", i);
		if (want != SGL_OK) {
			assert_int_equal(der.len, 0);
			continue;
		}
		assert_int_equal(
		    sgl_name_text(sgl_buf_slice(&der), &text, NULL), SGL_OK);
		assert_true(sgl_slice_eq(
		    sgl_buf_slice(&text), sgl_slice_str(names[i].want)));
	}
}

static const sgl_key_kind signing_kinds[] = {
    SGL_KEY_P256, SGL_KEY_P384, SGL_KEY_P521, SGL_KEY_RSA, SGL_KEY_ED25519};

static sgl_path_fault
check(sgl_engine *engine, const sgl_who *root, const sgl_who *between,
    const sgl_who *leaf, sgl_purpose purpose)
{
	SGL_AUTO_CLEAR(sgl_certs) anchors = {0};
	SGL_AUTO_CLEAR(sgl_certs) others = {0};
	SGL_AUTO_CLEAR(sgl_path) path = {0};
	sgl_evidence evidence = {&anchors, &others, NULL, NULL};
	sgl_path_policy policy = {.time = SGL_ISSUE_TIME, .purpose = purpose};

	assert_int_equal(sgl_certs_add(&anchors, root->cert, NULL), SGL_OK);
	if (between != NULL)
		assert_int_equal(
		    sgl_certs_add(&others, between->cert, NULL), SGL_OK);
	assert_int_equal(
	    sgl_path_check(engine, leaf->cert, &evidence, &policy, &path, NULL),
	    SGL_OK);
	return path.fault;
}

/* Every kind of key signs, and everything that was asked for is there. */
static void
builds_chains(void **state)
{
	for (size_t i = 0; i < COUNT(signing_kinds); i++) {
		SGL_AUTO_CLEAR(sgl_who) root = {0};
		SGL_AUTO_CLEAR(sgl_who) sub = {0};
		SGL_AUTO_CLEAR(sgl_who) alice = {0};

		sgl_issue_cert(*state,
		    &(sgl_issue){.name = "root",
			.is_ca = true,
			.kind = signing_kinds[i]},
		    NULL, &root);
		sgl_issue_cert(*state,
		    &(sgl_issue){.name = "sub",
			.is_ca = true,
			.has_path_len = true,
			.kind = signing_kinds[i],
			.permitted_domain = "example.org"},
		    &root, &sub);
		sgl_issue_cert(*state,
		    &(sgl_issue){.name = "Alice",
			.address = "alice@example.org",
			.kind = signing_kinds[i]},
		    &sub, &alice);
		assert_true(root.cert->is_self_issued);
		assert_true(sub.cert->is_ca && sub.cert->has_path_len);
		assert_true(
		    sgl_slice_eq(alice.cert->aki_key_id, sub.cert->ski));
		assert_true(sgl_slice_eq(
		    alice.cert->ski, sgl_slice_of(alice.cert->key_id, 20)));
		assert_int_equal(
		    check(*state, &root, &sub, &alice, SGL_PURPOSE_MAIL_SIGN),
		    SGL_PATH_OK);
		assert_int_equal(check(*state, &root, &sub, &alice,
				     SGL_PURPOSE_MAIL_ENCRYPT),
		    signing_kinds[i] == SGL_KEY_ED25519 ? SGL_PATH_WRONG_USAGE
							: SGL_PATH_OK);
	}
}

/* What each row changes in a good template, and whether it is refused. */
typedef struct row {
	const char *what;
	void (*change)(sgl_cert_template *t);
	sgl_status want;
} row;

static void
no_change(sgl_cert_template *t)
{
	(void)t;
}
static void
serial_zero(sgl_cert_template *t)
{
	t->serial = SGL_LIT("\0\0");
}
static void
serial_none(sgl_cert_template *t)
{
	t->serial.len = 0;
}
static void
serial_long(sgl_cert_template *t)
{
	t->serial = SGL_LIT("\x80"
			    "0123456789012345678");
}
static void
serial_longest(sgl_cert_template *t)
{
	t->serial = SGL_LIT("\x7f"
			    "0123456789012345678");
}
static void
ends_early(sgl_cert_template *t)
{
	t->not_after = t->not_before - 1;
}
static void
no_issuer(sgl_cert_template *t)
{
	t->issuer = SGL_LIT("\x30\0");
}
static void
bad_issuer(sgl_cert_template *t)
{
	t->issuer = SGL_LIT("\x31\0");
}
static void
ca_without_right(sgl_cert_template *t)
{
	t->is_ca = true;
}
static void
right_without_ca(sgl_cert_template *t)
{
	t->key_usage |= SGL_KU_KEY_CERT_SIGN;
}
static void
path_len_without_ca(sgl_cert_template *t)
{
	t->has_path_len = true;
}
static const sgl_slice some_domain = {(const uint8_t *)"example.org", 11};
static const sgl_slice bad_domain = {(const uint8_t *)"not a domain", 12};
static void
constraint_without_ca(sgl_cert_template *t)
{
	t->permitted = &some_domain;
	t->num_permitted = 1;
}
static void
ca_for_bad_domain(sgl_cert_template *t)
{
	t->is_ca = true;
	t->key_usage = SGL_KU_KEY_CERT_SIGN;
	t->excluded = &bad_domain;
	t->num_excluded = 1;
}
static void
bad_key(sgl_cert_template *t)
{
	t->spki = SGL_LIT("\x30\0");
}
static void
bad_url(sgl_cert_template *t)
{
	t->crl_url = SGL_LIT("http://\xc3\xa4.example/");
}
static void
url_without_scheme(sgl_cert_template *t)
{
	t->ocsp_url = SGL_LIT("ocsp.example.org");
}
static void
url_with_blank(sgl_cert_template *t)
{
	t->issuer_url = SGL_LIT("http://example.org/a b");
}
static void
nocheck_for_mail(sgl_cert_template *t)
{
	t->ocsp_nocheck = true;
}
static const sgl_slice bad_addresses[] = {{(const uint8_t *)"alice", 5}};
static void
bad_address(sgl_cert_template *t)
{
	t->addresses = bad_addresses;
	t->num_addresses = 1;
}
static void
for_nobody(sgl_cert_template *t)
{
	t->subject = SGL_LIT("\x30\0");
	t->num_addresses = 0;
}

static const row rows[] = {
    {"good", no_change, SGL_OK},
    {"serial 0", serial_zero, SGL_E_USAGE},
    {"no serial", serial_none, SGL_E_USAGE},
    {"serial of 21 bytes", serial_long, SGL_E_USAGE},
    {"serial of 20 bytes", serial_longest, SGL_OK},
    {"ends before it begins", ends_early, SGL_E_USAGE},
    {"empty issuer", no_issuer, SGL_E_USAGE},
    {"issuer is a SET", bad_issuer, SGL_E_USAGE},
    {"CA without keyCertSign", ca_without_right, SGL_E_USAGE},
    {"keyCertSign without CA", right_without_ca, SGL_E_USAGE},
    {"pathLen without CA", path_len_without_ca, SGL_E_USAGE},
    {"constraint without CA", constraint_without_ca, SGL_E_USAGE},
    {"no domain", ca_for_bad_domain, SGL_E_USAGE},
    {"no key", bad_key, SGL_E_ENCODING},
    {"URL with a letter above ASCII", bad_url, SGL_E_USAGE},
    {"URL without scheme", url_without_scheme, SGL_E_USAGE},
    {"URL with a blank", url_with_blank, SGL_E_USAGE},
    {"nocheck for no responder", nocheck_for_mail, SGL_E_USAGE},
    {"no address", bad_address, SGL_E_USAGE},
    {"for nobody", for_nobody, SGL_E_USAGE},
};

static void
refuses_what_is_forbidden(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	for (size_t i = 0; i < COUNT(rows); i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		sgl_cert_template t = {.serial = SGL_LIT("\x01"),
		    .issuer = root.cert->subject,
		    .subject = root.cert->subject,
		    .not_before = SGL_ISSUE_FROM,
		    .not_after = SGL_ISSUE_UNTIL,
		    .spki = root.cert->spki,
		    .key_usage = SGL_KU_DIGITAL_SIGNATURE};

		rows[i].change(&t);
		if (sgl_cert_build(*state, &t, root.key, SGL_DIGEST_NONE, &cert,
			NULL) != rows[i].want)
			fail_msg("%s", rows[i].what);
	}
}

/* Addresses of all sorts come out as they went in, domains as A-labels. */
static void
writes_addresses(void **state)
{
	static const struct {
		const char *in, *out;
	} pairs[] = {
	    {"alice@example.org", "alice@example.org"},
	    {"Alice@EXAMPLE.org", "Alice@example.org"},
	    {"alice@ex\xc3\xa4mple.org", "alice@xn--exmple-cua.org"},
	    {"al\xc3\xafs@example.org", "al\xc3\xafs@example.org"},
	    {"al\xc3\xafs@ex\xc3\xa4mple.org",
		"al\xc3\xafs@xn--exmple-cua.org"},
	};
	SGL_AUTO_CLEAR(sgl_who) root = {0};

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	for (size_t i = 0; i < COUNT(pairs); i++) {
		SGL_AUTO_CLEAR(sgl_who) who = {0};

		sgl_issue_cert(*state,
		    &(sgl_issue){.name = i % 2 == 0 ? "" : "x",
			.address = pairs[i].in,
			.key = root.key},
		    &root, &who);
		assert_int_equal(sgl_cert_num_addresses(who.cert), 1);
		assert_true(sgl_slice_eq(sgl_cert_get_address(who.cert, 0),
		    sgl_slice_str(pairs[i].out)));
	}
}

/* Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue }, as it
 * stands in the certificate. */
static bool
has_extension(const sgl_cert *cert, const char *hex)
{
	sgl_der in = sgl_der_over(cert->extensions);
	sgl_slice whole;

	while (sgl_der_read_whole(&in, SGL_SEQUENCE, &whole))
		if (sgl_slice_eq(whole, unhex(hex)))
			return true;
	return false;
}

/* Worked out by hand from RFC 5280 4.2 and RFC 6960 4.2.2.2.1; criticality is
 * the 0101ff behind the identifier. */
static const char *const authority_extensions[] = {
    /* cA, pathLen 0 */
    "30120603551d130101ff040830060101ff020100",
    /* keyCertSign, cRLSign */
    "300e0603551d0f0101ff040403020106",
    /* anyPolicy and mailbox-validated-strict */
    "301c0603551d200415301330060604551d20003009060767810c01050103",
    /* name constraints */
    "304e0603551d1e0101ff04443042a017301581132e786e2d2d65786d706c"
    "652d6375612e6f7267a1273011810f6261642e6578616d706c652e6f7267"
    "30128110726f6f74406578616d706c652e6f7267",
    /* CRL distribution point */
    "30230603551d1f041c301a3018a016a0148612687474703a2f2f612e6578"
    "616d706c652f31",
    /* OCSP and caIssuers */
    "304e06082b0601050507010104423040301e06082b060105050730018612"
    "687474703a2f2f612e6578616d706c652f33301e06082b06010505073002"
    "8612687474703a2f2f612e6578616d706c652f32",
};
static const char *const responder_extensions[] = {
    /* digitalSignature */
    "300e0603551d0f0101ff040403020780",
    /* OCSPSigning */
    "30130603551d25040c300a06082b06010505070309",
    /* nocheck */
    "300f06092b060105050730010504020500",
};

static void
writes_every_extension(void **state)
{
	static const sgl_oid ocsp[] = {SGL_OID_KP_OCSP_SIGNING};
	sgl_slice permitted[] = {SGL_LIT(".Ex\xc3\xa4mple.org")};
	sgl_slice excluded[] = {
	    SGL_LIT("bad.example.org"), SGL_LIT("root@example.org")};
	sgl_slice policies[] = {sgl_oid_der(SGL_OID_ANY_POLICY),
	    sgl_oid_der(SGL_OID_SMIME_BR_MAILBOX_STRICT)};
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO(sgl_cert)
	ca = NULL;
	SGL_AUTO(sgl_cert)
	responder = NULL;
	sgl_cert_template t = {.serial = SGL_LIT("\x01"),
	    .not_before = SGL_ISSUE_FROM,
	    .not_after = SGL_ISSUE_UNTIL,
	    .is_ca = true,
	    .has_path_len = true,
	    .key_usage = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN,
	    .policies = policies,
	    .num_policies = 2,
	    .permitted = permitted,
	    .num_permitted = 1,
	    .excluded = excluded,
	    .num_excluded = 2,
	    .crl_url = SGL_LIT("http://a.example/1"),
	    .issuer_url = SGL_LIT("http://a.example/2"),
	    .ocsp_url = SGL_LIT("http://a.example/3")};

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	t.issuer = t.subject = root.cert->subject;
	t.issuer_key_id = root.cert->ski;
	t.spki = root.cert->spki;
	assert_int_equal(
	    sgl_cert_build(*state, &t, root.key, SGL_DIGEST_NONE, &ca, NULL),
	    SGL_OK);
	for (size_t i = 0; i < COUNT(authority_extensions); i++)
		if (!has_extension(ca, authority_extensions[i]))
			fail_msg("%s", authority_extensions[i]);
	t = (sgl_cert_template){.serial = t.serial,
	    .issuer = t.issuer,
	    .subject = t.subject,
	    .not_before = t.not_before,
	    .not_after = t.not_after,
	    .spki = t.spki,
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE,
	    .ext_key_usage = ocsp,
	    .num_ext_key_usage = 1,
	    .ocsp_nocheck = true};
	assert_int_equal(sgl_cert_build(*state, &t, root.key, SGL_DIGEST_NONE,
			     &responder, NULL),
	    SGL_OK);
	for (size_t i = 0; i < COUNT(responder_extensions); i++)
		if (!has_extension(responder, responder_extensions[i]))
			fail_msg("%s", responder_extensions[i]);
	assert_true(responder->ocsp_nocheck);
}

/* --- CRLs --- */

/* `num` entries, the odd ones with all that there can be. */
typedef struct many {
	size_t num, asked;
	uint8_t serial[4];
} many;

static sgl_status
tell_many(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	many *m = ctx;

	(void)err;
	m->asked++;
	*end = i == m->num;
	m->serial[0] = 1;
	for (int k = 0; k < 3; k++)
		m->serial[1 + k] = (uint8_t)(i >> (16 - 8 * k));
	*out = (sgl_revoked){.serial = {m->serial, sizeof m->serial},
	    .revoked_at = SGL_ISSUE_FROM + (sgl_time)i,
	    .reason = i % 2 == 0 ? -1 : (int)(i % 6),
	    .has_invalidity_date = i % 2 == 1,
	    .invalidity_date = SGL_ISSUE_FROM};
	return SGL_OK;
}

static sgl_status
tell_one(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	(void)err;
	*end = i > 0;
	*out = *(const sgl_revoked *)ctx;
	return SGL_OK;
}

static sgl_crl_template
crl_template(const sgl_who *root)
{
	return (sgl_crl_template){.issuer = root->cert->subject,
	    .issuer_key_id = root->cert->ski,
	    .this_update = SGL_ISSUE_TIME - 3600,
	    .next_update = SGL_ISSUE_TIME + 3600,
	    .number = 300};
}

static sgl_crl *
build_crl(sgl_engine *engine, const sgl_crl_template *t, sgl_key *key)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 24);
	sgl_crl *crl = NULL;

	assert_int_equal(
	    sgl_crl_build(engine, t, key, SGL_DIGEST_NONE, &der, NULL), SGL_OK);
	assert_int_equal(
	    sgl_crl_read(engine, sgl_buf_slice(&der), &crl, NULL), SGL_OK);
	assert_false(crl->is_unusable);
	return crl;
}

static void
lists_a_hundred_thousand(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO(sgl_crl)
	crl = NULL;
	many m = {.num = 100000};
	sgl_crl_template t;
	sgl_crl_found found;
	sgl_revoked want;
	bool is, end;

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	t = crl_template(&root);
	t.next = tell_many;
	t.ctx = &m;
	crl = build_crl(*state, &t, root.key);
	assert_int_equal(m.asked, m.num + 1);
	assert_int_equal(crl->num_entries, m.num);
	assert_true(sgl_slice_eq(crl->number, SGL_LIT("\x01\x2c")));
	assert_true(sgl_slice_eq(crl->aki_key_id, root.cert->ski));
	assert_int_equal(crl->next_update, t.next_update);
	for (size_t i = 0; i <= m.num; i++) {
		assert_int_equal(tell_many(&m, i, &want, &end, NULL), SGL_OK);
		assert_int_equal(
		    sgl_crl_find(crl, t.issuer, want.serial, &is, &found, NULL),
		    SGL_OK);
		assert_true(is == (i < m.num));
		if (!is)
			continue;
		assert_int_equal(found.revoked_at, want.revoked_at);
		assert_int_equal(found.reason, want.reason);
		assert_true(
		    found.has_invalidity_date == want.has_invalidity_date);
		if (found.has_invalidity_date)
			assert_int_equal(
			    found.invalidity_date, want.invalidity_date);
	}
}

/* A shard speaks for the certificates that name it, and for no others. */
static void
shards_speak_for_their_own(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_who) ours = {0};
	SGL_AUTO_CLEAR(sgl_who) other = {0};
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_crl_template t;
	sgl_certs anchors, none = {0};
	sgl_crls crls;
	sgl_evidence evidence;
	sgl_path_policy policy = {
	    .time = SGL_ISSUE_TIME, .check_revocation = true};

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	sgl_issue_cert(*state,
	    &(sgl_issue){.name = "a", .crl_url = "http://example.org/1"}, &root,
	    &ours);
	sgl_issue_cert(*state,
	    &(sgl_issue){.name = "b", .crl_url = "http://example.org/2"}, &root,
	    &other);
	t = crl_template(&root);
	t.point_url = SGL_LIT("http://example.org/1");
	t.only_user_certs = true;
	crl = build_crl(*state, &t, root.key);
	assert_true(crl->only_user_certs && !crl->only_ca_certs);
	anchors = (sgl_certs){&root.cert, 1};
	crls = (sgl_crls){&crl, 1};
	evidence = (sgl_evidence){&anchors, &none, &crls, NULL};
	for (int i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_path) path = {0};

		assert_int_equal(
		    sgl_path_check(*state, i == 0 ? ours.cert : other.cert,
			&evidence, &policy, &path, NULL),
		    SGL_OK);
		assert_int_equal(path.revocation[0],
		    i == 0 ? SGL_REVOCATION_GOOD : SGL_REVOCATION_UNKNOWN);
	}
}

static const struct {
	const char *serial;
	size_t len;
	int reason;
	sgl_status want;
} bad_entries[] = {
    {"\x01", 1, 1, SGL_OK},
    {"\x01", 1, 8, SGL_E_USAGE}, /* removeFromCRL */
    {"\x01", 1, 7, SGL_E_USAGE},
    {"\x01", 1, 11, SGL_E_USAGE},
    {"\x01", 1, -2, SGL_E_USAGE},
    {"", 0, 1, SGL_E_USAGE},
    {"\0", 1, 1, SGL_E_USAGE},
    {"\0\x01", 2, 1, SGL_E_USAGE}, /* not the shortest */
    {"\0\x80", 2, 1, SGL_OK},
    {"\x80", 1, 1, SGL_E_USAGE}, /* negative */
    {"\x7f"
     "01234567890123456789",
	21, 1, SGL_E_USAGE},
};

static void
refuses_bad_lists(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_revoked one = {SGL_LIT("\x01"), SGL_ISSUE_TIME, 1, false, 0};
	sgl_crl_template t;

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	for (size_t i = 0; i < COUNT(bad_entries); i++) {
		t = crl_template(&root);
		t.next = tell_one;
		t.ctx = &one;
		one.serial =
		    sgl_slice_of(bad_entries[i].serial, bad_entries[i].len);
		one.reason = bad_entries[i].reason;
		der.len = 0;
		if (sgl_crl_build(*state, &t, root.key, SGL_DIGEST_NONE, &der,
			NULL) != bad_entries[i].want)
			fail_msg("row %zu", i);
		assert_true((der.len > 0) == (bad_entries[i].want == SGL_OK));
	}
	t = crl_template(&root);
	t.next_update = t.this_update;
	der.len = 0;
	assert_int_equal(
	    sgl_crl_build(*state, &t, root.key, SGL_DIGEST_NONE, &der, NULL),
	    SGL_E_USAGE);
	t = crl_template(&root);
	t.only_user_certs = t.only_ca_certs = true;
	assert_int_equal(
	    sgl_crl_build(*state, &t, root.key, SGL_DIGEST_NONE, &der, NULL),
	    SGL_E_USAGE);
	t = crl_template(&root);
	t.point_url = SGL_LIT("example org");
	assert_int_equal(
	    sgl_crl_build(*state, &t, root.key, SGL_DIGEST_NONE, &der, NULL),
	    SGL_E_USAGE);
	t = crl_template(&root);
	der.max = 100;
	assert_int_equal(
	    sgl_crl_build(*state, &t, root.key, SGL_DIGEST_NONE, &der, NULL),
	    SGL_E_LIMIT);
	assert_int_equal(der.len, 0);
}

/* What next answers comes back as it is. */
static sgl_status
lose_the_store(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	(void)ctx;
	return i < 3 ? tell_one(&(sgl_revoked){SGL_LIT("\x01"), 0, 1, false, 0},
			   0, out, end, err)
		     : sgl_fail(err, SGL_E_IO, "test", 0, "gone");
}

static void
passes_on_the_failure_of_its_source(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_crl_template t;

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	t = crl_template(&root);
	t.next = lose_the_store;
	assert_int_equal(
	    sgl_crl_build(*state, &t, root.key, SGL_DIGEST_NONE, &der, NULL),
	    SGL_E_IO);
	assert_int_equal(der.len, 0);
}

/* --- a key that is far away, or lies --- */

typedef struct far_key {
	sgl_engine *engine;
	sgl_key *near;
	int asked;
	bool lies;
} far_key;

static sgl_status
ask_far(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	far_key *f = ctx;

	if (f->asked++ == 0)
		return SGL_NEED_KEY;
	TRY(sgl_key_ask(f->engine, f->near, request, answer, err));
	if (f->lies)
		answer->bytes[answer->len - 1] ^= 1;
	return SGL_OK;
}

static const sgl_key_ops far_ops = {.ask = ask_far};

static void
waits_for_far_keys(void **state)
{
	for (int lies = 0; lies < 2; lies++) {
		SGL_AUTO_CLEAR(sgl_who) root = {0};
		SGL_AUTO(sgl_key)
		far = NULL;
		SGL_AUTO(sgl_cert)
		cert = NULL;
		far_key f = {.engine = *state, .lies = lies != 0};
		sgl_cert_template t = {.serial = SGL_LIT("\x01"),
		    .not_before = SGL_ISSUE_FROM,
		    .not_after = SGL_ISSUE_UNTIL};

		sgl_issue_cert(*state,
		    &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
		f.near = root.key;
		t.issuer = t.subject = root.cert->subject;
		t.spki = root.cert->spki;
		assert_int_equal(sgl_key_new_remote(
				     *state, t.spki, &far_ops, &f, &far, NULL),
		    SGL_OK);
		assert_int_equal(sgl_cert_build(*state, &t, far,
				     SGL_DIGEST_NONE, &cert, NULL),
		    SGL_NEED_KEY);
		assert_null(cert);
		assert_int_equal(sgl_cert_build(*state, &t, far,
				     SGL_DIGEST_NONE, &cert, NULL),
		    lies ? SGL_E_MISMATCH : SGL_OK);
	}
}

/* --- openssl as peer --- */

static bool
has_openssl(void)
{
	return system("openssl version >/dev/null 2>&1") == 0;
}

static void
write_pem(const sgl_folder *folder, const char *name, const sgl_cert *cert)
{
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(1 << 20);

	sgl_issue_pem(cert, &pem);
	sgl_folder_write(folder, name, sgl_buf_slice(&pem));
}

static void
pleases_openssl(void **state)
{
	sgl_folder folder;

	if (!has_openssl()) {
		print_message("no openssl: skipped\n");
		skip();
	}
	sgl_folder_make(&folder);
	for (size_t i = 0; i < COUNT(signing_kinds); i++) {
		SGL_AUTO_CLEAR(sgl_who) root = {0};
		SGL_AUTO_CLEAR(sgl_who) sub = {0};
		SGL_AUTO_CLEAR(sgl_who) alice = {0};
		SGL_AUTO(sgl_crl)
		crl = NULL;
		char command[1024];

		sgl_issue_cert(*state,
		    &(sgl_issue){.name = "root",
			.is_ca = true,
			.kind = signing_kinds[i]},
		    NULL, &root);
		sgl_issue_cert(*state,
		    &(sgl_issue){.name = "sub",
			.is_ca = true,
			.has_path_len = true,
			.kind = signing_kinds[i],
			.permitted_domain = "example.org"},
		    &root, &sub);
		sgl_issue_cert(*state,
		    &(sgl_issue){.name = i % 2 == 0 ? "" : "Alice",
			.address = "alice@mail.example.org",
			.kind = signing_kinds[i],
			.crl_url = "http://crl.example.org/sub.crl",
			.issuer_url = "http://crl.example.org/sub.cer"},
		    &sub, &alice);
		write_pem(&folder, "root", root.cert);
		write_pem(&folder, "sub", sub.cert);
		write_pem(&folder, "alice", alice.cert);
		(void)snprintf(command, sizeof command,
		    "cd '%s' && openssl verify -x509_strict -policy_check "
		    "-purpose smimesign -attime %d -CAfile root "
		    "-untrusted sub alice >log 2>&1",
		    folder.path, SGL_ISSUE_TIME);
		if (system(command) != 0) {
			SGL_AUTO_CLEAR(sgl_buf)
			log = sgl_folder_read(&folder, "log");
			fail_msg("%s", (char *)log.data);
		}
		crl = sgl_issue_crl(*state, &root, sub.cert, 4);
		sgl_folder_write(&folder, "crl", crl->der);
		(void)snprintf(command, sizeof command,
		    "cd '%s' && openssl crl -inform der -in crl -CAfile root "
		    "-noout -text >log 2>&1 && grep -q 'verify OK' log && "
		    "grep -q Superseded log",
		    folder.path);
		assert_int_equal(system(command), 0);
	}
	sgl_folder_remove(&folder);
}

typedef struct job {
	sgl_engine *engine;
	const sgl_who *root;
} job;

static sgl_status
build_job(void *ctx, sgl_err *err)
{
	static const sgl_slice addresses[] = {
	    {(const uint8_t *)"alice@example.org", 17},
	    {(const uint8_t *)"al\xc3\xafs@ex\xc3\xa4mple.org", 18}};
	job *j = ctx;
	SGL_AUTO(sgl_cert)
	cert = NULL;
	SGL_AUTO_CLEAR(sgl_buf) crl = sgl_buf_init(1 << 20);
	many m = {.num = 2};
	sgl_slice bases[] = {SGL_LIT(".example.org"), SGL_LIT("b@example.org")};
	sgl_crl_template list = {.issuer = j->root->cert->subject,
	    .this_update = SGL_ISSUE_TIME,
	    .next_update = SGL_ISSUE_TIME + 1,
	    .next = tell_many,
	    .ctx = &m,
	    .point_url = SGL_LIT("http://example.org/1")};
	sgl_cert_template t = {.serial = SGL_LIT("\x01"),
	    .issuer = j->root->cert->subject,
	    .subject = j->root->cert->subject,
	    .not_before = SGL_ISSUE_FROM,
	    .not_after = SGL_ISSUE_UNTIL,
	    .spki = j->root->cert->spki,
	    .is_ca = true,
	    .key_usage = SGL_KU_KEY_CERT_SIGN,
	    .permitted = bases,
	    .excluded = bases,
	    .num_permitted = 1,
	    .num_excluded = 2,
	    .addresses = addresses,
	    .num_addresses = 2};

	TRY(sgl_cert_build(
	    j->engine, &t, j->root->key, SGL_DIGEST_NONE, &cert, err));
	return sgl_crl_build(
	    j->engine, &list, j->root->key, SGL_DIGEST_NONE, &crl, err);
}

static void
survives_lack_of_memory(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	job j = {*state, &root};

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	assert_int_equal(build_job(&j, NULL), SGL_OK);
	assert_true(sgl_fault_each(build_job, &j) >= 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(builds_names),
	    cmocka_unit_test(builds_chains),
	    cmocka_unit_test(refuses_what_is_forbidden),
	    cmocka_unit_test(writes_addresses),
	    cmocka_unit_test(writes_every_extension),
	    cmocka_unit_test(lists_a_hundred_thousand),
	    cmocka_unit_test(shards_speak_for_their_own),
	    cmocka_unit_test(refuses_bad_lists),
	    cmocka_unit_test(passes_on_the_failure_of_its_source),
	    cmocka_unit_test(waits_for_far_keys),
	    cmocka_unit_test(pleases_openssl),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
