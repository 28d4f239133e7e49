/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/addr.h"
#include "cmd/resolve.h"

bool
sgl_resolve_is_address(const char *id)
{
	return id != NULL && strchr(id, '/') == NULL &&
	    sgl_addr_is(sgl_slice_str(id)) && access(id, F_OK) != 0;
}
