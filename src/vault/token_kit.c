/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <string.h>

#include "sys/text.h"
#include "vault/token_kit.h"

#define LIBRARY "libp11-kit.so.0"

static sgl_status
refuse(sgl_err *err)
{
	const char *reason = dlerror();

	return sgl_fail_at(err, SGL_E_UNSUPPORTED, "vault.token", SGL_NO_OFFSET,
	    N_("PKCS#11 tokens need p11-kit: install libp11-kit0"), "%s",
	    reason == NULL ? LIBRARY : reason);
}

/* POSIX has functions come as data pointers; C knows no cast for that. */
static bool
find(void *library, const char *name, void *out)
{
	void *found = dlsym(library, name);

	memcpy(out, &found, sizeof found);
	return found != NULL;
}

sgl_status
sgl_kit_load(sgl_kit *kit, sgl_err *err)
{
	bool ok = true;

	kit->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (kit->library == NULL)
		return refuse(err);
#define FIND(name) ok = ok && find(kit->library, "p11_kit_" #name, &kit->name);
	SGL_KIT_CALLS(FIND)
#undef FIND
	if (!ok)
		return refuse(err);
	/* What it would print, we say. */
	kit->be_quiet();
	return SGL_OK;
}

void
sgl_kit_clear(sgl_kit *kit)
{
	if (kit->library != NULL)
		(void)dlclose(kit->library);
	*kit = (sgl_kit){0};
}
