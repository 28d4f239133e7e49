/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "crypto/hash.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/output.h"
#include "sys/text.h"
#include "vault/master.h"
#include "vault/seal.h"

#define ROOM "vault.master"
#define LONGEST 1024
#define FIRST_LINE "sigill master key 1\n"

static sgl_status
path_of(const char *folder, char out[PATH_MAX], sgl_err *err)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", folder, SGL_MASTER_FILE);

	return n > 0 && n < PATH_MAX
	    ? SGL_OK
	    : sgl_fail_errno(err, ENAMETOOLONG, ROOM, folder);
}

static sgl_status
write_key(sgl_engine *engine, const char *path, const uint8_t *key,
    sgl_buf *text, sgl_err *err)
{
	TRY(sgl_buf_add_str(text, FIRST_LINE, err));
	TRY(sgl_base64_encode(sgl_slice_of(key, SGL_MASTER_KEY), text, err));
	TRY(sgl_buf_add_str(text, "\n", err));
	return sgl_file_write(engine, path, true, sgl_buf_slice(text), err);
}

sgl_status
sgl_master_create(
    sgl_engine *engine, const char *folder, bool *made, sgl_err *err)
{
	sgl_buf text = sgl_buf_init(LONGEST);
	uint8_t key[SGL_MASTER_KEY];
	char path[PATH_MAX];
	sgl_status status;

	TRY(path_of(folder, path, err));
	*made = access(path, F_OK) != 0;
	if (!*made)
		return SGL_OK;
	TRY(sgl_random(engine, key, sizeof key, err));
	status = write_key(engine, path, key, &text, err);
	sgl_mem_wipe(key, sizeof key);
	sgl_buf_wipe(&text);
	return status;
}

/* A key that others could read is no secret any more. */
static sgl_status
check_mode(const char *path, sgl_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT
		    ? sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
			  N_("the master key is missing: restore it from a "
			     "backup"),
			  "%s", path)
		    : sgl_fail_errno(err, errno, ROOM, path);
	if ((st.st_mode & 077) != 0)
		return sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("others may read the master key: chmod 600 it, and ask "
		       "who did"),
		    "%s", path);
	return SGL_OK;
}

static sgl_status
read_key(const char *path, sgl_slice text, sgl_buf *raw, sgl_secret *out,
    sgl_err *err)
{
	const sgl_slice first = SGL_LIT(FIRST_LINE);
	sgl_status status = SGL_E_ENCODING;

	if (sgl_slice_starts(text, first))
		status = sgl_base64_decode(
		    sgl_slice_trim(sgl_slice_from(text, first.len)), raw, err);
	if (status == SGL_E_NOMEM)
		return status;
	if (status == SGL_OK && raw->len == SGL_MASTER_KEY)
		return sgl_secret_set(out, sgl_buf_slice(raw), err);
	return sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the master key is damaged: restore it from a backup"), "%s",
	    path);
}

sgl_status
sgl_master_read_text(
    const char *name, sgl_slice text, sgl_secret *out, sgl_err *err)
{
	sgl_buf raw = sgl_buf_init(LONGEST);
	sgl_status status = read_key(name, text, &raw, out, err);

	sgl_buf_wipe(&raw);
	return status;
}

sgl_status
sgl_master_read(const char *folder, sgl_secret *out, sgl_err *err)
{
	sgl_buf text = sgl_buf_init(LONGEST);
	char path[PATH_MAX];
	sgl_status status;

	TRY(path_of(folder, path, err));
	TRY(check_mode(path, err));
	status = sgl_file_read(path, &text, err);
	if (status == SGL_OK)
		status =
		    sgl_master_read_text(path, sgl_buf_slice(&text), out, err);
	sgl_buf_wipe(&text);
	return status;
}
