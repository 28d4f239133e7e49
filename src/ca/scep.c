/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/scep_inside.h"

#define ROOM "ca.scep"
#define ANSWER_MAX ((size_t)1 << 20)
#define ATTRIBUTES_MAX 2048

void
sgl_scep_free(sgl_scep *s)
{
	if (s == NULL)
		return;
	sgl_signed_writer_free(s->writer);
	sgl_cms_reader_free(s->inner);
	sgl_keyring_clear(&s->ring);
	sgl_csr_free(s->csr);
	sgl_cert_unref(s->client);
	sgl_buf_clear(&s->enveloped);
	sgl_buf_wipe(&s->opened);
	sgl_buf_clear(&s->attributes);
	sgl_buf_clear(&s->answer);
	sgl_mem_free(s);
}

void
sgl_scep_refuse(sgl_scep *s, sgl_scep_fail fail)
{
	if (s->wish.is_refused)
		return; /* the first reason is the reason */
	s->wish.is_refused = true;
	s->wish.fail = fail;
}

/* The answer will be encrypted to whoever signed. */
static bool
can_be_answered(const sgl_cert *client)
{
	return client->key_kind != SGL_KEY_UNKNOWN &&
	    client->key_kind != SGL_KEY_ED25519;
}

static sgl_status
begin(sgl_scep *s, sgl_slice message, sgl_err *err)
{
	TRY(sgl_scep_read_outer(s, message, err));
	if (!can_be_answered(s->client))
		sgl_scep_refuse(s, SGL_SCEP_BAD_ALG);
	/* Nobody waits here: who asks again asks for nothing. */
	if (s->wish.kind == SGL_SCEP_POLL)
		sgl_scep_refuse(s, SGL_SCEP_BAD_CERT_ID);
	return s->wish.is_refused ? SGL_OK : sgl_scep_open(s, err);
}

sgl_status
sgl_scep_begin(sgl_engine *engine, const sgl_scep_door *door, sgl_slice message,
    sgl_scep **out, sgl_err *err)
{
	SGL_AUTO(sgl_scep)
	s = sgl_mem_zeroed(1, sizeof *s);
	sgl_status status;

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->engine = engine;
	s->door = door;
	s->enveloped = sgl_buf_init(SGL_SCEP_MESSAGE_MAX);
	s->opened = (sgl_buf){.max = SGL_SCEP_MESSAGE_MAX, .secret = true};
	s->attributes = sgl_buf_init(ATTRIBUTES_MAX);
	s->answer = sgl_buf_init(ANSWER_MAX);
	if (message.len > SGL_SCEP_MESSAGE_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "the message is too long");
	status = begin(s, message, err);
	if (status == SGL_OK || status == SGL_NEED_KEY)
		*out = SGL_TAKE(&s);
	return status;
}

const sgl_scep_wish *
sgl_scep_wish_of(const sgl_scep *s)
{
	return &s->wish;
}

sgl_slice
sgl_scep_answer_of(const sgl_scep *s)
{
	return sgl_buf_slice(&s->answer);
}

const sgl_key_request *
sgl_scep_question(const sgl_scep *s)
{
	return s->asker.is_open ? &s->asker.request : NULL;
}

sgl_status
sgl_scep_go_on(
    sgl_scep *s, sgl_status status, const sgl_key_answer *answer, sgl_err *err)
{
	status = sgl_asker_answer(&s->asker, status, answer, err);
	if (status == SGL_NEED_KEY || s->is_answering)
		return status;
	return sgl_scep_opened(s, status, err);
}
