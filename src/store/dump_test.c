/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of all records, from either database into either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/dump.h"
#include "support/folder.h"
#include "support/postgres.h"
#include "support/records.h"

static void
check(sgl_status status, const sgl_err *err)
{
	if (status != SGL_OK)
		fail_msg("%s: %s", err->text, err->detail);
}

/* --------------------------------------------------- a dump as one text --- */

static sgl_status
write_table(void *ctx, const sgl_dump_table *t, sgl_err *err)
{
	return sgl_buf_printf(ctx, err, "%s\n", t->name);
}

static sgl_status
write_row(
    void *ctx, const sgl_dump_table *t, const sgl_value *values, sgl_err *err)
{
	/* How often something was changed differs. */
	if (strcmp(t->name, "generation") == 0)
		return SGL_OK;
	for (size_t i = 0; i < t->num; i++) {
		const sgl_value *v = &values[i];
		TRY(sgl_buf_printf(ctx, err, " %s=%s%lld/", t->columns[i].name,
		    v->is_null ? "null" : "", (long long)v->number));
		for (size_t j = 0; j < v->bytes.len; j++)
			TRY(sgl_buf_printf(ctx, err, "%02x", v->bytes.data[j]));
	}
	return sgl_buf_add_str(ctx, "\n", err);
}

static sgl_buf
dump_text(sgl_store *s)
{
	sgl_buf text = sgl_buf_init((size_t)64 << 20);
	const sgl_dump_visitor visitor = {write_table, write_row, &text};
	sgl_err err = {0};

	check(sgl_store_dump(s, &visitor, &err), &err);
	return text;
}

/* ------------------------------------------------------------- copying --- */

static sgl_status
copy_table(void *ctx, const sgl_dump_table *t, sgl_err *err)
{
	return sgl_loader_table(ctx, t, err);
}

static sgl_status
copy_row(
    void *ctx, const sgl_dump_table *t, const sgl_value *values, sgl_err *err)
{
	return sgl_loader_row(ctx, values, t->num, err);
}

static sgl_store *
copy(sgl_store *from, const char *location)
{
	static const sgl_store_options options = {0};
	SGL_AUTO(sgl_loader)
	l = NULL;
	sgl_dump_visitor visitor = {copy_table, copy_row, NULL};
	sgl_store *out = NULL;
	sgl_err err = {0};

	check(sgl_loader_new(location, sgl_store_version(), &l, &err), &err);
	visitor.ctx = l;
	check(sgl_store_dump(from, &visitor, &err), &err);
	check(sgl_loader_end(l, &options, &out, &err), &err);
	check(sgl_store_commit(out, &err), &err);
	return out;
}

static void
fill(sgl_store *s)
{
	int64_t root, issuing;
	char address[32];

	root = sgl_records_authority(s, SGL_AUTHORITY_ROOT, 0);
	issuing = sgl_records_authority(s, SGL_AUTHORITY_ISSUING, root);
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	for (int i = 0; i < 300; i++) {
		int64_t person;
		(void)snprintf(
		    address, sizeof address, "p%d@example.org", i * 37 % 300);
		person = sgl_records_person(s, address);
		(void)sgl_records_cert(s, person, issuing, 1000 + i);
	}
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_set_setting(s, "empty", SGL_LIT(""), NULL), SGL_OK);
}

/* The copy has the same records, and goes on counting behind them. */
static void
expect_copy(sgl_store *from, const char *location)
{
	SGL_AUTO(sgl_store)
	to = copy(from, location);
	SGL_AUTO_CLEAR(sgl_buf) one = dump_text(from);
	SGL_AUTO_CLEAR(sgl_buf) two = dump_text(to);
	int64_t person, key, next = 0;

	assert_true(one.len > 100000);
	assert_true(sgl_slice_eq(sgl_buf_slice(&one), sgl_buf_slice(&two)));
	person = sgl_records_person(to, "new@example.org");
	assert_true(person > 300);
	key = sgl_records_key(to, person, 999999);
	assert_int_equal(sgl_store_begin(to, NULL), SGL_OK);
	assert_int_equal(sgl_store_next_key_id(to, &next, NULL), SGL_OK);
	assert_true(key > 300 && next > key);
	sgl_store_rollback(to);
}

static void
a_copy_is_the_same(void **state)
{
	SGL_AUTO(sgl_store)
	from = sgl_records_create();
	sgl_folder folder;

	(void)state;
	fill(from);
	sgl_folder_make(&folder);
	expect_copy(from, sgl_folder_path(&folder, "copy.db"));
	if (sgl_records_on_postgres()) {
		SGL_AUTO(sgl_store)
		file = copy(from, sgl_folder_path(&folder, "again.db"));
		sgl_postgres_tell("make back");
		expect_copy(file, sgl_postgres_url("back"));
	}
	sgl_folder_remove(&folder);
}

/* --------------------------------------------------------- one moment --- */

typedef struct meddler {
	sgl_store *other;
	size_t num_people;
	bool has_meddled;
} meddler;

static sgl_status
meddle(void *ctx, const sgl_dump_table *t, sgl_err *err)
{
	meddler *m = ctx;

	(void)t;
	(void)err;
	/* The moment is that of the first thing read. */
	if (!m->has_meddled)
		(void)sgl_records_person(m->other, "late@example.org");
	m->has_meddled = true;
	return SGL_OK;
}

static sgl_status
count_people(
    void *ctx, const sgl_dump_table *t, const sgl_value *values, sgl_err *err)
{
	meddler *m = ctx;

	(void)values;
	(void)err;
	m->num_people += strcmp(t->name, "person") == 0 ? 1 : 0;
	return SGL_OK;
}

static void
what_changes_meanwhile_is_not_in_it(void **state)
{
	SGL_AUTO(sgl_store)
	s = sgl_records_create();
	meddler m = {.other = sgl_records_open()};
	const sgl_dump_visitor visitor = {meddle, count_people, &m};
	sgl_err err = {0};

	(void)state;
	(void)sgl_records_person(s, "early@example.org");
	check(sgl_store_dump(s, &visitor, &err), &err);
	assert_true(m.has_meddled);
	assert_int_equal(m.num_people, 1);
	assert_int_equal(sgl_records_num_people(s), 2);
	sgl_store_free(m.other);
}

/* ------------------------------------------------------------ refusals --- */

static sgl_loader *
loader(const sgl_folder *folder, const char *name)
{
	sgl_loader *l = NULL;
	sgl_err err = {0};

	check(sgl_loader_new(
		  sgl_folder_path(folder, name), sgl_store_version(), &l, &err),
	    &err);
	return l;
}

static sgl_dump_table
setting_table(void)
{
	return (sgl_dump_table){.name = "setting",
	    .num = 2,
	    .columns = {{"name", SGL_VALUE_TEXT}, {"value", SGL_VALUE_TEXT}}};
}

static void
what_does_not_fit_is_refused(void **state)
{
	SGL_AUTO(sgl_loader)
	l = NULL;
	sgl_dump_table t = setting_table();
	sgl_value values[2] = {{.kind = SGL_VALUE_TEXT, .bytes = SGL_LIT("a")},
	    {.kind = SGL_VALUE_TEXT, .bytes = SGL_LIT("b")}};
	sgl_folder folder;

	(void)state;
	sgl_folder_make(&folder);
	l = loader(&folder, "a.db");
	assert_int_equal(sgl_loader_row(l, values, 2, NULL), SGL_E_ENCODING);
	assert_int_equal(sgl_loader_table(l, &t, NULL), SGL_OK);
	assert_int_equal(sgl_loader_row(l, values, 1, NULL), SGL_E_ENCODING);
	strcpy(t.columns[1].name, "other");
	assert_int_equal(sgl_loader_table(l, &t, NULL), SGL_E_ENCODING);
	t = setting_table();
	t.columns[1].kind = SGL_VALUE_BLOB;
	assert_int_equal(sgl_loader_table(l, &t, NULL), SGL_E_ENCODING);
	t = setting_table();
	t.num = 1;
	assert_int_equal(sgl_loader_table(l, &t, NULL), SGL_E_ENCODING);
	t = setting_table();
	strcpy(t.name, "nothing");
	assert_int_equal(sgl_loader_table(l, &t, NULL), SGL_E_ENCODING);
	strcpy(t.name, "setting;DROP");
	assert_int_equal(sgl_loader_table(l, &t, NULL), SGL_E_ENCODING);
	sgl_loader_free(SGL_TAKE(&l));
	sgl_folder_remove(&folder);
}

static void
what_was_not_ended_is_not_there(void **state)
{
	static const sgl_store_options options = {0};
	SGL_AUTO(sgl_loader)
	l = NULL;
	SGL_AUTO(sgl_store)
	s = NULL;
	sgl_dump_table t = setting_table();
	sgl_folder folder;
	sgl_err err = {0};

	(void)state;
	sgl_folder_make(&folder);
	l = loader(&folder, "a.db");
	assert_int_equal(sgl_loader_table(l, &t, NULL), SGL_OK);
	sgl_loader_free(SGL_TAKE(&l));
	l = loader(&folder, "a.db"); /* it is still empty */
	check(sgl_loader_end(l, &options, &s, &err), &err);
	sgl_store_free(SGL_TAKE(&s));
	sgl_loader_free(SGL_TAKE(&l));
	l = loader(&folder, "a.db");
	check(sgl_loader_end(l, &options, &s, &err), &err);
	check(sgl_store_commit(s, &err), &err);
	sgl_store_free(SGL_TAKE(&s));
	sgl_loader_free(SGL_TAKE(&l));
	assert_int_equal(sgl_loader_new(sgl_folder_path(&folder, "a.db"),
			     sgl_store_version(), &l, NULL),
	    SGL_E_USAGE);
	assert_int_equal(sgl_loader_new(sgl_folder_path(&folder, "b.db"),
			     sgl_store_version() + 1, &l, NULL),
	    SGL_E_UNSUPPORTED);
	sgl_folder_remove(&folder);
}

/* One of an older release becomes one of this. */
static void
an_older_one_is_brought_up(void **state)
{
	static const sgl_store_options options = {0};
	SGL_AUTO(sgl_loader)
	l = NULL;
	SGL_AUTO(sgl_store)
	s = NULL;
	sgl_dump_table t = {.name = "person",
	    .num = 5,
	    .columns = {{"id", SGL_VALUE_INT}, {"address", SGL_VALUE_TEXT},
		{"address_key", SGL_VALUE_TEXT}, {"name", SGL_VALUE_TEXT},
		{"created", SGL_VALUE_INT}}};
	const sgl_value values[] = {
	    {.kind = SGL_VALUE_INT, .number = 7},
	    {.kind = SGL_VALUE_TEXT, .bytes = SGL_LIT("a@example.org")},
	    {.kind = SGL_VALUE_TEXT, .bytes = SGL_LIT("a@example.org")},
	    {.kind = SGL_VALUE_TEXT, .bytes = SGL_LIT("A")},
	    {.kind = SGL_VALUE_INT, .number = 1},
	};
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	bool found = false;
	sgl_folder folder;
	sgl_err err = {0};

	(void)state;
	sgl_folder_make(&folder);
	check(sgl_loader_new(sgl_folder_path(&folder, "a.db"), 1, &l, &err),
	    &err);
	check(sgl_loader_table(l, &t, &err), &err);
	check(sgl_loader_row(l, values, 5, &err), &err);
	check(sgl_loader_end(l, &options, &s, &err), &err);
	check(sgl_store_find_person(
		  s, SGL_LIT("a@example.org"), &p, &found, &err),
	    &err);
	assert_true(found);
	assert_int_equal(p.id, 7);
	sgl_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(a_copy_is_the_same),
	    SGL_RECORDS_TEST(what_changes_meanwhile_is_not_in_it),
	    cmocka_unit_test(what_does_not_fit_is_refused),
	    cmocka_unit_test(what_was_not_ended_is_not_there),
	    cmocka_unit_test(an_older_one_is_brought_up),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
