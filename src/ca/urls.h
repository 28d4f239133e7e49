/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the world fetches what an authority publishes. Below the organisation's
 * public URL, and on our own HTTP port:
 *
 *	/ca/ID.cer		an authority's certificate (DER)
 *	/crl/ID-SHARD.crl	a part of its CRL (DER), counted from 0
 *	/ocsp			OCSP by POST, and by GET with the request behind
 *
 * ID is the authority's number in the store. An organisation without a public
 * URL (a trial) has no URLs in its certificates; the paths are served all the
 * same.
 */
#ifndef SGL_CA_URLS_H
#define SGL_CA_URLS_H

#include "org/organisation.h"

#define SGL_PATH_CA "/ca/"
#define SGL_PATH_CRL "/crl/"
#define SGL_PATH_OCSP "/ocsp"

/* What a certificate says of its issuer; empty without a public URL. */
typedef struct sgl_ca_urls {
	sgl_buf issuer, crl, ocsp;
} sgl_ca_urls;
void sgl_ca_urls_clear(sgl_ca_urls *urls);
SGL_AUTO_CLEAR_TYPE(sgl_ca_urls, sgl_ca_urls_clear)

/* sgl_ca_urls_get: of the authority with this number, and that part of its CRL.
 */
SGL_MUST sgl_status sgl_ca_urls_get(sgl_home *home, int64_t authority,
    int64_t shard, sgl_ca_urls *out, sgl_err *err);

/* sgl_ca_public_url appends the public URL without a slash behind; nothing
 * where there is none. */
SGL_MUST sgl_status sgl_ca_public_url(
    sgl_home *home, sgl_buf *out, sgl_err *err);

/* The names of files and last parts of URLs: "2.cer", "2-0.crl". */
SGL_MUST sgl_status sgl_ca_cert_file(
    int64_t authority, sgl_buf *out, sgl_err *err);
SGL_MUST sgl_status sgl_ca_crl_file(
    int64_t authority, int64_t shard, sgl_buf *out, sgl_err *err);

#endif
