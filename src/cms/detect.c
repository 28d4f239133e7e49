/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "cms/load.h"

#define NUM_TAGS 4
#define NOTHING 0u /* the end */
#define ANYTHING UINT32_MAX

/* The tags of the first elements inside a SEQUENCE. */
typedef struct shape {
	sgl_tag tags[NUM_TAGS];
} shape;

typedef struct shape_of {
	shape shape;
	sgl_file_kind kind;
} shape_of;

static const shape_of outer[] = {
    {{{SGL_OID, SGL_CONTEXT(0), NOTHING}}, SGL_FILE_CMS},
    {{{SGL_OID, NOTHING}}, SGL_FILE_CMS},
    {{{SGL_INTEGER, SGL_SEQUENCE, SGL_OCTET_STRING, ANYTHING}}, SGL_FILE_PKCS8},
    {{{SGL_INTEGER, SGL_SEQUENCE, SGL_SEQUENCE, NOTHING}}, SGL_FILE_PKCS12},
    {{{SGL_INTEGER, SGL_SEQUENCE, NOTHING}}, SGL_FILE_PKCS12},
    {{{SGL_INTEGER, SGL_INTEGER, SGL_INTEGER, SGL_INTEGER}}, SGL_FILE_RSA_KEY},
    {{{SGL_INTEGER, SGL_INTEGER, NOTHING}}, SGL_FILE_RSA_PUBLIC_KEY},
    {{{SGL_INTEGER, SGL_OCTET_STRING, ANYTHING, ANYTHING}}, SGL_FILE_EC_KEY},
    {{{SGL_SEQUENCE, SGL_OCTET_STRING, NOTHING}}, SGL_FILE_ENCRYPTED_KEY},
    {{{SGL_SEQUENCE, SGL_BIT_STRING, NOTHING}}, SGL_FILE_PUBLIC_KEY},
    {{{SGL_ENUMERATED, SGL_CONTEXT(0), NOTHING}}, SGL_FILE_OCSP},
    {{{SGL_ENUMERATED, NOTHING}}, SGL_FILE_OCSP},
};

/* Inside what is signed: certificates of version 3 and 1, CRLs of version 2
 * and 1, and requests. */
static const shape_of inner[] = {
    {{{SGL_CONTEXT(0), SGL_INTEGER, SGL_SEQUENCE, SGL_SEQUENCE}},
	SGL_FILE_CERTIFICATE},
    {{{SGL_INTEGER, SGL_SEQUENCE, SGL_SEQUENCE, SGL_SEQUENCE}},
	SGL_FILE_CERTIFICATE},
    {{{SGL_INTEGER, SGL_SEQUENCE, SGL_SEQUENCE, SGL_UTC_TIME}}, SGL_FILE_CRL},
    {{{SGL_INTEGER, SGL_SEQUENCE, SGL_SEQUENCE, SGL_GENERALIZED_TIME}},
	SGL_FILE_CRL},
    {{{SGL_SEQUENCE, SGL_SEQUENCE, SGL_UTC_TIME, ANYTHING}}, SGL_FILE_CRL},
    {{{SGL_SEQUENCE, SGL_SEQUENCE, SGL_GENERALIZED_TIME, ANYTHING}},
	SGL_FILE_CRL},
    {{{SGL_INTEGER, SGL_SEQUENCE, SGL_SEQUENCE, SGL_CONTEXT(0)}},
	SGL_FILE_REQUEST},
    {{{SGL_INTEGER, SGL_SEQUENCE, SGL_SEQUENCE, NOTHING}}, SGL_FILE_REQUEST},
};

static const shape signed_shape = {
    {SGL_SEQUENCE, SGL_SEQUENCE, SGL_BIT_STRING, NOTHING}};

/* A string in pieces (BER) counts as a string. */
static sgl_tag
as_primitive(sgl_tag tag)
{
	if (tag == (SGL_OCTET_STRING | SGL_TAG_CONSTRUCTED))
		return SGL_OCTET_STRING;
	return tag;
}

static shape
shape_inside(sgl_der body)
{
	shape s = {{NOTHING, NOTHING, NOTHING, NOTHING}};

	for (int i = 0; i < NUM_TAGS && !sgl_der_done(&body); i++) {
		if (!sgl_der_read_any(&body, &s.tags[i], NULL, NULL))
			break;
		s.tags[i] = as_primitive(s.tags[i]);
	}
	return s;
}

static bool
fits(const shape *want, const shape *s)
{
	for (int i = 0; i < NUM_TAGS; i++) {
		if (want->tags[i] != ANYTHING && want->tags[i] != s->tags[i])
			return false;
		if (want->tags[i] == NOTHING)
			return true;
	}
	return true;
}

static sgl_file_kind
find(const shape_of *table, size_t num, const shape *s)
{
	for (size_t i = 0; i < num; i++)
		if (fits(&table[i].shape, s))
			return table[i].kind;
	return SGL_FILE_UNKNOWN;
}

/* A PFX says version 3, where other things of its shape say 0 or 1. */
static bool
is_version_3(sgl_der body)
{
	uint64_t version;

	return sgl_der_read_uint(&body, &version) && version == 3;
}

sgl_file_kind
sgl_file_detect(sgl_slice bytes)
{
	sgl_der in = sgl_ber_over(bytes), body, tbs;
	sgl_file_kind kind;
	shape s;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body))
		return SGL_FILE_UNKNOWN;
	s = shape_inside(body);
	if (fits(&signed_shape, &s)) {
		if (!sgl_der_read(&body, SGL_SEQUENCE, &tbs))
			return SGL_FILE_UNKNOWN;
		s = shape_inside(tbs);
		return find(inner, sizeof inner / sizeof *inner, &s);
	}
	kind = find(outer, sizeof outer / sizeof *outer, &s);
	if (kind == SGL_FILE_PKCS12 && !is_version_3(body))
		return SGL_FILE_UNKNOWN;
	return kind;
}

const char *
sgl_file_kind_name(sgl_file_kind kind)
{
	static const char *const names[SGL_FILE_KINDS] = {
	    [SGL_FILE_UNKNOWN] = "unknown ASN.1",
	    [SGL_FILE_PKCS12] = "PKCS#12 file",
	    [SGL_FILE_PKCS8] = "private key (PKCS#8)",
	    [SGL_FILE_ENCRYPTED_KEY] = "encrypted private key (PKCS#8)",
	    [SGL_FILE_RSA_KEY] = "private key (PKCS#1)",
	    [SGL_FILE_EC_KEY] = "private key (SEC1)",
	    [SGL_FILE_CERTIFICATE] = "certificate",
	    [SGL_FILE_CRL] = "CRL",
	    [SGL_FILE_CMS] = "CMS object",
	    [SGL_FILE_PUBLIC_KEY] = "public key",
	    [SGL_FILE_RSA_PUBLIC_KEY] = "public key (PKCS#1)",
	    [SGL_FILE_REQUEST] = "certificate request",
	    [SGL_FILE_OCSP] = "OCSP response",
	};

	return names[kind];
}

sgl_status
sgl_file_from_base64(sgl_slice text, sgl_buf *out, bool *found, sgl_err *err)
{
	sgl_status status;

	*found = false;
	text = sgl_slice_trim(text);
	/* A SEQUENCE header with a length over 127 begins so: MII, MIA... */
	if (text.len < 4 || text.data[0] != 'M')
		return SGL_OK;
	out->len = 0;
	TRY(sgl_buf_reserve(out, text.len / 4 * 3 + 6, err));
	status = sgl_base64_decode(text, out, err);
	if (status == SGL_E_NOMEM)
		return status;
	*found = status == SGL_OK &&
	    sgl_file_detect(sgl_buf_slice(out)) != SGL_FILE_UNKNOWN;
	return SGL_OK;
}
