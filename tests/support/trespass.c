/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into sigilld, this tries what its processes must not be able to do,
 * once each has shut itself in: at its first wait for something to happen. One
 * line on standard error tells of each attempt:
 *
 *	trespass ROLE WHAT: done | refused
 *
 * With TRESPASS_ASK in the environment, control asks the keyholder for a key
 * over their own channel, but without a ticket.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
may_open(const char *path, int how)
{
	int fd = open(path, how, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static bool
read_a_system_file(void)
{
	return may_open("/etc/passwd", O_RDONLY);
}

static bool
write_a_file(void)
{
	return may_open("/tmp/sigill-trespass", O_WRONLY | O_CREAT);
}

static bool
list_a_folder(void)
{
	return may_open("/", O_RDONLY | O_DIRECTORY);
}

static bool
read_the_database(void)
{
	char path[4096];

	(void)snprintf(
	    path, sizeof path, "%s/sigill.db", getenv("TRESPASS_HOME"));
	return may_open(path, O_RDONLY);
}

static bool
read_the_master_key(void)
{
	char path[4096];

	(void)snprintf(
	    path, sizeof path, "%s/keys/master.key", getenv("TRESPASS_HOME"));
	return may_open(path, O_RDONLY);
}

static bool
open_a_connection(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = 0x901f};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return false;
	to.sin_addr.s_addr = 0x0100007f;
	(void)connect(fd, (struct sockaddr *)&to, sizeof to);
	(void)close(fd);
	return true;
}

static bool
listen_to_others(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool done = fd >= 0 && listen(fd, 1) == 0;

	if (fd >= 0)
		(void)close(fd);
	return done;
}

static int calling = -1;

/* As the user whose commands control does. Who is let in is not put out again,
 * which shows only when control has time: see_if_put_out. */
static bool
call_the_service(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	calling = socket(AF_UNIX, SOCK_STREAM, 0);
	(void)snprintf(to.sun_path, sizeof to.sun_path, "%s/run/control.sock",
	    getenv("TRESPASS_HOME"));
	return calling >= 0 &&
	    connect(calling, (struct sockaddr *)&to, sizeof to) == 0;
}

static bool
start_a_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return pid > 0;
}

static bool
become_a_program(void)
{
	/* Only a refusal comes back; a process that could would be gone, and
	 * no line would tell. */
	(void)execl("/bin/true", "true", (char *)NULL);
	return false;
}

static bool
look_into_the_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0;
}

static bool
signal_the_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static bool
change_the_user(void)
{
	return setuid(65534) == 0;
}

static bool
mount_a_file_system(void)
{
	return mount("none", "/mnt", "tmpfs", 0, NULL) == 0;
}

static const struct {
	const char *what;
	bool (*attempt)(void);
} attempts[] = {
    {"read-a-system-file", read_a_system_file},
    {"write-a-file", write_a_file},
    {"list-a-folder", list_a_folder},
    {"read-the-database", read_the_database},
    {"read-the-master-key", read_the_master_key},
    {"open-a-connection", open_a_connection},
    {"listen-to-others", listen_to_others},
    {"call-the-service", call_the_service},
    {"start-a-process", start_a_process},
    {"become-a-program", become_a_program},
    {"look-into-the-parent", look_into_the_parent},
    {"signal-the-parent", signal_the_parent},
    {"mount-a-file-system", mount_a_file_system},
    {"change-the-user", change_the_user},
};

static char role[32];

/* --role NAME among the arguments; the supervisor has none. */
__attribute__((constructor)) static void
find_role(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "--role") == 0)
			(void)snprintf(role, sizeof role, "%s", argv[i + 1]);
}

static void
trespass(void)
{
	char line[128];

	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
		bool done = attempts[i].attempt();
		int n = snprintf(line, sizeof line, "trespass %s %s: %s\n",
		    role, attempts[i].what, done ? "done" : "refused");

		(void)!write(STDERR_FILENO, line, (size_t)n);
	}
}

static void
see_if_put_out(void)
{
	char byte, line[128];
	int n;

	if (calling < 0 || recv(calling, &byte, 1, MSG_DONTWAIT) != 0)
		return;
	(void)close(calling);
	calling = -1;
	n = snprintf(line, sizeof line,
	    "trespass %s stay-at-the-service: refused\n", role);
	(void)!write(STDERR_FILENO, line, (size_t)n);
}

/* The only socket for whose answers control waits with patience. */
static bool
is_the_channel(int fd)
{
	struct timeval patience = {0};
	socklen_t len = sizeof patience;

	return getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, &len) == 0 &&
	    patience.tv_sec > 0;
}

static bool
receive(int fd, unsigned char *out, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, out, len, 0);
		if (n <= 0)
			return false;
		out += n;
		len -= (size_t)n;
	}
	return true;
}

/* The head of a message (length, type 18: open a key), and nine bytes. The
 * answer is taken whole: what was left of it would confuse control. */
static bool
ask_without_a_ticket(int fd)
{
	static const unsigned char question[] = {
	    0, 0, 0, 9, 0, 18, 0, 0, 0, 0, 0, 0, 0, 7, 1};
	unsigned char head[6], body[65536];
	size_t len;

	if (send(fd, question, sizeof question, MSG_NOSIGNAL) < 0)
		return false;
	if (!receive(fd, head, sizeof head))
		return true;
	len = (size_t)head[2] << 8 | head[3];
	/* Type 1 is a failure. */
	return head[0] != 0 || head[1] != 0 || !receive(fd, body, len) ||
	    head[4] != 0 || head[5] != 1;
}

static bool
ask_the_keyholder(void)
{
	char line[128];

	for (int fd = 4; fd < 64; fd++) {
		if (!is_the_channel(fd))
			continue;
		int n = snprintf(line, sizeof line,
		    "trespass %s ask-without-a-ticket: %s\n", role,
		    ask_without_a_ticket(fd) ? "done" : "refused");
		(void)!write(STDERR_FILENO, line, (size_t)n);
		return true;
	}
	return false;
}

__attribute__((visibility("default"))) int
epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	static int (*next)(int, struct epoll_event *, int, int);
	static bool tried, asked;

	if (next == NULL)
		next = (int (*)(int, struct epoll_event *, int, int))dlsym(
		    RTLD_NEXT, "epoll_wait");
	if (getenv("TRESPASS_ASK") != NULL) {
		if (!asked && strcmp(role, "control") == 0)
			asked = ask_the_keyholder();
	} else if (!tried && role[0] != '\0')
		trespass();
	see_if_put_out();
	tried = true;
	return next(fd, events, max, timeout);
}
