/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/users.h"
#include "org/home.h"
#include "org/keys.h"
#include "org/place.h"
#include "sys/fail.h"
#include "sys/plain.h"
#include "sys/text.h"

#define ROOM "daemon.users"

const sgl_daemon_user sgl_daemon_user_of[SGL_NUM_ROLES] = {
    [SGL_ROLE_CONTROL] = {NULL, NULL},
    [SGL_ROLE_KEYHOLDER] = {SGL_KEYS_SETTING, SGL_KEYS_USUAL},
    [SGL_ROLE_FRONT] = {"user_front", "sigill-front"},
    [SGL_ROLE_FETCHER] = {"user_fetcher", "sigill-fetch"},
    [SGL_ROLE_MAKER] = {"user_maker", "sigill-maker"},
    [SGL_ROLE_TOKEN] = {"user_token", "sigill-token"},
};

/* ------------------------------------------------------------- finding --- */

static bool
find_owner(const char *home, unsigned *uid, unsigned *gid)
{
	struct stat st;

	if (stat(home, &st) != 0)
		return false;
	*uid = st.st_uid;
	*gid = st.st_gid;
	return true;
}

bool
sgl_daemon_users_are_apart(const char *home)
{
	unsigned uid, gid;

	return geteuid() == 0 && find_owner(home, &uid, &gid) && uid != 0;
}

/* Of what `sgl_user_find` says only that it is not there is to be told. */
static sgl_status
find_one(const char *text, sgl_role role, sgl_user *out, sgl_err *err)
{
	if (sgl_user_find(text, out, NULL) == SGL_OK)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("there is no user for this process: make it (systemd-sysusers, "
	       "or useradd --system --no-create-home NAME), or name another "
	       "one in sigilld.conf"),
	    "%s: %s = %s", sgl_role_name(role),
	    sgl_daemon_user_of[role].setting, text);
}

/* Whoever is two of them can do with one what the other may not. */
static sgl_status
check_alone(const sgl_daemon_users *u, sgl_role role, sgl_err *err)
{
	const char *setting = sgl_daemon_user_of[role].setting;
	bool good = u->of[role].uid != 0;

	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		if (i != role && u->of[i].uid == u->of[role].uid)
			good = false;
	if (good || setting == NULL)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the user of a process must be nobody else's, and not root"),
	    "%s = %s", setting, u->of[role].name);
}

static sgl_status
find_all(const char *const named[SGL_NUM_ROLES], const char *home,
    sgl_daemon_users *u, sgl_err *err)
{
	unsigned uid, gid;

	if (!find_owner(home, &uid, &gid))
		return sgl_fail_errno(err, errno, ROOM, home);
	for (size_t i = 0; i < SGL_NUM_ROLES; i++) {
		const sgl_daemon_user *d = &sgl_daemon_user_of[i];

		/* Whoever adds a process says who it is. */
		assert(i == SGL_ROLE_CONTROL || d->setting != NULL);
		if (d->setting != NULL)
			TRY(find_one(named[i] != NULL ? named[i] : d->usual,
			    (sgl_role)i, &u->of[i], err));
		else
			sgl_user_of(uid, &u->of[i]);
		if (d->setting == NULL)
			u->of[i].gid = gid;
	}
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		TRY(check_alone(u, (sgl_role)i, err));
	return SGL_OK;
}

sgl_status
sgl_daemon_users_find(const char *const named[SGL_NUM_ROLES], const char *home,
    sgl_daemon_users *out, sgl_err *err)
{
	*out =
	    (sgl_daemon_users){.are_apart = sgl_daemon_users_are_apart(home)};
	if (out->are_apart)
		return find_all(named, home, out, err);
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		sgl_user_of(geteuid(), &out->of[i]);
	return SGL_OK;
}

/* -------------------------------------------------------- handing over ---
 *
 * The home is the owner's, who can put anything into the place of the keys at
 * any time. So what is opened is looked at before it is changed, and nobody is
 * followed anywhere. The folder goes first: from then on nobody else can put
 * anything into it, or take it out.
 */

typedef struct handing {
	const sgl_plain_folder *keys;
	const sgl_user *from, *to;
	bool *done;
} handing;

static bool
is_expected(const handing *h, unsigned uid)
{
	return uid == h->to->uid || uid == h->from->uid || uid == 0;
}

static sgl_status
refuse_owner(const char *name, unsigned uid, sgl_err *err)
{
	sgl_user owner;

	sgl_user_of(uid, &owner);
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("belongs neither to the owner of the home nor to the keyholder: "
	       "find out why, then chown it to one of them"),
	    "%s (%s)", name, owner.name);
}

static sgl_status
give(const handing *h, int fd, unsigned mode, const sgl_plain_facts *is,
    const char *name, sgl_err *err)
{
	if (!is_expected(h, is->uid))
		return refuse_owner(name, is->uid, err);
	if (is->uid == h->to->uid && is->gid == h->to->gid && is->mode == mode)
		return SGL_OK;
	if (fchown(fd, h->to->uid, h->to->gid) != 0 ||
	    fchmod(fd, (mode_t)mode) != 0)
		return sgl_fail_errno(err, errno, ROOM, name);
	*h->done = true;
	return SGL_OK;
}

static sgl_status
give_file(void *ctx, const char *name, sgl_err *err)
{
	const handing *h = ctx;
	sgl_plain_facts is;
	sgl_status status;
	bool absent;
	int fd;

	TRY(sgl_plain_file(h->keys, name, &fd, &is, &absent, err));
	if (absent)
		return SGL_OK;
	status = give(h, fd, 0600, &is, name, err);
	(void)close(fd);
	return status;
}

static sgl_status
hand_over(const char *home, handing *h, sgl_err *err)
{
	if (h->keys->is.uid != h->to->uid)
		TRY(sgl_keys_look_aside(home, h->keys, h->to->uid, err));
	TRY(give(h, h->keys->fd, 0700, &h->keys->is, h->keys->path, err));
	return sgl_plain_each(h->keys, give_file, h, err);
}

sgl_status
sgl_daemon_hand_over(
    const char *home, const sgl_daemon_users *users, bool *done, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = sgl_buf_init(SGL_PLACE_MAX);
	sgl_plain_folder keys;
	handing h = {.keys = &keys,
	    .from = &users->of[SGL_ROLE_CONTROL],
	    .to = &users->of[SGL_ROLE_KEYHOLDER],
	    .done = done};
	sgl_status status;

	*done = false;
	TRY(sgl_buf_add_str(&path, home, err));
	TRY(sgl_place_add(&path, SGL_HOME_KEYS, err));
	TRY(sgl_plain_open((const char *)path.data, &keys, err));
	status = hand_over(home, &h, err);
	sgl_plain_close(&keys);
	return status;
}
