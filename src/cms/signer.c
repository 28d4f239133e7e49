/* SPDX-License-Identifier: Apache-2.0 */
/* One SignerInfo: RFC 5652 5.3. */
#include <stdio.h>

#include "cms/write_parts.h"

#define ROOM "cms.signer"
#define MAX_ATTRIBUTES ((size_t)1 << 20)
#define MAX_INFO (MAX_ATTRIBUTES + 64 * 1024)

char *
sgl_cert_label(const sgl_cert *cert, char out[SGL_CERT_LABEL])
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(64 * 1024);
	sgl_slice label = {NULL, 0};

	if (sgl_cert_num_addresses(cert) > 0)
		label = sgl_cert_get_address(cert, 0);
	else if (sgl_name_text(sgl_cert_get_subject(cert), &text, NULL) ==
	    SGL_OK)
		label = sgl_buf_slice(&text);
	(void)snprintf(out, SGL_CERT_LABEL, "%.*s",
	    (int)(label.len < SGL_CERT_LABEL ? label.len : SGL_CERT_LABEL - 1),
	    label.len > 0 ? (const char *)label.data : "");
	return out;
}

void
sgl_issuer_serial_add(sgl_derb *b, sgl_tag tag, const sgl_cert *cert)
{
	size_t mark = sgl_derb_open(b, tag);

	sgl_derb_raw(b, sgl_cert_get_issuer(cert));
	sgl_derb_bytes(b, SGL_INTEGER, sgl_cert_get_serial(cert));
	sgl_derb_close(b, mark);
}

static sgl_status
refuse(const sgl_signer *s, sgl_status status, const char *text, sgl_err *err)
{
	char label[SGL_CERT_LABEL];

	return sgl_fail_at(err, status, ROOM, SGL_NO_OFFSET, text, "%s",
	    sgl_cert_label(s->cert, label));
}

/* The BIT STRING alone: parameters may be written in more than one way. */
static bool
key_bits(sgl_slice spki, sgl_slice *bits)
{
	sgl_der in = sgl_der_over(spki), fields;
	unsigned unused;

	return sgl_der_read(&in, SGL_SEQUENCE, &fields) &&
	    sgl_der_read(&fields, SGL_SEQUENCE, NULL) &&
	    sgl_der_read_bits(&fields, bits, &unused);
}

static bool
belong_together(const sgl_signer *s)
{
	sgl_slice in_cert, in_key;

	return s->cert->key_kind == sgl_key_get_kind(s->key) &&
	    key_bits(sgl_cert_get_spki(s->cert), &in_cert) &&
	    key_bits(sgl_key_get_spki(s->key), &in_key) &&
	    sgl_slice_eq(in_cert, in_key);
}

static sgl_digest_alg
default_digest(sgl_key_kind kind)
{
	switch (kind) {
	case SGL_KEY_P384:
		return SGL_DIGEST_SHA384;
	case SGL_KEY_P521:
	case SGL_KEY_ED25519: /* RFC 8419 3 */
		return SGL_DIGEST_SHA512;
	case SGL_KEY_RSA:
	case SGL_KEY_P256:
	case SGL_KEY_X25519:
	case SGL_KEY_UNKNOWN:
		break;
	}
	return SGL_DIGEST_SHA256;
}

static sgl_status
check_key(const sgl_signer *s, sgl_key_kind kind, sgl_err *err)
{
	if (kind == SGL_KEY_UNKNOWN || kind == SGL_KEY_X25519)
		return refuse(
		    s, SGL_E_UNSUPPORTED, "this kind of key cannot sign", err);
	if (!belong_together(s))
		return refuse(s, SGL_E_MISMATCH,
		    "the private key is not that of the certificate", err);
	if (s->not_mail ? !sgl_cert_has_signing_usage(s->cert)
			: !sgl_cert_may_sign(s->cert))
		return refuse(s, SGL_E_USAGE,
		    "the certificate may not be used for signing", err);
	return SGL_OK;
}

static sgl_status
check_algorithm(const sgl_signer *s, sgl_key_kind kind, sgl_err *err)
{
	if (s->digest < SGL_DIGEST_SHA224)
		return refuse(s, SGL_E_UNSUPPORTED,
		    "the digest is too weak for a new signature", err);
	/* @req rfc8419-3.1 */
	if (kind == SGL_KEY_ED25519 && s->digest != SGL_DIGEST_SHA512)
		return refuse(s, SGL_E_UNSUPPORTED,
		    "Ed25519 signs with SHA-512 alone", err);
	if (s->pss && kind != SGL_KEY_RSA)
		return refuse(
		    s, SGL_E_UNSUPPORTED, "RSASSA-PSS wants an RSA key", err);
	return SGL_OK;
}

sgl_status
sgl_signer_check(sgl_signer *s, sgl_err *err)
{
	sgl_key_kind kind = sgl_key_get_kind(s->key);
	sgl_signer filled = *s;

	TRY(check_key(s, kind, err));
	if (filled.digest == SGL_DIGEST_NONE)
		filled.digest = default_digest(kind);
	/* RFC 4055 1.2: such a key makes no other signatures. */
	if (s->cert->key_algorithm == SGL_OID_RSASSA_PSS)
		filled.pss = true;
	TRY(check_algorithm(&filled, kind, err));
	*s = filled;
	return SGL_OK;
}

sgl_status
sgl_signing_init(sgl_signing *s, const sgl_signer *signer, sgl_err *err)
{
	*s = (sgl_signing){.signer = *signer,
	    .attributes = sgl_buf_init(MAX_ATTRIBUTES),
	    .info = sgl_buf_init(MAX_INFO)};
	TRY(sgl_signer_check(&s->signer, err));
	return sgl_sig_alg_for_key(sgl_key_get_kind(signer->key),
	    s->signer.digest, s->signer.pss, &s->alg, err);
}

void
sgl_signing_clear(sgl_signing *s)
{
	sgl_buf_clear(&s->attributes);
	sgl_buf_clear(&s->info);
}

bool
sgl_signing_has_ski(const sgl_signing *s)
{
	return s->signer.use_ski && sgl_cert_get_ski(s->signer.cert).len > 0;
}

/* RFC 5754 3.2: for PKCS#1 v1.5 rsaEncryption may stand for the algorithm,
 * and is what every reader knows. */
static void
add_alg(sgl_derb *b, const sgl_sig_alg *alg)
{
	size_t mark;

	if (alg->scheme != SGL_SIG_RSA_PKCS1) {
		sgl_sig_alg_add(b, alg);
		return;
	}
	mark = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(SGL_OID_RSA_ENCRYPTION));
	sgl_derb_null(b);
	sgl_derb_close(b, mark);
}

sgl_status
sgl_signing_add_alg(
    const sgl_signing *s, sgl_tag tag, sgl_derb *b, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) whole = sgl_buf_init(1024);
	sgl_derb inner = sgl_derb_over(&whole);
	sgl_der in, body;

	add_alg(&inner, &s->alg);
	TRY(sgl_derb_end(&inner, err));
	in = sgl_der_over(sgl_buf_slice(&whole));
	if (!sgl_der_read(&in, SGL_SEQUENCE, &body))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "signature algorithm cannot be written");
	sgl_derb_bytes(b, tag, sgl_der_rest(&body));
	return SGL_OK;
}

/* @req rfc5652-5.3 */
static void
add_sid(sgl_derb *b, const sgl_signing *s)
{
	if (sgl_signing_has_ski(s)) {
		sgl_derb_uint(b, 3);
		sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(0),
		    sgl_cert_get_ski(s->signer.cert));
	} else {
		sgl_derb_uint(b, 1);
		sgl_issuer_serial_add(b, SGL_SEQUENCE, s->signer.cert);
	}
}

/* @req rfc5652-5.4
 * Signed as SET OF, written as [0]. */
static void
add_attributes(sgl_derb *b, const sgl_signing *s)
{
	sgl_der in = sgl_der_over(sgl_buf_slice(&s->attributes)), body;

	if (sgl_der_read(&in, SGL_SET, &body))
		sgl_derb_bytes(b, SGL_CONTEXT(0), sgl_der_rest(&body));
	else
		b->failed = SGL_E_USAGE;
}

sgl_status
sgl_signing_info(sgl_signing *s, sgl_slice signature, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(&s->info);
	size_t mark = sgl_derb_open(&b, SGL_SEQUENCE);

	add_sid(&b, s);
	sgl_digest_alg_add(&b, s->signer.digest);
	add_attributes(&b, s);
	TRY(sgl_signing_add_alg(s, SGL_SEQUENCE, &b, err));
	sgl_derb_octets(&b, signature);
	sgl_derb_close(&b, mark);
	return sgl_derb_end(&b, err);
}
