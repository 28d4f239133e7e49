/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Having a root sign. Its key is opened by the process of the command line
 * alone, which reads the home, has everything signed, and hands over what was
 * signed. Only the root of a trial, whose key is in the vault, signs where the
 * job is done.
 */
#ifndef SGL_ADMIN_CEREMONY_H
#define SGL_ADMIN_CEREMONY_H

#include "ca/succession.h"
#include "admin/work.h"

/* What is asked of the root; `input` is what the command had brought. */
typedef sgl_status
sgl_draft_fn(const sgl_call *call, sgl_home *home, const sgl_ca_signer *root,
    sgl_slice input, sgl_ca_draft *out, sgl_err *err);

/* sgl_ceremony_bring, where the caller is: with --root-key, the order's input
 * becomes what the root has signed. */
SGL_MUST sgl_status sgl_ceremony_bring(
    const sgl_call *call, sgl_draft_fn *draft, sgl_order *order, sgl_err *err);
/* sgl_ceremony_get, where the home is: what was brought, or signed by the root
 * of a trial. sgl_ceremony_open_trial opens that. */
SGL_MUST sgl_status sgl_ceremony_get(sgl_session *s, const sgl_order *order,
    sgl_draft_fn *draft, sgl_ca_draft *out, sgl_err *err);
SGL_MUST sgl_status sgl_ceremony_open_trial(
    sgl_home *home, sgl_ca_signer *out, sgl_err *err);
/* sgl_ceremony_publish: copies of all that is published follow the change. */
SGL_MUST sgl_status sgl_ceremony_publish(sgl_session *s, sgl_err *err);
/* sgl_ceremony_reason reads --reason, of those that an authority's revocation
 * can have. */
SGL_MUST sgl_status sgl_ceremony_reason(
    const sgl_call *call, sgl_revocation_reason *out, sgl_err *err);

#endif
