/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/front_enrol.h"

#define LATER 60 /* seconds */

void
sgl_front_refuse(sgl_http_exchange *exchange, int status, const char *why)
{
	const sgl_http_answer a = {.status = status,
	    .type = "text/plain; charset=utf-8",
	    .body = sgl_slice_str(why),
	    .authenticate = status == 401 ? "Basic realm=\"enrolment\"" : NULL,
	    .retry_after = status == 503 ? LATER : 0};

	sgl_http_answer_send(exchange, &a);
}

void
sgl_front_busy(sgl_http_exchange *exchange)
{
	sgl_front_refuse(exchange, 503, "not now: try again later\n");
}
