/* SPDX-License-Identifier: Apache-2.0 */
/* By what old mail names the keys that open it. */
#ifndef SGL_ORG_RECIPIENTS_H
#define SGL_ORG_RECIPIENTS_H

#include "sigill/pki.h"
#include "store/store.h"

/* sgl_recipients_find finds, among all keys that the person ever had, one that
 * a message names so and whose private half is here. */
SGL_MUST sgl_status sgl_recipients_find(sgl_engine *engine, sgl_store *store,
    int64_t person, const sgl_named_recipient *name, sgl_key_record *out,
    bool *found, sgl_err *err);

/* sgl_recipients_add notes the names that a certificate gives to its key. */
SGL_MUST sgl_status sgl_recipients_add(sgl_engine *engine, sgl_store *store,
    const sgl_cert *cert, int64_t key, sgl_err *err);
/* sgl_recipients_upgrade is for sgl_store_options: it notes those of all
 * certificates that an older release has stored. ctx is the engine. */
SGL_MUST sgl_status sgl_recipients_upgrade(
    void *ctx, sgl_store *store, int from, sgl_err *err);

#endif
