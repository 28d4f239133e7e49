/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/org_files.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/text.h"

#define ROOM "cmd.files"
#define FILE_MAX ((size_t)16 << 20)

/* Whatever is wrong: in which file. */
static sgl_status
in_file(const char *name, sgl_status status, const sgl_err *why, sgl_err *err)
{
	return sgl_fail_at(err, status, why->room, why->offset, why->text,
	    "%s%s%s", name, why->detail[0] != '\0' ? ": " : "", why->detail);
}

sgl_status
sgl_org_load_file(sgl_engine *engine, const char *path, sgl_slice password,
    sgl_keyring *ring, sgl_crls *crls, sgl_err *err)
{
	const char *name = sgl_path_is_standard(path) ? sgl_stdin_name() : path;
	sgl_buf file = {.max = FILE_MAX, .secret = true};
	sgl_err why = {0};
	sgl_status status = sgl_file_read(path, &file, err);

	if (status != SGL_OK) {
		sgl_buf_wipe(&file);
		return status;
	}
	status = sgl_load(
	    engine, sgl_buf_slice(&file), password, ring, crls, NULL, &why);
	sgl_buf_wipe(&file);
	return status == SGL_OK ? SGL_OK : in_file(name, status, &why, err);
}
