/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "crypto/hash.h"
#include "pki/cert_read.h"
#include "pki/crl_entry.h"

#define ROOM "pki.crl"

sgl_crl *
sgl_crl_ref(sgl_crl *crl)
{
	crl->refs++;
	return crl;
}

void
sgl_crl_unref(sgl_crl *crl)
{
	if (crl == NULL)
		return;
	assert(crl->refs > 0);
	if (--crl->refs > 0)
		return;
	sgl_mem_free(crl->index);
	sgl_mem_free(crl);
}

sgl_signed
sgl_crl_as_signed(const sgl_crl *crl)
{
	return (sgl_signed){crl->tbs, crl->tbs_algorithm,
	    crl->signature_algorithm, crl->signature, crl->fingerprint};
}

/* The bytes live behind the struct. Offsets in them have 32 bits. */
static sgl_status
crl_over_copy(sgl_slice der, sgl_crl **out, sgl_err *err)
{
	sgl_crl *crl;

	if (der.len > UINT32_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "a CRL of more than 4 GiB");
	crl = sgl_mem_resize(NULL, sizeof *crl + der.len);
	if (crl == NULL)
		return sgl_oom(err, ROOM);
	memset(crl, 0, sizeof *crl);
	if (der.len > 0)
		memcpy(crl + 1, der.data, der.len);
	crl->refs = 1;
	crl->reasons = SGL_ALL_REASONS;
	crl->der = sgl_slice_of(crl + 1, der.len);
	*out = crl;
	return SGL_OK;
}

static bool
read_implicit_bool(sgl_der *in, unsigned number, bool *value)
{
	sgl_slice byte;

	if (!sgl_der_next_is(in, SGL_CONTEXT_PRIMITIVE(number)))
		return true;
	if (!sgl_der_read_bytes(in, SGL_CONTEXT_PRIMITIVE(number), &byte) ||
	    byte.len != 1)
		return false;
	*value = byte.data[0] != 0;
	return true;
}

/* RFC 5280 5.2.5 */
static bool
read_idp(sgl_crl *crl, sgl_slice value)
{
	sgl_der in = sgl_der_over(value), body, name;
	sgl_slice bits;
	bool present;

	crl->idp = value;
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) || !sgl_der_done(&in) ||
	    !sgl_der_read_opt(&body, SGL_CONTEXT(0), &name, &present))
		return false;
	if (present)
		crl->idp_name = sgl_der_rest(&name);
	if (!read_implicit_bool(&body, 1, &crl->only_user_certs) ||
	    !read_implicit_bool(&body, 2, &crl->only_ca_certs))
		return false;
	if (sgl_der_next_is(&body, SGL_CONTEXT_PRIMITIVE(3)) &&
	    (!sgl_der_read_bytes(&body, SGL_CONTEXT_PRIMITIVE(3), &bits) ||
		!sgl_lax_flags(bits, &crl->reasons)))
		return false;
	crl->reasons &= SGL_ALL_REASONS;
	return read_implicit_bool(&body, 4, &crl->is_indirect) &&
	    read_implicit_bool(&body, 5, &crl->only_attribute_certs) &&
	    sgl_der_done(&body);
}

static bool
read_number(sgl_slice value, sgl_slice *out)
{
	sgl_der in = sgl_der_over(value);

	return sgl_der_read_unsigned(&in, out) && sgl_der_done(&in);
}

static bool
read_delta(sgl_crl *crl, sgl_slice value)
{
	crl->is_delta = true;
	return read_number(value, &crl->base_number);
}

static bool
read_crl_number(sgl_crl *crl, sgl_slice value)
{
	return read_number(value, &crl->number);
}

static bool
read_crl_aki(sgl_crl *crl, sgl_slice value)
{
	sgl_der in = sgl_der_over(value), body;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body))
		return false;
	return !sgl_der_next_is(&body, SGL_CONTEXT_PRIMITIVE(0)) ||
	    sgl_der_read_bytes(
		&body, SGL_CONTEXT_PRIMITIVE(0), &crl->aki_key_id);
}

static const struct {
	sgl_oid oid;
	bool (*read)(sgl_crl *crl, sgl_slice value);
} known[] = {
    {SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER, read_crl_aki},
    {SGL_OID_CE_CRL_NUMBER, read_crl_number},
    {SGL_OID_CE_ISSUING_DISTRIBUTION_POINT, read_idp},
    {SGL_OID_CE_DELTA_CRL_INDICATOR, read_delta},
};
#define NUM_KNOWN (sizeof known / sizeof *known)

static void
read_extension(sgl_crl *crl, const sgl_ext *ext, unsigned *seen)
{
	for (unsigned i = 0; i < NUM_KNOWN; i++) {
		if (!sgl_slice_eq(ext->oid, sgl_oid_der(known[i].oid)))
			continue;
		if ((*seen & 1u << i) != 0 || !known[i].read(crl, ext->value))
			crl->is_unusable = true;
		*seen |= 1u << i;
		return;
	}
	if (ext->critical)
		crl->is_unusable = true;
}

static bool
read_extensions(sgl_crl *crl, sgl_der *tbs)
{
	sgl_der wrap, list;
	sgl_ext ext;
	unsigned seen = 0;
	bool present;

	if (!sgl_der_read_opt(tbs, SGL_CONTEXT(0), &wrap, &present))
		return false;
	if (!present)
		return true;
	if (!sgl_der_read(&wrap, SGL_SEQUENCE, &list) || !sgl_der_done(&wrap))
		return false;
	while (!sgl_der_done(&list)) {
		if (!sgl_ext_read(&list, &ext))
			return false;
		read_extension(crl, &ext, &seen);
	}
	return true;
}

static bool
read_entries(sgl_crl *crl, sgl_der *tbs)
{
	sgl_der list;
	sgl_crl_entry entry;
	bool present;

	if (!sgl_der_read_opt(tbs, SGL_SEQUENCE, &list, &present))
		return false;
	if (!present)
		return true;
	crl->entries = sgl_der_rest(&list);
	for (; !sgl_der_done(&list); crl->num_entries++) {
		if (!sgl_crl_entry_read(&list, &entry))
			return false;
		if (entry.is_unusable)
			crl->is_unusable = true;
		if (entry.issuer.data != NULL)
			crl->has_other_issuers = true;
	}
	return true;
}

static bool
is_time_next(const sgl_der *in)
{
	return sgl_der_next_is(in, SGL_UTC_TIME) ||
	    sgl_der_next_is(in, SGL_GENERALIZED_TIME);
}

static bool
read_tbs(sgl_crl *crl, sgl_der *tbs)
{
	uint64_t version;

	/* RFC 5280 5.1.2.1: v2, or absent for v1. */
	if (sgl_der_next_is(tbs, SGL_INTEGER) &&
	    (!sgl_der_read_uint(tbs, &version) || version > 1))
		return false;
	if (!sgl_der_read_whole(tbs, SGL_SEQUENCE, &crl->tbs_algorithm) ||
	    !sgl_der_read_whole(tbs, SGL_SEQUENCE, &crl->issuer) ||
	    !sgl_lax_read_time(tbs, &crl->this_update))
		return false;
	crl->has_next_update = is_time_next(tbs);
	if (crl->has_next_update && !sgl_lax_read_time(tbs, &crl->next_update))
		return false;
	return read_entries(crl, tbs) && read_extensions(crl, tbs) &&
	    sgl_der_done(tbs);
}

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "a CRL is malformed");
}

static sgl_status
read_outer(sgl_crl *crl, sgl_err *err)
{
	sgl_der in = sgl_der_over(crl->der), outer, look, tbs;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &outer) || !sgl_der_done(&in))
		return malformed(&in, err);
	look = outer;
	if (!sgl_der_read_whole(&look, SGL_SEQUENCE, &crl->tbs) ||
	    !sgl_der_read(&outer, SGL_SEQUENCE, &tbs))
		return malformed(&outer, err);
	if (!read_tbs(crl, &tbs))
		return malformed(&tbs, err);
	if (!sgl_der_read_whole(
		&outer, SGL_SEQUENCE, &crl->signature_algorithm) ||
	    !sgl_read_signature(&outer, &crl->signature) ||
	    !sgl_der_done(&outer))
		return malformed(&outer, err);
	return SGL_OK;
}

sgl_status
sgl_crl_read(sgl_engine *engine, sgl_slice der, sgl_crl **out, sgl_err *err)
{
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_digest d;

	TRY(crl_over_copy(der, &crl, err));
	TRY(read_outer(crl, err));
	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256, crl->der, &d, err));
	memcpy(crl->fingerprint, d.bytes, sizeof crl->fingerprint);
	crl->issuer_hash = sgl_name_hash(crl->issuer);
	*out = SGL_TAKE(&crl);
	return SGL_OK;
}
