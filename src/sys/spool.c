/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "sys/fail.h"
#include "sys/signals.h"
#include "sys/spool.h"
#include "sys/text.h"

#define ROOM "sys.spool"
#define TAG 16
#define SLACK 32 /* that sgl_cipher_update may want */
#define CHUNK ((size_t)SGL_BLOCK)

typedef struct diskspool {
	sgl_spool spool;
	sgl_source source;
	sgl_engine *engine;
	const char *folder;
	sgl_buf head; /* the first bytes; its max is where the file begins */
	int fd;
	uint64_t num_chunks; /* in the file; all but the last are full */
	uint8_t key[32];
	uint8_t *plain;	 /* CHUNK */
	uint8_t *sealed; /* CHUNK + TAG + SLACK */
	size_t len;	 /* of plain: gathered, or of the chunk at hand */
	size_t last_len; /* of the last chunk */
	/* reading */
	size_t head_at;
	uint64_t next_chunk;
	size_t at; /* in plain */
} diskspool;

static const char *
folder_of(const char *folder)
{
	if (folder == NULL)
		folder = secure_getenv("TMPDIR");
	return folder == NULL || folder[0] == '\0' ? "/var/tmp" : folder;
}

/* Where the file system has no O_TMPFILE: a name for a moment. */
static sgl_status
name_and_unlink(const char *folder, int *fd, sgl_err *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/.sigill-XXXXXX", folder) >=
	    (int)sizeof path)
		return sgl_fail_errno(err, ENAMETOOLONG, ROOM, folder);
	*fd = mkostemp(path, O_CLOEXEC);
	if (*fd < 0)
		return sgl_fail_errno(err, errno, ROOM, folder);
	(void)unlink(path);
	return SGL_OK;
}

sgl_status
sgl_unnamed_file(const char *folder, int *fd, sgl_err *err)
{
	int got;

	folder = folder_of(folder);
	got = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	if (got < 0)
		TRY(name_and_unlink(folder, &got, err));
	*fd = got;
	return SGL_OK;
}

sgl_status
sgl_write_all(int fd, const char *name, sgl_slice bytes, sgl_err *err)
{
	while (bytes.len > 0) {
		ssize_t n;
		TRY(sgl_signals_check(ROOM, err));
		n = write(fd, bytes.data, bytes.len);
		if (n < 0 && errno != EINTR)
			return sgl_fail_errno(err, errno, ROOM, name);
		if (n > 0)
			bytes = sgl_slice_from(bytes, (size_t)n);
	}
	return SGL_OK;
}

sgl_status
sgl_pread_all(int fd, const char *name, uint64_t at, uint8_t *buf, size_t len,
    sgl_err *err)
{
	while (len > 0) {
		ssize_t n;
		TRY(sgl_signals_check(ROOM, err));
		n = pread(fd, buf, len, (off_t)at);
		if (n == 0)
			return sgl_fail_errno(err, EIO, ROOM, name);
		if (n < 0 && errno != EINTR)
			return sgl_fail_errno(err, errno, ROOM, name);
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
			at += (size_t)n;
		}
	}
	return SGL_OK;
}

/* Each key seals each number once, so the number is nonce enough. */
static sgl_status
cipher_for(
    diskspool *s, uint64_t number, bool encrypt, sgl_cipher **out, sgl_err *err)
{
	uint8_t iv[12] = {0};
	const sgl_cipher_params params = {
	    .alg = SGL_CIPHER_AES256_GCM,
	    .encrypt = encrypt,
	    .key = sgl_slice_of(s->key, sizeof s->key),
	    .iv = sgl_slice_of(iv, sizeof iv),
	};

	for (unsigned i = 0; i < 8; i++)
		iv[4 + i] = (uint8_t)(number >> (56 - 8 * i));
	return sgl_cipher_new(s->engine, &params, out, err);
}

static sgl_status
seal_chunk(diskspool *s, sgl_slice plain, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	c = NULL;
	size_t len;

	TRY(cipher_for(s, s->num_chunks, true, &c, err));
	TRY(sgl_cipher_update(c, plain, s->sealed, &len, err));
	TRY(sgl_cipher_tag(c, s->sealed + len, err));
	TRY(sgl_write_all(s->fd, folder_of(s->folder),
	    sgl_slice_of(s->sealed, len + TAG), err));
	s->num_chunks++;
	s->last_len = plain.len;
	return SGL_OK;
}

static sgl_status
open_chunk(diskspool *s, uint64_t number, size_t len, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	c = NULL;
	size_t got;

	TRY(sgl_pread_all(s->fd, folder_of(s->folder), number * (CHUNK + TAG),
	    s->sealed, len + TAG, err));
	TRY(cipher_for(s, number, false, &c, err));
	TRY(sgl_cipher_update(
	    c, sgl_slice_of(s->sealed, len), s->plain, &got, err));
	if (sgl_cipher_check(c, sgl_slice_of(s->sealed + len, TAG),
		(sgl_slice){NULL, 0}, NULL) != SGL_OK)
		return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a temporary file was damaged"), "%s",
		    folder_of(s->folder));
	s->len = got;
	return SGL_OK;
}

/* The buffers have SLACK bytes more, which the cipher may write to. */
static sgl_status
start_file(diskspool *s, sgl_err *err)
{
	TRY(sgl_random(s->engine, s->key, sizeof s->key, err));
	s->plain = sgl_mem_resize(NULL, CHUNK + SLACK);
	s->sealed = sgl_mem_resize(NULL, CHUNK + TAG + SLACK);
	if (s->plain == NULL || s->sealed == NULL)
		return sgl_oom(err, ROOM);
	return sgl_unnamed_file(s->folder, &s->fd, err);
}

static sgl_status
write_file(diskspool *s, sgl_slice in, sgl_err *err)
{
	if (s->fd < 0)
		TRY(start_file(s, err));
	while (in.len > 0) {
		size_t n = CHUNK - s->len;
		if (s->len == 0 && in.len >= CHUNK) {
			n = CHUNK;
			TRY(seal_chunk(s, sgl_slice_first(in, n), err));
			in = sgl_slice_from(in, n);
			continue;
		}
		n = in.len < n ? in.len : n;
		memcpy(s->plain + s->len, in.data, n);
		s->len += n;
		in = sgl_slice_from(in, n);
		if (s->len == CHUNK) {
			TRY(seal_chunk(s, sgl_slice_of(s->plain, CHUNK), err));
			s->len = 0;
		}
	}
	return SGL_OK;
}

static sgl_status
diskspool_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	diskspool *s = (diskspool *)sink;
	size_t left = s->head.max - s->head.len;
	size_t n = in.len < left ? in.len : left;

	TRY(sgl_buf_add(&s->head, sgl_slice_first(in, n), err));
	in = sgl_slice_from(in, n);
	return in.len == 0 ? SGL_OK : write_file(s, in, err);
}

static sgl_status
diskspool_finish(sgl_sink *sink, sgl_err *err)
{
	diskspool *s = (diskspool *)sink;

	if (s->len > 0)
		TRY(seal_chunk(s, sgl_slice_of(s->plain, s->len), err));
	s->len = 0;
	return SGL_OK;
}

static void
drop(diskspool *s)
{
	sgl_buf_wipe(&s->head);
	if (s->plain != NULL)
		sgl_mem_wipe(s->plain, CHUNK + SLACK);
	sgl_mem_free(SGL_TAKE(&s->plain));
	sgl_mem_free(SGL_TAKE(&s->sealed));
	sgl_mem_wipe(s->key, sizeof s->key);
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

static void
diskspool_abort(sgl_sink *sink)
{
	drop((diskspool *)sink);
}

static void
diskspool_free(sgl_spool *spool)
{
	drop((diskspool *)spool);
	sgl_mem_free(spool);
}

static diskspool *
of_source(sgl_source *source)
{
	return (
	    diskspool *)(void *)((char *)source - offsetof(diskspool, source));
}

static size_t
take(sgl_slice from, size_t *at, uint8_t *buf, size_t cap)
{
	size_t n = from.len - *at < cap ? from.len - *at : cap;

	if (n > 0)
		memcpy(buf, from.data + *at, n);
	*at += n;
	return n;
}

static sgl_status
diskspool_read(
    sgl_source *source, uint8_t *buf, size_t cap, size_t *got, sgl_err *err)
{
	diskspool *s = of_source(source);
	size_t n = take(sgl_buf_slice(&s->head), &s->head_at, buf, cap);
	uint64_t next = s->next_chunk;

	if (n == 0 && s->at == s->len && next < s->num_chunks) {
		TRY(open_chunk(s, next,
		    next + 1 < s->num_chunks ? CHUNK : s->last_len, err));
		s->next_chunk++;
		s->at = 0;
	}
	*got =
	    n > 0 ? n : take(sgl_slice_of(s->plain, s->len), &s->at, buf, cap);
	return SGL_OK;
}

static sgl_status
diskspool_rewind(sgl_source *source, sgl_err *err)
{
	diskspool *s = of_source(source);

	(void)err;
	s->head_at = s->at = s->len = 0;
	s->next_chunk = 0;
	return SGL_OK;
}

static sgl_source *
diskspool_open(sgl_spool *spool)
{
	diskspool *s = (diskspool *)spool;

	(void)diskspool_rewind(&s->source, NULL);
	return &s->source;
}

static const sgl_sink_ops sink_ops = {
    diskspool_write, diskspool_finish, diskspool_abort};
static const sgl_source_ops source_ops = {diskspool_read, diskspool_rewind};
static const sgl_spool_ops spool_ops = {diskspool_open, diskspool_free};

sgl_status
sgl_diskspool_new(
    sgl_engine *engine, const char *folder, sgl_spool **out, sgl_err *err)
{
	diskspool *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->spool.sink.ops = &sink_ops;
	s->spool.ops = &spool_ops;
	s->source.ops = &source_ops;
	s->engine = engine;
	s->folder = folder;
	s->fd = -1;
	s->head = sgl_buf_init(sgl_engine_limits(engine)->spool_memory);
	*out = &s->spool;
	return SGL_OK;
}

static sgl_status
make(void *ctx, sgl_spool **out, sgl_err *err)
{
	const sgl_diskspool_place *place = ctx;

	return sgl_diskspool_new(place->engine, place->folder, out, err);
}

sgl_spooler
sgl_diskspooler(sgl_diskspool_place *place)
{
	return (sgl_spooler){make, place};
}
