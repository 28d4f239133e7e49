/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One layer of protection around a MIME entity, which is a MIME entity again:
 * multipart/signed, or application/pkcs7-mime in base64 (RFC 8551 3.2, 3.5).
 * Its sink takes the entity inside; what comes out goes to `next`, which may
 * be the sink of another seal.
 */
#ifndef SGL_SMIME_SEAL_H
#define SGL_SMIME_SEAL_H

#include "cms/writer.h"

typedef struct sgl_seal sgl_seal;

/* options->detached makes a multipart/signed; else it is opaque. What options
 * point to, `asker` and `next` are borrowed. */
SGL_MUST sgl_status sgl_seal_new_signed(sgl_engine *engine,
    const sgl_signed_options *options, sgl_asker *asker, sgl_sink *next,
    sgl_seal **out, sgl_err *err);
SGL_MUST sgl_status sgl_seal_new_enveloped(sgl_engine *engine,
    const sgl_enveloped_options *options, sgl_sink *next, sgl_seal **out,
    sgl_err *err);
/* sgl_seal_head lends what goes to `next` before the sink gets its first byte:
 * the header section (without MIME-Version), its blank line, and for
 * multipart/signed the first delimiter. */
sgl_slice sgl_seal_head(const sgl_seal *s);
sgl_sink *sgl_seal_sink(sgl_seal *s);
void sgl_seal_free(sgl_seal *s);
SGL_AUTO_TYPE(sgl_seal, sgl_seal_free)

#endif
