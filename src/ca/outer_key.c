/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "ca/outer_key.h"
#include "sigill/cms.h"
#include "sys/fail.h"
#include "sys/input.h"
#include "sys/output.h"
#include "sys/text.h"

#define ROOM "ca.outer_key"
#define FILE_MAX ((size_t)1 << 20)
#define TOKEN "pkcs11:"

void
sgl_outer_key_clear(sgl_outer_key *k)
{
	sgl_key_unref(k->key);
	sgl_token_free(k->token);
	*k = (sgl_outer_key){0};
}

bool
sgl_outer_key_is_token(const char *where)
{
	return sgl_slice_starts_nocase(sgl_slice_str(where), SGL_LIT(TOKEN));
}

sgl_status
sgl_outer_key_check_uri(const char *uri, sgl_err *err)
{
	if (strstr(uri, "pin-value") == NULL)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the pkcs11: URI holds a PIN, which others would see: name the "
	       "file that has it with pin-source=file:/PATH"));
}

sgl_status
sgl_outer_key_make(sgl_engine *engine, const sgl_ca_algorithm *algorithm,
    sgl_outer_key *out, sgl_err *err)
{
	return sgl_key_generate(
	    engine, algorithm->kind, algorithm->bits, &out->key, err);
}

/* A file that holds a key is wiped from memory. */
typedef struct file_bytes {
	sgl_buf buf;
} file_bytes;

static void
file_bytes_clear(file_bytes *f)
{
	sgl_buf_wipe(&f->buf);
}
SGL_AUTO_CLEAR_TYPE(file_bytes, file_bytes_clear)

static sgl_status
load_file(sgl_engine *engine, const char *path, sgl_slice password,
    sgl_keyring *ring, sgl_err *err)
{
	SGL_AUTO_CLEAR(file_bytes)
	file = {.buf = {.max = FILE_MAX, .secret = true}};
	sgl_err why = {0};
	sgl_status status;

	TRY(sgl_file_read(path, &file.buf, err));
	status = sgl_load(
	    engine, sgl_buf_slice(&file.buf), password, ring, NULL, NULL, &why);
	if (status == SGL_OK)
		return SGL_OK;
	if (why.detail[0] == '\0')
		(void)snprintf(why.detail, sizeof why.detail, "%s", path);
	*err = why;
	return status;
}

static sgl_status
take_only_key(
    const sgl_keyring *ring, const char *where, sgl_key **out, sgl_err *err)
{
	if (ring->num_keys == 0)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("there is no private key in it"), "%s", where);
	if (ring->num_keys > 1)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("there are several private keys: name one"), "%s",
		    where);
	*out = sgl_key_ref(ring->keys[0]);
	return SGL_OK;
}

sgl_status
sgl_outer_key_open(sgl_engine *engine, const char *where, sgl_slice password,
    sgl_outer_key *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_outer_key) k = {0};
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	if (sgl_outer_key_is_token(where)) {
		TRY(sgl_token_open(engine, where, password, &k.token, err));
		TRY(sgl_token_add_to_ring(k.token, &ring, err));
	} else
		TRY(load_file(engine, where, password, &ring, err));
	TRY(take_only_key(&ring, where, &k.key, err));
	*out = k;
	k = (sgl_outer_key){0};
	return SGL_OK;
}

static sgl_status
check_absent(const char *path, sgl_err *err)
{
	if (access(path, F_OK) == 0)
		return sgl_fail_errno(err, EEXIST, ROOM, path);
	return SGL_OK;
}

static sgl_status
write_file(sgl_engine *engine, const sgl_keyring *ring, const char *path,
    sgl_slice password, sgl_err *err)
{
	sgl_bytes file = {0};
	sgl_status status;

	TRY(sgl_pkcs12_write(
	    engine, ring, SGL_LIT("root"), password, false, &file, err));
	status = sgl_file_write(
	    engine, path, true, sgl_slice_of(file.data, file.len), err);
	sgl_bytes_free(&file);
	return status;
}

static sgl_status
read_back(sgl_engine *engine, sgl_key *key, sgl_cert *cert, const char *path,
    sgl_slice password, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	TRY(load_file(engine, path, password, &ring, err));
	if (ring.num_keys == 1 && sgl_keyring_find_key(&ring, cert) != NULL &&
	    sgl_slice_eq(sgl_key_get_spki(ring.keys[0]), sgl_key_get_spki(key)))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("the file does not hold what was written to it"), "%s", path);
}

sgl_status
sgl_outer_key_save(sgl_engine *engine, sgl_key *key, sgl_cert *cert,
    const char *path, sgl_slice password, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	sgl_status status;

	TRY(check_absent(path, err));
	TRY(sgl_keyring_add_key(&ring, key, err));
	TRY(sgl_keyring_add_cert(&ring, cert, err));
	TRY(write_file(engine, &ring, path, password, err));
	status = read_back(engine, key, cert, path, password, err);
	if (status != SGL_OK)
		(void)unlink(path);
	return status;
}
