/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/oid.h"
#include "cms/load.h"

#define ROOM "cms.p7b"

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "malformed SignedData");
}

/* The elements of a CertificateSet or RevocationInfoChoices that are plain
 * SEQUENCEs; the tagged choices (attribute certificates, OCSP) are not ours. */
static sgl_status
read_set(sgl_loader *l, sgl_der set,
    sgl_status (*one)(sgl_loader *l, sgl_slice der, sgl_err *err), sgl_err *err)
{
	while (!sgl_der_done(&set)) {
		size_t offset = sgl_der_offset(&set);
		sgl_slice whole;
		sgl_status status;
		sgl_tag tag;

		if (!sgl_der_read_any(&set, &tag, &whole, NULL))
			return malformed(&set, err);
		if (tag != SGL_SEQUENCE)
			continue;
		status = one(l, whole, err);
		if (status == SGL_E_ENCODING && err != NULL &&
		    err->offset != SGL_NO_OFFSET)
			err->offset += offset;
		TRY(status);
	}
	return SGL_OK;
}

/* RFC 5652 5.1, from the version up to the sets. */
static sgl_status
read_signed_data(sgl_loader *l, sgl_der in, sgl_err *err)
{
	sgl_der data, certs, crls;
	bool has_certs, has_crls;
	uint64_t version;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &data) || !sgl_der_done(&in))
		return malformed(&in, err);
	if (!sgl_der_read_uint(&data, &version) ||
	    !sgl_der_read(&data, SGL_SET, NULL) ||
	    !sgl_der_read(&data, SGL_SEQUENCE, NULL) ||
	    !sgl_der_read_opt(&data, SGL_CONTEXT(0), &certs, &has_certs) ||
	    !sgl_der_read_opt(&data, SGL_CONTEXT(1), &crls, &has_crls) ||
	    !sgl_der_read(&data, SGL_SET, NULL) || !sgl_der_done(&data))
		return malformed(&data, err);
	if (has_certs)
		TRY(read_set(l, certs, sgl_loader_cert, err));
	if (has_crls)
		TRY(read_set(l, crls, sgl_loader_crl, err));
	return SGL_OK;
}

sgl_status
sgl_p7b_read(sgl_loader *l, sgl_slice ber, sgl_err *err)
{
	sgl_der in = sgl_ber_over(ber), info, content;
	char type[SGL_OID_TEXT];
	sgl_slice oid;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &info) ||
	    !sgl_der_read_oid(&info, &oid))
		return malformed(&in, err);
	if (sgl_oid_find(oid) != SGL_OID_SIGNED_DATA)
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, 0,
		    "a CMS message, not a file of certificates", "%s",
		    sgl_oid_label(oid, type));
	if (!sgl_der_read(&info, SGL_CONTEXT(0), &content) ||
	    !sgl_der_done(&info))
		return malformed(&info, err);
	return read_signed_data(l, content, err);
}
