/* SPDX-License-Identifier: Apache-2.0 */
/* OCSPResponse as others made it: RFC 6960 4.2.1. */
#include <assert.h>

#include "crypto/hash.h"
#include "pki/cert_read.h"
#include "pki/ocsp_inside.h"

#define ROOM "pki.ocsp"

sgl_ocsp *
sgl_ocsp_ref(sgl_ocsp *ocsp)
{
	ocsp->refs++;
	return ocsp;
}

void
sgl_ocsp_unref(sgl_ocsp *ocsp)
{
	if (ocsp == NULL)
		return;
	assert(ocsp->refs > 0);
	if (--ocsp->refs > 0)
		return;
	sgl_certs_clear(&ocsp->certs);
	sgl_mem_free(ocsp);
}

/* The bytes live behind the struct. */
static sgl_status
ocsp_over_copy(sgl_slice der, sgl_ocsp **out, sgl_err *err)
{
	sgl_ocsp *ocsp = sgl_mem_zeroed(1, sizeof *ocsp + der.len);

	if (ocsp == NULL)
		return sgl_oom(err, ROOM);
	if (der.len > 0)
		memcpy(ocsp + 1, der.data, der.len);
	ocsp->refs = 1;
	ocsp->der = sgl_slice_of(ocsp + 1, der.len);
	*out = ocsp;
	return SGL_OK;
}

/* RevokedInfo, [1] IMPLICIT */
static bool
read_revoked(sgl_der body, sgl_ocsp_single *out)
{
	sgl_der wrap;
	sgl_slice byte;
	bool present;

	if (!sgl_lax_read_time(&body, &out->revoked_at) ||
	    !sgl_der_read_opt(&body, SGL_CONTEXT(0), &wrap, &present) ||
	    !sgl_der_done(&body))
		return false;
	if (!present)
		return true;
	if (!sgl_der_read_bytes(&wrap, SGL_ENUMERATED, &byte) ||
	    !sgl_der_done(&wrap))
		return false;
	if (byte.len == 1 && byte.data[0] <= 10)
		out->reason = byte.data[0];
	return true;
}

static bool
read_status(sgl_der *in, sgl_ocsp_single *out)
{
	sgl_der body;
	sgl_tag tag;

	out->reason = -1;
	out->revoked_at = 0;
	if (!sgl_der_read_any(in, &tag, NULL, &body))
		return false;
	switch (tag) {
	case SGL_CONTEXT_PRIMITIVE(0):
		out->status = SGL_OCSP_GOOD;
		return sgl_der_done(&body);
	case SGL_CONTEXT(1):
		out->status = SGL_OCSP_REVOKED;
		return read_revoked(body, out);
	case SGL_CONTEXT_PRIMITIVE(2):
		out->status = SGL_OCSP_UNKNOWN;
		return sgl_der_done(&body);
	default:
		return false;
	}
}

bool
sgl_ocsp_single_read(sgl_der *in, sgl_ocsp_single *out)
{
	sgl_der look = *in, body, next, exts;
	bool present;

	if (!sgl_der_read(&look, SGL_SEQUENCE, &body) ||
	    !sgl_ocsp_id_read(&body, &out->id) || !read_status(&body, out) ||
	    !sgl_lax_read_time(&body, &out->this_update) ||
	    !sgl_der_read_opt(
		&body, SGL_CONTEXT(0), &next, &out->has_next_update))
		return false;
	if (out->has_next_update &&
	    (!sgl_lax_read_time(&next, &out->next_update) ||
		!sgl_der_done(&next)))
		return false;
	out->is_unusable = false;
	if (!sgl_der_read_opt(&body, SGL_CONTEXT(1), &exts, &present) ||
	    (present && !sgl_ocsp_exts_read(exts, NULL, &out->is_unusable)) ||
	    !sgl_der_done(&body))
		return false;
	*in = look;
	return true;
}

/* CHOICE { byName [1] Name, byKey [2] OCTET STRING } */
static bool
read_responder(sgl_ocsp *ocsp, sgl_der *data)
{
	sgl_der body;

	if (sgl_der_read(data, SGL_CONTEXT(1), &body))
		return sgl_der_read_whole(
			   &body, SGL_SEQUENCE, &ocsp->responder_name) &&
		    sgl_der_done(&body);
	return sgl_der_read(data, SGL_CONTEXT(2), &body) &&
	    sgl_der_read_bytes(&body, SGL_OCTET_STRING, &ocsp->responder_key) &&
	    sgl_der_done(&body);
}

static bool
read_responses(sgl_ocsp *ocsp, sgl_der *data)
{
	sgl_ocsp_single single;
	sgl_der list;

	if (!sgl_der_read(data, SGL_SEQUENCE, &list))
		return false;
	ocsp->responses = sgl_der_rest(&list);
	for (; !sgl_der_done(&list); ocsp->num_responses++)
		if (!sgl_ocsp_single_read(&list, &single))
			return false;
	return true;
}

/* ResponseData */
static bool
read_data(sgl_ocsp *ocsp, sgl_der *data)
{
	sgl_der version, exts;
	uint64_t n;
	bool present;

	if (!sgl_der_read_opt(data, SGL_CONTEXT(0), &version, &present) ||
	    (present &&
		(!sgl_der_read_uint(&version, &n) || n != 0 ||
		    !sgl_der_done(&version))))
		return false;
	if (!read_responder(ocsp, data) ||
	    !sgl_lax_read_time(data, &ocsp->produced_at) ||
	    !read_responses(ocsp, data) ||
	    !sgl_der_read_opt(data, SGL_CONTEXT(1), &exts, &present))
		return false;
	if (present &&
	    !sgl_ocsp_exts_read(exts, &ocsp->nonce, &ocsp->is_unusable))
		return false;
	return sgl_der_done(data);
}

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "an OCSP response is malformed");
}

/* What is no certificate that we can read cannot be the signer's. */
static sgl_status
read_cert(sgl_engine *engine, sgl_ocsp *ocsp, sgl_slice der, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_status status = sgl_cert_read(engine, der, &cert, err);

	if (status == SGL_E_ENCODING)
		return SGL_OK;
	TRY(status);
	return sgl_certs_add(&ocsp->certs, cert, err);
}

static sgl_status
read_certs(sgl_engine *engine, sgl_ocsp *ocsp, sgl_der *basic, sgl_err *err)
{
	sgl_der wrap, list;
	sgl_slice one;
	bool present;

	if (!sgl_der_read_opt(basic, SGL_CONTEXT(0), &wrap, &present))
		return malformed(basic, err);
	if (!present)
		return SGL_OK;
	if (!sgl_der_read(&wrap, SGL_SEQUENCE, &list) || !sgl_der_done(&wrap))
		return malformed(&wrap, err);
	for (size_t i = 0; !sgl_der_done(&list); i++) {
		if (i == SGL_OCSP_CERTS)
			return sgl_fail(err, SGL_E_LIMIT, ROOM,
			    sgl_der_offset(&list),
			    "an OCSP response with too many certificates");
		if (!sgl_der_read_any(&list, NULL, &one, NULL))
			return malformed(&list, err);
		TRY(read_cert(engine, ocsp, one, err));
	}
	return SGL_OK;
}

static sgl_status
read_basic(sgl_engine *engine, sgl_ocsp *ocsp, sgl_der basic, sgl_err *err)
{
	sgl_der look = basic, data;

	if (!sgl_der_read_whole(&look, SGL_SEQUENCE, &ocsp->tbs) ||
	    !sgl_der_read(&basic, SGL_SEQUENCE, &data))
		return malformed(&basic, err);
	if (!read_data(ocsp, &data))
		return malformed(&data, err);
	if (!sgl_der_read_whole(&basic, SGL_SEQUENCE, &ocsp->algorithm) ||
	    !sgl_read_signature(&basic, &ocsp->signature))
		return malformed(&basic, err);
	TRY(read_certs(engine, ocsp, &basic, err));
	return sgl_der_done(&basic) ? SGL_OK : malformed(&basic, err);
}

/* ResponseBytes, in [0]: its type, and the DER of what is of that type. */
static sgl_status
read_bytes(sgl_engine *engine, sgl_ocsp *ocsp, sgl_der wrap, sgl_err *err)
{
	sgl_der bytes, octets, basic;
	sgl_slice type;

	if (!sgl_der_read(&wrap, SGL_SEQUENCE, &bytes) ||
	    !sgl_der_done(&wrap) || !sgl_der_read_oid(&bytes, &type))
		return malformed(&wrap, err);
	if (sgl_oid_find(type) != SGL_OID_OCSP_BASIC)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(&bytes),
		    "an OCSP response is not of the basic type");
	if (!sgl_der_read(&bytes, SGL_OCTET_STRING, &octets) ||
	    !sgl_der_done(&bytes) ||
	    !sgl_der_read(&octets, SGL_SEQUENCE, &basic) ||
	    !sgl_der_done(&octets))
		return malformed(&bytes, err);
	return read_basic(engine, ocsp, basic, err);
}

static sgl_status
read_outer(sgl_engine *engine, sgl_ocsp *ocsp, sgl_err *err)
{
	sgl_der in = sgl_der_over(ocsp->der), outer, wrap;
	sgl_slice byte;
	bool present;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &outer) || !sgl_der_done(&in) ||
	    !sgl_der_read_bytes(&outer, SGL_ENUMERATED, &byte) ||
	    byte.len != 1 ||
	    !sgl_der_read_opt(&outer, SGL_CONTEXT(0), &wrap, &present) ||
	    !sgl_der_done(&outer))
		return malformed(&in, err);
	ocsp->error = byte.data[0];
	if (ocsp->error != SGL_OCSP_SUCCESSFUL)
		return SGL_OK;
	return present ? read_bytes(engine, ocsp, wrap, err)
		       : malformed(&outer, err);
}

sgl_status
sgl_ocsp_read(sgl_engine *engine, sgl_slice der, sgl_ocsp **out, sgl_err *err)
{
	SGL_AUTO(sgl_ocsp)
	ocsp = NULL;
	sgl_digest d;

	if (der.len > sgl_engine_limits(engine)->element)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "an OCSP response is too long");
	TRY(ocsp_over_copy(der, &ocsp, err));
	TRY(read_outer(engine, ocsp, err));
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256, ocsp->der, &d, err));
	memcpy(ocsp->fingerprint, d.bytes, sizeof ocsp->fingerprint);
	*out = SGL_TAKE(&ocsp);
	return SGL_OK;
}
