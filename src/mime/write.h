/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing MIME: transfer encodings, and making an entity fit to be clear-signed
 * (RFC 8551 3.1.1 to 3.1.3): CRLF line ends, every leaf 7-bit, nothing that a
 * mail server would rewrite ("From " at a line's start, blanks at its end,
 * lines over 998 bytes).
 *
 * That needs two passes over the entity: a survey, which finds the leaves that
 * must be re-encoded, then the rewriting with the survey's plan. What is
 * signed already (a multipart/signed and all inside it, an S/MIME part) is
 * never touched; if such a part is unfit the survey says so and clear-signing
 * must be refused (use opaque signing).
 */
#ifndef SGL_MIME_WRITE_H
#define SGL_MIME_WRITE_H

#include "mime/stage.h"

/*
 * Base64 in lines of 76 with CRLF; quoted-printable (RFC 2045 6.7) for text
 * whose line ends are CRLF, with soft breaks, and "From ", "--" and a lone dot
 * at a line's start and blanks at its end encoded. Decoding gives the very same
 * bytes: a CR or LF alone is encoded too. 7bit, 8bit, binary and unknown pass.
 */
typedef struct sgl_encode_stage sgl_encode_stage;
SGL_MUST sgl_status sgl_encode_stage_new(
    sgl_cte cte, sgl_sink *next, sgl_encode_stage **out, sgl_err *err);
sgl_sink *sgl_encode_stage_sink(sgl_encode_stage *s);
void sgl_encode_stage_free(sgl_encode_stage *s);
SGL_AUTO_TYPE(sgl_encode_stage, sgl_encode_stage_free)

typedef struct sgl_survey sgl_survey;
typedef struct sgl_survey_result {
	bool is_fit;	 /* nothing needs to change but line ends */
	bool is_stuck;	 /* unfit where nothing may change */
	bool has_signed; /* some S/MIME signed content says that it is such */
	bool has_8bit_headers; /* raw UTF-8 (RFC 6532): stays, and is fit */
	size_t num_leaves;     /* of them... */
	size_t num_unfit;
	uint64_t
	    offset; /* of the first entity that is unfit, else UINT64_MAX */
} sgl_survey_result;
/*
 * A sink that takes an entity (headers and body) and only looks. `limits` may
 * be NULL; they bound headers and depth; deeper multiparts count as one leaf.
 *
 * An 8bit or binary label is unfit even where the content is not, because mail
 * servers go by it. What makes an entity stuck: content that is unfit and
 * signed already, or of a composite type that must not be encoded (RFC 2045
 * 6.4), or under a private encoding ("x-uuencode"); and header lines or
 * boundaries with what cannot pass a mail server (NUL, CR alone, over 998
 * bytes, "From ").
 */
SGL_MUST sgl_status sgl_survey_new(
    const sgl_limits *limits, sgl_survey **out, sgl_err *err);
sgl_sink *sgl_survey_sink(sgl_survey *s);
/* After finish; borrowed. */
const sgl_survey_result *sgl_survey_get_result(const sgl_survey *s);
void sgl_survey_free(sgl_survey *s);
SGL_AUTO_TYPE(sgl_survey, sgl_survey_free)

/*
 * A stage that rewrites the very entity `survey` saw (the survey is borrowed
 * and finished): unfit text leaves become quoted-printable, others base64,
 * those that were one of the two are encoded anew; their
 * Content-Transfer-Encoding fields (and 8bit/binary ones of all entities)
 * follow; unfit text around the parts of a multipart is dropped; all line ends
 * become CRLF. Every other byte of every header stays, and what a leaf decodes
 * to stays but for line ends. What the survey found stuck is left as it is.
 *
 * With survey NULL it only makes line ends CRLF outside leaves whose encoding
 * is binary (opaque signing and encryption). `limits` may be NULL, and must be
 * the survey's.
 */
typedef struct sgl_rewrite_stage sgl_rewrite_stage;
SGL_MUST sgl_status sgl_rewrite_stage_new(const sgl_survey *survey,
    const sgl_limits *limits, sgl_sink *next, sgl_rewrite_stage **out,
    sgl_err *err);
sgl_sink *sgl_rewrite_stage_sink(sgl_rewrite_stage *r);
void sgl_rewrite_stage_free(sgl_rewrite_stage *r);
SGL_AUTO_TYPE(sgl_rewrite_stage, sgl_rewrite_stage_free)

/* sgl_mime_boundary writes a boundary of 70 characters or less made of
 * `random` (16 bytes or more), which quoted-printable and base64 cannot
 * contain ("=_"), and a NUL. */
#define SGL_MIME_BOUNDARY 72
void sgl_mime_boundary(sgl_slice random, char out[SGL_MIME_BOUNDARY]);

#endif
