/* SPDX-License-Identifier: Apache-2.0 */
/* Asking: the side of the command. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/addr.h"
#include "pki/cert.h"
#include "cmd/hand_over.h"
#include "cmd/resolve_wire.h"
#include "sys/fail.h"

#define ROOM "cmd.resolve"
#define QUESTION_MAX ((size_t)16384)

static bool
looks_like_address(const char *id)
{
	return id != NULL && strchr(id, '/') == NULL &&
	    sgl_addr_is(sgl_slice_str(id));
}

bool
sgl_resolve_is_address(const char *id)
{
	return looks_like_address(id) && access(id, F_OK) != 0;
}

bool
sgl_resolve_is_hidden(const char *id)
{
	return looks_like_address(id) && access(id, F_OK) == 0;
}

bool
sgl_resolve_is_token(const char *id)
{
	return strncmp(id, "pkcs11:", 7) == 0;
}

/* ---------------------------------------------------------- the process --- */

struct sgl_resolver {
	sgl_engine *engine;   /* borrowed */
	sgl_channel *channel; /* NULL once nothing more can be asked */
	pid_t child;
	bool gave_keys;
};
SGL_AUTO_TYPE(sgl_resolver, sgl_resolver_free)

static void
end_child(sgl_resolver *r)
{
	sgl_channel_free(r->channel);
	r->channel = NULL;
	while (r->child > 0 && waitpid(r->child, NULL, 0) < 0 && errno == EINTR)
		;
	r->child = 0;
}

void
sgl_resolver_free(sgl_resolver *resolver)
{
	if (resolver == NULL)
		return;
	end_child(resolver);
	sgl_mem_free(resolver);
}

static sgl_status
start(sgl_resolver *r, const char *home, sgl_err *err)
{
	const char *const argv[] = {
	    SGL_PROGRAM_ANSWER, home == NULL ? NULL : "--home", home, NULL};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	r->child = sgl_start_beside(argv, ends[1], SGL_ANSWER_FD);
	(void)close(ends[1]);
	if (r->child > 0) {
		sgl_status status = sgl_channel_new(ends[0], &r->channel, err);
		if (status != SGL_OK)
			(void)close(ends[0]);
		return status;
	}
	(void)close(ends[0]);
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("sigill-answer is not installed, and only it knows the "
	       "organisation and its keys"));
}

sgl_status
sgl_resolver_open(
    sgl_engine *engine, const char *home, sgl_resolver **out, sgl_err *err)
{
	SGL_AUTO(sgl_resolver)
	r = sgl_mem_zeroed(1, sizeof *r);

	if (r == NULL)
		return sgl_oom(err, ROOM);
	r->engine = engine;
	TRY(start(r, home, err));
	*out = SGL_TAKE(&r);
	return SGL_OK;
}

void
sgl_resolver_settle(sgl_resolver *r)
{
	if (!r->gave_keys)
		end_child(r);
	else if (r->channel != NULL)
		/* Should it be gone, the first use of a key will tell. */
		(void)!sgl_channel_send(r->channel, SGL_RESOLVE_SETTLED,
		    (sgl_slice){NULL, 0}, NULL);
}

/* ---------------------------------------------------------- the questions ---
 */

static sgl_status
ask(sgl_resolver *r, unsigned type, const sgl_buf *question, unsigned want,
    sgl_unwire *out, sgl_err *err)
{
	sgl_slice body;

	TRY(sgl_exchange(r->channel, type,
	    question == NULL ? (sgl_slice){NULL, 0} : sgl_buf_slice(question),
	    want, &body, err));
	*out = sgl_unwire_over(body);
	return SGL_OK;
}

static sgl_status
ask_name(sgl_resolver *r, unsigned type, const char *name, unsigned want,
    sgl_unwire *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(QUESTION_MAX);
	sgl_wire w = sgl_wire_over(&question);

	sgl_resolve_add_name(&w, name);
	TRY(sgl_wire_end(&w, err));
	return ask(r, type, &question, want, out, err);
}

static sgl_status
take_identity(sgl_resolver *r, sgl_unwire *u, sgl_identity *out, sgl_err *err)
{
	r->gave_keys = true;
	return sgl_resolve_read_identity(r->engine, r->channel, u, out, err);
}

sgl_status
sgl_resolver_identity(
    sgl_resolver *r, const char *address, sgl_identity *out, sgl_err *err)
{
	sgl_unwire u;

	TRY(ask_name(
	    r, SGL_RESOLVE_IDENTITY, address, SGL_RESOLVED_IDENTITY, &u, err));
	return take_identity(r, &u, out, err);
}

sgl_status
sgl_resolver_token(sgl_resolver *r, const char *uri, sgl_slice pin,
    sgl_identity *out, sgl_err *err)
{
	sgl_buf question = {.max = QUESTION_MAX, .secret = true};
	sgl_wire w = sgl_wire_over(&question);
	sgl_status status;
	sgl_unwire u = {0};

	sgl_resolve_add_token(&w, uri, pin);
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK)
		status = ask(r, SGL_RESOLVE_TOKEN, &question,
		    SGL_RESOLVED_IDENTITY, &u, err);
	sgl_buf_wipe(&question);
	return status == SGL_OK ? take_identity(r, &u, out, err) : status;
}

static sgl_status
take_certs(sgl_resolver *r, sgl_unwire *u, sgl_certs *first, sgl_certs *second,
    sgl_err *err)
{
	TRY(sgl_resolve_read_certs(r->engine, u, first, err));
	TRY(sgl_resolve_read_certs(r->engine, u, second, err));
	return sgl_unwire_end(u, err);
}

sgl_status
sgl_resolver_recipient(
    sgl_resolver *r, const char *address, sgl_cert **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) found = {0};
	sgl_unwire u;

	TRY(ask_name(
	    r, SGL_RESOLVE_RECIPIENT, address, SGL_RESOLVED_CERTS, &u, err));
	TRY(take_certs(r, &u, &found, &found, err));
	if (found.num != 1)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	*out = sgl_cert_ref(found.items[0]);
	return SGL_OK;
}

sgl_status
sgl_resolver_trust(
    sgl_resolver *r, sgl_certs *anchors, sgl_certs *intermediates, sgl_err *err)
{
	sgl_unwire u;

	TRY(ask(r, SGL_RESOLVE_TRUST, NULL, SGL_RESOLVED_CERTS, &u, err));
	return take_certs(r, &u, anchors, intermediates, err);
}

static sgl_status
ask_crl(sgl_resolver *r, size_t number, sgl_slice *der, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&question);
	sgl_unwire u;

	sgl_resolve_add_number(&w, number);
	TRY(sgl_wire_end(&w, err));
	TRY(ask(r, SGL_RESOLVE_CRL, &question, SGL_RESOLVED_CRL, &u, err));
	*der = sgl_resolve_read_crl(&u);
	return sgl_unwire_end(&u, err);
}

sgl_status
sgl_resolver_crls(sgl_resolver *r, sgl_crls *out, sgl_err *err)
{
	sgl_slice der;

	for (size_t i = 0;; i++) {
		SGL_AUTO(sgl_crl)
		crl = NULL;

		TRY(ask_crl(r, i, &der, err));
		if (der.len == 0)
			return SGL_OK;
		TRY(sgl_crl_read(r->engine, der, &crl, err));
		TRY(sgl_crls_add(out, crl, err));
	}
}
