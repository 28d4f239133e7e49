/* SPDX-License-Identifier: Apache-2.0 */
/* From a command on the organisation to its job, and back to whoever asked. */
#include <unistd.h>

#include "admin/admit.h"
#include "admin/files.h"
#include "admin/remote.h"
#include "admin/table.h"
#include "admin/password_out.h"
#include "sys/log.h"
#include "sys/output.h"
#include "sys/passphrase.h"

#define ROOM "admin.org"
#define SHORTEST 10 /* octets */

sgl_status
sgl_org_need_password(sgl_err *err)
{
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the file needs a password"));
}

sgl_status
sgl_org_check_new_password(const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	r->needs_password = order->password.data == NULL;
	if (r->needs_password)
		return sgl_org_need_password(err);
	if (order->password.len >= SHORTEST)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the password is too short: it guards private keys on their "
	       "way, so take ten characters or more"));
}

/* Whoever may write in the home, but does not hold the office; what cannot be
 * recorded is refused all the same. */
static sgl_status
refuse_here(sgl_session *s, const sgl_org_job *job, const sgl_call *call)
{
	sgl_err aside = {0};

	sgl_session_close(s);
	if (sgl_session_open(call, true, s, &aside) == SGL_OK)
		sgl_home_rollback(s->home);
	if (s->home == NULL ||
	    sgl_org_note_refusal(s->home, job, sgl_call_arg(call, 0), &aside) !=
		SGL_OK)
		sgl_log_err(call->command->name, &aside);
	return SGL_E_USAGE;
}

static sgl_status
perform_here(
    const sgl_org_job *job, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_session) s = {0};
	sgl_err aside = {0};
	sgl_status status;

	TRY(sgl_session_open(order->call, job->changes, &s, err));
	status = sgl_org_admit(&s, getuid(), job, err);
	if (status == SGL_E_USAGE)
		return refuse_here(&s, job, order->call);
	if (status != SGL_OK)
		return status;
	TRY(job->work(&s, order, r, err));
	if (job->changes)
		TRY(sgl_org_finish(&s, job, order->call, &aside, err));
	if (aside.status != SGL_OK)
		sgl_log_err(order->call->command->name, &aside);
	return SGL_OK;
}

/* By the service that owns the home, if one runs. */
static sgl_status
perform(
    const sgl_org_job *job, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO(sgl_channel)
	service = NULL;

	TRY(sgl_remote_open(sgl_call_get(order->call, "home"), &service, err));
	return service == NULL ? perform_here(job, order, r, err)
			       : sgl_remote_perform(service, order, r, err);
}

sgl_status
sgl_org_ask(const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	return perform(sgl_org_find_job(order->call), order, r, err);
}

sgl_call
sgl_org_call_like(const sgl_call *call, const char *command)
{
	sgl_call own = {.command = sgl_org_find_command(command)};

	for (size_t i = 0; i < call->num_given; i++)
		if (strcmp(call->given[i].option->name, "home") == 0) {
			own.given[0] = call->given[i];
			own.num_given = 1;
		}
	return own;
}

/* An empty one would leave the keys to whoever finds the file. */
static sgl_status
check_password(const sgl_secret *password, const char *path, sgl_err *err)
{
	if (password->len > 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("the password is empty"), "%s", path == NULL ? "" : path);
}

static sgl_status
read_password(const sgl_call *call, sgl_order *order, sgl_err *err)
{
	const char *path = sgl_call_get(call, "password-file");

	if (sgl_call_has(call, "password-out"))
		return sgl_password_make(call, &order->password, err);
	if (path == NULL)
		return SGL_OK;
	TRY(sgl_passphrase_file(path, &order->password, err));
	return check_password(&order->password, path, err);
}

/* Only once it is known that all else is right is anybody asked. */
static sgl_status
perform_asking(
    const sgl_org_job *job, sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_status status = perform(job, order, r, err);

	if (!r->needs_password)
		return status;
	sgl_reply_clear(r);
	sgl_reply_init(r, order->call);
	TRY(job->prompt != NULL
		? sgl_passphrase_ask(
		      _(job->prompt), false, &order->password, err)
		: sgl_passphrase_ask(_("New password for the file: "), true,
		      &order->password, err));
	TRY(check_password(&order->password, NULL, err));
	return perform(job, order, r, err);
}

/* What was done stays done, whatever becomes of the next step. */
static sgl_status
perform_steps(
    const sgl_org_job *job, sgl_order *order, sgl_reply *r, sgl_err *err)
{
	TRY(perform_asking(job, order, r, err));
	while (r->goes_on) {
		order->at = r->at;
		order->done = r->done;
		sgl_reply_clear(r);
		sgl_reply_init(r, order->call);
		TRY(perform(job, order, r, err));
	}
	return SGL_OK;
}

static sgl_status
write_file(const sgl_call *call, const sgl_reply *r, sgl_err *err)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;

	if (!r->has_file)
		return SGL_OK;
	TRY(sgl_engine_new(NULL, &engine, err));
	return sgl_file_write(engine, sgl_call_get(call, "output"),
	    r->file_is_secret, sgl_buf_slice(&r->file), err);
}

/* Only now it is known that nothing was lost on the way. */
static sgl_status
settle(const sgl_org_job *job, sgl_order *order, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};

	sgl_reply_init(&r, order->call);
	order->is_settled = true;
	return perform(job, order, &r, err);
}

static sgl_status
bring_and_perform(
    const sgl_org_job *job, sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_status status = job->bring != NULL
	    ? job->bring(order->call, order, err)
	    : read_password(order->call, order, err);

	if (status == SGL_OK)
		status = perform_steps(job, order, r, err);
	return sgl_org_of_file(order->file, status, err);
}

sgl_status
sgl_org_perform(const sgl_call *call, sgl_reply *r, sgl_err *err)
{
	const sgl_org_job *job = sgl_org_find_job(call);
	SGL_AUTO_CLEAR(sgl_order) order = {.call = call};

	TRY(bring_and_perform(job, &order, r, err));
	TRY(sgl_password_give(call, &order.password, err));
	TRY(write_file(call, r, err));
	return r->wants_settling ? settle(job, &order, err) : SGL_OK;
}

int
sgl_org_run(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_err err = {0};

	sgl_reply_init(&r, call);
	return sgl_org_end(call, sgl_org_perform(call, &r, &err), &r, &err);
}
