/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an organisation publishes its certificates and revocation lists: the
 * beginning of URLs that stand in every certificate, so it can never change.
 */
#ifndef SGL_ORG_PUBLIC_URL_H
#define SGL_ORG_PUBLIC_URL_H

#include "base/buf.h"

#define SGL_PUBLIC_URL_MAX 200

/*
 * sgl_public_url_read appends the normal form of a URL: lower case, the host
 * as A-labels, no port 80, no slash at the end. SGL_E_USAGE: it is not http (a
 * list that needs a certificate to be fetched would need itself), or has a
 * user, a query or a fragment, or is none.
 */
SGL_MUST sgl_status sgl_public_url_read(
    const char *given, sgl_buf *out, sgl_err *err);

#endif
