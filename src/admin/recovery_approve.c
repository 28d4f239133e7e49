/* SPDX-License-Identifier: Apache-2.0 */
/* sigill recovery approve: on the officer's machine, without any organisation.
 * The share is decrypted, sealed for the keyholder of this request, and what
 * was read is signed. */
#include <unistd.h>

#include "message/keys.h"
#include "admin/recovery.h"
#include "cms/reader.h"
#include "crypto/hash.h"
#include "sys/input.h"
#include "sys/output.h"
#include "vault/seal.h"

#define ROOM "admin.recovery"
#define REQUEST_MAX ((size_t)2 << 20)

/* ------------------------------------------------------------ the share --- */

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	(void)so_far;
	(void)err;
	*sink = ctx;
	return SGL_OK;
}

static sgl_status
on_end(void *ctx, const sgl_cms_report *report, sgl_err *err)
{
	(void)ctx;
	(void)report;
	(void)err;
	return SGL_OK;
}

/* Keys here answer at once; one on a token does, too. */
static sgl_status
read_envelope(
    sgl_msg *m, sgl_cms_reader *reader, sgl_slice envelope, sgl_err *err)
{
	sgl_sink *sink = sgl_cms_reader_sink(reader);

	(void)m;
	TRY(sgl_sink_write(sink, envelope, err));
	return sgl_sink_finish(sink, err);
}

static sgl_status
open_envelope(sgl_msg *m, const sgl_keyring *keys, sgl_slice envelope,
    sgl_buf *share, sgl_err *err)
{
	SGL_AUTO(sgl_cms_reader)
	reader = NULL;
	sgl_asker asker = {0};
	sgl_bufsink sink;
	const sgl_cms_read_options options = {.keys = keys,
	    .asker = &asker,
	    .on_content = on_content,
	    .on_end = on_end,
	    .ctx = &sink};

	sgl_bufsink_init(&sink, share);
	TRY(sgl_cms_reader_new(m->engine, &options, &reader, err));
	TRY(read_envelope(m, reader, envelope, err));
	if (share->len > 0 &&
	    sgl_cms_reader_report(reader)->type == SGL_CMS_AUTH_ENVELOPED)
		return SGL_OK;
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the key does not open the officer's share; its certificate is "
	       "needed, too"));
}

static sgl_status
seal_share(sgl_msg *m, const sgl_recovery_request *request,
    const sgl_digest *statement, int64_t officer, sgl_slice share, sgl_buf *out,
    sgl_err *err)
{
	const sgl_recovery_context c =
	    sgl_recovery_context_of(statement, officer);

	return sgl_seal_to(m->engine, request->session,
	    sgl_slice_of(c.bytes, sizeof c.bytes), share, out, err);
}

/* Only what the keyholder signed, by the key that lay beside the share. */
static sgl_status
take_share(sgl_msg *m, const sgl_recovery_request *request, sgl_slice enveloped,
    sgl_slice *share, sgl_err *err)
{
	sgl_recovery_enveloped e;

	TRY(sgl_recovery_enveloped_read(enveloped, &e, err));
	TRY(sgl_recovery_request_check(m->engine, request, e.spki, err));
	*share = e.share;
	return SGL_OK;
}

static sgl_status
move_share(sgl_msg *m, const sgl_keyring *keys,
    const sgl_recovery_request *request, const sgl_recovery_share *s,
    const sgl_digest *statement, sgl_buf *out, sgl_err *err)
{
	sgl_buf plain = {.max = SGL_RECOVERY_SHARE_MAX, .secret = true};
	sgl_slice share = {NULL, 0};
	sgl_status status = open_envelope(m, keys, s->envelope, &plain, err);

	if (status == SGL_OK)
		status =
		    take_share(m, request, sgl_buf_slice(&plain), &share, err);
	if (status == SGL_OK)
		status = seal_share(
		    m, request, statement, s->officer, share, out, err);
	sgl_buf_wipe(&plain);
	return status;
}

/* ---------------------------------------------------------- the approval ---
 */

/* The officer that one of the keys makes us. */
static sgl_status
find_share(sgl_msg *m, const sgl_keyring *keys,
    const sgl_recovery_request *request, const sgl_recovery_share **share,
    sgl_key **key, sgl_err *err)
{
	for (size_t i = 0; i < request->num_shares; i++)
		for (size_t j = 0; j < keys->num_keys; j++) {
			bool fits = false;

			TRY(sgl_key_fits(m->engine, keys->keys[j],
			    request->shares[i].spki, &fits, err));
			if (fits) {
				*share = &request->shares[i];
				*key = keys->keys[j];
				return SGL_OK;
			}
		}
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("this is not the key of an officer whom the request asks"));
}

static sgl_status
sign(sgl_msg *m, sgl_key *key, const sgl_digest *statement,
    sgl_recovery_approval *a, sgl_key_answer *answer, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(REQUEST_MAX);
	sgl_key_request request = {.op = SGL_KEY_SIGN};

	TRY(sgl_recovery_signature(sgl_key_get_kind(key), &request.sig, err));
	TRY(sgl_recovery_approval_text(statement, a, &text, err));
	request.input = sgl_buf_slice(&text);
	TRY(sgl_msg_ask(m->engine, key, &request, answer, err));
	a->signature = sgl_slice_of(answer->bytes, answer->len);
	return SGL_OK;
}

/* What we seal the share to must be what the statement names, or whoever
 * brings the file would get it. */
static sgl_status
check_session(sgl_msg *m, const sgl_recovery_request *request, sgl_err *err)
{
	bool named;

	TRY(sgl_recovery_names_session(m->engine, request, &named, err));
	return named ? SGL_OK
		     : sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
			   N_("the request does not fit its own statement"));
}

static sgl_status
approve(sgl_msg *m, const sgl_keyring *keys,
    const sgl_recovery_request *request, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(SGL_RECOVERY_SHARE_MAX);
	const sgl_recovery_share *share = NULL;
	sgl_recovery_approval a = {.at = sgl_engine_now(m->engine)};
	sgl_key_answer answer = {0};
	sgl_digest statement;
	sgl_key *key = NULL;

	TRY(check_session(m, request, err));
	TRY(sgl_hash_once(
	    m->engine, SGL_DIGEST_SHA256, request->statement, &statement, err));
	TRY(find_share(m, keys, request, &share, &key, err));
	TRY(move_share(m, keys, request, share, &statement, &sealed, err));
	a.officer = share->officer;
	a.share = sgl_buf_slice(&sealed);
	TRY(sign(m, key, &statement, &a, &answer, err));
	return sgl_recovery_approval_add(&statement, &a, out, err);
}

/* Whoever approves sees what it was; harmful characters are not shown as they
 * are. */
static sgl_status
tell(sgl_msg *m, const sgl_recovery_request *request, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(REQUEST_MAX);

	TRY(sgl_buf_add_str(&text, _("You have approved this:\n"), err));
	TRY(sgl_recovery_show(request->statement, &text, err));
	m->content_on_stdout =
	    sgl_path_is_stdout(sgl_call_get(m->call, "output"));
	return sgl_msg_say(m, sgl_buf_slice(&text), err);
}

static sgl_status
work_on(sgl_msg *m, sgl_slice file, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ids) ids = {0};
	SGL_AUTO_CLEAR(sgl_buf) store = {0};
	SGL_AUTO_CLEAR(sgl_buf) answer = sgl_buf_init(REQUEST_MAX);
	sgl_recovery_request request;

	TRY(sgl_recovery_request_read(file, &store, &request, err));
	m->at = NULL;
	TRY(sgl_ids_load(m, "key", SGL_ID_SIGNS, &ids, err));
	m->at = sgl_msg_message(m);
	TRY(approve(m, &ids.pool, &request, &answer, err));
	m->at = NULL;
	TRY(sgl_file_write(m->engine, sgl_call_get(m->call, "output"), true,
	    sgl_buf_slice(&answer), err));
	return tell(m, &request, err);
}

static sgl_status
work(sgl_msg *m, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(REQUEST_MAX);

	if (!sgl_call_has(m->call, "key"))
		return sgl_msg_usage(
		    m, err, N_("something is missing: --key ID"), NULL);
	m->at = sgl_msg_message(m);
	TRY(sgl_file_read(m->at, &file, err));
	return work_on(m, sgl_buf_slice(&file), err);
}

int
sgl_recovery_approve_main(sgl_call *call)
{
	return sgl_msg_run(call, work);
}
