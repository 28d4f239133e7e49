/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/hand_over.h"
#include "cmd/resolve.h"
#include "org/place.h"

bool
sgl_call_needs_org(const sgl_call *call)
{
	for (size_t i = 0; i < call->num_given; i++)
		if (call->given[i].option->may_be_address &&
		    sgl_resolve_is_address(call->given[i].value))
			return true;
	return call->command->uses_trust && !sgl_call_has(call, "trust") &&
	    sgl_place_is_home(sgl_call_get(call, "home"));
}

static void
try_folder(const char *folder, const char *below, char **argv)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s%s/sigill-org", folder, below);

	if (n > 0 && n < (int)sizeof path)
		(void)execv(path, argv);
}

void
sgl_hand_over(char **argv)
{
	const char *given = secure_getenv("SIGILL_EXEC_PATH");
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (given != NULL && given[0] != '\0')
		try_folder(given, "", argv);
	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		if (slash != NULL)
			*slash = '\0';
		try_folder(self, "", argv);
		try_folder(self, "/../libexec/sigill", argv);
	}
	try_folder(SGL_EXEC_DIR, "", argv);
}
