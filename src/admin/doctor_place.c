/* SPDX-License-Identifier: Apache-2.0 */
/* The place where the organisation lives: permissions, clock, disk, database.
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "base/time.h"
#include "admin/doctor.h"
#include "org/conf.h"
#include "org/place.h"
#include "sys/config.h"
#include "sys/fail.h"
#include "vault/master.h"

#define ROOM "admin.doctor"
#define PATH_SIZE 4096
#define MIB ((uint64_t)1 << 20)
#define DISK_LOW (1024 * MIB)
#define DISK_FULL (64 * MIB)
/* Clocks of several machines may differ so much. */
#define CLOCK_SLACK 120

/* ----------------------------------------------------------- permissions ---
 */

static const struct {
	const char *name;
	mode_t forbidden;
} guarded[] = {
    {".", S_IRWXO},
    {"keys", S_IRWXO},
    {"keys/" SGL_MASTER_FILE, S_IRWXG | S_IRWXO},
    {SGL_PLACE_DB, S_IRWXO},
    /* Root's own, which the owner of the folder has to read: the folder is
     * closed to all others. */
    {SGL_CONF_FILE, S_IWGRP | S_IWOTH},
};

static sgl_status
check_mode(sgl_session *s, size_t i, sgl_findings *f, sgl_err *err)
{
	static const sgl_ailment open = {SGL_ALARM_CRITICAL, "permissions",
	    N_("Others on this machine can read or change what protects the "
	       "private keys."),
	    N_("Take the permission away with chmod o=,g= and think about who "
	       "may have used it.")};
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	struct stat st;
	const char *name;
	int error;

	TRY(sgl_home_join(s->home, guarded[i].name, &path, err));
	name = (const char *)path.data;
	sgl_home_as_caller(s->home, true);
	error = lstat(name, &st) == 0 ? 0 : errno;
	sgl_home_as_caller(s->home, false);
	/* The database may be elsewhere, and settings need not be; the keys may
	 * be closed to us, too. */
	if (error == ENOENT || error == EACCES)
		return SGL_OK;
	if (error != 0)
		return sgl_fail_errno(err, error, ROOM, name);
	if ((st.st_mode & guarded[i].forbidden) == 0)
		return SGL_OK;
	return sgl_findings_add(f, &open, err, _("%s is open to others: %03o"),
	    name, (unsigned)st.st_mode & 0777);
}

/* A trial guards nothing. */
static sgl_status
check_users(sgl_session *s, sgl_findings *f, sgl_err *err)
{
	static const sgl_ailment one = {SGL_ALARM_NONE, "users",
	    N_("Who gets at the database, by whatever flaw, gets at the master "
	       "key too."),
	    N_("Let sigilld start as root, on a home that is another user's: "
	       "sigilld(8), USERS.")};
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	struct stat st;

	TRY(sgl_home_join(s->home, SGL_HOME_KEYS, &path, err));
	if (sgl_home_organisation(s->home)->is_demo ||
	    lstat((const char *)path.data, &st) != 0 ||
	    st.st_uid != sgl_home_owner(s->home))
		return SGL_OK;
	return sgl_findings_add(f, &one, err, "%s",
	    _("the private keys belong to the user whose the database is"));
}

/* Whoever has it can pretend to be the server where devices enrol. */
static sgl_status
check_https_key(sgl_session *s, sgl_findings *f, sgl_err *err)
{
	static const sgl_ailment open = {SGL_ALARM_CRITICAL, "permissions",
	    N_("Others on this machine can read the private key of the HTTPS "
	       "server."),
	    N_("Take the permission away with chmod o= and think about a new "
	       "key.")};
	SGL_AUTO_CLEAR(sgl_buf) conf = {0};
	SGL_AUTO_CLEAR(sgl_buf) path = sgl_buf_init(PATH_SIZE);
	bool found = false;
	struct stat st;

	TRY(sgl_home_join(s->home, SGL_CONF_FILE, &conf, err));
	/* What is wrong with the settings, sigilld -t tells. */
	if (sgl_config_find((const char *)conf.data, "https_key", &path, &found,
		NULL) != SGL_OK ||
	    !found || stat((const char *)path.data, &st) != 0 ||
	    (st.st_mode & S_IRWXO) == 0)
		return SGL_OK;
	return sgl_findings_add(f, &open, err, _("%s is open to others: %03o"),
	    (const char *)path.data, (unsigned)st.st_mode & 0777);
}

/* ----------------------------------------------------------------- clock ---
 */

static sgl_status
check_records(sgl_session *s, sgl_findings *f, sgl_err *err)
{
	static const sgl_ailment behind = {SGL_ALARM_CRITICAL, "clock",
	    N_("Certificates and lists would be dated wrongly, and others "
	       "would refuse them."),
	    N_("Set the clock, and let NTP keep it.")};
	SGL_AUTO_CLEAR(sgl_audit_record) last = {0};
	char text[SGL_TIME_TEXT];
	bool found;

	TRY(sgl_store_find_last_audit(
	    sgl_home_store(s->home), &last, &found, err));
	if (!found || last.at <= sgl_engine_now(s->engine) + CLOCK_SLACK)
		return SGL_OK;
	return sgl_findings_add(f, &behind, err,
	    _("the clock is behind: something was done here at %s already"),
	    sgl_time_text(last.at, text));
}

static sgl_status
check_clock(sgl_session *s, sgl_findings *f, sgl_err *err)
{
	static const sgl_ailment alone = {SGL_ALARM_WARNING, "clock-alone",
	    N_("It drifts, and a wrong clock makes certificates and lists that "
	       "others refuse."),
	    N_("Let NTP keep it: systemd-timesyncd or chrony.")};
	struct timex t = {0};

	TRY(check_records(s, f, err));
	if (adjtimex(&t) != TIME_ERROR)
		return SGL_OK;
	return sgl_findings_add(
	    f, &alone, err, "%s", _("the clock is not kept by NTP"));
}

/* ------------------------------------------------------- disk, database --- */

static sgl_status
check_disk(sgl_session *s, sgl_findings *f, sgl_err *err)
{
	static const char why[] = N_("On a full disk nothing can be issued or "
				     "revoked any more.");
	static const char todo[] = N_("Make room, or move the home.");
	static const sgl_ailment low = {
	    SGL_ALARM_WARNING, "disk-low", why, todo};
	static const sgl_ailment full = {
	    SGL_ALARM_CRITICAL, "disk-full", why, todo};
	const char *home = sgl_home_path(s->home);
	struct statvfs fs;
	uint64_t left;

	if (statvfs(home, &fs) != 0)
		return sgl_fail_errno(err, errno, ROOM, home);
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (left >= DISK_LOW)
		return SGL_OK;
	return sgl_findings_add(f, left < DISK_FULL ? &full : &low, err,
	    _("the disk has %lld MiB left"), (long long)(left / MIB));
}

static sgl_status
check_database(sgl_session *s, sgl_findings *f, sgl_err *err)
{
	static const sgl_ailment damaged = {SGL_ALARM_CRITICAL, "database",
	    N_("Keys and certificates in the damaged part are lost, and more "
	       "may follow."),
	    N_("Stop the service, copy the file, and restore the last backup "
	       "(sigill restore).")};
	bool sound;

	TRY(sgl_store_check(sgl_home_store(s->home), &sound, err));
	return sound ? SGL_OK
		     : sgl_findings_add(f, &damaged, err, "%s",
			   _("the database file is damaged"));
}

sgl_status
sgl_doctor_place(sgl_session *s, sgl_findings *f, sgl_err *err)
{
	for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++)
		TRY(check_mode(s, i, f, err));
	TRY(check_https_key(s, f, err));
	TRY(check_users(s, f, err));
	TRY(check_clock(s, f, err));
	TRY(check_disk(s, f, err));
	return check_database(s, f, err);
}
