/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigill reminders send: mail by mail from the home to the mail server's
 * sendmail.
 *
 * A child in a session of its own does it, while we wait: whoever kills the
 * command does not come between the mail server's taking a mail and the note of
 * it. What is left is a machine that stops in just that moment; then the mail
 * is sent again, with the same Message-ID.
 */
#include <errno.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/work.h"
#include "admin/table.h"
#include "sys/fail.h"
#include "sys/log.h"
#include "sys/spool.h"

#define ROOM "admin.reminders"
#define SENDMAIL "/usr/sbin/sendmail"
#define ADDRESS_MAX 1024

typedef struct sending {
	const sgl_call *call;
	const char *program;
	unsigned sent, failed;
} sending;

/* ---------------------------------------------------------------- sendmail ---
 */

/* The mail as a file that is nowhere but in memory: if it were a pipe, sendmail
 * would take our end for the mail's end. */
static sgl_status
make_input(sgl_slice mail, int *fd, sgl_err *err)
{
	sgl_status status;

	*fd = memfd_create("reminder", MFD_CLOEXEC);
	if (*fd < 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	status = sgl_write_all(*fd, NULL, mail, err);
	if (status == SGL_OK && lseek(*fd, 0, SEEK_SET) == 0)
		return SGL_OK;
	(void)close(*fd);
	return status != SGL_OK ? status
				: sgl_fail_errno(err, errno, ROOM, NULL);
}

/* Its first line is "From: ADDRESS" (reminder_mail.h). */
static void
find_from(sgl_slice mail, char out[ADDRESS_MAX])
{
	static const size_t skip = sizeof "From: " - 1;
	size_t len = 0;

	while (skip + len < mail.len && len < ADDRESS_MAX - 1 &&
	    mail.data[skip + len] != '\n') {
		out[len] = (char)mail.data[skip + len];
		len++;
	}
	out[len] = '\0';
}

static int
spawn(const char *program, char *from, int input, pid_t *child)
{
	char i[] = "-i", t[] = "-t", f[] = "-f";
	char *argv[] = {(char *)(uintptr_t)program, i, t, f, from, NULL};
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error != 0)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (error == 0) /* what it says is not ours to say */
		error = posix_spawn_file_actions_adddup2(
		    &actions, STDERR_FILENO, STDOUT_FILENO);
	if (error == 0)
		error =
		    posix_spawn(child, program, &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return error;
}

static int
wait_for(pid_t child)
{
	int how;

	while (waitpid(child, &how, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

static sgl_status
hand_over(const sending *s, sgl_slice mail, sgl_err *err)
{
	char from[ADDRESS_MAX];
	int input, error, status;
	pid_t child = 0;

	find_from(mail, from);
	TRY(make_input(mail, &input, err));
	error = spawn(s->program, from, input, &child);
	(void)close(input);
	if (error != 0)
		return sgl_fail_errno(err, error, ROOM, s->program);
	status = wait_for(child);
	if (status == 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("the program did not take the mail"), "%s (%d)", s->program,
	    status);
}

/* -------------------------------------------------------------- mail by mail
 * ---
 */

static sgl_status
note(const sending *s, int64_t id, bool sent, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_order order = {
	    .call = s->call, .is_settled = true, .at = id, .done = sent};

	sgl_reply_init(&r, s->call);
	return sgl_org_ask(&order, &r, err);
}

static sgl_status
send_one(sending *s, const sgl_reply *r, sgl_err *err)
{
	sgl_err failure = {0};
	bool sent = hand_over(s, sgl_buf_slice(&r->file), &failure) == SGL_OK;

	if (sent)
		s->sent++;
	else
		s->failed++;
	if (!sent)
		sgl_log_err(s->call->command->name, &failure);
	return note(s, r->at, sent, err);
}

static sgl_status
send_all(sending *s, sgl_err *err)
{
	sgl_order order = {.call = s->call};
	bool more = true;

	while (more) {
		SGL_AUTO_CLEAR(sgl_reply) r = {0};
		sgl_reply_init(&r, s->call);
		TRY(sgl_org_ask(&order, &r, err));
		more = r.goes_on;
		order.at = r.at;
		if (more)
			TRY(send_one(s, &r, err));
	}
	return SGL_OK;
}

static sgl_status
tell(const sending *s, sgl_reply *r, sgl_err *err)
{
	if (!r->as_json)
		return sgl_buf_printf(&r->text, err,
		    _("Reminders sent: %u, not sent: %u\n"), s->sent,
		    s->failed);
	sgl_json_object(&r->json, NULL);
	sgl_json_uint(&r->json, "sent", s->sent);
	sgl_json_uint(&r->json, "failed", s->failed);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

static int
send_and_tell(const sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	const char *program = sgl_call_get(call, "sendmail");
	sending s = {call, program == NULL ? SENDMAIL : program, 0, 0};
	sgl_err err = {0};
	sgl_status status;
	int exit_status;

	sgl_reply_init(&r, call);
	status = send_all(&s, &err);
	if (status == SGL_OK)
		status = tell(&s, &r, &err);
	exit_status = sgl_org_end(call, status, &r, &err);
	return exit_status == SGL_EXIT_OK && s.failed > 0 ? SGL_EXIT_ENVIRONMENT
							  : exit_status;
}

int
sgl_org_reminders_send_all(sgl_call *call)
{
	sgl_err err = {0};
	pid_t child = fork();

	if (child == 0) {
		(void)setsid();
		_exit(send_and_tell(call));
	}
	if (child > 0)
		return wait_for(child);
	(void)sgl_fail_errno(&err, errno, ROOM, NULL);
	return sgl_call_fail(call, &err);
}
