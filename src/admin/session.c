/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "ca/crl.h"
#include "admin/work.h"
#include "sys/output.h"
#include "sys/passphrase.h"
#include "sys/spool.h"

#define ROOM "admin.org"

sgl_status
sgl_session_open(
    const sgl_call *call, bool changes, sgl_session *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_session) s = {0};

	TRY(sgl_engine_new(NULL, &s.engine, err));
	TRY(sgl_home_open(
	    s.engine, sgl_call_get(call, "home"), changes, &s.home, err));
	sgl_home_set_asker(s.home, sgl_ask_vault);
	*out = s;
	s = (sgl_session){0};
	return SGL_OK;
}

sgl_status
sgl_session_commit(sgl_session *s, sgl_err *aside, sgl_err *err)
{
	unsigned made;
	bool due, changed = s->made_crls;

	s->made_crls = false;
	TRY(sgl_ca_make_crls(s->home, false, &made, err));
	TRY(sgl_ca_has_due(s->home, &due, err));
	TRY(sgl_home_commit(s->home, err));
	if ((made > 0 || changed) &&
	    sgl_ca_publish_lists(s->home, aside) != SGL_OK)
		return SGL_OK;
	if (due)
		(void)sgl_fail(aside, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("a CRL is due, but the private key of its authority "
		       "cannot be had now"));
	return SGL_OK;
}

sgl_status
sgl_ask_vault(sgl_secret *passphrase, sgl_err *err)
{
	const char *path = secure_getenv("SIGILL_PASSPHRASE_FILE");
	sgl_status status;

	if (path != NULL && path[0] != '\0')
		return sgl_passphrase_file(path, passphrase, err);
	status =
	    sgl_passphrase_ask(_(SGL_VAULT_PROMPT), false, passphrase, err);
	/* --password-file would be that of something else. */
	if (status != SGL_E_PASSWORD)
		return status;
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the passphrase of the vault is needed, and there is no "
	       "terminal "
	       "to ask at: name a file with it in SIGILL_PASSPHRASE_FILE"));
}

void
sgl_session_close(sgl_session *s)
{
	sgl_home_free(s->home);
	sgl_engine_free(s->engine);
	*s = (sgl_session){0};
}

void
sgl_reply_init(sgl_reply *r, const sgl_call *call)
{
	*r = (sgl_reply){.as_json = sgl_call_has(call, "json"),
	    /* Codes of devices, for one. */
	    .text = {.max = SGL_REPLY_MAX, .secret = true},
	    .file = {.max = SGL_REPLY_MAX, .secret = true}};
	r->json = sgl_json_over(&r->text);
}

void
sgl_reply_clear(sgl_reply *r)
{
	sgl_buf_wipe(&r->text);
	sgl_buf_wipe(&r->file);
}

void
sgl_order_clear(sgl_order *order)
{
	sgl_secret_clear(&order->password);
	sgl_buf_wipe(&order->input);
}

sgl_status
sgl_reply_end(sgl_reply *r, sgl_err *err)
{
	if (r->is_whole || !r->as_json || r->text.len == 0)
		return SGL_OK;
	r->is_whole = true;
	return sgl_json_end(&r->json, err);
}

void
sgl_reply_tell_file(sgl_reply *r, const sgl_call *call, const char *format)
{
	const char *path = sgl_call_get(call, "output");

	if (!r->as_json)
		return;
	r->aside = sgl_path_is_stdout(path);
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "file", r->aside ? NULL : path);
	sgl_json_str(&r->json, "format", format);
	sgl_json_close_object(&r->json);
}

int
sgl_org_end(
    const sgl_call *call, sgl_status status, sgl_reply *r, const sgl_err *err)
{
	sgl_err own = {0};
	int exit_status;

	if (status == SGL_OK) {
		status = sgl_reply_end(r, &own);
		err = &own;
	}
	if (status == SGL_OK && r->aside)
		status = sgl_write_all(
		    STDERR_FILENO, NULL, sgl_buf_slice(&r->text), &own);
	else if (status == SGL_OK) {
		exit_status = sgl_print(call, sgl_buf_slice(&r->text));
		return exit_status == SGL_EXIT_OK ? r->exit_status
						  : exit_status;
	}
	if (status == SGL_OK)
		return r->exit_status;
	exit_status = sgl_call_fail(call, err);
	return status == SGL_E_NOKEY ? SGL_EXIT_NO : exit_status;
}

sgl_status
sgl_call_purpose(
    const sgl_call *call, sgl_cert_purpose *out, bool *given, sgl_err *err)
{
	const char *text = sgl_call_get(call, "purpose");

	*given = text != NULL;
	if (text == NULL ||
	    (sgl_cert_purpose_find(sgl_slice_str(text), out) &&
		*out != SGL_CERT_DUAL))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("--purpose is signing or encryption"), "%s", text);
}

sgl_status
sgl_call_use(
    const sgl_call *call, sgl_cert_purpose *out, bool *given, sgl_err *err)
{
	const char *text = sgl_call_get(call, "purpose");

	*given = text != NULL;
	if (text == NULL || sgl_cert_purpose_find(sgl_slice_str(text), out))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("--purpose is signing, encryption or dual (both in one)"), "%s",
	    text);
}

sgl_status
sgl_session_has_keys(sgl_session *s, size_t need, bool *out, sgl_err *err)
{
	sgl_keeper *keeper = sgl_home_keeper(s->home);
	size_t num;

	*out = true;
	if (keeper == NULL)
		return SGL_OK;
	TRY(sgl_keeper_ready(keeper, sgl_ca_usual_sort(s->home), &num, err));
	*out = num >= need;
	return SGL_OK;
}
