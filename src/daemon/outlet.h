/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Front's part in publishing: certificates, CRLs and OCSP for strangers. What
 * everybody is told alike it asks of control once and keeps until control says
 * that something has changed; without control it keeps nothing, for nobody
 * would say so. Control is asked only about what can be there at all, and only
 * so many questions at a time.
 */
#ifndef SGL_DAEMON_OUTLET_H
#define SGL_DAEMON_OUTLET_H

#include "net/http.h"
#include "net/peer.h"
#include "pki/ocsp.h"

typedef struct sgl_outlet sgl_outlet;
SGL_MUST sgl_status sgl_outlet_new(
    sgl_loop *loop, sgl_outlet **out, sgl_err *err);
/* Whoever still waits is told to come again. */
void sgl_outlet_free(sgl_outlet *o);

/* sgl_outlet_set_control: this is control now (borrowed; NULL: nobody). */
void sgl_outlet_set_control(sgl_outlet *o, sgl_peer *control);
/* sgl_outlet_hear takes what control says; false: it is not about this. */
bool sgl_outlet_hear(sgl_outlet *o, unsigned type, sgl_slice body);

/* What was answered by OCSP since it began: one answer for everybody, one for
 * this request alone, or an error. */
typedef struct sgl_outlet_counts {
	uint64_t stored, live, errors[SGL_OCSP_UNAUTHORIZED + 1];
} sgl_outlet_counts;
const sgl_outlet_counts *sgl_outlet_counts_of(const sgl_outlet *o);
/* "ca", "crl", "ocsp", or "other" for none of the paths here. */
const char *sgl_outlet_service(const sgl_outlet *o, const char *path);

/* sgl_outlet_serve answers a request, now or later; false: it is for none of
 * the paths here. */
bool sgl_outlet_serve(sgl_outlet *o, const sgl_http_request *request,
    sgl_http_exchange *exchange);

#endif
