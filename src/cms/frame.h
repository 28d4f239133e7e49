/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame that SignedData and (Auth)EnvelopedData share:
 *
 *	ContentInfo { type, [0] { SEQUENCE {
 *		front,
 *		SEQUENCE { head, content },
 *		back } } }
 *
 * Content octets are put into the frame's own segment. If they all fit the
 * whole is DER; when there are more it becomes BER of indefinite length whose
 * content is an OCTET STRING in segments of SGL_SEGMENT bytes (the last one
 * shorter). What comes out does not depend on how the content was cut.
 */
#ifndef SGL_CMS_FRAME_H
#define SGL_CMS_FRAME_H

#include "asn1/builder.h"
#include "asn1/oid.h"

#define SGL_SEGMENT ((size_t)64 * 1024)
/* A cipher may write this far behind a full segment. */
#define SGL_SEGMENT_SLACK 64

typedef enum sgl_frame_content {
	SGL_FRAME_ABSENT,   /* none is written */
	SGL_FRAME_EXPLICIT, /* [0] EXPLICIT OCTET STRING: eContent */
	SGL_FRAME_IMPLICIT  /* [0] IMPLICIT OCTET STRING: encryptedContent */
} sgl_frame_content;

typedef struct sgl_frame {
	sgl_sink *out; /* borrowed */
	sgl_oid type;
	sgl_frame_content content;
	sgl_buf front, head; /* filled by the owner before the first byte */
	uint8_t *block;	     /* room for a header, a segment, the slack */
	size_t fill;
	bool streams;
} sgl_frame;

/* sgl_frame_init: `max` bounds front. Undone by sgl_frame_clear, which wipes.
 */
SGL_MUST sgl_status sgl_frame_init(sgl_frame *f, sgl_oid type,
    sgl_frame_content content, size_t max, sgl_sink *out, sgl_err *err);
void sgl_frame_clear(sgl_frame *f);

/* sgl_frame_at is where the next content byte goes; sgl_frame_room says how
 * many fit (the slack not counted). The owner adds to f->fill. */
uint8_t *sgl_frame_at(const sgl_frame *f);
size_t sgl_frame_room(const sgl_frame *f);

/* sgl_frame_stream says that not all will fit: writes the BER beginning. */
SGL_MUST sgl_status sgl_frame_stream(sgl_frame *f, sgl_err *err);
/* sgl_frame_flush writes a segment of what is in the block, followed by
 * `rest`, which need not be copied there. Only after sgl_frame_stream. */
SGL_MUST sgl_status sgl_frame_flush(sgl_frame *f, sgl_slice rest, sgl_err *err);
/* sgl_frame_finish writes what is left, `back` and the end, and finishes
 * `out`. */
SGL_MUST sgl_status sgl_frame_finish(
    sgl_frame *f, sgl_slice back, sgl_err *err);

#endif
