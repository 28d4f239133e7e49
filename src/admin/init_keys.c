/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/init_keys.h"
#include "org/choose.h"
#include "sys/fail.h"
#include "sys/output.h"
#include "sys/passphrase.h"

#define ROOM "admin.init"
#define PASSWORD_MIN 12
#define PATH_SIZE 4096

void
sgl_init_keys_clear(sgl_init_keys *k)
{
	sgl_outer_key_clear(&k->root);
	sgl_outer_key_clear(&k->issuing);
	sgl_secret_clear(&k->password);
	*k = (sgl_init_keys){0};
}

/* ------------------------------------------------------------- options --- */

static sgl_status
refuse(const char *text, sgl_err *err)
{
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text);
}

static sgl_status
check_token(const sgl_call *call, const char *option, sgl_err *err)
{
	const char *uri = sgl_call_get(call, option);

	if (uri == NULL)
		return SGL_OK;
	if (!sgl_outer_key_is_token(uri))
		return refuse(N_("--root-key and --issuing-key want a pkcs11: "
				 "URI"),
		    err);
	return sgl_outer_key_check_uri(uri, err);
}

/* No root of its own, so no key of one; the issuing authority's is in the
 * vault, where the request is signed. */
static sgl_status
check_below(const sgl_call *call, sgl_err *err)
{
	static const char *const others[] = {
	    "root-key-out", "root-key", "issuing-key", "password-file"};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (sgl_call_has(call, others[i]))
			return refuse(
			    N_("--parent-csr-out: the root is another "
			       "organisation's, and the issuing authority's "
			       "key is made here; no other key can be given"),
			    err);
	return sgl_path_is_stdout(sgl_call_get(call, "parent-csr-out"))
	    ? refuse(N_("--parent-csr-out wants the name of a file"), err)
	    : SGL_OK;
}

sgl_status
sgl_init_keys_check(const sgl_call *call, sgl_err *err)
{
	bool file = sgl_call_has(call, "root-key-out"),
	     token = sgl_call_has(call, "root-key");

	if (sgl_call_has(call, "parent-csr-out"))
		return check_below(call, err);
	if (!sgl_call_has(call, "public-url"))
		return file || token || sgl_call_has(call, "issuing-key") ||
			sgl_call_has(call, "password-file")
		    ? refuse(N_("--root-key-out, --root-key, --issuing-key and "
				"--password-file go with --public-url: the "
				"keys of a trial are not guarded"),
			  err)
		    : SGL_OK;
	if (file == token)
		return refuse(N_("say where the root's private key shall be: "
				 "--root-key-out FILE, or --root-key with the "
				 "pkcs11: URI of one on a token"),
		    err);
	if (file && sgl_path_is_stdout(sgl_call_get(call, "root-key-out")))
		return refuse(
		    N_("--root-key-out wants the name of a file"), err);
	TRY(check_token(call, "root-key", err));
	return check_token(call, "issuing-key", err);
}

/* ---------------------------------------------------------------- keys --- */

/* Whoever finds the file can try passwords for as long as it takes. */
static sgl_status
check_password(const sgl_secret *password, sgl_err *err)
{
	if (password->len >= PASSWORD_MIN)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the password of the root's key is too short: take 12 "
	       "characters or more"));
}

static sgl_status
get_password(const sgl_call *call, sgl_init_keys *k, sgl_err *err)
{
	const char *file = sgl_call_get(call, "password-file");

	if (file != NULL)
		TRY(sgl_passphrase_file(file, &k->password, err));
	else if (k->file != NULL)
		TRY(sgl_passphrase_ask(_("New password for the root's key: "),
		    true, &k->password, err));
	return k->file == NULL ? SGL_OK : check_password(&k->password, err);
}

static sgl_status
get_root(const sgl_call *call, sgl_engine *engine, const char *algorithm,
    sgl_init_keys *k, sgl_err *err)
{
	const char *uri = sgl_call_get(call, "root-key");

	if (k->file != NULL && access(k->file, F_OK) == 0)
		return sgl_fail_errno(err, EEXIST, ROOM, k->file);
	TRY(get_password(call, k, err));
	if (k->file != NULL)
		TRY(sgl_outer_key_make(
		    engine, sgl_ca_algorithm_find(algorithm), &k->root, err));
	else
		TRY(sgl_outer_key_open(engine, uri,
		    sgl_secret_slice(&k->password), &k->root, err));
	k->founding.root = k->root.key;
	k->founding.root_location = k->file != NULL ? SGL_KEY_EXPORTED : uri;
	return SGL_OK;
}

/* It must open by itself later, with the PIN that its URI names. */
static sgl_status
get_issuing(
    const sgl_call *call, sgl_engine *engine, sgl_init_keys *k, sgl_err *err)
{
	const char *uri = sgl_call_get(call, "issuing-key");

	if (uri == NULL)
		return SGL_OK;
	TRY(sgl_outer_key_open(
	    engine, uri, (sgl_slice){NULL, 0}, &k->issuing, err));
	k->founding.issuing = k->issuing.key;
	k->founding.issuing_location = uri;
	return SGL_OK;
}

static sgl_status
check_differ(const sgl_init_keys *k, sgl_err *err)
{
	if (k->issuing.key == NULL ||
	    !sgl_slice_eq(sgl_key_get_spki(k->root.key),
		sgl_key_get_spki(k->issuing.key)))
		return SGL_OK;
	return refuse(
	    N_("--root-key and --issuing-key name the same key"), err);
}

sgl_status
sgl_init_keys_get(const sgl_call *call, sgl_engine *engine,
    const char *algorithm, sgl_init_keys *out, sgl_err *err)
{
	if (!sgl_call_has(call, "public-url") ||
	    sgl_call_has(call, "parent-csr-out"))
		return SGL_OK;
	out->file = sgl_call_get(call, "root-key-out");
	TRY(get_root(call, engine, algorithm, out, err));
	TRY(get_issuing(call, engine, out, err));
	return check_differ(out, err);
}

/* ---------------------------------------------------------------- file --- */

/* `file` is not there yet; the folder that it shall be in is. */
static sgl_status
find_folder(const char *file, char real[PATH_SIZE], sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) folder = sgl_buf_init(PATH_SIZE);
	const char *slash = strrchr(file, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - file);

	if (len == 0)
		TRY(sgl_buf_add_str(&folder, slash == NULL ? "." : "/", err));
	TRY(sgl_buf_add(&folder, sgl_slice_of(file, len), err));
	TRY(sgl_buf_add(&folder, sgl_slice_of("", 1), err));
	return realpath((const char *)folder.data, real) != NULL
	    ? SGL_OK
	    : sgl_fail_errno(err, errno, ROOM, file);
}

static sgl_status
check_outside(const sgl_home *home, const char *file, sgl_err *err)
{
	char folder[PATH_SIZE], inside[PATH_SIZE];
	size_t len;

	TRY(find_folder(file, folder, err));
	if (realpath(sgl_home_path(home), inside) == NULL)
		return sgl_fail_errno(err, errno, ROOM, sgl_home_path(home));
	len = strlen(inside);
	if (strncmp(folder, inside, len) != 0 ||
	    (folder[len] != '\0' && folder[len] != '/'))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the root's key must not lie in the home: it shall be out of "
	       "reach of whoever gets that"),
	    "%s", file);
}

sgl_status
sgl_init_keys_save(sgl_home *home, const sgl_init_keys *k, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	sgl_status status;

	if (k->file == NULL)
		return SGL_OK;
	sgl_home_as_caller(home, true);
	status = check_outside(home, k->file, err);
	sgl_home_as_caller(home, false);
	TRY(status);
	TRY(sgl_home_add_authorities(home, &roots, NULL, err));
	sgl_home_as_caller(home, true);
	status = sgl_outer_key_save(sgl_home_engine(home), k->root.key,
	    roots.items[0], k->file, sgl_secret_slice(&k->password), err);
	sgl_home_as_caller(home, false);
	return status;
}

void
sgl_init_keys_unsave(const sgl_init_keys *k)
{
	if (k->file != NULL)
		(void)unlink(k->file);
}
