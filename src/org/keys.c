/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "org/conf.h"
#include "org/home.h"
#include "org/keys.h"
#include "org/place.h"
#include "sys/config.h"
#include "sys/fail.h"
#include "sys/text.h"
#include "sys/user.h"

#define ROOM "org.keys"
#define NAME_LONGEST 256
#define FILE_MAX ((size_t)1 << 20)

sgl_status
sgl_keys_check_owner(
    const sgl_plain_folder *keys, unsigned keyholder, sgl_err *err)
{
	if (keys->is.uid == keyholder)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the folder of the keys is not the keyholder's any more: find "
	       "out who put another one in its place"),
	    "%s", keys->path);
}

typedef struct looking {
	const sgl_plain_folder *home;
	const char *keys;
	unsigned keyholder;
} looking;

/* Once they are the keyholder's, the owner of the home can still give the
 * folder another name, and make a new one with a key of his own choice. */
static sgl_status
look_at(void *ctx, const char *name, sgl_err *err)
{
	const looking *l = ctx;
	struct stat st;

	if (fstatat(l->home->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    st.st_uid != l->keyholder || !S_ISDIR(st.st_mode))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("somebody has put the folder of the keys aside and another one "
	       "in its place: find out who, and move it back"),
	    "%s: %s", l->keys, name);
}

sgl_status
sgl_keys_look_aside(const char *home, const sgl_plain_folder *keys,
    unsigned keyholder, sgl_err *err)
{
	/* The home itself may be reached by a link: it is not in itself. */
	sgl_plain_folder folder = {
	    .path = home, .fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	looking l = {&folder, keys->path, keyholder};
	sgl_status status;

	if (folder.fd < 0)
		return sgl_fail_errno(err, errno, ROOM, home);
	status = sgl_plain_each(&folder, look_at, &l, err);
	sgl_plain_close(&folder);
	return status;
}

/* What root alone can change; else the owner of the home could say that the
 * keyholder is he. */
static sgl_status
read_setting(const char *home, sgl_buf *name, bool *is_set, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = sgl_buf_init(SGL_PLACE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(FILE_MAX);
	const char *conf;
	sgl_plain_facts is;
	bool absent;

	*is_set = false;
	TRY(sgl_buf_add_str(&path, home, err));
	TRY(sgl_place_add(&path, SGL_CONF_FILE, err));
	conf = (const char *)path.data;
	TRY(sgl_plain_read_path(conf, &text, &is, &absent, err));
	if (absent || is.uid != 0 || (is.mode & 022) != 0)
		return SGL_OK;
	return sgl_config_find_in(
	    conf, sgl_buf_slice(&text), SGL_KEYS_SETTING, name, is_set, err);
}

/* *found false: there is no such user, so nothing was ever handed over. */
static sgl_status
find_keyholder(const char *home, unsigned *uid, bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(NAME_LONGEST);
	bool is_set;
	sgl_user user;
	sgl_status status;

	TRY(read_setting(home, &name, &is_set, err));
	status = sgl_user_find(
	    is_set ? (const char *)name.data : SGL_KEYS_USUAL, &user, err);
	*found = status == SGL_OK;
	if (*found)
		*uid = user.uid;
	return status == SGL_E_USAGE ? SGL_OK : status;
}

/* Somebody has to have started the service first. */
static sgl_status
check_handed_over(const char *home, const sgl_plain_folder *keys, sgl_err *err)
{
	struct stat owner;
	unsigned keyholder;
	bool found;

	if (geteuid() != 0 || stat(home, &owner) != 0 || owner.st_uid == 0)
		return SGL_OK;
	TRY(find_keyholder(home, &keyholder, &found, err));
	if (!found || keys->is.uid == keyholder)
		return SGL_OK;
	TRY(sgl_keys_look_aside(home, keys, keyholder, err));
	return keys->is.uid == owner.st_uid || keys->is.uid == 0
	    ? SGL_OK
	    : sgl_keys_check_owner(keys, keyholder, err);
}

sgl_status
sgl_keys_open(
    const char *home, sgl_buf *path, sgl_plain_folder *out, sgl_err *err)
{
	sgl_status status;

	*path = sgl_buf_init(SGL_PLACE_MAX);
	TRY(sgl_buf_add_str(path, home, err));
	TRY(sgl_place_add(path, SGL_HOME_KEYS, err));
	TRY(sgl_master_folder((const char *)path->data, out, err));
	status = check_handed_over(home, out, err);
	if (status != SGL_OK)
		sgl_plain_close(out);
	return status;
}

sgl_status
sgl_keys_read(const char *home, sgl_master *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	sgl_plain_folder keys;
	sgl_status status;

	TRY(sgl_keys_open(home, &path, &keys, err));
	status = sgl_master_read_in(&keys, out, err);
	sgl_plain_close(&keys);
	return status;
}
