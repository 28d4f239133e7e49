/* SPDX-License-Identifier: Apache-2.0 */
/* The ways by which the private keys are unlocked: whether somebody has to come
 * after a reboot, and what whoever has the disk gets. */
#include <stdio.h>
#include <sys/stat.h>

#include "admin/doctor.h"
#include "org/keys.h"
#include "sys/credential.h"
#include "vault/master.h"

#define UNIT "sigilld.service"

/* In the order of what it takes to misuse them, least first. */
typedef enum manner {
	BARE,
	FILE_BESIDE,
	CREDENTIAL_PLAIN,
	CREDENTIAL_HOST,
	CREDENTIAL_UNSEEN,
	FILE_ELSEWHERE,
	PASSPHRASE,
	TOKEN,
	CREDENTIAL_TPM,
	NUM_MANNERS
} manner;

static const struct {
	const char *name;
	bool is_attended;    /* somebody must come after a reboot */
	bool is_on_the_disk; /* whoever has that has all keys */
	const char *text;
} manners[NUM_MANNERS] = {
    [BARE] = {"bare", false, true,
	N_("whoever has a copy of the home or of the disk has all private "
	   "keys: sigill key protect")},
    [FILE_BESIDE] = {"key-file-beside", false, true,
	N_("the file is on the disk of the home: whoever has that has all "
	   "private keys")},
    [CREDENTIAL_PLAIN] = {"credential-plain", false, true,
	N_("the credential is not encrypted: whoever has the disk has all "
	   "private keys; systemd-creds encrypt --with-key=tpm2 binds it to "
	   "this machine")},
    [CREDENTIAL_HOST] = {"credential-host", false, true,
	N_("the credential is encrypted by a key on the same disk: whoever "
	   "has that has all private keys; systemd-creds encrypt "
	   "--with-key=tpm2 binds it to this machine")},
    [CREDENTIAL_UNSEEN] = {"credential", false, true,
	N_("by what the credential is encrypted cannot be seen; root can: "
	   "unless it is by a TPM, whoever has the disk has all private "
	   "keys")},
    [FILE_ELSEWHERE] = {"key-file", false, false,
	N_("the file is on another disk: whoever has that of the home needs "
	   "both")},
    [PASSPHRASE] = {"passphrase", true, false,
	N_("whoever has the disk must guess the passphrase")},
    [TOKEN] = {"token", false, false,
	N_("whoever has the disk needs the token, too")},
    [CREDENTIAL_TPM] = {"credential-tpm", false, false,
	N_("the credential is bound to the TPM of this machine: the disk "
	   "alone is no use")},
};

/* One that is not there is on a stick in somebody's pocket. */
static sgl_status
find_file(sgl_session *s, const char *name, sgl_findings *f, manner *out,
    sgl_err *err)
{
	static const sgl_ailment open = {SGL_ALARM_CRITICAL, "permissions",
	    N_("Others on this machine can read what unlocks the private "
	       "keys."),
	    N_("Take the permission away with chmod go= and think about who "
	       "may have used it.")};
	struct stat file, home;

	*out = FILE_ELSEWHERE;
	if (stat(name, &file) != 0 || stat(sgl_home_path(s->home), &home) != 0)
		return SGL_OK;
	if (file.st_dev == home.st_dev)
		*out = FILE_BESIDE;
	if ((file.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return SGL_OK;
	return sgl_findings_add(f, &open, err, _("%s is open to others: %03o"),
	    name, (unsigned)file.st_mode & 0777);
}

static sgl_status
find_credential(const char *name, manner *out, sgl_err *err)
{
	static const manner of[] = {[SGL_CREDENTIAL_UNSEEN] = CREDENTIAL_UNSEEN,
	    [SGL_CREDENTIAL_PLAIN] = CREDENTIAL_PLAIN,
	    [SGL_CREDENTIAL_HOST] = CREDENTIAL_HOST,
	    [SGL_CREDENTIAL_TPM] = CREDENTIAL_TPM};
	sgl_credential_kind kind;

	TRY(sgl_credential_find(UNIT, name, &kind, err));
	*out = of[kind];
	return SGL_OK;
}

static sgl_status
find_manner(sgl_session *s, const sgl_way *w, sgl_findings *f, manner *out,
    sgl_err *err)
{
	switch (w->kind) {
	case SGL_WAY_KEY_FILE:
		return find_file(s, w->name, f, out, err);
	case SGL_WAY_CREDENTIAL:
		return find_credential(w->name, out, err);
	case SGL_WAY_PASSPHRASE:
		*out = PASSPHRASE;
		return SGL_OK;
	case SGL_WAY_TOKEN:
	case SGL_NUM_WAY_KINDS:
		break;
	}
	*out = TOKEN;
	return SGL_OK;
}

static void
put(sgl_unlockings *u, manner m, const char *name)
{
	sgl_unlocking *one = &u->items[u->num++];

	*one = (sgl_unlocking){.rank = m,
	    .way = manners[m].name,
	    .is_attended = manners[m].is_attended,
	    .is_on_the_disk = manners[m].is_on_the_disk,
	    .text = manners[m].text};
	(void)snprintf(one->name, sizeof one->name, "%s", name);
	for (size_t i = u->num - 1;
	     i > 0 && u->items[i - 1].rank > u->items[i].rank; i--) {
		sgl_unlocking other = u->items[i];
		u->items[i] = u->items[i - 1];
		u->items[i - 1] = other;
	}
}

sgl_status
sgl_doctor_unlock(
    sgl_session *s, sgl_findings *f, sgl_unlockings *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_master) master = {0};
	sgl_status status;
	manner m;

	status = sgl_keys_read(sgl_home_path(s->home), &master, err);
	/* That it is missing, or open to others, is found elsewhere. */
	if (status == SGL_E_PASSWORD)
		return SGL_OK;
	TRY(status);
	if (master.ways.num == 0)
		put(out, BARE, "");
	for (size_t i = 0; i < master.ways.num; i++) {
		TRY(find_manner(s, &master.ways.items[i], f, &m, err));
		put(out, m, master.ways.items[i].name);
	}
	return SGL_OK;
}
