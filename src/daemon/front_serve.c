/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/front_serve.h"

void
sgl_front_serve(const sgl_front_tools *tools, sgl_outlet *outlet,
    const sgl_http_request *request, sgl_http_exchange *exchange)
{
	const sgl_http_answer nothing = {.status = 404};

	if (!sgl_front_est(tools, request, exchange) &&
	    !sgl_front_scep(tools, request, exchange) &&
	    !sgl_outlet_serve(outlet, request, exchange))
		sgl_http_answer_send(exchange, &nothing);
}
