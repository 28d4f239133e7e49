/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"

/* A sink that counts its calls and fails where it is told to. */
typedef struct probe {
	sgl_sink sink;
	int writes, finishes, aborts, fail_write;
	bool fail_finish;
	size_t largest, total;
} probe;

static sgl_status
probe_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	probe *p = (probe *)s;

	p->total += in.len;
	if (in.len > p->largest)
		p->largest = in.len;
	if (++p->writes == p->fail_write)
		return sgl_fail(err, SGL_E_IO, "test", 3, "write");
	return SGL_OK;
}

static sgl_status
probe_finish(sgl_sink *s, sgl_err *err)
{
	((probe *)s)->finishes++;
	if (((probe *)s)->fail_finish)
		return sgl_fail(err, SGL_E_DECRYPT, "test", 4, "finish");
	return SGL_OK;
}

static void
probe_abort(sgl_sink *s)
{
	((probe *)s)->aborts++;
}

static const sgl_sink_ops probe_ops = {probe_write, probe_finish, probe_abort};

static void
a_sink_takes_bytes_until_finish(void **state)
{
	probe p = {.sink.ops = &probe_ops};
	sgl_err err;

	(void)state;
	assert_int_equal(sgl_sink_write(&p.sink, SGL_LIT("ab"), &err), SGL_OK);
	assert_int_equal(sgl_sink_write(&p.sink, SGL_LIT(""), &err), SGL_OK);
	assert_int_equal(p.writes, 1);
	assert_int_equal(sgl_sink_finish(&p.sink, &err), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(&p.sink, SGL_LIT("c"), &err), SGL_E_USAGE);
	assert_int_equal(err.status, SGL_E_USAGE);
	assert_int_equal(sgl_sink_finish(&p.sink, &err), SGL_E_USAGE);
	sgl_sink_abort(&p.sink);
	assert_int_equal(p.writes, 1);
	assert_int_equal(p.finishes, 1);
	assert_int_equal(p.aborts, 0);
}

static void
a_failed_sink_repeats_its_status(void **state)
{
	probe p = {.sink.ops = &probe_ops, .fail_write = 1};
	sgl_err err;

	(void)state;
	assert_int_equal(sgl_sink_write(&p.sink, SGL_LIT("a"), &err), SGL_E_IO);
	assert_true(err.offset == 3);
	assert_int_equal(sgl_sink_write(&p.sink, SGL_LIT("b"), &err), SGL_E_IO);
	assert_int_equal(sgl_sink_write(&p.sink, SGL_LIT(""), &err), SGL_E_IO);
	assert_int_equal(sgl_sink_finish(&p.sink, &err), SGL_E_IO);
	assert_int_equal(err.status, SGL_E_IO);
	assert_int_equal(p.writes, 1);
	assert_int_equal(p.finishes, 0);
	sgl_sink_abort(&p.sink);
	sgl_sink_abort(&p.sink);
	assert_int_equal(p.aborts, 1);
}

static void
a_failed_finish_is_an_end(void **state)
{
	probe p = {.sink.ops = &probe_ops, .fail_finish = true};
	sgl_err err;

	(void)state;
	assert_int_equal(sgl_sink_finish(&p.sink, &err), SGL_E_DECRYPT);
	assert_int_equal(sgl_sink_finish(&p.sink, &err), SGL_E_DECRYPT);
	assert_int_equal(
	    sgl_sink_write(&p.sink, SGL_LIT("a"), &err), SGL_E_DECRYPT);
	sgl_sink_abort(&p.sink);
	assert_int_equal(p.finishes, 1);
	assert_int_equal(p.aborts, 0);
}

static void
an_aborted_sink_refuses(void **state)
{
	probe p = {.sink.ops = &probe_ops};

	(void)state;
	sgl_sink_abort(&p.sink);
	assert_int_equal(
	    sgl_sink_write(&p.sink, SGL_LIT("a"), NULL), SGL_E_USAGE);
	assert_int_equal(sgl_sink_finish(&p.sink, NULL), SGL_E_USAGE);
	assert_int_equal(p.aborts, 1);
	sgl_sink_abort(NULL);
}

static void
a_bufsink_collects(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(4);
	sgl_bufsink s, t;

	(void)state;
	sgl_bufsink_init(&s, &b);
	assert_int_equal(sgl_sink_write(&s.sink, SGL_LIT("ab"), NULL), SGL_OK);
	assert_int_equal(sgl_sink_write(&s.sink, SGL_LIT("cd"), NULL), SGL_OK);
	assert_int_equal(sgl_sink_finish(&s.sink, NULL), SGL_OK);
	assert_true(s.finished && !s.aborted);
	assert_true(sgl_slice_eq(sgl_buf_slice(&b), SGL_LIT("abcd")));
	sgl_bufsink_init(&t, &b);
	assert_int_equal(
	    sgl_sink_write(&t.sink, SGL_LIT("e"), NULL), SGL_E_LIMIT);
	sgl_sink_abort(&t.sink);
	assert_true(t.aborted && !t.finished);
}

static void
a_spool_gives_back_what_it_took(void **state)
{
	SGL_AUTO(sgl_spool)
	spool = NULL;
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(SIZE_MAX);
	sgl_source *source;
	sgl_bufsink sink;

	(void)state;
	assert_int_equal(sgl_memspool_new(10, &spool, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(&spool->sink, SGL_LIT("01234"), NULL), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(&spool->sink, SGL_LIT("56789"), NULL), SGL_OK);
	assert_int_equal(sgl_sink_finish(&spool->sink, NULL), SGL_OK);
	source = spool->ops->open(spool);
	for (int round = 1; round <= 2; round++) {
		sgl_bufsink_init(&sink, &out);
		assert_int_equal(sgl_pump(source, &sink.sink, NULL), SGL_OK);
		assert_int_equal(out.len, 10 * round);
		assert_int_equal(source->ops->rewind(source, NULL), SGL_OK);
	}
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&out), SGL_LIT("01234567890123456789")));
}

static void
a_spool_has_a_limit(void **state)
{
	SGL_AUTO(sgl_spool)
	spool = NULL;

	(void)state;
	assert_int_equal(sgl_memspool_new(4, &spool, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(&spool->sink, SGL_LIT("01234"), NULL), SGL_E_LIMIT);
	sgl_sink_abort(&spool->sink);
	sgl_spool_free(NULL);
}

typedef struct bad_source {
	sgl_source source;
	int good_reads;
} bad_source;

static sgl_status
bad_read(sgl_source *s, uint8_t *buf, size_t cap, size_t *got, sgl_err *err)
{
	if (((bad_source *)s)->good_reads-- == 0)
		return sgl_fail(err, SGL_E_IO, "test", 9, "read");
	memset(buf, 'x', cap);
	*got = cap;
	return SGL_OK;
}

static const sgl_source_ops bad_ops = {bad_read, NULL};

static void
pump_ends_the_sink_either_way(void **state)
{
	static uint8_t bytes[3 * SGL_BLOCK + 5];
	bad_source bad = {.source.ops = &bad_ops, .good_reads = 2};
	probe good = {.sink.ops = &probe_ops};
	probe unread = good, unwritable = good, unfinished = good;
	sgl_slicesource source;
	sgl_err err;

	(void)state;
	sgl_slicesource_init(&source, sgl_slice_of(bytes, sizeof bytes));
	assert_int_equal(sgl_pump(&source.source, &good.sink, &err), SGL_OK);
	assert_int_equal(good.writes, 4);
	assert_int_equal(good.largest, SGL_BLOCK);
	assert_int_equal(good.total, sizeof bytes);
	assert_int_equal(good.finishes, 1);

	assert_int_equal(sgl_pump(&bad.source, &unread.sink, &err), SGL_E_IO);
	assert_true(err.offset == 9);
	assert_int_equal(unread.writes, 2);
	assert_int_equal(unread.aborts, 1);
	assert_int_equal(unread.finishes, 0);

	unwritable.fail_write = 2;
	source.at = 0;
	assert_int_equal(
	    sgl_pump(&source.source, &unwritable.sink, &err), SGL_E_IO);
	assert_true(err.offset == 3);
	assert_int_equal(unwritable.writes, 2);
	assert_int_equal(unwritable.aborts, 1);

	unfinished.fail_finish = true;
	source.at = 0;
	assert_int_equal(
	    sgl_pump(&source.source, &unfinished.sink, &err), SGL_E_DECRYPT);
	assert_int_equal(unfinished.finishes, 1);
	assert_int_equal(unfinished.aborts, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sink_takes_bytes_until_finish),
	    cmocka_unit_test(a_failed_sink_repeats_its_status),
	    cmocka_unit_test(a_failed_finish_is_an_end),
	    cmocka_unit_test(an_aborted_sink_refuses),
	    cmocka_unit_test(a_bufsink_collects),
	    cmocka_unit_test(a_spool_gives_back_what_it_took),
	    cmocka_unit_test(a_spool_has_a_limit),
	    cmocka_unit_test(pump_ends_the_sink_either_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
