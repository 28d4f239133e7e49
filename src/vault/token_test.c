/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on tokens at work, with SoftHSM as the token. */
#include "vault/hsm_test.h"

#include "cms/reader.h"
#include "cms/writer.h"
#include "support/feed.h"
#include "vault/token.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define NO_PIN ((sgl_slice){NULL, 0})
#define MAX_OUT ((size_t)1 << 20)

enum { RSA, P256, P384, P521, ED, X, NUM_PEOPLE };

static const struct {
	sgl_key_kind kind;
	const char *name;
} kinds[NUM_PEOPLE] = {
    {SGL_KEY_RSA, "rsa"},
    {SGL_KEY_P256, "p256"},
    {SGL_KEY_P384, "p384"},
    {SGL_KEY_P521, "p521"},
    {SGL_KEY_ED25519, "ed"},
    {SGL_KEY_X25519, "x"},
};

/* The same keys in memory and on the token. */
static struct {
	sgl_engine *engine;
	sgl_folder folder;
	sgl_tester people[NUM_PEOPLE];
} the;

static int
set_up(void **state)
{
	hsm h;

	(void)state;
	if (sgl_engine_new(NULL, &the.engine, NULL) != SGL_OK)
		return -1;
	sgl_folder_make(&the.folder);
	hsm_prepare(&the.folder);
	hsm_new(&h, "alice");
	for (uint8_t i = 0; i < NUM_PEOPLE; i++) {
		sgl_tester *p = &the.people[i];
		const hsm_how how = {kinds[i].name, (uint8_t)(i + 1), false};
		sgl_tester_make(the.engine, kinds[i].kind, kinds[i].name,
		    (uint8_t)(i + 1), SGL_KU_ALL, p);
		hsm_add_private(&h, p->key, &how);
		hsm_add_cert(&h, sgl_cert_get_der(p->cert), how.label, how.id);
	}
	hsm_done(&h);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_PEOPLE; i++)
		sgl_tester_clear(&the.people[i]);
	sgl_engine_free(the.engine);
	sgl_folder_remove(&the.folder);
	return 0;
}

/* What a test has open. */
typedef struct open_token {
	sgl_token *token;
	sgl_keyring ring;
} open_token;

static void
put_away(open_token *o)
{
	sgl_keyring_clear(&o->ring);
	sgl_token_free(o->token);
	(void)unsetenv("SIGILL_SHIM");
}
SGL_AUTO_CLEAR_TYPE(open_token, put_away)

static const char *
uri_of(const char *path, const char *query)
{
	static char uri[1024];

	(void)snprintf(uri, sizeof uri, "pkcs11:%s?module-path=%s%s", path,
	    getenv("SIGILL_TOKEN_SHIM"), query);
	return uri;
}

static void
open_it(open_token *o, const char *path)
{
	sgl_err err = {0};

	if (sgl_token_open(the.engine, uri_of(path, ""), SGL_LIT(HSM_PIN),
		&o->token, &err) != SGL_OK ||
	    sgl_token_add_to_ring(o->token, &o->ring, &err) != SGL_OK)
		fail_msg("%s: %s (%s)", path, err.text, err.detail);
}

static sgl_key *
key_of(const open_token *o, int who)
{
	sgl_key *key = sgl_keyring_find_key(&o->ring, the.people[who].cert);

	assert_non_null(key);
	assert_int_equal(sgl_key_get_kind(key), kinds[who].kind);
	return key;
}

static void
ask(sgl_key *key, const sgl_key_request *request, sgl_key_answer *answer)
{
	sgl_err err = {0};

	if (sgl_key_ask(the.engine, key, request, answer, &err) != SGL_OK)
		fail_msg("%s (%s)", err.text, err.detail);
}

static void
expect(sgl_status got, sgl_status want, const sgl_err *err, const char *text)
{
	if (got != want || strcmp(err->text, text) != 0)
		fail_msg("%s, but %s: %s (%s)", sgl_status_name(want),
		    sgl_status_name(got), err->text, err->detail);
	assert_null(strstr(err->detail, HSM_PIN));
}

/* --- signing --- */

static const struct {
	int who;
	sgl_sig_alg alg;
} signatures[] = {
    {RSA, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}},
    {RSA, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA1, 0, 0}},
    {RSA, {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA512, 0, 0}},
    {RSA, {SGL_SIG_RSA_PSS, SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, 32}},
    {RSA, {SGL_SIG_RSA_PSS, SGL_DIGEST_SHA512, SGL_DIGEST_SHA512, 20}},
    {P256, {SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0}},
    {P256, {SGL_SIG_ECDSA, SGL_DIGEST_SHA512, 0, 0}},
    {P384, {SGL_SIG_ECDSA, SGL_DIGEST_SHA384, 0, 0}},
    {P521, {SGL_SIG_ECDSA, SGL_DIGEST_SHA512, 0, 0}},
    {ED, {SGL_SIG_ED25519, SGL_DIGEST_SHA512, 0, 0}},
};

static void
sign_and_verify(sgl_key *key, int who, const sgl_sig_alg *alg)
{
	const sgl_key_request request = {
	    .op = SGL_KEY_SIGN, .input = SGL_LIT("a message"), .sig = *alg};
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	sgl_key_answer answer;
	bool good = false;

	ask(key, &request, &answer);
	assert_int_equal(
	    sgl_pubkey_read(the.engine, sgl_cert_get_spki(the.people[who].cert),
		&public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_verify(the.engine, public, alg, request.input,
		sgl_slice_of(answer.bytes, answer.len), &good, NULL),
	    SGL_OK);
	assert_true(good);
}

static void
a_signature_from_the_token_verifies(void **state)
{
	SGL_AUTO_CLEAR(open_token) o = {0};

	(void)state;
	open_it(&o, "token=alice");
	assert_int_equal(o.ring.num_keys, NUM_PEOPLE);
	assert_int_equal(o.ring.certs.num, NUM_PEOPLE);
	for (size_t i = 0; i < COUNT(signatures); i++)
		for (int again = 0; again < 3; again++)
			sign_and_verify(key_of(&o, signatures[i].who),
			    signatures[i].who, &signatures[i].alg);
}

static void
a_key_makes_only_its_own_kind_of_signature(void **state)
{
	SGL_AUTO_CLEAR(open_token) o = {0};
	sgl_key_request request = {.op = SGL_KEY_SIGN};
	sgl_key_answer answer;

	(void)state;
	open_it(&o, "token=alice");
	for (size_t i = 0; i < COUNT(signatures); i++) {
		request.sig = signatures[i].alg;
		assert_int_equal(sgl_key_ask(the.engine, key_of(&o, X),
				     &request, &answer, NULL),
		    SGL_E_UNSUPPORTED);
	}
	request.sig = signatures[0].alg;
	request.sig.digest = SGL_DIGEST_MD5;
	assert_int_equal(
	    sgl_key_ask(the.engine, key_of(&o, RSA), &request, &answer, NULL),
	    SGL_E_UNSUPPORTED);
}

/* --- decrypting --- */

static void
encrypt_to(int who, const sgl_oaep *oaep, sgl_slice in, sgl_buf *out)
{
	SGL_AUTO(sgl_pubkey)
	public = NULL;

	*out = sgl_buf_init(SGL_ANSWER_MAX);
	assert_int_equal(
	    sgl_pubkey_read(the.engine, sgl_cert_get_spki(the.people[who].cert),
		&public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_encrypt(the.engine, public, oaep, in, out, NULL),
	    SGL_OK);
}

static const uint8_t content_key[32] = {0, 1, 2, 3, 250, 0};

static void
assert_content_key(const sgl_key_answer *answer)
{
	assert_int_equal(answer->len, sizeof content_key);
	assert_memory_equal(answer->bytes, content_key, sizeof content_key);
}

/* However the token decrypts: good ones open, bad ones get an answer too. */
static void
v15_with(const char *shim)
{
	SGL_AUTO_CLEAR(open_token) o = {0};
	SGL_AUTO_CLEAR(sgl_buf) in = {0};
	sgl_key_request request = {
	    .op = SGL_KEY_RSA_V15, .want_len = sizeof content_key};
	sgl_key_answer good, bad, again;
	sgl_key *key;

	open_it(&o, "token=alice;object=rsa");
	(void)setenv("SIGILL_SHIM", shim, 1);
	key = key_of(&o, RSA);
	encrypt_to(RSA, NULL, sgl_slice_of(content_key, 32), &in);
	request.input = sgl_buf_slice(&in);
	ask(key, &request, &good);
	assert_content_key(&good);
	for (size_t i = 0; i < in.len; i += 17) {
		in.data[i] ^= 1;
		ask(key, &request, &bad);
		ask(key, &request, &again);
		assert_int_equal(bad.len, sizeof content_key);
		assert_memory_equal(bad.bytes, again.bytes, bad.len);
		assert_memory_not_equal(bad.bytes, content_key, bad.len);
		in.data[i] ^= 1;
	}
	for (size_t want = 1; want < 300; want += want < 40 ? 1 : 50) {
		request.want_len = want;
		ask(key, &request, &bad);
		assert_int_equal(bad.len, want);
		if (want >= 8 && want != 32)
			assert_memory_not_equal(bad.bytes, content_key, 8);
	}
	request.want_len = 32;
	ask(key, &request, &good);
	assert_content_key(&good);
}

static void
v15_opens_and_bad_ciphertexts_get_an_answer(void **state)
{
	(void)state;
	v15_with("");
	v15_with("dropped-zeros");
	v15_with("no-raw");
	v15_with("decrypt-only");
}

/* Ciphertexts that no token takes. */
static void
v15_answers_what_is_no_ciphertext(void **state)
{
	static const char *const shims[] = {"", "no-raw"};
	uint8_t in[257];
	sgl_key_request request = {
	    .op = SGL_KEY_RSA_V15, .want_len = sizeof content_key};
	sgl_key_answer answer, again;

	(void)state;
	memset(in, 0xff, sizeof in);
	for (size_t i = 0; i < COUNT(shims); i++) {
		SGL_AUTO_CLEAR(open_token) o = {0};
		open_it(&o, "token=alice;object=rsa");
		(void)setenv("SIGILL_SHIM", shims[i], 1);
		for (size_t len = 0; len <= sizeof in;
		     len += 1 + len % 2 * 254) {
			request.input = sgl_slice_of(in, len);
			ask(key_of(&o, RSA), &request, &answer);
			ask(key_of(&o, RSA), &request, &again);
			assert_int_equal(answer.len, 32);
			assert_memory_equal(answer.bytes, again.bytes, 32);
		}
	}
	request.want_len = 0;
}

/* The answer to a bad ciphertext is the key's, not the session's. */
static void
v15_answers_stay_the_same(void **state)
{
	static const char *const shims[] = {"", "no-raw"};
	uint8_t in[256] = {0};
	sgl_key_request request = {.op = SGL_KEY_RSA_V15,
	    .input = sgl_slice_of(in, sizeof in),
	    .want_len = 16};
	sgl_key_answer answers[2];

	(void)state;
	in[255] = 7;
	for (size_t i = 0; i < COUNT(shims); i++) {
		for (size_t n = 0; n < 2; n++) {
			SGL_AUTO_CLEAR(open_token) o = {0};
			open_it(&o, "token=alice;object=rsa");
			(void)setenv("SIGILL_SHIM", shims[i], 1);
			ask(key_of(&o, RSA), &request, &answers[n]);
		}
		assert_memory_equal(answers[0].bytes, answers[1].bytes, 16);
	}
}

static void
oaep_opens(void **state)
{
	static const sgl_oaep forms[] = {
	    {SGL_DIGEST_SHA1, SGL_DIGEST_SHA1, {NULL, 0}},
	    {SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, {NULL, 0}},
	    {SGL_DIGEST_SHA512, SGL_DIGEST_SHA1, {NULL, 0}},
	    {SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, {content_key, 5}},
	};
	SGL_AUTO_CLEAR(open_token) o = {0};

	(void)state;
	open_it(&o, "token=alice;object=rsa");
	for (size_t i = 0; i < COUNT(forms); i++) {
		SGL_AUTO_CLEAR(sgl_buf) in = {0};
		sgl_key_request request = {.op = SGL_KEY_RSA_OAEP,
		    .oaep_digest = forms[i].digest,
		    .oaep_mgf = forms[i].mgf,
		    .oaep_label = forms[i].label};
		sgl_key_answer answer;

		encrypt_to(RSA, &forms[i], sgl_slice_of(content_key, 32), &in);
		request.input = sgl_buf_slice(&in);
		ask(key_of(&o, RSA), &request, &answer);
		assert_content_key(&answer);
		for (size_t at = 0; at < in.len; at += 51) {
			in.data[at] ^= 1;
			assert_int_equal(
			    sgl_key_ask(the.engine, key_of(&o, RSA), &request,
				&answer, NULL),
			    SGL_E_DECRYPT);
			in.data[at] ^= 1;
		}
		request.input.len--;
		assert_int_equal(sgl_key_ask(the.engine, key_of(&o, RSA),
				     &request, &answer, NULL),
		    SGL_E_DECRYPT);
	}
}

static void
oaep_needs_a_token_that_can(void **state)
{
	SGL_AUTO_CLEAR(open_token) o = {0};
	SGL_AUTO_CLEAR(sgl_buf) in = {0};
	const sgl_oaep form = {SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, {NULL, 0}};
	sgl_key_request request = {.op = SGL_KEY_RSA_OAEP,
	    .oaep_digest = form.digest,
	    .oaep_mgf = form.mgf};
	sgl_key_answer answer;
	sgl_err err = {0};

	(void)state;
	open_it(&o, "token=alice;object=rsa");
	(void)setenv("SIGILL_SHIM", "no-oaep", 1);
	encrypt_to(RSA, &form, sgl_slice_of(content_key, 32), &in);
	request.input = sgl_buf_slice(&in);
	expect(
	    sgl_key_ask(the.engine, key_of(&o, RSA), &request, &answer, &err),
	    SGL_E_UNSUPPORTED, &err, "the key on the token cannot do that");
}

/* --- agreeing --- */

static void
agree_with(const char *shim, int who)
{
	SGL_AUTO_CLEAR(open_token) o = {0};
	SGL_AUTO_CLEAR(sgl_buf) point = sgl_buf_init(256);
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	sgl_key_request request = {.op = SGL_KEY_ECDH};
	sgl_key_answer answer;

	open_it(&o, "token=alice");
	(void)setenv("SIGILL_SHIM", shim, 1);
	assert_int_equal(
	    sgl_pubkey_read(the.engine, sgl_cert_get_spki(the.people[who].cert),
		&public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_agree(the.engine, public, &point, &secret, NULL),
	    SGL_OK);
	request.input = sgl_buf_slice(&point);
	ask(key_of(&o, who), &request, &answer);
	assert_true(sgl_slice_eq(
	    sgl_secret_slice(&secret), sgl_slice_of(answer.bytes, answer.len)));
	if (who == X)
		return;
	/* The same point, compressed. */
	point.data[0] = (uint8_t)(2 | (point.data[point.len - 1] & 1));
	request.input = sgl_slice_of(point.data, 1 + point.len / 2);
	ask(key_of(&o, who), &request, &answer);
	assert_true(sgl_slice_eq(
	    sgl_secret_slice(&secret), sgl_slice_of(answer.bytes, answer.len)));
}

static void
both_sides_agree(void **state)
{
	(void)state;
	for (int who = P256; who <= P521; who++)
		for (int again = 0; again < 3; again++)
			agree_with("", who);
	agree_with("", X);
	agree_with("wrapped-point", P256);
	agree_with("wrapped-point", P384);
}

/* A point that is none never gets to the token. */
static void
bad_points_are_refused(void **state)
{
	SGL_AUTO_CLEAR(open_token) o = {0};
	uint8_t point[65] = {4, 1, 2, 3}, zero[32] = {0};
	sgl_key_request request = {
	    .op = SGL_KEY_ECDH, .input = sgl_slice_of(point, sizeof point)};
	sgl_key_answer answer;

	(void)state;
	open_it(&o, "token=alice");
	assert_int_equal(
	    sgl_key_ask(the.engine, key_of(&o, P256), &request, &answer, NULL),
	    SGL_E_DECRYPT);
	assert_int_equal(
	    sgl_key_ask(the.engine, key_of(&o, X), &request, &answer, NULL),
	    SGL_E_DECRYPT);
	assert_int_equal(
	    sgl_key_ask(the.engine, key_of(&o, RSA), &request, &answer, NULL),
	    SGL_E_UNSUPPORTED);
	request.input = sgl_slice_of(zero, sizeof zero);
	assert_int_not_equal(
	    sgl_key_ask(the.engine, key_of(&o, X), &request, &answer, NULL),
	    SGL_OK);
}

/* --- a whole message --- */

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	(void)so_far;
	(void)err;
	*sink = ctx;
	return SGL_OK;
}

static sgl_status
make_spool(void *ctx, sgl_spool **out, sgl_err *err)
{
	(void)ctx;
	return sgl_memspool_new(MAX_OUT, out, err);
}

static void
read_message(sgl_slice in, const sgl_keyring *keys, sgl_slice want)
{
	SGL_AUTO_CLEAR(sgl_buf) content = sgl_buf_init(MAX_OUT);
	sgl_asker asker = {.is_open = false};
	SGL_AUTO(sgl_cms_reader)
	reader = NULL;
	sgl_bufsink sink;
	sgl_err err = {0};
	sgl_cms_read_options options = {.keys = keys,
	    .spooler = {make_spool, NULL},
	    .asker = &asker,
	    .on_content = on_content,
	    .ctx = &sink};

	sgl_bufsink_init(&sink, &content);
	assert_int_equal(
	    sgl_cms_reader_new(the.engine, &options, &reader, NULL), SGL_OK);
	if (sgl_feed(sgl_cms_reader_sink(reader), in, 0, &err) != SGL_OK)
		fail_msg("%s (%s)", err.text, err.detail);
	assert_true(sink.finished);
	assert_true(sgl_slice_eq(sgl_buf_slice(&content), want));
}

/* Encrypted to the certificate by anybody, read with the card. */
static void
a_message_is_read_with_the_token(void **state)
{
	static const int readers[] = {RSA, RSA, P256, P384, P521, X};
	SGL_AUTO_CLEAR(open_token) o = {0};

	(void)state;
	open_it(&o, "token=alice");
	for (size_t i = 0; i < COUNT(readers); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		SGL_AUTO(sgl_enveloped_writer)
		writer = NULL;
		sgl_certs to = {0};
		sgl_bufsink sink;
		const sgl_enveloped_options options = {.recipients = &to,
		    .cipher = SGL_CIPHER_AES256_CBC,
		    .oaep = i == 1};

		sgl_bufsink_init(&sink, &out);
		assert_int_equal(
		    sgl_certs_add(&to, the.people[readers[i]].cert, NULL),
		    SGL_OK);
		assert_int_equal(sgl_enveloped_writer_new(the.engine, &options,
				     &sink.sink, &writer, NULL),
		    SGL_OK);
		assert_int_equal(sgl_feed(sgl_enveloped_writer_sink(writer),
				     SGL_LIT("for your eyes only"), 0, NULL),
		    SGL_OK);
		read_message(sgl_buf_slice(&out), &o.ring,
		    SGL_LIT("for your eyes only"));
		sgl_certs_clear(&to);
	}
}

static void
a_message_is_signed_with_the_token(void **state)
{
	SGL_AUTO_CLEAR(open_token) o = {0};

	(void)state;
	open_it(&o, "token=alice");
	for (int who = RSA; who <= ED; who++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
		SGL_AUTO(sgl_signed_writer)
		writer = NULL;
		sgl_asker asker = {.is_open = false};
		sgl_signer signer = {
		    .cert = the.people[who].cert, .key = key_of(&o, who)};
		const sgl_signed_options options = {
		    .signers = &signer, .num_signers = 1};
		sgl_bufsink sink;

		sgl_bufsink_init(&sink, &out);
		assert_int_equal(sgl_signed_writer_new(the.engine, &options,
				     &asker, &sink.sink, &writer, NULL),
		    SGL_OK);
		assert_int_equal(sgl_feed(sgl_signed_writer_sink(writer),
				     SGL_LIT("I said so"), 0, NULL),
		    SGL_OK);
		assert_false(asker.is_open);
		read_message(sgl_buf_slice(&out), NULL, SGL_LIT("I said so"));
	}
}

/* --- when something happens to the token --- */

static const sgl_key_request some_signature = {.op = SGL_KEY_SIGN,
    .input = SGL_LIT("a message"),
    .sig = {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}};

static void
a_lost_session_is_opened_again(void **state)
{
	static const char *const shims[] = {"session-lost", "logged-out"};
	SGL_AUTO_CLEAR(open_token) o = {0};

	(void)state;
	open_it(&o, "token=alice");
	for (size_t i = 0; i < COUNT(shims); i++)
		for (size_t n = 0; n < COUNT(signatures); n++) {
			(void)setenv("SIGILL_SHIM", shims[i], 1);
			sign_and_verify(key_of(&o, signatures[n].who),
			    signatures[n].who, &signatures[n].alg);
			assert_null(getenv("SIGILL_SHIM"));
		}
}

static const struct {
	const char *shim;
	const char *text;
} troubles[] = {
    {"removed", "the token was removed: insert it again"},
    {"device-error", "the token fails"},
    {"short", "the token gave an answer of the wrong length"},
};

static void
trouble_is_told(void **state)
{
	SGL_AUTO_CLEAR(open_token) o = {0};
	sgl_key_answer answer;

	(void)state;
	open_it(&o, "token=alice");
	for (size_t i = 0; i < COUNT(troubles); i++) {
		sgl_err err = {0};
		(void)setenv("SIGILL_SHIM", troubles[i].shim, 1);
		expect(sgl_key_ask(the.engine, key_of(&o, RSA), &some_signature,
			   &answer, &err),
		    SGL_E_IO, &err, troubles[i].text);
		assert_non_null(strstr(err.detail, "alice"));
	}
	/* Put in again, it works again. */
	(void)unsetenv("SIGILL_SHIM");
	ask(key_of(&o, RSA), &some_signature, &answer);
}

/* That is no matter of the ciphertext: v1.5 must not paint over it. */
static void
v15_tells_of_a_removed_token(void **state)
{
	SGL_AUTO_CLEAR(open_token) o = {0};
	uint8_t in[256] = {1};
	const sgl_key_request request = {.op = SGL_KEY_RSA_V15,
	    .input = sgl_slice_of(in, sizeof in),
	    .want_len = 16};
	sgl_key_answer answer;
	sgl_err err = {0};

	(void)state;
	open_it(&o, "token=alice");
	ask(key_of(&o, RSA), &request, &answer);
	(void)setenv("SIGILL_SHIM", "removed", 1);
	expect(
	    sgl_key_ask(the.engine, key_of(&o, RSA), &request, &answer, &err),
	    SGL_E_IO, &err, troubles[0].text);
}

/* The PIN is not sent to whatever card is in the reader now. */
static void
another_token_gets_no_pin(void **state)
{
	SGL_AUTO_CLEAR(open_token) o = {0};
	sgl_key_answer answer;
	sgl_err err = {0};

	(void)state;
	open_it(&o, "token=alice");
	(void)setenv("SIGILL_SHIM", "removed", 1);
	assert_int_equal(sgl_key_ask(the.engine, key_of(&o, RSA),
			     &some_signature, &answer, NULL),
	    SGL_E_IO);
	(void)setenv("SIGILL_SHIM", "swapped", 1);
	expect(sgl_key_ask(
		   the.engine, key_of(&o, RSA), &some_signature, &answer, &err),
	    SGL_E_IO, &err,
	    "another token is in the slot now: insert the first one again");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_signature_from_the_token_verifies),
	    cmocka_unit_test(a_key_makes_only_its_own_kind_of_signature),
	    cmocka_unit_test(v15_opens_and_bad_ciphertexts_get_an_answer),
	    cmocka_unit_test(v15_answers_what_is_no_ciphertext),
	    cmocka_unit_test(v15_answers_stay_the_same),
	    cmocka_unit_test(oaep_opens),
	    cmocka_unit_test(oaep_needs_a_token_that_can),
	    cmocka_unit_test(both_sides_agree),
	    cmocka_unit_test(bad_points_are_refused),
	    cmocka_unit_test(a_message_is_read_with_the_token),
	    cmocka_unit_test(a_message_is_signed_with_the_token),
	    cmocka_unit_test(a_lost_session_is_opened_again),
	    cmocka_unit_test(trouble_is_told),
	    cmocka_unit_test(v15_tells_of_a_removed_token),
	    cmocka_unit_test(another_token_gets_no_pin),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
