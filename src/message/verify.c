/* SPDX-License-Identifier: Apache-2.0 */
#include "message/main.h"
#include "message/read.h"

/* The content is exactly what was signed. */
static sgl_status
verify(sgl_msg *m, sgl_err *err)
{
	static const sgl_read_how how = {
	    .peel = SGL_PEEL_SIGNATURES,
	    .judge = sgl_msg_judge,
	};

	return sgl_msg_read(m, &how, err);
}

const sgl_option sgl_verify_options[] = {
    SGL_OPTIONS_VERIFY,
    SGL_OPTION_RELEASE,
    {"output", 'o', "FILE", N_("write the signed content to FILE if it passes"),
	false},
    SGL_OPTION_JSON,
    SGL_OPTION_HOME,
    SGL_OPTIONS_END,
};

int
sgl_verify_main(sgl_call *call)
{
	return sgl_msg_run(call, verify);
}
