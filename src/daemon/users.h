/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The users that the processes of sigilld run as. Started by root on a home
 * that is not root's, each process has one of its own: control is the owner of
 * the home, the others are in the table in users.c. Else all are whoever
 * started it.
 */
#ifndef SGL_DAEMON_USERS_H
#define SGL_DAEMON_USERS_H

#include "admin/processes.h"
#include "sys/user.h"

/* A setting of sigilld.conf, and who it is if that says nothing. Without a
 * setting: the owner of the home. */
typedef struct sgl_daemon_user {
	const char *setting, *usual;
} sgl_daemon_user;
extern const sgl_daemon_user sgl_daemon_user_of[SGL_NUM_ROLES];

typedef struct sgl_daemon_users {
	bool are_apart;
	sgl_user of[SGL_NUM_ROLES];
} sgl_daemon_users;

/* sgl_daemon_users_find: `named` is what sigilld.conf says, NULL where it says
 * nothing. SGL_E_USAGE: one is not there, or is another one's too. */
SGL_MUST sgl_status sgl_daemon_users_find(
    const char *const named[SGL_NUM_ROLES], const char *home,
    sgl_daemon_users *out, sgl_err *err);

/* sgl_daemon_users_are_apart: started like this, on this home. */
bool sgl_daemon_users_are_apart(const char *home);

/* sgl_daemon_hand_over makes the folder of the keys, and what is in it, the
 * keyholder's; *done: they were not. SGL_E_USAGE: what is there is not what
 * `sigill init` made. What was done halfway is completed the next time. */
SGL_MUST sgl_status sgl_daemon_hand_over(
    const char *home, const sgl_daemon_users *users, bool *done, sgl_err *err);

#endif
