/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pubkey.h"
#include "support/folder.h"
#include "sys/signals.h"
#include "sys/spool.h"

#define MEMORY 1000

static sgl_engine *engine;
static sgl_folder folder;

static int
set_up(void **state)
{
	static const sgl_limits limits = {.spool_memory = MEMORY};
	static const sgl_engine_config config = {.limits = &limits};

	(void)state;
	sgl_folder_make(&folder);
	return sgl_engine_new(&config, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

/* Not compressible to a few values, and known. */
static uint8_t *
make_bytes(size_t len)
{
	uint8_t *bytes = malloc(len + 1);
	uint32_t x = 1;

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(x >> 24);
	}
	return bytes;
}

static void
fill(sgl_spool *s, sgl_slice bytes, size_t piece)
{
	while (bytes.len > 0) {
		size_t n = bytes.len < piece ? bytes.len : piece;
		assert_int_equal(
		    sgl_sink_write(&s->sink, sgl_slice_first(bytes, n), NULL),
		    SGL_OK);
		bytes = sgl_slice_from(bytes, n);
	}
	assert_int_equal(sgl_sink_finish(&s->sink, NULL), SGL_OK);
}

static void
expect(sgl_source *source, sgl_slice bytes, size_t cap)
{
	uint8_t *buf = malloc(cap);
	size_t got = 1;

	assert_non_null(buf);
	while (got > 0) {
		assert_int_equal(
		    source->ops->read(source, buf, cap, &got, NULL), SGL_OK);
		assert_true(got <= bytes.len);
		assert_memory_equal(buf, bytes.data, got);
		bytes = sgl_slice_from(bytes, got);
	}
	assert_int_equal(bytes.len, 0);
	free(buf);
}

static void
bytes_come_back_however_cut(void **state)
{
	static const size_t sizes[] = {0, 1, MEMORY - 1, MEMORY, MEMORY + 1,
	    65536, MEMORY + 65536, MEMORY + 65537, 300000};
	static const size_t pieces[] = {1, 997, 65536, 150000, 300000};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint8_t *bytes = make_bytes(sizes[i]);
		for (size_t j = 0; j < 5; j++) {
			sgl_slice all = {bytes, sizes[i]};
			sgl_spool *s;
			sgl_source *source;
			assert_int_equal(
			    sgl_diskspool_new(engine, folder.path, &s, NULL),
			    SGL_OK);
			fill(s, all, pieces[j]);
			source = s->ops->open(s);
			expect(source, all, pieces[4 - j]);
			assert_int_equal(
			    source->ops->rewind(source, NULL), SGL_OK);
			expect(source, all, 4096);
			assert_int_equal(sgl_folder_num(&folder), 0);
			sgl_spool_free(s);
		}
		free(bytes);
	}
}

/* The lowest descriptor above 2 that is a file without a name. */
static int
find_unnamed(void)
{
	struct stat st;

	for (int fd = 3; fd < 64; fd++)
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_nlink == 0)
			return fd;
	return -1;
}

static void
content_is_not_on_disk_in_the_clear(void **state)
{
	uint8_t plain[200000], found[65536];
	sgl_spool *s;
	ssize_t n;

	(void)state;
	memset(plain, 'A', sizeof plain);
	assert_int_equal(
	    sgl_diskspool_new(engine, folder.path, &s, NULL), SGL_OK);
	fill(s, sgl_slice_of(plain, sizeof plain), 1000);
	n = pread(find_unnamed(), found, sizeof found, 0);
	assert_int_equal(n, sizeof found);
	assert_null(memmem(found, sizeof found, "AAAAAA", 6));
	sgl_spool_free(s);
}

static void
damage_is_found(void **state)
{
	uint8_t plain[200000] = {0}, buf[65536], byte;
	sgl_spool *s;
	sgl_source *source;
	sgl_err err = {0};
	sgl_status status = SGL_OK;
	size_t got = 1;

	(void)state;
	assert_int_equal(
	    sgl_diskspool_new(engine, folder.path, &s, NULL), SGL_OK);
	fill(s, sgl_slice_of(plain, sizeof plain), sizeof plain);
	/* Another byte, whatever the key of the day made of this one. */
	assert_int_equal(pread(find_unnamed(), &byte, 1, 70000), 1);
	byte ^= 1;
	assert_int_equal(pwrite(find_unnamed(), &byte, 1, 70000), 1);
	source = s->ops->open(s);
	while (status == SGL_OK && got > 0)
		status = source->ops->read(source, buf, sizeof buf, &got, &err);
	assert_int_equal(status, SGL_E_IO);
	assert_string_equal(err.text, "a temporary file was damaged");
	sgl_spool_free(s);
}

/* In a child, for the limit cannot be taken back. */
static int
fill_over_the_limit(void)
{
	const struct rlimit small = {100000, 100000};
	uint8_t plain[50000] = {0};
	sgl_spool *s;
	sgl_err err = {0};
	sgl_status status = SGL_OK;

	sgl_signals_init();
	if (setrlimit(RLIMIT_FSIZE, &small) != 0 ||
	    sgl_diskspool_new(engine, folder.path, &s, NULL) != SGL_OK)
		return 1;
	for (int i = 0; i < 10 && status == SGL_OK; i++)
		status = sgl_sink_write(
		    &s->sink, sgl_slice_of(plain, sizeof plain), &err);
	sgl_sink_abort(&s->sink);
	sgl_spool_free(s);
	return status != SGL_E_IO || strcmp(err.detail, folder.path) != 0;
}

static void
a_full_disk_is_told(void **state)
{
	int how;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(fill_over_the_limit());
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
}

static void
a_missing_folder_is_told(void **state)
{
	uint8_t plain[2 * MEMORY] = {0};
	sgl_spool *s;
	sgl_err err = {0};

	(void)state;
	assert_int_equal(
	    sgl_diskspool_new(engine, "/nowhere/at/all", &s, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(&s->sink, sgl_slice_of(plain, sizeof plain), &err),
	    SGL_E_IO);
	assert_string_equal(err.detail, "/nowhere/at/all");
	assert_int_equal(
	    sgl_sink_write(&s->sink, sgl_slice_of(plain, 1), NULL), SGL_E_IO);
	sgl_sink_abort(&s->sink);
	sgl_spool_free(s);
}

static void
a_maker_makes_them(void **state)
{
	sgl_diskspool_place place = {engine, folder.path};
	sgl_spooler maker = sgl_diskspooler(&place);
	sgl_spool *s;

	(void)state;
	assert_int_equal(maker.make(maker.ctx, &s, NULL), SGL_OK);
	fill(s, SGL_LIT("hello"), 1);
	expect(s->ops->open(s), SGL_LIT("hello"), 3);
	sgl_spool_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_come_back_however_cut),
	    cmocka_unit_test(content_is_not_on_disk_in_the_clear),
	    cmocka_unit_test(damage_is_found),
	    cmocka_unit_test(a_full_disk_is_told),
	    cmocka_unit_test(a_missing_folder_is_told),
	    cmocka_unit_test(a_maker_makes_them),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
