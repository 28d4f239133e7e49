/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"

void
sgl_folder_make(sgl_folder *f)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(f->path, sizeof f->path, "%s/sigill-test-XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	assert_non_null(mkdtemp(f->path));
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *w)
{
	(void)st;
	(void)what;
	(void)w;
	return remove(path);
}

/* A test may have taken the right to write away. */
static int
open_up(const char *path, const struct stat *st, int what, struct FTW *w)
{
	(void)w;
	return what == FTW_D ? chmod(path, st->st_mode | 0700) : 0;
}

void
sgl_folder_remove(sgl_folder *f)
{
	(void)nftw(f->path, open_up, 16, FTW_PHYS);
	assert_int_equal(
	    nftw(f->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *
sgl_folder_path(const sgl_folder *f, const char *name)
{
	static char paths[8][512];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	(void)snprintf(path, sizeof paths[0], "%s/%s", f->path, name);
	return path;
}

size_t
sgl_folder_num(const sgl_folder *f)
{
	DIR *d = opendir(f->path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

void
sgl_folder_write(const sgl_folder *f, const char *name, sgl_slice bytes)
{
	FILE *out = fopen(sgl_folder_path(f, name), "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes.data, 1, bytes.len, out), bytes.len);
	assert_int_equal(fclose(out), 0);
}

sgl_buf
sgl_folder_read(const sgl_folder *f, const char *name)
{
	FILE *in = fopen(sgl_folder_path(f, name), "rb");
	sgl_buf b = sgl_buf_init((size_t)64 << 20);
	uint8_t block[4096];
	size_t n;

	assert_non_null(in);
	while ((n = fread(block, 1, sizeof block, in)) > 0)
		assert_int_equal(
		    sgl_buf_add(&b, sgl_slice_of(block, n), NULL), SGL_OK);
	assert_int_equal(ferror(in), 0);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(sgl_buf_add(&b, sgl_slice_of("", 1), NULL), SGL_OK);
	b.len--;
	return b;
}

void
sgl_folder_run(const sgl_folder *f, const char *command)
{
	char text[2048];
	int n = snprintf(
	    text, sizeof text, "cd %s && { %s; } >log 2>&1", f->path, command);

	assert_true(n > 0 && (size_t)n < sizeof text);
	if (system(text) != 0) {
		sgl_buf log = sgl_folder_read(f, "log");

		fail_msg("%s: %s", command, (char *)log.data);
	}
}

void
sgl_folder_need(const char *program)
{
	char text[64];

	(void)snprintf(text, sizeof text, "command -v %s >/dev/null", program);
	if (system(text) != 0) {
		print_message("no %s: skipped\n", program);
		skip();
	}
}
