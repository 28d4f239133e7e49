/* SPDX-License-Identifier: Apache-2.0 */
/* Policies along a chain; what PKITS does not ask is asked here. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "pki/search.h"
#include "support/fault.h"
#include "support/parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAX_CHAIN 8

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

/*
 * One certificate in a small language, words separated by blanks: "a" a policy
 * of this letter, "*" anyPolicy, "a>b" a mapping, "e0" requireExplicitPolicy
 * 0, "m0" inhibitPolicyMapping 0, "i0" inhibitAnyPolicy 0, "=" self-issued.
 */
static void
put_oid(sgl_derb *b, char letter)
{
	uint8_t oid[] = {0x2a, 0x03, (uint8_t)letter};

	if (letter == '*')
		sgl_derb_oid(b, sgl_oid_der(SGL_OID_ANY_POLICY));
	else
		sgl_derb_oid(b, sgl_slice_of(oid, sizeof oid));
}

typedef struct values {
	sgl_buf policies, mappings, constraints, any;
} values;

static void
put_word(const char *word, size_t len, values *v, bool *self_issued)
{
	uint8_t digit = (uint8_t)(word[len - 1] - '0');
	sgl_derb p = sgl_derb_over(&v->policies);
	sgl_derb m = sgl_derb_over(&v->mappings);
	sgl_derb c = sgl_derb_over(&v->constraints);
	sgl_derb i = sgl_derb_over(&v->any);
	size_t mark;

	if (len == 3) {
		mark = sgl_derb_open(&m, SGL_SEQUENCE);
		put_oid(&m, word[0]);
		put_oid(&m, word[2]);
		sgl_derb_close(&m, mark);
	} else if (len == 2 && word[0] == 'i') {
		sgl_derb_uint(&i, digit);
	} else if (len == 2) {
		sgl_derb_bytes(&c,
		    SGL_CONTEXT_PRIMITIVE(word[0] == 'e' ? 0 : 1),
		    sgl_slice_of(&digit, 1));
	} else if (word[0] == '=') {
		*self_issued = true;
	} else {
		mark = sgl_derb_open(&p, SGL_SEQUENCE);
		put_oid(&p, word[0]);
		sgl_derb_close(&p, mark);
	}
}

static void
add_ext(sgl_cert_parts *p, size_t *num, sgl_oid oid, sgl_buf *contents,
    bool wrap, sgl_buf *store)
{
	sgl_derb b = sgl_derb_over(store);

	if (contents->len == 0)
		return;
	if (wrap)
		sgl_derb_bytes(&b, SGL_SEQUENCE, sgl_buf_slice(contents));
	else
		sgl_derb_raw(&b, sgl_buf_slice(contents));
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	p->exts[(*num)++] =
	    (sgl_part_ext){sgl_oid_der(oid), "", sgl_buf_slice(store)};
}

static sgl_cert *
make(sgl_engine *engine, const char *text)
{
	values v = {sgl_buf_init(1 << 20), sgl_buf_init(1 << 20),
	    sgl_buf_init(1 << 20), sgl_buf_init(1 << 20)};
	sgl_buf store[4] = {sgl_buf_init(1 << 20), sgl_buf_init(1 << 20),
	    sgl_buf_init(1 << 20), sgl_buf_init(1 << 20)};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(64);
	sgl_cert_parts p = {0};
	sgl_cert *cert = NULL;
	bool self_issued = false;
	size_t num = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		put_word(text, n, &v, &self_issued);
		text += n + strspn(text + n, " ");
	}
	add_ext(&p, &num, SGL_OID_CE_CERTIFICATE_POLICIES, &v.policies, true,
	    &store[0]);
	add_ext(
	    &p, &num, SGL_OID_CE_POLICY_MAPPINGS, &v.mappings, true, &store[1]);
	add_ext(&p, &num, SGL_OID_CE_POLICY_CONSTRAINTS, &v.constraints, true,
	    &store[2]);
	add_ext(
	    &p, &num, SGL_OID_CE_INHIBIT_ANY_POLICY, &v.any, false, &store[3]);
	if (self_issued) {
		sgl_parts_name("ca", &name);
		p.subject = sgl_buf_slice(&name);
	}
	sgl_parts_cert(&p, &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &cert, NULL), SGL_OK);
	assert_int_equal(cert->malformed_extension.len, 0);
	for (size_t i = 0; i < 4; i++)
		sgl_buf_clear(&store[i]);
	sgl_buf_clear(&v.policies);
	sgl_buf_clear(&v.mappings);
	sgl_buf_clear(&v.constraints);
	sgl_buf_clear(&v.any);
	return cert;
}

/* From the anchor down. `initial` are letters; flags: e, m, i as 6.1.1 (e) to
 * (g). -1: no fault, else the index from the leaf. */
static const struct {
	const char *chain[MAX_CHAIN], *initial, *flags;
	int fault_at;
} rows[] = {
    {{"", ""}, "", "", -1}, {{"", ""}, "", "e", 0}, {{"", "a"}, "", "e", -1},
    {{"", "a"}, "a", "e", -1}, {{"", "a"}, "b", "e", 0},
    {{"", "a"}, "*", "e", -1},
    {{"", "a"}, "b", "", -1}, /* nobody requires it */
    {{"", "*"}, "b", "e", -1}, {{"", "*"}, "", "ei", 0},
    {{"", "a b", "b c"}, "", "e", -1}, {{"", "a b", "b c"}, "c", "e", 0},
    {{"", "a", "b"}, "", "e", 0}, {{"", "a", "*"}, "a", "e", -1},
    {{"", "a", "*"}, "b", "e", 0}, {{"", "a", "*"}, "a", "ei", 0},
    {{"", "", "a"}, "", "e", 1}, {{"", "e0", "a"}, "", "", 0},
    {{"", "a e0", "a"}, "", "", -1}, {{"", "a e1", "b"}, "", "", 0},
    {{"", "a e2", "b"}, "", "", -1},
    {{"", "", "e0"}, "", "", 0}, /* 6.1.5 (b) */
    {{"", "", "e1"}, "", "", -1},
    /* mappings */
    {{"", "a a>b", "b"}, "a", "e", -1}, {{"", "a a>b", "b"}, "b", "e", 0},
    {{"", "a a>b", "a"}, "", "e", 0}, {{"", "a a>b a>a", "a"}, "a", "e", -1},
    {{"", "a a>b", "b"}, "a", "em", 0}, {{"", "a b a>b", "b"}, "b", "em", -1},
    {{"", "* a>b", "b"}, "a", "e", -1}, {{"", "* a>b", "b"}, "b", "e", 0},
    {{"", "* a>b", "a"}, "a", "e", -1},
    {{"", "a m0", "a a>b", "b"}, "", "e", 0},
    {{"", "a m1", "a a>b", "b"}, "", "e", -1},
    {{"", "a a>b", "b b>c", "c"}, "a", "e", -1},
    {{"", "a a>b", "b b>c", "c"}, "c", "e", 0},
    {{"", "a *>b", "b"}, "", "", 1}, /* 6.1.4 (a) */
    {{"", "a a>*", "b"}, "", "", 1},
    {{"", "b a>b", "b"}, "", "e", -1}, /* maps what is not there */
    /* inhibitAnyPolicy, and self-issued ones that are spared */
    {{"", "a i0", "*"}, "", "e", 0}, {{"", "a i1", "*"}, "", "e", -1},
    {{"", "a i0", "* =", "a"}, "", "e", -1},
    {{"", "a i0", "*", "a"}, "", "e", 1},
    {{"", "a i0", "* ="}, "", "e", 0}, /* the leaf is not spared */
    {{"", "a e2", "a =", "b"}, "", "", -1},
    {{"e0", "b"}, "a", "", -1}, /* the anchor is not of the path */
};

static size_t
read_initial(const char *letters, uint8_t oids[8][3], sgl_slice *out)
{
	size_t num = 0;

	for (; *letters != '\0'; letters++, num++) {
		memcpy(oids[num], "\x2a\x03", 2);
		oids[num][2] = (uint8_t)*letters;
		out[num] = *letters == '*' ? sgl_oid_der(SGL_OID_ANY_POLICY)
					   : sgl_slice_of(oids[num], 3);
	}
	return num;
}

static void
follows_policies(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		sgl_cert *chain[MAX_CHAIN] = {NULL};
		uint8_t oids[8][3];
		sgl_slice initial[8];
		sgl_path_policy policy = {.initial_policies = initial,
		    .num_initial_policies =
			read_initial(rows[i].initial, oids, initial),
		    .explicit_policy = strchr(rows[i].flags, 'e') != NULL,
		    .inhibit_mapping = strchr(rows[i].flags, 'm') != NULL,
		    .inhibit_any = strchr(rows[i].flags, 'i') != NULL};
		size_t num = 0, fault_at;

		while (num < MAX_CHAIN && rows[i].chain[num] != NULL)
			num++;
		for (size_t k = 0; k < num; k++)
			chain[num - 1 - k] = make(*state, rows[i].chain[k]);
		assert_int_equal(
		    sgl_policies_check(chain, num, &policy, &fault_at, NULL),
		    SGL_OK);
		if (fault_at !=
		    (rows[i].fault_at < 0 ? SIZE_MAX
					  : (size_t)rows[i].fault_at))
			fail_msg("row %zu: %zd", i, (ssize_t)fault_at);
		for (size_t k = 0; k < num; k++)
			sgl_cert_unref(chain[k]);
	}
}

/* Every policy is mapped to every other on every level: the tree of RFC 5280
 * would have 40 to the sixth nodes (RFC 9618 1). */
#define WIDE 40

static sgl_cert *
make_wide(sgl_engine *engine, bool with_mappings)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(1 << 20);

	for (int i = 0; i < WIDE; i++) {
		assert_int_equal(
		    sgl_buf_printf(&text, NULL, "%c ", 'A' + i), SGL_OK);
		for (int k = 0; with_mappings && k < WIDE; k++)
			assert_int_equal(sgl_buf_printf(&text, NULL, "%c>%c ",
					     'A' + i, 'A' + k),
			    SGL_OK);
	}
	assert_int_equal(sgl_buf_add(&text, SGL_LIT("\0"), NULL), SGL_OK);
	return make(engine, (char *)text.data);
}

static void
does_not_blow_up(void **state)
{
	SGL_AUTO(sgl_cert)
	ca = make_wide(*state, true);
	SGL_AUTO(sgl_cert)
	leaf = make_wide(*state, false);
	SGL_AUTO(sgl_cert)
	anchor = make(*state, "");
	sgl_cert *chain[] = {leaf, ca, ca, ca, ca, ca, anchor};
	sgl_path_policy policy = {.explicit_policy = true};
	clock_t begin = clock();
	size_t fault_at;

	assert_int_equal(
	    sgl_policies_check(chain, COUNT(chain), &policy, &fault_at, NULL),
	    SGL_OK);
	assert_int_equal(fault_at, SIZE_MAX);
	assert_true(clock() - begin < 2 * CLOCKS_PER_SEC);
}

typedef struct job {
	sgl_cert *chain[4];
} job;

static sgl_status
check_job(void *ctx, sgl_err *err)
{
	job *j = ctx;
	sgl_path_policy policy = {.explicit_policy = true};
	size_t fault_at;

	TRY(sgl_policies_check(j->chain, 4, &policy, &fault_at, err));
	assert_int_equal(fault_at, SIZE_MAX);
	return SGL_OK;
}

static void
survives_lack_of_memory(void **state)
{
	job j = {{make(*state, "c"), make(*state, "b b>c"),
	    make(*state, "a a>b"), make(*state, "")}};

	assert_true(sgl_fault_each(check_job, &j) >= 5);
	for (size_t i = 0; i < 4; i++)
		sgl_cert_unref(j.chain[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(follows_policies),
	    cmocka_unit_test(does_not_blow_up),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
