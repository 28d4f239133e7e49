/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "sys/fail.h"
#include "sys/input.h"
#include "sys/passphrase.h"
#include "sys/signals.h"
#include "sys/spool.h"
#include "sys/text.h"

#define ROOM "sys.passphrase"
#define LONGEST_FILE 65536
#define LONGEST 1024

static sgl_slice
first_line(sgl_slice text)
{
	const uint8_t *lf = memchr(text.data, '\n', text.len);

	if (lf != NULL)
		text.len = (size_t)(lf - text.data);
	if (text.len > 0 && text.data[text.len - 1] == '\r')
		text.len--;
	return text;
}

static sgl_status
take_line(sgl_slice text, const char *path, sgl_secret *out, sgl_err *err)
{
	sgl_slice line = first_line(text);

	if (line.len > 0 && memchr(line.data, 0, line.len) != NULL)
		return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("is not a password: it holds a zero byte"), "%s", path);
	return sgl_secret_set(out, line, err);
}

sgl_status
sgl_passphrase_file(const char *path, sgl_secret *out, sgl_err *err)
{
	sgl_buf text = sgl_buf_init(LONGEST_FILE);
	sgl_status status = sgl_file_read(path, &text, err);

	if (status == SGL_OK)
		status = take_line(sgl_buf_slice(&text), path, out, err);
	sgl_buf_wipe(&text);
	return status;
}

/* With ECHO off in between; the LF that was typed is not shown either. */
static sgl_status
read_line(int tty, uint8_t *buf, size_t *len, sgl_err *err)
{
	ssize_t n;

	*len = 0;
	do {
		TRY(sgl_signals_check(ROOM, err));
		n = read(tty, buf + *len, LONGEST - *len);
		if (n < 0 && errno != EINTR)
			return sgl_fail_errno(err, errno, ROOM, "/dev/tty");
		if (n > 0)
			*len += (size_t)n;
	} while (
	    n != 0 && *len < LONGEST && (*len == 0 || buf[*len - 1] != '\n'));
	if (*len == LONGEST)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("the password is too long"));
	return SGL_OK;
}

static sgl_status
ask_once(int tty, const char *prompt, sgl_secret *out, sgl_err *err)
{
	uint8_t buf[LONGEST];
	struct termios before, quiet;
	sgl_status status;
	size_t len = 0;

	if (tcgetattr(tty, &before) != 0)
		return sgl_fail_errno(err, errno, ROOM, "/dev/tty");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	if (tcsetattr(tty, TCSAFLUSH, &quiet) != 0)
		return sgl_fail_errno(err, errno, ROOM, "/dev/tty");
	/* Only now, so that nothing of what is typed after it is lost. */
	status = sgl_write_all(tty, "/dev/tty", sgl_slice_str(prompt), err);
	if (status == SGL_OK)
		status = read_line(tty, buf, &len, err);
	(void)tcsetattr(tty, TCSAFLUSH, &before);
	(void)!write(tty, "\n", 1);
	if (status == SGL_OK)
		status =
		    take_line(sgl_slice_of(buf, len), "/dev/tty", out, err);
	sgl_mem_wipe(buf, sizeof buf);
	return status;
}

static sgl_status
ask(int tty, const char *prompt, bool twice, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) again = {0};

	TRY(ask_once(tty, prompt, out, err));
	if (!twice)
		return SGL_OK;
	TRY(ask_once(tty, _("Once more: "), &again, err));
	if (again.len == out->len &&
	    sgl_mem_equal(again.data, out->data, out->len))
		return SGL_OK;
	sgl_secret_clear(out);
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the two passwords differ"));
}

sgl_status
sgl_passphrase_ask(
    const char *prompt, bool twice, sgl_secret *out, sgl_err *err)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	sgl_status status;

	if (tty < 0)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("a password is needed, and there is no terminal to ask "
		       "at: give --password-file"));
	status = ask(tty, prompt, twice, out, err);
	(void)close(tty);
	return status;
}
