/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program, this makes its n-th call of a kind fail.
 *
 *   IOFAULT_PROGRAM  only in the program of this (short) name
 *   IOFAULT_CALLS    comma-separated kinds that count; all when unset. A kind
 *                    is the plain name: "open" covers open, openat, open64 ...
 *   IOFAULT_AT       which call fails, from 1; unset or 0: none, only count
 *   IOFAULT_ERRNO    ENOSPC, EIO, EINTR ..., or SHORT: read and write do half
 *                    of what was asked, other kinds just work
 *   IOFAULT_KEEP     set: all calls from that one on fail
 *   IOFAULT_REPORT   a file that is kept saying "COUNT FAULTS KIND", the last
 *                    being the kind of the last call that failed, or "-"
 *
 * Only what the program and its libraries call through the dynamic linker is
 * seen: not the inside of stdio. Where the compiler fortifies a call, its
 * checking twin is covered too.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { REPORT_SIZE = 48 };

static struct {
	const char *calls;
	unsigned long at;
	int error; /* 0: a short transfer */
	bool keep, off;
	char *report;
	const char *last;
	atomic_ulong count, faults;
} state;

static const struct {
	const char *name;
	int error;
} errors[] = {
    {"SHORT", 0},
    {"EACCES", EACCES},
    {"EAGAIN", EAGAIN},
    {"EBADF", EBADF},
    {"ECONNRESET", ECONNRESET},
    {"EEXIST", EEXIST},
    {"EINTR", EINTR},
    {"EINVAL", EINVAL},
    {"EIO", EIO},
    {"EMFILE", EMFILE},
    {"ENFILE", ENFILE},
    {"ENOENT", ENOENT},
    {"ENOMEM", ENOMEM},
    {"ENOSPC", ENOSPC},
    {"EPERM", EPERM},
    {"EPIPE", EPIPE},
    {"EROFS", EROFS},
    {"EXDEV", EXDEV},
};

static void
die(const char *what, const char *value)
{
	dprintf(2, "iofault: %s: %s\n", what, value);
	_exit(125);
}

static int
error_of(const char *name)
{
	if (name == NULL)
		return EIO;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].error;
	die("unknown IOFAULT_ERRNO", name);
	return EIO;
}

/* By system calls: the library's own wrappers are ours by now. */
static void
open_report(const char *path)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path,
	    O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	void *map;

	if (fd < 0 || syscall(SYS_ftruncate, fd, (long)REPORT_SIZE) != 0)
		die("cannot write IOFAULT_REPORT", path);
	map = mmap(
	    NULL, REPORT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	if (map == MAP_FAILED)
		die("cannot map IOFAULT_REPORT", path);
	syscall(SYS_close, fd);
	state.report = map;
}

static void
write_report(void)
{
	char line[REPORT_SIZE];
	int len;

	if (state.report == NULL)
		return;
	len = snprintf(line, sizeof line, "%lu %lu %s", state.count,
	    state.faults, state.last);
	memset(line + len, ' ', sizeof line - (size_t)len - 1);
	line[sizeof line - 1] = '\n';
	memcpy(state.report, line, sizeof line);
}

__attribute__((constructor)) static void
start(void)
{
	const char *program = getenv("IOFAULT_PROGRAM");
	const char *at = getenv("IOFAULT_AT");
	const char *report = getenv("IOFAULT_REPORT");

	state.off = program != NULL &&
	    strcmp(program, program_invocation_short_name) != 0;
	if (state.off)
		return;
	state.calls = getenv("IOFAULT_CALLS");
	state.at = at == NULL ? 0 : strtoul(at, NULL, 10);
	state.error = error_of(getenv("IOFAULT_ERRNO"));
	state.keep = getenv("IOFAULT_KEEP") != NULL;
	if (report != NULL)
		open_report(report);
	state.last = "-"; /* from here calls count */
	write_report();
}

static bool
is_counted(const char *kind)
{
	size_t len = strlen(kind);
	const char *at = state.calls;

	if (at == NULL)
		return true;
	for (; (at = strstr(at, kind)) != NULL; at += len)
		if ((at == state.calls || at[-1] == ',') &&
		    (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

/* Counts one call; true when it is to fail. */
static bool
fails_now(const char *kind)
{
	unsigned long n;
	bool fails;

	if (state.off || state.last == NULL || !is_counted(kind))
		return false;
	n = ++state.count;
	fails =
	    state.at != 0 && (n == state.at || (state.keep && n > state.at));
	if (fails) {
		state.faults++;
		state.last = kind;
	}
	write_report();
	return fails;
}

/* The next definition of `name` after ours. */
static void *
real(const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		die("no such call", name);
	return p;
}

#define EXPORT __attribute__((visibility("default")))

/* A call that fails plainly, or not at all where SHORT is asked. */
#define PLAIN(type, failed, kind, name, params, args)                          \
	EXPORT type name params;                                               \
	type name params                                                       \
	{                                                                      \
		static type(*next) params;                                     \
		if (next == NULL)                                              \
			*(void **)&next = real(#name);                         \
		if (fails_now(kind) && state.error != 0) {                     \
			errno = state.error;                                   \
			return failed;                                         \
		}                                                              \
		return next args;                                              \
	}

/* A transfer of `len` bytes, which SHORT halves. */
#define TRANSFER(kind, name, params, args)                                     \
	EXPORT ssize_t name params;                                            \
	ssize_t name params                                                    \
	{                                                                      \
		static ssize_t(*next) params;                                  \
		if (next == NULL)                                              \
			*(void **)&next = real(#name);                         \
		if (fails_now(kind)) {                                         \
			if (state.error != 0) {                                \
				errno = state.error;                           \
				return -1;                                     \
			}                                                      \
			len -= len / 2;                                        \
		}                                                              \
		return next args;                                              \
	}

TRANSFER("read", read, (int fd, void *buf, size_t len), (fd, buf, len))
TRANSFER("read", __read_chk, (int fd, void *buf, size_t len, size_t room),
    (fd, buf, len, room))
TRANSFER("write", write, (int fd, const void *buf, size_t len), (fd, buf, len))
TRANSFER("pread", pread, (int fd, void *buf, size_t len, off_t at),
    (fd, buf, len, at))
TRANSFER("pread", pread64, (int fd, void *buf, size_t len, off64_t at),
    (fd, buf, len, at))
TRANSFER("pread", __pread_chk,
    (int fd, void *buf, size_t len, off_t at, size_t room),
    (fd, buf, len, at, room))
TRANSFER("pread", __pread64_chk,
    (int fd, void *buf, size_t len, off64_t at, size_t room),
    (fd, buf, len, at, room))
TRANSFER("pwrite", pwrite, (int fd, const void *buf, size_t len, off_t at),
    (fd, buf, len, at))
TRANSFER("pwrite", pwrite64, (int fd, const void *buf, size_t len, off64_t at),
    (fd, buf, len, at))
TRANSFER("recv", recv, (int fd, void *buf, size_t len, int flags),
    (fd, buf, len, flags))
TRANSFER("recv", __recv_chk,
    (int fd, void *buf, size_t len, size_t room, int flags),
    (fd, buf, len, room, flags))
TRANSFER("send", send, (int fd, const void *buf, size_t len, int flags),
    (fd, buf, len, flags))
TRANSFER("sendfile", sendfile, (int out, int in, off_t *at, size_t len),
    (out, in, at, len))
TRANSFER("sendfile", sendfile64, (int out, int in, off64_t *at, size_t len),
    (out, in, at, len))
TRANSFER("copy_file_range", copy_file_range,
    (int in, off64_t *in_at, int out, off64_t *out_at, size_t len,
	unsigned flags),
    (in, in_at, out, out_at, len, flags))
TRANSFER("getrandom", getrandom, (void *buf, size_t len, unsigned flags),
    (buf, len, flags))

PLAIN(ssize_t, -1, "readv", readv, (int fd, const struct iovec *iov, int n),
    (fd, iov, n))
PLAIN(ssize_t, -1, "writev", writev, (int fd, const struct iovec *iov, int n),
    (fd, iov, n))
PLAIN(off_t, -1, "lseek", lseek, (int fd, off_t at, int how), (fd, at, how))
PLAIN(
    off64_t, -1, "lseek", lseek64, (int fd, off64_t at, int how), (fd, at, how))
PLAIN(int, -1, "fsync", fsync, (int fd), (fd))
PLAIN(int, -1, "fsync", fdatasync, (int fd), (fd))
PLAIN(int, -1, "ftruncate", ftruncate, (int fd, off_t len), (fd, len))
PLAIN(int, -1, "ftruncate", ftruncate64, (int fd, off64_t len), (fd, len))
PLAIN(int, -1, "fstat", fstat, (int fd, struct stat *st), (fd, st))
PLAIN(int, -1, "fstat", fstat64, (int fd, struct stat64 *st), (fd, st))
PLAIN(int, -1, "stat", stat, (const char *path, struct stat *st), (path, st))
PLAIN(
    int, -1, "stat", stat64, (const char *path, struct stat64 *st), (path, st))
PLAIN(int, -1, "stat", lstat, (const char *path, struct stat *st), (path, st))
PLAIN(
    int, -1, "stat", lstat64, (const char *path, struct stat64 *st), (path, st))
PLAIN(int, -1, "stat", fstatat,
    (int dir, const char *path, struct stat *st, int flags),
    (dir, path, st, flags))
PLAIN(int, -1, "stat", fstatat64,
    (int dir, const char *path, struct stat64 *st, int flags),
    (dir, path, st, flags))
PLAIN(int, -1, "link", link, (const char *from, const char *to), (from, to))
PLAIN(int, -1, "link", linkat,
    (int from_dir, const char *from, int to_dir, const char *to, int flags),
    (from_dir, from, to_dir, to, flags))
PLAIN(int, -1, "rename", rename, (const char *from, const char *to), (from, to))
PLAIN(int, -1, "rename", renameat,
    (int from_dir, const char *from, int to_dir, const char *to),
    (from_dir, from, to_dir, to))
PLAIN(int, -1, "rename", renameat2,
    (int from_dir, const char *from, int to_dir, const char *to,
	unsigned flags),
    (from_dir, from, to_dir, to, flags))
PLAIN(int, -1, "unlink", unlink, (const char *path), (path))
PLAIN(int, -1, "unlink", unlinkat, (int dir, const char *path, int flags),
    (dir, path, flags))
PLAIN(int, -1, "mkdir", mkdir, (const char *path, mode_t mode), (path, mode))
PLAIN(int, -1, "mkdir", mkdirat, (int dir, const char *path, mode_t mode),
    (dir, path, mode))
PLAIN(int, -1, "chmod", fchmod, (int fd, mode_t mode), (fd, mode))
PLAIN(int, -1, "chmod", chmod, (const char *path, mode_t mode), (path, mode))
PLAIN(int, -1, "pipe", pipe, (int fds[2]), (fds))
PLAIN(int, -1, "pipe", pipe2, (int fds[2], int flags), (fds, flags))
PLAIN(int, -1, "dup", dup, (int fd), (fd))
PLAIN(int, -1, "flock", flock, (int fd, int how), (fd, how))
PLAIN(void *, MAP_FAILED, "mmap", mmap,
    (void *at, size_t len, int prot, int flags, int fd, off_t off),
    (at, len, prot, flags, fd, off))
PLAIN(void *, MAP_FAILED, "mmap", mmap64,
    (void *at, size_t len, int prot, int flags, int fd, off64_t off),
    (at, len, prot, flags, fd, off))
PLAIN(int, -1, "open", __open_2, (const char *path, int flags), (path, flags))
PLAIN(int, -1, "open", __open64_2, (const char *path, int flags), (path, flags))
PLAIN(int, -1, "open", __openat_2, (int dir, const char *path, int flags),
    (dir, path, flags))
PLAIN(int, -1, "open", __openat64_2, (int dir, const char *path, int flags),
    (dir, path, flags))
PLAIN(FILE *, NULL, "fopen", fopen, (const char *path, const char *mode),
    (path, mode))
PLAIN(FILE *, NULL, "fopen", fopen64, (const char *path, const char *mode),
    (path, mode))
PLAIN(int, EOF, "fflush", fflush, (FILE * f), (f))

/* close fails only after it has closed, as Linux does it. */
EXPORT int close(int fd);
int
close(int fd)
{
	bool fails = fails_now("close") && state.error != 0;
	int result = (int)syscall(SYS_close, fd);

	if (!fails)
		return result;
	errno = state.error;
	return -1;
}

/* The mode comes only with the flags that need one. */
#define OPENING(name, params, args, last)                                      \
	EXPORT int name params;                                                \
	int name params                                                        \
	{                                                                      \
		static int(*next) params;                                      \
		mode_t mode = 0;                                               \
		va_list rest;                                                  \
		if (next == NULL)                                              \
			*(void **)&next = real(#name);                         \
		va_start(rest, last);                                          \
		if ((last & O_CREAT) != 0 || (last & O_TMPFILE) == O_TMPFILE)  \
			mode = va_arg(rest, mode_t);                           \
		va_end(rest);                                                  \
		if (fails_now("open") && state.error != 0) {                   \
			errno = state.error;                                   \
			return -1;                                             \
		}                                                              \
		return next args;                                              \
	}

OPENING(open, (const char *path, int flags, ...), (path, flags, mode), flags)
OPENING(open64, (const char *path, int flags, ...), (path, flags, mode), flags)
OPENING(openat, (int dir, const char *path, int flags, ...),
    (dir, path, flags, mode), flags)
OPENING(openat64, (int dir, const char *path, int flags, ...),
    (dir, path, flags, mode), flags)
