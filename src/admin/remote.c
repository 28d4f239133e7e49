/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/remote.h"
#include "admin/wire.h"
#include "sys/progress.h"
#include "sys/text.h"

#define ROOM "admin.org"

/* Longer work shows its own progress. */
static sgl_status
show_wait(sgl_unwire *u, sgl_err *err)
{
	size_t have, need;

	sgl_org_read_wait(u, &have, &need);
	TRY(sgl_unwire_end(u, err));
	sgl_progress_wait(_("keys are being made"), have, need);
	return SGL_OK;
}

static sgl_status
take(sgl_reply *r, unsigned type, sgl_slice body, bool *done, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);

	switch (type) {
	case SGL_ORG_TEXT:
		return sgl_buf_add(&r->text, body, err);
	case SGL_ORG_FILE:
		return sgl_buf_add(&r->file, body, err);
	case SGL_ORG_WAIT:
		return show_wait(&u, err);
	case SGL_ORG_END:
		*done = true;
		sgl_org_read_end(&u, r);
		TRY(sgl_unwire_end(&u, err));
		return r->needs_password ? sgl_org_need_password(err) : SGL_OK;
	case SGL_MESSAGE_FAILURE:
		return sgl_failure_take(body, err);
	default:
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	}
}

static sgl_status
take_reply(sgl_channel *channel, sgl_reply *r, sgl_err *err)
{
	bool done = false, ended;

	while (!done) {
		unsigned type;
		sgl_slice body;

		TRY(sgl_channel_receive(
		    channel, SGL_CHANNEL_MESSAGE, &type, &body, &ended, err));
		if (ended)
			return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
			    N_("the service ended before it answered; whether "
			       "the command was done is not known: look before "
			       "you try again"));
		TRY(take(r, type, body, &done, err));
	}
	return SGL_OK;
}

sgl_status
sgl_remote_perform(
    sgl_channel *channel, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_buf call = {.max = SGL_ORG_CALL_MAX, .secret = true};
	sgl_wire w = sgl_wire_over(&call);
	sgl_status status;

	sgl_org_add_call(&w, order);
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK)
		status = sgl_channel_send(
		    channel, SGL_ORG_CALL, sgl_buf_slice(&call), err);
	sgl_buf_wipe(&call);
	r->is_whole = true;
	return status == SGL_OK ? take_reply(channel, r, err) : status;
}
