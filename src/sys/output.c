/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/output.h"
#include "sys/signals.h"
#include "sys/spool.h"
#include "sys/text.h"

#define ROOM "sys.output"

struct sgl_output {
	sgl_sink sink;
	char *path; /* resolved; NULL: standard output */
	bool is_secret, is_committed;
	/* a file */
	int dir, fd;
	bool replaces;
	mode_t mode;
	char temp[NAME_MAX + 1]; /* a name in dir, or "" while it has none */
	char *temp_path;	 /* the same for a signal to unlink */
	sgl_buf block;
	/* what streams */
	int stream;
	sgl_spool *spool;
};

static sgl_status
fail_now(const sgl_output *o, int error, sgl_err *err)
{
	return sgl_fail_errno(err, error, ROOM, sgl_output_name(o));
}

/* ------------------------------------------------------------ the sink --- */

static sgl_status
flush_block(sgl_output *o, sgl_err *err)
{
	TRY(sgl_write_all(
	    o->fd, sgl_output_name(o), sgl_buf_slice(&o->block), err));
	o->block.len = 0;
	return SGL_OK;
}

/* Small pieces are gathered; a large one goes straight. */
static sgl_status
output_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	sgl_output *o = (sgl_output *)s;

	if (o->spool != NULL)
		return sgl_sink_write(&o->spool->sink, in, err);
	if (o->block.len + in.len > o->block.max)
		TRY(flush_block(o, err));
	if (in.len >= o->block.max)
		return sgl_write_all(o->fd, sgl_output_name(o), in, err);
	return sgl_buf_add(&o->block, in, err);
}

static sgl_status
output_finish(sgl_sink *s, sgl_err *err)
{
	sgl_output *o = (sgl_output *)s;

	if (o->spool != NULL)
		return sgl_sink_finish(&o->spool->sink, err);
	TRY(flush_block(o, err));
	return fsync(o->fd) == 0 ? SGL_OK : fail_now(o, errno, err);
}

static void
drop(sgl_output *o)
{
	if (o->temp[0] != '\0')
		(void)unlinkat(o->dir, o->temp, 0);
	o->temp[0] = '\0';
	if (o->temp_path != NULL)
		sgl_signals_remove(NULL);
	sgl_buf_wipe(&o->block);
	if (o->fd >= 0)
		(void)close(o->fd);
	o->fd = -1;
	sgl_spool_free(SGL_TAKE(&o->spool));
}

static void
output_abort(sgl_sink *s)
{
	drop((sgl_output *)s);
}

static const sgl_sink_ops output_ops = {
    output_write, output_finish, output_abort};

/* ----------------------------------------------------------- preparing --- */

static const char *
base_name(const sgl_output *o)
{
	const char *slash = strrchr(o->path, '/');

	return slash == NULL ? o->path : slash + 1;
}

static sgl_status
open_folder(sgl_output *o, sgl_err *err)
{
	char folder[PATH_MAX];
	size_t len = (size_t)(base_name(o) - o->path);

	if (len >= sizeof folder || strlen(base_name(o)) > NAME_MAX)
		return fail_now(o, ENAMETOOLONG, err);
	if (base_name(o)[0] == '\0')
		return fail_now(o, len == 0 ? ENOENT : EISDIR, err);
	memcpy(folder, o->path, len);
	folder[len] = '\0';
	o->dir =
	    open(len == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return o->dir < 0 ? fail_now(o, errno, err) : SGL_OK;
}

/* 64 bits: nobody else's name. */
static sgl_status
make_temp_name(sgl_output *o, sgl_err *err)
{
	uint64_t r;

	if (getrandom(&r, sizeof r, 0) != (ssize_t)sizeof r)
		return fail_now(o, errno, err);
	(void)snprintf(
	    o->temp, sizeof o->temp, ".sigill-%016llx", (unsigned long long)r);
	return SGL_OK;
}

/* The path that a second signal unlinks: folder/temp. */
static sgl_status
register_temp(sgl_output *o, sgl_err *err)
{
	size_t len = (size_t)(base_name(o) - o->path);
	size_t room = len + strlen(o->temp) + 1;

	o->temp_path = sgl_mem_resize(NULL, room);
	if (o->temp_path == NULL)
		return sgl_oom(err, ROOM);
	memcpy(o->temp_path, o->path, len);
	memcpy(o->temp_path + len, o->temp, room - len);
	sgl_signals_remove(o->temp_path);
	return SGL_OK;
}

/* Where there is no O_TMPFILE, or no /proc to give such a file a name. */
static sgl_status
open_named(sgl_output *o, mode_t mode, sgl_err *err)
{
	TRY(make_temp_name(o, err));
	TRY(register_temp(o, err));
	o->fd = openat(o->dir, o->temp,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (o->fd >= 0)
		return SGL_OK;
	o->temp[0] = '\0';
	return fail_now(o, errno, err);
}

static sgl_status
open_file(sgl_output *o, sgl_err *err)
{
	mode_t mode = o->is_secret ? 0600 : o->replaces ? o->mode : 0666;

	TRY(open_folder(o, err));
	o->block = (sgl_buf){.max = SGL_BLOCK, .secret = true};
	if (access("/proc/self/fd", X_OK) == 0)
		o->fd =
		    openat(o->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	if (o->fd < 0)
		TRY(open_named(o, mode, err));
	if (o->replaces && !o->is_secret && fchmod(o->fd, mode) != 0)
		return fail_now(o, errno, err);
	return SGL_OK;
}

/* A pipe or device, by path: it is opened now, so that trouble shows before
 * the work is done. */
static sgl_status
open_stream(sgl_output *o, sgl_err *err)
{
	do {
		TRY(sgl_signals_check(ROOM, err));
		o->stream = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	} while (o->stream < 0 && errno == EINTR);
	return o->stream < 0 ? fail_now(o, errno, err) : SGL_OK;
}

static sgl_status
resolve(sgl_output *o, const char *path, sgl_err *err)
{
	char real[PATH_MAX];
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		if (realpath(path, real) == NULL)
			return sgl_fail_errno(err, errno, ROOM, path);
		path = real;
	}
	return sgl_slice_copy(
	    sgl_slice_str(path), (uint8_t **)&o->path, ROOM, err);
}

/* *streams: what is there is neither absent nor a regular file. A file that
 * may not be written is not to be replaced either. */
static sgl_status
look_at(sgl_output *o, bool *streams, sgl_err *err)
{
	struct stat st;

	*streams = false;
	if (stat(o->path, &st) != 0)
		return errno == ENOENT ? SGL_OK : fail_now(o, errno, err);
	if (S_ISDIR(st.st_mode))
		return fail_now(o, EISDIR, err);
	*streams = !S_ISREG(st.st_mode);
	o->replaces = !*streams;
	o->mode = st.st_mode & 0777;
	if (o->replaces && euidaccess(o->path, W_OK) != 0)
		return fail_now(o, errno, err);
	return SGL_OK;
}

/* Names of descriptors are not opened but duplicated: an open would begin at
 * the start of a file that others append to. -1: it is no such name. */
static int
descriptor_of(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	char *end;

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(folders[i]);
		long fd;
		if (strncmp(path, folders[i], len) != 0 || path[len] < '0' ||
		    path[len] > '9')
			continue;
		fd = strtol(path + len, &end, 10);
		return *end == '\0' && fd < INT_MAX ? (int)fd : -1;
	}
	return -1;
}

bool
sgl_path_is_stdout(const char *path)
{
	return sgl_path_is_standard(path) ||
	    descriptor_of(path) == STDOUT_FILENO;
}

static sgl_status
use_descriptor(sgl_output *o, const char *path, int fd, sgl_err *err)
{
	TRY(sgl_slice_copy(
	    sgl_slice_str(path), (uint8_t **)&o->path, ROOM, err));
	o->stream = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return o->stream < 0 ? fail_now(o, errno, err) : SGL_OK;
}

static sgl_status
prepare(sgl_engine *engine, sgl_output *o, const char *path, sgl_err *err)
{
	bool streams = true;

	if (sgl_path_is_standard(path)) {
		o->stream = STDOUT_FILENO;
	} else if (descriptor_of(path) >= 0) {
		TRY(use_descriptor(o, path, descriptor_of(path), err));
	} else {
		TRY(resolve(o, path, err));
		TRY(look_at(o, &streams, err));
		if (!streams)
			return open_file(o, err);
		TRY(open_stream(o, err));
	}
	return sgl_diskspool_new(engine, NULL, &o->spool, err);
}

sgl_status
sgl_output_new(sgl_engine *engine, const char *path, bool is_secret,
    sgl_output **out, sgl_err *err)
{
	SGL_AUTO(sgl_output)
	o = sgl_mem_zeroed(1, sizeof *o);

	if (o == NULL)
		return sgl_oom(err, ROOM);
	o->sink.ops = &output_ops;
	o->dir = o->fd = o->stream = -1;
	o->is_secret = is_secret;
	TRY(prepare(engine, o, path, err));
	*out = SGL_TAKE(&o);
	return SGL_OK;
}

sgl_sink *
sgl_output_sink(sgl_output *o)
{
	return &o->sink;
}

const char *
sgl_output_name(const sgl_output *o)
{
	return o->path == NULL ? sgl_stdout_name() : o->path;
}

/* ---------------------------------------------------------- committing --- */

static int
link_as(sgl_output *o, const char *name)
{
	char self[64];

	(void)snprintf(self, sizeof self, "/proc/self/fd/%d", o->fd);
	return linkat(AT_FDCWD, self, o->dir, name, AT_SYMLINK_FOLLOW);
}

/* linkat never replaces, rename does: a name for a moment in between. */
static sgl_status
give_name(sgl_output *o, sgl_err *err)
{
	if (o->temp[0] == '\0' && !o->replaces) {
		if (link_as(o, base_name(o)) == 0)
			return SGL_OK;
		if (errno != EEXIST)
			return fail_now(o, errno, err);
	}
	if (o->temp[0] == '\0') {
		TRY(make_temp_name(o, err));
		if (link_as(o, o->temp) != 0) {
			o->temp[0] = '\0';
			return fail_now(o, errno, err);
		}
	}
	if (renameat(o->dir, o->temp, o->dir, base_name(o)) != 0)
		return fail_now(o, errno, err);
	o->temp[0] = '\0';
	return SGL_OK;
}

/* Some file systems cannot sync a folder, and say so by EINVAL. */
static sgl_status
commit_file(sgl_output *o, sgl_err *err)
{
	TRY(sgl_signals_check(ROOM, err));
	TRY(give_name(o, err));
	if (fsync(o->dir) != 0 && errno != EINVAL && errno != EBADF)
		return fail_now(o, errno, err);
	return SGL_OK;
}

typedef struct fdsink {
	sgl_sink sink;
	int fd;
	const char *name;
} fdsink;

static sgl_status
fdsink_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	return sgl_write_all(((fdsink *)s)->fd, ((fdsink *)s)->name, in, err);
}

static sgl_status
fdsink_finish(sgl_sink *s, sgl_err *err)
{
	(void)s;
	(void)err;
	return SGL_OK;
}

static void
fdsink_abort(sgl_sink *s)
{
	(void)s;
}

static const sgl_sink_ops fdsink_ops = {
    fdsink_write, fdsink_finish, fdsink_abort};

/* Some file systems report what did not fit only at close. */
static sgl_status
commit_stream(sgl_output *o, sgl_err *err)
{
	fdsink to = {{.ops = &fdsink_ops}, o->stream, sgl_output_name(o)};
	int fd = o->stream;

	TRY(sgl_pump(o->spool->ops->open(o->spool), &to.sink, err));
	if (fd == STDOUT_FILENO)
		return SGL_OK;
	o->stream = -1;
	return close(fd) == 0 ? SGL_OK : fail_now(o, errno, err);
}

sgl_status
sgl_output_commit(sgl_output *o, sgl_err *err)
{
	if (!o->sink.ended || o->sink.failed != SGL_OK || o->is_committed ||
	    (o->spool == NULL && o->fd < 0))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "output is not whole, or was written already");
	TRY(o->spool == NULL ? commit_file(o, err) : commit_stream(o, err));
	o->is_committed = true;
	return SGL_OK;
}

void
sgl_output_free(sgl_output *o)
{
	if (o == NULL)
		return;
	drop(o);
	if (o->dir >= 0)
		(void)close(o->dir);
	if (o->stream > STDOUT_FILENO)
		(void)close(o->stream);
	sgl_mem_free(o->temp_path);
	sgl_mem_free(o->path);
	sgl_mem_free(o);
}

sgl_status
sgl_file_write(sgl_engine *engine, const char *path, bool is_secret,
    sgl_slice bytes, sgl_err *err)
{
	SGL_AUTO(sgl_output)
	o = NULL;

	TRY(sgl_output_new(engine, path, is_secret, &o, err));
	TRY(sgl_sink_write(&o->sink, bytes, err));
	TRY(sgl_sink_finish(&o->sink, err));
	return sgl_output_commit(o, err);
}
