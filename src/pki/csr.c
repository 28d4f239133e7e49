/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/csr.h"

#include "crypto/hash.h"
#include "pki/cert_read.h"
#include "pki/signed.h"

#define ROOM "pki.csr"
#define MAX_CHALLENGE 255 /* RFC 2985 5.4.1, pkcs-9-ub-challengePassword */

void
sgl_csr_free(sgl_csr *csr)
{
	if (csr == NULL)
		return;
	sgl_buf_wipe(&csr->challenge);
	sgl_mem_free(csr->asked.addresses);
	sgl_mem_free(csr->asked.address_store);
	sgl_mem_wipe(csr, sizeof *csr + csr->asked.der.len);
	sgl_mem_free(csr);
}

/* The bytes live behind the struct. */
static sgl_csr *
csr_over_copy(sgl_slice der)
{
	sgl_csr *csr = sgl_mem_zeroed(1, sizeof *csr + der.len);

	if (csr == NULL)
		return NULL;
	if (der.len > 0)
		memcpy(csr + 1, der.data, der.len);
	csr->asked.der = sgl_slice_of(csr + 1, der.len);
	csr->asked.refs = 1;
	csr->asked.version = 3;
	csr->asked.key_usage = SGL_KU_ALL;
	csr->challenge = sgl_buf_init(MAX_CHALLENGE * 4);
	csr->challenge.secret = true;
	return csr;
}

static bool
read_challenge(sgl_csr *csr, sgl_der value)
{
	sgl_der body;
	sgl_tag tag;

	if (csr->has_challenge ||
	    !sgl_der_read_any(&value, &tag, NULL, &body) ||
	    !sgl_der_done(&value))
		return false;
	csr->has_challenge = true;
	return sgl_der_text(tag, sgl_der_rest(&body), &csr->challenge);
}

/* RFC 2985 5.4.2 */
static bool
read_wishes(sgl_csr *csr, sgl_der value)
{
	sgl_der list;

	if (csr->asked.extensions.data != NULL ||
	    !sgl_der_read(&value, SGL_SEQUENCE, &list) || !sgl_der_done(&value))
		return false;
	csr->asked.extensions = sgl_der_rest(&list);
	return sgl_cert_read_extensions(&csr->asked, list);
}

/* DecryptKeyIdentifier and AsymmetricDecryptKeyIdentifier ::= OCTET STRING
 * (RFC 4108 2.2.5, RFC 7030 4.4.1.2) */
static bool
read_name(sgl_der value, sgl_slice *out)
{
	return out->data == NULL &&
	    sgl_der_read_bytes(&value, SGL_OCTET_STRING, out) &&
	    sgl_der_done(&value);
}

/* RFC 8551 2.5.2 */
static bool
read_capabilities(sgl_csr *csr, sgl_der value)
{
	sgl_der list;

	if (csr->capabilities.data != NULL ||
	    !sgl_der_read(&value, SGL_SEQUENCE, &list) || !sgl_der_done(&value))
		return false;
	csr->capabilities = sgl_der_rest(&list);
	return true;
}

/* Attributes that we do not know ask for nothing that we could grant. */
static bool
read_attribute(sgl_csr *csr, sgl_der *in)
{
	sgl_der attribute, values;
	sgl_slice type;

	if (!sgl_der_read(in, SGL_SEQUENCE, &attribute) ||
	    !sgl_der_read_oid(&attribute, &type) ||
	    !sgl_der_read(&attribute, SGL_SET, &values) ||
	    !sgl_der_done(&attribute))
		return false;
	/* RFC 2986 4.1 wants a value; some devices have none to give. */
	if (sgl_der_done(&values))
		return true;
	switch (sgl_oid_find(type)) {
	case SGL_OID_AA_CHALLENGE_PASSWORD:
		return read_challenge(csr, values);
	case SGL_OID_AA_EXTENSION_REQUEST:
	case SGL_OID_MS_CERT_EXTENSIONS: /* what certreq of Windows writes */
		return read_wishes(csr, values);
	case SGL_OID_AA_DECRYPT_KEY_ID:
		return read_name(values, &csr->secret_key_id);
	case SGL_OID_AA_ASYMM_DECRYPT_KEY_ID:
		return read_name(values, &csr->public_key_id);
	case SGL_OID_AA_SMIME_CAPABILITIES:
		return read_capabilities(csr, values);
	default:
		return true;
	}
}

/* RFC 2986 4.1. Some leave out the attributes where they have none. */
static bool
read_info(sgl_csr *csr, sgl_der *info)
{
	sgl_der attributes;
	uint64_t version;
	bool present;

	if (!sgl_der_read_uint(info, &version) || version != 0 ||
	    !sgl_der_read_whole(info, SGL_SEQUENCE, &csr->asked.subject) ||
	    !sgl_der_read_whole(info, SGL_SEQUENCE, &csr->asked.spki) ||
	    !sgl_der_read_opt(info, SGL_CONTEXT(0), &attributes, &present))
		return false;
	while (present && !sgl_der_done(&attributes))
		if (!read_attribute(csr, &attributes))
			return false;
	return sgl_der_done(info);
}

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "a certification request is malformed");
}

static sgl_status
read_outer(sgl_csr *csr, sgl_err *err)
{
	sgl_cert *c = &csr->asked;
	sgl_der in = sgl_der_over(c->der), outer, look, info;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &outer) || !sgl_der_done(&in))
		return malformed(&in, err);
	look = outer;
	if (!sgl_der_read_whole(&look, SGL_SEQUENCE, &c->tbs) ||
	    !sgl_der_read(&outer, SGL_SEQUENCE, &info))
		return malformed(&outer, err);
	if (!read_info(csr, &info))
		return malformed(&info, err);
	if (!sgl_der_read_whole(
		&outer, SGL_SEQUENCE, &c->signature_algorithm) ||
	    !sgl_read_signature(&outer, &c->signature) || !sgl_der_done(&outer))
		return malformed(&outer, err);
	c->tbs_algorithm = c->signature_algorithm;
	return SGL_OK;
}

sgl_status
sgl_csr_read(sgl_engine *engine, sgl_slice der, sgl_csr **out, sgl_err *err)
{
	SGL_AUTO(sgl_csr)
	csr = NULL;

	if (der.len > SGL_CSR_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "a certification request of more than 64 KiB");
	csr = csr_over_copy(der);
	if (csr == NULL)
		return sgl_oom(err, ROOM);
	/* So that text of the password needs no memory where lack of it would
	 * look like bad characters. */
	TRY(sgl_buf_reserve(&csr->challenge, csr->challenge.max, err));
	TRY(read_outer(csr, err));
	TRY(sgl_cert_read_digests(engine, &csr->asked, err));
	TRY(sgl_cert_read_addresses(&csr->asked, err));
	csr->asked.subject_hash = sgl_name_hash(csr->asked.subject);
	*out = SGL_TAKE(&csr);
	return SGL_OK;
}

sgl_status
sgl_csr_is_signed(
    sgl_engine *engine, const sgl_csr *csr, bool *good, sgl_err *err)
{
	return sgl_cert_is_signed_by(
	    engine, &csr->asked, &csr->asked, good, err);
}

sgl_status
sgl_csr_check_signed(sgl_engine *engine, const sgl_csr *csr, sgl_err *err)
{
	bool good = false;

	TRY(sgl_csr_is_signed(engine, csr, &good, err));
	return good ? SGL_OK
		    : sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
			  "the request is not signed with its own key");
}
