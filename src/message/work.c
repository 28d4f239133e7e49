/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "message/work.h"
#include "org/place.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/log.h"
#include "sys/passphrase.h"
#include "sys/spool.h"

#define ROOM "message.msg"
/* A key file is small; a collection of certificates or a CRL may not be. */
#define LARGEST_FILE ((size_t)256 << 20)
#define TRIES 3

/* Only one of them can have standard input. */
static const char *const inputs[] = {"key", "to", "sign", "trust",
    "intermediate", "crl", "password-file", "password-recipient", "kek"};

static size_t
count_standard_input(const sgl_call *call)
{
	const char *message = sgl_call_arg(call, 0);
	size_t n = sgl_path_is_standard(message);

	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
		for (size_t k = 0; k < sgl_call_num(call, inputs[i]); k++)
			n += strcmp(sgl_call_nth(call, inputs[i], k), "-") == 0;
	return n;
}

sgl_status
sgl_msg_usage(sgl_msg *m, sgl_err *err, const char *text, const char *detail)
{
	m->at = NULL;
	m->hint = NULL;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text, "%s",
	    detail == NULL ? "" : detail);
}

/* An input from a pipe, an output to one and what waits in between: so many
 * spools at a time, and no more memory than 8 MiB for all. */
static sgl_status
make_engine(sgl_engine **out, sgl_err *err)
{
	const sgl_limits limits = {.spool_memory = (size_t)256 << 10};
	const sgl_engine_config config = {.limits = &limits};

	return sgl_engine_new(&config, out, err);
}

static sgl_status
start(sgl_msg *m, sgl_err *err)
{
	const char *file = sgl_call_get(m->call, "password-file");

	if (count_standard_input(m->call) > 1)
		return sgl_msg_usage(
		    m, err, N_("standard input can be read only once"), NULL);
	TRY(make_engine(&m->engine, err));
	if (file == NULL)
		return SGL_OK;
	m->at = file;
	TRY(sgl_passphrase_file(file, &m->password, err));
	m->has_password = true;
	m->at = NULL;
	return SGL_OK;
}

/* Takes the file's name out of the detail: it stands in front of the line. */
static void
drop_name(sgl_err *err, const char *name)
{
	size_t len = strlen(name);
	char *rest = err->detail + len;

	if (strncmp(err->detail, name, len) != 0)
		return;
	if (strncmp(rest, ": ", 2) == 0)
		memmove(err->detail, rest + 2, strlen(rest + 2) + 1);
	else if (*rest == '\0')
		err->detail[0] = '\0';
}

/* What the system refuses names the file that it is about, as its detail. */
static void
tell(sgl_msg *m, sgl_err *err)
{
	char file[SGL_ERR_DETAIL];
	const char *at = m->at != NULL ? m->at : m->call->command->name;

	if (err->status == SGL_E_IO && err->detail[0] != '\0' &&
	    strstr(err->detail, ": ") == NULL) {
		memcpy(file, err->detail, sizeof file);
		at = file;
	}
	drop_name(err, at);
	sgl_log_err(at, err);
	if (err->status == SGL_E_USAGE && m->hint == NULL)
		sgl_log_note(
		    _("hint: see: sigill %s --help"), m->call->command->name);
	else if (m->hint != NULL)
		sgl_log_note(_("hint: %s"), m->hint);
}

int
sgl_msg_run(sgl_call *call, sgl_status (*work)(sgl_msg *m, sgl_err *err))
{
	sgl_msg m = {.call = call};
	sgl_err err = {0};
	sgl_status status = start(&m, &err);

	if (status == SGL_OK)
		status = work(&m, &err);
	if (status != SGL_OK) {
		tell(&m, &err);
		m.exit = sgl_exit_of(status);
	}
	sgl_secret_clear(&m.password);
	sgl_resolver_free(m.resolver);
	sgl_engine_free(m.engine);
	return m.exit;
}

const char *
sgl_msg_message(const sgl_msg *m)
{
	return sgl_call_arg(m->call, 0);
}

sgl_status
sgl_msg_get_resolver(sgl_msg *m, sgl_resolver **out, sgl_err *err)
{
	if (m->resolver == NULL)
		TRY(sgl_resolver_open(m->engine, sgl_call_get(m->call, "home"),
		    &m->resolver, err));
	*out = m->resolver;
	return SGL_OK;
}

void
sgl_msg_settle_resolver(sgl_msg *m)
{
	if (m->resolver != NULL)
		sgl_resolver_settle(m->resolver);
}

/* ------------------------------------------------------------- loading --- */

sgl_status
sgl_msg_ask_password(sgl_secret *out, sgl_err *err, const char *fmt, ...)
{
	char prompt[PATH_MAX + 64];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(prompt, sizeof prompt, fmt, args);
	va_end(args);
	return sgl_passphrase_ask(prompt, false, out, err);
}

/* What was typed for one file is tried on the next before asking again. */
static sgl_status
load_bytes(sgl_msg *m, const char *path, sgl_slice bytes, sgl_keyring *ring,
    sgl_crls *crls, sgl_err *err)
{
	bool may_ask = sgl_call_get(m->call, "password-file") == NULL;
	int tries = 0;
	sgl_status status;

	for (;;) {
		sgl_slice password = m->has_password
		    ? sgl_secret_slice(&m->password)
		    : (sgl_slice){NULL, 0};
		if (m->has_password && password.data == NULL)
			password = SGL_LIT("");
		status =
		    sgl_load(m->engine, bytes, password, ring, crls, NULL, err);
		if (status != SGL_E_PASSWORD || !may_ask || tries++ == TRIES)
			return status;
		TRY(sgl_msg_ask_password(
		    &m->password, err, _("Password for %s: "), path));
		m->has_password = true;
	}
}

sgl_status
sgl_msg_load(sgl_msg *m, const char *path, sgl_keyring *ring, sgl_crls *crls,
    sgl_err *err)
{
	sgl_buf file = sgl_buf_init(LARGEST_FILE);
	sgl_status status;

	m->at = sgl_path_is_standard(path) ? sgl_stdin_name() : path;
	status = sgl_file_read(path, &file, err);
	if (status == SGL_OK)
		status =
		    load_bytes(m, path, sgl_buf_slice(&file), ring, crls, err);
	sgl_buf_wipe(&file);
	if (status == SGL_OK)
		m->at = NULL;
	return status;
}

/* -------------------------------------------------------------- moving --- */

sgl_status
sgl_msg_pump(sgl_source *source, sgl_msg_push *push, void *to, sgl_err *err)
{
	SGL_AUTO_MEM uint8_t *block = sgl_mem_resize(NULL, SGL_BLOCK);
	sgl_status status = SGL_OK;
	size_t got = 1;

	if (block == NULL)
		return sgl_oom(err, ROOM);
	while (status == SGL_OK && got > 0) {
		status = source->ops->read(source, block, SGL_BLOCK, &got, err);
		if (status == SGL_OK && got > 0)
			status = push(to, sgl_slice_of(block, got), err);
	}
	sgl_mem_wipe(block, SGL_BLOCK);
	return status;
}

sgl_status
sgl_msg_ask(sgl_engine *engine, sgl_key *key, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	sgl_status status = sgl_key_ask(engine, key, request, answer, err);

	if (status == SGL_NEED_KEY)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the private key does not answer"));
	return status;
}

sgl_status
sgl_msg_say(sgl_msg *m, sgl_slice text, sgl_err *err)
{
	if (m->content_on_stdout)
		return sgl_write_all(STDERR_FILENO, "/dev/stderr", text, err);
	return sgl_write_all(STDOUT_FILENO, sgl_stdout_name(), text, err);
}

void
sgl_msg_warn_of_file(const sgl_msg *m, const char *id)
{
	if (sgl_resolve_is_hidden(id) &&
	    sgl_place_is_home(sgl_call_get(m->call, "home")))
		sgl_log_warning(_("%s: a file of this name is here and is "
				  "used; the organisation is not asked (./%s "
				  "says that it is meant)"),
		    id, id);
}
