/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/json.h"
#include "message/write.h"
#include "pki/cert.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/log.h"
#include "sys/output.h"

#define ROOM "message.write"

typedef struct writing {
	sgl_msg *m;
	sgl_input *in;
	sgl_output *out;
	sgl_writer *writer;
} writing;

static sgl_status
answer(writing *w, sgl_err *err)
{
	sgl_status status = SGL_NEED_KEY;

	while (status == SGL_NEED_KEY) {
		sgl_key *key = NULL;
		const sgl_key_request *request =
		    sgl_writer_request(w->writer, &key);
		sgl_key_answer given = {0};
		sgl_status got =
		    sgl_msg_ask(w->m->engine, key, request, &given, err);
		status = sgl_writer_answer(w->writer, got, &given, err);
		sgl_mem_wipe(&given, sizeof given);
	}
	return status;
}

static sgl_status
push(void *to, sgl_slice in, sgl_err *err)
{
	writing *w = to;

	while (in.len > 0) {
		size_t taken;
		sgl_status status = sgl_writer_push(w->writer, in, &taken, err);
		if (status == SGL_NEED_KEY)
			status = answer(w, err);
		if (status != SGL_OK)
			return status;
		in = sgl_slice_from(in, taken);
	}
	return SGL_OK;
}

/* The first look at the whole, where a clear signature wants one. */
static sgl_status
survey(writing *w, sgl_err *err)
{
	sgl_source *source = sgl_input_source(w->in);
	sgl_status status;

	if (!sgl_writer_needs_survey(w->writer))
		return SGL_OK;
	TRY(sgl_msg_pump(source, push, w, err));
	status = sgl_writer_survey_done(w->writer, err);
	if (status == SGL_E_UNSUPPORTED)
		w->m->hint = _("sign with --opaque");
	if (status != SGL_OK)
		return status;
	return source->ops->rewind(source, err);
}

static sgl_status
finish(writing *w, sgl_err *err)
{
	sgl_status status = sgl_writer_finish(w->writer, err);

	while (status == SGL_NEED_KEY) {
		TRY(answer(w, err));
		status = sgl_writer_finish(w->writer, err);
	}
	return status;
}

static sgl_status
open_both(writing *w, const sgl_protect_options *options, sgl_err *err)
{
	sgl_msg *m = w->m;
	const char *in = sgl_msg_message(m);
	const char *out = sgl_call_get(m->call, "output");

	m->at = out;
	m->content_on_stdout = sgl_path_is_stdout(out);
	TRY(sgl_output_new(m->engine, out, false, &w->out, err));
	m->at = NULL;
	TRY(sgl_writer_new(
	    m->engine, options, sgl_output_sink(w->out), &w->writer, err));
	m->at = sgl_path_is_standard(in) ? sgl_stdin_name() : in;
	if (sgl_path_is_standard(in) && isatty(STDIN_FILENO) == 1)
		sgl_log_note(_("reading a message from the terminal; Ctrl-D "
			       "ends it"));
	sgl_msg_settle_resolver(w->m);
	TRY(sgl_input_open(in, &w->in, err));
	sgl_input_watch(w->in, m->call->command->name);
	if (sgl_writer_needs_survey(w->writer))
		TRY(sgl_input_hold(w->in, m->engine, NULL, err));
	sgl_input_watch(w->in, m->call->command->name);
	return SGL_OK;
}

/* ------------------------------------------------------- what was done --- */

static void
put_cert(sgl_json *j, const sgl_cert *cert)
{
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init((size_t)1 << 20);

	sgl_json_object(j, NULL);
	if (sgl_name_text(sgl_cert_get_subject(cert), &name, NULL) != SGL_OK)
		name.len = 0;
	sgl_json_string(j, "subject", sgl_buf_slice(&name));
	sgl_json_hex(j, "serial", sgl_cert_get_serial(cert));
	sgl_json_hex(j, "sha256", sgl_cert_get_fingerprint(cert));
	sgl_json_time(j, "not_after", sgl_cert_get_not_after(cert));
	sgl_json_array(j, "addresses");
	for (size_t i = 0; i < sgl_cert_num_addresses(cert); i++)
		sgl_json_string(j, NULL, sgl_cert_get_address(cert, i));
	sgl_json_close_array(j);
	sgl_json_close_object(j);
}

static sgl_status
say_json(sgl_msg *m, const sgl_protect_options *o, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init((size_t)64 << 20);
	sgl_json j = sgl_json_over(&text);
	size_t num = o->recipients == NULL ? 0 : o->recipients->num;

	sgl_json_object(&j, NULL);
	sgl_json_uint(&j, "sigill-made", 1);
	sgl_json_array(&j, "signers");
	for (size_t i = 0; i < o->num_signers; i++)
		put_cert(&j, o->signers[i].cert);
	sgl_json_close_array(&j);
	sgl_json_array(&j, "recipients");
	for (size_t i = 0; i < num; i++)
		put_cert(&j, o->recipients->items[i]);
	sgl_json_close_array(&j);
	sgl_json_bool(&j, "password_recipient", o->password.data != NULL);
	sgl_json_bool(&j, "kek_recipient", o->kek.data != NULL);
	sgl_json_close_object(&j);
	TRY(sgl_json_end(&j, err));
	return sgl_msg_say(m, sgl_buf_slice(&text), err);
}

static sgl_status
write_all(writing *w, const sgl_protect_options *options, sgl_err *err)
{
	TRY(open_both(w, options, err));
	TRY(survey(w, err));
	TRY(sgl_msg_pump(sgl_input_source(w->in), push, w, err));
	TRY(finish(w, err));
	if (sgl_call_has(w->m->call, "json"))
		TRY(say_json(w->m, options, err));
	return sgl_output_commit(w->out, err);
}

sgl_status
sgl_msg_write(sgl_msg *m, const sgl_protect_options *options, sgl_err *err)
{
	writing w = {.m = m};
	sgl_status status = write_all(&w, options, err);

	sgl_writer_free(w.writer);
	sgl_output_free(w.out);
	sgl_input_free(w.in);
	return status;
}
