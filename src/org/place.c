/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "org/place.h"
#include "sys/text.h"

#define ROOM "org.place"

static sgl_status
end_text(sgl_buf *path, sgl_err *err)
{
	TRY(sgl_buf_add(path, sgl_slice_of("", 1), err));
	path->len--;
	return SGL_OK;
}

sgl_status
sgl_place_add(sgl_buf *path, const char *name, sgl_err *err)
{
	TRY(sgl_buf_add_str(path, "/", err));
	TRY(sgl_buf_add_str(path, name, err));
	return end_text(path, err);
}

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

static sgl_status
set(sgl_buf *path, const char *folder, const char *below, sgl_err *err)
{
	TRY(sgl_buf_add_str(path, folder, err));
	while (path->len > 1 && path->data[path->len - 1] == '/')
		path->len--;
	if (below != NULL)
		return sgl_place_add(path, below, err);
	return end_text(path, err);
}

sgl_status
sgl_place_find(const char *given, sgl_buf *path, sgl_err *err)
{
	const char *value;

	if (given != NULL && given[0] == '\0')
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the name of the home is empty"));
	if (given == NULL)
		given = environment("SIGILL_HOME");
	if (given != NULL)
		return set(path, given, NULL, err);
	/* XDG: a relative path is to be ignored. */
	value = environment("XDG_DATA_HOME");
	if (value != NULL && value[0] == '/')
		return set(path, value, "sigill", err);
	value = environment("HOME");
	if (value != NULL)
		return set(path, value, ".local/share/sigill", err);
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("there is no home folder: give --home or set SIGILL_HOME"));
}

bool
sgl_place_is_home(const char *given)
{
	SGL_AUTO_CLEAR(sgl_buf) path = sgl_buf_init(SGL_PLACE_MAX);

	/* `init` makes it, whether the database is in the home or elsewhere. */
	return sgl_place_find(given, &path, NULL) == SGL_OK &&
	    sgl_place_add(&path, SGL_PLACE_LOCK, NULL) == SGL_OK &&
	    access((const char *)path.data, F_OK) == 0;
}
