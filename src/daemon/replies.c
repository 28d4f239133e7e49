/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/wire.h"
#include "daemon/replies.h"
#include "sys/journal.h"

static sgl_status
send_pieces(sgl_peer *peer, unsigned type, sgl_slice bytes, sgl_err *err)
{
	while (bytes.len > 0) {
		size_t n =
		    bytes.len < SGL_ORG_PIECE ? bytes.len : SGL_ORG_PIECE;

		TRY(sgl_peer_send(peer, type, sgl_slice_first(bytes, n), err));
		bytes = sgl_slice_from(bytes, n);
	}
	return SGL_OK;
}

sgl_status
sgl_send_reply(sgl_peer *peer, const sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) end = sgl_buf_init(256);
	sgl_wire w = sgl_wire_over(&end);

	if (!r->needs_password) {
		TRY(send_pieces(
		    peer, SGL_ORG_TEXT, sgl_buf_slice(&r->text), err));
		TRY(send_pieces(
		    peer, SGL_ORG_FILE, sgl_buf_slice(&r->file), err));
	}
	sgl_org_add_end(&w, r);
	TRY(sgl_wire_end(&w, err));
	return sgl_peer_send(peer, SGL_ORG_END, sgl_buf_slice(&end), err);
}

sgl_status
sgl_send_failure(sgl_peer *peer, const sgl_err *failure, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(16384);

	TRY(sgl_failure_write(failure, &body, err));
	return sgl_peer_send(
	    peer, SGL_MESSAGE_FAILURE, sgl_buf_slice(&body), err);
}

void
sgl_tell_wait(void *ctx, sgl_peer *peer, size_t have, size_t need)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);
	sgl_err err = {0};

	(void)ctx;
	sgl_org_add_wait(&w, have, need);
	if (sgl_wire_end(&w, &err) != SGL_OK ||
	    sgl_peer_send(peer, SGL_ORG_WAIT, sgl_buf_slice(&body), &err) !=
		SGL_OK)
		sgl_journal_err("answer", &err);
}
