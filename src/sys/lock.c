/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sys/fail.h"
#include "sys/lock.h"
#include "sys/signals.h"
#include "sys/text.h"

#define ROOM "sys.lock"
#define STEP_MS 20u

struct sgl_lock {
	int fd;
};

/* A home on a read-only file system can still be read. */
static int
open_lock(const char *path, bool exclusive)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && !exclusive && (errno == EROFS || errno == EACCES))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd;
}

static sgl_status
wait_for(
    int fd, const char *path, bool exclusive, unsigned left_ms, sgl_err *err)
{
	const struct timespec step = {0, STEP_MS * 1000000L};
	int how = (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;

	while (flock(fd, how) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return sgl_fail_errno(err, errno, ROOM, path);
		TRY(sgl_signals_check(ROOM, err));
		if (left_ms < STEP_MS)
			return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
			    N_("another process is at work here (the service, "
			       "or a command): try again when it is done, or "
			       "stop the service"),
			    "%s", path);
		left_ms -= STEP_MS;
		(void)nanosleep(&step, NULL);
	}
	return SGL_OK;
}

/* Root may take it for a folder of somebody else, who could have put another
 * file of root's there, with something in it or with another name. */
static sgl_status
give_lock(const sgl_plain_folder *folder, int fd, sgl_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return sgl_fail_errno(err, errno, ROOM, folder->path);
	if (st.st_uid == folder->is.uid)
		return SGL_OK;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_size != 0)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("somebody has put another file in the place of the "
		       "lock: find out who, and move it back"),
		    "%s", folder->path);
	return fchown(fd, folder->is.uid, folder->is.gid) == 0
	    ? SGL_OK
	    : sgl_fail_errno(err, errno, ROOM, folder->path);
}

sgl_status
sgl_lock_new_in(const sgl_plain_folder *folder, const char *name,
    unsigned patience_ms, sgl_lock **out, sgl_err *err)
{
	SGL_AUTO(sgl_lock)
	lock = sgl_mem_zeroed(1, sizeof *lock);

	if (lock == NULL)
		return sgl_oom(err, ROOM);
	lock->fd = openat(folder->fd, name,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (lock->fd < 0)
		return sgl_fail_errno(err, errno, ROOM, folder->path);
	TRY(give_lock(folder, lock->fd, err));
	TRY(wait_for(lock->fd, folder->path, true, patience_ms, err));
	*out = SGL_TAKE(&lock);
	return SGL_OK;
}

sgl_status
sgl_lock_new(const char *path, bool exclusive, unsigned patience_ms,
    sgl_lock **out, sgl_err *err)
{
	SGL_AUTO(sgl_lock)
	lock = sgl_mem_zeroed(1, sizeof *lock);

	if (lock == NULL)
		return sgl_oom(err, ROOM);
	lock->fd = open_lock(path, exclusive);
	if (lock->fd < 0)
		return sgl_fail_errno(err, errno, ROOM, path);
	TRY(wait_for(lock->fd, path, exclusive, patience_ms, err));
	*out = SGL_TAKE(&lock);
	return SGL_OK;
}

void
sgl_lock_free(sgl_lock *lock)
{
	if (lock == NULL)
		return;
	if (lock->fd >= 0)
		(void)close(lock->fd);
	sgl_mem_free(lock);
}
