/* SPDX-License-Identifier: Apache-2.0 */
/* sigill recovery */
#ifndef SGL_CMD_ORG_RECOVERY_H
#define SGL_CMD_ORG_RECOVERY_H

#include "cmd/org.h"
#include "org/recovery.h"

sgl_org_work sgl_org_officer_add, sgl_org_officer_list, sgl_org_officer_remove,
    sgl_org_recovery_set;

/* What the command line does itself: reads the officer's certificate, or makes
 * the key and writes it. */
SGL_MUST sgl_status sgl_officer_bring(
    const sgl_call *call, sgl_order *order, sgl_err *err);
int sgl_officer_add_main(sgl_call *call);

#endif
