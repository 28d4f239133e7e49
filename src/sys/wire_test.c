/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/channel.h"
#include "sys/wire.h"

static void
fill(sgl_buf *out)
{
	sgl_wire w = sgl_wire_over(out);

	sgl_wire_add_int(&w, -7);
	sgl_wire_add_text(&w, "r\xc3\xa4ksm\xc3\xb6rg\xc3\xa5s");
	sgl_wire_add_bytes(&w, (sgl_slice){NULL, 0});
	sgl_wire_add_int(&w, INT64_MAX);
	sgl_wire_add_text(&w, NULL);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
}

static bool
reads(sgl_slice message)
{
	sgl_unwire u = sgl_unwire_over(message);
	char text[32], none[1];
	bool good = sgl_unwire_int(&u, -7, -7) == -7;

	sgl_unwire_text(&u, text, sizeof text);
	good &= sgl_unwire_bytes(&u, 0).len == 0;
	good &= sgl_unwire_int(&u, 0, INT64_MAX) == INT64_MAX;
	sgl_unwire_text(&u, none, sizeof none);
	return sgl_unwire_end(&u, NULL) == SGL_OK && good &&
	    strcmp(text, "r\xc3\xa4ksm\xc3\xb6rg\xc3\xa5s") == 0;
}

static void
what_is_added_is_read(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(1024);

	(void)state;
	fill(&b);
	assert_true(reads(sgl_buf_slice(&b)));
	for (size_t cut = 0; cut < b.len; cut++)
		assert_false(reads(sgl_slice_first(sgl_buf_slice(&b), cut)));
	assert_int_equal(sgl_buf_add(&b, SGL_LIT("x"), NULL), SGL_OK);
	assert_false(reads(sgl_buf_slice(&b)));
}

static void
a_message_has_a_longest_length(void **state)
{
	for (size_t max = 0; max < 60; max++) {
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(max);
		sgl_wire w = sgl_wire_over(&b);
		sgl_err err = {0};

		sgl_wire_add_bytes(&w,
		    SGL_LIT("0123456789012345678901234567"
			    "89012345678901234567890123"));
		sgl_wire_add_int(&w, 1);
		if (sgl_wire_end(&w, &err) != SGL_OK)
			assert_int_equal(err.status, SGL_E_LIMIT);
		else
			fail_msg("%zu bytes", max);
	}
	(void)state;
}

static void
bounds_are_kept(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&b);
	char text[8];
	sgl_unwire u;

	(void)state;
	sgl_wire_add_int(&w, 5);
	sgl_wire_add_bytes(&w, SGL_LIT("a\0c"));
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	u = sgl_unwire_over(sgl_buf_slice(&b));
	assert_int_equal(sgl_unwire_int(&u, 0, 4), 0);
	assert_int_equal(sgl_unwire_bytes(&u, 8).len, 0);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_E_IO);
	u = sgl_unwire_over(sgl_buf_slice(&b));
	assert_int_equal(sgl_unwire_int(&u, 0, 5), 5);
	sgl_unwire_text(&u, text, sizeof text);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_E_IO);
	u = sgl_unwire_over(sgl_buf_slice(&b));
	assert_int_equal(sgl_unwire_int(&u, 0, 5), 5);
	assert_int_equal(sgl_unwire_bytes(&u, 2).len, 0);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_E_IO);
}

/* ------------------------------------------------------------- channel --- */

static sgl_channel *
one_end(int *other)
{
	sgl_channel *c;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(sgl_channel_new(ends[0], &c, NULL), SGL_OK);
	*other = ends[1];
	return c;
}

static void
write_raw(int fd, const char *bytes, size_t len)
{
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
}

static void
messages_arrive_whole(void **state)
{
	SGL_AUTO(sgl_channel)
	c = NULL;
	SGL_AUTO(sgl_channel)
	d = NULL;
	sgl_slice body;
	unsigned type;
	bool ended;
	int fd;

	(void)state;
	c = one_end(&fd);
	assert_int_equal(sgl_channel_new(fd, &d, NULL), SGL_OK);
	assert_int_equal(sgl_channel_send(c, 300, SGL_LIT("one"), NULL), 0);
	assert_int_equal(
	    sgl_channel_send(c, 2, (sgl_slice){NULL, 0}, NULL), SGL_OK);
	assert_int_equal(
	    sgl_channel_receive(d, 3, &type, &body, &ended, NULL), SGL_OK);
	assert_false(ended);
	assert_int_equal(type, 300);
	assert_true(sgl_slice_eq(body, SGL_LIT("one")));
	assert_int_equal(
	    sgl_channel_receive(d, 0, &type, &body, &ended, NULL), SGL_OK);
	assert_int_equal(type, 2);
	assert_int_equal(body.len, 0);
	sgl_channel_free(SGL_TAKE(&c));
	assert_int_equal(
	    sgl_channel_receive(d, 3, &type, &body, &ended, NULL), SGL_OK);
	assert_true(ended);
	assert_int_equal(sgl_channel_send(d, 1, SGL_LIT("x"), NULL), SGL_E_IO);
}

/* Each is cut off, or announces more than is allowed: and that sticks. */
static void
broken_messages_fail(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		sgl_status want;
	} cases[] = {
	    {"\0", 1, SGL_E_IO},
	    {"\0\0\0\3\0", 5, SGL_E_IO},
	    {"\0\0\0\3\0\1", 6, SGL_E_IO},
	    {"\0\0\0\3\0\1ab", 8, SGL_E_IO},
	    {"\0\0\0\5\0\1abcde", 11, SGL_E_IO},
	    {"\377\377\377\377\0\1", 6, SGL_E_IO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		SGL_AUTO(sgl_channel)
		c = NULL;
		sgl_slice body;
		unsigned type;
		bool ended;
		int fd;

		c = one_end(&fd);
		write_raw(fd, cases[i].bytes, cases[i].len);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		for (int k = 0; k < 2; k++)
			assert_int_equal(sgl_channel_receive(
					     c, 4, &type, &body, &ended, NULL),
			    cases[i].want);
		(void)close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_added_is_read),
	    cmocka_unit_test(a_message_has_a_longest_length),
	    cmocka_unit_test(bounds_are_kept),
	    cmocka_unit_test(messages_arrive_whole),
	    cmocka_unit_test(broken_messages_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
