/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read AlgorithmIdentifiers share. */
#ifndef SGL_CMS_ALG_INSIDE_H
#define SGL_CMS_ALG_INSIDE_H

#include "cms/algs.h"

/* The failures; err->detail names the OID. */
sgl_status sgl_alg_malformed(const sgl_der *at, const char *text, sgl_err *err);
sgl_status sgl_alg_unsupported(sgl_slice oid, const char *text, sgl_err *err);
/* sgl_alg_open: *in is left at the parameters. */
SGL_MUST sgl_status sgl_alg_open(
    sgl_slice algorithm, sgl_der *in, sgl_slice *oid, sgl_err *err);

#endif
