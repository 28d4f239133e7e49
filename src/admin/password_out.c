/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "admin/password_out.h"
#include "crypto/engine.h"
#include "sys/fail.h"
#include "sys/output.h"
#include "sys/spool.h"

#define ROOM "admin.password"
#define TERMINAL "/dev/tty"
#define SYMBOLS 25 /* of 5 bits each */
#define GROUP 5
#define TEXT_MAX 64

/* Without those that look alike. */
static const char alphabet[] = "23456789abcdefghijkmnpqrstuvwxyz";
_Static_assert(sizeof alphabet == 33, "five bits choose one");

static bool
goes_to_terminal(const sgl_call *call)
{
	return strcmp(sgl_call_get(call, "password-out"), "-") == 0;
}

static sgl_status
open_terminal(int *fd, sgl_err *err)
{
	*fd = open(TERMINAL, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd >= 0)
		return SGL_OK;
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("there is no terminal to show the password on: give "
	       "--password-out FILE"));
}

static sgl_status
check(const sgl_call *call, sgl_err *err)
{
	int fd;

	if (sgl_call_has(call, "password-file"))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("--password-file gives a password, --password-out makes "
		       "one: take one of them"));
	/* It may be the only password of the only file with a key. */
	if (!goes_to_terminal(call))
		return access(sgl_call_get(call, "password-out"), F_OK) != 0
		    ? SGL_OK
		    : sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			  N_("the file is there already: no password is "
			     "overwritten"),
			  "%s", sgl_call_get(call, "password-out"));
	TRY(open_terminal(&fd, err));
	(void)close(fd);
	return SGL_OK;
}

static sgl_status
make(sgl_engine *engine, sgl_secret *out, sgl_err *err)
{
	uint8_t random[SYMBOLS], text[TEXT_MAX];
	size_t len = 0;
	sgl_status status;

	TRY(sgl_random(engine, random, sizeof random, err));
	for (size_t i = 0; i < SYMBOLS; i++) {
		if (i > 0 && i % GROUP == 0)
			text[len++] = '-';
		text[len++] = (uint8_t)alphabet[random[i] & 31];
	}
	status = sgl_secret_set(out, sgl_slice_of(text, len), err);
	sgl_mem_wipe(random, sizeof random);
	sgl_mem_wipe(text, sizeof text);
	return status;
}

sgl_status
sgl_password_make(const sgl_call *call, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;

	TRY(check(call, err));
	TRY(sgl_engine_new(NULL, &engine, err));
	return make(engine, out, err);
}

static sgl_status
show(sgl_slice line, sgl_err *err)
{
	sgl_status status;
	int fd;

	TRY(open_terminal(&fd, err));
	status = sgl_write_all(fd, TERMINAL, line, err);
	(void)close(fd);
	return status;
}

static sgl_status
give(const sgl_call *call, sgl_slice line, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;

	if (goes_to_terminal(call))
		return show(line, err);
	TRY(sgl_engine_new(NULL, &engine, err));
	return sgl_file_write(
	    engine, sgl_call_get(call, "password-out"), true, line, err);
}

sgl_status
sgl_password_give(
    const sgl_call *call, const sgl_secret *password, sgl_err *err)
{
	uint8_t line[TEXT_MAX + 1];
	sgl_status status;

	if (!sgl_call_has(call, "password-out"))
		return SGL_OK;
	memcpy(line, password->data, password->len);
	line[password->len] = '\n';
	status = give(call, sgl_slice_of(line, password->len + 1), err);
	sgl_mem_wipe(line, sizeof line);
	return status;
}
