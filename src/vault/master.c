/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "crypto/hash.h"
#include "sys/fail.h"
#include "sys/output.h"
#include "sys/text.h"
#include "sys/user.h"
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

void
sgl_master_clear(sgl_master *m)
{
	sgl_secret_clear(&m->bare);
	sgl_ways_clear(&m->ways);
	for (size_t i = 0; i < SGL_WAYS_MAX; i++)
		sgl_secret_clear(&m->gathered[i]);
}

static sgl_status
missing(const char *folder, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the master key is missing: restore it from a backup"),
	    "%s/" SGL_MASTER_FILE, folder);
}

/* Where the keyholder is a user of its own, nobody else but root gets here. */
sgl_status
sgl_master_folder(const char *folder, sgl_plain_folder *out, sgl_err *err)
{
	sgl_status status = sgl_plain_open(folder, out, err);
	struct stat st;
	sgl_user owner;

	if (status != SGL_E_IO)
		return status;
	if (access(folder, F_OK) != 0 && errno == ENOENT)
		return missing(folder, err);
	if (stat(folder, &st) != 0 || st.st_uid == geteuid())
		return status;
	sgl_user_of(st.st_uid, &owner);
	return sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the master key belongs to another user of this machine: start "
	       "the service, or do this as root"),
	    "%s (%s)", folder, owner.name);
}

/* A key that others could read is no secret any more; one of somebody else is
 * not the one that was here. */
static sgl_status
check_facts(
    const sgl_plain_folder *folder, const sgl_plain_facts *is, sgl_err *err)
{
	if ((is->mode & 077) != 0)
		return sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("others may read the master key: chmod 600 it, and ask "
		       "who did"),
		    "%s/" SGL_MASTER_FILE, folder->path);
	if (is->uid != folder->is.uid && is->uid != 0)
		return sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("the master key does not belong to whom its folder "
		       "belongs: find out who put it there"),
		    "%s/" SGL_MASTER_FILE, folder->path);
	return SGL_OK;
}

/* SGL_E_ENCODING: it is none. */
static sgl_status
read_bare(sgl_slice text, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) raw = {.max = LONGEST, .secret = true};

	TRY(sgl_base64_decode(sgl_slice_trim(text), &raw, err));
	if (raw.len != SGL_MASTER_KEY)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("the master key has another length"));
	return sgl_secret_set(out, sgl_buf_slice(&raw), err);
}

static sgl_status
read_either(sgl_slice text, sgl_master *out, sgl_err *err)
{
	const sgl_slice first = SGL_LIT(FIRST_LINE);

	if (sgl_slice_starts(text, first))
		return read_bare(
		    sgl_slice_from(text, first.len), &out->bare, err);
	return sgl_ways_read(text, &out->ways, err);
}

static sgl_status
damaged(const char *name, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the master key is damaged: restore it from a backup"), "%s",
	    name);
}

sgl_status
sgl_master_read_text(
    const char *name, sgl_slice text, sgl_master *out, sgl_err *err)
{
	sgl_status status = read_either(text, out, err);

	return status == SGL_OK || status == SGL_E_NOMEM ? status
							 : damaged(name, err);
}

sgl_status
sgl_master_read_in(
    const sgl_plain_folder *folder, sgl_master *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = {.max = SGL_WAYS_TEXT, .secret = true};
	sgl_plain_facts is;
	char path[PATH_MAX];
	sgl_status status;
	bool absent;

	TRY(path_of(folder->path, path, err));
	status =
	    sgl_plain_read(folder, SGL_MASTER_FILE, &text, &is, &absent, err);
	if (status == SGL_E_LIMIT)
		return damaged(path, err);
	if (status != SGL_OK)
		return status;
	if (absent)
		return missing(folder->path, err);
	TRY(check_facts(folder, &is, err));
	return sgl_master_read_text(path, sgl_buf_slice(&text), out, err);
}

sgl_status
sgl_master_read(const char *folder, sgl_master *out, sgl_err *err)
{
	sgl_plain_folder keys;
	sgl_status status;

	TRY(sgl_master_folder(folder, &keys, err));
	status = sgl_master_read_in(&keys, out, err);
	sgl_plain_close(&keys);
	return status;
}

void
sgl_master_state(const sgl_master *m, sgl_vault_state *out)
{
	*out = (sgl_vault_state){0};
	for (size_t i = 0; i < m->ways.num; i++)
		out->num_of[m->ways.items[i].kind]++;
}

/* --------------------------------------------------------------- writing ---
 */

/* What is freed on the disk could be found there. Where the file system writes
 * elsewhere or keeps old versions, nothing we do helps. */
static void
overwrite(int fd)
{
	static const uint8_t zeros[512];
	struct stat st;
	off_t at = 0;

	/* What has a name still was never ours to write in. */
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 0)
		return;
	while (at < st.st_size) {
		ssize_t n = pwrite(fd, zeros, sizeof zeros, at);
		if (n <= 0)
			return;
		at += n;
	}
	(void)fsync(fd);
}

sgl_status
sgl_master_write(
    const sgl_plain_folder *folder, const sgl_ways *ways, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_WAYS_TEXT);
	sgl_status status;
	int old;

	TRY(sgl_ways_write(ways, &text, err));
	old = openat(folder->fd, SGL_MASTER_FILE,
	    O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (old < 0)
		return sgl_fail_errno(err, errno, ROOM, folder->path);
	status =
	    sgl_plain_write(folder, SGL_MASTER_FILE, sgl_buf_slice(&text), err);
	if (status == SGL_OK)
		overwrite(old);
	(void)close(old);
	return status;
}
