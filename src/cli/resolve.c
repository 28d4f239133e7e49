/* SPDX-License-Identifier: Apache-2.0 */
/* Asking: the side of the command. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/addr.h"
#include "pki/cert.h"
#include "cli/hand_over.h"
#include "cli/remote.h"
#include "cli/resolve_wire.h"
#include "sys/certwire.h"
#include "sys/fail.h"

#define ROOM "cli.resolve"
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

/* ------------------------------------------------------ who is asked --- */

struct sgl_resolver {
	sgl_engine *engine; /* both borrowed */
	const char *home;
	sgl_channel *service; /* NULL: none runs, or nobody looked yet */
	bool has_looked;
	sgl_channel *channel; /* to the child */
	pid_t child;
	bool lends; /* the child has keys for us, or will */
};

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
	sgl_channel_free(resolver->service);
	sgl_mem_free(resolver);
}

static sgl_status
start(sgl_resolver *r, sgl_err *err)
{
	const char *const argv[] = {SGL_PROGRAM_ANSWER,
	    r->home == NULL ? NULL : "--home", r->home, NULL};
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

static sgl_status
get_child(sgl_resolver *r, sgl_channel **out, sgl_err *err)
{
	if (r->channel == NULL)
		TRY(start(r, err));
	*out = r->channel;
	return SGL_OK;
}

/* Whoever has the organisation. */
static sgl_status
get_organisation(sgl_resolver *r, sgl_channel **out, sgl_err *err)
{
	if (!r->has_looked)
		TRY(sgl_remote_open(r->home, &r->service, err));
	r->has_looked = true;
	*out = r->service;
	return r->service != NULL ? SGL_OK : get_child(r, out, err);
}

sgl_status
sgl_resolver_open(
    sgl_engine *engine, const char *home, sgl_resolver **out, sgl_err *err)
{
	sgl_resolver *r = sgl_mem_zeroed(1, sizeof *r);

	if (r == NULL)
		return sgl_oom(err, ROOM);
	r->engine = engine;
	r->home = home;
	*out = r;
	return SGL_OK;
}

void
sgl_resolver_settle(sgl_resolver *r)
{
	if (!r->lends)
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
	sgl_channel *channel;
	sgl_slice body;

	TRY(get_organisation(r, &channel, err));
	TRY(sgl_exchange(channel, type,
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
take_identity(sgl_resolver *r, sgl_channel *channel, sgl_unwire *u,
    sgl_identity *out, sgl_err *err)
{
	r->lends = true;
	return sgl_resolve_read_identity(r->engine, channel, u, out, err);
}

sgl_status
sgl_resolver_signer(
    sgl_resolver *r, const char *address, sgl_identity *out, sgl_err *err)
{
	sgl_channel *channel;
	sgl_unwire u;

	TRY(ask_name(
	    r, SGL_RESOLVE_SIGNER, address, SGL_RESOLVED_IDENTITY, &u, err));
	TRY(get_organisation(r, &channel, err));
	return take_identity(r, channel, &u, out, err);
}

sgl_status
sgl_resolver_reader(sgl_resolver *r, const char *address, sgl_err *err)
{
	sgl_unwire u;

	TRY(ask_name(
	    r, SGL_RESOLVE_READER, address, SGL_RESOLVED_READER, &u, err));
	r->lends = true;
	return sgl_unwire_end(&u, err);
}

static sgl_status
take_keys(sgl_resolver *r, const sgl_found_keys *found, size_t num,
    sgl_key **keys, sgl_err *err)
{
	sgl_channel *channel;

	TRY(get_organisation(r, &channel, err));
	for (size_t i = 0; i < found->num; i++) {
		const sgl_found_key *k = &found->items[i];

		if (k->name < num && keys[k->name] == NULL)
			TRY(sgl_farkey_new(r->engine, channel, k->place, false,
			    k->spki, &keys[k->name], err));
	}
	return SGL_OK;
}

sgl_status
sgl_resolver_find(sgl_resolver *r, const char *address,
    const sgl_named_recipient *names, size_t num, sgl_key **keys, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf)
	question = sgl_buf_init(SGL_FIND_AT_ONCE * QUESTION_MAX);
	sgl_wire w = sgl_wire_over(&question);
	sgl_found_keys found;
	sgl_unwire u;

	sgl_resolve_add_names(&w, address, names, num);
	TRY(sgl_wire_end(&w, err));
	TRY(ask(r, SGL_RESOLVE_KEYS, &question, SGL_RESOLVED_KEYS, &u, err));
	sgl_resolve_read_keys(&u, &found);
	TRY(sgl_unwire_end(&u, err));
	return take_keys(r, &found, num, keys, err);
}

/* A token is nothing of the service's: its PIN is the caller's. */
static sgl_status
ask_token(
    sgl_resolver *r, const sgl_buf *question, sgl_identity *out, sgl_err *err)
{
	sgl_channel *channel;
	sgl_slice body;
	sgl_unwire u;

	TRY(get_child(r, &channel, err));
	TRY(sgl_exchange(channel, SGL_RESOLVE_TOKEN, sgl_buf_slice(question),
	    SGL_RESOLVED_IDENTITY, &body, err));
	u = sgl_unwire_over(body);
	return take_identity(r, channel, &u, out, err);
}

sgl_status
sgl_resolver_token(sgl_resolver *r, const char *uri, sgl_slice pin,
    sgl_identity *out, sgl_err *err)
{
	sgl_buf question = {.max = QUESTION_MAX, .secret = true};
	sgl_wire w = sgl_wire_over(&question);
	sgl_status status;

	sgl_resolve_add_token(&w, uri, pin);
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK)
		status = ask_token(r, &question, out, err);
	sgl_buf_wipe(&question);
	return status;
}

static sgl_status
take_certs(sgl_resolver *r, sgl_unwire *u, sgl_certs *first, sgl_certs *second,
    sgl_err *err)
{
	TRY(sgl_unwire_certs(u, r->engine, first, err));
	TRY(sgl_unwire_certs(u, r->engine, second, err));
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
