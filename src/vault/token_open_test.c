/* SPDX-License-Identifier: Apache-2.0 */
/* Which token, which PIN, which keys. */
#include "vault/hsm_test.h"

#include "sys/user.h"
#include "vault/token.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define NO_PIN ((sgl_slice){NULL, 0})
#define PIN SGL_LIT(HSM_PIN)
#define OTHER 54321

static sgl_engine *engine;
static sgl_folder folder;

static int
set_up(void **state)
{
	(void)state;
	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	sgl_folder_make(&folder);
	hsm_prepare(&folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unsetenv("SIGILL_SHIM");
	(void)unsetenv("SIGILL_SHIM_PIN");
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static sgl_tester
make_person(sgl_key_kind kind, uint8_t serial)
{
	sgl_tester p;

	sgl_tester_make(engine, kind, "alice", serial, SGL_KU_ALL, &p);
	return p;
}

/* A token with one P-256 key and its certificate. */
static void
make_token(const char *label)
{
	sgl_tester p = make_person(SGL_KEY_P256, 1);
	const hsm_how how = {"mail", 1, false};
	hsm h;

	hsm_new(&h, label);
	hsm_add_private(&h, p.key, &how);
	hsm_add_cert(&h, sgl_cert_get_der(p.cert), "mail", 1);
	hsm_done(&h);
	sgl_tester_clear(&p);
}

static const char *
uri_of(const char *path, const char *query)
{
	static char uri[2048];

	(void)snprintf(uri, sizeof uri, "pkcs11:%s?module-path=%s%s", path,
	    getenv("SIGILL_TOKEN_SHIM"), query);
	return uri;
}

/* Opens, and expects this outcome; the PIN stands in no text. */
static sgl_err
expect_open(const char *uri, sgl_slice pin, sgl_status want, const char *text)
{
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_err err = {.text = ""};
	sgl_status got = sgl_token_open(engine, uri, pin, &t, &err);

	if (got != want || (want != SGL_OK && strcmp(err.text, text) != 0))
		fail_msg("%s, but %s: %s (%s)", sgl_status_name(want),
		    sgl_status_name(got), err.text, err.detail);
	assert_null(strstr(err.detail, HSM_PIN));
	assert_int_equal(t == NULL, want != SGL_OK);
	return err;
}

/* Opens and adds: how many keys and certificates come. */
static void
expect_ring(const char *path, size_t num_keys, size_t num_certs)
{
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_keyring ring = {0};
	sgl_err err = {0};

	if (sgl_token_open(engine, uri_of(path, ""), PIN, &t, &err) != SGL_OK ||
	    sgl_token_add_to_ring(t, &ring, &err) != SGL_OK)
		fail_msg("%s: %s (%s)", path, err.text, err.detail);
	assert_int_equal(ring.num_keys, num_keys);
	assert_int_equal(ring.certs.num, num_certs);
	sgl_keyring_clear(&ring);
}

static void
expect_no_key(const char *path, const char *text)
{
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_keyring ring = {0};
	sgl_err err = {0};

	assert_int_equal(
	    sgl_token_open(engine, uri_of(path, ""), PIN, &t, &err), SGL_OK);
	assert_int_equal(sgl_token_add_to_ring(t, &ring, &err), SGL_E_NOKEY);
	assert_string_equal(err.text, text);
	sgl_keyring_clear(&ring);
}

/* --- PINs --- */

static void
the_pin_may_come_from_anywhere(void **state)
{
	char query[600];

	(void)state;
	make_token("alice");
	sgl_folder_write(&folder, "pin", SGL_LIT(HSM_PIN "\n"));
	expect_open(uri_of("token=alice", ""), PIN, SGL_OK, "");
	expect_open(
	    uri_of("token=alice", "&pin-value=" HSM_PIN), NO_PIN, SGL_OK, "");
	(void)snprintf(query, sizeof query, "&pin-source=file:%s",
	    sgl_folder_path(&folder, "pin"));
	expect_open(uri_of("token=alice", query), NO_PIN, SGL_OK, "");
	(void)snprintf(query, sizeof query, "&pin-source=file://%s",
	    sgl_folder_path(&folder, "pin"));
	expect_open(uri_of("token=alice", query), NO_PIN, SGL_OK, "");
	/* Who gives one himself means it. */
	expect_open(uri_of("token=alice", "&pin-value=9999"), PIN, SGL_OK, "");
	expect_open(uri_of("token=alice", "&pin-value=" HSM_PIN),
	    SGL_LIT("9999"), SGL_E_PASSWORD, "wrong PIN for the token");
}

static void
a_pin_source_is_a_file(void **state)
{
	static const char text[] = "pin-source in a pkcs11: URI may only be a "
				   "file: and its whole path";

	(void)state;
	make_token("alice");
	expect_open(uri_of("token=alice", "&pin-source=%7ccat%20/etc/passwd"),
	    NO_PIN, SGL_E_USAGE, text);
	expect_open(uri_of("token=alice", "&pin-source=file:pin"), NO_PIN,
	    SGL_E_USAGE, text);
	expect_open(uri_of("token=alice", "&pin-source=file:/nowhere/pin"),
	    NO_PIN, SGL_E_IO, "no such file or folder");
}

#define NEEDS_PIN                                                              \
	"the token needs a PIN: name the file that has it, with "              \
	"pin-source=file:/... in the URI"

static const struct {
	const char *shim;
	sgl_slice pin;
	const char *text;
} refusals[] = {
    {"", {NULL, 0}, NEEDS_PIN},
    {"", SGL_LIT(""), NEEDS_PIN},
    {"", SGL_LIT("8765"), "wrong PIN for the token"},
    {"", SGL_LIT("1"), "wrong PIN for the token"},
    {"locked", SGL_LIT(HSM_PIN),
	"the PIN of the token is locked: unblock it with the token's own "
	"program"},
    {"last-try", SGL_LIT(HSM_PIN),
	"only one try is left before the token locks its PIN: log in once "
	"with the token's own program"},
    {"last-try", {NULL, 0}, NEEDS_PIN},
    {"expired", SGL_LIT(HSM_PIN),
	"the PIN of the token has expired: set a new one with the token's own "
	"program"},
    {"pad", {NULL, 0}, "no PIN was entered on the token's pin pad"},
};

static void
a_refused_pin_is_told(void **state)
{
	(void)state;
	make_token("alice");
	for (size_t i = 0; i < COUNT(refusals); i++) {
		sgl_err err;
		(void)setenv("SIGILL_SHIM", refusals[i].shim, 1);
		err = expect_open(uri_of("token=alice", ""), refusals[i].pin,
		    SGL_E_PASSWORD, refusals[i].text);
		assert_string_equal(err.detail, "alice");
	}
	(void)unsetenv("SIGILL_SHIM");
	expect_open(uri_of("token=alice", ""), PIN, SGL_OK, "");
}

static void
a_pin_pad_needs_no_pin_from_us(void **state)
{
	(void)state;
	make_token("alice");
	(void)setenv("SIGILL_SHIM", "pad", 1);
	(void)setenv("SIGILL_SHIM_PIN", HSM_PIN, 1);
	expect_open(uri_of("token=alice", ""), NO_PIN, SGL_OK, "");
	/* One that is given is not sent past the pad either. */
	expect_open(uri_of("token=alice", ""), SGL_LIT("9"), SGL_OK, "");
}

/* Keys for signing documents want the PIN for every signature. */
static void
a_key_may_want_the_pin_each_time(void **state)
{
	sgl_tester p = make_person(SGL_KEY_RSA, 1);
	const hsm_how how = {"mail", 1, true};
	const sgl_key_request request = {.op = SGL_KEY_SIGN,
	    .input = SGL_LIT("a message"),
	    .sig = {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}};
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_keyring ring = {0};
	sgl_key_answer answer;
	sgl_err err = {0};
	hsm h;

	(void)state;
	hsm_new(&h, "alice");
	hsm_add_private(&h, p.key, &how);
	hsm_done(&h);
	assert_int_equal(
	    sgl_token_open(engine, uri_of("token=alice", ""), PIN, &t, NULL),
	    SGL_OK);
	assert_int_equal(sgl_token_add_to_ring(t, &ring, NULL), SGL_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    sgl_key_ask(engine, ring.keys[0], &request, &answer, NULL),
		    SGL_OK);
	/* Nothing is left half begun when the PIN is refused in between. */
	(void)setenv("SIGILL_SHIM", "last-try", 1);
	assert_int_equal(
	    sgl_key_ask(engine, ring.keys[0], &request, &answer, &err),
	    SGL_E_PASSWORD);
	(void)unsetenv("SIGILL_SHIM");
	assert_int_equal(
	    sgl_key_ask(engine, ring.keys[0], &request, &answer, NULL), SGL_OK);
	sgl_keyring_clear(&ring);
	sgl_tester_clear(&p);
}

/* --- which token --- */

static const struct {
	const char *uri;
	const char *text;
} no_uris[] = {
    {"", "is not a pkcs11: URI"},
    {"pkcs12:token=alice", "is not a pkcs11: URI"},
    {"pkcs11:token=%zz?pin-value=" HSM_PIN, "is not a pkcs11: URI"},
    {"pkcs11:token", "is not a pkcs11: URI"},
    {"pkcs11:colour=red;token=alice",
	"the pkcs11: URI has a part that is not known"},
    {"pkcs11:token=alice;type=public",
	"a pkcs11: URI can name type=private or type=cert here"},
};

static void
what_is_no_uri_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(no_uris); i++)
		expect_open(no_uris[i].uri, PIN, SGL_E_USAGE, no_uris[i].text);
}

static void
a_module_that_is_none_is_told(void **state)
{
	static const char text[] =
	    "the PKCS#11 module cannot be loaded: look at module-path";
	char uri[600];

	(void)state;
	sgl_folder_write(&folder, "module.so", SGL_LIT("no module"));
	(void)snprintf(uri, sizeof uri, "pkcs11:?module-path=%s",
	    sgl_folder_path(&folder, "module.so"));
	expect_open(uri, PIN, SGL_E_IO, text);
	expect_open(
	    "pkcs11:?module-path=/nowhere/module.so", PIN, SGL_E_IO, text);
}

/* The URI may be somebody else's, whom root only acts as: the module would be
 * loaded with root's rights all the same. */
static void
root_loads_nobody_elses_module(void **state)
{
	const char *text =
	    "root loads no PKCS#11 module that somebody else could have put "
	    "there: let the file and the folders above it belong to root, and "
	    "only root write in them";
	sgl_token *t = NULL;
	sgl_err err = {0};
	sgl_folder f;
	char uri[512];

	(void)state;
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	sgl_folder_make(&f);
	sgl_folder_write(&f, "module.so", SGL_LIT("code of a stranger"));
	assert_int_equal(chown(f.path, OTHER, OTHER), 0);
	(void)snprintf(uri, sizeof uri, "pkcs11:?module-path=%s",
	    sgl_folder_path(&f, "module.so"));
	assert_int_equal(sgl_user_act_as(OTHER, OTHER, NULL), SGL_OK);
	expect_open(uri, PIN, SGL_E_USAGE, text);
	assert_int_equal(geteuid(), OTHER);
	/* Also where it is root just now. */
	assert_true(sgl_user_step_out());
	expect_open(uri, PIN, SGL_E_USAGE, text);
	sgl_user_step_in(true);
	/* One of root's is still looked for. */
	expect_open("pkcs11:token=nobody?module-path=/etc/passwd", PIN,
	    SGL_E_IO,
	    "the PKCS#11 module cannot be loaded: look at module-path");
	sgl_user_act_as_root();
	/* What root finds in somebody's file is not what root has given. */
	assert_int_equal(
	    sgl_token_open_found(engine, uri, &t, &err), SGL_E_USAGE);
	assert_string_equal(err.text, text);
	sgl_folder_remove(&f);
}

static void
no_token_is_told(void **state)
{
	static const char text[] = "no token matches: is it inserted, and does "
				   "p11-kit list-modules show it?";

	(void)state;
	/* SoftHSM always has a slot with a token that nobody has set up. */
	expect_open(uri_of("", ""), PIN, SGL_E_NOKEY, text);
	make_token("alice");
	expect_open(uri_of("token=bob", ""), PIN, SGL_E_NOKEY, text);
	expect_open(uri_of("token=alice;serial=1", ""), PIN, SGL_E_NOKEY, text);
	expect_open(uri_of("token=alice;manufacturer=Acme", ""), PIN,
	    SGL_E_NOKEY, text);
	expect_open(
	    uri_of("token=alice;slot-id=1", ""), PIN, SGL_E_NOKEY, text);
	expect_open(uri_of("token=alice;library-manufacturer=Acme", ""), PIN,
	    SGL_E_NOKEY, text);
	expect_open(
	    uri_of("manufacturer=SoftHSM%20project", ""), PIN, SGL_OK, "");
}

static const char several[] = "several tokens match: say which, with token=, "
			      "serial=, slot-id= or module-name=";

static void
one_of_two_tokens_must_be_named(void **state)
{
	sgl_err err;

	(void)state;
	make_token("alice");
	make_token("bob");
	err = expect_open(uri_of("", ""), PIN, SGL_E_USAGE, several);
	assert_non_null(strstr(err.detail, "token=alice"));
	assert_non_null(strstr(err.detail, "token=bob"));
	expect_open(uri_of("token=bob", ""), PIN, SGL_OK, "");
}

/* The slots of the tokens of that label. */
static size_t
slots_of(const char *label, CK_SLOT_ID found[4])
{
	CK_SLOT_ID slots[16];
	CK_ULONG num = 16;
	size_t n = 0;
	hsm h;

	hsm_load(&h);
	HSM_OK(h.p11->C_GetSlotList(CK_TRUE, slots, &num));
	for (CK_ULONG i = 0; i < num; i++) {
		CK_TOKEN_INFO info;
		HSM_OK(h.p11->C_GetTokenInfo(slots[i], &info));
		if (memcmp(info.label, label, strlen(label)) == 0)
			found[n++] = slots[i];
	}
	hsm_done(&h);
	return n;
}

static void
two_tokens_of_one_label_are_told_apart(void **state)
{
	CK_SLOT_ID slots[4];
	char path[64];
	sgl_err err;

	(void)state;
	make_token("alice");
	make_token("alice");
	err = expect_open(uri_of("token=alice", ""), PIN, SGL_E_USAGE, several);
	assert_int_equal(slots_of("alice", slots), 2);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(
		    path, sizeof path, "token=alice;slot-id=%lu", slots[i]);
		assert_non_null(strstr(err.detail, path));
		expect_open(uri_of(path, ""), PIN, SGL_OK, "");
	}
}

/* Without module-path, among the modules that the system has. */
static void
modules_of_the_system_are_found(void **state)
{
	(void)state;
	make_token("sigill-test-alice");
	expect_open("pkcs11:token=sigill-test-alice", PIN, SGL_OK, "");
	expect_open("pkcs11:token=sigill-test-alice?module-name=softhsm2", PIN,
	    SGL_OK, "");
	expect_open("pkcs11:token=sigill-test-alice?module-name=other", PIN,
	    SGL_E_NOKEY,
	    "no token matches: is it inserted, and does p11-kit list-modules "
	    "show it?");
}

/* --- which keys --- */

static void
keys_are_chosen_by_object_and_id(void **state)
{
	static const char none[] =
	    "no private key on the token has that object= or id=";
	sgl_tester one = make_person(SGL_KEY_P256, 1),
		   two = make_person(SGL_KEY_P384, 2);
	const hsm_how first = {"old", 1, false}, second = {"new", 2, false};
	hsm h;

	(void)state;
	hsm_new(&h, "alice");
	hsm_add_private(&h, one.key, &first);
	hsm_add_private(&h, two.key, &second);
	hsm_add_cert(&h, sgl_cert_get_der(one.cert), "old", 1);
	hsm_add_cert(&h, sgl_cert_get_der(two.cert), "new", 2);
	hsm_done(&h);
	expect_ring("token=alice", 2, 2);
	expect_ring("token=alice;type=private", 2, 2);
	expect_ring("token=alice;object=old", 1, 2);
	expect_ring("token=alice;id=%02", 1, 2);
	expect_ring("token=alice;object=new;id=%02", 1, 2);
	expect_no_key("token=alice;object=new;id=%01", none);
	expect_no_key("token=alice;object=none", none);
	sgl_tester_clear(&one);
	sgl_tester_clear(&two);
}

static void
an_empty_token_is_told(void **state)
{
	hsm h;

	(void)state;
	hsm_new(&h, "alice");
	hsm_done(&h);
	expect_no_key("token=alice", "there is no private key on the token");
}

/* To encrypt to somebody, no PIN is asked for. */
static void
certificates_alone_need_no_pin(void **state)
{
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_keyring ring = {0};

	(void)state;
	make_token("alice");
	assert_int_equal(
	    sgl_token_open(
		engine, uri_of("token=alice;type=cert", ""), NO_PIN, &t, NULL),
	    SGL_OK);
	assert_int_equal(sgl_token_add_to_ring(t, &ring, NULL), SGL_OK);
	assert_int_equal(ring.num_keys, 0);
	assert_int_equal(ring.certs.num, 1);
	sgl_keyring_clear(&ring);
}

/* --- the public half --- */

/* The key's public half must be the one that `p` has. */
static void
expect_public(const sgl_tester *p, const char *shim)
{
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_keyring ring = {0};
	sgl_err err = {0};

	(void)setenv("SIGILL_SHIM", shim, 1);
	if (sgl_token_open(engine, uri_of("token=alice", ""), PIN, &t, &err) !=
		SGL_OK ||
	    sgl_token_add_to_ring(t, &ring, &err) != SGL_OK)
		fail_msg("%s (%s)", err.text, err.detail);
	assert_int_equal(ring.num_keys, 1);
	assert_true(sgl_slice_eq(
	    sgl_key_get_spki(ring.keys[0]), sgl_key_get_spki(p->key)));
	sgl_keyring_clear(&ring);
	(void)unsetenv("SIGILL_SHIM");
}

static const sgl_key_kind all_kinds[] = {
    SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_P384, SGL_KEY_ED25519, SGL_KEY_X25519};

static void
without_certificate_the_public_object_serves(void **state)
{
	for (size_t i = 0; i < COUNT(all_kinds); i++)
		for (uint8_t id = 0; id < 2; id++) {
			sgl_tester p = make_person(all_kinds[i], 1);
			const hsm_how how = {"mail", id, false};
			hsm h;

			hsm_new(&h, "alice");
			hsm_add_private(&h, p.key, &how);
			if (all_kinds[i] != SGL_KEY_RSA)
				hsm_add_public(&h, p.key, &how);
			hsm_done(&h);
			expect_public(&p, "");
			expect_public(&p, "raw-point");
			sgl_tester_clear(&p);
			assert_int_equal(tear_down(state), 0);
			assert_int_equal(set_up(state), 0);
		}
}

static void
a_key_without_public_half_is_no_use(void **state)
{
	sgl_tester p = make_person(SGL_KEY_P256, 1),
		   rsa = make_person(SGL_KEY_RSA, 2);
	const hsm_how how = {"mail", 1, false}, other = {"rsa", 2, false};
	hsm h;

	(void)state;
	hsm_new(&h, "alice");
	hsm_add_private(&h, p.key, &how);
	/* A certificate, but another key's. */
	hsm_add_cert(&h, sgl_cert_get_der(rsa.cert), "rsa", 2);
	hsm_done(&h);
	expect_no_key("token=alice",
	    "the token has the private key, but neither its certificate nor "
	    "its public key");
	/* Beside one that is of use it is passed over. */
	hsm_new(&h, "bob");
	hsm_add_private(&h, p.key, &how);
	hsm_add_private(&h, rsa.key, &other);
	hsm_done(&h);
	expect_ring("token=bob", 1, 0);
	sgl_tester_clear(&p);
	sgl_tester_clear(&rsa);
}

/* In a new session nothing tells which of them it was. */
static void
of_two_alike_none_is_taken(void **state)
{
	sgl_tester one = make_person(SGL_KEY_RSA, 1),
		   two = make_person(SGL_KEY_RSA, 2);
	const hsm_how how = {"mail", 1, false};
	const sgl_key_request request = {.op = SGL_KEY_SIGN,
	    .input = SGL_LIT("a message"),
	    .sig = {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}};
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_keyring ring = {0};
	sgl_key_answer answer;
	sgl_err err = {0};
	hsm h;

	(void)state;
	hsm_new(&h, "alice");
	hsm_add_private(&h, one.key, &how);
	hsm_add_private(&h, two.key, &how);
	hsm_done(&h);
	assert_int_equal(
	    sgl_token_open(engine, uri_of("token=alice", ""), PIN, &t, NULL),
	    SGL_OK);
	assert_int_equal(sgl_token_add_to_ring(t, &ring, NULL), SGL_OK);
	assert_int_equal(ring.num_keys, 2);
	assert_int_equal(
	    sgl_key_ask(engine, ring.keys[0], &request, &answer, NULL), SGL_OK);
	(void)setenv("SIGILL_SHIM", "session-lost", 1);
	assert_int_equal(
	    sgl_key_ask(engine, ring.keys[0], &request, &answer, &err),
	    SGL_E_IO);
	assert_string_equal(err.text, "the key is no longer on the token");
	sgl_keyring_clear(&ring);
	sgl_tester_clear(&one);
	sgl_tester_clear(&two);
}

static void
bad_certificates_are_passed_over(void **state)
{
	sgl_tester p = make_person(SGL_KEY_RSA, 1),
		   other = make_person(SGL_KEY_RSA, 2);
	const hsm_how how = {"mail", 1, false};
	hsm h;

	(void)state;
	hsm_new(&h, "alice");
	hsm_add_private(&h, p.key, &how);
	hsm_add_cert(&h, SGL_LIT("\x30\x03\x02\x01\x05"), "mail", 1);
	/* The same ID, but not this key's: its modulus tells. */
	hsm_add_cert(&h, sgl_cert_get_der(other.cert), "mail", 1);
	hsm_done(&h);
	expect_public(&p, "");
	expect_ring("token=alice", 1, 1);
	sgl_tester_clear(&p);
	sgl_tester_clear(&other);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(the_pin_may_come_from_anywhere),
	    TEST(a_pin_source_is_a_file),
	    TEST(a_refused_pin_is_told),
	    TEST(a_pin_pad_needs_no_pin_from_us),
	    TEST(a_key_may_want_the_pin_each_time),
	    TEST(what_is_no_uri_is_refused),
	    TEST(a_module_that_is_none_is_told),
	    TEST(root_loads_nobody_elses_module),
	    TEST(no_token_is_told),
	    TEST(one_of_two_tokens_must_be_named),
	    TEST(two_tokens_of_one_label_are_told_apart),
	    TEST(modules_of_the_system_are_found),
	    TEST(keys_are_chosen_by_object_and_id),
	    TEST(an_empty_token_is_told),
	    TEST(certificates_alone_need_no_pin),
	    TEST(without_certificate_the_public_object_serves),
	    TEST(a_key_without_public_half_is_no_use),
	    TEST(of_two_alike_none_is_taken),
	    TEST(bad_certificates_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
