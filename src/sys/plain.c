/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fail.h"
#include "sys/plain.h"
#include "sys/text.h"

#define ROOM "sys.plain"
#define PIECE ((size_t)4096)
/* Before it has its name. Hidden, and swept away by whoever writes next. */
#define UNNAMED ".sigill-new"

/* For errors. */
static const char *
full(const sgl_plain_folder *f, const char *name, char out[PATH_MAX])
{
	if (f->path == NULL)
		(void)snprintf(out, PATH_MAX, "%s", name);
	else
		(void)snprintf(out, PATH_MAX, "%s/%s", f->path, name);
	return out;
}

static sgl_status
fail_at(const sgl_plain_folder *f, const char *name, int error, sgl_err *err)
{
	char path[PATH_MAX];

	return sgl_fail_errno(err, error, ROOM, full(f, name, path));
}

static sgl_status
refuse(
    const sgl_plain_folder *f, const char *name, const char *text, sgl_err *err)
{
	char path[PATH_MAX];

	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text, "%s",
	    full(f, name, path));
}

static sgl_plain_facts
facts_of(const struct stat *st)
{
	return (sgl_plain_facts){
	    .uid = st->st_uid, .gid = st->st_gid, .mode = st->st_mode & 07777};
}

/* -------------------------------------------------------------- reading --- */

sgl_status
sgl_plain_open(const char *path, sgl_plain_folder *out, sgl_err *err)
{
	const sgl_plain_folder none = {.fd = -1};
	struct stat st;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return refuse(&none, path,
		    N_("is not a folder itself: no link is followed here"),
		    err);
	if (fd < 0)
		return sgl_fail_errno(err, errno, ROOM, path);
	if (fstat(fd, &st) != 0) {
		int error = errno;
		(void)close(fd);
		return sgl_fail_errno(err, error, ROOM, path);
	}
	*out = (sgl_plain_folder){.fd = fd, .path = path, .is = facts_of(&st)};
	return SGL_OK;
}

void
sgl_plain_close(sgl_plain_folder *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
}

static sgl_status
look_at(const sgl_plain_folder *f, const char *name, int fd,
    sgl_plain_facts *is, sgl_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail_at(f, name, errno, err);
	if (!S_ISREG(st.st_mode))
		return refuse(f, name, N_("is not a plain file"), err);
	if (st.st_nlink != 1)
		return refuse(f, name,
		    N_("has a second name (a hard link): find out who made it, "
		       "and remove it"),
		    err);
	*is = facts_of(&st);
	return SGL_OK;
}

sgl_status
sgl_plain_file(const sgl_plain_folder *f, const char *name, int *fd,
    sgl_plain_facts *is, bool *absent, sgl_err *err)
{
	/* Not to wait for a pipe, and not to get a terminal. */
	int file = openat(f->fd, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	sgl_status status;

	*fd = -1;
	*absent = file < 0 && errno == ENOENT;
	if (*absent)
		return SGL_OK;
	if (file < 0 && errno == ELOOP)
		return refuse(
		    f, name, N_("is a link, and none is followed"), err);
	if (file < 0)
		return fail_at(f, name, errno, err);
	status = look_at(f, name, file, is, err);
	if (status == SGL_OK)
		*fd = file;
	else
		(void)close(file);
	return status;
}

static sgl_status
read_all(const sgl_plain_folder *f, const char *name, int fd, sgl_buf *out,
    sgl_err *err)
{
	uint8_t piece[PIECE];
	sgl_status status = SGL_OK;
	ssize_t n = 1;

	while (status == SGL_OK && n != 0) {
		n = read(fd, piece, sizeof piece);
		if (n > 0)
			status = sgl_buf_add(
			    out, sgl_slice_of(piece, (size_t)n), err);
		else if (n < 0 && errno != EINTR)
			status = fail_at(f, name, errno, err);
	}
	sgl_mem_wipe(piece, sizeof piece);
	return status;
}

sgl_status
sgl_plain_read(const sgl_plain_folder *f, const char *name, sgl_buf *out,
    sgl_plain_facts *is, bool *absent, sgl_err *err)
{
	sgl_status status;
	int fd;

	TRY(sgl_plain_file(f, name, &fd, is, absent, err));
	if (*absent)
		return SGL_OK;
	status = read_all(f, name, fd, out, err);
	(void)close(fd);
	return status;
}

sgl_status
sgl_plain_read_path(const char *path, sgl_buf *out, sgl_plain_facts *is,
    bool *absent, sgl_err *err)
{
	const sgl_plain_folder here = {.fd = AT_FDCWD};

	return sgl_plain_read(&here, path, out, is, absent, err);
}

/* In a folder with the sticky bit what is root's stays where it is. */
static bool
only_root_changes(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == 0 &&
	    ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
		(S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0));
}

bool
sgl_plain_find_roots(const char *path, char real[SGL_PLAIN_PATH])
{
	char above[SGL_PLAIN_PATH], *slash;

	_Static_assert(SGL_PLAIN_PATH >= PATH_MAX, "room for any path");
	if (path[0] != '/' || realpath(path, real) == NULL)
		return false;
	(void)snprintf(above, sizeof above, "%s", real);
	while ((slash = strrchr(above, '/')) != above && slash != NULL) {
		if (!only_root_changes(above))
			return false;
		*slash = '\0';
	}
	return only_root_changes(above) && only_root_changes("/");
}

/* -------------------------------------------------------------- writing --- */

/* Somebody may have been killed before the file had its name. */
static void
sweep(const sgl_plain_folder *f)
{
	int again = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (strncmp(e->d_name, ".sigill-", 8) == 0)
			(void)unlinkat(f->fd, e->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
	else if (again >= 0)
		(void)close(again);
}

/* A folder of somebody else is written in by root alone. */
static bool
fill(const sgl_plain_folder *f, int fd, sgl_slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.data, bytes.len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			bytes = sgl_slice_from(bytes, (size_t)n);
	}
	if (geteuid() != f->is.uid && fchown(fd, f->is.uid, f->is.gid) != 0)
		return false;
	return fsync(fd) == 0;
}

sgl_status
sgl_plain_write(
    const sgl_plain_folder *f, const char *name, sgl_slice bytes, sgl_err *err)
{
	int fd, error = 0;

	sweep(f);
	fd = openat(f->fd, UNNAMED,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_at(f, name, errno, err);
	if (!fill(f, fd, bytes) || fchmod(fd, 0600) != 0 ||
	    renameat(f->fd, UNNAMED, f->fd, name) != 0)
		error = errno;
	(void)close(fd);
	if (error == 0) {
		(void)fsync(f->fd);
		return SGL_OK;
	}
	(void)unlinkat(f->fd, UNNAMED, 0);
	return fail_at(f, name, error, err);
}

/* -------------------------------------------------------------- listing --- */

sgl_status
sgl_plain_each(
    const sgl_plain_folder *f, sgl_plain_visit *visit, void *ctx, sgl_err *err)
{
	/* One of its own: where reading is belongs to the description. */
	int again = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	sgl_status status = SGL_OK;
	struct dirent *e;

	if (d == NULL) {
		status = sgl_fail_errno(err, errno, ROOM, f->path);
		if (again >= 0)
			(void)close(again);
		return status;
	}
	while (status == SGL_OK && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			status = visit(ctx, e->d_name, err);
	(void)closedir(d);
	return status;
}
