/* SPDX-License-Identifier: Apache-2.0 */
/* The signed attributes that we write: RFC 5652 11, RFC 8551 2.5. */
#include "cms/write_parts.h"

#define ROOM "cms.attributes"
#define COUNT(table) (sizeof(table) / sizeof *(table))

sgl_attribute_marks
sgl_attribute_open(sgl_derb *b, sgl_oid type)
{
	sgl_attribute_marks m;

	m.seq = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(type));
	m.set = sgl_derb_open(b, SGL_SET);
	return m;
}

void
sgl_attribute_close(sgl_derb *b, sgl_attribute_marks m)
{
	sgl_derb_close(b, m.set);
	sgl_derb_close(b, m.seq);
}

sgl_oid
sgl_content_type(sgl_oid wanted)
{
	return wanted == SGL_OID_UNKNOWN ? SGL_OID_DATA : wanted;
}

/* @req rfc5652-11.1 */
static void
add_content_type(sgl_derb *b, sgl_oid type)
{
	sgl_attribute_marks m = sgl_attribute_open(b, SGL_OID_AA_CONTENT_TYPE);

	sgl_derb_oid(b, sgl_oid_der(sgl_content_type(type)));
	sgl_attribute_close(b, m);
}

/* @req rfc5652-11.2 */
static void
add_message_digest(sgl_derb *b, sgl_slice digest)
{
	sgl_attribute_marks m =
	    sgl_attribute_open(b, SGL_OID_AA_MESSAGE_DIGEST);

	sgl_derb_octets(b, digest);
	sgl_attribute_close(b, m);
}

/* @req rfc5652-11.3 */
static void
add_signing_time(sgl_derb *b, sgl_time time)
{
	sgl_attribute_marks m = sgl_attribute_open(b, SGL_OID_AA_SIGNING_TIME);

	sgl_derb_time(b, time);
	sgl_attribute_close(b, m);
}

/* SigningCertificateV2 of one ESSCertIDv2 with the default digest, SHA-256:
 * RFC 5035 3 and 4. */
static void
add_signing_certificate(sgl_derb *b, const sgl_cert *cert)
{
	sgl_attribute_marks m =
	    sgl_attribute_open(b, SGL_OID_AA_SIGNING_CERTIFICATE_V2);
	size_t value = sgl_derb_open(b, SGL_SEQUENCE);
	size_t certs = sgl_derb_open(b, SGL_SEQUENCE);
	size_t id = sgl_derb_open(b, SGL_SEQUENCE), serial, names, name;

	sgl_derb_octets(b, sgl_cert_get_fingerprint(cert));
	serial = sgl_derb_open(b, SGL_SEQUENCE);
	names = sgl_derb_open(b, SGL_SEQUENCE);
	name = sgl_derb_open(b, SGL_CONTEXT(4)); /* directoryName */
	sgl_derb_raw(b, sgl_cert_get_issuer(cert));
	sgl_derb_close(b, name);
	sgl_derb_close(b, names);
	sgl_derb_bytes(b, SGL_INTEGER, sgl_cert_get_serial(cert));
	sgl_derb_close(b, serial);
	sgl_derb_close(b, id);
	sgl_derb_close(b, certs);
	sgl_derb_close(b, value);
	sgl_attribute_close(b, m);
}

/*
 * @req rfc8551-2.5.2
 * What we read, in the order in which we like it. AES-256-CBC
 * goes first: many a sender takes the first that it knows, and not every
 * reader between here and there can do AEAD. RFC 3565 4.1, RFC 5084, RFC 8103
 * 5: without parameters.
 */
static void
add_capabilities(sgl_derb *b)
{
	static const sgl_oid ciphers[] = {
	    SGL_OID_AES256_CBC,
	    SGL_OID_AES256_GCM,
	    SGL_OID_AES128_GCM,
	    SGL_OID_ALG_CHACHA20_POLY1305,
	    SGL_OID_AES192_CBC,
	    SGL_OID_AES128_CBC,
	};
	sgl_attribute_marks m =
	    sgl_attribute_open(b, SGL_OID_AA_SMIME_CAPABILITIES);
	size_t list = sgl_derb_open(b, SGL_SEQUENCE);

	for (size_t i = 0; i < COUNT(ciphers); i++) {
		size_t one = sgl_derb_open(b, SGL_SEQUENCE);
		sgl_derb_oid(b, sgl_oid_der(ciphers[i]));
		sgl_derb_close(b, one);
	}
	sgl_derb_close(b, list);
	sgl_attribute_close(b, m);
}

/* @req rfc6211-2
 * The algorithms outside the signature must be these. */
static sgl_status
add_algorithm_protection(sgl_derb *b, const sgl_signing *s, sgl_err *err)
{
	sgl_attribute_marks m =
	    sgl_attribute_open(b, SGL_OID_AA_CMS_ALGORITHM_PROTECTION);
	size_t value = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_digest_alg_add(b, s->signer.digest);
	TRY(sgl_signing_add_alg(s, SGL_CONTEXT(1), b, err));
	sgl_derb_close(b, value);
	sgl_attribute_close(b, m);
	return SGL_OK;
}

/* @req rfc8551-2.5.3
 * And the form that Outlook reads. */
static void
add_key_preference(sgl_derb *b, const sgl_cert *cert)
{
	sgl_attribute_marks m =
	    sgl_attribute_open(b, SGL_OID_AA_ENCRYP_KEY_PREF);

	sgl_issuer_serial_add(b, SGL_CONTEXT(0), cert);
	sgl_attribute_close(b, m);
	m = sgl_attribute_open(b, SGL_OID_AA_MS_ENCRYPTION_KEY_PREF);
	sgl_issuer_serial_add(b, SGL_SEQUENCE, cert);
	sgl_attribute_close(b, m);
}

sgl_status
sgl_signing_attributes(sgl_signing *s, const sgl_signed_options *options,
    sgl_slice digest, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(&s->attributes);
	size_t mark = sgl_derb_open(&b, SGL_SET);

	add_content_type(&b, options->content_type);
	add_message_digest(&b, digest);
	add_signing_time(&b, options->signing_time);
	add_signing_certificate(&b, s->signer.cert);
	if (!s->signer.not_mail)
		add_capabilities(&b);
	TRY(add_algorithm_protection(&b, s, err));
	if (options->encryption_cert != NULL)
		add_key_preference(&b, options->encryption_cert);
	sgl_derb_raw(&b, options->extra_attributes);
	sgl_derb_close_set_of(&b, mark);
	return sgl_derb_end(&b, err);
}

static bool
is_ours(sgl_slice type)
{
	switch (sgl_oid_find(type)) {
	case SGL_OID_AA_CONTENT_TYPE:
	case SGL_OID_AA_MESSAGE_DIGEST:
	case SGL_OID_AA_SIGNING_TIME:
	case SGL_OID_AA_SIGNING_CERTIFICATE_V2:
	case SGL_OID_AA_SMIME_CAPABILITIES:
	case SGL_OID_AA_CMS_ALGORITHM_PROTECTION:
	case SGL_OID_AA_ENCRYP_KEY_PREF:
	case SGL_OID_AA_MS_ENCRYPTION_KEY_PREF:
		return true;
	default:
		return false;
	}
}

sgl_status
sgl_attributes_check(sgl_slice extra, sgl_err *err)
{
	sgl_der in = sgl_der_over(extra), attribute;
	sgl_slice type;

	while (!sgl_der_done(&in))
		if (!sgl_der_read(&in, SGL_SEQUENCE, &attribute) ||
		    !sgl_der_read_oid(&attribute, &type) ||
		    !sgl_der_read(&attribute, SGL_SET, NULL) ||
		    !sgl_der_done(&attribute) || is_ours(type))
			return sgl_fail(err, SGL_E_USAGE, ROOM,
			    sgl_der_offset(&in),
			    "this signed attribute cannot be added");
	return SGL_OK;
}
