/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fail.h"
#include "sys/input.h"
#include "sys/progress.h"
#include "sys/signals.h"
#include "sys/spool.h"
#include "sys/text.h"

#define ROOM "sys.input"

struct sgl_input {
	sgl_source source;
	int fd;
	bool is_seekable;
	off_t start;
	uint64_t size; /* 0: not known */
	uint64_t done;
	const char *label; /* of the progress line, or NULL */
	char *path;	   /* NULL: standard input */
	sgl_spool *held;
	sgl_source *held_source;
};

bool
sgl_path_is_standard(const char *path)
{
	return path == NULL || strcmp(path, "-") == 0;
}

/* A read that a signal interrupts is over only if we were asked to stop. */
static sgl_status
read_some(int fd, const char *name, uint8_t *buf, size_t cap, size_t *got,
    sgl_err *err)
{
	ssize_t n;

	do {
		TRY(sgl_signals_check(ROOM, err));
		n = read(fd, buf, cap);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return sgl_fail_errno(err, errno, ROOM, name);
	*got = (size_t)n;
	return SGL_OK;
}

static sgl_status
input_read(sgl_source *s, uint8_t *buf, size_t cap, size_t *got, sgl_err *err)
{
	sgl_input *in = (sgl_input *)s;
	sgl_source *held = in->held_source;
	size_t n = 0;

	if (held == NULL)
		TRY(read_some(in->fd, sgl_input_name(in), buf, cap, &n, err));
	else
		TRY(held->ops->read(held, buf, cap, &n, err));
	in->done += n;
	if (in->label != NULL && n == 0)
		sgl_progress_end();
	else if (in->label != NULL)
		sgl_progress_at(in->done);
	*got = n;
	return SGL_OK;
}

static sgl_status
input_rewind(sgl_source *s, sgl_err *err)
{
	sgl_input *in = (sgl_input *)s;

	if (in->held_source != NULL)
		TRY(in->held_source->ops->rewind(in->held_source, err));
	else if (lseek(in->fd, in->start, SEEK_SET) < 0)
		return sgl_fail_errno(err, errno, ROOM, sgl_input_name(in));
	in->done = 0;
	if (in->label != NULL)
		sgl_progress_start(in->label, in->size);
	return SGL_OK;
}

static const sgl_source_ops stream_ops = {input_read, NULL};
static const sgl_source_ops seekable_ops = {input_read, input_rewind};

/* O_NONBLOCK would keep a FIFO without writer from waiting; here it should
 * wait, as cat does. */
static sgl_status
open_path(sgl_input *in, const char *path, sgl_err *err)
{
	TRY(sgl_slice_copy(
	    sgl_slice_str(path), (uint8_t **)&in->path, ROOM, err));
	do {
		TRY(sgl_signals_check(ROOM, err));
		in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	} while (in->fd < 0 && errno == EINTR);
	return in->fd < 0 ? sgl_fail_errno(err, errno, ROOM, path) : SGL_OK;
}

static sgl_status
look_at(sgl_input *in, sgl_err *err)
{
	struct stat st;

	if (fstat(in->fd, &st) != 0)
		return sgl_fail_errno(err, errno, ROOM, sgl_input_name(in));
	if (S_ISDIR(st.st_mode))
		return sgl_fail_errno(err, EISDIR, ROOM, sgl_input_name(in));
	in->start = S_ISREG(st.st_mode) ? lseek(in->fd, 0, SEEK_CUR) : -1;
	in->is_seekable = in->start >= 0;
	if (in->is_seekable && st.st_size > in->start)
		in->size = (uint64_t)(st.st_size - in->start);
	in->source.ops = in->is_seekable ? &seekable_ops : &stream_ops;
	return SGL_OK;
}

sgl_status
sgl_input_open(const char *path, sgl_input **out, sgl_err *err)
{
	SGL_AUTO(sgl_input)
	in = sgl_mem_zeroed(1, sizeof *in);

	if (in == NULL)
		return sgl_oom(err, ROOM);
	in->fd = sgl_path_is_standard(path) ? STDIN_FILENO : -1;
	if (in->fd < 0)
		TRY(open_path(in, path, err));
	TRY(look_at(in, err));
	if (in->is_seekable)
		(void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	*out = SGL_TAKE(&in);
	return SGL_OK;
}

sgl_source *
sgl_input_source(sgl_input *in)
{
	return &in->source;
}

const char *
sgl_input_name(const sgl_input *in)
{
	return in->path == NULL ? sgl_stdin_name() : in->path;
}

sgl_status
sgl_input_hold(
    sgl_input *in, sgl_engine *engine, const char *folder, sgl_err *err)
{
	SGL_AUTO(sgl_spool)
	spool = NULL;

	if (in->is_seekable || in->held != NULL)
		return SGL_OK;
	TRY(sgl_diskspool_new(engine, folder, &spool, err));
	TRY(sgl_pump(&in->source, &spool->sink, err));
	in->size = in->done;
	in->done = 0;
	in->held_source = spool->ops->open(spool);
	in->held = SGL_TAKE(&spool);
	in->source.ops = &seekable_ops;
	return SGL_OK;
}

void
sgl_input_watch(sgl_input *in, const char *label)
{
	in->label = label;
	sgl_progress_start(label, in->size);
}

void
sgl_input_free(sgl_input *in)
{
	if (in == NULL)
		return;
	if (in->label != NULL)
		sgl_progress_end();
	sgl_spool_free(in->held);
	if (in->fd > STDIN_FILENO)
		(void)close(in->fd);
	sgl_mem_free(in->path);
	sgl_mem_free(in);
}

/* sgl_buf_reserve may leave a copy of the bytes behind; this does not. */
static sgl_status
grow(sgl_buf *b, size_t more, sgl_err *err)
{
	sgl_buf larger = sgl_buf_init(b->max);

	if (b->cap - b->len >= more)
		return SGL_OK;
	TRY(sgl_buf_reserve(&larger, b->len + more, err));
	if (b->len > 0)
		memcpy(larger.data, b->data, b->len);
	larger.len = b->len;
	sgl_buf_wipe(b);
	*b = larger;
	return SGL_OK;
}

/* One byte of room beyond what is expected shows the end. */
static size_t
room_wanted(const sgl_input *in, const sgl_buf *out)
{
	size_t left = out->max - out->len;
	size_t want = out->len > 65536 ? out->len : 65536;

	if (in->size > in->done && in->size - in->done < SIZE_MAX)
		want = (size_t)(in->size - in->done) + 1;
	return want < left ? want : left;
}

static sgl_status
read_rest(sgl_input *in, sgl_buf *out, sgl_err *err)
{
	uint8_t beyond;
	size_t got = 1;

	while (got > 0 && out->len < out->max) {
		if (out->len == out->cap)
			TRY(grow(out, room_wanted(in, out), err));
		TRY(input_read(&in->source, out->data + out->len,
		    out->cap - out->len, &got, err));
		out->len += got;
	}
	if (got > 0)
		TRY(input_read(&in->source, &beyond, 1, &got, err));
	return got == 0
	    ? SGL_OK
	    : sgl_fail_at(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		  N_("larger than is allowed here"), "%s", sgl_input_name(in));
}

sgl_status
sgl_file_read(const char *path, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_input)
	in = NULL;
	size_t before = out->len;

	TRY(sgl_input_open(path, &in, err));
	TRY(read_rest(in, out, err));
	if (out->len == before)
		return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("is empty"), "%s", sgl_input_name(in));
	return SGL_OK;
}
