/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of sgl_writer. */
#ifndef SGL_SMIME_WRITER_INSIDE_H
#define SGL_SMIME_WRITER_INSIDE_H

#include "mime/legacy.h"
#include "mime/write.h"
#include "sigill/smime.h"
#include "smime/intake.h"
#include "smime/seal.h"

#define SGL_SEALS_MAX 3

typedef enum sgl_writer_state {
	SGL_WRITER_SURVEY,
	SGL_WRITER_CONTENT,
	SGL_WRITER_ASKING, /* finished, but for an answer */
	SGL_WRITER_DONE,
	SGL_WRITER_FAILED
} sgl_writer_state;

struct sgl_writer {
	sgl_engine *engine;
	sgl_protect_options options;
	sgl_signer *signers; /* as the seals want them */
	sgl_buf ess;	     /* attributes of the innermost signature */
	sgl_cipher_alg cipher;
	sgl_sink *out; /* borrowed */
	sgl_asker asker;

	sgl_writer_state state;
	sgl_status failed;
	sgl_seal *seals[SGL_SEALS_MAX]; /* innermost first */
	size_t num_seals;
	sgl_survey *survey;
	sgl_rewrite_stage *rewrite;
	sgl_legacy_stage *legacy; /* NULL where header fields hide nothing */
	sgl_intake *input;	  /* what push feeds */
};

/* sgl_writer_plan makes signers, cipher and seals of the options, from the
 * outermost seal, which writes to w->out, to the innermost. */
SGL_MUST sgl_status sgl_writer_plan(sgl_writer *w, sgl_err *err);

#endif
