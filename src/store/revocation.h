/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the store: revocations as columns. */
#ifndef SGL_STORE_REVOCATION_H
#define SGL_STORE_REVOCATION_H

#include "store/query.h"

/* Two values: when, and the reason's name; NULL both where nothing is revoked.
 * sgl_query_revocation reads the two columns from `column` on. */
void sgl_query_bind_revocation(sgl_query *q, const sgl_revocation_mark *r);
SGL_MUST sgl_status sgl_query_revocation(
    sgl_query *q, int column, sgl_revocation_mark *out, sgl_err *err);

#endif
