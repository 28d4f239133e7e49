/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/processes.h"

const char *
sgl_role_name(sgl_role role)
{
	static const char *const names[SGL_NUM_ROLES] = {
	    [SGL_ROLE_KEYHOLDER] = "keyholder",
	    [SGL_ROLE_CONTROL] = "control",
	    [SGL_ROLE_FRONT] = "front",
	    [SGL_ROLE_FETCHER] = "fetcher",
	    [SGL_ROLE_MAKER] = "maker",
	    [SGL_ROLE_TOKEN] = "token",
	};

	return names[role];
}

bool
sgl_processes_are_apart(const sgl_processes *p)
{
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(p->of[i].user, p->of[j].user) == 0)
				return false;
	return true;
}

static void
add_one(sgl_wire *w, const sgl_process *p)
{
	sgl_wire_add_int(w, p->pid);
	sgl_wire_add_int(w, p->since);
	sgl_wire_add_int(w, p->restarts);
	sgl_wire_add_int(w, p->is_ready);
	sgl_wire_add_int(w, p->is_needed);
	sgl_wire_add_text(w, p->user);
}

static void
read_one(sgl_unwire *u, sgl_process *out)
{
	out->pid = sgl_unwire_int(u, 0, INT32_MAX);
	out->since = sgl_unwire_int(u, 0, INT64_MAX);
	out->restarts = sgl_unwire_int(u, 0, INT64_MAX);
	out->is_ready = sgl_unwire_bool(u);
	out->is_needed = sgl_unwire_bool(u);
	sgl_unwire_text(u, out->user, sizeof out->user);
}

void
sgl_processes_add(sgl_wire *w, const sgl_processes *p)
{
	add_one(w, &p->supervisor);
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		add_one(w, &p->of[i]);
	sgl_wire_add_int(w, p->https_until);
	sgl_wire_add_int(w, p->is_locked);
}

void
sgl_processes_read(sgl_unwire *u, sgl_processes *out)
{
	read_one(u, &out->supervisor);
	for (size_t i = 0; i < SGL_NUM_ROLES; i++)
		read_one(u, &out->of[i]);
	out->https_until = sgl_unwire_int(u, 0, INT64_MAX);
	out->is_locked = sgl_unwire_bool(u);
}
