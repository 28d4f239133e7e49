/* SPDX-License-Identifier: Apache-2.0 */
/* From a URI to a token: modules, their slots, what is in them. */
#include <stdio.h>
#include <stdlib.h>

#include "sys/plain.h"
#include "sys/text.h"
#include "vault/token_inside.h"

/* What an HSM with many partitions may have. */
#define MAX_SLOTS 4096

/* The tokens that match so far. */
typedef struct search {
	sgl_token *token;
	unsigned found;
	char names[SGL_ERR_DETAIL];
} search;

static void
copy_label(const CK_TOKEN_INFO *info, char out[33])
{
	size_t len = sizeof info->label;

	/* Padded with blanks, without a NUL (PKCS#11 3.0, 3.2). */
	while (len > 0 && info->label[len - 1] == ' ')
		len--;
	memcpy(out, info->label, len);
	out[len] = '\0';
}

static void
note(search *s, CK_FUNCTION_LIST *module, CK_SLOT_ID slot,
    const CK_TOKEN_INFO *info)
{
	sgl_token *t = s->token;
	char label[33];
	size_t len = strlen(s->names);

	copy_label(info, label);
	(void)snprintf(s->names + len, sizeof s->names - len,
	    "%stoken=%s;slot-id=%lu", len > 0 ? ", " : "", label, slot);
	if (s->found++ > 0)
		return;
	t->module = module;
	t->slot = slot;
	t->info = *info;
	memcpy(t->label, label, sizeof label);
}

/* A slot whose token cannot be looked at is passed over: it may be one that is
 * just being pulled out. */
static void
look_at_slot(search *s, CK_FUNCTION_LIST *module, CK_SLOT_ID slot)
{
	sgl_token *t = s->token;
	CK_SLOT_ID wanted = t->kit.uri_get_slot_id(t->uri);
	CK_SLOT_INFO slot_info;
	CK_TOKEN_INFO info;

	if (wanted != (CK_SLOT_ID)-1 && wanted != slot)
		return;
	if (module->C_GetSlotInfo(slot, &slot_info) != CKR_OK ||
	    module->C_GetTokenInfo(slot, &info) != CKR_OK)
		return;
	if (info.flags & CKF_TOKEN_INITIALIZED &&
	    t->kit.uri_match_slot_info(t->uri, &slot_info) &&
	    t->kit.uri_match_token_info(t->uri, &info))
		note(s, module, slot, &info);
}

/* Collections of trusted certificates look like tokens, but hold no keys. */
static bool
is_for_trust(sgl_token *t, CK_FUNCTION_LIST *module)
{
	char *policy = t->kit.config_option(module, "trust-policy");
	bool is = policy != NULL && strcmp(policy, "yes") == 0;

	free(policy);
	return is;
}

static bool
module_matches(sgl_token *t, CK_FUNCTION_LIST *module)
{
	const char *wanted = t->kit.uri_get_module_name(t->uri);
	char *name = t->kit.module_get_name(module);
	bool matches =
	    wanted == NULL || (name != NULL && strcmp(name, wanted) == 0);
	CK_INFO info;

	free(name);
	return matches && !is_for_trust(t, module) &&
	    module->C_GetInfo(&info) == CKR_OK &&
	    t->kit.uri_match_module_info(t->uri, &info);
}

static sgl_status
look_at_module(search *s, CK_FUNCTION_LIST *module, sgl_err *err)
{
	SGL_AUTO_MEM CK_SLOT_ID *slots = NULL;
	CK_ULONG num = 0;

	if (!module_matches(s->token, module) ||
	    module->C_GetSlotList(CK_TRUE, NULL, &num) != CKR_OK)
		return SGL_OK;
	num = num < MAX_SLOTS ? num : MAX_SLOTS;
	slots = sgl_mem_zeroed(num + 1, sizeof *slots);
	if (slots == NULL)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	if (module->C_GetSlotList(CK_TRUE, slots, &num) != CKR_OK)
		return SGL_OK;
	for (CK_ULONG i = 0; i < num; i++)
		look_at_slot(s, module, slots[i]);
	return SGL_OK;
}

static sgl_status
load_one(sgl_token *t, const char *path, sgl_err *err)
{
	CK_FUNCTION_LIST *module;
	CK_RV rv;

	if (t->only != NULL)
		return SGL_OK;
	module = t->kit.module_load(path, 0);
	if (module == NULL)
		return sgl_fail_at(err, SGL_E_IO, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
		    N_("the PKCS#11 module cannot be loaded: look at "
		       "module-path"),
		    "%s", path);
	rv = t->kit.module_initialize(module);
	if (rv != CKR_OK) {
		t->kit.module_release(module);
		return sgl_fail_at(err, SGL_E_IO, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
		    N_("the PKCS#11 module does not start"), "%s: %s", path,
		    t->kit.strerror(rv));
	}
	t->only = module;
	return SGL_OK;
}

/* What is in the database was written by whoever owns the home, and must not
 * become what root executes. */
static sgl_status
load_given(sgl_token *t, const char *path, sgl_err *err)
{
	char real[SGL_PLAIN_PATH];

	if (!t->only_roots)
		return load_one(t, path, err);
	if (sgl_plain_find_roots(path, real))
		return load_one(t, real, err);
	return sgl_fail_at(err, SGL_E_USAGE, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
	    N_("root loads no PKCS#11 module that somebody else could have put "
	       "there: let the file and the folders above it belong to root, "
	       "and only root write in them"),
	    "%s", path);
}

/* A module of the system that does not start is left out by p11-kit. */
static sgl_status
load_all(sgl_token *t, sgl_err *err)
{
	if (t->all == NULL)
		t->all = t->kit.modules_load_and_initialize(0);
	if (t->all == NULL)
		return sgl_fail(err, SGL_E_IO, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
		    N_("p11-kit cannot load the PKCS#11 modules: see p11-kit "
		       "list-modules"));
	return SGL_OK;
}

static sgl_status
judge(const search *s, sgl_err *err)
{
	if (s->found == 0)
		return sgl_fail(err, SGL_E_NOKEY, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
		    N_("no token matches: is it inserted, and does p11-kit "
		       "list-modules show it?"));
	if (s->found > 1)
		return sgl_fail_at(err, SGL_E_USAGE, SGL_TOKEN_ROOM,
		    SGL_NO_OFFSET,
		    N_("several tokens match: say which, with token=, "
		       "serial=, slot-id= or module-name="),
		    "%s", s->names);
	return SGL_OK;
}

sgl_status
sgl_token_locate(sgl_token *t, sgl_err *err)
{
	const char *path = t->kit.uri_get_module_path(t->uri);
	search s = {.token = t};

	if (path != NULL) {
		TRY(load_given(t, path, err));
		TRY(look_at_module(&s, t->only, err));
	} else {
		TRY(load_all(t, err));
		for (size_t i = 0; t->all[i] != NULL; i++)
			TRY(look_at_module(&s, t->all[i], err));
	}
	return judge(&s, err);
}
