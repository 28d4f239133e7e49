/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users of this machine, and becoming one: for ever, as a process of the
 * service does, or for a while, as root does that works in somebody's folder
 * and shall leave nothing of its own there.
 */
#ifndef SGL_SYS_USER_H
#define SGL_SYS_USER_H

#include "base/mem.h"

#define SGL_USER_NAME 64
typedef struct sgl_user {
	unsigned uid, gid;
	char name[SGL_USER_NAME]; /* the number, where there is no name */
} sgl_user;

/* sgl_user_find: by name, or as UID or UID:GID, of which nobody has to know.
 * SGL_E_USAGE: there is no such user; SGL_E_IO: that cannot be found out. */
SGL_MUST sgl_status sgl_user_find(
    const char *text, sgl_user *out, sgl_err *err);
/* sgl_user_of: whoever has this number. */
void sgl_user_of(unsigned uid, sgl_user *out);

/* sgl_user_become: from now on this process is nobody else: no group but the
 * user's own, no capability, no way back, and nobody else of that user looks
 * into it. */
SGL_MUST sgl_status sgl_user_become(const sgl_user *user, sgl_err *err);

/* sgl_user_act_as and sgl_user_act_as_root: files are opened and made by that
 * user, then by root again. In between sgl_user_step_out is root for a while;
 * true: sgl_user_step_in is to end that. (Who a process is, is of the process:
 * so this is kept here.) */
SGL_MUST sgl_status sgl_user_act_as(unsigned uid, unsigned gid, sgl_err *err);
void sgl_user_act_as_root(void);
/* sgl_user_is_acting: also while it has stepped out. */
bool sgl_user_is_acting(void);
bool sgl_user_step_out(void);
void sgl_user_step_in(bool was_out);

/* sgl_rights_keep: of what root may do, this process and those that it starts
 * keep only these capabilities (the numbers of linux/capability.h, by the names
 * below), as far as it has them; and no program gives it more. */
typedef enum sgl_right {
	SGL_RIGHT_CHOWN = 1 << 0, /* give files to another user, */
	SGL_RIGHT_OWN = 1 << 1,	  /* change the mode of others' files */
	SGL_RIGHT_READ = 1 << 2,  /* read all files */
	SGL_RIGHT_KILL = 1 << 3,  /* end processes of others */
	SGL_RIGHT_BECOME = 1 << 4 /* become somebody else */
} sgl_right;
SGL_MUST sgl_status sgl_rights_keep(unsigned rights, sgl_err *err);

#endif
