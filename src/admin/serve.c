/* SPDX-License-Identifier: Apache-2.0 */
/* sigill serve: becomes sigilld. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/work.h"

static void
become(const char *folder, char *const *argv)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/sigilld", folder);

	if (n > 0 && n < (int)sizeof path)
		(void)execv(path, argv);
}

/* Where it was built both programs lie side by side. */
static void
become_neighbour(char *const *argv)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (n <= 0)
		return;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash != NULL) {
		*slash = '\0';
		become(self, argv);
	}
}

int
sgl_org_serve(sgl_call *call)
{
	const char *home = sgl_call_get(call, "home");
	/* execv changes none of the words. */
	char *const argv[] = {(char *)(uintptr_t) "sigilld",
	    home == NULL ? NULL : (char *)(uintptr_t) "--home",
	    (char *)(uintptr_t)home, NULL};

	become_neighbour(argv);
	become(SGL_SBIN_DIR, argv);
	return sgl_call_usage(call, _("sigilld is not installed"));
}
