/* SPDX-License-Identifier: Apache-2.0 */
#ifdef SGL_WITH_POSTGRES
#include <dlfcn.h>
#include <stdio.h>

#include "store/libpq.h"
#include "store/query.h"
#include "sys/text.h"

#define LIBRARY "libpq.so.5"

static sgl_status
fail(const char *what, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_UNSUPPORTED, SGL_STORE_ROOM,
	    SGL_NO_OFFSET,
	    N_("PostgreSQL's client library cannot be used: install libpq5"),
	    "%s", what);
}

/* It stays loaded: libraries behind it have things to do at the end of the
 * process. */
sgl_status
sgl_libpq_load(sgl_libpq *pq, sgl_err *err)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (library == NULL)
		return fail(dlerror(), err);
#define LOAD(name)                                                             \
	*(void **)&pq->name = dlsym(library, #name);                           \
	if (pq->name == NULL)                                                  \
		return fail(LIBRARY ": " #name, err);
	SGL_LIBPQ_CALLS(LOAD)
	return SGL_OK;
}
#endif
