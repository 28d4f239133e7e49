/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions of a certificate, RFC 5280 4.2. */
#include "base/addr.h"
#include "crypto/hash.h"
#include "pki/build_inside.h"

#define ROOM "pki.build"

static sgl_status
senseless(sgl_err *err, const char *text)
{
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text);
}

static void
add_key_usage(sgl_derb *b, unsigned usage)
{
	uint8_t bits[2] = {0};
	size_t last = 0;
	sgl_ext_marks ext;

	if (usage == 0)
		return;
	for (unsigned i = 0; i < 9; i++)
		if ((usage >> i & 1) != 0) {
			bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
			last = i;
		}
	ext = sgl_derb_open_ext(b, SGL_OID_CE_KEY_USAGE, true);
	sgl_derb_bits(
	    b, sgl_slice_of(bits, last / 8 + 1), 7 - (unsigned)last % 8);
	sgl_derb_close_ext(b, ext);
}

static void
add_basic_constraints(sgl_derb *b, const sgl_cert_template *t)
{
	sgl_ext_marks ext;
	size_t seq;

	if (!t->is_ca)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_CE_BASIC_CONSTRAINTS, true);
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_bool(b, true);
	if (t->has_path_len)
		sgl_derb_uint(b, t->path_len);
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
}

static void
add_ext_key_usage(sgl_derb *b, const sgl_cert_template *t)
{
	sgl_ext_marks ext;
	size_t seq;

	if (t->num_ext_key_usage == 0)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_CE_EXT_KEY_USAGE, false);
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	for (size_t i = 0; i < t->num_ext_key_usage; i++)
		sgl_derb_oid(b, sgl_oid_der(t->ext_key_usage[i]));
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
}

static void
add_cps(sgl_derb *b, sgl_slice url)
{
	size_t list = sgl_derb_open(b, SGL_SEQUENCE);
	size_t one = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(SGL_OID_QT_CPS));
	sgl_derb_bytes(b, SGL_IA5_STRING, url);
	sgl_derb_close(b, one);
	sgl_derb_close(b, list);
}

static void
add_policies(sgl_derb *b, const sgl_cert_template *t)
{
	sgl_ext_marks ext;
	size_t seq, info;

	if (t->num_policies == 0)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_CE_CERTIFICATE_POLICIES, false);
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	for (size_t i = 0; i < t->num_policies; i++) {
		info = sgl_derb_open(b, SGL_SEQUENCE);
		sgl_derb_oid(b, t->policies[i]);
		if (t->cps_url.len > 0 &&
		    sgl_oid_find(t->policies[i]) != SGL_OID_ANY_POLICY)
			add_cps(b, t->cps_url);
		sgl_derb_close(b, info);
	}
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
}

/* A local part in ASCII is an rfc822Name, any other an SmtpUTF8Mailbox (RFC
 * 8398 3); the domain is in A-labels in both (RFC 9598 3). */
static void
add_mailbox(sgl_derb *b, sgl_slice mailbox, bool is_ascii)
{
	size_t other, wrap;

	if (is_ascii) {
		sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(1), mailbox);
		return;
	}
	other = sgl_derb_open(b, SGL_CONTEXT(0));
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_ON_SMTP_UTF8_MAILBOX));
	wrap = sgl_derb_open(b, SGL_CONTEXT(0));
	sgl_derb_utf8(b, mailbox);
	sgl_derb_close(b, wrap);
	sgl_derb_close(b, other);
}

static sgl_status
add_address(sgl_derb *b, sgl_slice addr, sgl_err *err)
{
	uint8_t bytes[512];
	sgl_buf mailbox = {
	    .data = bytes, .cap = sizeof bytes, .max = sizeof bytes};
	sgl_slice local, domain;

	if (!sgl_addr_is(addr) || !sgl_addr_split(addr, &local, &domain))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "not a mail address", "%.*s", (int)addr.len, addr.data);
	TRY(sgl_buf_add(&mailbox, local, err));
	TRY(sgl_buf_add(&mailbox, SGL_LIT("@"), err));
	if (!sgl_domain_to_ascii(domain, &mailbox))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "not a domain", "%.*s", (int)domain.len, domain.data);
	add_mailbox(b, sgl_buf_slice(&mailbox), sgl_addr_is_ascii(local));
	return SGL_OK;
}

static sgl_status
add_alt_name(sgl_derb *b, const sgl_cert_template *t, sgl_err *err)
{
	sgl_ext_marks ext;
	size_t seq;

	if (t->num_addresses == 0)
		return SGL_OK;
	/* RFC 5280 4.2.1.6: critical where the subject is empty. */
	ext = sgl_derb_open_ext(
	    b, SGL_OID_CE_SUBJECT_ALT_NAME, t->subject.len <= 2);
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	for (size_t i = 0; i < t->num_addresses; i++)
		TRY(add_address(b, t->addresses[i], err));
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
	return SGL_OK;
}

/* The domain of a constraint, after a dot or an '@' where there is one, in
 * A-labels. */
static sgl_status
add_subtree(sgl_derb *b, sgl_slice base, sgl_err *err)
{
	uint8_t bytes[512];
	sgl_buf text = {
	    .data = bytes, .cap = sizeof bytes, .max = sizeof bytes};
	const uint8_t *at =
	    base.len == 0 ? NULL : memrchr(base.data, '@', base.len);
	size_t front = 0, subtree;

	if (base.len > 0 && base.data[0] == '.')
		front = 1;
	else if (at != NULL)
		front = (size_t)(at - base.data) + 1;
	if (sgl_buf_add(&text, sgl_slice_first(base, front), NULL) != SGL_OK ||
	    !sgl_domain_to_ascii(sgl_slice_from(base, front), &text) ||
	    (at != NULL && !sgl_addr_is(sgl_buf_slice(&text))) ||
	    !sgl_addr_is_ascii(sgl_buf_slice(&text)))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a name constraint is neither a domain nor an address",
		    "%.*s", (int)base.len, base.data);
	subtree = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(1), sgl_buf_slice(&text));
	sgl_derb_close(b, subtree);
	return SGL_OK;
}

static sgl_status
add_subtrees(
    sgl_derb *b, sgl_tag tag, const sgl_slice *bases, size_t num, sgl_err *err)
{
	size_t list;

	if (num == 0)
		return SGL_OK;
	list = sgl_derb_open(b, tag);
	for (size_t i = 0; i < num; i++)
		TRY(add_subtree(b, bases[i], err));
	sgl_derb_close(b, list);
	return SGL_OK;
}

/* RFC 5280 4.2.1.10 */
static sgl_status
add_name_constraints(sgl_derb *b, const sgl_cert_template *t, sgl_err *err)
{
	sgl_ext_marks ext;
	size_t seq;

	if (t->num_permitted + t->num_excluded == 0)
		return SGL_OK;
	ext = sgl_derb_open_ext(b, SGL_OID_CE_NAME_CONSTRAINTS, true);
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	TRY(add_subtrees(
	    b, SGL_CONTEXT(0), t->permitted, t->num_permitted, err));
	TRY(add_subtrees(b, SGL_CONTEXT(1), t->excluded, t->num_excluded, err));
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
	return SGL_OK;
}

bool
sgl_url_is_good(sgl_slice url)
{
	for (size_t i = 0; i < url.len; i++)
		if (url.data[i] <= 0x20 || url.data[i] >= 0x7f)
			return false;
	return url.len == 0 || memchr(url.data, ':', url.len) != NULL;
}

void
sgl_derb_add_point_name(sgl_derb *b, sgl_slice url)
{
	size_t name = sgl_derb_open(b, SGL_CONTEXT(0));
	size_t full = sgl_derb_open(b, SGL_CONTEXT(0));

	sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(6), url);
	sgl_derb_close(b, full);
	sgl_derb_close(b, name);
}

static void
add_crl_point(sgl_derb *b, sgl_slice url)
{
	sgl_ext_marks ext;
	size_t seq, point;

	if (url.len == 0)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_CE_CRL_DISTRIBUTION_POINTS, false);
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	point = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_add_point_name(b, url);
	sgl_derb_close(b, point);
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
}

static void
add_access(sgl_derb *b, sgl_oid method, sgl_slice url)
{
	size_t seq;

	if (url.len == 0)
		return;
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(method));
	sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(6), url);
	sgl_derb_close(b, seq);
}

static void
add_info_access(sgl_derb *b, const sgl_cert_template *t)
{
	sgl_ext_marks ext;
	size_t seq;

	if (t->issuer_url.len == 0 && t->ocsp_url.len == 0)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_PE_AUTHORITY_INFO_ACCESS, false);
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	add_access(b, SGL_OID_AD_OCSP, t->ocsp_url);
	add_access(b, SGL_OID_AD_CA_ISSUERS, t->issuer_url);
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
}

static void
add_capabilities(sgl_derb *b, sgl_slice capabilities)
{
	sgl_ext_marks ext;

	if (capabilities.len == 0)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_AA_SMIME_CAPABILITIES, false);
	sgl_derb_raw(b, capabilities);
	sgl_derb_close_ext(b, ext);
}

/* RFC 6960 4.2.2.2.1: NULL, not critical. */
static void
add_nocheck(sgl_derb *b, const sgl_cert_template *t)
{
	sgl_ext_marks ext;

	if (!t->ocsp_nocheck)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_PKIX_OCSP_NOCHECK, false);
	sgl_derb_null(b);
	sgl_derb_close_ext(b, ext);
}

/* RFC 5280 4.2.1.2 (1): SHA-1 of the bits of the key. A name, not a proof. */
static sgl_status
add_ski(sgl_engine *engine, sgl_derb *b, sgl_slice spki, sgl_err *err)
{
	sgl_der in = sgl_der_over(spki), body;
	sgl_slice bits;
	sgl_digest id;
	sgl_ext_marks ext;
	unsigned unused;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read(&body, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read_bits(&body, &bits, &unused))
		return senseless(err, "the public key is malformed");
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA1, bits, &id, err));
	ext = sgl_derb_open_ext(b, SGL_OID_CE_SUBJECT_KEY_IDENTIFIER, false);
	sgl_derb_octets(b, sgl_digest_slice(&id));
	sgl_derb_close_ext(b, ext);
	return SGL_OK;
}

sgl_status
sgl_derb_add_extensions(
    sgl_engine *engine, sgl_derb *b, const sgl_cert_template *t, sgl_err *err)
{
	size_t list = sgl_derb_open(b, SGL_SEQUENCE);

	add_basic_constraints(b, t);
	add_key_usage(b, t->key_usage);
	add_ext_key_usage(b, t);
	TRY(add_ski(engine, b, t->spki, err));
	if (t->issuer_key_id.len > 0)
		sgl_derb_add_aki(b, t->issuer_key_id);
	add_policies(b, t);
	TRY(add_alt_name(b, t, err));
	TRY(add_name_constraints(b, t, err));
	add_crl_point(b, t->crl_url);
	add_info_access(b, t);
	add_nocheck(b, t);
	add_capabilities(b, t->smime_capabilities);
	sgl_derb_close(b, list);
	return SGL_OK;
}
