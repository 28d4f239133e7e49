/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#12 against other programs: what `openssl pkcs12 -export` writes in all
 * its variants is read here, and what is written here is read by openssl and
 * by NSS's pk12util. Programs that are not there are passed over.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cms/load.h"
#include "support/folder.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define CAFE "r\xc3\xa4ksm\xc3\xb6rg\xc3\xa5s"

typedef struct bench {
	sgl_engine *engine;
	sgl_folder folder;
	bool has_openssl, has_nss;
} bench;

/* Runs a command with $D as the folder; its output goes to $D/log. */
static int
run(const bench *b, const char *command)
{
	char line[2048];

	(void)snprintf(line, sizeof line,
	    "cd '%s' && D=. && export LC_ALL=C.UTF-8 && "
	    "{ %s ; } >log 2>&1 </dev/null",
	    b->folder.path, command);
	return system(line);
}

static void
must_run(const bench *b, const char *command)
{
	if (run(b, command) != 0) {
		SGL_AUTO_CLEAR(sgl_buf)
		log = sgl_folder_read(&b->folder, "log");

		fail_msg("%s: %s", command, (const char *)log.data);
	}
}

/* An EC and an RSA key, their certificates, and an issuer's beside. */
static void
make_material(const bench *b)
{
	must_run(b,
	    "for k in 'ec -pkeyopt ec_paramgen_curve:P-256' "
	    "'rsa -pkeyopt rsa_keygen_bits:2048'; do "
	    "set -- $k; a=$1; shift; "
	    "openssl req -x509 -newkey $a \"$@\" -nodes -days 30 "
	    "-subj \"/CN=Alice $a\" -addext "
	    "subjectAltName=email:alice@example.org "
	    "-keyout $D/$a.key -out $D/$a.crt || exit 1; done; "
	    "cat $D/rsa.crt >$D/more.pem");
}

static int
start(void **state)
{
	static bench b;

	b = (bench){0};
	if (sgl_engine_new(NULL, &b.engine, NULL) != SGL_OK)
		return -1;
	sgl_folder_make(&b.folder);
	b.has_openssl = run(&b, "openssl version") == 0;
	b.has_nss = run(&b, "command -v pk12util && command -v certutil") == 0;
	if (b.has_openssl)
		make_material(&b);
	*state = &b;
	return 0;
}

static int
stop(void **state)
{
	bench *b = *state;

	sgl_folder_remove(&b->folder);
	sgl_engine_free(b->engine);
	return 0;
}

static const struct {
	const char *options, *password;
	sgl_loaded want;
} variants[] = {
    {"", "pw", {1, 1, 0}},
    {"-inkey $D/rsa.key -in $D/rsa.crt", "pw", {1, 1, 0}},
    {"-certfile $D/more.pem -name alice -caname other", "pw", {2, 1, 0}},
    {"-legacy", "pw", {1, 1, 0}},
    {"-legacy -descert", "pw", {1, 1, 0}},
    {"-nomac", "pw", {1, 1, 0}},
    {"-nomac -legacy", "pw", {1, 1, 0}},
    {"-nokeys", "pw", {1, 0, 0}},
    {"-nocerts", "pw", {0, 1, 0}},
    {"-noiter", "pw", {1, 1, 0}},
    {"-nomaciter", "pw", {1, 1, 0}},
    {"-iter 1", "pw", {1, 1, 0}},
    {"-iter 100000", "pw", {1, 1, 0}},
    {"-macalg sha1", "pw", {1, 1, 0}},
    {"-macalg sha224", "pw", {1, 1, 0}},
    {"-macalg sha384", "pw", {1, 1, 0}},
    {"-macalg sha512", "pw", {1, 1, 0}},
    {"-certpbe NONE", "pw", {1, 1, 0}},
    {"-keypbe NONE", "pw", {1, 1, 0}},
    {"-certpbe NONE -keypbe NONE", "pw", {1, 1, 0}},
    {"-certpbe AES-128-CBC -keypbe AES-192-CBC", "pw", {1, 1, 0}},
    {"-certpbe DES-EDE3-CBC -keypbe DES-EDE3-CBC", "pw", {1, 1, 0}},
    {"-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES", "pw", {1, 1, 0}},
    {"-certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-2DES", "pw", {1, 1, 0}},
    {"-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-RC2-128", "pw",
	{1, 1, 0}},
    {"", "", {1, 1, 0}},
    {"-legacy", "", {1, 1, 0}},
    {"-nomac", "", {1, 1, 0}},
    {"-certpbe NONE -keypbe NONE", "", {1, 1, 0}},
    {"", CAFE, {1, 1, 0}},
    {"-legacy", CAFE, {1, 1, 0}},
};

static sgl_status
load(const bench *b, const char *password, sgl_keyring *ring, sgl_loaded *got,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_folder_read(&b->folder, "x.p12");

	return sgl_load(b->engine, sgl_buf_slice(&file),
	    sgl_slice_str(password), ring, NULL, got, err);
}

static void
check_variant(const bench *b, size_t i)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	char command[1024];
	sgl_loaded got = {0};
	sgl_err err = {0};

	(void)snprintf(command, sizeof command,
	    "openssl pkcs12 -export -inkey $D/ec.key -in $D/ec.crt %s "
	    "-passout 'pass:%s' -out $D/x.p12",
	    variants[i].options, variants[i].password);
	must_run(b, command);
	if (load(b, variants[i].password, &ring, &got, &err) != SGL_OK)
		fail_msg("%s: %s", command, err.text);
	if (got.num_certs != variants[i].want.num_certs ||
	    got.num_keys != variants[i].want.num_keys)
		fail_msg("%s: %zu certificates, %zu keys", command,
		    got.num_certs, got.num_keys);
	if (got.num_certs > 0 && got.num_keys > 0)
		assert_non_null(
		    sgl_keyring_find_key(&ring, ring.certs.items[0]));
	if (strstr(variants[i].options, "NONE -keypbe NONE") == NULL)
		assert_int_equal(
		    load(b, "not it", &ring, &got, &err), SGL_E_PASSWORD);
}

static void
reads_what_openssl_writes(void **state)
{
	const bench *b = *state;

	if (!b->has_openssl)
		skip();
	for (size_t i = 0; i < COUNT(variants); i++)
		check_variant(b, i);
}

static void
write_file(const bench *b, const char *password, bool legacy)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	sgl_bytes file = {0};

	static const char *const names[] = {
	    "rsa.key", "rsa.crt", "ec.key", "ec.crt"};

	for (size_t i = 0; i < COUNT(names); i++) {
		SGL_AUTO_CLEAR(sgl_buf)
		pem = sgl_folder_read(&b->folder, names[i]);

		assert_int_equal(
		    sgl_load(b->engine, sgl_buf_slice(&pem),
			(sgl_slice){NULL, 0}, &ring, NULL, NULL, NULL),
		    SGL_OK);
	}
	assert_int_equal(sgl_pkcs12_write(b->engine, &ring, SGL_LIT("Alice A"),
			     sgl_slice_str(password), legacy, &file, NULL),
	    SGL_OK);
	sgl_folder_write(
	    &b->folder, "x.p12", sgl_slice_of(file.data, file.len));
	sgl_bytes_free(&file);
}

static const char *const passwords[] = {"pw", "", CAFE};

static void
openssl_reads_what_we_write(void **state)
{
	const bench *b = *state;
	char command[1024];

	if (!b->has_openssl)
		skip();
	for (size_t i = 0; i < 2 * COUNT(passwords); i++) {
		bool legacy = i % 2 == 1;

		write_file(b, passwords[i / 2], legacy);
		/* Both keys, in order, and linked with their certificates. */
		(void)snprintf(command, sizeof command,
		    "openssl pkcs12 -in $D/x.p12 -passin 'pass:%s' -nodes "
		    "-out $D/out.pem %s && "
		    "test $(grep -c 'BEGIN PRIVATE' $D/out.pem) = 2 && "
		    "test $(grep -c 'BEGIN CERT' $D/out.pem) = 2 && "
		    "test $(grep -c 'friendlyName: Alice A$' $D/out.pem) = 2 "
		    "&& "
		    "test $(grep -c 'friendlyName: Alice A 2$' $D/out.pem) = 2 "
		    "&& "
		    "test $(grep localKeyID $D/out.pem | sort -u | wc -l) = 2",
		    passwords[i / 2], legacy ? "-legacy" : "");
		must_run(b, command);
	}
}

static void
nss_reads_what_we_write(void **state)
{
	const bench *b = *state;

	if (!b->has_openssl || !b->has_nss)
		skip();
	for (size_t i = 0; i < 2 * COUNT(passwords); i++) {
		char command[1024];

		if (passwords[i / 2][0] == '\0')
			continue; /* pk12util would ask for one */
		write_file(b, passwords[i / 2], i % 2 == 1);
		(void)snprintf(command, sizeof command,
		    "rm -rf $D/db; mkdir $D/db && "
		    "certutil -N -d sql:$D/db --empty-password && "
		    "pk12util -i $D/x.p12 -d sql:$D/db -W '%s' && "
		    "test $(certutil -K -d sql:$D/db | grep -c '^<') = 2",
		    passwords[i / 2]);
		must_run(b, command);
	}
}

static void
reads_what_nss_writes(void **state)
{
	const bench *b = *state;

	if (!b->has_openssl || !b->has_nss)
		skip();
	for (size_t i = 0; i < COUNT(passwords); i++) {
		SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
		char command[1024];
		sgl_loaded got = {0};
		sgl_err err = {0};

		if (passwords[i][0] == '\0')
			continue;
		write_file(b, "pw", false);
		(void)snprintf(command, sizeof command,
		    "rm -rf $D/db $D/x2.p12; mkdir $D/db && "
		    "certutil -N -d sql:$D/db --empty-password && "
		    "pk12util -i $D/x.p12 -d sql:$D/db -W pw && "
		    "pk12util -o $D/x2.p12 -n 'Alice A' -d sql:$D/db -W '%s' "
		    "&& "
		    "mv $D/x2.p12 $D/x.p12",
		    passwords[i]);
		must_run(b, command);
		if (load(b, passwords[i], &ring, &got, &err) != SGL_OK)
			fail_msg("%s: %s", passwords[i], err.text);
		assert_true(got.num_keys >= 1 && got.num_certs >= 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_openssl_writes),
	    cmocka_unit_test(openssl_reads_what_we_write),
	    cmocka_unit_test(nss_reads_what_we_write),
	    cmocka_unit_test(reads_what_nss_writes),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
