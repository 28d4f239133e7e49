/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one open question to a private key in a pipeline of stages.
 *
 * A stage that needs a key calls sgl_asker_ask. Is the key here, the answer is
 * there at once. Else the question stays open: the stage keeps what is written
 * to it meanwhile (bounded: whoever feeds the pipeline looks at the asker
 * after every block and stops), and goes on when `resume` is called. Stages
 * above do not notice.
 */
#ifndef SGL_CMS_ASKER_H
#define SGL_CMS_ASKER_H

#include "crypto/pubkey.h"

typedef struct sgl_asker sgl_asker;
typedef sgl_status (*sgl_asker_resume)(
    void *ctx, sgl_status status, const sgl_key_answer *answer, sgl_err *err);

/* All-zero is an asker without a question. */
struct sgl_asker {
	bool is_open;
	sgl_key *key; /* borrowed from the keyring */
	sgl_key_request request;
	sgl_asker_resume resume;
	void *ctx;
};

/*
 * sgl_asker_ask asks `key`. SGL_OK: *answer is filled, `resume` will not be
 * called. SGL_NEED_KEY: the question is open; what the request's slices point
 * to must stand until `resume` is called with SGL_OK and the answer, or with
 * the failure of whoever was asked and NULL. Asking while a question is open
 * is a bug.
 */
SGL_MUST sgl_status sgl_asker_ask(sgl_asker *asker, sgl_engine *engine,
    sgl_key *key, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_asker_resume resume, void *ctx, sgl_err *err);
/* sgl_asker_answer closes the question and calls resume, which may open the
 * next one (and then answers SGL_NEED_KEY). */
SGL_MUST sgl_status sgl_asker_answer(sgl_asker *asker, sgl_status status,
    const sgl_key_answer *answer, sgl_err *err);

#endif
