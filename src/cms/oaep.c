/* SPDX-License-Identifier: Apache-2.0 */
/* RSAES-OAEP-params: RFC 4055 4.1, RFC 3560. */
#include "cms/alg_inside.h"

#define ROOM "cms.oaep"

/* AlgorithmIdentifier: *in is left at the parameters. */
/* [n] EXPLICIT around one whole AlgorithmIdentifier. */
static bool
read_tagged(sgl_der *in, unsigned n, sgl_slice *whole, bool *present)
{
	sgl_der look = *in, body;

	if (!sgl_der_read_opt(&look, SGL_CONTEXT(n), &body, present))
		return false;
	if (*present &&
	    (!sgl_der_read_whole(&body, SGL_SEQUENCE, whole) ||
		!sgl_der_done(&body)))
		return false;
	*in = look;
	return true;
}

static sgl_status
read_oaep_digest(sgl_der *in, sgl_oaep *out, sgl_err *err)
{
	sgl_slice whole;
	bool present;

	if (!read_tagged(in, 0, &whole, &present))
		return sgl_alg_malformed(in, "OAEP digest is malformed", err);
	return present ? sgl_digest_alg_read(whole, &out->digest, err) : SGL_OK;
}

static sgl_status
read_oaep_mgf(sgl_der *in, sgl_oaep *out, sgl_err *err)
{
	sgl_slice whole, oid;
	bool present;
	sgl_der params;

	if (!read_tagged(in, 1, &whole, &present))
		return sgl_alg_malformed(
		    in, "OAEP mask generation is malformed", err);
	if (!present)
		return SGL_OK;
	TRY(sgl_alg_open(whole, &params, &oid, err));
	if (sgl_oid_find(oid) != SGL_OID_MGF1)
		return sgl_alg_unsupported(
		    oid, "mask generation is not supported", err);
	return sgl_digest_alg_read(sgl_der_rest(&params), &out->mgf, err);
}

static sgl_status
read_oaep_label(sgl_der *in, sgl_oaep *out, sgl_err *err)
{
	sgl_slice whole, oid;
	bool present;
	sgl_der params;

	if (!read_tagged(in, 2, &whole, &present))
		return sgl_alg_malformed(
		    in, "OAEP label source is malformed", err);
	if (!present)
		return SGL_OK;
	TRY(sgl_alg_open(whole, &params, &oid, err));
	if (sgl_oid_find(oid) != SGL_OID_P_SPECIFIED)
		return sgl_alg_unsupported(
		    oid, "label source is not supported", err);
	if (!sgl_der_read_bytes(&params, SGL_OCTET_STRING, &out->label) ||
	    !sgl_der_done(&params))
		return sgl_alg_malformed(
		    &params, "OAEP label is malformed", err);
	return SGL_OK;
}

sgl_status
sgl_oaep_read(sgl_slice algorithm, sgl_oaep *out, sgl_err *err)
{
	sgl_oaep oaep = {.digest = SGL_DIGEST_SHA1, .mgf = SGL_DIGEST_SHA1};
	sgl_der in, params;
	sgl_slice oid;

	TRY(sgl_alg_open(algorithm, &in, &oid, err));
	if (sgl_oid_find(oid) != SGL_OID_RSAES_OAEP)
		return sgl_alg_unsupported(
		    oid, "key transport is not OAEP", err);
	/* @req rfc4055-4.1: here the parameters must be present. */
	if (!sgl_der_read(&in, SGL_SEQUENCE, &params) || !sgl_der_done(&in))
		return sgl_alg_malformed(
		    &in, "OAEP parameters are missing", err);
	TRY(read_oaep_digest(&params, &oaep, err));
	TRY(read_oaep_mgf(&params, &oaep, err));
	TRY(read_oaep_label(&params, &oaep, err));
	if (!sgl_der_done(&params))
		return sgl_alg_malformed(
		    &params, "OAEP parameters have something behind", err);
	*out = oaep;
	return SGL_OK;
}

/* RFC 4055 2.1: here with NULL, unlike as digestAlgorithm of CMS. */
static void
add_digest_null(sgl_derb *b, sgl_digest_alg digest)
{
	size_t seq = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(sgl_digest_alg_oid(digest)));
	sgl_derb_null(b);
	sgl_derb_close(b, seq);
}

static void
add_tagged_digest(sgl_derb *b, sgl_digest_alg digest)
{
	size_t mark = sgl_derb_open(b, SGL_CONTEXT(0));

	add_digest_null(b, digest);
	sgl_derb_close(b, mark);
}

static void
add_tagged_mgf(sgl_derb *b, sgl_digest_alg digest)
{
	size_t mark = sgl_derb_open(b, SGL_CONTEXT(1));
	size_t seq = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(SGL_OID_MGF1));
	add_digest_null(b, digest);
	sgl_derb_close(b, seq);
	sgl_derb_close(b, mark);
}

static void
add_tagged_label(sgl_derb *b, sgl_slice label)
{
	size_t mark = sgl_derb_open(b, SGL_CONTEXT(2));
	size_t seq = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(SGL_OID_P_SPECIFIED));
	sgl_derb_octets(b, label);
	sgl_derb_close(b, seq);
	sgl_derb_close(b, mark);
}

void
sgl_oaep_add(sgl_derb *b, const sgl_oaep *oaep)
{
	size_t outer = sgl_derb_open(b, SGL_SEQUENCE), params;

	sgl_derb_oid(b, sgl_oid_der(SGL_OID_RSAES_OAEP));
	params = sgl_derb_open(b, SGL_SEQUENCE);
	/* DER leaves out what is the default. */
	if (oaep->digest != SGL_DIGEST_SHA1)
		add_tagged_digest(b, oaep->digest);
	if (oaep->mgf != SGL_DIGEST_SHA1)
		add_tagged_mgf(b, oaep->mgf);
	if (oaep->label.len > 0)
		add_tagged_label(b, oaep->label);
	sgl_derb_close(b, params);
	sgl_derb_close(b, outer);
}
