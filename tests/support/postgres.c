/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/postgres.h"

#define LINE 512

static struct {
	FILE *to, *from;
	pid_t child;
	char folder[256];
	int port;
} server;

static void
run_script(int in, int out)
{
	char path[LINE];
	const char *source = getenv("SIGILL_SOURCE");

	(void)snprintf(path, sizeof path, "%s/tests/support/postgres.py",
	    source == NULL ? "." : source);
	if (dup2(in, 0) == 0 && dup2(out, 1) == 1)
		(void)execl(path, path, (char *)NULL);
	_exit(127);
}

/* Closed in what is executed: the script notices when we end. */
static void
start_script(void)
{
	int to[2], from[2];

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	server.child = fork();
	if (server.child == 0)
		run_script(to[0], from[1]);
	assert_true(server.child > 0);
	close(to[0]);
	close(from[1]);
	server.to = fdopen(to[1], "w");
	server.from = fdopen(from[0], "r");
	assert_non_null(server.to);
	assert_non_null(server.from);
}

bool
sgl_postgres_start(void)
{
	char line[LINE];

	start_script();
	if (fgets(line, sizeof line, server.from) == NULL)
		fail_msg("PostgreSQL does not start");
	if (strcmp(line, "none\n") == 0) {
		sgl_postgres_end();
		return false;
	}
	assert_int_equal(
	    sscanf(line, "%255s %d", server.folder, &server.port), 2);
	return true;
}

void
sgl_postgres_end(void)
{
	if (server.to == NULL)
		return;
	fclose(server.to);
	fclose(server.from);
	waitpid(server.child, NULL, 0);
	memset(&server, 0, sizeof server);
}

void
sgl_postgres_tell(const char *fmt, ...)
{
	char line[LINE];
	va_list args;

	va_start(args, fmt);
	(void)vfprintf(server.to, fmt, args);
	va_end(args);
	(void)fputc('\n', server.to);
	assert_int_equal(fflush(server.to), 0);
	assert_non_null(fgets(line, sizeof line, server.from));
	assert_string_equal(line, "done\n");
}

static char *
next_url(void)
{
	static char urls[8][LINE];
	static unsigned turn;

	return urls[turn++ % 8];
}

const char *
sgl_postgres_url(const char *name)
{
	char *url = next_url();

	(void)snprintf(url, LINE,
	    "postgresql:///%s?user=sigill&host=%s&port=%d", name, server.folder,
	    server.port);
	return url;
}

const char *
sgl_postgres_tls_url(
    const char *name, const char *password, const char *parameters)
{
	char *url = next_url();

	(void)snprintf(url, LINE, "postgresql://sigill:%s@127.0.0.1:%d/%s%s",
	    password, server.port, name, parameters);
	return url;
}

const char *
sgl_postgres_folder(void)
{
	return server.folder;
}
