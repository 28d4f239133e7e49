/* SPDX-License-Identifier: Apache-2.0 */
#include "message/work.h"
#include "message/main.h"
#include "sys/fail.h"
#include "sys/input.h"

#define LARGEST ((size_t)1 << 30)

/* A malformed file is shown as far as it goes, then is a failure. */
static sgl_status
show(sgl_msg *m, sgl_slice file, sgl_err *err)
{
	sgl_bytes text = {0};
	sgl_slice password = m->has_password ? sgl_secret_slice(&m->password)
					     : (sgl_slice){NULL, 0};
	sgl_status status = sgl_inspect(m->engine, file, password,
	    sgl_call_has(m->call, "json"), &text, err);
	sgl_status said = SGL_OK;
	sgl_err why = {0};

	if (text.len > 0)
		said = sgl_msg_say(m, sgl_slice_of(text.data, text.len), &why);
	sgl_bytes_free(&text);
	if (said == SGL_OK)
		return status;
	*err = why;
	return said;
}

static sgl_status
inspect(sgl_msg *m, sgl_err *err)
{
	const char *path = sgl_msg_message(m);
	sgl_buf file = sgl_buf_init(LARGEST);
	sgl_status status;

	m->at = sgl_path_is_standard(path) ? sgl_stdin_name() : path;
	status = sgl_file_read(path, &file, err);
	if (status == SGL_OK)
		status = show(m, sgl_buf_slice(&file), err);
	sgl_buf_wipe(&file);
	return status;
}

const sgl_option sgl_inspect_options[] = {
    SGL_OPTION_PASSWORD,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

int
sgl_inspect_main(sgl_call *call)
{
	return sgl_msg_run(call, inspect);
}
