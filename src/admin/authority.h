/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands on authorities share. */
#ifndef SGL_ADMIN_AUTHORITY_H
#define SGL_ADMIN_AUTHORITY_H

#include "admin/work.h"

#define SGL_ORG_INPUT_MAX ((size_t)4 << 20)

/* sgl_call_authority reads the first argument, an authority's number. */
SGL_MUST sgl_status sgl_call_authority(
    const sgl_call *call, int64_t *out, sgl_err *err);
/* sgl_authority_tell: all about one. */
SGL_MUST sgl_status sgl_authority_tell(
    sgl_session *s, const sgl_authority *a, sgl_reply *r, sgl_err *err);
/* sgl_authority_tell_crls: a line, or an object of JSON, for each list. */
SGL_MUST sgl_status sgl_authority_tell_crls(
    sgl_session *s, const sgl_authority *a, sgl_reply *r, sgl_err *err);

/* The head of a table of authorities, and the first cells of a line: ID, kind,
 * state, key, end. */
SGL_MUST sgl_status sgl_authority_head(sgl_buf *out, sgl_err *err);
SGL_MUST sgl_status sgl_authority_cells(
    sgl_buf *out, const char *const cells[5], sgl_err *err);
/* sgl_branches_tell: lines of the same table, or an array "branches". */
SGL_MUST sgl_status sgl_branches_tell(
    sgl_session *s, sgl_reply *r, sgl_err *err);

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

SGL_MUST sgl_status sgl_bring_branch(
    const sgl_call *call, sgl_order *order, sgl_err *err);
SGL_MUST sgl_status sgl_bring_branch_revocation(
    const sgl_call *call, sgl_order *order, sgl_err *err);
/* sgl_below_add_pem appends a request for the issuing authority of an
 * organisation below another. */
SGL_MUST sgl_status sgl_below_add_pem(
    sgl_home *home, sgl_buf *out, sgl_err *err);
sgl_org_work sgl_org_ca_request, sgl_org_ca_install;
sgl_org_work sgl_org_branch_add, sgl_org_branch_list, sgl_org_branch_revoke;

#endif
