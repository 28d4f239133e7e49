/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "admin/files.h"
#include "sys/exit.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/text.h"

#define ROOM "admin.files"
#define FILE_MAX ((size_t)16 << 20)

/* Whatever is wrong: in which file. */
static sgl_status
in_file(const char *name, sgl_status status, const sgl_err *why, sgl_err *err)
{
	return sgl_fail_at(err, status, why->room, why->offset, why->text,
	    "%s%s%s", name, why->detail[0] != '\0' ? ": " : "", why->detail);
}

sgl_status
sgl_org_of_file(const char *file, sgl_status status, sgl_err *err)
{
	sgl_err why = *err;

	if (file == NULL || sgl_exit_of(status) != SGL_EXIT_INPUT ||
	    strstr(why.detail, file) != NULL)
		return status;
	return in_file(file, status, &why, err);
}

/* Who wants CRLs alone is not helped by a certificate, and the other way. */
static sgl_status
load(sgl_engine *engine, sgl_slice file, sgl_slice password, sgl_keyring *ring,
    sgl_crls *crls, sgl_err *err)
{
	sgl_loaded what;

	TRY(sgl_load(engine, file, password, ring, crls, &what, err));
	if (ring == NULL && what.num_crls == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("there is no CRL in it"));
	if (crls == NULL && what.num_certs + what.num_keys == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("there is no certificate and no key in it"));
	return SGL_OK;
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
	status = load(engine, sgl_buf_slice(&file), password, ring, crls, &why);
	sgl_buf_wipe(&file);
	return status == SGL_OK ? SGL_OK : in_file(name, status, &why, err);
}
