/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process of the service may still do once it has what it needs: fewer
 * system calls (seccomp), fewer files (Landlock), no new rights, no new
 * processes. One call, made last; there is no way back.
 */
#ifndef SGL_SYS_SANDBOX_H
#define SGL_SYS_SANDBOX_H

#include "sigill/base.h"

typedef struct sgl_sandbox {
	/* Files, and folders with all in them, that may be read and changed;
	 * the list ends with NULL. What is not there is passed over. NULL: no
	 * file at all may be opened. */
	const char *const *places;
	/* The same for what may only be read. */
	const char *const *readable;
	/* Loads libraries that others wrote, for devices: threads, what drivers
	 * ask of the system, and local sockets. */
	bool has_modules;
	bool may_accept; /* connections on sockets that it has already */
	/* To the network and to local sockets; then what names are looked up
	 * in may be read. */
	bool may_connect;
	/* To the network alone, not to local sockets; names are looked up in
	 * the same files, but servers' certificates are not. */
	bool may_fetch;
	/* Do what this system can, and say nothing of the rest. */
	bool best_effort;
} sgl_sandbox;

/* sgl_sandbox_enter: SGL_E_UNSUPPORTED where this system cannot (and not
 * best_effort); the text says what is missing. */
SGL_MUST sgl_status sgl_sandbox_enter(const sgl_sandbox *s, sgl_err *err);

/* sgl_sandbox_covers: whoever may open what is in `place` may open what is in
 * the folder `inside`, which is the same one or lies in it, by whatever names.
 * What is not there, or cannot be reached by us, is covered by nothing. */
bool sgl_sandbox_covers(const char *place, const char *inside);

#endif
