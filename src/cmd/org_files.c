/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/org_files.h"
#include "sys/input.h"
#include "sys/text.h"

#define ROOM "cmd.files"
#define FILE_MAX ((size_t)16 << 20)

/* Whatever is wrong: in which file. */
static sgl_status
in_file(const char *name, sgl_status status, sgl_err *err)
{
	const sgl_err inner = *err;

	return sgl_fail_at(err, status, inner.room, inner.offset, inner.text,
	    "%s%s%s", name, inner.detail[0] != '\0' ? ": " : "", inner.detail);
}

static sgl_status
load(sgl_engine *engine, const char *name, sgl_slice file, sgl_slice password,
    sgl_keyring *ring, sgl_crls *crls, sgl_err *err)
{
	sgl_err why = {0};
	sgl_status status =
	    sgl_load(engine, file, password, ring, crls, NULL, &why);

	if (status == SGL_OK)
		return SGL_OK;
	if (err != NULL)
		*err = why;
	return err == NULL ? status : in_file(name, status, err);
}

sgl_status
sgl_org_load_file(sgl_engine *engine, const char *path, sgl_slice password,
    sgl_keyring *ring, sgl_err *err)
{
	const char *name = sgl_path_is_standard(path) ? sgl_stdin_name() : path;
	sgl_buf file = {.max = FILE_MAX, .secret = true};
	sgl_status status = sgl_file_read(path, &file, err);

	if (status == SGL_OK)
		status = load(engine, name, sgl_buf_slice(&file), password,
		    ring, crls, err);
	sgl_buf_wipe(&file);
	return status;
}
