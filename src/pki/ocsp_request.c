/* SPDX-License-Identifier: Apache-2.0 */
/* OCSPRequest: RFC 6960 4.1. */
#include "pki/ocsp_inside.h"

#define ROOM "pki.ocsp"

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "an OCSP request is malformed");
}

/* Request ::= SEQUENCE { reqCert, singleRequestExtensions [0] OPTIONAL } */
static bool
read_one(sgl_der *list, sgl_ocsp_id *id, bool *critical)
{
	sgl_der one, exts;
	bool present;

	if (!sgl_der_read(list, SGL_SEQUENCE, &one) ||
	    !sgl_ocsp_id_read(&one, id) ||
	    !sgl_der_read_opt(&one, SGL_CONTEXT(0), &exts, &present) ||
	    !sgl_der_done(&one))
		return false;
	return !present || sgl_ocsp_exts_read(exts, NULL, critical);
}

static sgl_status
read_list(sgl_der *list, sgl_ocsp_request *out, bool *critical, sgl_err *err)
{
	while (!sgl_der_done(list)) {
		if (out->num_ids == SGL_OCSP_IDS)
			return sgl_fail(err, SGL_E_LIMIT, ROOM,
			    sgl_der_offset(list),
			    "an OCSP request about too many certificates");
		if (!read_one(list, &out->ids[out->num_ids], critical))
			return malformed(list, err);
		out->num_ids++;
	}
	return out->num_ids > 0 ? SGL_OK : malformed(list, err);
}

/* Version and requestorName, which nothing hangs on. */
static bool
read_front(sgl_der *tbs)
{
	sgl_der version;
	uint64_t n;
	bool present;

	if (!sgl_der_read_opt(tbs, SGL_CONTEXT(0), &version, &present) ||
	    (present &&
		(!sgl_der_read_uint(&version, &n) || n != 0 ||
		    !sgl_der_done(&version))))
		return false;
	return sgl_der_read_opt(tbs, SGL_CONTEXT(1), NULL, &present);
}

static sgl_status
read_tbs(sgl_der *tbs, sgl_ocsp_request *out, sgl_err *err)
{
	sgl_der list, exts;
	bool critical = false, present;

	if (!read_front(tbs) || !sgl_der_read(tbs, SGL_SEQUENCE, &list))
		return malformed(tbs, err);
	TRY(read_list(&list, out, &critical, err));
	if (!sgl_der_read_opt(tbs, SGL_CONTEXT(2), &exts, &present) ||
	    (present && !sgl_ocsp_exts_read(exts, &out->nonce, &critical)) ||
	    !sgl_der_done(tbs))
		return malformed(tbs, err);
	if (critical)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(tbs),
		    "an OCSP request has a critical extension that is not "
		    "understood");
	return SGL_OK;
}

sgl_status
sgl_ocsp_request_read(sgl_slice der, sgl_ocsp_request *out, sgl_err *err)
{
	sgl_der in = sgl_der_over(der), whole, tbs;
	sgl_ocsp_request request = {.num_ids = 0};

	if (!sgl_der_read(&in, SGL_SEQUENCE, &whole) || !sgl_der_done(&in))
		return malformed(&in, err);
	if (!sgl_der_read(&whole, SGL_SEQUENCE, &tbs))
		return malformed(&whole, err);
	TRY(read_tbs(&tbs, &request, err));
	if (!sgl_der_read_opt(
		&whole, SGL_CONTEXT(0), NULL, &request.is_signed) ||
	    !sgl_der_done(&whole))
		return malformed(&whole, err);
	*out = request;
	return SGL_OK;
}

static void
add_exts(sgl_derb *b, sgl_slice nonce)
{
	size_t wrap, list;

	if (nonce.len == 0)
		return;
	wrap = sgl_derb_open(b, SGL_CONTEXT(2));
	list = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_ocsp_add_nonce(b, nonce);
	sgl_derb_close(b, list);
	sgl_derb_close(b, wrap);
}

sgl_status
sgl_ocsp_request_build(const sgl_slice *ids, size_t num, sgl_slice nonce,
    sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t request, tbs, list, one;

	if (num == 0 || nonce.len > SGL_OCSP_NONCE_MAX)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "an OCSP request about nothing, or with a nonce that is "
		    "too long");
	request = sgl_derb_open(&b, SGL_SEQUENCE);
	tbs = sgl_derb_open(&b, SGL_SEQUENCE);
	list = sgl_derb_open(&b, SGL_SEQUENCE);
	for (size_t i = 0; i < num; i++) {
		one = sgl_derb_open(&b, SGL_SEQUENCE);
		sgl_derb_raw(&b, ids[i]);
		sgl_derb_close(&b, one);
	}
	sgl_derb_close(&b, list);
	add_exts(&b, nonce);
	sgl_derb_close(&b, tbs);
	sgl_derb_close(&b, request);
	return sgl_derb_end(&b, err);
}
