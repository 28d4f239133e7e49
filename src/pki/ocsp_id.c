/* SPDX-License-Identifier: Apache-2.0 */
/* CertIDs and nonces: RFC 6960 4.1.1, RFC 9654. */
#include "crypto/hash.h"
#include "pki/cert_read.h"
#include "pki/ocsp_inside.h"

#define ROOM "pki.ocsp"

static sgl_status
hash_to(sgl_engine *engine, sgl_digest_alg alg, sgl_slice in, uint8_t *out,
    sgl_err *err)
{
	sgl_digest d;

	TRY(sgl_hash_once(engine, alg, in, &d, err));
	memcpy(out, d.bytes, d.len);
	return SGL_OK;
}

/* The key itself, without the AlgorithmIdentifier. */
static sgl_slice
key_bits(const sgl_cert *cert)
{
	sgl_der in = sgl_der_over(cert->spki), spki;
	sgl_slice bits = {0};
	unsigned unused;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &spki) ||
	    !sgl_der_read(&spki, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read_bits(&spki, &bits, &unused))
		return (sgl_slice){0}; /* it was read before */
	return bits;
}

sgl_status
sgl_ocsp_issuer_init(sgl_engine *engine, const sgl_cert *issuer,
    sgl_ocsp_issuer *out, sgl_err *err)
{
	sgl_slice name = issuer->subject;

	memcpy(out->key_sha1, issuer->key_id, sizeof out->key_sha1);
	TRY(hash_to(engine, SGL_DIGEST_SHA1, name, out->name_sha1, err));
	TRY(hash_to(engine, SGL_DIGEST_SHA256, name, out->name_sha256, err));
	return hash_to(
	    engine, SGL_DIGEST_SHA256, key_bits(issuer), out->key_sha256, err);
}

static bool
hashes_of(const sgl_ocsp_issuer *issuer, sgl_digest_alg digest, sgl_slice *name,
    sgl_slice *key)
{
	switch (digest) {
	case SGL_DIGEST_SHA1:
		*name = sgl_slice_of(issuer->name_sha1, 20);
		*key = sgl_slice_of(issuer->key_sha1, 20);
		return true;
	case SGL_DIGEST_SHA256:
		*name = sgl_slice_of(issuer->name_sha256, 32);
		*key = sgl_slice_of(issuer->key_sha256, 32);
		return true;
	case SGL_DIGEST_NONE:
	case SGL_DIGEST_MD5:
	case SGL_DIGEST_SHA224:
	case SGL_DIGEST_SHA384:
	case SGL_DIGEST_SHA512:
		break;
	}
	return false;
}

bool
sgl_ocsp_issuer_is(const sgl_ocsp_issuer *issuer, const sgl_ocsp_id *id)
{
	sgl_slice name, key;

	return hashes_of(issuer, id->digest, &name, &key) &&
	    sgl_slice_eq(name, id->name_hash) &&
	    sgl_slice_eq(key, id->key_hash);
}

bool
sgl_ocsp_id_read(sgl_der *in, sgl_ocsp_id *out)
{
	sgl_der look = *in, id, algorithm;
	sgl_slice oid;

	if (!sgl_der_read_whole(&look, SGL_SEQUENCE, &out->whole) ||
	    !sgl_der_read(in, SGL_SEQUENCE, &id) ||
	    !sgl_der_read(&id, SGL_SEQUENCE, &algorithm) ||
	    !sgl_der_read_oid(&algorithm, &oid) ||
	    !sgl_der_read_bytes(&id, SGL_OCTET_STRING, &out->name_hash) ||
	    !sgl_der_read_bytes(&id, SGL_OCTET_STRING, &out->key_hash) ||
	    !sgl_der_read_integer(&id, &out->serial) || !sgl_der_done(&id))
		return false;
	out->digest = sgl_digest_alg_from_oid(sgl_oid_find(oid));
	return true;
}

sgl_status
sgl_ocsp_id_build(const sgl_ocsp_issuer *issuer, sgl_digest_alg digest,
    sgl_slice serial, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	sgl_slice name, key;
	size_t id;

	if (!hashes_of(issuer, digest, &name, &key) || serial.len == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a CertID has a serial number, and SHA-1 or SHA-256");
	id = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_digest_alg_add_null(&b, digest);
	sgl_derb_octets(&b, name);
	sgl_derb_octets(&b, key);
	sgl_derb_bytes(&b, SGL_INTEGER, serial);
	sgl_derb_close(&b, id);
	return sgl_derb_end(&b, err);
}

void
sgl_ocsp_add_nonce(sgl_derb *b, sgl_slice nonce)
{
	sgl_ext_marks ext = sgl_derb_open_ext(b, SGL_OID_OCSP_NONCE, false);

	sgl_derb_octets(b, nonce);
	sgl_derb_close_ext(b, ext);
}

/* @req rfc9654-2.1
 * An OCTET STRING of 1 to 128 bytes in the extension's value. */
static bool
read_nonce(sgl_slice value, sgl_slice *nonce)
{
	sgl_der in = sgl_der_over(value);

	return nonce->len == 0 &&
	    sgl_der_read_bytes(&in, SGL_OCTET_STRING, nonce) &&
	    sgl_der_done(&in) && nonce->len > 0 &&
	    nonce->len <= SGL_OCSP_NONCE_MAX;
}

bool
sgl_ocsp_exts_read(sgl_der wrap, sgl_slice *nonce, bool *critical)
{
	sgl_der list;
	sgl_ext ext;

	if (!sgl_der_read(&wrap, SGL_SEQUENCE, &list) || !sgl_der_done(&wrap))
		return false;
	while (!sgl_der_done(&list)) {
		if (!sgl_ext_read(&list, &ext))
			return false;
		if (nonce != NULL &&
		    sgl_slice_eq(ext.oid, sgl_oid_der(SGL_OID_OCSP_NONCE))) {
			if (!read_nonce(ext.value, nonce))
				return false;
		} else if (ext.critical) {
			*critical = true;
		}
	}
	return true;
}
