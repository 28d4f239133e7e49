/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/addr.h"
#include "base/time.h"
#include "message/read.h"
#include "sys/fail.h"
#include "sys/log.h"
#include "sys/spool.h"

#define ROOM "message.read"

typedef struct reading {
	sgl_msg *m;
	const sgl_read_how *how;
	sgl_ids ids;
	sgl_shared_secrets secrets;
	sgl_trust trust;
	sgl_judge_options judge;
	sgl_diskspool_place place;
	sgl_spooler spooler;
	sgl_input *in;
	sgl_output *out; /* NULL: nobody wants the content */
	sgl_reader *reader;
	const sgl_report *report;
	unsigned digests;
} reading;

static void
clear_reading(reading *r)
{
	sgl_reader_free(r->reader);
	sgl_output_free(r->out);
	sgl_input_free(r->in);
	sgl_ids_clear(&r->ids);
	sgl_shared_secrets_clear(&r->secrets);
	sgl_trust_clear(&r->trust);
}

/* ------------------------------------------------------------- options --- */

static sgl_status
read_judge_options(reading *r, sgl_err *err)
{
	const sgl_call *call = r->m->call;
	const char *at = sgl_call_get(call, "at");
	const char *from = sgl_call_get(call, "from");
	sgl_signature_state ignored;

	r->judge.time = sgl_engine_now(r->m->engine);
	if (at != NULL && !sgl_time_parse(sgl_slice_str(at), &r->judge.time))
		return sgl_msg_usage(
		    r->m, err, N_("--at is no time that can be read"), at);
	if (from != NULL && !sgl_addr_is(sgl_slice_str(from)))
		return sgl_msg_usage(
		    r->m, err, N_("--from is no mail address"), from);
	if (from != NULL)
		r->judge.from = sgl_slice_str(from);
	for (size_t i = 0; i < sgl_call_num(call, "accept"); i++) {
		const char *state = sgl_call_nth(call, "accept", i);
		if (!sgl_signature_state_find(sgl_slice_str(state), &ignored))
			return sgl_msg_usage(r->m, err,
			    N_("--accept names no signature state"), state);
	}
	r->judge.require_revocation = sgl_call_has(call, "require-revocation");
	r->judge.anchors = &r->trust.anchors;
	r->judge.intermediates = &r->trust.intermediates;
	r->judge.crls = &r->trust.crls;
	return SGL_OK;
}

static sgl_status
prepare(reading *r, sgl_err *err)
{
	sgl_msg *m = r->m;

	TRY(read_judge_options(r, err));
	TRY(sgl_ids_load(m, "key", SGL_ID_READS, &r->ids, err));
	TRY(sgl_shared_secrets_load(m, &r->secrets, err));
	if (m->call->command->uses_trust)
		TRY(sgl_trust_load(m, &r->trust, err));
	r->place = (sgl_diskspool_place){m->engine, NULL};
	r->spooler = sgl_diskspooler(&r->place);
	return SGL_OK;
}

/* ------------------------------------------------------------- reading --- */

static sgl_status
drop_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	(void)s;
	(void)in;
	(void)err;
	return SGL_OK;
}

static sgl_status
drop_finish(sgl_sink *s, sgl_err *err)
{
	(void)s;
	(void)err;
	return SGL_OK;
}

static void
drop_abort(sgl_sink *s)
{
	(void)s;
}

static const sgl_sink_ops drop_ops = {drop_write, drop_finish, drop_abort};

/* Remote keys put their questions here; a local key answers at once. */
static sgl_status
answer(sgl_engine *engine, sgl_reader *reader, sgl_err *err)
{
	sgl_status status = SGL_NEED_KEY;

	while (status == SGL_NEED_KEY) {
		sgl_key *key = NULL;
		const sgl_key_request *request =
		    sgl_reader_request(reader, &key);
		sgl_key_answer given = {0};
		sgl_status got = sgl_msg_ask(engine, key, request, &given, err);
		status = sgl_reader_answer(reader, got, &given, err);
		sgl_mem_wipe(&given, sizeof given);
	}
	return status;
}

static sgl_status
push(void *to, sgl_slice in, sgl_err *err)
{
	reading *r = to;

	while (in.len > 0) {
		size_t taken;
		sgl_status status = sgl_reader_push(r->reader, in, &taken, err);
		if (status == SGL_NEED_KEY)
			status = answer(r->m->engine, r->reader, err);
		if (status != SGL_OK)
			return status;
		in = sgl_slice_from(in, taken);
	}
	return SGL_OK;
}

static sgl_status
finish(reading *r, sgl_err *err)
{
	sgl_status status = sgl_reader_finish(r->reader, &r->report, err);

	while (status == SGL_NEED_KEY) {
		TRY(answer(r->m->engine, r->reader, err));
		status = sgl_reader_finish(r->reader, &r->report, err);
	}
	return status;
}

static sgl_status
make_output(reading *r, sgl_err *err)
{
	const char *path = sgl_call_get(r->m->call, "output");
	const char *at = r->m->at;

	sgl_output_free(SGL_TAKE(&r->out));
	if (path == NULL && !r->how->needs_output)
		return SGL_OK;
	r->m->at = path;
	r->m->content_on_stdout = sgl_path_is_stdout(path);
	TRY(sgl_output_new(
	    r->m->engine, path, r->how->is_secret, &r->out, err));
	r->m->at = at;
	return SGL_OK;
}

static sgl_status
attempt(reading *r, sgl_err *err)
{
	/* Who made the message may have named the key in another way. */
	const sgl_kek *kek = &r->secrets.kek;
	sgl_sink drop = {.ops = &drop_ops};
	const sgl_read_options options = {
	    .peel = r->how->peel,
	    .keys = &r->ids.pool,
	    .finder = r->ids.has_finder ? &r->ids.finder : NULL,
	    .password = sgl_secret_slice(&r->secrets.password),
	    .kek = sgl_secret_slice(&kek->key),
	    .kek_id = kek->is_named ? sgl_slice_of(kek->id, kek->id_len)
				    : (sgl_slice){0},
	    .spooler = &r->spooler,
	    .digests = r->digests,
	    .keep_headers = r->how->keep_headers,
	};
	sgl_status status;

	TRY(make_output(r, err));
	TRY(sgl_reader_new(r->m->engine, &options,
	    r->out == NULL ? &drop : sgl_output_sink(r->out), &r->reader, err));
	status = sgl_msg_pump(sgl_input_source(r->in), push, r, err);
	if (status == SGL_OK)
		status = finish(r, err);
	return status;
}

/* Once more, with the digests that nobody had announced. */
static sgl_status
read_again(reading *r, sgl_err *err)
{
	sgl_source *source = sgl_input_source(r->in);

	r->digests = sgl_report_wants_again(r->report);
	sgl_reader_free(SGL_TAKE(&r->reader));
	r->report = NULL;
	TRY(source->ops->rewind(source, err));
	return attempt(r, err);
}

static sgl_status
read_input(reading *r, sgl_err *err)
{
	sgl_msg *m = r->m;
	const char *path = sgl_msg_message(m);

	m->at = path;
	if (sgl_path_is_standard(path)) {
		m->at = sgl_stdin_name();
		if (isatty(STDIN_FILENO) == 1)
			sgl_log_note(_("reading a message from the terminal; "
				       "Ctrl-D ends it"));
	}
	sgl_msg_settle_resolver(r->m);
	TRY(sgl_input_open(path, &r->in, err));
	sgl_input_watch(r->in, m->call->command->name);
	TRY(sgl_input_hold(r->in, m->engine, NULL, err));
	sgl_input_watch(r->in, m->call->command->name);
	TRY(attempt(r, err));
	return sgl_report_wants_again(r->report) != 0 ? read_again(r, err)
						      : SGL_OK;
}

/* The verdict first: if it cannot be told, nothing is let go. */
static sgl_status
judge(reading *r, sgl_err *err)
{
	sgl_verdict *verdict = NULL;
	bool release = false;
	bool has_content = !sgl_report_is_locked(r->report) &&
	    sgl_report_wants_again(r->report) == 0;
	sgl_status status =
	    sgl_judge(r->m->engine, r->report, &r->judge, &verdict, err);

	if (status == SGL_OK)
		status =
		    r->how->judge(r->m, verdict, has_content, &release, err);
	sgl_verdict_free(verdict);
	if (status != SGL_OK || !release || r->out == NULL)
		return status;
	return sgl_output_commit(r->out, err);
}

static sgl_status
read_all(reading *r, sgl_err *err)
{
	TRY(prepare(r, err));
	TRY(read_input(r, err));
	return judge(r, err);
}

sgl_status
sgl_msg_read(sgl_msg *m, const sgl_read_how *how, sgl_err *err)
{
	reading r = {.m = m, .how = how};
	sgl_status status = read_all(&r, err);

	clear_reading(&r);
	return status;
}

sgl_status
sgl_msg_say_json(sgl_msg *m, const sgl_verdict *verdict, sgl_err *err)
{
	sgl_bytes json = {0};
	sgl_status status;

	TRY(sgl_verdict_json(verdict, &json, err));
	status = sgl_msg_say(m, sgl_slice_of(json.data, json.len), err);
	sgl_bytes_free(&json);
	return status;
}
