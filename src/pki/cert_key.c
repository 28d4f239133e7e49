/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert_read.h"

static const struct {
	sgl_oid curve;
	sgl_key_kind kind;
	unsigned bits;
} curves[] = {
    {SGL_OID_P256, SGL_KEY_P256, 256},
    {SGL_OID_P384, SGL_KEY_P384, 384},
    {SGL_OID_P521, SGL_KEY_P521, 521},
};

static void
note_rsa(sgl_cert *c, sgl_slice bits)
{
	sgl_der in = sgl_der_over(bits), body;
	sgl_slice n;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_unsigned(&body, &n) || n.len == 0 ||
	    n.len > UINT32_MAX / 8)
		return;
	c->key_kind = SGL_KEY_RSA;
	c->key_bits = (unsigned)n.len * 8;
	for (unsigned top = n.data[0]; (top & 0x80) == 0; top <<= 1)
		c->key_bits--;
}

static void
note_ec(sgl_cert *c, sgl_der *algorithm)
{
	sgl_slice curve;
	sgl_oid oid;

	if (!sgl_der_read_oid(algorithm, &curve))
		return;
	oid = sgl_oid_find(curve);
	for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
		if (curves[i].curve != oid)
			continue;
		c->key_kind = curves[i].kind;
		c->key_bits = curves[i].bits;
	}
}

static void
note_kind(sgl_cert *c, sgl_der *algorithm, sgl_slice bits)
{
	switch (c->key_algorithm) {
	case SGL_OID_RSA_ENCRYPTION:
	case SGL_OID_RSASSA_PSS:
		note_rsa(c, bits);
		break;
	case SGL_OID_EC_PUBLIC_KEY:
		note_ec(c, algorithm);
		break;
	case SGL_OID_ED25519:
		c->key_kind = SGL_KEY_ED25519;
		c->key_bits = 256;
		break;
	case SGL_OID_X25519:
		c->key_kind = SGL_KEY_X25519;
		c->key_bits = 256;
		break;
	default:
		break;
	}
}

bool
sgl_cert_read_key(sgl_cert *c, sgl_slice *bits)
{
	sgl_der in = sgl_der_over(c->spki), spki, algorithm;
	sgl_slice oid;
	unsigned unused;

	if (!sgl_der_read(&in, SGL_SEQUENCE, &spki) ||
	    !sgl_der_read(&spki, SGL_SEQUENCE, &algorithm) ||
	    !sgl_der_read_oid(&algorithm, &oid) ||
	    !sgl_der_read_bits(&spki, bits, &unused) || unused != 0 ||
	    !sgl_der_done(&spki))
		return false;
	c->key_algorithm = sgl_oid_find(oid);
	note_kind(c, &algorithm, *bits);
	return true;
}

bool
sgl_cert_has_ext_key_usage(const sgl_cert *cert, sgl_oid purpose)
{
	sgl_der in = sgl_der_over(cert->ext_key_usage);
	sgl_slice want = sgl_oid_der(purpose), oid;

	if (cert->ext_key_usage.len == 0)
		return true;
	while (sgl_der_read_bytes(&in, SGL_OID, &oid))
		if (sgl_slice_eq(oid, want) ||
		    sgl_slice_eq(oid, sgl_oid_der(SGL_OID_ANY_EXT_KEY_USAGE)))
			return true;
	return false;
}

/* RFC 8550 4.4.4 */
static bool
is_for_mail(const sgl_cert *cert)
{
	return cert->malformed_extension.len == 0 &&
	    sgl_cert_has_ext_key_usage(cert, SGL_OID_KP_EMAIL_PROTECTION);
}

bool
sgl_cert_has_signing_usage(const sgl_cert *cert)
{
	/* RFC 8550 4.4.2: either bit will do. */
	unsigned want = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_NON_REPUDIATION;

	return cert->key_kind != SGL_KEY_UNKNOWN &&
	    cert->key_kind != SGL_KEY_X25519 && (cert->key_usage & want) != 0;
}

bool
sgl_cert_has_encryption_usage(const sgl_cert *cert)
{
	unsigned want = 0;

	switch (cert->key_kind) {
	case SGL_KEY_RSA:
		/* RFC 4055 1.2: an id-RSASSA-PSS key only signs. */
		if (cert->key_algorithm == SGL_OID_RSA_ENCRYPTION)
			want = SGL_KU_KEY_ENCIPHERMENT;
		break;
	case SGL_KEY_P256:
	case SGL_KEY_P384:
	case SGL_KEY_P521:
	case SGL_KEY_X25519:
		want = SGL_KU_KEY_AGREEMENT;
		break;
	case SGL_KEY_ED25519:
	case SGL_KEY_UNKNOWN:
		break;
	}
	return (cert->key_usage & want) != 0;
}

bool
sgl_cert_may_sign(const sgl_cert *cert)
{
	return sgl_cert_has_signing_usage(cert) && is_for_mail(cert);
}

bool
sgl_cert_may_encrypt(const sgl_cert *cert)
{
	return sgl_cert_has_encryption_usage(cert) && is_for_mail(cert);
}
