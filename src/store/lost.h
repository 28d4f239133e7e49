/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the store: revoked serial numbers without a certificate. */
#ifndef SGL_STORE_LOST_H
#define SGL_STORE_LOST_H

#include "store/query.h"

SGL_MUST sgl_status sgl_store_each_lost(sgl_store *store, int64_t authority,
    int64_t shard, sgl_cert_visit visit, void *ctx, sgl_err *err);

#endif
