/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree of things found, written as text or JSON by the same calls
 * (docs/inspect.md has both forms). Nodes are written as they are opened. What
 * strangers wrote is made harmless here: control characters, direction
 * overrides and bytes that are no UTF-8 come out escaped.
 *
 * The first failure (memory, limit) sticks and is told by sgl_tree_end. Deeper
 * or more nodes than the limits are left out, and a node says so.
 */
#ifndef SGL_SMIME_INSPECT_OUT_H
#define SGL_SMIME_INSPECT_OUT_H

#include "base/json.h"

#define SGL_TREE_DEPTH 64
#define SGL_TREE_NODES 50000
#define SGL_TREE_BYTES ((size_t)128 << 20)

typedef struct sgl_tree {
	sgl_json json; /* holds the buffer and the failure for text too */
	bool is_json;
	unsigned depth;	  /* open nodes */
	unsigned skipped; /* open nodes that are left out */
	uint64_t num_nodes;
	bool has_children[SGL_TREE_DEPTH + 2];
} sgl_tree;

/* Where something stands. The offset may be SGL_NO_OFFSET. */
typedef struct sgl_span {
	uint64_t offset, length;
} sgl_span;
#define SGL_NOWHERE ((sgl_span){SGL_NO_OFFSET, 0})

void sgl_tree_start(sgl_tree *t, sgl_buf *out, bool json, const char *kind);
/* sgl_tree_end closes all that is open; `malformed` goes into JSON. */
SGL_MUST sgl_status sgl_tree_end(sgl_tree *t, bool malformed, sgl_err *err);

/* `name` is ours or a standard's, `value` may be a stranger's and empty. Opened
 * nodes take children until they are closed. */
void sgl_tree_open(sgl_tree *t, sgl_span at, const char *name, sgl_slice value);
void sgl_tree_openf(sgl_tree *t, sgl_span at, const char *name, const char *fmt,
    ...) SGL_PRINTF(4, 5);
/* sgl_tree_open_decoded: offsets of what comes below count from the first of
 * `len` bytes that were decoded, decrypted or joined. */
void
sgl_tree_open_decoded(sgl_tree *t, sgl_span at, const char *name, size_t len);
void sgl_tree_leaf(sgl_tree *t, sgl_span at, const char *name, sgl_slice value);
void sgl_tree_leaff(sgl_tree *t, sgl_span at, const char *name, const char *fmt,
    ...) SGL_PRINTF(4, 5);
/* Bytes as hexadecimal; of long ones the beginning, and how many. */
void sgl_tree_hex(sgl_tree *t, sgl_span at, const char *name, sgl_slice bytes);
void sgl_tree_close(sgl_tree *t);

/* A mark to return to when a walk breaks off in the middle. */
static inline unsigned
sgl_tree_mark(const sgl_tree *t)
{
	return t->depth + t->skipped;
}
void sgl_tree_unwind(sgl_tree *t, unsigned mark);

#endif
