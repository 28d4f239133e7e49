/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asn1/ber.h"
#include "support/fault.h"
#include "support/hex.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX_ELEMENT 64
#define MAX_DEPTH 8

/*
 * What the tokenizer tells, as text: "(tag@offset" and ")end" for what is
 * entered, "[tag" and "]end" for a string with its bytes in hexadecimal in
 * between however they come, "<bytes>" for what is captured. SEQUENCE, SET and
 * [0] are entered, OCTET STRING and [1] streamed, all else is captured.
 * Every `ask`-th event asks for a key.
 */
typedef struct log {
	sgl_buf text;
	unsigned events, ask;
} log;

static sgl_status
event(log *l, sgl_status status)
{
	l->events++;
	if (status == SGL_OK && l->ask != 0 && l->events % l->ask == 0)
		return SGL_NEED_KEY;
	return status;
}

static sgl_status
on_element(void *ctx, const sgl_ber_head *head, sgl_ber_how *how, sgl_err *err)
{
	log *l = ctx;
	sgl_tag plain = head->tag & ~SGL_TAG_CONSTRUCTED;

	if (head->tag == SGL_SEQUENCE || head->tag == SGL_SET ||
	    head->tag == SGL_CONTEXT(0) ||
	    head->tag == SGL_CONTEXT_PRIMITIVE(0))
		*how = SGL_BER_ENTER;
	else if (plain == SGL_OCTET_STRING || plain == SGL_CONTEXT_PRIMITIVE(1))
		*how = SGL_BER_STREAM;
	else
		*how = SGL_BER_CAPTURE;
	if (*how == SGL_BER_CAPTURE)
		return event(l, SGL_OK);
	return event(l,
	    sgl_buf_printf(&l->text, err, "%c%08x@%zu,%u ",
		*how == SGL_BER_ENTER ? '(' : '[', head->tag,
		(size_t)head->offset, head->depth));
}

static sgl_status
add_hex(log *l, sgl_slice bytes, sgl_err *err)
{
	for (size_t i = 0; i < bytes.len; i++)
		TRY(sgl_buf_printf(&l->text, err, "%02x", bytes.data[i]));
	return SGL_OK;
}

static sgl_status
on_captured(void *ctx, const sgl_ber_head *head, sgl_slice whole, sgl_err *err)
{
	log *l = ctx;

	TRY(sgl_buf_printf(&l->text, err, "<%zu:", (size_t)head->offset));
	TRY(add_hex(l, whole, err));
	return event(l, sgl_buf_printf(&l->text, err, "> "));
}

static sgl_status
on_bytes(void *ctx, sgl_slice piece, sgl_err *err)
{
	log *l = ctx;

	assert_true(piece.len > 0);
	return event(l, add_hex(l, piece, err));
}

static sgl_status
on_leave(void *ctx, const sgl_ber_head *head, uint64_t end, sgl_err *err)
{
	log *l = ctx;

	return event(l,
	    sgl_buf_printf(
		&l->text, err, ")%zu-%zu ", (size_t)head->offset, (size_t)end));
}

static const sgl_ber_handler handler = {
    on_element, on_captured, on_bytes, on_leave};

typedef struct outcome {
	log log;
	sgl_status status;
	uint64_t offset;
	size_t taken;
} outcome;

static void
outcome_clear(outcome *o)
{
	sgl_buf_clear(&o->log.text);
}
SGL_AUTO_CLEAR_TYPE(outcome, outcome_clear)

/* Pushes one piece; a key that is asked for is there at once. */
static sgl_status
push(sgl_ber *b, sgl_slice piece, size_t *taken, sgl_err *err)
{
	sgl_status status;
	size_t n;

	do {
		status = sgl_ber_push(b, piece, &n, err);
		piece = sgl_slice_from(piece, n);
		*taken += n;
	} while (status == SGL_NEED_KEY);
	if (status == SGL_OK && !sgl_ber_is_done(b))
		assert_int_equal(piece.len, 0);
	return status;
}

/* Cuts behind `first` bytes, then every `step`. */
static outcome
run(sgl_slice in, size_t first, size_t step, unsigned ask)
{
	outcome o = {.log = {.text = sgl_buf_init(1 << 16), .ask = ask}};
	SGL_AUTO(sgl_ber)
	b = NULL;
	sgl_err err = {0};
	size_t n = first;

	assert_int_equal(
	    sgl_ber_new(&handler, &o.log, MAX_ELEMENT, MAX_DEPTH, &b, NULL),
	    SGL_OK);
	while (o.status == SGL_OK && in.len > 0 && !sgl_ber_is_done(b)) {
		if (n == 0 || n > in.len)
			n = in.len;
		o.status = push(b, sgl_slice_first(in, n), &o.taken, &err);
		in = sgl_slice_from(in, n);
		n = step;
	}
	if (o.status == SGL_OK)
		o.status = sgl_ber_finish(b, &err);
	else
		assert_int_equal(sgl_ber_finish(b, NULL), o.status);
	o.offset = o.status == SGL_OK ? sgl_ber_offset(b) : err.offset;
	return o;
}

static const struct {
	const char *hex, *want;
	sgl_status status;
	uint64_t offset;
} streams[] = {
    {"0500", "<0:0500> ", SGL_OK, 2},
    {"0500ff", "<0:0500> ", SGL_OK, 2}, /* what follows is not ours */
    {"3000", "(20000010@0,0 )0-2 ", SGL_OK, 2},
    {"30800000", "(20000010@0,0 )0-4 ", SGL_OK, 4},
    {"30050201010500", "(20000010@0,0 <2:020101> <5:0500> )0-7 ", SGL_OK, 7},
    {"30800201010500"
     "0000",
	"(20000010@0,0 <2:020101> <5:0500> )0-9 ", SGL_OK, 9},
    {"a003310102", "(a0000000@0,0 (20000011@2,1 ", SGL_E_ENCODING, 5},
    {"a00331010200", "(a0000000@0,0 (20000011@2,1 ", SGL_E_ENCODING, 4},
    /* strings, primitive and in pieces */
    {"0402abcd", "[00000004@0,0 abcd)0-4 ", SGL_OK, 4},
    {"0400", "[00000004@0,0 )0-2 ", SGL_OK, 2},
    {"24060402abcd0400", "[20000004@0,0 abcd)0-8 ", SGL_OK, 8},
    {"24800402abcd24040402ef010000", "[20000004@0,0 abcdef01)0-14 ", SGL_OK,
	14},
    {"8102abcd", "[80000001@0,0 abcd)0-4 ", SGL_OK, 4},
    {"a1800402abcd0000", "[a0000001@0,0 abcd)0-8 ", SGL_OK, 8},
    {"24020c00", "[20000004@0,0 ", SGL_E_ENCODING, 2},
    {"3009a1048102abcd0400", "(20000010@0,0 [a0000001@2,1 ", SGL_E_ENCODING, 4},
    /* captured with all that is inside */
    {"a280020101a3800000"
     "0000",
	"<0:a280020101a38000000000> ", SGL_OK, 11},
    {"a206a3800201ff00", "<0:a206a3800201ff00> ", SGL_OK, 8},
    {"6180308000000000", "<0:6180308000000000> ", SGL_OK, 8},
    {"a2800001", "", SGL_E_ENCODING, 2},
    /* lengths */
    {"3081020500", "(20000010@0,0 <3:0500> )0-5 ", SGL_OK, 5},
    {"30880000000000000002"
     "0500",
	"(20000010@0,0 <10:0500> )0-12 ", SGL_OK, 12},
    {"3089000000000000000002"
     "0500",
	"", SGL_E_ENCODING, 0},
    {"3088ffffffffffffffff", "", SGL_E_ENCODING, 0},
    {"3003020201ff", "(20000010@0,0 ", SGL_E_ENCODING, 2},
    {"300105", "(20000010@0,0 ", SGL_E_ENCODING, 3},
    {"30010500", "(20000010@0,0 ", SGL_E_ENCODING, 2},
    {"3003300500", "(20000010@0,0 ", SGL_E_ENCODING, 2},
    {"3002308000", "(20000010@0,0 (20000010@2,1 ", SGL_E_ENCODING, 4},
    {"30800500", "(20000010@0,0 <2:0500> ", SGL_E_ENCODING, 4},
    {"30", "", SGL_E_ENCODING, 1},
    {"", "", SGL_E_ENCODING, 0},
    /* end-of-contents where none belongs */
    {"0000", "", SGL_E_ENCODING, 0},
    {"30020000", "(20000010@0,0 ", SGL_E_ENCODING, 2},
    {"3080008100", "(20000010@0,0 ", SGL_E_ENCODING, 2},
    {"30800001", "(20000010@0,0 ", SGL_E_ENCODING, 2},
    {"04800000", "", SGL_E_ENCODING, 0},
    {"0580", "", SGL_E_ENCODING, 0},
    {"8000", "", SGL_E_ENCODING, 0}, /* primitive, to be entered */
    /* tags */
    {"bf2200", "<0:bf2200> ", SGL_OK, 3},
    {"bf1e00", "", SGL_E_ENCODING, 0},
    {"bf8022", "", SGL_E_ENCODING, 0},
    {"bfffffffff7f00", "", SGL_E_ENCODING, 0},
    /* limits: nesting, inside of a capture too, and size */
    {"3080308030803080308030803080308030800000",
	"(20000010@0,0 (20000010@2,1 (20000010@4,2 (20000010@6,3 "
	"(20000010@8,4 (20000010@10,5 (20000010@12,6 (20000010@14,7 ",
	SGL_E_LIMIT, 16},
    {"a280a280a280a280a280a280a280a280a2800000", "", SGL_E_LIMIT, 16},
    {"0241"
     "00",
	"", SGL_E_LIMIT, 0},
    {"3080a280023f", "(20000010@0,0 ", SGL_E_LIMIT, 2},
};

static void
same(size_t row, const outcome *o, const outcome *want, const char *how,
    size_t n)
{
	if (o->status != want->status || o->offset != want->offset ||
	    o->taken != want->taken ||
	    !sgl_slice_eq(
		sgl_buf_slice(&o->log.text), sgl_buf_slice(&want->log.text)))
		fail_msg("row %zu %s %zu: %s at %zu: %.*s", row, how, n,
		    sgl_status_name(o->status), (size_t)o->offset,
		    (int)o->log.text.len, o->log.text.data);
}

static void
tells_the_same_however_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(streams); i++) {
		sgl_slice in = unhex(streams[i].hex);
		SGL_AUTO_CLEAR(outcome) whole = run(in, 0, 0, 0);

		if (whole.status != streams[i].status ||
		    whole.offset != streams[i].offset ||
		    !sgl_slice_starts(sgl_buf_slice(&whole.log.text),
			sgl_slice_str(streams[i].want)) ||
		    (whole.status == SGL_OK &&
			whole.log.text.len != strlen(streams[i].want)))
			fail_msg("row %zu: %s at %zu: %.*s", i,
			    sgl_status_name(whole.status), (size_t)whole.offset,
			    (int)whole.log.text.len, whole.log.text.data);
		for (size_t n = 1; n < in.len; n++) {
			SGL_AUTO_CLEAR(outcome) half = run(in, n, 0, 0);
			SGL_AUTO_CLEAR(outcome) steps = run(in, n, n, 0);

			same(i, &half, &whole, "cut at", n);
			same(i, &steps, &whole, "in steps of", n);
		}
		for (unsigned n = 1; n < 5; n++) {
			SGL_AUTO_CLEAR(outcome) asked = run(in, 0, 0, n);
			SGL_AUTO_CLEAR(outcome) both = run(in, 1, 1, n);

			same(i, &asked, &whole, "asking at every", n);
			same(i, &both, &whole, "byte by byte, asking", n);
		}
	}
}

static void
stays_failed(void **state)
{
	log l = {.text = sgl_buf_init(4096)};
	SGL_AUTO(sgl_ber)
	b = NULL;
	size_t taken;
	sgl_err err;

	(void)state;
	assert_int_equal(
	    sgl_ber_new(&handler, &l, MAX_ELEMENT, MAX_DEPTH, &b, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_ber_push(b, unhex("30020000"), &taken, &err), SGL_E_ENCODING);
	assert_int_equal(
	    sgl_ber_push(b, unhex("0500"), &taken, &err), SGL_E_ENCODING);
	assert_int_equal(taken, 0);
	assert_int_equal(err.offset, 2);
	assert_int_equal(sgl_ber_finish(b, &err), SGL_E_ENCODING);
	sgl_buf_clear(&l.text);
}

/* A failure of the handler is ours. */
static sgl_status
fail_element(
    void *ctx, const sgl_ber_head *head, sgl_ber_how *how, sgl_err *err)
{
	(void)ctx;
	(void)how;
	return sgl_fail(
	    err, SGL_E_UNSUPPORTED, "test", head->offset, "not wanted");
}

static void
passes_failures_on(void **state)
{
	sgl_ber_handler h = handler;
	SGL_AUTO(sgl_ber)
	b = NULL;
	size_t taken;
	sgl_err err;

	(void)state;
	h.element = fail_element;
	assert_int_equal(
	    sgl_ber_new(&h, NULL, MAX_ELEMENT, MAX_DEPTH, &b, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ber_push(b, unhex("0500"), &taken, &err), SGL_E_UNSUPPORTED);
	assert_string_equal(err.text, "not wanted");
	assert_int_equal(sgl_ber_finish(b, NULL), SGL_E_UNSUPPORTED);
}

/* 4 GiB and more pass through a string without being kept. */
static sgl_status
count_bytes(void *ctx, sgl_slice piece, sgl_err *err)
{
	(void)err;
	*(uint64_t *)ctx += piece.len;
	return SGL_OK;
}

static sgl_status
stream_all(void *ctx, const sgl_ber_head *head, sgl_ber_how *how, sgl_err *err)
{
	(void)ctx;
	(void)head;
	(void)err;
	*how = SGL_BER_STREAM;
	return SGL_OK;
}

static sgl_status
leave_nothing(void *ctx, const sgl_ber_head *head, uint64_t end, sgl_err *err)
{
	(void)ctx;
	(void)head;
	(void)end;
	(void)err;
	return SGL_OK;
}

static void
streams_gigabytes(void **state)
{
	static const uint8_t block[65536];
	static const sgl_ber_handler h = {
	    stream_all, on_captured, count_bytes, leave_nothing};
	SGL_AUTO(sgl_ber)
	b = NULL;
	uint64_t total = 0;
	size_t taken;

	(void)state;
	assert_int_equal(
	    sgl_ber_new(&h, &total, MAX_ELEMENT, MAX_DEPTH, &b, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ber_push(b, unhex("04850180000000"), &taken, NULL), SGL_OK);
	while (!sgl_ber_is_done(b))
		assert_int_equal(
		    sgl_ber_push(
			b, sgl_slice_of(block, sizeof block), &taken, NULL),
		    SGL_OK);
	assert_true(total == UINT64_C(0x0180000000));
	assert_true(sgl_ber_offset(b) == UINT64_C(0x0180000000) + 7);
}

static sgl_status
run_job(void *ctx, sgl_err *err)
{
	log l = {.text = sgl_buf_init(4096)};
	SGL_AUTO(sgl_ber)
	b = NULL;
	sgl_status status;
	size_t taken;

	(void)ctx;
	status = sgl_ber_new(&handler, &l, 1000, MAX_DEPTH, &b, err);
	if (status == SGL_OK)
		status =
		    sgl_ber_push(b, unhex("3007a2050403010203"), &taken, err);
	if (status == SGL_OK)
		status = sgl_ber_finish(b, err);
	sgl_buf_clear(&l.text);
	return status;
}

static void
survives_lack_of_memory(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(run_job, NULL) >= 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_the_same_however_cut),
	    cmocka_unit_test(stays_failed),
	    cmocka_unit_test(passes_failures_on),
	    cmocka_unit_test(streams_gigabytes),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
