/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/harden.h"
#include "sys/sanitized.h"

/*
 * open gives the lowest free number, so one loop fills all holes below 3: in
 * the wrong direction, so that whoever wants to use them still fails.
 */
static void
fill_standard(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(127);
}

void
sgl_sys_harden(void)
{
	const struct rlimit none = {0, 0};

	fill_standard();
	(void)setrlimit(RLIMIT_CORE, &none);
	if (!SGL_SANITIZED)
		(void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

void
sgl_sys_lock_memory(void)
{
	struct rlimit limit;

	if (!SGL_SANITIZED && getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
	    limit.rlim_cur == RLIM_INFINITY)
		(void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

bool
sgl_sys_end_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0L, 0L, 0L) ==
	    0 &&
	    getppid() == parent;
}
