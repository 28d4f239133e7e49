/* SPDX-License-Identifier: Apache-2.0 */
/* sigilld: the service. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "daemon/daemon.h"
#include "daemon/tls.h"
#include "org/place.h"
#include "sys/journal.h"
#include "sys/log.h"
#include "sys/signals.h"

#define ROOM "daemon.daemon"

/* What a process does with the rights it is started with, if anything, and as
 * its own user from then on. */
typedef sgl_status run_as(const sgl_daemon_start *start, sgl_err *err);
static const struct {
	run_as *prepare, *run;
} roles[SGL_NUM_ROLES] = {
    [SGL_ROLE_KEYHOLDER] = {sgl_keyholder_prepare, sgl_keyholder_run},
    [SGL_ROLE_CONTROL] = {NULL, sgl_control_run},
    [SGL_ROLE_FRONT] = {NULL, sgl_front_run},
    [SGL_ROLE_FETCHER] = {NULL, sgl_fetcher_run},
    [SGL_ROLE_MAKER] = {NULL, sgl_maker_run},
    [SGL_ROLE_TOKEN] = {sgl_token_prepare, sgl_token_run},
};

typedef struct options {
	const char *home, *role, *user;
	bool test, help, version, locked;
} options;

static bool
read_options(int argc, char **argv, options *o)
{
	for (int i = 1; i < argc; i++) {
		const char *w = argv[i];
		bool has_value = i + 1 < argc;

		if (strcmp(w, "--home") == 0 && has_value)
			o->home = argv[++i];
		else if (strcmp(w, "--role") == 0 && has_value)
			o->role = argv[++i];
		else if (strcmp(w, "--user") == 0 && has_value)
			o->user = argv[++i];
		else if (strcmp(w, "--locked") == 0)
			o->locked = true;
		else if (strcmp(w, "-t") == 0)
			o->test = true;
		else if (strcmp(w, "--help") == 0 || strcmp(w, "-h") == 0)
			o->help = true;
		else if (strcmp(w, "--version") == 0)
			o->version = true;
		else
			return false;
	}
	return true;
}

/* Who shares a user with the others has no more rights than they: root's, too,
 * is only somebody who owns files then. */
static sgl_status
become(const sgl_user *user, sgl_err *err)
{
	return user == NULL ? sgl_rights_keep(0, err)
			    : sgl_user_become(user, err);
}

static sgl_status
run_one(sgl_role role, const options *o, sgl_daemon_start *start, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_master) master = {0};
	SGL_AUTO(sgl_token_start)
	tokens = NULL;
	sgl_user user;

	if (o->user != NULL) {
		TRY(sgl_user_find(o->user, &user, err));
		start->user = &user;
	}
	start->master = &master;
	start->tokens = &tokens;
	sgl_journal_name(sgl_role_name(role));
	if (roles[role].prepare != NULL)
		TRY(roles[role].prepare(start, err));
	TRY(become(start->user, err));
	return roles[role].run(start, err);
}

/* One of the others: it ends when the supervisor does. */
static sgl_status
run_role(const options *o, const sgl_daemon_config *config, const char *home,
    sgl_err *err)
{
	SGL_AUTO(sgl_channel)
	leash = NULL;
	sgl_daemon_start start = {
	    .config = config, .home = home, .locked = o->locked};

	TRY(sgl_channel_new(SGL_LEASH_FD, &leash, err));
	start.leash = leash;
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		if (strcmp(o->role, sgl_role_name((sgl_role)i)) == 0)
			return run_one((sgl_role)i, o, &start, err);
	return sgl_fail(
	    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, N_("there is no such role"));
}

static int
end(const options *o, sgl_status status, const sgl_err *err)
{
	if (status == SGL_OK)
		return SGL_EXIT_OK;
	if (o->role != NULL)
		sgl_journal_err("ended", err);
	else
		sgl_log_err("sigilld", err);
	return sgl_exit_of(status);
}

static sgl_status
look_for_home(const char *home, sgl_err *err)
{
	if (sgl_place_is_home(home))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("there is no organisation here yet: make one with "
	       "sigill init --domain DOMAIN, or give --home"),
	    "%s", home);
}

/* sigilld -t: a mistyped --home has no settings, which would be good ones. */
static int
try_settings(const options *o, const sgl_daemon_config *config,
    const char *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_daemon_tls) tls = {.chain = {0}};
	sgl_daemon_users users;
	sgl_status status = sgl_daemon_users_find(
	    (const char *const *)config->users, home, &users, err);

	if (status == SGL_OK)
		status = sgl_daemon_tls_read(config, &tls, err);
	if (status == SGL_OK)
		status = look_for_home(home, err);
	if (status != SGL_OK)
		return end(o, status, err);
	(void)printf(_("sigilld: the configuration is good\n"));
	return SGL_EXIT_OK;
}

static int
start(const options *o, char **argv)
{
	SGL_AUTO_CLEAR(sgl_daemon_config) config = {0};
	SGL_AUTO_CLEAR(sgl_buf) home = sgl_buf_init(8192);
	sgl_err err = {0};
	sgl_status status =
	    sgl_daemon_config_read(o->home, &config, &home, &err);

	if (status != SGL_OK)
		return end(o, status, &err);
	if (o->role != NULL)
		return end(o,
		    run_role(o, &config, (const char *)home.data, &err), &err);
	if (o->test)
		return try_settings(o, &config, (const char *)home.data, &err);
	status = look_for_home((const char *)home.data, &err);
	if (status != SGL_OK)
		return end(o, status, &err);
	return sgl_supervise(
	    &config, (const char *)home.data, (const char *const *)argv);
}

int
main(int argc, char **argv)
{
	options o = {0};

	sgl_program_start();
	if (!read_options(argc, argv, &o)) {
		sgl_log_error(_("usage: sigilld [--home DIR] [-t]"));
		return SGL_EXIT_USAGE;
	}
	if (o.version)
		(void)printf("sigilld " SGL_VERSION "\n");
	if (o.help)
		(void)printf(
		    _("Usage: sigilld [--home DIR] [-t]\n"
		      "The service of an organisation, in the foreground.\n\n"
		      "  --home DIR  the organisation's folder\n"
		      "  -t          only check HOME/sigilld.conf\n"));
	return o.version || o.help ? SGL_EXIT_OK : start(&o, argv);
}
