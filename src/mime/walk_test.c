/* SPDX-License-Identifier: Apache-2.0 */
/* The walk against the stages that readers are made of: header stages and
 * splitters within each other must see the same entities. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "mime/stage.h"
#include "mime/walk.h"
#include "support/feed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Both write: "<kind@offset fields|body>" for every entity. An empty one has no
 * offset: a line end between two delimiters may belong to either. */

static sgl_status
log_entity(
    sgl_buf *out, const sgl_walk_entity *e, const sgl_headers *h, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err, "<%d@%d ", (int)e->kind,
	    h->num_fields > 0 ? (int)e->offset : 0));
	TRY(sgl_buf_add(out, sgl_buf_slice(&h->bytes), err));
	return sgl_buf_add_str(out, "|", err);
}

/* The walk's side. */

static sgl_status
walk_entity(void *ctx, const sgl_walk_entity *e, const sgl_headers *h,
    sgl_slice fields, sgl_slice blank, sgl_err *err)
{
	(void)fields;
	(void)blank;
	return log_entity(ctx, e, h, err);
}

static sgl_status
walk_bytes(void *ctx, const sgl_walk_entity *e, sgl_slice in, sgl_err *err)
{
	return e->where == SGL_WALK_IN_BODY ? sgl_buf_add(ctx, in, err)
					    : SGL_OK;
}

static sgl_status
walk_delimiter(void *ctx, const sgl_walk_entity *e, sgl_delimiter kind,
    sgl_slice eol, sgl_slice line, sgl_err *err)
{
	(void)ctx;
	(void)e;
	(void)kind;
	(void)eol;
	(void)line;
	(void)err;
	return SGL_OK;
}

static sgl_status
walk_end(void *ctx, const sgl_walk_entity *e, sgl_err *err)
{
	(void)e;
	return sgl_buf_add_str(ctx, ">", err);
}

static void
walk(sgl_slice in, size_t step, sgl_buf *out)
{
	static const sgl_walk_ops ops = {
	    walk_entity, walk_bytes, walk_delimiter, walk_end};
	sgl_walk w;

	assert_int_equal(sgl_walk_init(&w, NULL, &ops, out, NULL), SGL_OK);
	while (in.len > 0) {
		size_t n = step < in.len ? step : in.len;

		assert_int_equal(
		    sgl_walk_push(&w, sgl_slice_first(in, n), NULL), SGL_OK);
		in = sgl_slice_from(in, n);
	}
	assert_int_equal(sgl_walk_finish(&w, NULL), SGL_OK);
	sgl_walk_clear(&w);
}

/* The stages' side: one node for every entity, all freed at the end. */

typedef struct node {
	sgl_sink sink; /* takes a body, and says when the entity ends */
	struct node *next, *parent;
	sgl_buf *out;
	sgl_walk_entity entity;
	uint64_t body;
	sgl_header_stage *header;
	sgl_splitter *splitter;
	sgl_sink *inner; /* what the body goes on to; NULL for a leaf */
	struct node **all;
} node;

static node *new_node(node **all, node *parent, uint64_t offset, sgl_buf *out);

static sgl_status
node_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	node *n = (node *)s;

	return n->inner != NULL ? sgl_sink_write(n->inner, in, err)
				: sgl_buf_add(n->out, in, err);
}

static sgl_status
node_finish(sgl_sink *s, sgl_err *err)
{
	node *n = (node *)s;

	if (n->inner != NULL)
		TRY(sgl_sink_finish(n->inner, err));
	return sgl_buf_add_str(n->out, ">", err);
}

static void
node_abort(sgl_sink *s)
{
	(void)s;
}

static const sgl_sink_ops node_ops = {node_write, node_finish, node_abort};

static sgl_status
on_part(void *ctx, size_t index, uint64_t offset, sgl_sink **part, sgl_err *err)
{
	node *n = ctx;
	node *child = new_node(n->all, n, n->body + offset, n->out);

	(void)index;
	(void)err;
	*part = sgl_header_stage_sink(child->header);
	return SGL_OK;
}

static const sgl_splitter_handler splitter_handler = {on_part};

static sgl_status
on_headers(
    void *ctx, sgl_headers *h, uint64_t offset, sgl_sink **body, sgl_err *err)
{
	node *n = ctx;
	uint32_t depth = 1;

	for (node *p = n->parent; p != NULL; p = p->parent)
		depth++;
	n->body = n->entity.offset + offset;
	n->sink = (sgl_sink){.ops = &node_ops};
	*body = &n->sink;
	TRY(sgl_walk_classify(&n->entity, h,
	    n->parent != NULL ? &n->parent->entity : NULL,
	    depth < sgl_limits_fill(NULL).mime_depth, err));
	TRY(log_entity(n->out, &n->entity, h, err));
	if (n->entity.kind == SGL_WALK_MULTIPART) {
		char boundary[200];

		assert_true(n->entity.num_boundary < sizeof boundary);
		memcpy(boundary, n->entity.boundary, n->entity.num_boundary);
		boundary[n->entity.num_boundary] = '\0';
		TRY(sgl_splitter_new(
		    boundary, false, &splitter_handler, n, &n->splitter, err));
		n->inner = sgl_splitter_sink(n->splitter);
	}
	return SGL_OK;
}

static const sgl_header_handler header_handler = {on_headers};

static node *
new_node(node **all, node *parent, uint64_t offset, sgl_buf *out)
{
	node *n = sgl_mem_zeroed(1, sizeof *n);

	assert_non_null(n);
	*n = (node){.next = *all,
	    .parent = parent,
	    .out = out,
	    .entity = {.offset = offset},
	    .all = all};
	*all = n;
	assert_int_equal(
	    sgl_header_stage_new(1 << 20, &header_handler, n, &n->header, NULL),
	    SGL_OK);
	return n;
}

static void
free_nodes(node *n)
{
	while (n != NULL) {
		node *next = n->next;

		sgl_header_stage_free(n->header);
		sgl_splitter_free(n->splitter);
		sgl_mem_free(n->entity.boundary);
		sgl_mem_free(n);
		n = next;
	}
}

static void
stages(sgl_slice in, sgl_buf *out)
{
	node *all = NULL;
	node *top = new_node(&all, NULL, 0, out);

	assert_int_equal(
	    sgl_feed(sgl_header_stage_sink(top->header), in, 0, NULL), SGL_OK);
	free_nodes(all);
}

static void
check(sgl_slice in)
{
	SGL_AUTO_CLEAR(sgl_buf) want = sgl_buf_init(1 << 16);

	stages(in, &want);
	for (size_t step = 1; step < 70; step += step < 8 ? 1 : 30) {
		SGL_AUTO_CLEAR(sgl_buf) got = sgl_buf_init(1 << 16);

		walk(in, step, &got);
		if (!sgl_slice_eq(sgl_buf_slice(&got), sgl_buf_slice(&want)))
			fail_msg("[%.*s] step %zu: [%.*s], not [%.*s]",
			    (int)in.len, (const char *)in.data, step,
			    (int)got.len, (char *)got.data, (int)want.len,
			    (char *)want.data);
	}
}

/* Messages in messages are the walk's alone, so there are none here. */
static void
test_against_stages(void **state)
{
	static const char *const bits[] = {
	    "Content-Type: multipart/mixed; boundary=b\n\n",
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
	    "Content-Type: multipart/x; boundary=c\r\n\n",
	    "Content-Type: multipart/x; boundary=\"b--\"\n\n",
	    "Content-Type: multipart/x; boundary=d\n", "\n--b\n", "\r\n--b\r\n",
	    "--b\n", "--b", "\n--b--\r\n", "--b----\n", "\r\n--c\r\n",
	    "--c--\n", "--d\n", "A: 1\n", "\n", "\r\n", "\r", "x", " ", "-",
	    "--", "From x\n"};
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		SGL_AUTO_CLEAR(sgl_buf) in = sgl_buf_init(4096);

		for (int i = 0; i < 12; i++) {
			seed = seed * 1664525 + 1013904223;
			assert_int_equal(
			    sgl_buf_add_str(
				&in, bits[(seed >> 16) % COUNT(bits)], NULL),
			    SGL_OK);
		}
		check(sgl_buf_slice(&in));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_stages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
