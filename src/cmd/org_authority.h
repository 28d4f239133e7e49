/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands on authorities share. */
#ifndef SGL_CMD_ORG_AUTHORITY_H
#define SGL_CMD_ORG_AUTHORITY_H

#include "cmd/org.h"

#define SGL_ORG_INPUT_MAX ((size_t)4 << 20)

/* sgl_call_authority reads the first argument, an authority's number. */
SGL_MUST sgl_status sgl_call_authority(
    const sgl_call *call, int64_t *out, sgl_err *err);
/* sgl_authority_tell: all about one. */
SGL_MUST sgl_status sgl_authority_tell(
    sgl_session *s, const sgl_authority *a, sgl_reply *r, sgl_err *err);

/* sgl_reissue renews what `call` says, and tells how many. */
SGL_MUST sgl_status sgl_reissue(
    const sgl_call *call, size_t *num, sgl_err *err);

/* Jobs bring what the root has signed (sgl_org_job.bring). */
SGL_MUST sgl_status sgl_bring_issuing(
    const sgl_call *call, sgl_order *order, sgl_err *err);
SGL_MUST sgl_status sgl_bring_revocation(
    const sgl_call *call, sgl_order *order, sgl_err *err);
SGL_MUST sgl_status sgl_bring_root_crl(
    const sgl_call *call, sgl_order *order, sgl_err *err);

#endif
