/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fail.h"
#include "sys/sanitized.h"
#include "sys/text.h"
#include "sys/user.h"

#define ROOM "sys.user"
#define COUNT(table) (sizeof(table) / sizeof *(table))
/* The highest number means "as it was" to the kernel. */
#define NUMBER_MAX (UINT32_MAX - 1)

/* ------------------------------------------------------------ who it is --- */

static bool
read_number(const char *text, char end, unsigned *out, const char **rest)
{
	unsigned long long value;
	char *at;

	if (!isdigit((unsigned char)text[0]))
		return false;
	value = strtoull(text, &at, 10);
	if (*at != end || value > NUMBER_MAX)
		return false;
	*out = (unsigned)value;
	*rest = at + 1;
	return true;
}

static void
set_name(sgl_user *u, const char *name)
{
	(void)snprintf(u->name, sizeof u->name, "%s", name);
}

void
sgl_user_of(unsigned uid, sgl_user *out)
{
	const struct passwd *known = getpwuid(uid);

	*out = (sgl_user){.uid = uid, .gid = uid};
	(void)snprintf(out->name, sizeof out->name, "%u", uid);
	if (known == NULL)
		return;
	out->gid = known->pw_gid;
	set_name(out, known->pw_name);
}

/* What getpwnam(3) leaves in errno where a name is nobody's; all else means
 * that who knows could not be asked. */
static bool
is_nobody(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH ||
	    error == EBADF || error == EPERM;
}

sgl_status
sgl_user_find(const char *text, sgl_user *out, sgl_err *err)
{
	const struct passwd *known;
	const char *rest;
	unsigned uid, gid;

	if (read_number(text, '\0', &uid, &rest)) {
		sgl_user_of(uid, out);
		return SGL_OK;
	}
	if (read_number(text, ':', &uid, &rest) &&
	    read_number(rest, '\0', &gid, &rest)) {
		sgl_user_of(uid, out);
		out->gid = gid;
		return SGL_OK;
	}
	errno = 0;
	known = getpwnam(text);
	if (known == NULL && !is_nobody(errno))
		return sgl_fail_errno(err, errno, ROOM, text);
	if (known == NULL)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("there is no such user on this machine"), "%s", text);
	*out = (sgl_user){.uid = known->pw_uid, .gid = known->pw_gid};
	set_name(out, known->pw_name);
	return SGL_OK;
}

/* ----------------------------------------------------------- capabilities -
 */

static const struct {
	sgl_right right;
	unsigned cap;
} numbers[] = {
    {SGL_RIGHT_CHOWN, CAP_CHOWN},
    {SGL_RIGHT_OWN, CAP_FOWNER},
    {SGL_RIGHT_READ, CAP_DAC_READ_SEARCH},
    {SGL_RIGHT_KILL, CAP_KILL},
    {SGL_RIGHT_BECOME, CAP_SETUID},
    {SGL_RIGHT_BECOME, CAP_SETGID},
};

static uint32_t
mask_of(unsigned rights)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < COUNT(numbers); i++)
		if ((rights & numbers[i].right) != 0)
			mask |= UINT32_C(1) << numbers[i].cap;
	return mask;
}

/* What no program started later can be given. Who lacks the right for this is
 * held back by no_new_privs alone. */
static void
drop_bounds(uint32_t keep)
{
	for (unsigned long cap = 0;
	     prctl(PR_CAPBSET_READ, cap, 0L, 0L, 0L) >= 0; cap++)
		if (cap >= 32 || (keep >> cap & 1) == 0)
			(void)prctl(PR_CAPBSET_DROP, cap, 0L, 0L, 0L);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
}

/* All that we know of have numbers below 32. */
static bool
keep_only(uint32_t keep)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &head, data) != 0)
		return false;
	data[0].permitted &= keep;
	data[0].effective = data[0].permitted;
	data[0].inheritable = 0;
	data[1] = (struct __user_cap_data_struct){0};
	return syscall(SYS_capset, &head, data) == 0;
}

sgl_status
sgl_rights_keep(unsigned rights, sgl_err *err)
{
	const uint32_t keep = mask_of(rights);

	drop_bounds(keep);
	if (!keep_only(keep) || prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return sgl_fail_errno(err, errno, ROOM, NULL);
	return SGL_OK;
}

/* --------------------------------------------------------------- becoming -
 */

sgl_status
sgl_user_become(const sgl_user *u, sgl_err *err)
{
	drop_bounds(0);
	if (setgroups(0, NULL) != 0 || setresgid(u->gid, u->gid, u->gid) != 0 ||
	    setresuid(u->uid, u->uid, u->uid) != 0)
		return sgl_fail_errno(err, errno, ROOM, u->name);
	TRY(sgl_rights_keep(0, err));
	/* The kernel has set it as the machine is set for such processes. */
	if (!SGL_SANITIZED)
		(void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
	if (u->uid != 0 && (setuid(0) == 0 || setgid(0) == 0))
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("this system lets a process become root again"), "%s",
		    u->name);
	return SGL_OK;
}

/* Whom root acts as, and whether it does just now. */
static struct {
	bool is_acting, is_out;
	unsigned uid, gid;
} acting;

static void
be_root(void)
{
	/* In this order: only root may do the others. Whoever cannot go back
	 * has a file refused that it asks for next. */
	if (seteuid(0) == 0 && setegid(0) == 0)
		(void)setgroups(0, NULL);
}

static bool
be_other(unsigned uid, unsigned gid)
{
	return setgroups(0, NULL) == 0 && setegid(gid) == 0 &&
	    seteuid(uid) == 0;
}

sgl_status
sgl_user_act_as(unsigned uid, unsigned gid, sgl_err *err)
{
	if (be_other(uid, gid)) {
		acting.is_acting = true;
		acting.uid = uid;
		acting.gid = gid;
		return SGL_OK;
	}
	(void)sgl_fail_errno(err, errno, ROOM, NULL);
	be_root();
	return SGL_E_IO;
}

bool
sgl_user_is_acting(void)
{
	return acting.is_acting;
}

void
sgl_user_act_as_root(void)
{
	be_root();
	acting.is_acting = acting.is_out = false;
}

bool
sgl_user_step_out(void)
{
	if (!acting.is_acting || acting.is_out)
		return false;
	be_root();
	acting.is_out = true;
	return true;
}

void
sgl_user_step_in(bool was_out)
{
	if (!was_out)
		return;
	acting.is_out = false;
	/* Whoever cannot be the other again must not go on as root. */
	if (!be_other(acting.uid, acting.gid))
		abort();
}
