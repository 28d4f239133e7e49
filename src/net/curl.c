/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>

#include "net/curl.h"
#include "sys/text.h"

/* Of Debian, by either TLS library: none is used. */
static const char *const libraries[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

static sgl_status
fail(const char *what, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_UNSUPPORTED, "net.curl", SGL_NO_OFFSET,
	    N_("the library that fetches over HTTP cannot be used: install "
	       "libcurl4"),
	    "%s", what);
}

/* It stays loaded: libraries behind it have things to do at the end of the
 * process. */
sgl_status
sgl_curl_load(sgl_curl *c, sgl_err *err)
{
	void *library = NULL;

	for (size_t i = 0;
	     i < sizeof libraries / sizeof *libraries && library == NULL; i++)
		library =
		    dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (library == NULL)
		return fail(dlerror(), err);
#define LOAD(name)                                                             \
	*(void **)&c->name = dlsym(library, #name);                            \
	if (c->name == NULL)                                                   \
		return fail(#name, err);
	SGL_CURL_CALLS(LOAD)
	return SGL_OK;
}
