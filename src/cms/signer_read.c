/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SignerInfo, RFC 5652 5.3. What is wrong with its attributes or unknown
 * about its algorithms is a fault in the report, because the other signers and
 * the content may still be good.
 */
#include "cms/report.h"

#define ROOM "cms.signer"

typedef struct fields {
	sgl_slice digest_alg, sig_alg;
	sgl_der attrs;
	sgl_der unsigned_attrs;
	bool has_unsigned_attrs;
} fields;

static sgl_status
malformed(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    "a SignerInfo is malformed");
}

/* SignerIdentifier: issuerAndSerialNumber, or [0] subjectKeyIdentifier. */
static bool
read_sid(sgl_der *in, sgl_signer_info *s)
{
	sgl_der body;

	if (sgl_der_next_is(in, SGL_CONTEXT_PRIMITIVE(0))) {
		s->by_ski = true;
		return sgl_der_read_bytes(
		    in, SGL_CONTEXT_PRIMITIVE(0), &s->ski);
	}
	return sgl_der_read(in, SGL_SEQUENCE, &body) &&
	    sgl_der_read_whole(&body, SGL_SEQUENCE, &s->issuer) &&
	    sgl_der_read_bytes(&body, SGL_INTEGER, &s->serial) &&
	    sgl_der_done(&body);
}

/* A signature in pieces is joined behind the element, where there is room. */
static bool
read_fields(sgl_der *in, sgl_signer_info *s, fields *f)
{
	sgl_der body;
	uint64_t version;

	if (!sgl_der_read(in, SGL_SEQUENCE, &body) || !sgl_der_done(in) ||
	    !sgl_der_read_uint(&body, &version) || !read_sid(&body, s) ||
	    !sgl_der_read_whole(&body, SGL_SEQUENCE, &f->digest_alg))
		return false;
	if (!sgl_der_read_opt(&body, SGL_CONTEXT(0), &f->attrs, &s->has_attrs))
		return false;
	return sgl_der_read_whole(&body, SGL_SEQUENCE, &f->sig_alg) &&
	    sgl_der_read_octets(
		&body, SGL_OCTET_STRING, &s->signature, &s->store) &&
	    sgl_der_read_opt(&body, SGL_CONTEXT(1), &f->unsigned_attrs,
		&f->has_unsigned_attrs) &&
	    sgl_der_done(&body);
}

static sgl_status
unsupported(sgl_signer_info *s, sgl_slice algorithm)
{
	sgl_der in = sgl_ber_over(algorithm), body;
	sgl_slice oid;

	s->fault = SGL_SIGNER_UNSUPPORTED;
	if (sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_der_read_oid(&body, &oid))
		(void)sgl_oid_label(oid, s->unsupported);
	return SGL_OK;
}

static sgl_status
read_algorithms(sgl_signer_info *s, const fields *f, sgl_err *err)
{
	sgl_status status;

	status = sgl_digest_alg_read(f->digest_alg, &s->digest, err);
	if (status == SGL_E_UNSUPPORTED)
		return unsupported(s, f->digest_alg);
	TRY(status);
	status = sgl_sig_alg_read(f->sig_alg, &s->sig, err);
	if (status == SGL_E_UNSUPPORTED)
		return unsupported(s, f->sig_alg);
	TRY(status);
	/* rsaEncryption and id-ecPublicKey leave the digest to
	 * digestAlgorithm (RFC 5754 3.2); where both name one, they agree. */
	if (s->sig.digest == SGL_DIGEST_NONE)
		s->sig.digest = s->digest;
	if (s->sig.digest != s->digest)
		s->fault = SGL_SIGNER_ALGORITHMS;
	return SGL_OK;
}

/*
 * One attribute as DER into *der, and behind *sent in the form that its sender
 * had, had he known DER: every other BER is longer. (That differs in a SET, of
 * which it cannot be seen whether it is ordered by tags or is a SET OF.)
 */
static sgl_status
rewrite_attr(sgl_slice whole, sgl_buf *der, sgl_buf *sent, sgl_err *err)
{
	sgl_slice made;

	der->len = 0;
	TRY(sgl_ber_to_der(whole, der, err));
	made = sgl_buf_slice(der);
	return sgl_buf_add(sent, made.len == whole.len ? whole : made, err);
}

/* Attributes are signed as DER, whatever came (RFC 5652 5.4); and the [0]
 * IMPLICIT tag is signed as SET OF. *sent gets the sender's order. */
static sgl_status
rewrite_all(const fields *f, sgl_derb *b, sgl_buf *sent, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(sent->max);
	sgl_der in = f->attrs;
	sgl_slice whole;

	while (!sgl_der_done(&in)) {
		if (!sgl_der_read_whole(&in, SGL_SEQUENCE, &whole))
			return malformed(err);
		TRY(rewrite_attr(whole, &der, sent, err));
		sgl_derb_raw(b, sgl_buf_slice(&der));
	}
	return SGL_OK;
}

/* Behind the sorted form, that of the sender, if it differs. */
static sgl_status
keep_as_sent(sgl_signer_info *s, sgl_slice sent, sgl_err *err)
{
	size_t at = s->attrs.len;

	if (sent.len == 0 ||
	    memcmp(s->attrs.data + at - sent.len, sent.data, sent.len) == 0)
		return SGL_OK;
	TRY(sgl_buf_reserve(&s->attrs, at, err));
	memcpy(s->attrs.data + at, s->attrs.data, at);
	memcpy(s->attrs.data + 2 * at - sent.len, sent.data, sent.len);
	s->attrs_as_sent = sgl_slice_of(s->attrs.data + at, at);
	return SGL_OK;
}

static sgl_status
rewrite_attrs(sgl_signer_info *s, const fields *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sent = sgl_buf_init(s->attrs.max);
	sgl_derb b = sgl_derb_over(&s->attrs);
	size_t set = sgl_derb_open(&b, SGL_SET);
	sgl_status status = rewrite_all(f, &b, &sent, err);

	sgl_derb_close_set_of(&b, set);
	TRY(status);
	TRY(sgl_derb_end(&b, err));
	return keep_as_sent(s, sgl_buf_slice(&sent), err);
}

typedef struct attr_reader {
	sgl_signer_info *signer;
	sgl_slice content_type; /* of the encapsulated content */
	const fields *fields;
	unsigned seen;	    /* bits of what may come once only */
	sgl_status *failed; /* no memory, which is nobody's fault */
} attr_reader;

static bool
read_content_type(attr_reader *a, sgl_der value)
{
	sgl_slice oid;

	if (!sgl_der_read_oid(&value, &oid) || !sgl_der_done(&value))
		return false;
	if (!sgl_slice_eq(oid, a->content_type))
		a->signer->fault = SGL_SIGNER_CONTENT_TYPE;
	return true;
}

static bool
read_message_digest(attr_reader *a, sgl_der value)
{
	return sgl_der_read_bytes(
		   &value, SGL_OCTET_STRING, &a->signer->message_digest) &&
	    sgl_der_done(&value);
}

/* A claim that decides nothing (RFC 5652 11.3): one that cannot be read, as of
 * those who write it in local time, is told by nobody. */
static bool
read_signing_time(attr_reader *a, sgl_der value)
{
	a->signer->has_signing_time =
	    sgl_der_read_time(&value, &a->signer->signing_time) &&
	    sgl_der_done(&value);
	return true;
}

/* An announcement (RFC 8551 2.5.2), which may be in vain, too. */
static bool
read_capabilities(attr_reader *a, sgl_der value)
{
	if (!sgl_der_read_whole(
		&value, SGL_SEQUENCE, &a->signer->smime_capabilities))
		a->signer->smime_capabilities = (sgl_slice){NULL, 0};
	return true;
}

/* The first ESSCertID names the signer's certificate (RFC 5035 3). */
static bool
read_ess(attr_reader *a, sgl_der value, bool v2)
{
	sgl_signer_info *s = a->signer;
	sgl_der body, certs, first;
	sgl_slice algorithm;

	s->has_ess_hash = true;
	s->ess_digest = v2 ? SGL_DIGEST_SHA256 : SGL_DIGEST_SHA1;
	if (!sgl_der_read(&value, SGL_SEQUENCE, &body) ||
	    !sgl_der_read(&body, SGL_SEQUENCE, &certs) ||
	    !sgl_der_read(&certs, SGL_SEQUENCE, &first))
		return false;
	if (v2 && sgl_der_next_is(&first, SGL_SEQUENCE) &&
	    (!sgl_der_read_whole(&first, SGL_SEQUENCE, &algorithm) ||
		sgl_digest_alg_read(algorithm, &s->ess_digest, NULL) != SGL_OK))
		return false;
	return sgl_der_read_bytes(&first, SGL_OCTET_STRING, &s->ess_hash);
}

static bool
read_ess_v1(attr_reader *a, sgl_der value)
{
	/* Where both are, version 2 counts. */
	return a->signer->has_ess_hash || read_ess(a, value, false);
}

static bool
read_ess_v2(attr_reader *a, sgl_der value)
{
	return read_ess(a, value, true);
}

/* An implicit [1] signatureAlgorithm, compared behind its identifier octet. */
static bool
same_algorithm(
    attr_reader *a, sgl_der protected, sgl_slice actual, sgl_buf *scratch)
{
	sgl_status status;
	sgl_der in;
	sgl_der body;

	scratch->len = 0;
	status = sgl_ber_to_der(actual, scratch, NULL);
	if (status == SGL_E_NOMEM)
		*a->failed = status;
	if (status != SGL_OK)
		return false;
	in = sgl_der_over(sgl_buf_slice(scratch));
	return sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_slice_eq(sgl_der_rest(&body), sgl_der_rest(&protected));
}

/* CMSAlgorithmProtection (RFC 6211 2): both algorithms again, under the
 * signature, so that neither can be exchanged. */
static bool
read_protection(attr_reader *a, sgl_der value)
{
	sgl_buf scratch = sgl_buf_init(a->signer->store.max);
	sgl_der body, digest, sig;
	bool readable, same;

	readable = sgl_der_read(&value, SGL_SEQUENCE, &body) &&
	    sgl_der_read(&body, SGL_SEQUENCE, &digest) &&
	    sgl_der_read(&body, SGL_CONTEXT(1), &sig) && sgl_der_done(&body);
	same = readable &&
	    same_algorithm(a, digest, a->fields->digest_alg, &scratch) &&
	    same_algorithm(a, sig, a->fields->sig_alg, &scratch);
	sgl_buf_clear(&scratch);
	if (readable && !same)
		a->signer->fault = SGL_SIGNER_ALGORITHMS;
	return readable;
}

static bool
read_receipt_request(attr_reader *a, sgl_der value)
{
	a->signer->has_receipt_request = true;
	return sgl_receipt_request_read(
	    sgl_der_rest(&value), &a->signer->receipt_request);
}

static bool
read_label(attr_reader *a, sgl_der value)
{
	a->signer->has_label = true;
	return sgl_label_read(sgl_der_rest(&value), &a->signer->label);
}

static bool
read_msg_sig_digest(attr_reader *a, sgl_der value)
{
	return sgl_der_read_bytes(
		   &value, SGL_OCTET_STRING, &a->signer->msg_sig_digest) &&
	    sgl_der_done(&value);
}

/* RFC 2634 1.3.4: one instance, one value; what is in it does not matter. */
static bool
read_nothing(attr_reader *a, sgl_der value)
{
	(void)a;
	(void)value;
	return true;
}

static const struct attr_rule {
	sgl_oid oid;
	unsigned once; /* bit; these come at most once, with one value */
	bool (*read)(attr_reader *, sgl_der);
} attr_rules[] = {
    {SGL_OID_AA_CONTENT_TYPE, 1, read_content_type},
    {SGL_OID_AA_MESSAGE_DIGEST, 2, read_message_digest},
    {SGL_OID_AA_SIGNING_TIME, 4, read_signing_time},
    {SGL_OID_AA_SMIME_CAPABILITIES, 8, read_capabilities},
    {SGL_OID_AA_SIGNING_CERTIFICATE_V2, 16, read_ess_v2},
    {SGL_OID_AA_SIGNING_CERTIFICATE, 32, read_ess_v1},
    {SGL_OID_AA_CMS_ALGORITHM_PROTECTION, 64, read_protection},
    {SGL_OID_AA_RECEIPT_REQUEST, 128, read_receipt_request},
    {SGL_OID_AA_SECURITY_LABEL, 256, read_label},
    {SGL_OID_AA_MSG_SIG_DIGEST, 512, read_msg_sig_digest},
    {SGL_OID_AA_EQUIVALENT_LABELS, 1024, read_nothing},
    {SGL_OID_AA_ML_EXPAND_HISTORY, 2048, read_nothing},
    {SGL_OID_AA_CONTENT_HINT, 4096, read_nothing},
    {SGL_OID_AA_CONTENT_IDENTIFIER, 8192, read_nothing},
    {SGL_OID_AA_CONTENT_REFERENCE, 16384, read_nothing},
};

static bool
read_attribute(attr_reader *a, sgl_der attr)
{
	sgl_slice oid, whole;
	sgl_der values;
	sgl_oid known;

	if (!sgl_der_read_oid(&attr, &oid) ||
	    !sgl_der_read(&attr, SGL_SET, &values) || !sgl_der_done(&attr))
		return false;
	known = sgl_oid_find(oid);
	for (size_t i = 0; i < sizeof attr_rules / sizeof *attr_rules; i++) {
		const struct attr_rule *rule = &attr_rules[i];

		if (rule->oid != known)
			continue;
		if (a->seen & rule->once)
			return false;
		a->seen |= rule->once;
		if (!sgl_der_read_any(&values, NULL, &whole, NULL) ||
		    !sgl_der_done(&values))
			return false;
		return rule->read(a, sgl_der_over(whole));
	}
	return true;
}

/* RFC 5652 11.1, 11.2: content-type and message-digest are there, once. */
static bool
read_attributes(sgl_signer_info *s, const fields *f, sgl_slice content_type,
    sgl_status *failed)
{
	attr_reader a = {.signer = s,
	    .content_type = content_type,
	    .fields = f,
	    .failed = failed};
	sgl_der in = sgl_der_over(sgl_buf_slice(&s->attrs)), set, attr;

	if (!sgl_der_read(&in, SGL_SET, &set))
		return false;
	while (!sgl_der_done(&set))
		if (!sgl_der_read(&set, SGL_SEQUENCE, &attr) ||
		    !read_attribute(&a, attr))
			return false;
	return (a.seen & 3) == 3;
}

/* Unsigned attributes prove nothing and are left alone; but RFC 5652 11 does
 * not let these stand there, where somebody else could have put them. */
static bool
has_misplaced_attribute(const fields *f)
{
	sgl_der in = f->unsigned_attrs, attr;
	sgl_slice oid;

	while (f->has_unsigned_attrs && !sgl_der_done(&in)) {
		if (!sgl_der_read(&in, SGL_SEQUENCE, &attr) ||
		    !sgl_der_read_oid(&attr, &oid))
			return true;
		switch (sgl_oid_find(oid)) {
		case SGL_OID_AA_CONTENT_TYPE:
		case SGL_OID_AA_MESSAGE_DIGEST:
		case SGL_OID_AA_SIGNING_TIME:
			return true;
		default:
			break;
		}
	}
	return false;
}

sgl_status
sgl_signer_read(sgl_engine *engine, sgl_slice whole, sgl_slice content_type,
    sgl_signer_info *out, sgl_err *err)
{
	size_t max = sgl_engine_limits(engine)->element;
	fields f = {0};
	sgl_status failed = SGL_OK;
	sgl_der in;

	/* The element, and its joined strings behind it: it must not move. */
	out->store = sgl_buf_init(2 * max + 1);
	out->attrs = sgl_buf_init(2 * max + 64);
	TRY(sgl_buf_reserve(&out->store, 2 * whole.len, err));
	TRY(sgl_buf_add(&out->store, whole, err));
	in = sgl_ber_over(sgl_buf_slice(&out->store));
	if (!read_fields(&in, out, &f))
		return malformed(err);
	TRY(read_algorithms(out, &f, err));
	if (has_misplaced_attribute(&f))
		out->fault = SGL_SIGNER_ATTRIBUTES;
	if (!out->has_attrs) {
		/* RFC 5652 5.3: other content than data must have them. */
		if (sgl_oid_find(content_type) != SGL_OID_DATA)
			out->fault = SGL_SIGNER_ATTRIBUTES;
		return SGL_OK;
	}
	TRY(rewrite_attrs(out, &f, err));
	if (!read_attributes(out, &f, content_type, &failed))
		out->fault = SGL_SIGNER_ATTRIBUTES;
	return failed == SGL_OK ? SGL_OK : sgl_oom(err, ROOM);
}
