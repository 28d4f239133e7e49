/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/tls.h"
#include "sys/fail.h"
#include "sys/journal.h"
#include "vault/ticket.h"

#define ROOM "daemon.leash"

#define MESSAGE_MAX SGL_LEASH_TLS_MAX
#define WHY_MAX 1024

void
sgl_leash_add_peer(sgl_wire *w, sgl_role role)
{
	sgl_wire_add_int(w, role);
}

sgl_role
sgl_leash_read_peer(sgl_unwire *u)
{
	return (sgl_role)sgl_unwire_int(u, 0, SGL_NUM_ROLES - 1);
}

static sgl_status
take_peer(const sgl_leash *l, sgl_slice body, int fd, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_role role = sgl_leash_read_peer(&u);
	sgl_status status = sgl_unwire_end(&u, err);

	if (status == SGL_OK)
		return l->on_peer(l->ctx, role, fd, err);
	(void)close(fd);
	return status;
}

static sgl_status
take_processes(const sgl_leash *l, sgl_slice body, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_processes p;

	sgl_processes_read(&u, &p);
	TRY(sgl_unwire_end(&u, err));
	l->on_processes(l->ctx, &p);
	return SGL_OK;
}

static sgl_status
take_fd(const sgl_leash *l, unsigned type, int fd, sgl_err *err)
{
	if (type == SGL_LEASH_SOCKET && l->on_socket != NULL)
		return l->on_socket(l->ctx, fd, err);
	if (type == SGL_LEASH_ENROL && l->on_enrol != NULL)
		return l->on_enrol(l->ctx, fd, err);
	if (type == SGL_LEASH_TLS_SOCKET && l->on_tls_socket != NULL)
		return l->on_tls_socket(l->ctx, fd, err);
	if (type == SGL_LEASH_METRICS && l->on_metrics != NULL)
		return l->on_metrics(l->ctx, fd, err);
	(void)close(fd);
	return SGL_OK;
}

static sgl_status
take_refused(const sgl_leash *l, sgl_slice body, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	char why[WHY_MAX];

	sgl_unwire_text(&u, why, sizeof why);
	TRY(sgl_unwire_end(&u, err));
	l->on_refused(l->ctx, why);
	return SGL_OK;
}

/* What comes without a descriptor. */
static sgl_status
take_words(const sgl_leash *l, unsigned type, sgl_slice body, sgl_err *err)
{
	if (type == SGL_LEASH_PROCESSES && l->on_processes != NULL)
		return take_processes(l, body, err);
	if (type == SGL_LEASH_TICKETS && l->on_tickets != NULL)
		return l->on_tickets(l->ctx, body, err);
	if (type == SGL_LEASH_TLS && l->on_tls != NULL)
		return l->on_tls(l->ctx, body, err);
	if (type == SGL_LEASH_REFUSED && l->on_refused != NULL)
		return take_refused(l, body, err);
	if (type == SGL_LEASH_BEAT)
		return sgl_channel_send(l->channel, type, body, err);
	return SGL_OK;
}

static sgl_status
obey(const sgl_leash *l, bool *ended, sgl_err *err)
{
	unsigned type;
	sgl_slice body;
	int fd;

	TRY(sgl_channel_receive(
	    l->channel, MESSAGE_MAX, &type, &body, ended, err));
	fd = sgl_channel_take_fd(l->channel);
	if (*ended)
		return SGL_OK;
	if (fd < 0)
		return take_words(l, type, body, err);
	if (type == SGL_LEASH_PEER && l->on_peer != NULL)
		return take_peer(l, body, fd, err);
	return take_fd(l, type, fd, err);
}

static bool
has_word(const sgl_leash *l, int milliseconds)
{
	struct pollfd wait = {
	    .fd = sgl_channel_fd(l->channel), .events = POLLIN};

	return poll(&wait, 1, milliseconds) > 0;
}

sgl_status
sgl_leash_pass_time(const sgl_leash *l, int milliseconds, sgl_err *err)
{
	bool ended = false;

	if (has_word(l, milliseconds))
		TRY(obey(l, &ended, err));
	return SGL_OK;
}

sgl_status
sgl_leash_tell(
    sgl_channel *channel, sgl_leash_message what, bool yes, sgl_err *err)
{
	const uint8_t body = yes;

	return sgl_channel_send(channel, what, sgl_slice_of(&body, 1), err);
}

bool
sgl_leash_read_told(sgl_slice body)
{
	return body.len > 0 && body.data[0] != 0;
}

/* Whoever cannot be told anything any more is better started anew. What the
 * loop saw may have been read meanwhile, by who passed time in the same turn:
 * to wait for more would stop everything. */
static void
on_leash(void *ctx)
{
	const sgl_leash *l = ctx;
	bool ended = false;
	sgl_err err = {0};
	sgl_status status;

	if (!has_word(l, 0))
		return;
	status = obey(l, &ended, &err);
	if (status != SGL_OK)
		sgl_journal_err("leash-failed", &err);
	if (status != SGL_OK || ended)
		sgl_loop_stop(l->loop);
}

sgl_status
sgl_leash_follow(sgl_leash *leash, sgl_wait **out, sgl_err *err)
{
	return sgl_wait_readable(leash->loop, sgl_channel_fd(leash->channel),
	    on_leash, leash, out, err);
}

sgl_status
sgl_leash_ready(sgl_channel *channel, sgl_err *err)
{
	return sgl_channel_send(
	    channel, SGL_LEASH_READY, (sgl_slice){NULL, 0}, err);
}

sgl_status
sgl_leash_share(sgl_channel *control, sgl_channel *keyholder, sgl_err *err)
{
	uint8_t secret[SGL_TICKET_SECRET];
	const sgl_slice bytes = sgl_slice_of(secret, sizeof secret);
	sgl_status status = SGL_OK;

	if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	status = sgl_channel_send(keyholder, SGL_LEASH_TICKETS, bytes, err);
	if (status == SGL_OK)
		status =
		    sgl_channel_send(control, SGL_LEASH_TICKETS, bytes, err);
	sgl_mem_wipe(secret, sizeof secret);
	return status;
}
