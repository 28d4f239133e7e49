/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "pki/ocsp.h"
#include "support/corpus.h"
#include "support/fault.h"
#include "support/hex.h"
#include "support/issue.h"
#include "support/parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define ALICE "alice@example.org"

static int
start(void **state)
{
	sgl_engine *engine;

	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	*state = engine;
	return 0;
}

static int
stop(void **state)
{
	sgl_engine_free(*state);
	return 0;
}

/* What a check is made of, and what came out. */
typedef struct world {
	sgl_engine *engine;
	sgl_certs anchors, others;
	sgl_crls crls;
	sgl_ocsp *responses[4];
	sgl_ocsps ocsps;
	sgl_path_policy policy;
	sgl_path path;
} world;

static world
world_over(sgl_engine *engine)
{
	return (world){.engine = engine,
	    .policy = {
		.time = SGL_ISSUE_TIME, .purpose = SGL_PURPOSE_MAIL_SIGN}};
}

static void
world_clear(world *w)
{
	sgl_certs_clear(&w->anchors);
	sgl_certs_clear(&w->others);
	sgl_crls_clear(&w->crls);
	for (size_t i = 0; i < w->ocsps.num; i++)
		sgl_ocsp_unref(w->responses[i]);
	sgl_path_clear(&w->path);
}
SGL_AUTO_CLEAR_TYPE(world, world_clear)

static void
add(sgl_certs *set, const sgl_who *who)
{
	assert_int_equal(sgl_certs_add(set, who->cert, NULL), SGL_OK);
}

static sgl_path_fault
check(world *w, sgl_cert *leaf)
{
	sgl_evidence evidence = {&w->anchors, &w->others, &w->crls, &w->ocsps};

	sgl_path_clear(&w->path);
	assert_int_equal(sgl_path_check(w->engine, leaf, &evidence, &w->policy,
			     &w->path, NULL),
	    SGL_OK);
	return w->path.fault;
}

/* --- one chain of three, with something wrong in it --- */

static const sgl_oid mail[] = {SGL_OID_KP_EMAIL_PROTECTION};
static const sgl_oid client[] = {SGL_OID_KP_CLIENT_AUTH};
static const sgl_oid any[] = {SGL_OID_ANY_EXT_KEY_USAGE};

#define ROOT .name = "root", .is_ca = true
#define SUB .name = "sub", .is_ca = true
#define LEAF .name = "Alice", .address = ALICE
#define EARLY .from = SGL_ISSUE_TIME - 2, .until = SGL_ISSUE_TIME - 1
#define LATE .from = SGL_ISSUE_TIME + 1

static const struct {
	const char *what;
	sgl_issue root, sub, leaf;
	sgl_purpose purpose;
	sgl_path_fault fault;
	size_t at;
} chains[] = {
    {"all well", {ROOT}, {SUB}, {LEAF}, SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"leaf expired", {ROOT}, {SUB}, {LEAF, EARLY}, SGL_PURPOSE_MAIL_SIGN,
	SGL_PATH_EXPIRED, 0},
    {"leaf to come", {ROOT}, {SUB}, {LEAF, LATE}, SGL_PURPOSE_MAIL_SIGN,
	SGL_PATH_NOT_YET_VALID, 0},
    {"CA expired", {ROOT}, {SUB, EARLY}, {LEAF}, SGL_PURPOSE_MAIL_SIGN,
	SGL_PATH_EXPIRED, 1},
    {"anchor expired", {ROOT, EARLY}, {SUB}, {LEAF}, SGL_PURPOSE_MAIL_SIGN,
	SGL_PATH_EXPIRED, 2},
    {"both expired: the upper one is met first", {ROOT}, {SUB, EARLY},
	{LEAF, EARLY}, SGL_PURPOSE_MAIL_SIGN, SGL_PATH_EXPIRED, 1},
    {"last second", {ROOT}, {SUB}, {LEAF, .until = SGL_ISSUE_TIME},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"first second", {ROOT}, {SUB}, {LEAF, .from = SGL_ISSUE_TIME},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"no CA", {ROOT}, {.name = "sub"}, {LEAF}, SGL_PURPOSE_MAIL_SIGN,
	SGL_PATH_NOT_A_CA, 1},
    {"an anchor that is no CA", {.name = "root"}, {SUB}, {LEAF},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_NOT_A_CA, 2},
    {"no room below the anchor", {ROOT, .has_path_len = true}, {SUB}, {LEAF},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_TOO_LONG, 1},
    {"room for one", {ROOT, .has_path_len = true, .path_len = 1}, {SUB}, {LEAF},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"the leaf does not count", {ROOT}, {SUB, .has_path_len = true}, {LEAF},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"CA for servers", {ROOT},
	{SUB, .ext_key_usage = client, .num_ext_key_usage = 1}, {LEAF},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_EXT_KEY_USAGE, 1},
    {"CA for servers, but nobody asks", {ROOT},
	{SUB, .ext_key_usage = client, .num_ext_key_usage = 1}, {LEAF},
	SGL_PURPOSE_ANY, SGL_PATH_OK, 0},
    {"CA for mail", {ROOT},
	{SUB, .ext_key_usage = mail, .num_ext_key_usage = 1}, {LEAF},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"CA for all", {ROOT}, {SUB, .ext_key_usage = any, .num_ext_key_usage = 1},
	{LEAF}, SGL_PURPOSE_MAIL_ENCRYPT, SGL_PATH_OK, 0},
    {"leaf for clients", {ROOT}, {SUB},
	{LEAF, .ext_key_usage = client, .num_ext_key_usage = 1},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_WRONG_USAGE, 0},
    {"leaf for clients, but nobody asks", {ROOT}, {SUB},
	{LEAF, .ext_key_usage = client, .num_ext_key_usage = 1},
	SGL_PURPOSE_ANY, SGL_PATH_OK, 0},
    {"leaf for signing", {ROOT}, {SUB},
	{LEAF, .key_usage = SGL_KU_DIGITAL_SIGNATURE}, SGL_PURPOSE_MAIL_ENCRYPT,
	SGL_PATH_WRONG_USAGE, 0},
    {"leaf for encryption", {ROOT}, {SUB},
	{LEAF, .key_usage = SGL_KU_KEY_AGREEMENT}, SGL_PURPOSE_MAIL_SIGN,
	SGL_PATH_WRONG_USAGE, 0},
    {"leaf for encryption", {ROOT}, {SUB},
	{LEAF, .key_usage = SGL_KU_KEY_AGREEMENT}, SGL_PURPOSE_MAIL_ENCRYPT,
	SGL_PATH_OK, 0},
    {"EC keys are not for encipherment", {ROOT}, {SUB},
	{LEAF, .key_usage = SGL_KU_KEY_ENCIPHERMENT}, SGL_PURPOSE_MAIL_ENCRYPT,
	SGL_PATH_WRONG_USAGE, 0},
    {"X25519 encrypts", {ROOT}, {SUB}, {LEAF, .kind = SGL_KEY_X25519},
	SGL_PURPOSE_MAIL_ENCRYPT, SGL_PATH_OK, 0},
    {"X25519 does not sign", {ROOT}, {SUB},
	{LEAF, .kind = SGL_KEY_X25519, .key_usage = SGL_KU_DIGITAL_SIGNATURE},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_WRONG_USAGE, 0},
    {"Ed25519 signs", {ROOT, .kind = SGL_KEY_ED25519},
	{SUB, .kind = SGL_KEY_ED25519}, {LEAF, .kind = SGL_KEY_ED25519},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"Ed25519 does not encrypt", {ROOT}, {SUB},
	{LEAF, .kind = SGL_KEY_ED25519, .key_usage = SGL_KU_KEY_AGREEMENT},
	SGL_PURPOSE_MAIL_ENCRYPT, SGL_PATH_WRONG_USAGE, 0},
    {"non-repudiation is enough", {ROOT}, {SUB},
	{LEAF, .key_usage = SGL_KU_NON_REPUDIATION}, SGL_PURPOSE_MAIL_SIGN,
	SGL_PATH_OK, 0},
    {"a CA may sign mail", {ROOT}, {SUB},
	{.name = "office",
	    .is_ca = true,
	    .key_usage = SGL_KU_KEY_CERT_SIGN | SGL_KU_DIGITAL_SIGNATURE},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"unless it says otherwise", {ROOT}, {SUB},
	{.name = "office", .is_ca = true}, SGL_PURPOSE_MAIL_SIGN,
	SGL_PATH_WRONG_USAGE, 0},
    {"SHA-1 by the anchor", {ROOT}, {SUB, .digest = SGL_DIGEST_SHA1}, {LEAF},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_WEAK, 1},
    {"SHA-1 by the CA", {ROOT}, {SUB}, {LEAF, .digest = SGL_DIGEST_SHA1},
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_WEAK, 0},
    {"SHA-1 on the anchor itself", {ROOT, .digest = SGL_DIGEST_SHA1}, {SUB},
	{LEAF}, SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
    {"outside of the domain", {ROOT}, {SUB, .permitted_domain = "example.com"},
	{LEAF}, SGL_PURPOSE_MAIL_SIGN, SGL_PATH_NAME_CONSTRAINTS, 0},
    {"inside of the domain", {ROOT, .permitted_domain = "example.org"}, {SUB},
	{LEAF}, SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK, 0},
};

static void
judges_chains(void **state)
{
	for (size_t i = 0; i < COUNT(chains); i++) {
		SGL_AUTO_CLEAR(world) w = world_over(*state);
		SGL_AUTO_CLEAR(sgl_who) root = {0};
		SGL_AUTO_CLEAR(sgl_who) sub = {0};
		SGL_AUTO_CLEAR(sgl_who) leaf = {0};

		w.policy.purpose = chains[i].purpose;
		sgl_issue_cert(*state, &chains[i].root, NULL, &root);
		sgl_issue_cert(*state, &chains[i].sub, &root, &sub);
		sgl_issue_cert(*state, &chains[i].leaf, &sub, &leaf);
		add(&w.anchors, &root);
		add(&w.others, &sub);
		if (check(&w, leaf.cert) != chains[i].fault ||
		    w.path.fault_at != chains[i].at)
			fail_msg("%s: %s at %zu", chains[i].what,
			    sgl_path_fault_name(w.path.fault), w.path.fault_at);
		assert_true(w.path.reaches_anchor);
		assert_int_equal(w.path.num, 3);
		assert_ptr_equal(w.path.certs[0], leaf.cert);
		assert_ptr_equal(w.path.certs[2], root.cert);
	}
}

/* --- weakness --- */

/* An RSA key of 1024 bits, made for this test. We do not make such. */
static const char small_key[] =
    "3082025d02010002818100e079d994c36fbe4b84d2eb010b60c247e03704502f913a"
    "56e9c4bd6cd39f57a1ba845ae667c5ffea8be16741f5fa6d0e44a180b90bddd80956"
    "41071f786ecec79663f6beb6ec5861b3e6388db8297dd95e9284b3fbe93c6c080892"
    "38a39bb4f63ac08276c8628684f2b47c9bfca0402fba60621a567224f15106c01aa6"
    "d32fe702030100010281801322f0249980a63563ee6330649aec151a8d3625ebd832"
    "a4042bcc8641883cfd419c54ef7d7b48b4e315e52a9f60a8f9656a6b41db3c1f55b4"
    "6fb8bebb129f3805aca062df89f02e6cc22f074d2a741938902c6d7fcb410b70e972"
    "72d6619dac6da0511a22435d2d16fc2b5fe625f1eaca1d38483608f9b99ca8e0cf42"
    "1056d9024100fea4cb854a41515077f51955f6a989a43e55dc82cce11ad6cc1dd494"
    "3d43c6403acd3deb961971c4d9e354e7bb7fb66433c1f22dec8c421187c5b437b7de"
    "8715024100e1abebe094e841bf37ca4699f0cc476ec8a7d4f9517452366edfe91cea"
    "78300c964cad21b356e6158b8a410a30a3895956df9375e82bd1cd4d840f80032e5a"
    "0b024100a774056634ab79669a4bf28a4637bd0ce5f51e9a6152928cb813d1cc5df1"
    "68b8aa3277caa99d37e484886b382c63d2b45818ed4267f0e02d990458fbdf0d15f5"
    "024100a065053d96188dc24ef0e1c54034b100b87531161322cddc0a69f2d1ae84c6"
    "01ec418b3c4caf12d175604a61e7b81442ff4fe10b087d3c9ce2df5df4ea4de38902"
    "40519fa78414dbaa4908d9fba0f9b07aaf935fb555c417fb2fc16a407b87486e60b0"
    "f9b3897c611fec4f4e3aae6e3d89f263ad0b03929b8e277fe1ef529b6068ed";

static void
judges_weakness(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};
	SGL_AUTO_CLEAR(sgl_who) strong = {0};
	SGL_AUTO(sgl_key)
	small = NULL;

	assert_int_equal(
	    sgl_key_read(*state, unhex(small_key), &small, NULL), SGL_OK);
	sgl_issue_cert(*state, &(sgl_issue){ROOT, .key = small}, NULL, &root);
	sgl_issue_cert(*state, &(sgl_issue){LEAF}, &root, &leaf);
	add(&w.anchors, &root);
	/* the short key signed what is below it */
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_WEAK);
	assert_true(w.path.is_weak);
	w.policy.allow_weak = true;
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_OK);
	assert_true(w.path.is_weak);
	/* and one may itself be short */
	assert_int_equal(check(&w, root.cert), SGL_PATH_WRONG_USAGE);
	w.policy.purpose = SGL_PURPOSE_ANY;
	assert_int_equal(check(&w, root.cert), SGL_PATH_OK);
	assert_true(w.path.is_weak);
	w.policy.allow_weak = false;
	assert_int_equal(check(&w, root.cert), SGL_PATH_WEAK);
	sgl_issue_cert(*state, &(sgl_issue){ROOT}, NULL, &strong);
	add(&w.anchors, &strong);
	assert_int_equal(check(&w, strong.cert), SGL_PATH_OK);
	assert_false(w.path.is_weak);
}

/* MD5 is refused, whatever is allowed. */
static void
refuses_md5(void **state)
{
	static const char md5[] = "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01"
				  "\x01\x04\x05\x00";
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	SGL_AUTO(sgl_cert)
	leaf = NULL;
	sgl_cert_parts parts = {.algorithm = {(const uint8_t *)md5, 15},
	    .inner_algorithm = {(const uint8_t *)md5, 15}};

	sgl_issue_cert(*state, &(sgl_issue){ROOT}, NULL, &root);
	parts.issuer = root.cert->subject;
	sgl_parts_cert(&parts, &der);
	assert_int_equal(
	    sgl_cert_read(*state, sgl_buf_slice(&der), &leaf, NULL), SGL_OK);
	add(&w.anchors, &root);
	w.policy.allow_weak = true;
	assert_int_equal(check(&w, leaf), SGL_PATH_WEAK);
	assert_false(w.path.reaches_anchor);
}

/* --- anchors --- */

static void
judges_anchors(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_who) sub = {0};
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};
	SGL_AUTO_CLEAR(sgl_who) alone = {0};
	SGL_AUTO_CLEAR(sgl_who) old = {0};

	sgl_issue_cert(*state, &(sgl_issue){ROOT}, NULL, &root);
	sgl_issue_cert(*state, &(sgl_issue){SUB}, &root, &sub);
	sgl_issue_cert(*state,
	    &(sgl_issue){LEAF, .issuer_url = "http://example.org/sub.cer"},
	    &sub, &leaf);
	sgl_issue_cert(*state, &(sgl_issue){LEAF}, NULL, &alone);
	sgl_issue_cert(*state, &(sgl_issue){LEAF, EARLY}, NULL, &old);
	/* nothing is trusted, nothing is known */
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_NO_ANCHOR);
	assert_int_equal(w.path.num, 1);
	assert_false(w.path.reaches_anchor);
	assert_true(sgl_slice_eq(
	    w.path.missing_issuer_url, SGL_LIT("http://example.org/sub.cer")));
	/* one step is known: it got further */
	add(&w.others, &sub);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_NO_ANCHOR);
	assert_int_equal(w.path.num, 2);
	assert_int_equal(w.path.missing_issuer_url.len, 0);
	/* a root that came in the mail is no anchor */
	add(&w.others, &root);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_NO_ANCHOR);
	assert_int_equal(w.path.num, 3);
	/* an anchor in the middle will do */
	add(&w.anchors, &sub);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.num, 2);
	/* a self-signed end entity, unknown, then trusted by hand */
	assert_int_equal(check(&w, alone.cert), SGL_PATH_NO_ANCHOR);
	add(&w.anchors, &alone);
	assert_int_equal(check(&w, alone.cert), SGL_PATH_OK);
	assert_int_equal(w.path.num, 1);
	assert_true(w.path.reaches_anchor);
	w.policy.purpose = SGL_PURPOSE_MAIL_ENCRYPT;
	assert_int_equal(check(&w, alone.cert), SGL_PATH_OK);
	add(&w.anchors, &old);
	assert_int_equal(check(&w, old.cert), SGL_PATH_EXPIRED);
}

/* --- several of one name --- */

static void
tries_all_of_one_name(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};
	sgl_who subs[8] = {{0}};

	sgl_issue_cert(*state, &(sgl_issue){ROOT}, NULL, &root);
	add(&w.anchors, &root);
	for (size_t i = 0; i < COUNT(subs); i++) {
		sgl_issue_cert(*state, &(sgl_issue){SUB}, &root, &subs[i]);
		add(&w.others, &subs[i]);
	}
	sgl_issue_cert(*state, &(sgl_issue){LEAF}, &subs[5], &leaf);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_OK);
	assert_ptr_equal(w.path.certs[1], subs[5].cert);
	/* without the right one the others prove nothing about it */
	sgl_certs_clear(&w.others);
	add(&w.others, &subs[4]);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_NO_ANCHOR);
	for (size_t i = 0; i < COUNT(subs); i++)
		sgl_who_clear(&subs[i]);
}

/* The same CA certified again after the first certificate ran out. */
static void
prefers_what_is_valid(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_who) old = {0};
	SGL_AUTO_CLEAR(sgl_who) young = {0};
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};

	sgl_issue_cert(*state, &(sgl_issue){ROOT}, NULL, &root);
	sgl_issue_cert(*state, &(sgl_issue){SUB, EARLY}, &root, &old);
	sgl_issue_cert(
	    *state, &(sgl_issue){SUB, .key = old.key}, &root, &young);
	sgl_issue_cert(*state, &(sgl_issue){LEAF}, &old, &leaf);
	add(&w.anchors, &root);
	add(&w.others, &old);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_EXPIRED);
	add(&w.others, &young);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_OK);
	assert_ptr_equal(w.path.certs[1], young.cert);
}

static void
tells_bad_signatures(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	SGL_AUTO(sgl_cert)
	forged = NULL;

	sgl_issue_cert(*state, &(sgl_issue){ROOT}, NULL, &root);
	sgl_issue_cert(*state, &(sgl_issue){LEAF}, &root, &leaf);
	add(&w.anchors, &root);
	assert_int_equal(sgl_buf_add(&der, leaf.cert->der, NULL), SGL_OK);
	der.data[der.len - 1] ^= 1;
	assert_int_equal(
	    sgl_cert_read(*state, sgl_buf_slice(&der), &forged, NULL), SGL_OK);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_OK);
	/* twice: what is remembered of one is not said of the other */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(check(&w, forged), SGL_PATH_BAD_SIGNATURE);
		assert_int_equal(w.path.num, 1);
		assert_int_equal(w.path.fault_at, 0);
	}
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_OK);
}

/* --- hostile graphs --- */

#define MESH 12

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Everybody certifies everybody: 12 CAs have more paths than there is time. */
static void
ends_in_a_mesh(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_who) way_out = {0};
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};
	sgl_who own[MESH] = {{0}};
	char names[MESH][8];
	double begin;

	for (size_t i = 0; i < MESH; i++) {
		(void)snprintf(names[i], sizeof names[i], "ca %zu", i);
		sgl_issue_cert(*state,
		    &(sgl_issue){.name = names[i], .is_ca = true}, NULL,
		    &own[i]);
	}
	for (size_t i = 0; i < MESH; i++)
		for (size_t k = 0; k < MESH; k++) {
			SGL_AUTO_CLEAR(sgl_who) cross = {0};

			sgl_issue_cert(*state,
			    &(sgl_issue){.name = names[k],
				.is_ca = true,
				.key = own[k].key},
			    &own[i], &cross);
			add(&w.others, &cross);
		}
	sgl_issue_cert(*state, &(sgl_issue){LEAF}, &own[0], &leaf);
	begin = seconds();
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_GAVE_UP);
	assert_true(seconds() - begin < 5);
	/* With an anchor one step away none of it matters. */
	sgl_issue_cert(*state, &(sgl_issue){ROOT}, NULL, &root);
	sgl_issue_cert(*state,
	    &(sgl_issue){.name = names[0], .is_ca = true, .key = own[0].key},
	    &root, &way_out);
	add(&w.anchors, &root);
	add(&w.anchors, &way_out);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_OK);
	for (size_t i = 0; i < MESH; i++)
		sgl_who_clear(&own[i]);
}

static void
ends_in_a_long_chain(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};
	sgl_who line[20] = {{0}};
	char name[8];

	for (size_t i = 0; i < COUNT(line); i++) {
		(void)snprintf(name, sizeof name, "ca %zu", i);
		sgl_issue_cert(*state,
		    &(sgl_issue){.name = name, .is_ca = true},
		    i == 0 ? NULL : &line[i - 1], &line[i]);
		add(i == 0 ? &w.anchors : &w.others, &line[i]);
	}
	sgl_issue_cert(*state, &(sgl_issue){LEAF}, &line[14], &leaf);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.num, SGL_PATH_MAX);
	sgl_who_clear(&leaf);
	sgl_issue_cert(*state, &(sgl_issue){LEAF}, &line[15], &leaf);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_GAVE_UP);
	for (size_t i = 0; i < COUNT(line); i++)
		sgl_who_clear(&line[i]);
}

/* --- revocation --- */

typedef struct trio {
	sgl_who root, sub, leaf;
} trio;

static void
trio_make(sgl_engine *engine, trio *t)
{
	sgl_issue_cert(engine, &(sgl_issue){ROOT}, NULL, &t->root);
	sgl_issue_cert(engine,
	    &(sgl_issue){SUB, .crl_url = "http://example.org/root.crl",
		.ocsp_url = "http://example.org/root"},
	    &t->root, &t->sub);
	sgl_issue_cert(engine,
	    &(sgl_issue){LEAF, .crl_url = "http://example.org/sub.crl",
		.ocsp_url = "http://example.org/sub"},
	    &t->sub, &t->leaf);
}

static void
trio_clear(trio *t)
{
	sgl_who_clear(&t->root);
	sgl_who_clear(&t->sub);
	sgl_who_clear(&t->leaf);
}
SGL_AUTO_CLEAR_TYPE(trio, trio_clear)

static void
add_crl(world *w, const sgl_who *issuer, const sgl_cert *revoked, int reason)
{
	SGL_AUTO(sgl_crl)
	crl = sgl_issue_crl(w->engine, issuer, revoked, reason);

	assert_int_equal(sgl_crls_add(&w->crls, crl, NULL), SGL_OK);
}

static const sgl_oid for_ocsp[] = {SGL_OID_KP_OCSP_SIGNING};

/* What `who` says of `about`, issued by `issuer`: from an hour before until an
 * hour after now, or some hours earlier. */
static void
add_response(world *w, const sgl_who *who, const sgl_who *issuer,
    const sgl_cert *about, sgl_ocsp_status status, int earlier)
{
	SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(1000);
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	sgl_time now = SGL_ISSUE_TIME - earlier * 3600;
	sgl_ocsp_issuer hashes;
	sgl_ocsp_answer a = {.status = status,
	    .revoked_at = SGL_ISSUE_TIME - 86400,
	    .reason = 4,
	    .this_update = now - 3600,
	    .next_update = now + 3600};
	sgl_ocsp_template t = {.responder = who->cert,
	    .is_delegated = who != issuer,
	    .produced_at = a.this_update,
	    .answers = &a,
	    .num_answers = 1};

	assert_true(w->ocsps.num < COUNT(w->responses));
	assert_int_equal(
	    sgl_ocsp_issuer_init(w->engine, issuer->cert, &hashes, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ocsp_id_build(&hashes, SGL_DIGEST_SHA256,
			     about->serial, &id, NULL),
	    SGL_OK);
	a.id = sgl_buf_slice(&id);
	assert_int_equal(sgl_ocsp_build(w->engine, &t, who->key,
			     SGL_DIGEST_NONE, &der, NULL),
	    SGL_OK);
	assert_int_equal(sgl_ocsp_read(w->engine, sgl_buf_slice(&der),
			     &w->responses[w->ocsps.num], NULL),
	    SGL_OK);
	w->ocsps.items = w->responses;
	w->ocsps.num++;
}

static void
forget_responses(world *w)
{
	while (w->ocsps.num > 0)
		sgl_ocsp_unref(w->responses[--w->ocsps.num]);
}

static void
asks_responders(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(trio) t = {0};

	trio_make(*state, &t);
	add(&w.anchors, &t.root);
	add(&w.others, &t.sub);
	w.policy.require_revocation = true;
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
	assert_true(sgl_slice_eq(
	    w.path.missing_ocsp_url, SGL_LIT("http://example.org/root")));
	add_response(&w, &t.root, &t.root, t.sub.cert, SGL_OCSP_GOOD, 0);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
	assert_int_equal(w.path.revocation[1], SGL_REVOCATION_GOOD);
	assert_true(sgl_slice_eq(
	    w.path.missing_ocsp_url, SGL_LIT("http://example.org/sub")));
	/* an old one, then a new one */
	add_response(&w, &t.sub, &t.sub, t.leaf.cert, SGL_OCSP_GOOD, 3);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
	assert_int_equal(w.path.revocation[0], SGL_REVOCATION_STALE);
	add_response(&w, &t.sub, &t.sub, t.leaf.cert, SGL_OCSP_GOOD, 0);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.missing_ocsp_url.len, 0);
	/* who does not know says nothing; who says "revoked" is believed */
	add_response(&w, &t.sub, &t.sub, t.leaf.cert, SGL_OCSP_UNKNOWN, 0);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	forget_responses(&w);
	add_response(&w, &t.root, &t.root, t.sub.cert, SGL_OCSP_GOOD, 0);
	add_response(&w, &t.sub, &t.sub, t.leaf.cert, SGL_OCSP_GOOD, 0);
	add_response(&w, &t.sub, &t.sub, t.leaf.cert, SGL_OCSP_REVOKED, 0);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOKED);
	assert_int_equal(w.path.revoked_at, SGL_ISSUE_TIME - 86400);
	assert_int_equal(w.path.revoked_reason, 4);
}

/* "Revoked" counts, whoever says it. */
static void
weighs_lists_and_responses(void **state)
{
	for (int i = 0; i < 4; i++) {
		SGL_AUTO_CLEAR(world) w = world_over(*state);
		SGL_AUTO_CLEAR(trio) t = {0};

		trio_make(*state, &t);
		add(&w.anchors, &t.sub);
		w.policy.require_revocation = true;
		add_crl(&w, &t.sub, i % 2 == 0 ? NULL : t.leaf.cert, 1);
		add_response(&w, &t.sub, &t.sub, t.leaf.cert,
		    i / 2 == 0 ? SGL_OCSP_GOOD : SGL_OCSP_REVOKED, 0);
		assert_int_equal(check(&w, t.leaf.cert),
		    i == 0 ? SGL_PATH_OK : SGL_PATH_REVOKED);
	}
}

/* A responder without nocheck is asked for itself, and does not vouch for
 * itself. */
static void
asks_for_the_responder(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) responder = {0};
	SGL_AUTO_CLEAR(trio) t = {0};

	trio_make(*state, &t);
	sgl_issue_cert(*state,
	    &(sgl_issue){.name = "responder",
		.key_usage = SGL_KU_DIGITAL_SIGNATURE,
		.ext_key_usage = for_ocsp,
		.num_ext_key_usage = 1},
	    &t.sub, &responder);
	add(&w.anchors, &t.sub);
	w.policy.require_revocation = true;
	add_response(&w, &responder, &t.sub, t.leaf.cert, SGL_OCSP_GOOD, 0);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
	add_response(&w, &responder, &t.sub, responder.cert, SGL_OCSP_GOOD, 0);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
	add_response(&w, &t.sub, &t.sub, responder.cert, SGL_OCSP_GOOD, 0);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	add_response(&w, &t.sub, &t.sub, responder.cert, SGL_OCSP_REVOKED, 0);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
}

static void
asks_crls(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(trio) t = {0};

	trio_make(*state, &t);
	add(&w.anchors, &t.root);
	add(&w.others, &t.sub);
	/* not asked */
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.revocation[0], SGL_REVOCATION_NOT_ASKED);
	/* asked for, if there is one */
	w.policy.check_revocation = true;
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.revocation[0], SGL_REVOCATION_UNKNOWN);
	assert_int_equal(w.path.revocation[1], SGL_REVOCATION_UNKNOWN);
	assert_int_equal(w.path.revocation[2], SGL_REVOCATION_NOT_ASKED);
	assert_true(sgl_slice_eq(
	    w.path.missing_crl_url, SGL_LIT("http://example.org/root.crl")));
	/* required */
	w.policy.require_revocation = true;
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
	assert_int_equal(w.path.fault_at, 1);
	add_crl(&w, &t.root, NULL, -1);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
	assert_int_equal(w.path.fault_at, 0);
	assert_true(sgl_slice_eq(
	    w.path.missing_crl_url, SGL_LIT("http://example.org/sub.crl")));
	add_crl(&w, &t.sub, t.root.cert, -1); /* another one's serial */
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.revocation[0], SGL_REVOCATION_GOOD);
	assert_int_equal(w.path.revocation[1], SGL_REVOCATION_GOOD);
	assert_int_equal(w.path.missing_crl_url.len, 0);
	/* a week later it is stale, which is not fresh; but nobody requires it
	 */
	w.policy.time += 8 * 86400;
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
	w.policy.require_revocation = false;
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.revocation[0], SGL_REVOCATION_STALE);
	/* a list by somebody else of the name proves nothing */
}

static void
finds_the_revoked(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(trio) t = {0};

	trio_make(*state, &t);
	add(&w.anchors, &t.root);
	add(&w.others, &t.sub);
	w.policy.check_revocation = true;
	add_crl(&w, &t.sub, t.leaf.cert, 1);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOKED);
	assert_int_equal(w.path.fault_at, 0);
	assert_int_equal(w.path.revoked_reason, 1);
	assert_int_equal(w.path.revoked_at, SGL_ISSUE_TIME - 86400);
	/* an outdated list still knows */
	w.policy.time += 30 * 86400;
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOKED);
	/* a later list tells when: before that all was well */
	w.policy.time = SGL_ISSUE_TIME - 86401;
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.revocation[0], SGL_REVOCATION_GOOD);
	w.policy.time++;
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOKED);
	/* an issuer that is itself revoked comes first */
	w.policy.time = SGL_ISSUE_TIME;
	add_crl(&w, &t.root, t.sub.cert, -1);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOKED);
	assert_int_equal(w.path.fault_at, 1);
	assert_int_equal(w.path.revoked_reason, -1);
}

/* A list that an unrelated key signed under the same name. */
static void
ignores_strangers_lists(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(trio) t = {0};
	SGL_AUTO_CLEAR(sgl_who) stranger = {0};

	trio_make(*state, &t);
	sgl_issue_cert(*state, &(sgl_issue){SUB}, NULL, &stranger);
	add(&w.anchors, &t.root);
	add(&w.others, &t.sub);
	add(&w.others, &stranger);
	w.policy.check_revocation = true;
	add_crl(&w, &stranger, t.leaf.cert, 1);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_OK);
	assert_int_equal(w.path.revocation[0], SGL_REVOCATION_UNKNOWN);
	w.policy.require_revocation = true;
	add_crl(&w, &stranger, NULL, -1);
	add_crl(&w, &t.root, NULL, -1);
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_REVOCATION_UNKNOWN);
}

/* Who floods us with lists must not hide the one that counts. */
static void
is_not_flooded(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(trio) t = {0};
	SGL_AUTO_CLEAR(sgl_who) stranger = {0};
	double begin;

	trio_make(*state, &t);
	sgl_issue_cert(
	    *state, &(sgl_issue){SUB, .key = t.leaf.key}, NULL, &stranger);
	/* no AKI: the key must be tried */
	stranger.cert->ski.len = 0;
	add(&w.anchors, &t.root);
	add(&w.others, &t.sub);
	w.policy.check_revocation = true;
	/* of the same day, but numbered higher than the true one */
	add_crl(&w, &t.sub, t.leaf.cert, 1);
	for (int i = 0; i < 400; i++)
		add_crl(&w, &stranger, NULL, -1);
	begin = seconds();
	assert_int_equal(check(&w, t.leaf.cert), SGL_PATH_GAVE_UP);
	assert_true(seconds() - begin < 5);
}

/* One fault must not hide another, or a policy that lets the one pass would let
 * the other pass with it. */
static void
tells_all_faults(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_who) sub = {0};
	SGL_AUTO_CLEAR(sgl_who) leaf = {0};
	const unsigned own = 1u << SGL_PATH_EXPIRED |
	    1u << SGL_PATH_WRONG_USAGE | 1u << SGL_PATH_NAME_CONSTRAINTS |
	    1u << SGL_PATH_WEAK;

	sgl_issue_cert(*state, &(sgl_issue){ROOT}, NULL, &root);
	sgl_issue_cert(*state,
	    &(sgl_issue){SUB, EARLY, .permitted_domain = "example.com"}, &root,
	    &sub);
	sgl_issue_cert(*state,
	    &(sgl_issue){LEAF, LATE, .digest = SGL_DIGEST_SHA1,
		.key_usage = SGL_KU_KEY_AGREEMENT},
	    &sub, &leaf);
	add(&w.others, &sub);
	w.policy.require_revocation = true;
	(void)check(&w, leaf.cert);
	assert_int_equal(w.path.faults,
	    own | 1u << SGL_PATH_NOT_YET_VALID | 1u << SGL_PATH_NO_ANCHOR);
	add(&w.anchors, &root);
	add_crl(&w, &sub, leaf.cert, 1);
	assert_int_equal(check(&w, leaf.cert), SGL_PATH_EXPIRED);
	assert_int_equal(w.path.fault_at, 1);
	assert_int_equal(w.path.faults,
	    own | 1u << SGL_PATH_NOT_YET_VALID | 1u << SGL_PATH_REVOKED |
		1u << SGL_PATH_REVOCATION_UNKNOWN);
	assert_true(w.path.is_weak);
	assert_int_equal(w.path.revoked_reason, 1);
}

/* --- lack of memory --- */

typedef struct job {
	sgl_engine *engine;
	const world *w;
	sgl_cert *leaf;
} job;

static sgl_status
check_job(void *ctx, sgl_err *err)
{
	job *j = ctx;
	sgl_evidence evidence = {
	    &j->w->anchors, &j->w->others, &j->w->crls, &j->w->ocsps};
	SGL_AUTO_CLEAR(sgl_path) path = {0};

	TRY(sgl_path_check(
	    j->engine, j->leaf, &evidence, &j->w->policy, &path, err));
	/* What could be had without memory is still the truth. */
	assert_int_equal(path.fault, SGL_PATH_REVOKED);
	return SGL_OK;
}

static void
survives_lack_of_memory(void **state)
{
	SGL_AUTO_CLEAR(world) w = world_over(*state);
	SGL_AUTO_CLEAR(trio) t = {0};
	job j = {*state, &w, NULL};

	trio_make(*state, &t);
	add(&w.anchors, &t.root);
	add(&w.others, &t.sub);
	w.policy.check_revocation = true;
	w.policy.explicit_policy = false;
	add_crl(&w, &t.root, NULL, -1);
	add_crl(&w, &t.sub, t.leaf.cert, 1);
	j.leaf = t.leaf.cert;
	assert_int_equal(check_job(&j, NULL), SGL_OK);
	assert_true(sgl_fault_each(check_job, &j) >= 2);
}

/* --- certificates of others --- */

static const struct {
	const char *leaf, *anchor;
	sgl_purpose purpose;
	sgl_path_fault fault;
} samples[] = {
    {"4.1_Alice-s-Signature-Verification-End-Entity-Certificate", "3.1",
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK},
    {"4.1_Alice-s-Signature-Verification-End-Entity-Certificate", "6.1",
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK},
    {"4.1_Alice-s-Signature-Verification-End-Entity-Certificate", "3.1",
	SGL_PURPOSE_MAIL_ENCRYPT, SGL_PATH_WRONG_USAGE},
    {"4.3_Alice-s-Encryption-End-Entity-Certificate", "3.1",
	SGL_PURPOSE_MAIL_ENCRYPT, SGL_PATH_OK},
    {"7.1_Carlos-s-Signature-Verification-End-Entity-Certificate", "6.1",
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK},
    {"7.1_Carlos-s-Signature-Verification-End-Entity-Certificate", "3.1",
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_OK},
    {"8.3_Dana-s-Encryption-End-Entity-Certificate", "3.1",
	SGL_PURPOSE_MAIL_ENCRYPT, SGL_PATH_OK},
    {"8.3_Dana-s-Encryption-End-Entity-Certificate", "6.1",
	SGL_PURPOSE_MAIL_SIGN, SGL_PATH_WRONG_USAGE},
};

static void
read_sample(sgl_engine *engine, const char *name, sgl_certs *set)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	SGL_AUTO(sgl_cert)
	cert = NULL;
	char path[256];

	(void)snprintf(path, sizeof path, "rfc9216/%s.crt.pem", name);
	sgl_corpus_read_der(path, &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &cert, NULL), SGL_OK);
	assert_int_equal(sgl_certs_add(set, cert, NULL), SGL_OK);
}

/* Two roots that certified each other (RFC 9216). */
static void
finds_cross_certified(void **state)
{
	static const char rsa[] = "3.1_RSA-Certification-Authority-Root-"
				  "Certificate";
	static const char ed[] = "6.1_Ed25519-Certification-Authority-Root-"
				 "Certificate";

	if (!sgl_corpus_has("rfc9216")) {
		print_message("SIGILL_CORPUS is not set: skipped\n");
		skip();
	}
	for (size_t i = 0; i < COUNT(samples); i++) {
		SGL_AUTO_CLEAR(world) w = world_over(*state);
		SGL_AUTO_CLEAR(sgl_certs) leaf = {0};

		w.policy.purpose = samples[i].purpose;
		read_sample(*state, samples[i].leaf, &leaf);
		read_sample(
		    *state, samples[i].anchor[0] == '3' ? rsa : ed, &w.anchors);
		read_sample(*state,
		    "3.3_RSA-Certification-Authority-Cross-Signed-"
		    "Certificate",
		    &w.others);
		read_sample(*state,
		    "6.3_Ed25519-Certification-Authority-Cross-Signed-"
		    "Certificate",
		    &w.others);
		if (check(&w, leaf.items[0]) != samples[i].fault)
			fail_msg("row %zu: %s at %zu", i,
			    sgl_path_fault_name(w.path.fault), w.path.fault_at);
	}
}

static void
names_every_fault(void **state)
{
	(void)state;
	for (int i = SGL_PATH_OK; i <= SGL_PATH_GAVE_UP; i++)
		assert_non_null(sgl_path_fault_name((sgl_path_fault)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(judges_chains),
	    cmocka_unit_test(tells_all_faults),
	    cmocka_unit_test(judges_weakness),
	    cmocka_unit_test(refuses_md5),
	    cmocka_unit_test(judges_anchors),
	    cmocka_unit_test(tries_all_of_one_name),
	    cmocka_unit_test(prefers_what_is_valid),
	    cmocka_unit_test(tells_bad_signatures),
	    cmocka_unit_test(ends_in_a_mesh),
	    cmocka_unit_test(ends_in_a_long_chain),
	    cmocka_unit_test(asks_crls),
	    cmocka_unit_test(asks_responders),
	    cmocka_unit_test(weighs_lists_and_responses),
	    cmocka_unit_test(asks_for_the_responder),
	    cmocka_unit_test(finds_the_revoked),
	    cmocka_unit_test(ignores_strangers_lists),
	    cmocka_unit_test(is_not_flooded),
	    cmocka_unit_test(survives_lack_of_memory),
	    cmocka_unit_test(finds_cross_certified),
	    cmocka_unit_test(names_every_fault),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
