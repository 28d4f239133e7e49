/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "org/audit.h"
#include "org/conf.h"
#include "org/home_inside.h"
#include "org/organisation.h"
#include "sys/fail.h"
#include "sys/output.h"
#include "sys/text.h"
#include "vault/master.h"

#define ROOM "org.home"

/* What may lie in a home, of this release or a later one. */
static const char *const ours[] = {".", "..", SGL_PLACE_DB, SGL_PLACE_DB "-wal",
    SGL_PLACE_DB "-shm", SGL_PLACE_DB "-journal", SGL_HOME_KEYS, SGL_HOME_CA,
    SGL_PLACE_LOCK, SGL_CONF_FILE, "run", "spool", "mail"};

/* Copies that were made before a database got its present form. */
#define SAVED SGL_PLACE_DB ".before-v"

static bool
is_ours(const char *name)
{
	if (strncmp(name, SAVED, strlen(SAVED)) == 0)
		return true;
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return false;
}

/* --home given as somebody's documents folder is a mistake. */
static sgl_status
check_contents(const sgl_home *home, sgl_err *err)
{
	DIR *d = opendir(sgl_home_path(home));
	sgl_status status = SGL_OK;
	struct dirent *e;

	if (d == NULL)
		return sgl_fail_errno(err, errno, ROOM, sgl_home_path(home));
	while (status == SGL_OK && (e = readdir(d)) != NULL)
		if (!is_ours(e->d_name))
			status = sgl_fail_at(err, SGL_E_USAGE, ROOM,
			    SGL_NO_OFFSET,
			    N_("the folder holds other things; give an empty "
			       "one or a new name"),
			    "%s", sgl_home_path(home));
	(void)closedir(d);
	return status;
}

/* Folders above the home, as XDG wants them: 0700 where they are missing. */
static sgl_status
make_parents(sgl_home *home, sgl_err *err)
{
	char *path = (char *)home->path.data;

	for (char *at = path + 1; *at != '\0'; at++) {
		int made;
		if (*at != '/')
			continue;
		*at = '\0';
		made = mkdir(path, 0700);
		if (made != 0 && errno != EEXIST)
			(void)sgl_fail_errno(err, errno, ROOM, path);
		else
			made = 0;
		*at = '/';
		if (made != 0)
			return SGL_E_IO;
	}
	return SGL_OK;
}

static sgl_status
make_home(sgl_home *home, sgl_err *err)
{
	const char *path = sgl_home_path(home);

	TRY(make_parents(home, err));
	if (mkdir(path, 0700) == 0) {
		home->made |= SGL_HOME_MADE_FOLDER;
		return SGL_OK;
	}
	if (errno != EEXIST)
		return sgl_fail_errno(err, errno, ROOM, path);
	TRY(check_contents(home, err));
	return chmod(path, 0700) == 0 ? SGL_OK
				      : sgl_fail_errno(err, errno, ROOM, path);
}

static sgl_status
make_folder(sgl_home *home, const char *name, unsigned flag, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};

	TRY(sgl_home_join(home, name, &path, err));
	if (mkdir((const char *)path.data, 0700) == 0)
		home->made |= flag;
	else if (errno != EEXIST)
		return sgl_fail_errno(
		    err, errno, ROOM, (const char *)path.data);
	return SGL_OK;
}

/* Before something is made: whatever happens then, it was not there. */
static sgl_status
note_absent(sgl_home *home, const char *name, unsigned flag, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};

	TRY(sgl_home_join(home, name, &path, err));
	if (access((const char *)path.data, F_OK) != 0)
		home->made |= flag;
	return SGL_OK;
}

static sgl_status
make_lock(sgl_home *home, sgl_err *err)
{
	TRY(note_absent(home, SGL_PLACE_LOCK, SGL_HOME_MADE_LOCK, err));
	return sgl_home_take_lock(home, err);
}

static sgl_status
make_master(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) keys = {0};
	bool made;

	TRY(note_absent(home, SGL_HOME_KEYS "/" SGL_MASTER_FILE,
	    SGL_HOME_MADE_MASTER, err));
	TRY(sgl_home_join(home, SGL_HOME_KEYS, &keys, err));
	return sgl_vault_create(
	    home->engine, (const char *)keys.data, &made, err);
}

static sgl_status
make_db(sgl_home *home, const char *url, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) db = {0};
	SGL_AUTO_CLEAR(sgl_buf) domain = sgl_buf_init(1024);
	bool found;

	if (url == NULL)
		TRY(note_absent(home, SGL_PLACE_DB, SGL_HOME_MADE_DB, err));
	TRY(sgl_home_join(home, SGL_PLACE_DB, &db, err));
	TRY(sgl_store_create(
	    url == NULL ? (const char *)db.data : url, &home->store, err));
	TRY(sgl_store_begin(home->store, err));
	TRY(sgl_store_get_setting(
	    home->store, SGL_SETTING_DOMAIN, &domain, &found, err));
	if (found)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("there is an organisation already"), "%.*s (%s)",
		    (int)domain.len, (const char *)domain.data,
		    sgl_home_path(home));
	return SGL_OK;
}

static sgl_status
check_conf(const sgl_home *home, const char *database, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) found = {.max = SGL_PLACE_MAX, .secret = true};
	const char *path = sgl_home_path(home), *url;

	TRY(sgl_conf_find_database(path, &found, err));
	url = (const char *)found.data;
	if (sgl_store_is_url(url)
		? database != NULL && strcmp(url, database) == 0
		: database == NULL)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("sigilld.conf in the home names another database than "
	       "--database"),
	    "%s", path);
}

/* One that is there was written by somebody who knew why, and stays. */
static sgl_status
make_conf(sgl_home *home, const char *database, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};

	TRY(sgl_home_join(home, SGL_CONF_FILE, &path, err));
	if (access((const char *)path.data, F_OK) == 0)
		return check_conf(home, database, err);
	home->made |= SGL_HOME_MADE_CONF;
	return sgl_conf_write(home->engine, sgl_home_path(home),
	    (sgl_slice){NULL, 0}, database, err);
}

sgl_status
sgl_home_make_empty(sgl_home *home, sgl_err *err)
{
	TRY(make_home(home, err));
	TRY(make_lock(home, err));
	TRY(make_folder(home, SGL_HOME_KEYS, SGL_HOME_MADE_KEYS, err));
	return make_folder(home, SGL_HOME_CA, SGL_HOME_MADE_CA, err);
}

sgl_status
sgl_home_create(sgl_engine *engine, const char *given,
    const sgl_organisation *organisation, const char *database, sgl_home **out,
    sgl_err *err)
{
	SGL_AUTO(sgl_home)
	home = NULL;

	TRY(sgl_organisation_check(organisation, err));
	TRY(sgl_home_new(engine, given, &home, err));
	TRY(sgl_home_make_empty(home, err));
	TRY(make_conf(home, database, err));
	TRY(make_db(home, database, err));
	TRY(make_master(home, err));
	TRY(sgl_organisation_write(home->store, organisation, err));
	TRY(sgl_organisation_read(
	    home->store, sgl_home_path(home), &home->organisation, err));
	TRY(sgl_audit_add(home, "organisation.init", home->organisation.domain,
	    NULL, home->organisation.name, err));
	*out = SGL_TAKE(&home);
	return SGL_OK;
}

/* A folder that was made here holds nothing but ours. */
static void
empty_folder(int home, const char *name)
{
	int fd = openat(home, name, O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			(void)unlinkat(fd, e->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
	else if (fd >= 0)
		(void)close(fd);
}

/* Only what was made here; a folder that is not empty stays by itself. */
void
sgl_home_remove(sgl_home *home)
{
	static const struct {
		unsigned flag;
		const char *name;
		bool is_folder;
	} parts[] = {
	    {SGL_HOME_MADE_DB, SGL_PLACE_DB "-wal", false},
	    {SGL_HOME_MADE_DB, SGL_PLACE_DB "-shm", false},
	    {SGL_HOME_MADE_DB, SGL_PLACE_DB, false},
	    {SGL_HOME_MADE_MASTER, SGL_HOME_KEYS "/" SGL_MASTER_FILE, false},
	    {SGL_HOME_MADE_KEYS, SGL_HOME_KEYS, true},
	    {SGL_HOME_MADE_CA, SGL_HOME_CA, true},
	    {SGL_HOME_MADE_CONF, SGL_CONF_FILE, false},
	    {SGL_HOME_MADE_LOCK, SGL_PLACE_LOCK, false},
	};

	int dir = open(sgl_home_path(home), O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (dir >= 0 && (home->made & parts[i].flag) != 0) {
			if (parts[i].is_folder)
				empty_folder(dir, parts[i].name);
			(void)unlinkat(dir, parts[i].name,
			    parts[i].is_folder ? AT_REMOVEDIR : 0);
		}
	if (dir >= 0)
		(void)close(dir);
	if ((home->made & SGL_HOME_MADE_FOLDER) != 0)
		(void)rmdir(sgl_home_path(home));
}
