/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on tokens that another process has: a child of the test, with SoftHSM;
 * or one that answers whatever a stranger's code may have it answer. */
#include "vault/hsm_test.h"

#include <sys/socket.h>

#include "crypto/pubkey.h"
#include "vault/token_far_test.h"

static sgl_engine *engine;
static sgl_folder folder;
static sgl_token_line line;
static sgl_token_source source;
static pid_t child;
static unsigned num_summoned;
static bool is_away; /* nobody comes */
static char uri[2048];
static sgl_pin_note noted;
static unsigned num_noted;
static bool is_known, is_deaf;
/* Instead of a far side: these bytes, once a question has come. */
static sgl_slice answer;

/* --------------------------------------------------------- the far side --- */

static int
answer_anything(int fd)
{
	uint8_t question[4096];

	if (read(fd, question, sizeof question) <= 0)
		return 1;
	return write(fd, answer.data, answer.len) != (ssize_t)answer.len;
}

static void
summon(void *ctx, const char *wanted, bool anew)
{
	int ends[2];

	(void)ctx;
	(void)anew;
	num_summoned++;
	(void)snprintf(uri, sizeof uri, "%s", wanted);
	token_far_end(&child);
	if (is_away)
		return;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		_exit(answer.data == NULL
			? token_far_serve(
			      engine, uri, is_known ? &noted : NULL, ends[1])
			: answer_anything(ends[1]));
	}
	(void)close(ends[1]);
	assert_int_equal(sgl_token_line_join(&line, ends[0], NULL), SGL_OK);
}

/* -------------------------------------------------------------- helpers --- */

static int
set_up(void **state)
{
	(void)state;
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	sgl_folder_make(&folder);
	hsm_prepare(&folder);
	sgl_folder_write(&folder, "pin", SGL_LIT(HSM_PIN "\n"));
	line = (sgl_token_line){.engine = engine, .summon = summon};
	source = sgl_token_line_source(&line);
	num_summoned = 0;
	is_away = is_known = is_deaf = false;
	answer = (sgl_slice){NULL, 0};
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

/* A token of its own, with a new key; gives its public half. */
static sgl_key *
make_token(const char *label)
{
	const hsm_how how = {"ca", 1, false};
	sgl_key *key;
	hsm h;

	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	hsm_new(&h, label);
	hsm_add_private(&h, key, &how);
	hsm_add_public(&h, key, &how);
	hsm_done(&h);
	return key;
}

static const char *
uri_of(const char *label)
{
	static char text[2048];

	(void)snprintf(text, sizeof text,
	    "pkcs11:token=%s?module-path=%s&pin-source=file:%s", label,
	    hsm_module(), sgl_folder_path(&folder, "pin"));
	return text;
}

static sgl_status
sign(sgl_key *key, sgl_err *err)
{
	const sgl_key_request request = {.op = SGL_KEY_SIGN,
	    .input = SGL_LIT("what is signed"),
	    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	sgl_key_answer signature = {0};
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	bool good = false;

	TRY(sgl_key_ask(engine, key, &request, &signature, err));
	assert_int_equal(
	    sgl_pubkey_read(engine, sgl_key_get_spki(key), &public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_verify(engine, public, &request.sig, request.input,
		sgl_slice_of(signature.bytes, signature.len), &good, NULL),
	    SGL_OK);
	assert_true(good);
	return SGL_OK;
}

static void
expect_failure(const char *what, sgl_status want, const char *text)
{
	sgl_key *key = NULL;
	sgl_err err = {.text = ""};

	assert_int_equal(source.open(source.ctx, what, &key, &err), want);
	assert_null(key);
	if (strstr(err.text, text) == NULL)
		fail_msg("not \"%s\" but \"%s\"", text, err.text);
	assert_null(strstr(err.detail, "pin-source"));
	/* The token, or the file that is missing. */
	assert_true(strstr(err.detail, "alice") != NULL ||
	    strcmp(err.detail, sgl_folder_path(&folder, "pin")) == 0);
}

/* ------------------------------------------------------------ the tests --- */

static void
a_key_outlives_who_has_it(void **state)
{
	SGL_AUTO(sgl_key)
	real = make_token("alice");
	SGL_AUTO(sgl_key)
	key = NULL;

	(void)state;
	assert_int_equal(
	    source.open(source.ctx, uri_of("alice"), &key, NULL), SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_key_get_spki(key), sgl_key_get_spki(real)));
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(sign(key, NULL), SGL_OK);
		assert_int_equal(num_summoned, i);
		token_far_end(&child);
	}
	is_away = true;
	assert_int_equal(sign(key, NULL), SGL_E_IO);
	is_away = false;
	assert_int_equal(sign(key, NULL), SGL_OK);
}

/* What was certified was the other one. */
static void
another_key_in_its_place_is_none(void **state)
{
	SGL_AUTO(sgl_key)
	first = make_token("alice");
	SGL_AUTO(sgl_key)
	second = NULL;
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_err err = {0};
	char tokens[1024];

	(void)state;
	assert_non_null(first);
	assert_int_equal(
	    source.open(source.ctx, uri_of("alice"), &key, NULL), SGL_OK);
	token_far_end(&child);
	(void)snprintf(
	    tokens, sizeof tokens, "%s", sgl_folder_path(&folder, "tokens"));
	assert_int_equal(rename(tokens, sgl_folder_path(&folder, "old")), 0);
	assert_int_equal(mkdir(tokens, 0700), 0);
	second = make_token("alice");
	assert_int_equal(sign(key, &err), SGL_E_NOKEY);
}

static sgl_status
on_pin(void *ctx, const sgl_pin_note *note, sgl_err *err)
{
	(void)ctx;
	assert_int_equal(note->fate != SGL_PIN_SHOWN, num_noted % 2);
	noted = *note;
	num_noted++;
	return is_deaf ? sgl_fail(err, SGL_E_IO, "test", SGL_NO_OFFSET, "deaf")
		       : SGL_OK;
}

static void
what_became_of_a_pin_is_noted(void **state)
{
	SGL_AUTO(sgl_key)
	real = make_token("alice");
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_err err = {0};

	(void)state;
	assert_non_null(real);
	num_noted = 0;
	assert_int_equal(sgl_token_new(engine, uri_of("alice"),
			     (sgl_slice){NULL, 0}, &t, NULL),
	    SGL_OK);
	sgl_token_watch_pin(t, on_pin, NULL);
	/* What cannot be noted is not shown. */
	is_deaf = true;
	assert_int_equal(sgl_token_begin(t, &err), SGL_E_IO);
	assert_int_equal(num_noted, 1);
	is_deaf = false;
	num_noted = 0;
	assert_int_equal(sgl_token_begin(t, &err), SGL_OK);
	assert_int_equal(num_noted, 2);
	assert_int_equal(noted.fate, SGL_PIN_GOOD);
	/* Whoever showed it has ended in between, right as it was. */
	noted.fate = SGL_PIN_SHOWN;
	is_known = true;
	expect_failure(
	    uri_of("alice"), SGL_E_PASSWORD, "ended before it was answered");
}

static void
a_wrong_pin_is_shown_once(void **state)
{
	SGL_AUTO(sgl_key)
	real = make_token("alice");
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_err err = {0};

	(void)state;
	assert_non_null(real);
	sgl_folder_write(&folder, "pin", SGL_LIT("0000\n"));
	expect_failure(uri_of("alice"), SGL_E_PASSWORD, "wrong PIN");
	/* The same process does not try again. */
	expect_failure(
	    uri_of("alice"), SGL_E_PASSWORD, "not shown to it again");
	assert_int_equal(num_summoned, 1);
	token_far_end(&child);
	sgl_token_line_leave(&line);
	/* Nor does the next one, if it is told. */
	assert_int_equal(sgl_token_new(engine, uri_of("alice"),
			     (sgl_slice){NULL, 0}, &t, NULL),
	    SGL_OK);
	num_noted = 0;
	sgl_token_watch_pin(t, on_pin, NULL);
	assert_int_equal(sgl_token_begin(t, &err), SGL_E_PASSWORD);
	assert_int_equal(num_noted, 2);
	assert_int_equal(noted.fate, SGL_PIN_WRONG);
	is_known = true;
	expect_failure(
	    uri_of("alice"), SGL_E_PASSWORD, "not shown to it again");
	/* A corrected one is read by who begins anew for it. */
	sgl_folder_write(&folder, "pin", SGL_LIT(HSM_PIN "\n"));
	{
		SGL_AUTO(sgl_key)
		key = NULL;

		assert_int_equal(
		    source.open(source.ctx, uri_of("alice"), &key, NULL),
		    SGL_OK);
		assert_int_equal(sign(key, NULL), SGL_OK);
	}
	assert_int_equal(num_summoned, 3);
}

static void
what_is_not_there_is_named(void **state)
{
	SGL_AUTO(sgl_key)
	real = make_token("bob");
	char other[2100];

	(void)state;
	assert_non_null(real);
	expect_failure(uri_of("alice"), SGL_E_NOKEY, "no token matches");
	(void)unlink(sgl_folder_path(&folder, "pin"));
	expect_failure(uri_of("alice"), SGL_E_IO, "");
	(void)snprintf(
	    other, sizeof other, "pkcs11:token=alice;object=%02000d", 1);
	is_away = true;
	sgl_token_line_leave(&line);
	expect_failure(other, SGL_E_IO, "does not run");
}

/* -------------------------------------------------------------- strangers ---
 */

static void
put(sgl_buf *out, unsigned type, size_t len, sgl_slice body)
{
	const sgl_wire_head head = sgl_wire_head_of(len, type);

	assert_int_equal(
	    sgl_buf_add(out, sgl_slice_of(head.bytes, sizeof head.bytes), NULL),
	    SGL_OK);
	assert_int_equal(sgl_buf_add(out, body, NULL), SGL_OK);
}

static void
expect_refused(unsigned type, size_t len, sgl_slice body)
{
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(65536);
	sgl_key *key = NULL;
	sgl_err err = {0};

	put(&bytes, type, len, body);
	answer = sgl_buf_slice(&bytes);
	sgl_token_line_leave(&line);
	assert_int_not_equal(
	    source.open(source.ctx, "pkcs11:token=alice", &key, &err), SGL_OK);
	assert_null(key);
	assert_string_not_equal(err.text, "");
}

static void
whatever_a_stranger_answers(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) good = sgl_buf_init(4096);
	sgl_wire w = sgl_wire_over(&good);
	SGL_AUTO(sgl_key)
	some = NULL;
	sgl_token_opened o = {.place = 3};

	(void)state;
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &some, NULL), SGL_OK);
	o.spki = sgl_key_get_spki(some);
	sgl_token_add_opened(&w, &o);
	assert_int_equal(sgl_wire_end(&w, NULL), SGL_OK);
	for (size_t i = 0; i < good.len; i++) {
		const sgl_slice part = sgl_slice_first(sgl_buf_slice(&good), i);

		expect_refused(SGL_TOKEN_OPENED, i, part);
		expect_refused(SGL_TOKEN_OPENED, good.len, part);
	}
	expect_refused(SGL_MESSAGE_KEY_ANSWER, good.len, sgl_buf_slice(&good));
	expect_refused(SGL_MESSAGE_FAILURE, good.len, sgl_buf_slice(&good));
	expect_refused(SGL_TOKEN_OPENED, UINT32_MAX, (sgl_slice){NULL, 0});
	/* No public key, and one that begins anew without end. */
	good.len = 0;
	o.spki = SGL_LIT("no key");
	sgl_token_add_opened(&w, &o);
	expect_refused(SGL_TOKEN_OPENED, good.len, sgl_buf_slice(&good));
	good.len = 0;
	o = (sgl_token_opened){.anew = true};
	sgl_token_add_opened(&w, &o);
	expect_refused(SGL_TOKEN_OPENED, good.len, sgl_buf_slice(&good));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_key_outlives_who_has_it),
	    TEST(another_key_in_its_place_is_none),
	    TEST(what_became_of_a_pin_is_noted),
	    TEST(a_wrong_pin_is_shown_once),
	    TEST(what_is_not_there_is_named),
	    TEST(whatever_a_stranger_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
