/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private key on its way to its owner, as EST has it (RFC 7030 4.4.2): an
 * AsymmetricKeyPackage (RFC 5958) in SignedData by whoever made the key, in
 * EnvelopedData for a public key that the owner named.
 */
#ifndef SGL_CMS_KEY_PACKAGE_H
#define SGL_CMS_KEY_PACKAGE_H

#include "cms/writer.h"

typedef struct sgl_key_package {
	const sgl_cert *signer_cert; /* borrowed, as all here */
	sgl_key *signer_key;	     /* one that answers at once */
	const sgl_bare_recipient *recipient;
	sgl_cipher_alg cipher; /* in CBC mode: EnvelopedData has no other */
} sgl_key_package;

/* sgl_key_package_write appends the ContentInfo, DER. Failures are those of
 * sgl_signed_writer_new and sgl_enveloped_writer_new. */
SGL_MUST sgl_status sgl_key_package_write(sgl_engine *engine,
    const sgl_key *key, const sgl_key_package *how, sgl_buf *out, sgl_err *err);

#endif
