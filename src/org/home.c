/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "org/audit_head.h"
#include "org/conf.h"
#include "org/home_inside.h"
#include "org/keys.h"
#include "org/organisation.h"
#include "org/recipients.h"
#include "sys/fail.h"
#include "sys/text.h"
#include "sys/user.h"

#define ROOM "org.home"
#define PATIENCE_MS 10000

const char *
sgl_home_path(const sgl_home *home)
{
	return (const char *)home->path.data;
}

const sgl_organisation *
sgl_home_organisation(const sgl_home *home)
{
	return &home->organisation;
}

sgl_engine *
sgl_home_engine(const sgl_home *home)
{
	return home->engine;
}

sgl_store *
sgl_home_store(const sgl_home *home)
{
	return home->store;
}

unsigned
sgl_home_owner(const sgl_home *home)
{
	return home->owner;
}

const char *
sgl_home_actor(sgl_home *home)
{
	const struct passwd *user;

	if (home->actor[0] != '\0')
		return home->actor;
	user = getpwuid(getuid());
	return sgl_actor_text(
	    getuid(), user == NULL ? NULL : user->pw_name, home->actor);
}

void
sgl_home_set_actor(sgl_home *home, const char *who)
{
	(void)snprintf(home->actor, sizeof home->actor, "%s", who);
}

char *
sgl_actor_text(unsigned uid, const char *name, char out[SGL_ACTOR_TEXT])
{
	if (name == NULL)
		(void)snprintf(out, SGL_ACTOR_TEXT, "uid %u", uid);
	else
		(void)snprintf(out, SGL_ACTOR_TEXT, "%.200s (%u)", name, uid);
	return out;
}

sgl_status
sgl_home_join(
    const sgl_home *home, const char *name, sgl_buf *path, sgl_err *err)
{
	*path = sgl_buf_init(SGL_PLACE_MAX);
	TRY(sgl_buf_add(path, sgl_buf_slice(&home->path), err));
	return sgl_place_add(path, name, err);
}

/* Where nobody can be asked, it stays locked, and what needs it says so. */
static sgl_status
ask_passphrase(sgl_home *home, sgl_keeper *keeper, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) passphrase = {0};
	sgl_vault_state state;
	sgl_status status;

	if (home->asker == NULL)
		return SGL_OK;
	TRY(sgl_keeper_state(keeper, &state, err));
	if (!state.is_locked || state.num_of[SGL_WAY_PASSPHRASE] == 0)
		return SGL_OK;
	sgl_home_as_caller(home, true);
	status = home->asker(&passphrase, err);
	sgl_home_as_caller(home, false);
	TRY(status);
	return sgl_keeper_unlock(keeper, sgl_secret_slice(&passphrase), err);
}

static sgl_status
open_keys(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	sgl_plain_folder keys;
	sgl_status status;

	TRY(sgl_keys_open(sgl_home_path(home), &path, &keys, err));
	status =
	    sgl_vault_open(home->engine, home->store, &keys, &home->vault, err);
	sgl_plain_close(&keys);
	return status;
}

static sgl_status
open_vault(sgl_home *home, sgl_err *err)
{
	sgl_status status;

	if (home->keeper != NULL) {
		TRY(ask_passphrase(home, home->keeper, err));
		return sgl_vault_over(
		    home->engine, home->store, home->keeper, &home->vault, err);
	}
	if (home->is_served)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("the service cannot reach the private keys just now; "
		       "try again"));
	sgl_home_as_caller(home, true);
	status = open_keys(home, err);
	sgl_home_as_caller(home, false);
	TRY(status);
	return ask_passphrase(home, sgl_vault_keeper(home->vault), err);
}

void
sgl_home_set_asker(sgl_home *home, sgl_home_asker *asker)
{
	home->asker = asker;
}

static sgl_status
read_state(sgl_home *home, sgl_vault_state *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_master) master = {0};
	sgl_status status;

	sgl_home_as_caller(home, true);
	status = sgl_keys_read(sgl_home_path(home), &master, err);
	sgl_home_as_caller(home, false);
	TRY(status);
	sgl_master_state(&master, out);
	return SGL_OK;
}

sgl_status
sgl_home_vault_state(
    sgl_home *home, sgl_vault_state *out, bool *known, sgl_err *err)
{
	sgl_status status = SGL_E_IO;

	*out = (sgl_vault_state){0};
	if (home->keeper != NULL)
		status = sgl_keeper_state(home->keeper, out, err);
	else if (!home->is_served)
		status = read_state(home, out, err);
	*known = status == SGL_OK;
	return status == SGL_E_NOMEM ? status : SGL_OK;
}

sgl_status
sgl_home_vault(sgl_home *home, sgl_vault **out, sgl_err *err)
{
	if (home->vault == NULL)
		TRY(open_vault(home, err));
	*out = home->vault;
	return SGL_OK;
}

sgl_keeper *
sgl_home_keeper(const sgl_home *home)
{
	return home->keeper;
}

void
sgl_home_keep(sgl_home *home, void *what, void (*release)(void *what))
{
	if (home->kept != NULL)
		home->release(home->kept);
	home->kept = what;
	home->release = release;
}

void *
sgl_home_kept(const sgl_home *home)
{
	return home->kept;
}

void
sgl_home_set_keeper(sgl_home *home, sgl_keeper *keeper)
{
	sgl_home_keep(home, NULL, NULL);
	sgl_vault_free(home->vault);
	home->vault = NULL;
	home->keeper = keeper;
}

/* One that is not there yet will be whoever makes it. */
static sgl_status
act_as_owner(sgl_home *home, sgl_err *err)
{
	struct stat st;

	if (stat(sgl_home_path(home), &st) != 0)
		return SGL_OK;
	home->owner = st.st_uid;
	home->group = st.st_gid;
	if (geteuid() != 0 || home->owner == 0)
		return SGL_OK;
	TRY(sgl_user_act_as(home->owner, home->group, err));
	home->is_acting = true;
	return SGL_OK;
}

void
sgl_home_as_caller(sgl_home *home, bool begins)
{
	if (!home->is_acting)
		return;
	if (begins)
		(void)sgl_user_step_out();
	else
		sgl_user_step_in(true);
}

sgl_status
sgl_home_new(
    sgl_engine *engine, const char *given, sgl_home **out, sgl_err *err)
{
	SGL_AUTO(sgl_home)
	home = sgl_mem_zeroed(1, sizeof *home);

	if (home == NULL)
		return sgl_oom(err, ROOM);
	home->engine = engine;
	home->owner = geteuid();
	home->path = sgl_buf_init(SGL_PLACE_MAX);
	TRY(sgl_place_find(given, &home->path, err));
	TRY(act_as_owner(home, err));
	*out = SGL_TAKE(&home);
	return SGL_OK;
}

sgl_status
sgl_home_take_lock(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};

	TRY(sgl_home_join(home, SGL_PLACE_LOCK, &path, err));
	return sgl_lock_new(
	    (const char *)path.data, true, PATIENCE_MS, &home->lock, err);
}

static sgl_status
check_there(const sgl_home *home, sgl_buf *db, sgl_err *err)
{
	*db = sgl_buf_init(SGL_PLACE_MAX);
	db->secret = true;
	TRY(sgl_conf_find_database(sgl_home_path(home), db, err));
	if (sgl_store_is_url((const char *)db->data) ||
	    access((const char *)db->data, F_OK) == 0)
		return SGL_OK;
	if (errno != ENOENT && errno != ENOTDIR)
		return sgl_fail_errno(err, errno, ROOM, sgl_home_path(home));
	return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("there is no organisation here yet: make one with "
	       "sigill init --domain DOMAIN, or give --home"),
	    "%s", sgl_home_path(home));
}

static sgl_status
open_home(sgl_engine *engine, const char *given, bool changes, sgl_home **out,
    sgl_err *err)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_buf) db = {0};
	const sgl_store_options options = {.read_only = !changes,
	    .upgrade = sgl_recipients_upgrade,
	    .ctx = engine};

	TRY(sgl_home_new(engine, given, &home, err));
	TRY(check_there(home, &db, err));
	if (changes)
		TRY(sgl_home_take_lock(home, err));
	TRY(sgl_store_open((const char *)db.data, &options, &home->store, err));
	TRY(sgl_organisation_read(
	    home->store, sgl_home_path(home), &home->organisation, err));
	*out = SGL_TAKE(&home);
	return SGL_OK;
}

sgl_status
sgl_home_open(sgl_engine *engine, const char *given, bool changes,
    sgl_home **out, sgl_err *err)
{
	SGL_AUTO(sgl_home)
	home = NULL;

	TRY(open_home(engine, given, changes, &home, err));
	if (changes)
		TRY(sgl_home_begin(home, err));
	*out = SGL_TAKE(&home);
	return SGL_OK;
}

sgl_status
sgl_home_serve(
    sgl_engine *engine, const char *given, sgl_home **out, sgl_err *err)
{
	TRY(open_home(engine, given, true, out, err));
	(*out)->is_served = true;
	return SGL_OK;
}

bool
sgl_home_is_served(const sgl_home *home)
{
	return home->is_served;
}

static sgl_status
refresh(sgl_home *home, sgl_err *err)
{
	sgl_organisation again = {0};

	TRY(sgl_organisation_read(
	    home->store, sgl_home_path(home), &again, err));
	sgl_organisation_clear(&home->organisation);
	home->organisation = again;
	return SGL_OK;
}

sgl_status
sgl_home_set_organisation(
    sgl_home *home, const sgl_organisation *o, sgl_err *err)
{
	TRY(sgl_organisation_check(o, err));
	home->is_reorganised = true;
	TRY(sgl_organisation_write(home->store, o, err));
	return refresh(home, err);
}

sgl_status
sgl_home_notice(sgl_home *home, bool *changed, sgl_err *err)
{
	int64_t now;

	TRY(sgl_store_get_generation(home->store, &now, err));
	*changed = home->generation != 0 && home->generation != now;
	if (*changed)
		TRY(refresh(home, err));
	home->generation = now;
	return SGL_OK;
}

int64_t
sgl_home_generation(const sgl_home *home)
{
	return home->generation;
}

/* While we change something nobody else does: if nobody had before, only we
 * have raised it. */
static sgl_status
commit_noticing(sgl_home *home, sgl_err *err)
{
	int64_t before, after;

	TRY(sgl_store_get_generation(home->store, &before, err));
	TRY(sgl_store_commit(home->store, err));
	if (before == home->generation &&
	    sgl_store_get_generation(home->store, &after, NULL) == SGL_OK &&
	    after <= before + 1)
		home->generation = after;
	return SGL_OK;
}

sgl_status
sgl_home_begin(sgl_home *home, sgl_err *err)
{
	home->audit.is_added = home->audit.must_sign = false;
	return sgl_store_begin(home->store, err);
}

void
sgl_home_rollback(sgl_home *home)
{
	sgl_home_keep(home, NULL, NULL);
	home->audit.is_added = home->audit.must_sign = false;
	sgl_store_rollback(home->store);
	if (home->keeper != NULL)
		sgl_keeper_settle(home->keeper, false);
	/* If even that fails, so does all that comes. */
	if (home->is_reorganised && refresh(home, NULL) == SGL_OK)
		home->is_reorganised = false;
}

sgl_status
sgl_home_commit(sgl_home *home, sgl_err *err)
{
	sgl_home_keep(home, NULL, NULL);
	TRY(sgl_audit_sign(home, err));
	/* Before: what becomes of it may stay unknown. */
	if (home->keeper != NULL)
		sgl_keeper_settle(home->keeper, true);
	TRY(home->generation == 0 ? sgl_store_commit(home->store, err)
				  : commit_noticing(home, err));
	home->made = 0;
	home->is_reorganised = false;
	return SGL_OK;
}

void
sgl_home_free(sgl_home *home)
{
	if (home == NULL)
		return;
	sgl_home_keep(home, NULL, NULL);
	sgl_vault_free(home->vault);
	sgl_store_free(home->store);
	if (home->made != 0)
		sgl_home_remove(home);
	sgl_lock_free(home->lock);
	if (home->is_acting)
		sgl_user_act_as_root();
	sgl_organisation_clear(&home->organisation);
	sgl_buf_clear(&home->path);
	sgl_mem_free(home);
}

bool
sgl_name_is_fit(sgl_slice text, size_t max)
{
	size_t num = 0;

	while (text.len > 0) {
		uint32_t cp = 0;
		size_t n = sgl_utf8_read(text, &cp);
		if (n == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
		    ++num > max)
			return false;
		text = sgl_slice_from(text, n);
	}
	return num > 0;
}
