/* SPDX-License-Identifier: Apache-2.0 */
#include "support/corpus.h"

#include <dirent.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "asn1/pem.h"

#define MAX_PATH 4096
#define MAX_FILE ((size_t)64 << 20)

static bool
full_path(const char *path, char out[MAX_PATH])
{
	const char *root = getenv("SIGILL_CORPUS");

	return root != NULL &&
	    snprintf(out, MAX_PATH, "%s/%s", root, path) < MAX_PATH;
}

bool
sgl_corpus_has(const char *set)
{
	char path[MAX_PATH];
	struct stat st;

	return full_path(set, path) && stat(path, &st) == 0;
}

void
sgl_corpus_read_file(const char *path, sgl_buf *out)
{
	FILE *f = fopen(path, "rb");
	uint8_t block[8192];
	size_t n;

	if (f == NULL)
		fail_msg("cannot open %s", path);
	sgl_buf_clear(out);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		assert_int_equal(
		    sgl_buf_add(out, sgl_slice_of(block, n), NULL), SGL_OK);
	assert_int_equal(ferror(f), 0);
	fclose(f);
}

void
sgl_corpus_read(const char *path, sgl_buf *out)
{
	char full[MAX_PATH];

	assert_true(full_path(path, full));
	sgl_corpus_read_file(full, out);
}

void
sgl_corpus_read_der(const char *path, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(MAX_FILE);
	sgl_pem_block block;
	size_t at = 0;
	bool found;

	sgl_corpus_read(path, &text);
	if (!sgl_pem_has(sgl_buf_slice(&text))) {
		sgl_buf_clear(out);
		assert_int_equal(
		    sgl_buf_add(out, sgl_buf_slice(&text), NULL), SGL_OK);
		return;
	}
	assert_int_equal(
	    sgl_pem_next(sgl_buf_slice(&text), &at, &block, out, &found, NULL),
	    SGL_OK);
	assert_true(found);
}

static size_t
each_in(const char *path, void (*each)(const char *path, void *ctx), void *ctx)
{
	char full[MAX_PATH], below[MAX_PATH];
	struct dirent **names;
	struct stat st;
	size_t count = 0;
	int n;

	assert_true(full_path(path, full));
	n = scandir(full, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;

		if (name[0] != '.' &&
		    snprintf(below, sizeof below, "%s/%s", path, name) <
			(int)sizeof below &&
		    full_path(below, full) && stat(full, &st) == 0) {
			if (S_ISDIR(st.st_mode)) {
				count += each_in(below, each, ctx);
			} else if (S_ISREG(st.st_mode)) {
				each(below, ctx);
				count++;
			}
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return count;
}

size_t
sgl_corpus_each(
    const char *path, void (*each)(const char *path, void *ctx), void *ctx)
{
	return each_in(path, each, ctx);
}
