/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/fetch_wire.h"
#include "support/fault.h"

static const sgl_fetch_order order = {.url = "http://pki.example.org/1.crl",
    .max = 1000,
    .seconds = 30,
    .body = SGL_LIT("body"),
    .type = "application/x",
    .only_public = true};

static void
an_order_arrives(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_FETCH_ORDER_MAX);
	sgl_wire w = sgl_wire_over(&body);
	sgl_fetch_read got;
	sgl_unwire u;

	(void)state;
	sgl_fetch_add_order(&w, &order);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	u = sgl_unwire_over(sgl_buf_slice(&body));
	sgl_fetch_read_order(&u, &got);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	assert_string_equal(got.order.url, order.url);
	assert_string_equal(got.order.type, order.type);
	assert_int_equal(got.order.max, order.max);
	assert_int_equal(got.order.seconds, order.seconds);
	assert_true(sgl_slice_eq(got.order.body, order.body));
	assert_true(got.order.only_public);
	for (size_t n = 0; n < body.len; n++) {
		u = sgl_unwire_over(sgl_slice_first(sgl_buf_slice(&body), n));
		sgl_fetch_read_order(&u, &got);
		assert_int_equal(sgl_unwire_end(&u, NULL), SGL_E_IO);
	}
}

static sgl_status
send_came(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	SGL_AUTO_CLEAR(sgl_fetched)
	f = {.fault = SGL_FETCH_REDIRECT,
	    .status = 302,
	    .where = "http://elsewhere/",
	    .body = sgl_buf_init(100)};
	SGL_AUTO_CLEAR(sgl_fetched) got = {0};
	sgl_wire w = sgl_wire_over(&body);
	sgl_unwire u;

	(void)ctx;
	TRY(sgl_buf_add_str(&f.body, "moved", err));
	sgl_fetch_add_came(&w, &f);
	TRY(sgl_wire_end(&w, err));
	for (size_t n = 0; n < body.len; n++) {
		u = sgl_unwire_over(sgl_slice_first(sgl_buf_slice(&body), n));
		assert_int_equal(sgl_fetch_read_came(&u, &got, NULL), SGL_E_IO);
	}
	u = sgl_unwire_over(sgl_buf_slice(&body));
	TRY(sgl_fetch_read_came(&u, &got, err));
	assert_int_equal(got.fault, f.fault);
	assert_int_equal(got.status, f.status);
	assert_string_equal(got.where, f.where);
	assert_true(sgl_slice_eq(sgl_buf_slice(&got.body), SGL_LIT("moved")));
	return SGL_OK;
}

static void
what_came_arrives(void **state)
{
	(void)state;
	assert_int_equal(send_came(NULL, NULL), SGL_OK);
	assert_true(sgl_fault_each(send_came, NULL) >= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_order_arrives),
	    cmocka_unit_test(what_came_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
