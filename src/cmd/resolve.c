/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/addr.h"
#include "cmd/resolve.h"

static bool
looks_like_address(const char *id)
{
	return id != NULL && strchr(id, '/') == NULL &&
	    sgl_addr_is(sgl_slice_str(id));
}

bool
sgl_resolve_is_address(const char *id)
{
	return looks_like_address(id) && access(id, F_OK) != 0;
}

bool
sgl_resolve_is_hidden(const char *id)
{
	return looks_like_address(id) && access(id, F_OK) == 0;
}
