/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "sys/fail.h"
#include "sys/signals.h"
#include "sys/text.h"

static const struct {
	int error;
	const char *text;
} texts[] = {
    {EACCES, N_("no permission")},
    {EBADF, N_("is closed")},
    {EDQUOT, N_("the disk quota is used up")},
    {EEXIST, N_("exists already")},
    {EFBIG, N_("larger than a file may become here")},
    {EIO, N_("input/output error")},
    {EISDIR, N_("is a folder")},
    {ELOOP, N_("too many symbolic links")},
    {EMFILE, N_("too many open files")},
    {ENAMETOOLONG, N_("the name is too long")},
    {ENFILE, N_("too many open files in the whole system")},
    {ENOENT, N_("no such file or folder")},
    {ENOSPC, N_("no space left on the disk")},
    {ENOTDIR, N_("a part of the path is not a folder")},
    {ENXIO, N_("nobody is there to read or write it")},
    {EPERM, N_("not permitted")},
    {EPIPE, N_("the reader has gone (broken pipe)")},
    {EROFS, N_("the file system is read-only")},
    {ETXTBSY, N_("is a program that is running")},
};

static const char *
text_of(int error)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (texts[i].error == error)
			return texts[i].text;
	return NULL;
}

sgl_status
sgl_fail_errno(sgl_err *err, int error, const char *room, const char *name)
{
	const char *text = text_of(error);
	const char *detail = name == NULL ? "" : name;
	const char *reason = strerrordesc_np(error);

	if (error == ENOMEM)
		return sgl_fail(
		    err, SGL_E_NOMEM, room, SGL_NO_OFFSET, "out of memory");
	if (error == EINTR && sgl_signals_caught() != 0)
		return sgl_fail(
		    err, SGL_E_IO, room, SGL_NO_OFFSET, N_("interrupted"));
	if (text != NULL)
		return sgl_fail_at(
		    err, SGL_E_IO, room, SGL_NO_OFFSET, text, "%s", detail);
	return sgl_fail_at(err, SGL_E_IO, room, SGL_NO_OFFSET,
	    N_("the system refuses"), "%s%s%s", detail,
	    detail[0] == '\0' ? "" : ": ", reason == NULL ? "?" : reason);
}

const char *
sgl_stdin_name(void)
{
	return _("standard input");
}

const char *
sgl_stdout_name(void)
{
	return _("standard output");
}
