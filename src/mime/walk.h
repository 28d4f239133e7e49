/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks through an entity and all it contains in one pass, whatever its depth:
 * every byte is reported once, in order, with the entity it belongs to.
 * Multiparts and messages are entered, what is signed already too. An outer
 * multipart's delimiter ends all within, as the splitter sees it.
 */
#ifndef SGL_MIME_WALK_H
#define SGL_MIME_WALK_H

#include "mime/cutter.h"
#include "mime/header.h"
#include "mime/section.h"

typedef enum sgl_walk_kind {
	SGL_WALK_LEAF,
	SGL_WALK_MULTIPART,
	SGL_WALK_MESSAGE /* its body is one entity */
} sgl_walk_kind;

/* Where in an entity the walk is. A leaf's body is all SGL_WALK_IN_BODY. */
typedef enum sgl_walk_where {
	SGL_WALK_IN_BODY,
	SGL_WALK_IN_PREAMBLE,
	SGL_WALK_IN_PARTS,
	SGL_WALK_IN_EPILOGUE
} sgl_walk_where;

typedef struct sgl_walk_entity {
	uint64_t index;	 /* counts entities as they begin, from 0 */
	uint64_t offset; /* of its header section */
	sgl_walk_kind kind;
	sgl_cte cte;
	bool is_text;	   /* leaf: quoted-printable becomes it */
	bool is_encodable; /* leaf: its type and label allow an encoding */
	bool is_sealed;	   /* signed already, or within what is */
	bool is_signed;	   /* S/MIME signed content, by its own words */
	bool has_parts;	   /* multipart: one came */
	bool has_more;	   /* multipart: a second came */
	bool is_main;	   /* a main body part, or around one (RFC 9787 7.1) */
	sgl_walk_where where;
	/* The rest is the walk's. */
	bool is_digest, is_alternative;
	uint8_t *boundary;
	size_t num_boundary;
} sgl_walk_entity;

typedef struct sgl_walk_ops {
	/* entity: the header section is there. `fields` is all of it but the
	 * blank line and a mailbox file's "From " line in front of all. `blank`
	 * is the blank line, or empty where there is none. */
	sgl_status (*entity)(void *ctx, const sgl_walk_entity *e,
	    const sgl_headers *headers, sgl_slice fields, sgl_slice blank,
	    sgl_err *err);
	/* bytes: of a body, preamble or epilogue, as e->where tells. */
	sgl_status (*bytes)(
	    void *ctx, const sgl_walk_entity *e, sgl_slice in, sgl_err *err);
	/* delimiter: of multipart `e`, whose e->where is still what the line
	 * ends, with the line end in front of it. */
	sgl_status (*delimiter)(void *ctx, const sgl_walk_entity *e,
	    sgl_delimiter kind, sgl_slice eol, sgl_slice line, sgl_err *err);
	sgl_status (*end)(void *ctx, const sgl_walk_entity *e, sgl_err *err);
} sgl_walk_ops;

typedef struct sgl_walk {
	const sgl_walk_ops *ops;
	void *ctx;
	sgl_cutter cutter;
	sgl_section section; /* of the innermost entity */
	bool in_header;
	sgl_walk_entity *open; /* those under way, outermost first */
	size_t num_open, cap_open, max_open;
	/* Set after init: a message labelled binary is a leaf: its line ends
	 * are its own (RFC 2045 6.2). */
	bool keeps_binary;
	uint64_t num_entities, offset;
} sgl_walk;

SGL_MUST sgl_status sgl_walk_init(sgl_walk *w, const sgl_limits *limits,
    const sgl_walk_ops *ops, void *ctx, sgl_err *err);
SGL_MUST sgl_status sgl_walk_push(sgl_walk *w, sgl_slice in, sgl_err *err);
SGL_MUST sgl_status sgl_walk_finish(sgl_walk *w, sgl_err *err);
void sgl_walk_clear(sgl_walk *w);

/* sgl_walk_classify fills in what the headers say: kind, cte and the flags;
 * is_sealed stays where it is set. `may_enter`: the depth allows for entities
 * within. `parent` may be NULL. */
SGL_MUST sgl_status sgl_walk_classify(sgl_walk_entity *e,
    const sgl_headers *headers, const sgl_walk_entity *parent, bool may_enter,
    sgl_err *err);

#endif
