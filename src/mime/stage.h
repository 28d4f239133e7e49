/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of reading MIME. Each is a sink (HOUSE: pushed streams) that
 * passes what it found to the next. They hand on large slices of the caller's
 * own block where they can, and copy only where bytes change.
 *
 * Every stage: made by _new, which borrows `next` or the handler; freed by
 * _free; ended by finish or abort, which it passes on. Where the input is cut
 * never matters.
 */
#ifndef SGL_MIME_STAGE_H
#define SGL_MIME_STAGE_H

#include "mime/header.h"

/*
 * Header section, then body. When the blank line (or the end of a stream that
 * is headers only) has come, `on_headers` gets the parsed section and answers
 * the sink for the body, borrowed, which may be NULL to drop the body.
 * `offset` is that of the first body byte. Sections over `max` bytes fail with
 * SGL_E_LIMIT.
 */
typedef struct sgl_header_stage sgl_header_stage;
typedef struct sgl_header_handler {
	sgl_status (*on_headers)(void *ctx, sgl_headers *headers,
	    uint64_t offset, sgl_sink **body, sgl_err *err);
} sgl_header_handler;
/* The handler may take *headers' contents (copy the struct and zero it). */
SGL_MUST sgl_status sgl_header_stage_new(size_t max,
    const sgl_header_handler *handler, void *ctx, sgl_header_stage **out,
    sgl_err *err);
sgl_sink *sgl_header_stage_sink(sgl_header_stage *s);
void sgl_header_stage_free(sgl_header_stage *s);
SGL_AUTO_TYPE(sgl_header_stage, sgl_header_stage_free)

/* Undoes a transfer encoding. Base64 and quoted-printable are read leniently
 * (sgl_decode_stage_is_dirty tells of strangers in them), and line breaks of
 * quoted-printable come out as CRLF; 7bit, 8bit, binary and unknown pass. */
typedef struct sgl_decode_stage sgl_decode_stage;
SGL_MUST sgl_status sgl_decode_stage_new(
    sgl_cte cte, sgl_sink *next, sgl_decode_stage **out, sgl_err *err);
sgl_sink *sgl_decode_stage_sink(sgl_decode_stage *s);
bool sgl_decode_stage_is_dirty(const sgl_decode_stage *s);
void sgl_decode_stage_free(sgl_decode_stage *s);
SGL_AUTO_TYPE(sgl_decode_stage, sgl_decode_stage_free)

/* LF alone becomes CRLF; CRLF and CR alone stay (RFC 8551 3.1.1). */
typedef struct sgl_crlf_stage sgl_crlf_stage;
SGL_MUST sgl_status sgl_crlf_stage_new(
    sgl_sink *next, sgl_crlf_stage **out, sgl_err *err);
sgl_sink *sgl_crlf_stage_sink(sgl_crlf_stage *s);
void sgl_crlf_stage_free(sgl_crlf_stage *s);
SGL_AUTO_TYPE(sgl_crlf_stage, sgl_crlf_stage_free)

/*
 * Splits a multipart body (RFC 2046 5.1.1). For every part `on_part` answers a
 * borrowed sink (NULL drops the part); the part's raw bytes, headers and all,
 * without the line end that belongs to the delimiter, go there and the sink is
 * finished. Preamble and epilogue are dropped; the epilogue is counted.
 *
 * With `canonical`, line ends inside the first part become CRLF as they pass,
 * as the digest of multipart/signed wants (RFC 1847 2.1); input that has CRLF
 * is passed on without a copy. Other parts pass as they are: a signature may be
 * bytes. Delimiter lines may carry trailing blanks; LF ends
 * a line as well as CRLF does; a line over 2048 bytes is none. SGL_E_LIMIT: the
 * boundary has more than 996 bytes, where 70 are allowed.
 *
 * finish without a close delimiter is SGL_OK with sgl_splitter_is_closed
 * false: the caller decides (for multipart/signed it is malformed).
 */
typedef struct sgl_splitter sgl_splitter;
typedef struct sgl_splitter_handler {
	/* index counts from 0; offset is that of the part's first byte. */
	sgl_status (*on_part)(void *ctx, size_t index, uint64_t offset,
	    sgl_sink **part, sgl_err *err);
} sgl_splitter_handler;
SGL_MUST sgl_status sgl_splitter_new(const char *boundary, bool canonical,
    const sgl_splitter_handler *handler, void *ctx, sgl_splitter **out,
    sgl_err *err);
sgl_sink *sgl_splitter_sink(sgl_splitter *s);
bool sgl_splitter_is_closed(const sgl_splitter *s);
size_t sgl_splitter_num_parts(const sgl_splitter *s);
/* Bytes behind the close delimiter's line that are not blank. */
uint64_t sgl_splitter_epilogue(const sgl_splitter *s);
void sgl_splitter_free(sgl_splitter *s);
SGL_AUTO_TYPE(sgl_splitter, sgl_splitter_free)

#endif
