/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ca/making.h"
#include "ca/next_key.h"
#include "sys/text.h"

#define ROOM "ca.next_key"
#define SETTING_ID "authority.next_key"
#define SETTING_SPKI "authority.next_spki"
#define SPKI_MAX 4096

/* A setting as bytes; *found false where it is empty too. */
static sgl_status
get(sgl_home *home, const char *setting, sgl_buf *out, bool *found,
    sgl_err *err)
{
	TRY(sgl_store_get_setting(
	    sgl_home_store(home), setting, out, found, err));
	*found = *found && out->len > 0;
	return SGL_OK;
}

static sgl_status
set(sgl_home *home, sgl_slice id, sgl_slice spki, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);

	TRY(sgl_store_set_setting(store, SETTING_ID, id, err));
	return sgl_store_set_setting(store, SETTING_SPKI, spki, err);
}

static sgl_status
generate(sgl_home *home, sgl_key **out, int64_t *id, sgl_err *err)
{
	const sgl_ca_algorithm *algorithm =
	    sgl_ca_algorithm_find(sgl_home_organisation(home)->algorithm);
	sgl_new_key want;
	sgl_vault *vault;

	if (algorithm == NULL)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("the organisation's kind of key is not known to this "
		       "release"));
	want = (sgl_new_key){.kind = algorithm->kind, .bits = algorithm->bits};
	TRY(sgl_home_vault(home, &vault, err));
	return sgl_vault_generate(vault, &want, out, id, err);
}

sgl_status
sgl_next_key_make(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(2 * SPKI_MAX);
	SGL_AUTO(sgl_key)
	key = NULL;
	char number[32];
	int64_t id;
	bool found;

	TRY(get(home, SETTING_ID, &text, &found, err));
	if (found)
		return SGL_OK;
	TRY(generate(home, &key, &id, err));
	TRY(sgl_hex_add(&text, sgl_key_get_spki(key), err));
	(void)snprintf(number, sizeof number, "%" PRId64, id);
	return set(home, sgl_slice_str(number), sgl_buf_slice(&text), err);
}

static sgl_status
read_hex(const sgl_buf *text, sgl_buf *out, sgl_err *err)
{
	for (size_t i = 0; i + 1 < text->len; i += 2) {
		int high = sgl_hex_digit(text->data[i]),
		    low = sgl_hex_digit(text->data[i + 1]);
		uint8_t byte = (uint8_t)(high << 4 | low);

		if (high < 0 || low < 0)
			return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
			    N_("a setting in the database is not what it must "
			       "be"));
		TRY(sgl_buf_add(out, sgl_slice_of(&byte, 1), err));
	}
	return SGL_OK;
}

static sgl_status
get_spki(sgl_home *home, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(2 * SPKI_MAX);
	bool found;

	TRY(get(home, SETTING_SPKI, &text, &found, err));
	if (!found)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("no key was prepared for the next issuing authority"));
	return read_hex(&text, out, err);
}

sgl_status
sgl_next_key_get(sgl_home *home, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) spki = sgl_buf_init(SPKI_MAX);

	TRY(get_spki(home, &spki, err));
	return sgl_ca_key_elsewhere(
	    sgl_home_engine(home), sgl_buf_slice(&spki), out, err);
}

static sgl_status
get_id(sgl_home *home, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) number = sgl_buf_init(32);
	const char *text;
	bool found;

	TRY(get(home, SETTING_ID, &number, &found, err));
	TRY(sgl_buf_text(&number, &text, err));
	*id = strtoll(text, NULL, 10);
	return SGL_OK;
}

sgl_status
sgl_next_key_open(sgl_home *home, sgl_key **out, sgl_err *err)
{
	sgl_vault *vault;
	int64_t id;

	TRY(get_id(home, &id, err));
	TRY(sgl_home_vault(home, &vault, err));
	return sgl_vault_get(vault, id, out, err);
}

sgl_status
sgl_next_key_take(sgl_home *home, sgl_slice spki, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) ours = sgl_buf_init(SPKI_MAX);

	TRY(get_spki(home, &ours, err));
	if (!sgl_slice_eq(sgl_buf_slice(&ours), spki))
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("the certificate is not for the key that was "
		       "prepared; repeat the command"));
	TRY(get_id(home, id, err));
	return set(home, SGL_LIT(""), SGL_LIT(""), err);
}
