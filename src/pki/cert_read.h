/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of reading a certificate, each in its own file. */
#ifndef SGL_PKI_CERT_READ_H
#define SGL_PKI_CERT_READ_H

#include "pki/cert.h"

/* One Extension (RFC 5280 4.1), as certificates, CRLs and their entries have
 * it. */
typedef struct sgl_ext {
	sgl_slice oid;
	bool critical;
	sgl_slice value; /* contents of the OCTET STRING */
} sgl_ext;
SGL_MUST bool sgl_ext_read(sgl_der *in, sgl_ext *out);

/* BOOLEAN where anything but 0 is true, BIT STRING where spare bits may be set,
 * times without seconds: written by some, and nothing hangs on it. */
SGL_MUST bool sgl_lax_read_bool(sgl_der *in, bool *value);
/* Contents of a named BIT STRING (X.690 11.2.2): its first 16 bits, the first
 * of all in bit 0. */
SGL_MUST bool sgl_lax_flags(sgl_slice contents, unsigned *flags);
SGL_MUST bool sgl_lax_read_time(sgl_der *in, sgl_time *time);

/* sgl_read_signature reads a signatureValue. One that is no whole number of
 * bytes is a bad signature, not a bad encoding: it becomes empty, which no key
 * verifies. */
SGL_MUST bool sgl_read_signature(sgl_der *in, sgl_slice *signature);

/* sgl_cert_read_extensions notes what each extension says, and the faults that
 * a path check finds. false: the list itself cannot be read. */
SGL_MUST bool sgl_cert_read_extensions(sgl_cert *c, sgl_der list);
/* sgl_cert_read_key notes kind and size of the key; *bits is the key itself.
 */
SGL_MUST bool sgl_cert_read_key(sgl_cert *c, sgl_slice *bits);
/* sgl_cert_read_digests does that, and fills fingerprint and key_id. */
SGL_MUST sgl_status sgl_cert_read_digests(
    sgl_engine *engine, sgl_cert *c, sgl_err *err);
/* sgl_cert_read_addresses fills c->addresses. */
SGL_MUST sgl_status sgl_cert_read_addresses(sgl_cert *c, sgl_err *err);

#endif
