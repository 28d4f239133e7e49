/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading PKCS#12 (RFC 7292), from the outside in: PFX, AuthenticatedSafe,
 * SafeContents, bags. Windows, Java and NSS have written it as BER with
 * indefinite lengths and strings in pieces, so all cursors are BER.
 */
#include "cms/load.h"

#define ROOM "cms.pkcs12"
#define BAG_DEPTH 8 /* SafeContents inside SafeContents */

typedef struct p12 {
	sgl_loader *loader;
	sgl_pkcs12_password password;
	const uint8_t *file; /* offsets count from here, and only here */
} p12;

static sgl_status
malformed(const p12 *p, const sgl_der *at, const char *text, sgl_err *err)
{
	uint64_t offset =
	    at->origin == p->file ? sgl_der_offset(at) : SGL_NO_OFFSET;

	return sgl_fail(err, SGL_E_ENCODING, ROOM, offset, text);
}

/* Room for joining the pieces of any one string inside `in`, so that a failure
 * to read one is never for lack of memory. */
static sgl_status
make_room(sgl_wiped *store, const sgl_der *in, sgl_err *err)
{
	store->buf.max = sgl_der_rest(in).len;
	return sgl_buf_reserve(&store->buf, store->buf.max, err);
}

/* An OCTET STRING, perhaps in pieces, in the explicit [0] of ContentInfo and of
 * bags. */
static bool
read_explicit_octets(sgl_der *in, sgl_slice *bytes, sgl_wiped *store)
{
	sgl_der look = *in, body;

	if (!sgl_der_read(&look, SGL_CONTEXT(0), &body) ||
	    !sgl_der_read_octets(&body, SGL_OCTET_STRING, bytes, &store->buf) ||
	    !sgl_der_done(&body))
		return false;
	*in = look;
	return true;
}

static sgl_status
read_encrypted_key(sgl_loader *l, const sgl_pkcs12_password *password,
    sgl_der in, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	SGL_AUTO_CLEAR(sgl_secret) clear = {0};
	sgl_slice algorithm, bytes;
	sgl_der body;

	TRY(make_room(&store, &in, err));
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_whole(&body, SGL_SEQUENCE, &algorithm) ||
	    !sgl_der_read_octets(&body, SGL_OCTET_STRING, &bytes, &store.buf) ||
	    !sgl_der_done(&body))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "malformed encrypted private key");
	TRY(sgl_pkcs12_spend(
	    l->engine, &l->effort, sgl_pbe_rounds(algorithm), err));
	TRY(sgl_pkcs12_decrypt(
	    l->engine, password, algorithm, bytes, &clear, err));
	return sgl_loader_key(l, sgl_secret_slice(&clear), err);
}

sgl_status
sgl_loader_encrypted_key(sgl_loader *l, const sgl_pkcs12_password *password,
    sgl_slice ber, sgl_err *err)
{
	return read_encrypted_key(l, password, sgl_ber_over(ber), err);
}

static sgl_status read_bags(p12 *p, sgl_der in, unsigned depth, sgl_err *err);

static sgl_status
key_bag(p12 *p, sgl_der value, unsigned depth, sgl_err *err)
{
	(void)depth;
	return sgl_loader_key(p->loader, sgl_der_rest(&value), err);
}

static sgl_status
shrouded_key_bag(p12 *p, sgl_der value, unsigned depth, sgl_err *err)
{
	(void)depth;
	return read_encrypted_key(p->loader, &p->password, value, err);
}

/* CertBag and CRLBag: a type, and [0] with an OCTET STRING around the DER. */
static sgl_status
typed_bag(p12 *p, sgl_der value, sgl_oid want,
    sgl_status (*one)(sgl_loader *l, sgl_slice der, sgl_err *err), sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_slice type, bytes;
	sgl_der body;

	TRY(make_room(&store, &value, err));
	if (!sgl_der_read(&value, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &type))
		return malformed(p, &value, "malformed bag", err);
	if (sgl_oid_find(type) != want)
		return SGL_OK; /* an SDSI certificate is not ours */
	if (!read_explicit_octets(&body, &bytes, &store) ||
	    !sgl_der_done(&body))
		return malformed(p, &body, "malformed bag", err);
	return one(p->loader, bytes, err);
}

static sgl_status
cert_bag(p12 *p, sgl_der value, unsigned depth, sgl_err *err)
{
	(void)depth;
	return typed_bag(
	    p, value, SGL_OID_BAG_X509_CERTIFICATE, sgl_loader_cert, err);
}

static sgl_status
crl_bag(p12 *p, sgl_der value, unsigned depth, sgl_err *err)
{
	(void)depth;
	return typed_bag(p, value, SGL_OID_BAG_X509_CRL, sgl_loader_crl, err);
}

static sgl_status
nested_bag(p12 *p, sgl_der value, unsigned depth, sgl_err *err)
{
	if (depth >= BAG_DEPTH)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "bags nested too deep");
	return read_bags(p, value, depth + 1, err);
}

/* Secrets and kinds that we do not know are passed over. */
static const struct {
	sgl_oid type;
	sgl_status (*read)(p12 *p, sgl_der value, unsigned depth, sgl_err *err);
} bags[] = {
    {SGL_OID_BAG_KEY, key_bag},
    {SGL_OID_BAG_SHROUDED_KEY, shrouded_key_bag},
    {SGL_OID_BAG_CERT, cert_bag},
    {SGL_OID_BAG_CRL, crl_bag},
    {SGL_OID_BAG_SAFE_CONTENTS, nested_bag},
};

/* SafeBag (RFC 7292 4.2). Its attributes name things for people and link keys
 * to certificates, which we do by the public key. */
static sgl_status
read_bag(p12 *p, sgl_der bag, unsigned depth, sgl_err *err)
{
	sgl_slice type;
	sgl_der value;
	bool has_attributes;
	sgl_oid oid;

	if (!sgl_der_read_oid(&bag, &type) ||
	    !sgl_der_read(&bag, SGL_CONTEXT(0), &value) ||
	    !sgl_der_read_opt(&bag, SGL_SET, NULL, &has_attributes) ||
	    !sgl_der_done(&bag))
		return malformed(p, &bag, "malformed bag", err);
	oid = sgl_oid_find(type);
	for (size_t i = 0; i < sizeof bags / sizeof *bags; i++)
		if (bags[i].type == oid)
			return bags[i].read(p, value, depth, err);
	return SGL_OK;
}

static sgl_status
read_bags(p12 *p, sgl_der in, unsigned depth, sgl_err *err)
{
	sgl_der contents, bag;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &contents) || !sgl_der_done(&in))
		return malformed(p, &in, "malformed SafeContents", err);
	while (!sgl_der_done(&contents)) {
		if (!sgl_der_read(&contents, SGL_SEQUENCE, &bag))
			return malformed(p, &contents, "malformed bag", err);
		TRY(read_bag(p, bag, depth, err));
	}
	return SGL_OK;
}

static sgl_status
read_plain_safe(p12 *p, sgl_der info, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_slice bytes;

	TRY(make_room(&store, &info, err));
	if (!read_explicit_octets(&info, &bytes, &store) ||
	    !sgl_der_done(&info))
		return malformed(p, &info, "malformed safe", err);
	return read_bags(p, sgl_ber_over(bytes), 0, err);
}

/* EncryptedData (RFC 5652 8) around the SafeContents. */
static sgl_status
read_encrypted_safe(p12 *p, sgl_der info, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	SGL_AUTO_CLEAR(sgl_secret) clear = {0};
	sgl_der content, data, inner;
	sgl_slice type, algorithm, bytes;
	uint64_t version;

	TRY(make_room(&store, &info, err));
	if (!sgl_der_read(&info, SGL_CONTEXT(0), &content) ||
	    !sgl_der_read(&content, SGL_SEQUENCE, &data) ||
	    !sgl_der_read_uint(&data, &version) ||
	    !sgl_der_read(&data, SGL_SEQUENCE, &inner) ||
	    !sgl_der_read_oid(&inner, &type) ||
	    !sgl_der_read_whole(&inner, SGL_SEQUENCE, &algorithm) ||
	    !sgl_der_read_octets(
		&inner, SGL_CONTEXT_PRIMITIVE(0), &bytes, &store.buf))
		return malformed(p, &info, "malformed encrypted safe", err);
	TRY(sgl_pkcs12_spend(p->loader->engine, &p->loader->effort,
	    sgl_pbe_rounds(algorithm), err));
	TRY(sgl_pkcs12_decrypt(
	    p->loader->engine, &p->password, algorithm, bytes, &clear, err));
	return read_bags(p, sgl_ber_over(sgl_secret_slice(&clear)), 0, err);
}

static sgl_status
read_safe(p12 *p, sgl_der info, sgl_err *err)
{
	char text[SGL_OID_TEXT];
	sgl_slice type;
	sgl_oid oid;

	if (!sgl_der_read_oid(&info, &type))
		return malformed(p, &info, "malformed safe", err);
	oid = sgl_oid_find(type);
	if (oid == SGL_OID_DATA)
		return read_plain_safe(p, info, err);
	if (oid == SGL_OID_ENCRYPTED_DATA)
		return read_encrypted_safe(p, info, err);
	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    "a PKCS#12 safe that no password opens", "%s",
	    sgl_oid_label(type, text));
}

static sgl_status
read_safes(p12 *p, sgl_slice authenticated, sgl_err *err)
{
	sgl_der in = sgl_ber_over(authenticated), safes, info;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &safes) || !sgl_der_done(&in))
		return malformed(p, &in, "malformed AuthenticatedSafe", err);
	while (!sgl_der_done(&safes)) {
		if (!sgl_der_read(&safes, SGL_SEQUENCE, &info))
			return malformed(
			    p, &safes, "malformed AuthenticatedSafe", err);
		TRY(read_safe(p, info, err));
	}
	return SGL_OK;
}

/* authSafe, whose OCTET STRING is what the MAC covers. */
static sgl_status
read_auth_safe(
    p12 *p, sgl_der *pfx, sgl_slice *content, sgl_wiped *store, sgl_err *err)
{
	sgl_slice type;
	sgl_der info;

	if (!sgl_der_read(pfx, SGL_SEQUENCE, &info) ||
	    !sgl_der_read_oid(&info, &type))
		return malformed(p, pfx, "malformed PKCS#12", err);
	if (sgl_oid_find(type) == SGL_OID_SIGNED_DATA)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, 0,
		    "a PKCS#12 protected by a signature, not by a password");
	if (sgl_oid_find(type) != SGL_OID_DATA ||
	    !read_explicit_octets(&info, content, store) ||
	    !sgl_der_done(&info))
		return malformed(p, &info, "malformed PKCS#12", err);
	return SGL_OK;
}

sgl_status
sgl_pkcs12_read(sgl_loader *l, sgl_slice ber, sgl_err *err)
{
	p12 p = {l, sgl_pkcs12_password_over(l->password), ber.data};
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_der in = sgl_ber_over(ber), pfx;
	sgl_slice content = {0};
	sgl_pkcs12_mac mac;
	uint64_t version;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &pfx) ||
	    !sgl_der_read_uint(&pfx, &version))
		return malformed(&p, &in, "malformed PKCS#12", err);
	TRY(make_room(&store, &pfx, err));
	TRY(read_auth_safe(&p, &pfx, &content, &store, err));
	if (!sgl_der_done(&pfx)) {
		if (!sgl_pkcs12_mac_read(&pfx, &mac) || !sgl_der_done(&pfx))
			return malformed(&p, &pfx, "malformed MacData", err);
		TRY(sgl_pkcs12_spend(
		    l->engine, &l->effort, mac.iterations, err));
		TRY(sgl_pkcs12_password_settle(
		    &p.password, l->engine, &mac, content, err));
	}
	return read_safes(&p, content, err);
}
