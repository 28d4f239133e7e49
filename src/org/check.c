/* SPDX-License-Identifier: Apache-2.0 */
#include "org/check.h"
#include "sys/text.h"

#define ROOM "org.check"

typedef struct checking {
	sgl_vault *vault;
	sgl_home_checked *out;
} checking;

static sgl_status
count_person(void *ctx, const sgl_person *p, sgl_err *err)
{
	checking *c = ctx;

	(void)p;
	(void)err;
	c->out->people++;
	return SGL_OK;
}

/* Whose private half is elsewhere has nothing that could open. */
static sgl_status
open_key(void *ctx, const sgl_key_record *k, sgl_err *err)
{
	checking *c = ctx;
	SGL_AUTO(sgl_key)
	key = NULL;

	if (k->sealed.len == 0)
		return SGL_OK;
	TRY(sgl_vault_get(c->vault, k->id, &key, err));
	c->out->keys++;
	return SGL_OK;
}

sgl_status
sgl_home_check(sgl_home *home, sgl_home_checked *out, sgl_err *err)
{
	checking c = {.out = out};
	sgl_store *store = sgl_home_store(home);

	TRY(sgl_home_vault(home, &c.vault, err));
	TRY(sgl_store_each_person(store, count_person, &c, err));
	return sgl_store_each_key(store, open_key, &c, err);
}
