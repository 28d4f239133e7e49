/* SPDX-License-Identifier: Apache-2.0 */
/* Which of front's parts a request is for. */
#ifndef SGL_DAEMON_FRONT_SERVE_H
#define SGL_DAEMON_FRONT_SERVE_H

#include "daemon/front_enrol.h"
#include "daemon/outlet.h"

/* sgl_front_serve answers any request, now or later; all is borrowed. */
void sgl_front_serve(const sgl_front_tools *tools, sgl_outlet *outlet,
    const sgl_http_request *request, sgl_http_exchange *exchange);

#endif
