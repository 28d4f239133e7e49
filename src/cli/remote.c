/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/remote.h"
#include "org/place.h"
#include "sys/fail.h"
#include "sys/text.h"

#define ROOM "cli.org"

static bool
set_address(const sgl_buf *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (path->len >= sizeof out->sun_path)
		return false;
	memcpy(out->sun_path, path->data, path->len);
	return true;
}

/* Nobody listens: the socket is not there, or is left from one that ended. */
static bool
is_nobody(int error)
{
	return error == ENOENT || error == ECONNREFUSED || error == ENOTDIR;
}

static sgl_status
connect_to(const struct sockaddr_un *to, sgl_channel **out, sgl_err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sgl_status status;

	if (fd < 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	if (connect(fd, (const struct sockaddr *)to, sizeof *to) == 0)
		status = sgl_channel_new(fd, out, err);
	else if (is_nobody(errno))
		status = SGL_OK;
	else
		status = sgl_fail_errno(err, errno, ROOM, to->sun_path);
	if (status != SGL_OK || *out == NULL)
		(void)close(fd);
	return status;
}

/* The service of this machine: where nobody said which organisation is meant,
 * and the user has none. */
static sgl_status
open_public(sgl_channel **out, sgl_err *err)
{
	const char *named = getenv("SIGILL_SOCKET");
	SGL_AUTO_CLEAR(sgl_buf) path = sgl_buf_init(SGL_PLACE_MAX);
	struct sockaddr_un to;

	if (named == NULL && sgl_place_is_home(NULL))
		return SGL_OK;
	TRY(sgl_buf_add_str(
	    &path, named == NULL ? SGL_ORG_PUBLIC_SOCKET : named, err));
	if (set_address(&path, &to))
		TRY(connect_to(&to, out, err));
	if (*out == NULL && named != NULL)
		return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("no service listens there"), "%s", named);
	return SGL_OK;
}

static sgl_status
open_own(const char *home, sgl_channel **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = sgl_buf_init(SGL_PLACE_MAX);
	struct sockaddr_un to;

	TRY(sgl_place_find(home, &path, err));
	TRY(sgl_place_add(&path, SGL_ORG_SOCKET, err));
	/* A path too long for a socket has no service either. */
	return set_address(&path, &to) ? connect_to(&to, out, err) : SGL_OK;
}

/* Which organisation is meant; what is empty says nothing. */
static bool
is_said(const char *home)
{
	const char *named = getenv("SIGILL_HOME");

	return home != NULL || (named != NULL && named[0] != '\0');
}

sgl_status
sgl_remote_open(const char *home, sgl_channel **out, sgl_err *err)
{
	*out = NULL;
	if (!is_said(home))
		TRY(open_public(out, err));
	return *out == NULL ? open_own(home, out, err) : SGL_OK;
}

bool
sgl_remote_is_named(const char *home)
{
	return !is_said(home) && getenv("SIGILL_SOCKET") != NULL;
}
