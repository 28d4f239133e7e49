/* SPDX-License-Identifier: Apache-2.0 */
#include "message/main.h"
#include "message/read.h"

static sgl_status
open_all(sgl_msg *m, sgl_err *err)
{
	static const sgl_read_how how = {
	    .peel = SGL_PEEL_ALL,
	    .keep_headers = true,
	    .needs_output = true,
	    .is_secret = true,
	    .judge = sgl_msg_judge,
	};

	return sgl_msg_read(m, &how, err);
}

const sgl_option sgl_open_options[] = {
    SGL_OPTIONS_DECRYPT,
    SGL_OPTIONS_VERIFY,
    SGL_OPTION_RELEASE,
    SGL_OPTION_OUTPUT,
    SGL_OPTION_JSON,
    SGL_OPTION_HOME,
    SGL_OPTIONS_END,
};

int
sgl_open_main(sgl_call *call)
{
	return sgl_msg_run(call, open_all);
}
