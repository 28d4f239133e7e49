/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as fields of a message between our own processes (wire.h). */
#ifndef SGL_SYS_CERTWIRE_H
#define SGL_SYS_CERTWIRE_H

#include "sigill/pki.h"
#include "sys/wire.h"

void sgl_wire_add_certs(sgl_wire *w, const sgl_certs *certs);
/* sgl_unwire_certs adds to a set, 10,000 at most. A field that is missing or
 * too long is told by sgl_unwire_end; here, one that is no certificate. */
SGL_MUST sgl_status sgl_unwire_certs(
    sgl_unwire *u, sgl_engine *engine, sgl_certs *out, sgl_err *err);

/* One, or NULL. *out is a reference. */
void sgl_wire_add_cert(sgl_wire *w, const sgl_cert *cert);
SGL_MUST sgl_status sgl_unwire_cert(
    sgl_unwire *u, sgl_engine *engine, sgl_cert **out, sgl_err *err);

#endif
