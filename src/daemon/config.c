/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <stdio.h>

#include "base/time.h"
#include "daemon/daemon.h"
#include "net/http.h"
#include "org/conf.h"
#include "org/place.h"
#include "store/store.h"
#include "sys/config.h"
#include "sys/fail.h"
#include "sys/plain.h"
#include "sys/text.h"
#include "vault/stock.h"

#define ROOM "daemon.daemon"
#define WATCH_HOURLY 3600
#define WATCH_MAX ((sgl_time)7 * 86400)
#define PATIENCE_USUAL 300
#define PATIENCE_MIN 10
#define PATIENCE_MAX 86400
#define KEY_MAKERS_USUAL 4 /* at most, if nothing is said */
#define FILE_MAX ((size_t)1 << 20)

void
sgl_daemon_config_clear(sgl_daemon_config *c)
{
	sgl_mem_free(c->home);
	sgl_mem_free(c->http);
	sgl_mem_free(c->database);
	sgl_mem_free(c->socket);
	sgl_mem_free(c->metrics);
	sgl_mem_free(c->https);
	sgl_mem_free(c->https_certificate);
	sgl_mem_free(c->https_key);
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		sgl_mem_free(c->users[i]);
	sgl_mem_free(c->token_paths);
	*c = (sgl_daemon_config){0};
}

static sgl_status
keep(const char *value, char **out, sgl_err *err)
{
	return sgl_slice_copy(sgl_slice_str(value), (uint8_t **)out, ROOM, err);
}

static sgl_status
keep_place(const char *value, char **out, sgl_err *err)
{
	TRY(sgl_listen_check(value, err));
	return keep(value, out, err);
}

static sgl_status
set_http(void *to, const char *value, sgl_err *err)
{
	return keep_place(value, &((sgl_daemon_config *)to)->http, err);
}

static sgl_status
set_https(void *to, const char *value, sgl_err *err)
{
	return keep_place(value, &((sgl_daemon_config *)to)->https, err);
}

/* A port alone is one of this machine for itself: the numbers are nobody
 * else's business. */
static sgl_status
set_metrics(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;
	char place[32];

	if (value[strspn(value, "0123456789")] != '\0' || strlen(value) > 5)
		return keep_place(value, &c->metrics, err);
	(void)snprintf(place, sizeof place, "127.0.0.1:%s", value);
	return keep_place(place, &c->metrics, err);
}

/* The processes have no folder that a path could begin from. */
static sgl_status
keep_path(const char *value, char **out, sgl_err *err)
{
	if (value[0] != '/')
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is no path that begins with /"));
	return keep(value, out, err);
}

static sgl_status
set_https_certificate(void *to, const char *value, sgl_err *err)
{
	return keep_path(
	    value, &((sgl_daemon_config *)to)->https_certificate, err);
}

static sgl_status
set_https_key(void *to, const char *value, sgl_err *err)
{
	return keep_path(value, &((sgl_daemon_config *)to)->https_key, err);
}

static sgl_status
set_database(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	if (!sgl_store_is_url(value))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a URL like postgresql://sigill@host/sigill"));
	return keep(value, &c->database, err);
}

static sgl_status
set_socket(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	if (value[0] != '/')
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a whole path, like /run/sigill/control.sock"));
	return keep(value, &c->socket, err);
}

static sgl_status
set_sandbox(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	c->best_effort = strcmp(value, "best-effort") == 0;
	if (c->best_effort || strcmp(value, "required") == 0)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is neither required nor best-effort"));
}

static sgl_status
set_watch(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;
	sgl_time seconds = 0;

	if (strcmp(value, "off") != 0 &&
	    (!sgl_span_parse(sgl_slice_str(value), &seconds) ||
		seconds > WATCH_MAX))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is neither off nor a time like 30m, 1h or 1d, up to a "
		       "week"));
	c->watch = (unsigned)seconds;
	return SGL_OK;
}

static sgl_status
set_patience(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;
	sgl_time seconds = 0;

	if (strcmp(value, "off") != 0 &&
	    (!sgl_span_parse(sgl_slice_str(value), &seconds) ||
		seconds < PATIENCE_MIN || seconds > PATIENCE_MAX))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is neither off nor a time like 90s or 5m, from ten "
		       "seconds up to a day"));
	c->patience = (unsigned)seconds;
	return SGL_OK;
}

static sgl_status
keep_number(const char *value, long min, long max, size_t *out, sgl_err *err)
{
	char *end;
	long number = strtol(value, &end, 10);

	if (*value == '\0' || *end != '\0' || number < min || number > max)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is no number within the bounds"), "%ld ... %ld", min,
		    max);
	*out = (size_t)number;
	return SGL_OK;
}

static sgl_status
set_fetch_private(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;
	bool yes = strcmp(value, "yes") == 0;

	c->fetch_private = yes ? SGL_PRIVATE_ALWAYS : SGL_PRIVATE_NEVER;
	if (yes || strcmp(value, "no") == 0)
		return SGL_OK;
	return sgl_fail(
	    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, N_("is neither yes nor no"));
}

static sgl_status
set_spare_keys(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	TRY(keep_number(value, 0, SGL_STOCK_MAX, &c->spare_keys, err));
	c->has_spare_keys = true;
	return SGL_OK;
}

static sgl_status
set_key_makers(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	TRY(keep_number(
	    value, 1, SGL_DAEMON_KEY_MAKERS_MAX, &c->key_makers, err));
	c->has_key_makers = true;
	return SGL_OK;
}

size_t
sgl_daemon_spare_keys(const sgl_daemon_config *c)
{
	return c->has_spare_keys ? c->spare_keys : SGL_DAEMON_SPARE_KEYS;
}

size_t
sgl_daemon_key_makers(const sgl_daemon_config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->has_key_makers)
		return c->key_makers;
	if (cores < 1)
		return 1;
	return cores < KEY_MAKERS_USUAL ? (size_t)cores : KEY_MAKERS_USUAL;
}

static sgl_status
set_user_keyholder(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	return keep(value, &c->users[SGL_ROLE_KEYHOLDER], err);
}

static sgl_status
set_user_front(void *to, const char *value, sgl_err *err)
{
	return keep(
	    value, &((sgl_daemon_config *)to)->users[SGL_ROLE_FRONT], err);
}

static sgl_status
set_user_fetcher(void *to, const char *value, sgl_err *err)
{
	return keep(
	    value, &((sgl_daemon_config *)to)->users[SGL_ROLE_FETCHER], err);
}

static sgl_status
set_user_maker(void *to, const char *value, sgl_err *err)
{
	return keep(
	    value, &((sgl_daemon_config *)to)->users[SGL_ROLE_MAKER], err);
}

static sgl_status
set_user_token(void *to, const char *value, sgl_err *err)
{
	return keep(
	    value, &((sgl_daemon_config *)to)->users[SGL_ROLE_TOKEN], err);
}

static sgl_status
set_token_paths(void *to, const char *value, sgl_err *err)
{
	return keep_path(value, &((sgl_daemon_config *)to)->token_paths, err);
}

static sgl_status
set_token_network(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	c->token_network = strcmp(value, "yes") == 0;
	if (c->token_network || strcmp(value, "no") == 0)
		return SGL_OK;
	return sgl_fail(
	    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, N_("is neither yes nor no"));
}

static const sgl_config_name names[] = {
    {"http", set_http},
    {"https", set_https},
    {"https_certificate", set_https_certificate},
    {"https_key", set_https_key},
    {"key_makers", set_key_makers},
    {"spare_keys", set_spare_keys},
    {"database", set_database},
    {"metrics", set_metrics},
    {"patience", set_patience},
    {"sandbox", set_sandbox},
    {"socket", set_socket},
    {"watch", set_watch},
    {"fetch_private", set_fetch_private},
    {"token_network", set_token_network},
    {"token_paths", set_token_paths},
    {"user_fetcher", set_user_fetcher},
    {"user_front", set_user_front},
    {"user_keyholder", set_user_keyholder},
    {"user_maker", set_user_maker},
    {"user_token", set_user_token},
    {NULL, NULL},
};

/* Whoever owns the home, but is not root, says here what root does. */
static sgl_status
check_author(const sgl_daemon_config *c, const sgl_plain_facts *is,
    const char *path, sgl_err *err)
{
	bool asks = c->https_key != NULL || c->https_certificate != NULL;

	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		asks = asks || c->users[i] != NULL;
	if (!asks || (is->uid == 0 && (is->mode & 022) == 0))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("root obeys the settings user_... and https_... only where root "
	       "alone can change them: chown root, and chmod 644"),
	    "%s", path);
}

/* Control reads it again, as the owner of the home. */
static sgl_status
check_reader(
    const char *home, const sgl_plain_facts *is, const char *path, sgl_err *err)
{
	struct stat owner;
	unsigned needed = S_IROTH;

	if (stat(home, &owner) != 0)
		return sgl_fail_errno(err, errno, ROOM, home);
	if (owner.st_uid == is->uid)
		needed = S_IRUSR;
	else if (owner.st_gid == is->gid)
		needed = S_IRGRP;
	if ((is->mode & needed) != 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the owner of the folder must be able to read the settings, "
	       "too: chmod 644"),
	    "%s", path);
}

static sgl_status
read_as_root(
    const char *home, const char *path, sgl_daemon_config *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = {.max = FILE_MAX, .secret = true};
	sgl_plain_facts is;
	bool absent;

	TRY(sgl_plain_read_path(path, &text, &is, &absent, err));
	if (absent)
		return SGL_OK;
	TRY(sgl_config_read_in(path, sgl_buf_slice(&text), names, out, err));
	TRY(check_author(out, &is, path, err));
	return check_reader(home, &is, path, err);
}

/* Two cannot listen at one place; what strangers reach is not for monitoring.
 */
static sgl_status
check_places(const sgl_daemon_config *c, sgl_err *err)
{
	const char *http = c->http == NULL ? SGL_DAEMON_HTTP : c->http;

	if (c->metrics == NULL ||
	    (strcmp(c->metrics, http) != 0 &&
		(c->https == NULL || strcmp(c->metrics, c->https) != 0)))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("metrics needs a place of its own, other than http and https"),
	    "%s", c->metrics);
}

sgl_status
sgl_daemon_config_read(
    const char *home, sgl_daemon_config *out, sgl_buf *path, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(SGL_PLACE_MAX);

	out->watch = WATCH_HOURLY;
	out->patience = PATIENCE_USUAL;
	TRY(sgl_place_find(home, path, err));
	TRY(sgl_buf_add(&file, sgl_buf_slice(path), err));
	TRY(sgl_place_add(&file, SGL_CONF_FILE, err));
	TRY(sgl_daemon_users_are_apart((const char *)path->data)
		? read_as_root((const char *)path->data,
		      (const char *)file.data, out, err)
		: sgl_config_read((const char *)file.data, names, out, err));
	return check_places(out, err);
}
