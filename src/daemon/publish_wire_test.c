/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/publish_wire.h"

/* Each message once, written here and read there. */
typedef void add(sgl_wire *w);
typedef void read_back(sgl_unwire *u);

static void
add_state(sgl_wire *w)
{
	sgl_publish_state s = {.prefix = "/pki", .num = 2};

	for (size_t i = 0; i < s.num; i++)
		s.authorities[i] = (sgl_published){
		    .id = (int64_t)i + 1, .num_shards = 3, .answers = i == 1};
	s.authorities[1].names.key_sha256[31] = 7;
	sgl_publish_add_state(w, &s);
}

static void
read_state(sgl_unwire *u)
{
	sgl_publish_state s;

	sgl_publish_read_state(u, &s);
	if (u->failed)
		return;
	assert_string_equal(s.prefix, "/pki");
	assert_int_equal(s.num, 2);
	assert_int_equal(s.authorities[1].id, 2);
	assert_int_equal(s.authorities[1].num_shards, 3);
	assert_true(s.authorities[1].answers);
	assert_int_equal(s.authorities[1].names.key_sha256[31], 7);
}

static void
add_file(sgl_wire *w)
{
	const sgl_publish_file f = {true, 2, 255};

	sgl_publish_add_file(w, 99, &f);
}

static void
read_file(sgl_unwire *u)
{
	sgl_publish_file f;
	int64_t number = sgl_publish_read_file(u, &f);

	if (u->failed)
		return;
	assert_int_equal(number, 99);
	assert_true(f.is_crl);
	assert_int_equal(f.authority, 2);
	assert_int_equal(f.shard, 255);
}

static void
add_ocsp(sgl_wire *w)
{
	sgl_ca_ocsp_question q = {.num_ids = SGL_OCSP_IDS, .nonce_len = 128};

	for (size_t i = 0; i < q.num_ids; i++)
		q.ids[i] = (sgl_ca_ocsp_id){.authority = 2,
		    .digest = SGL_DIGEST_SHA256,
		    .serial = {(uint8_t)(i + 1)},
		    .serial_len = 20};
	q.nonce[127] = 5;
	sgl_publish_add_ocsp(w, 3, &q);
}

static void
read_ocsp(sgl_unwire *u)
{
	sgl_ca_ocsp_question q;
	int64_t number = sgl_publish_read_ocsp(u, &q);

	if (u->failed)
		return;
	assert_int_equal(number, 3);
	assert_int_equal(q.num_ids, SGL_OCSP_IDS);
	assert_int_equal(q.ids[15].serial[0], 16);
	assert_int_equal(q.ids[15].serial_len, 20);
	assert_int_equal(q.ids[15].digest, SGL_DIGEST_SHA256);
	assert_int_equal(q.nonce_len, 128);
	assert_int_equal(q.nonce[127], 5);
}

static void
add_answer(sgl_wire *w)
{
	const sgl_publish_answer a = {.outcome = SGL_PUBLISH_FOUND,
	    .is_shared = true,
	    .tag = {1, 2, 3},
	    .this_update = 1000,
	    .next_update = 2000,
	    .bytes = SGL_LIT("list")};

	sgl_publish_add_answer(w, 1, &a);
}

static void
read_answer(sgl_unwire *u)
{
	sgl_publish_answer a;
	int64_t number = sgl_publish_read_answer(u, &a);

	if (u->failed)
		return;
	assert_int_equal(number, 1);
	assert_int_equal(a.outcome, SGL_PUBLISH_FOUND);
	assert_true(a.is_shared);
	assert_int_equal(a.tag[2], 3);
	assert_int_equal(a.next_update, 2000);
	assert_true(sgl_slice_eq(a.bytes, SGL_LIT("list")));
}

static void
add_metrics(sgl_wire *w)
{
	sgl_publish_add_metrics(w, 7, SGL_LIT("sigill_people 2\n"));
}

static void
read_metrics(sgl_unwire *u)
{
	sgl_slice text;
	int64_t number = sgl_publish_read_metrics(u, &text);

	if (u->failed)
		return;
	assert_int_equal(number, 7);
	assert_true(sgl_slice_eq(text, SGL_LIT("sigill_people 2\n")));
}

static const struct {
	add *add;
	read_back *read;
} messages[] = {
    {add_state, read_state},
    {add_file, read_file},
    {add_ocsp, read_ocsp},
    {add_answer, read_answer},
    {add_metrics, read_metrics},
};

static void
messages_arrive_whole_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(65536);
		sgl_wire w = sgl_wire_over(&body);
		sgl_unwire u;

		messages[i].add(&w);
		assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
		u = sgl_unwire_over(sgl_buf_slice(&body));
		messages[i].read(&u);
		assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
		for (size_t len = 0; len < body.len; len++) {
			u = sgl_unwire_over(
			    sgl_slice_first(sgl_buf_slice(&body), len));
			messages[i].read(&u);
			assert_int_equal(sgl_unwire_end(&u, NULL), SGL_E_IO);
		}
	}
}

static void
what_is_out_of_bounds_is_refused(void **state)
{
	static const sgl_publish_file files[] = {
	    {true, 0, 0}, {true, 1, 256}, {true, -1, 0}, {false, 1, -1}};
	sgl_ca_ocsp_question q = {.num_ids = 1};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(4096);
		sgl_wire w = sgl_wire_over(&body);
		sgl_publish_file f;
		sgl_unwire u;

		sgl_publish_add_file(&w, 1, &files[i]);
		u = sgl_unwire_over(sgl_buf_slice(&body));
		(void)sgl_publish_read_file(&u, &f);
		assert_int_equal(sgl_unwire_end(&u, NULL), SGL_E_IO);
	}
	for (size_t n = 0; n < 2; n++) {
		SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(4096);
		sgl_wire w = sgl_wire_over(&body);
		sgl_ca_ocsp_question got;
		sgl_unwire u;

		q.num_ids = n; /* about nothing; or about no serial number */
		q.ids[0].authority = 1;
		sgl_publish_add_ocsp(&w, 1, &q);
		u = sgl_unwire_over(sgl_buf_slice(&body));
		(void)sgl_publish_read_ocsp(&u, &got);
		assert_int_equal(sgl_unwire_end(&u, NULL), SGL_E_IO);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_arrive_whole_or_not),
	    cmocka_unit_test(what_is_out_of_bounds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
