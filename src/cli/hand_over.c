/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/hand_over.h"

extern char **environ;

/* What to do with a path that may be the program's; true ends the search. */
typedef bool attempt(const char *path, void *ctx);

typedef struct search_for {
	const char *program;
	attempt *try;
	void *ctx;
} search_for;

static bool
try_folder(const search_for *what, const char *folder, const char *below)
{
	char path[PATH_MAX];
	int n = snprintf(
	    path, sizeof path, "%s%s/%s", folder, below, what->program);

	return n > 0 && n < (int)sizeof path && what->try(path, what->ctx);
}

static bool
own_folder(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
	char *slash;

	if (n <= 0)
		return false;
	out[n] = '\0';
	slash = strrchr(out, '/');
	if (slash != NULL)
		*slash = '\0';
	return true;
}

static bool
search(const search_for *what)
{
	const char *given = secure_getenv("SIGILL_EXEC_PATH");
	char self[PATH_MAX];

	if (given != NULL && given[0] != '\0' && try_folder(what, given, ""))
		return true;
	if (own_folder(self) &&
	    (try_folder(what, self, "") ||
		try_folder(what, self, "/../libexec/sigill")))
		return true;
	return try_folder(what, SGL_EXEC_DIR, "");
}

static bool
try_exec(const char *path, void *ctx)
{
	(void)execv(path, *(char *const *const *)ctx);
	return false;
}

void
sgl_hand_over(char *const *argv)
{
	const search_for what = {"sigill-org", try_exec, &argv};

	(void)search(&what);
}

typedef struct starting {
	char *const *argv;
	posix_spawn_file_actions_t actions;
	pid_t child;
} starting;

static bool
try_start(const char *path, void *ctx)
{
	starting *s = ctx;

	return posix_spawn(
		   &s->child, path, &s->actions, NULL, s->argv, environ) == 0;
}

pid_t
sgl_start_beside(const char *const *argv, int fd, int as)
{
	/* posix_spawn changes none of the words. */
	starting s = {.argv = (char *const *)(uintptr_t)argv};
	const search_for what = {argv[0], try_start, &s};
	bool started;

	if (posix_spawn_file_actions_init(&s.actions) != 0)
		return 0;
	started = posix_spawn_file_actions_adddup2(&s.actions, fd, as) == 0 &&
	    search(&what);
	(void)posix_spawn_file_actions_destroy(&s.actions);
	return started ? s.child : 0;
}
