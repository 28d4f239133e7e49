/* SPDX-License-Identifier: Apache-2.0 */
/* No memory, at every point of a conversation about a key on a token: at the
 * near end, and at the far one. */
#include "vault/hsm_test.h"

#include <sys/socket.h>

#include "crypto/pubkey.h"
#include "support/fault.h"
#include "vault/token_far_test.h"

static sgl_engine *engine;
static sgl_folder folder;
static sgl_token_line line;
static sgl_token_source source;
static pid_t child;
static char uri[2048];

static const sgl_key_request request = {.op = SGL_KEY_SIGN,
    .input = SGL_LIT("what is signed"),
    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};

/* --------------------------------------------------------- the far side --- */

static void
start_child(void)
{
	int ends[2];

	token_far_end(&child);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		sgl_fault_arm(0);
		_exit(token_far_serve(engine, uri, NULL, ends[1]));
	}
	(void)close(ends[1]);
	assert_int_equal(sgl_token_line_join(&line, ends[0], NULL), SGL_OK);
}

static void
summon(void *ctx, const char *wanted, bool anew)
{
	(void)ctx;
	(void)wanted;
	(void)anew;
	fail_msg("somebody is there already");
}

/* ------------------------------------------------------------------ both ---
 */

static int
set_up(void **state)
{
	const hsm_how how = {"ca", 1, false};
	SGL_AUTO(sgl_key)
	key = NULL;
	hsm h;

	(void)state;
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	sgl_folder_make(&folder);
	hsm_prepare(&folder);
	sgl_folder_write(&folder, "pin", SGL_LIT(HSM_PIN "\n"));
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	hsm_new(&h, "alice");
	hsm_add_private(&h, key, &how);
	hsm_add_public(&h, key, &how);
	hsm_done(&h);
	(void)snprintf(uri, sizeof uri,
	    "pkcs11:token=alice?module-path=%s&pin-source=file:%s",
	    hsm_module(), sgl_folder_path(&folder, "pin"));
	line = (sgl_token_line){.engine = engine, .summon = summon};
	source = sgl_token_line_source(&line);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_token_line_leave(&line);
	token_far_end(&child);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static sgl_status
open_and_sign(sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_key_answer answer = {0};

	TRY(source.open(source.ctx, uri, &key, err));
	return sgl_key_ask(engine, key, &request, &answer, err);
}

/* A channel keeps what it once needed for messages. */
static void
begin_anew(void)
{
	start_child();
	assert_int_equal(open_and_sign(NULL), SGL_OK);
}

/* A conversation that broke off is begun anew, with all memory it wants. */
static sgl_status
do_near(void *ctx, sgl_err *err)
{
	sgl_status status = open_and_sign(err);

	(void)ctx;
	if (line.channel == NULL)
		begin_anew();
	return status;
}

typedef struct ends {
	sgl_channel *near_end, *far_end;
} ends;

static void
ends_clear(ends *e)
{
	sgl_channel_free(e->near_end);
	sgl_channel_free(e->far_end);
}
SGL_AUTO_CLEAR_TYPE(ends, ends_clear)

static sgl_status
connect_ends(ends *e, sgl_err *err)
{
	int fds[2];
	sgl_status status;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	status = sgl_channel_new(fds[0], &e->near_end, err);
	if (status == SGL_OK)
		status = sgl_channel_new(fds[1], &e->far_end, err);
	if (e->near_end == NULL)
		(void)close(fds[0]);
	if (e->far_end == NULL)
		(void)close(fds[1]);
	return status;
}

/* Without its text, which would be kept. */
static sgl_status
told(sgl_slice body, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);

	return sgl_fail(err,
	    (sgl_status)sgl_unwire_int(&u, SGL_E_ENCODING, SGL_E_CRYPTO),
	    "vault.token", SGL_NO_OFFSET, "as the far side said");
}

static sgl_status
ask(sgl_token_server *s, const ends *e, unsigned type, const sgl_wire *w,
    sgl_err *err)
{
	sgl_slice body;
	bool ended;

	TRY(sgl_wire_end(w, err));
	TRY(sgl_token_serve(s, e->far_end, type, sgl_buf_slice(w->out), err));
	TRY(sgl_channel_receive(
	    e->near_end, SGL_CHANNEL_MESSAGE, &type, &body, &ended, err));
	return type == SGL_MESSAGE_FAILURE ? told(body, err) : SGL_OK;
}

static sgl_status
do_far(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(ends) e = {0};
	SGL_AUTO(sgl_token_server)
	s = NULL;
	SGL_AUTO_CLEAR(sgl_buf) open = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(4096);
	sgl_wire w = sgl_wire_over(&open), q = sgl_wire_over(&question);

	(void)ctx;
	sgl_token_add_open(&w, uri);
	sgl_farkey_add_question(&q, 0, &request);
	TRY(connect_ends(&e, err));
	TRY(sgl_token_server_new(engine, &s, err));
	TRY(sgl_token_server_add(s, uri, (sgl_slice){NULL, 0}, NULL, err));
	TRY(ask(s, &e, SGL_TOKEN_OPEN, &w, err));
	return ask(s, &e, SGL_MESSAGE_ASK_KEY, &q, err);
}

static void
the_near_end(void **state)
{
	(void)state;
	begin_anew();
	assert_true(sgl_fault_each(do_near, NULL) > 10);
}

/* The engine keeps what it has found out of the key: the first one fills it. */
static void
the_far_end(void **state)
{
	(void)state;
	assert_int_equal(do_far(NULL, NULL), SGL_OK);
	assert_true(sgl_fault_each(do_far, NULL) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_near_end),
	    cmocka_unit_test(the_far_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
