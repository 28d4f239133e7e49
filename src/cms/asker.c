/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "cms/asker.h"

#define ROOM "cms.asker"

sgl_status
sgl_asker_ask(sgl_asker *asker, sgl_engine *engine, sgl_key *key,
    const sgl_key_request *request, sgl_key_answer *answer,
    sgl_asker_resume resume, void *ctx, sgl_err *err)
{
	sgl_status status;

	assert(!asker->is_open);
	status = sgl_key_ask(engine, key, request, answer, err);
	if (status == SGL_NEED_KEY)
		*asker = (sgl_asker){.is_open = true,
		    .key = key,
		    .request = *request,
		    .resume = resume,
		    .ctx = ctx};
	return status;
}

static sgl_status
check_answer(const sgl_asker *asker, sgl_status status,
    const sgl_key_answer *answer, sgl_err *err)
{
	if (!asker->is_open)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "an answer came, but no key is asked");
	if (status == SGL_NEED_KEY)
		return sgl_fail(
		    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, "this is no answer");
	if (status == SGL_OK &&
	    (answer == NULL || answer->len > sizeof answer->bytes))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "the answer has no bytes or too many");
	return SGL_OK;
}

sgl_status
sgl_asker_answer(sgl_asker *asker, sgl_status status,
    const sgl_key_answer *answer, sgl_err *err)
{
	sgl_asker open = *asker;

	TRY(check_answer(asker, status, answer, err));
	*asker = (sgl_asker){.is_open = false};
	if (status != SGL_OK) {
		(void)sgl_fail(err, status, ROOM, SGL_NO_OFFSET,
		    "the private key was not used");
		answer = NULL;
	}
	status = open.resume(open.ctx, status, answer, err);
	/* Who resumed may have ended a stage that asks in its turn. */
	return status == SGL_OK && asker->is_open ? SGL_NEED_KEY : status;
}
