/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ca/succession.h"
#include "pki/crl.h"
#include "support/fault.h"
#include "support/folder.h"

#define START ((sgl_time)1800000000)

static sgl_engine *engine;
static sgl_folder folder;

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return START;
}

static int
set_up(void **state)
{
	const sgl_engine_config config = {.now = tell_time};

	(void)state;
	sgl_folder_make(&folder);
	return sgl_engine_new(&config, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

/* An organisation whose root's key is ours alone. */
typedef struct place {
	sgl_home *home;
	sgl_ca_signer root;
} place;

static void
place_clear(place *p)
{
	sgl_ca_signer_clear(&p->root);
	sgl_home_free(p->home);
	*p = (place){0};
}
SGL_AUTO_CLEAR_TYPE(place, place_clear)

static sgl_status
make(sgl_engine *with, const char *name, place *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_outer_key) key = {0};
	static char domain[] = "example.org", kind[] = "p256",
		    url[] = "http://pki.example.org";
	const sgl_organisation o = {.domain = domain,
	    .name = domain,
	    .algorithm = kind,
	    .public_url = url};
	sgl_ca_founding how = {.root_location = SGL_KEY_EXPORTED};

	TRY(sgl_outer_key_make(with, sgl_ca_algorithm_find(kind), &key, err));
	how.root = key.key;
	TRY(sgl_home_create(
	    with, sgl_folder_path(&folder, name), &o, NULL, &p->home, err));
	TRY(sgl_ca_found_with(p->home, &how, err));
	return sgl_ca_root_over(p->home, &key, &p->root, err);
}

static void
expect_made(sgl_status status, const sgl_err *err)
{
	if (status != SGL_OK)
		fail_msg("%s: %s", err->text, err->detail);
}

static void
expect_states(sgl_home *home, const sgl_authority_state *want, size_t num)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	assert_int_equal(
	    sgl_store_list_authorities(sgl_home_store(home), &list, NULL),
	    SGL_OK);
	assert_int_equal(list.num, num);
	for (size_t i = 0; i < num; i++)
		assert_int_equal(list.items[num - 1 - i].state, want[i]);
}

/* Over bytes, as between processes. */
static sgl_status
hand_over(sgl_ca_draft *d, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(1 << 20);

	TRY(sgl_ca_draft_add(d, &bytes, err));
	sgl_ca_draft_clear(d);
	return sgl_ca_draft_read(sgl_buf_slice(&bytes), d, err);
}

static sgl_status
replace(place *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};

	TRY(sgl_ca_prepare(p->home, err));
	TRY(sgl_ca_draft_issuing(p->home, &p->root, NULL, &d, err));
	TRY(hand_over(&d, err));
	return sgl_ca_take_issuing(p->home, &d, NULL, err);
}

static void
one_follows_the_other(void **state)
{
	static const sgl_authority_state want[] = {SGL_AUTHORITY_ACTIVE,
	    SGL_AUTHORITY_RETIRED, SGL_AUTHORITY_RETIRED, SGL_AUTHORITY_ACTIVE};
	SGL_AUTO_CLEAR(place) p = {0};
	sgl_err err = {0};

	(void)state;
	expect_made(make(engine, "a", &p, &err), &err);
	expect_made(replace(&p, &err), &err);
	expect_made(replace(&p, &err), &err);
	expect_states(p.home, want, 4);
}

static void
a_key_is_prepared_once(void **state)
{
	SGL_AUTO_CLEAR(place) p = {0};
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	sgl_store *store;
	int64_t before, after;
	sgl_err err = {0};

	(void)state;
	expect_made(make(engine, "a", &p, &err), &err);
	store = sgl_home_store(p.home);
	assert_int_equal(
	    sgl_ca_draft_issuing(p.home, &p.root, NULL, &d, &err), SGL_E_NOKEY);
	assert_int_equal(sgl_ca_prepare(p.home, NULL), SGL_OK);
	assert_int_equal(sgl_store_next_key_id(store, &before, NULL), SGL_OK);
	assert_int_equal(sgl_ca_prepare(p.home, NULL), SGL_OK);
	assert_int_equal(sgl_store_next_key_id(store, &after, NULL), SGL_OK);
	assert_int_equal(before, after);
}

static void
only_our_roots_word_counts(void **state)
{
	SGL_AUTO_CLEAR(place) p = {0};
	SGL_AUTO_CLEAR(place) other = {0};
	SGL_AUTO_CLEAR(sgl_ca_draft) theirs = {0};
	SGL_AUTO_CLEAR(sgl_ca_draft) list = {0};
	sgl_err err = {0};

	(void)state;
	expect_made(make(engine, "a", &p, &err), &err);
	expect_made(make(engine, "b", &other, &err), &err);
	assert_int_equal(sgl_ca_prepare(p.home, NULL), SGL_OK);
	assert_int_equal(sgl_ca_prepare(other.home, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ca_draft_issuing(other.home, &other.root, NULL, &theirs, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_ca_draft_crl(p.home, &p.root, &list, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ca_take_crl(p.home, &theirs, &err), SGL_E_MISMATCH);
	assert_non_null(strstr(err.text, "not signed by"));
	/* Another's certificate with a list of ours. */
	sgl_buf_clear(&theirs.crl);
	theirs.crl = list.crl;
	list.crl = (sgl_buf){0};
	assert_int_equal(
	    sgl_ca_take_issuing(p.home, &theirs, NULL, &err), SGL_E_MISMATCH);
	assert_non_null(strstr(err.text, "not one of an authority"));
}

/* What was drafted before somebody else's change comes too late. */
static void
a_draft_is_taken_once(void **state)
{
	static const sgl_authority_state want[] = {
	    SGL_AUTHORITY_ACTIVE, SGL_AUTHORITY_RETIRED, SGL_AUTHORITY_ACTIVE};
	SGL_AUTO_CLEAR(place) p = {0};
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	sgl_err err = {0};

	(void)state;
	expect_made(make(engine, "a", &p, &err), &err);
	assert_int_equal(sgl_ca_prepare(p.home, NULL), SGL_OK);
	assert_int_equal(
	    sgl_ca_draft_issuing(p.home, &p.root, NULL, &d, NULL), SGL_OK);
	expect_made(sgl_ca_take_issuing(p.home, &d, NULL, &err), &err);
	assert_int_equal(
	    sgl_ca_take_issuing(p.home, &d, NULL, &err), SGL_E_MISMATCH);
	assert_non_null(strstr(err.text, "repeat the command"));
	expect_states(p.home, want, 3);
}

static void
a_wrong_root_is_told(void **state)
{
	SGL_AUTO_CLEAR(place) p = {0};
	SGL_AUTO_CLEAR(sgl_outer_key) key = {0};
	SGL_AUTO_CLEAR(sgl_ca_signer) root = {0};
	sgl_err err = {0};

	(void)state;
	expect_made(make(engine, "a", &p, &err), &err);
	assert_int_equal(sgl_outer_key_make(
			     engine, sgl_ca_algorithm_find("p256"), &key, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_ca_root_over(p.home, &key, &root, &err), SGL_E_NOKEY);
	assert_null(key.key);
}

static void
bytes_that_are_no_draft(void **state)
{
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};
	SGL_AUTO_CLEAR(sgl_ca_draft) again = {0};
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(1000);

	(void)state;
	d.cert = sgl_buf_init(10);
	d.crl = sgl_buf_init(10);
	assert_int_equal(sgl_buf_add(&d.cert, SGL_LIT("cert"), NULL), SGL_OK);
	assert_int_equal(sgl_buf_add(&d.crl, SGL_LIT("list"), NULL), SGL_OK);
	assert_int_equal(sgl_ca_draft_add(&d, &bytes, NULL), SGL_OK);
	for (size_t i = 0; i < bytes.len; i++)
		assert_int_equal(
		    sgl_ca_draft_read(sgl_slice_first(sgl_buf_slice(&bytes), i),
			&again, NULL),
		    SGL_E_IO);
	assert_int_equal(sgl_buf_add(&bytes, SGL_LIT("x"), NULL), SGL_OK);
	assert_int_equal(
	    sgl_ca_draft_read(sgl_buf_slice(&bytes), &again, NULL), SGL_E_IO);
}

static sgl_status
whole_story(void *ctx, sgl_err *err)
{
	const sgl_engine_config config = {.now = tell_time};
	SGL_AUTO(sgl_engine)
	own = NULL;
	SGL_AUTO_CLEAR(place) p = {0};
	SGL_AUTO_CLEAR(sgl_ca_draft) d = {0};

	(void)ctx;
	TRY(sgl_engine_new(&config, &own, err));
	TRY(make(own, "a", &p, err));
	TRY(replace(&p, err));
	TRY(sgl_ca_draft_revocation(
	    p.home, &p.root, 2, SGL_REASON_SUPERSEDED, &d, err));
	TRY(hand_over(&d, err));
	return sgl_ca_take_revocation(p.home, &d, 2, err);
}

static void
no_memory_leaves_nothing(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(whole_story, NULL) > 50);
	assert_int_equal(sgl_folder_num(&folder), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(one_follows_the_other),
	    TEST(a_key_is_prepared_once),
	    TEST(only_our_roots_word_counts),
	    TEST(a_draft_is_taken_once),
	    TEST(a_wrong_root_is_told),
	    TEST(bytes_that_are_no_draft),
	    TEST(no_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
