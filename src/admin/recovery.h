/* SPDX-License-Identifier: Apache-2.0 */
/* sigill recovery */
#ifndef SGL_ADMIN_RECOVERY_H
#define SGL_ADMIN_RECOVERY_H

#include "admin/work.h"
#include "org/recovery.h"

sgl_org_work sgl_org_officer_add, sgl_org_officer_list, sgl_org_officer_remove,
    sgl_org_recovery_set, sgl_org_recovery_open, sgl_org_recovery_list,
    sgl_org_recovery_show, sgl_org_recovery_request, sgl_org_recovery_submit,
    sgl_org_recovery_collect, sgl_org_recovery_cancel;

/* What the command line does itself: reads the officer's certificate, or makes
 * the key and writes it. */
SGL_MUST sgl_status sgl_officer_bring(
    const sgl_call *call, sgl_order *order, sgl_err *err);
int sgl_officer_add_main(sgl_call *call);
/* Reads the officer's answer. */
SGL_MUST sgl_status sgl_answer_bring(
    const sgl_call *call, sgl_order *order, sgl_err *err);
/* sigill recovery approve, for which no organisation is needed. */
int sgl_recovery_approve_main(sgl_call *call);

#endif
