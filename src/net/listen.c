/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/http.h"
#include "sys/fail.h"
#include "sys/text.h"

#define ROOM "net.listen"
#define BACKLOG 512

/* libevent takes an address alone too, with a port of 0. */
static bool
has_port(const struct sockaddr_storage *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memcpy(&v4, address, sizeof v4);
	memcpy(&v6, address, sizeof v6);
	return address->ss_family == AF_INET ? v4.sin_port != 0
					     : v6.sin6_port != 0;
}

static int
open_at(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(
	    address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int yes = 1;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
	    bind(fd, address, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* The processes of a service that was killed have the socket until they notice,
 * a moment later. */
static int
open_soon(const struct sockaddr *address, socklen_t len)
{
	const struct timespec pause = {0, 50000000};
	int fd = open_at(address, len);

	for (int i = 0; i < 60 && fd < 0 && errno == EADDRINUSE; i++) {
		(void)nanosleep(&pause, NULL);
		fd = open_at(address, len);
	}
	return fd;
}

static sgl_status
parse(const char *where, struct sockaddr_storage *out, socklen_t *size,
    sgl_err *err)
{
	int len = sizeof *out;

	if (evutil_parse_sockaddr_port(where, (struct sockaddr *)out, &len) !=
		0 ||
	    !has_port(out))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not ADDRESS:PORT, like 127.0.0.1:8080"), "%s",
		    where);
	*size = (socklen_t)len;
	return SGL_OK;
}

sgl_status
sgl_listen_check(const char *where, sgl_err *err)
{
	struct sockaddr_storage address = {0};
	socklen_t len = 0;

	return parse(where, &address, &len, err);
}

static sgl_status
fail_listen(const char *where, int error, sgl_err *err)
{
	const char *text = error == EADDRINUSE
	    ? N_("another program listens there already (ss -ltnp shows it): "
		 "end it, or choose another place")
	    : error == EADDRNOTAVAIL
	    ? N_("this machine has no such address: choose another place")
	    : error == EACCES
	    ? N_("only root may listen at so low a port: start as root, or "
		 "choose another place")
	    : NULL;

	return text == NULL ? sgl_fail_errno(err, error, ROOM, where)
			    : sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
				  text, "%s", where);
}

sgl_status
sgl_listen(const char *where, int *fd, sgl_err *err)
{
	struct sockaddr_storage address = {0};
	socklen_t len = 0;

	TRY(parse(where, &address, &len, err));
	*fd = open_soon((const struct sockaddr *)&address, len);
	return *fd >= 0 ? SGL_OK : fail_listen(where, errno, err);
}
