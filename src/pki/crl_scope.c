/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl_scope.h"

#include "asn1/builder.h"
#include "pki/cert_read.h"
#include "pki/general.h"
#include "pki/name.h"

bool
sgl_crl_point_read(sgl_der *in, sgl_crl_point *out)
{
	sgl_der body, field;
	sgl_slice bits;
	bool present;

	*out = (sgl_crl_point){.reasons = SGL_ALL_REASONS};
	if (!sgl_der_read(in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_opt(&body, SGL_CONTEXT(0), &field, &present))
		return false;
	if (present)
		out->name = sgl_der_rest(&field);
	if (sgl_der_next_is(&body, SGL_CONTEXT_PRIMITIVE(1))) {
		if (!sgl_der_read_bytes(
			&body, SGL_CONTEXT_PRIMITIVE(1), &bits) ||
		    !sgl_lax_flags(bits, &out->reasons))
			return false;
		out->reasons &= SGL_ALL_REASONS;
	}
	if (!sgl_der_read_opt(&body, SGL_CONTEXT(2), &field, &present))
		return false;
	if (present)
		out->crl_issuer = sgl_der_rest(&field);
	return sgl_der_done(&body);
}

sgl_crl_point
sgl_crl_point_default(void)
{
	return (sgl_crl_point){.reasons = SGL_ALL_REASONS, .is_default = true};
}

/* GeneralNames of one directoryName: [4] { Name }. */
static sgl_status
wrap_name(sgl_slice name, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);

	sgl_derb_bytes(&b, SGL_CONTEXT(4), name);
	return sgl_derb_end(&b, err);
}

/* nameRelativeToCRLIssuer: one more RDN under the issuer's name. */
static sgl_status
append_rdn(sgl_slice issuer, sgl_slice avas, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	sgl_der rdns;
	size_t wrap, name;

	if (!sgl_name_open(issuer, &rdns))
		return SGL_OK; /* no name: matches none */
	wrap = sgl_derb_open(&b, SGL_CONTEXT(4));
	name = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_raw(&b, sgl_der_rest(&rdns));
	sgl_derb_bytes(&b, SGL_SET, avas);
	sgl_derb_close(&b, name);
	sgl_derb_close(&b, wrap);
	return sgl_derb_end(&b, err);
}

/* DistributionPointName as GeneralNames; one that is relative to `issuer` is
 * put together in *store. What cannot be read is no name. */
static sgl_status
read_point_name(sgl_slice contents, sgl_slice issuer, sgl_buf *store,
    sgl_slice *out, sgl_err *err)
{
	sgl_der in = sgl_der_over(contents), body;

	*out = (sgl_slice){0};
	if (sgl_der_read(&in, SGL_CONTEXT(0), &body)) {
		*out = sgl_der_rest(&body);
		return SGL_OK;
	}
	if (!sgl_der_read(&in, SGL_CONTEXT(1), &body))
		return SGL_OK;
	TRY(append_rdn(issuer, sgl_der_rest(&body), store, err));
	*out = sgl_buf_slice(store);
	return SGL_OK;
}

static bool
same_general(const sgl_general *a, const sgl_general *b)
{
	if (a->kind != b->kind || a->kind == SGL_GENERAL_BAD)
		return false;
	if (a->kind == SGL_GENERAL_DIRECTORY)
		return sgl_name_same(a->value, b->value);
	return sgl_slice_eq(a->value, b->value);
}

static bool
have_common(sgl_slice a, sgl_slice b, uint32_t *effort)
{
	sgl_der in_a = sgl_der_over(a);
	sgl_general x, y;

	while (sgl_general_read(&in_a, &x)) {
		sgl_der in_b = sgl_der_over(b);

		while (sgl_general_read(&in_b, &y)) {
			if (*effort == 0)
				return false;
			--*effort;
			if (same_general(&x, &y))
				return true;
		}
	}
	return false;
}

static bool
names_directory(sgl_slice names, sgl_slice directory)
{
	sgl_der in = sgl_der_over(names);
	sgl_general name;

	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_DIRECTORY &&
		    sgl_name_same(name.value, directory))
			return true;
	return false;
}

/* The first directoryName, which a relative name of the point extends. */
static sgl_slice
first_directory(sgl_slice names)
{
	sgl_der in = sgl_der_over(names);
	sgl_general name;

	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_DIRECTORY)
			return name.value;
	return (sgl_slice){0};
}

/* (b)(1) */
static bool
is_of_issuer(
    const sgl_crl *crl, const sgl_crl_point *point, const sgl_cert *cert)
{
	if (point->crl_issuer.len > 0)
		return crl->is_indirect &&
		    names_directory(point->crl_issuer, crl->issuer);
	return crl->issuer_hash == cert->issuer_hash &&
	    sgl_name_same(crl->issuer, cert->issuer);
}

/* The names under which the certificate looks for the CRL. */
static sgl_status
read_wanted(const sgl_crl_point *point, const sgl_cert *cert, sgl_buf *store,
    sgl_slice *out, sgl_err *err)
{
	sgl_slice base = cert->issuer;

	if (point->name.len == 0 && point->crl_issuer.len > 0) {
		*out = point->crl_issuer;
		return SGL_OK;
	}
	if (point->name.len == 0) {
		TRY(wrap_name(cert->issuer, store, err));
		*out = sgl_buf_slice(store);
		return SGL_OK;
	}
	if (point->crl_issuer.len > 0)
		base = first_directory(point->crl_issuer);
	return read_point_name(point->name, base, store, out, err);
}

/* (b)(2)(i) */
static sgl_status
is_at_point(const sgl_crl *crl, const sgl_crl_point *point,
    const sgl_cert *cert, uint32_t *effort, bool *is, sgl_err *err)
{
	size_t max = crl->idp_name.len + crl->issuer.len + cert->der.len + 64;
	SGL_AUTO_CLEAR(sgl_buf) store_a = sgl_buf_init(max);
	SGL_AUTO_CLEAR(sgl_buf) store_b = sgl_buf_init(max);
	sgl_slice offered, wanted;

	*is = crl->idp_name.len == 0;
	if (*is)
		return SGL_OK;
	TRY(read_point_name(
	    crl->idp_name, crl->issuer, &store_a, &offered, err));
	TRY(read_wanted(point, cert, &store_b, &wanted, err));
	*is = have_common(offered, wanted, effort);
	return SGL_OK;
}

sgl_status
sgl_crl_covers(const sgl_crl *crl, const sgl_crl_point *point,
    const sgl_cert *cert, uint32_t *effort, bool *covers, sgl_err *err)
{
	*covers = false;
	if (*effort == 0)
		return SGL_OK;
	--*effort;
	/* (b)(2)(ii) to (iv) */
	if (crl->is_unusable || (crl->only_user_certs && cert->is_ca) ||
	    (crl->only_ca_certs && !cert->is_ca) || crl->only_attribute_certs ||
	    !is_of_issuer(crl, point, cert))
		return SGL_OK;
	return is_at_point(crl, point, cert, effort, covers, err);
}

/* Magnitudes without leading zeros. */
static int
compare_numbers(sgl_slice a, sgl_slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return sgl_slice_compare(a, b);
}

bool
sgl_crl_fits_delta(const sgl_crl *base, const sgl_crl *delta)
{
	return delta->is_delta && !delta->is_unusable &&
	    base->number.data != NULL && delta->number.data != NULL &&
	    base->issuer_hash == delta->issuer_hash &&
	    sgl_name_same(base->issuer, delta->issuer) &&
	    sgl_slice_eq(base->idp, delta->idp) &&
	    sgl_slice_eq(base->aki_key_id, delta->aki_key_id) &&
	    compare_numbers(delta->base_number, base->number) <= 0 &&
	    compare_numbers(base->number, delta->number) < 0;
}
