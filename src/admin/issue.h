/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert issue */
#ifndef SGL_ADMIN_ISSUE_H
#define SGL_ADMIN_ISSUE_H

#include "admin/work.h"

/* For sgl_org_job.bring: the request that --csr names, as DER. */
sgl_status
sgl_bring_request(const sgl_call *call, sgl_order *order, sgl_err *err);
sgl_org_work sgl_org_cert_issue_request, sgl_org_cert_issue_all,
    sgl_org_cert_issue_plan;
/* sigill cert issue, also --all. */
int sgl_org_cert_issue_any(sgl_call *call);

#endif
