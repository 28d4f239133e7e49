/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front's part in enrolling devices: what they send is read here, without keys,
 * and control decides.
 */
#ifndef SGL_DAEMON_FRONT_ENROL_H
#define SGL_DAEMON_FRONT_ENROL_H

#include "daemon/front_line.h"
#include "net/http.h"

/* Borrowed. */
typedef struct sgl_front_tools {
	sgl_engine *engine;
	sgl_front_line *line;
} sgl_front_tools;

/* Each answers a request of its protocol, now or later. False: it is none. */
SGL_MUST bool sgl_front_est(const sgl_front_tools *tools,
    const sgl_http_request *request, sgl_http_exchange *exchange);
SGL_MUST bool sgl_front_scep(const sgl_front_tools *tools,
    const sgl_http_request *request, sgl_http_exchange *exchange);

/* What both say where there is no answer in their own form: a line of text,
 * with 401 how to log in; and that nothing can be done now (503). */
void sgl_front_refuse(sgl_http_exchange *exchange, int status, const char *why);
void sgl_front_busy(sgl_http_exchange *exchange);

#endif
