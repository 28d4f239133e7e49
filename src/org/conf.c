/* SPDX-License-Identifier: Apache-2.0 */
#include "org/conf.h"
#include "org/place.h"
#include "store/store.h"
#include "sys/config.h"
#include "sys/output.h"

#define CONF_MAX ((size_t)1 << 20)

/* The first settings: in no language, like their names. */
static const char first[] =
    "# Settings of sigilld for this home; man 8 sigilld tells of all.\n"
    "\n"
    "# Where it answers what others fetch below the public URL (plain HTTP).\n"
    "# Let a web server that is there pass such requests on, or give a\n"
    "# public address and port 80.\n"
    "http = 127.0.0.1:8080\n"
    "\n"
    "# A database of PostgreSQL instead of the file sigill.db; never change\n"
    "# this by hand, but restore a backup with --database:\n"
    "#database = postgresql://sigill@host/sigill?sslmode=verify-full\n";

static sgl_status
conf_path(const char *home, sgl_buf *path, sgl_err *err)
{
	*path = sgl_buf_init(SGL_PLACE_MAX);
	TRY(sgl_buf_add_str(path, home, err));
	return sgl_place_add(path, SGL_CONF_FILE, err);
}

sgl_status
sgl_conf_find_database(const char *home, sgl_buf *location, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	bool found;

	TRY(conf_path(home, &path, err));
	TRY(sgl_config_find(
	    (const char *)path.data, SGL_CONF_DATABASE, location, &found, err));
	if (found)
		return SGL_OK;
	TRY(sgl_buf_add_str(location, home, err));
	return sgl_place_add(location, SGL_PLACE_DB, err);
}

/* The line `database = ...`, whatever blanks it has. */
static bool
names_database(sgl_slice line)
{
	const sgl_slice name = SGL_LIT(SGL_CONF_DATABASE);

	line = sgl_slice_trim(line);
	if (!sgl_slice_starts(line, name))
		return false;
	line = sgl_slice_trim(sgl_slice_from(line, name.len));
	return line.len > 0 && line.data[0] == '=';
}

static sgl_status
keep_lines(sgl_slice old, sgl_buf *text, sgl_err *err)
{
	while (old.len > 0) {
		const uint8_t *end = memchr(old.data, '\n', old.len);
		size_t n = end == NULL ? old.len : (size_t)(end - old.data) + 1;
		if (!names_database(sgl_slice_first(old, n)))
			TRY(sgl_buf_add(text, sgl_slice_first(old, n), err));
		old = sgl_slice_from(old, n);
	}
	if (text->len > 0 && text->data[text->len - 1] != '\n')
		return sgl_buf_add_str(text, "\n", err);
	return SGL_OK;
}

static sgl_status
write_text(sgl_engine *engine, const char *home, sgl_slice old,
    const char *database, sgl_buf *text, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};

	TRY(conf_path(home, &path, err));
	TRY(keep_lines(old.len > 0 ? old : sgl_slice_str(first), text, err));
	if (database != NULL)
		TRY(sgl_buf_printf(
		    text, err, SGL_CONF_DATABASE " = %s\n", database));
	return sgl_file_write(
	    engine, (const char *)path.data, true, sgl_buf_slice(text), err);
}

/* The URL may hold a password. */
sgl_status
sgl_conf_write(sgl_engine *engine, const char *home, sgl_slice old,
    const char *database, sgl_err *err)
{
	sgl_buf text = {.max = CONF_MAX, .secret = true};
	sgl_status status = write_text(engine, home, old, database, &text, err);

	sgl_buf_wipe(&text);
	return status;
}
