/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/credential.h"

/* Beginnings as `systemd-creds encrypt` writes them, and what are none. */
static const struct {
	const char *text;
	sgl_credential_kind want;
} files[] = {
    {"WhxqheOsQFKGAAA", SGL_CREDENTIAL_UNSEEN},
    {"Whxqht+dQJax1aZeCGLxmgEAAAAMAAAA\n", SGL_CREDENTIAL_HOST},
    {" Whxq\n ht+dQJax1a\nZeCGLxmgEAAAAMAAAA\n", SGL_CREDENTIAL_HOST},
    {"DHzAexF2RZGcSwvqCLwg/gEAAAAMAAAA", SGL_CREDENTIAL_TPM},
    {"k6iUCUh0RJCQyvL8k8q1UwEAAAAMAAAA", SGL_CREDENTIAL_TPM},
    {"BYRp2vb1QySABUnaD46i+wEAAAAMAAAA", SGL_CREDENTIAL_PLAIN},
    {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", SGL_CREDENTIAL_UNSEEN},
    {"not at all base64, but long enough?", SGL_CREDENTIAL_UNSEEN},
    {"", SGL_CREDENTIAL_UNSEEN},
};

static void
kinds_are_known_by_their_beginning(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (sgl_credential_kind_of(sgl_slice_str(files[i].text)) !=
		    files[i].want)
			fail_msg("case %zu", i);
}

static void
put(const char *folder, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
expect(const char *name, sgl_credential_kind want)
{
	sgl_credential_kind kind;

	assert_int_equal(
	    sgl_credential_find("x.service", name, &kind, NULL), SGL_OK);
	assert_int_equal(kind, want);
}

static void
settings_are_found(void **state)
{
	char folder[] = "/tmp/sigill-credential-XXXXXX", path[512], line[1024];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "/nowhere:%s", folder);
	assert_int_equal(setenv("SYSTEMD_UNIT_PATH", path, 1), 0);
	expect("vault", SGL_CREDENTIAL_UNSEEN);
	put(folder, "x.service",
	    "[Service]\nLoadCredential=vault:/etc/vault\n"
	    "#LoadCredential=other:/x\nLoadCredential=vaults\n");
	expect("vault", SGL_CREDENTIAL_PLAIN);
	expect("other", SGL_CREDENTIAL_UNSEEN);
	expect("vaults", SGL_CREDENTIAL_UNSEEN);
	(void)snprintf(path, sizeof path, "%s/x.service.d", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	put(path, "sealed", files[3].text);
	(void)snprintf(line, sizeof line,
	    "[Service]\n  LoadCredentialEncrypted=vault:%s/sealed\n", path);
	put(path, "a.conf", line);
	put(path, "b.conf~", "LoadCredential=vault:/etc/vault\n");
	expect("vault", SGL_CREDENTIAL_TPM);
	(void)snprintf(line, sizeof line, "rm -r %s", folder);
	assert_int_equal(system(line), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds_are_known_by_their_beginning),
	    cmocka_unit_test(settings_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
