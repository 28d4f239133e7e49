/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fail.h"
#include "sys/sandbox.h"
#include "sys/sanitized.h"
#include "sys/text.h"

#define ROOM "sys.sandbox"
#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --------------------------------------------------------- system calls --- */

/* Computing, talking over what is open already, and ending. */
static const int always[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv),
    SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
    SCMP_SYS(shutdown), SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(fcntl),
    SCMP_SYS(ioctl), SCMP_SYS(fstat), SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(mmap),
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
    SCMP_SYS(brk), SCMP_SYS(mlock), SCMP_SYS(munlock), SCMP_SYS(futex),
    SCMP_SYS(sched_yield), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday),
    SCMP_SYS(time), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack), SCMP_SYS(tgkill), SCMP_SYS(restart_syscall),
    SCMP_SYS(exit), SCMP_SYS(exit_group)};

/* With places: what a database does in them. */
static const int files[] = {SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat), SCMP_SYS(lstat),
    SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(fstatfs),
    SCMP_SYS(getcwd), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rename),
    SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(linkat), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(rmdir), SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(flock),
    SCMP_SYS(fchmod), SCMP_SYS(umask)};

static const int accepting[] = {SCMP_SYS(accept), SCMP_SYS(accept4)};
/* Finding out addresses by name asks the kernel and servers in its own ways. */
static const int connecting[] = {
    SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(sendmmsg)};
/* The last is how addresses of this machine are found out. A local socket may
 * belong to somebody who believes whom the kernel names. */
static const int outward[] = {AF_INET, AF_INET6, AF_NETLINK};

/* What drivers and their libraries do besides. */
static const int modules[] = {SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
    SCMP_SYS(membarrier), SCMP_SYS(uname), SCMP_SYS(sysinfo),
    SCMP_SYS(getrusage), SCMP_SYS(prlimit64), SCMP_SYS(times),
    SCMP_SYS(clock_getres), SCMP_SYS(getppid), SCMP_SYS(getgroups),
    SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(pipe), SCMP_SYS(pipe2),
    SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(signalfd4), SCMP_SYS(inotify_init1), SCMP_SYS(inotify_add_watch),
    SCMP_SYS(inotify_rm_watch), SCMP_SYS(connect), SCMP_SYS(bind),
    SCMP_SYS(socketpair)};

/* Threads, but no processes; sockets, but not to the network. */
static int
allow_modules(scmp_filter_ctx filter, bool may_connect)
{
	static const uint64_t families[] = {AF_UNIX, AF_NETLINK};
	const uint64_t thread = CLONE_THREAD;
	int answer = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
	    1, SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));

	/* Its flags lie in memory, where a filter cannot see them: libc does
	 * without. */
	if (answer == 0)
		answer = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	for (size_t i = 0; i < COUNT(families) && !may_connect; i++)
		if (answer == 0)
			answer = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
			    SCMP_SYS(socket), 1,
			    SCMP_A0(SCMP_CMP_EQ, families[i], 0));
	return answer;
}

static int
allow(scmp_filter_ctx filter, const int *calls, size_t num)
{
	int answer = 0;

	for (size_t i = 0; i < num && answer == 0; i++)
		answer = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return answer;
}

static int
allow_network(scmp_filter_ctx filter, const sgl_sandbox *s)
{
	int answer = allow(filter, connecting, COUNT(connecting));

	if (s->may_connect && answer == 0)
		return seccomp_rule_add(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 0);
	for (size_t i = 0; i < COUNT(outward) && answer == 0; i++)
		answer = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(socket), 1,
		    (struct scmp_arg_cmp){.op = SCMP_CMP_EQ,
			.datum_a = (scmp_datum_t)outward[i]});
	return answer;
}

static int
allow_all(scmp_filter_ctx filter, const sgl_sandbox *s)
{
	const bool has_network = s->may_connect || s->may_fetch;
	int answer = allow(filter, always, COUNT(always));

	if (answer == 0 && s->has_modules)
		answer = allow_modules(filter, s->may_connect);
	if (answer == 0 && s->has_modules)
		answer = allow(filter, modules, COUNT(modules));
	if (answer == 0 && (s->places != NULL || has_network))
		answer = allow(filter, files, COUNT(files));
	if (answer == 0 && s->may_accept)
		answer = allow(filter, accepting, COUNT(accepting));
	return answer == 0 && has_network ? allow_network(filter, s) : answer;
}

/* All else fails with EPERM, as it would for somebody without the right. */
static int
filter_calls(const sgl_sandbox *s)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int answer;

	if (filter == NULL)
		return -ENOMEM;
	answer = allow_all(filter, s);
	if (answer == 0)
		answer = seccomp_load(filter);
	seccomp_release(filter);
	return answer;
}

/* ---------------------------------------------------------------- files --- */

/* Of the kernel's first version; later ones add to it. */
#define FIRST_RIGHTS ((UINT64_C(1) << 13) - 1)

static uint64_t
known_rights(long version)
{
	uint64_t rights = FIRST_RIGHTS;

	if (version >= 2)
		rights |= UINT64_C(1) << 13; /* refer */
	if (version >= 3)
		rights |= UINT64_C(1) << 14; /* truncate */
	return rights;
}

/* What there is to be done with a file; the rest is for folders. */
#define FILE_RIGHTS                                                            \
	((uint64_t)LANDLOCK_ACCESS_FS_WRITE_FILE |                             \
	    (uint64_t)LANDLOCK_ACCESS_FS_READ_FILE |                           \
	    UINT64_C(1) << 14 /* truncate */)

static bool
add_place(int rules, int place, uint64_t rights)
{
	struct landlock_path_beneath_attr below = {.parent_fd = place};
	struct stat st;

	if (fstat(place, &st) != 0)
		return false;
	/* Nothing in it is a program of ours. */
	below.allowed_access = S_ISDIR(st.st_mode)
	    ? rights & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE
	    : rights & FILE_RIGHTS;
	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		   &below, 0) == 0;
}

/* What names are looked up in, and the libraries that do it. */
static const char *const names[] = {"/etc/hosts", "/etc/resolv.conf",
    "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
    "/run/systemd/resolve", "/usr/lib", "/lib", NULL};
/* And servers' certificates. */
static const char *const certificates[] = {
    "/etc/ssl", "/etc/sigill", "/usr/share/ca-certificates", NULL};
#define READING                                                                \
	((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE |                              \
	    (uint64_t)LANDLOCK_ACCESS_FS_READ_DIR)

static bool
open_places(int rules, const char *const *places, uint64_t rights)
{
	for (; places != NULL && *places != NULL; places++) {
		int place = open(*places, O_PATH | O_CLOEXEC);
		bool good = place < 0 || add_place(rules, place, rights);

		if (place < 0 && errno != ENOENT)
			return false;
		if (place >= 0)
			(void)close(place);
		if (!good)
			return false;
	}
	return true;
}

static bool
open_network(int rules, const sgl_sandbox *s, uint64_t rights)
{
	if (!s->may_connect && !s->may_fetch)
		return true;
	return open_places(rules, names, rights) &&
	    (!s->may_connect || open_places(rules, certificates, rights));
}

static bool
fence_files(const sgl_sandbox *s)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = {0};
	bool good;
	int rules;

	if (version < 1)
		return false;
	attr.handled_access_fs = known_rights(version);
	rules =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (rules < 0)
		return false;
	good = open_places(rules, s->places, attr.handled_access_fs) &&
	    open_places(rules, s->readable, attr.handled_access_fs & READING) &&
	    open_network(rules, s, attr.handled_access_fs & READING) &&
	    syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	(void)close(rules);
	return good;
}

/* Goes up from *at, closing it: false at the top. */
static bool
go_up(int *at, struct stat *here)
{
	struct stat above = {0};
	int up = openat(*at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)close(*at);
	*at = up;
	if (up < 0 || fstat(up, &above) != 0)
		return false;
	if (above.st_dev == here->st_dev && above.st_ino == here->st_ino)
		return false;
	*here = above;
	return true;
}

bool
sgl_sandbox_covers(const char *place, const char *inside)
{
	struct stat wanted = {0}, here = {0};
	int at = open(inside, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool covers = false;

	if (at >= 0 && fstat(at, &here) == 0 && stat(place, &wanted) == 0)
		do
			covers = here.st_dev == wanted.st_dev &&
			    here.st_ino == wanted.st_ino;
		while (!covers && go_up(&at, &here));
	if (at >= 0)
		(void)close(at);
	return covers;
}

sgl_status
sgl_sandbox_enter(const sgl_sandbox *s, sgl_err *err)
{
	if (SGL_SANITIZED)
		return SGL_OK;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	if (!fence_files(s) && !s->best_effort)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("this system cannot fence files off (Landlock): a newer "
		       "kernel, or sandbox = best-effort"));
	if (filter_calls(s) != 0 && !s->best_effort)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("this system cannot filter system calls (seccomp): a "
		       "newer kernel, or sandbox = best-effort"));
	return SGL_OK;
}
