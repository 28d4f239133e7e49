/* SPDX-License-Identifier: Apache-2.0 */
/* Reading SignedData, RFC 5652 5. */
#include "cms/reader_inside.h"

#define ROOM "cms.signed"

static sgl_digest_mask
mask_of(sgl_slice algorithm)
{
	sgl_digest_alg alg;

	/* What we do not know matters only if a signer uses it. */
	if (sgl_digest_alg_read(algorithm, &alg, NULL) != SGL_OK)
		return 0;
	return SGL_DIGEST_BIT(alg);
}

/* A content kept whole serves Ed25519 signatures without attributes, which
 * are made with SHA-512 only (RFC 8419 3.1). */
static size_t
keep_max(const sgl_cms_reader *r, sgl_digest_mask mask)
{
	return mask & SGL_DIGEST_BIT(SGL_DIGEST_SHA512)
	    ? sgl_engine_limits(r->engine)->element
	    : 0;
}

sgl_status
sgl_read_digest_algs(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in = sgl_ber_over(whole), set;
	sgl_digest_mask mask = 0;
	sgl_slice algorithm;

	if (!sgl_der_read(&in, SGL_SET, &set))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "digestAlgorithms is malformed");
	while (!sgl_der_done(&set)) {
		if (!sgl_der_read_whole(&set, SGL_SEQUENCE, &algorithm))
			return sgl_fail(err, SGL_E_ENCODING, ROOM,
			    SGL_NO_OFFSET, "digestAlgorithms is malformed");
		mask |= mask_of(algorithm);
	}
	r->report.listed = mask;
	if (r->options.detached != NULL) {
		r->report.digests = r->options.detached;
		return SGL_OK;
	}
	return sgl_digests_new(
	    r->engine, mask, keep_max(r, mask), &r->report.digests, err);
}

sgl_status
sgl_read_signed_start(sgl_cms_reader *r, sgl_err *err)
{
	/* Two contents, one signed apart and one inside, are a trap: which one
	 * would the reader see? */
	if (r->options.detached != NULL)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "a detached signature has a content of its own");
	return sgl_content_start(r, err);
}

sgl_status
sgl_read_signed_bytes(sgl_cms_reader *r, sgl_slice piece, sgl_err *err)
{
	TRY(sgl_digests_update(r->report.digests, piece, err));
	if (r->content == NULL)
		return SGL_OK;
	return sgl_sink_write(r->content, piece, err);
}

static sgl_status
check_room(sgl_cms_reader *r, size_t num, size_t len, sgl_err *err)
{
	const sgl_limits *limits = sgl_engine_limits(r->engine);

	if (num >= limits->certificates || len > limits->sets - r->sets_len)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "too many certificates or CRLs");
	r->sets_len += len;
	return SGL_OK;
}

/* CertificateChoices (RFC 5652 10.2.2): attribute and other certificates, and
 * what does not parse, do not make a message unreadable. */
sgl_status
sgl_read_certificate(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_status status;

	TRY(check_room(
	    r, r->report.certs.num + r->report.num_unreadable, whole.len, err));
	status = sgl_cert_read(r->engine, whole, &cert, NULL);
	if (status == SGL_E_NOMEM || status == SGL_E_CRYPTO)
		return sgl_oom(err, ROOM);
	if (status != SGL_OK) {
		r->report.num_unreadable++;
		return SGL_OK;
	}
	return sgl_certs_add(&r->report.certs, cert, err);
}

sgl_status
sgl_read_crl(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_status status;

	TRY(check_room(
	    r, r->report.crls.num + r->report.num_unreadable, whole.len, err));
	status = sgl_crl_read(r->engine, whole, &crl, NULL);
	if (status == SGL_E_NOMEM || status == SGL_E_CRYPTO)
		return sgl_oom(err, ROOM);
	if (status != SGL_OK) {
		r->report.num_unreadable++;
		return SGL_OK;
	}
	return sgl_crls_add(&r->report.crls, crl, err);
}

static sgl_status
add_signer(sgl_cms_report *report, sgl_signer_info **out, sgl_err *err)
{
	sgl_signer_info *more = sgl_mem_resize(report->signers,
	    (report->num_signers + 1) * sizeof *report->signers);

	if (more == NULL)
		return sgl_oom(err, ROOM);
	report->signers = more;
	*out = &more[report->num_signers++];
	**out = (sgl_signer_info){0};
	return SGL_OK;
}

sgl_status
sgl_read_signer(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_cms_report *report = &r->report;
	sgl_signer_info *s;

	const sgl_limits *limits = sgl_engine_limits(r->engine);

	if (report->num_signers >= limits->signers ||
	    whole.len > limits->sets - r->sets_len)
		return sgl_fail(
		    err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET, "too many signers");
	r->sets_len += whole.len;
	TRY(add_signer(report, &s, err));
	TRY(sgl_signer_read(
	    r->engine, whole, sgl_buf_slice(&report->content_type), s, err));
	/* RFC 5652 5.1 lets us refuse these, and other readers do. */
	if (s->fault == SGL_SIGNER_OK &&
	    (SGL_DIGEST_BIT(s->digest) & report->listed) == 0)
		s->fault = SGL_SIGNER_NOT_LISTED;
	return SGL_OK;
}

static bool
is_data(const sgl_cms_reader *r)
{
	return sgl_oid_find(sgl_buf_slice(&r->report.content_type)) ==
	    SGL_OID_DATA;
}

/* A signed object without any digest algorithm cannot have hashed its content
 * for anybody; the digests are then made from what was kept, or not at all. */
sgl_status
sgl_read_signed_end(sgl_cms_reader *r, sgl_err *err)
{
	for (size_t i = 0; i < r->report.num_signers; i++) {
		sgl_signer_info *s = &r->report.signers[i];

		/* A message is data (RFC 8551 2.4.2). What was signed as
		 * something else, a receipt say, of which the one who asked for
		 * it chose a part, must not be shown as a message. */
		if (r->options.detached != NULL && !is_data(r))
			s->fault = SGL_SIGNER_CONTENT_TYPE;
		if (s->digest == SGL_DIGEST_NONE)
			continue;
		/* Who takes the attributes off a signature and shows them as
		 * its content has a signature that verifies, over something
		 * that nobody meant to say. */
		if (!s->has_attrs &&
		    sgl_digests_is_attributes(r->report.digests))
			s->fault = SGL_SIGNER_ATTRIBUTES;
		TRY(sgl_digests_value(r->report.digests, s->digest,
		    &s->content_digest, &s->has_content_digest, err));
	}
	return SGL_OK;
}
