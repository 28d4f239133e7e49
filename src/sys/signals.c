/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "sys/exit.h"
#include "sys/fail.h"
#include "sys/signals.h"

static atomic_int caught;
static _Atomic(const char *) to_remove;

static void
on_signal(int number)
{
	const char *path = atomic_load(&to_remove);
	int none = 0;

	if (atomic_compare_exchange_strong(&caught, &none, number))
		return;
	if (path != NULL)
		(void)unlink(path);
	_exit(SGL_EXIT_SIGNAL + number);
}

/* Without SA_RESTART, so that a read which waits returns. */
static void
handle(int number)
{
	struct sigaction old, action = {.sa_handler = on_signal};

	if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
		return;
	sigemptyset(&action.sa_mask);
	(void)sigaction(number, &action, NULL);
}

void
sgl_signals_init(void)
{
	handle(SIGINT);
	handle(SIGTERM);
	handle(SIGHUP);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
}

void
sgl_signals_leave_to_parent(void)
{
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
}

int
sgl_signals_caught(void)
{
	return atomic_load(&caught);
}

sgl_status
sgl_signals_check(const char *room, sgl_err *err)
{
	return sgl_signals_caught() == 0
	    ? SGL_OK
	    : sgl_fail_errno(err, EINTR, room, NULL);
}

void
sgl_signals_remove(const char *path)
{
	atomic_store(&to_remove, path);
}
