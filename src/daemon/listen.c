/* SPDX-License-Identifier: Apache-2.0 */
/* Where control is called: sockets in the file system. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "sys/fail.h"
#include "sys/text.h"

#define ROOM "daemon.control"
#define BACKLOG 64

static bool
somebody_listens(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected;

	if (fd < 0)
		return false;
	connected = connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;
	(void)close(fd);
	return connected;
}

/* What is left from one that ended is in nobody's way. */
static sgl_status
make_room(const struct sockaddr_un *at, sgl_err *err)
{
	struct stat st;

	if (lstat(at->sun_path, &st) != 0)
		return SGL_OK;
	if (!S_ISSOCK(st.st_mode))
		return sgl_fail_errno(err, EEXIST, ROOM, at->sun_path);
	if (somebody_listens(at))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("another service listens there"), "%s", at->sun_path);
	(void)unlink(at->sun_path);
	return SGL_OK;
}

sgl_status
sgl_listen_local(const char *path, unsigned mode, int *out, sgl_err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof at.sun_path)
		return sgl_fail_errno(err, ENAMETOOLONG, ROOM, path);
	memcpy(at.sun_path, path, strlen(path));
	TRY(make_room(&at, err));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return sgl_fail_errno(err, errno, ROOM, path);
	if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
	    chmod(path, (mode_t)mode) != 0 || listen(fd, BACKLOG) != 0) {
		int error = errno;
		(void)close(fd);
		return sgl_fail_errno(err, error, ROOM, path);
	}
	*out = fd;
	return SGL_OK;
}
