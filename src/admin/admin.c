/* SPDX-License-Identifier: Apache-2.0 */
/* sigill admin add, list, remove, offices */
#include <pwd.h>
#include <stdio.h>

#include "admin/work.h"
#include "admin/table.h"
#include "org/audit.h"

#define ROOM "admin.admin"
#define UID_TEXT 16

static sgl_status
read_office(const char *text, sgl_office *out, sgl_err *err)
{
	if (text != NULL && sgl_office_find(sgl_slice_str(text), out))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("--office is reader, operator, administrator or "
	       "recovery-officer"),
	    "%s", text == NULL ? "" : text);
}

static bool
read_uid(const char *text, unsigned *out)
{
	uint64_t n = 0;

	if (text == NULL || text[0] == '\0' || strlen(text) > 10)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = 10 * n + (uint64_t)(*text - '0');
	}
	*out = (unsigned)n;
	return n < UINT32_MAX; /* which is nobody: (uid_t)-1 */
}

/* -------------------------------------------------------------------- add ---
 */

static sgl_status
add_office(sgl_home *home, unsigned uid, const char *name, sgl_office office,
    sgl_err *err)
{
	char who[SGL_ACTOR_TEXT];
	/* Not cleared: the texts are others'. */
	const sgl_administrator a = {.uid = uid,
	    .office = (char *)(uintptr_t)sgl_office_name(office),
	    .name = (char *)(uintptr_t)name,
	    .created = sgl_engine_now(sgl_home_engine(home))};
	bool added;

	TRY(sgl_store_add_administrator(sgl_home_store(home), &a, &added, err));
	if (!added ||
	    (office == SGL_OFFICE_ADMINISTRATOR &&
		sgl_office_is_born(home, uid)))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("holds this office already"), "%s", name);
	return sgl_audit_add(home, "admin.add", sgl_actor_text(uid, name, who),
	    NULL, a.office, err);
}

static sgl_status
tell_change(sgl_reply *r, const char *text, const char *name, unsigned uid,
    const char *office, sgl_err *err)
{
	if (!r->as_json)
		return sgl_buf_printf(
		    &r->text, err, "%s (%u): %s %s\n", name, uid, text, office);
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "name", name);
	sgl_json_uint(&r->json, "uid", uid);
	sgl_json_str(&r->json, "office", office);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_admin_add(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;
	const char *name = sgl_call_arg(call, 0);
	sgl_office office;
	unsigned uid;

	TRY(read_office(sgl_call_get(call, "office"), &office, err));
	if (!read_uid(sgl_call_get(call, "uid"), &uid))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("there is no such user here; give the number with "
		       "--uid"),
		    "%s", name);
	if (!sgl_name_is_fit(sgl_slice_str(name), SGL_ADMIN_NAME_MAX))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("cannot be the name of a user"), "%s", name);
	TRY(add_office(s->home, uid, name, office, err));
	return tell_change(
	    r, _("is now"), name, uid, sgl_office_name(office), err);
}

/* The caller knows its users; the service may be fenced off from them. */
int
sgl_org_admin_add_named(sgl_call *call)
{
	static const sgl_option uid_option = {"uid", 0, "NUMBER", NULL, false};
	const struct passwd *user = NULL;
	char text[UID_TEXT];

	if (!sgl_call_has(call, "uid"))
		user = getpwnam(sgl_call_arg(call, 0));
	if (user != NULL && call->num_given < SGL_CALL_OPTIONS) {
		(void)snprintf(text, sizeof text, "%u", (unsigned)user->pw_uid);
		call->given[call->num_given].option = &uid_option;
		call->given[call->num_given++].value = text;
	}
	return sgl_org_run(call);
}

/* ------------------------------------------------------------------- list ---
 */

static sgl_status
add_row(sgl_reply *r, const sgl_administrator *a, sgl_err *err)
{
	char date[SGL_DATE_TEXT], uid[UID_TEXT];

	(void)snprintf(uid, sizeof uid, "%lld", (long long)a->uid);
	if (!r->as_json) {
		TRY(sgl_cell_add(&r->text, a->name, 24, err));
		TRY(sgl_cell_add(&r->text, uid, 10, err));
		TRY(sgl_cell_add(&r->text, a->office, 16, err));
		return sgl_buf_printf(&r->text, err, "%s\n",
		    a->created == 0 ? _("always")
				    : sgl_date_text(a->created, date));
	}
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "name", a->name);
	sgl_json_uint(&r->json, "uid", (uint64_t)a->uid);
	sgl_json_str(&r->json, "office", a->office);
	if (a->created == 0)
		sgl_json_null(&r->json, "since");
	else
		sgl_json_time(&r->json, "since", a->created);
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

/* Whoever is an administrator without being stored. */
static sgl_status
add_born(sgl_session *s, sgl_reply *r, sgl_err *err)
{
	char root[] = "root", owner[] = "", office[] = "administrator";
	sgl_administrator a = {.name = root, .office = office};

	TRY(add_row(r, &a, err));
	a.uid = sgl_home_owner(s->home);
	a.name = owner;
	return a.uid == 0 ? SGL_OK : add_row(r, &a, err);
}

sgl_status
sgl_org_admin_list(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_administrators) list = {0};

	(void)order;
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "administrators");
	}
	TRY(add_born(s, r, err));
	TRY(sgl_store_list_administrators(sgl_home_store(s->home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(add_row(r, &list.items[i], err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* ----------------------------------------------------------------- remove ---
 */

static bool
is_meant(const sgl_administrator *a, const char *who, const char *office)
{
	unsigned uid;

	if (office != NULL && strcmp(a->office, office) != 0)
		return false;
	return strcmp(a->name, who) == 0 ||
	    (read_uid(who, &uid) && a->uid == uid);
}

static sgl_status
remove_one(
    sgl_session *s, sgl_reply *r, const sgl_administrator *a, sgl_err *err)
{
	char who[SGL_ACTOR_TEXT];
	bool removed;

	TRY(sgl_store_remove_administrator(
	    sgl_home_store(s->home), a->uid, a->office, &removed, err));
	TRY(sgl_audit_add(s->home, "admin.remove",
	    sgl_actor_text((unsigned)a->uid, a->name, who), a->office, NULL,
	    err));
	return tell_change(
	    r, _("is no more"), a->name, (unsigned)a->uid, a->office, err);
}

static sgl_status
remove_all(sgl_session *s, const sgl_call *call, sgl_reply *r, size_t *num,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_administrators) list = {0};
	const char *office = sgl_call_get(call, "office");

	TRY(sgl_store_list_administrators(sgl_home_store(s->home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		if (!is_meant(&list.items[i], sgl_call_arg(call, 0), office))
			continue;
		TRY(remove_one(s, r, &list.items[i], err));
		(*num)++;
	}
	return SGL_OK;
}

sgl_status
sgl_org_admin_remove(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	const sgl_call *call = order->call;
	sgl_office office;
	size_t num = 0;

	if (sgl_call_has(call, "office"))
		TRY(read_office(sgl_call_get(call, "office"), &office, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "removed");
	}
	TRY(remove_all(s, call, r, &num, err));
	if (num == 0)
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("holds no such office that could be taken away"), "%s",
		    sgl_call_arg(call, 0));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}

/* ---------------------------------------------------------------- offices ---
 */

static sgl_status
add_job(sgl_reply *r, const sgl_org_job *j, sgl_err *err)
{
	char name[128];

	(void)snprintf(name, sizeof name, "%s%s%s", j->command,
	    j->with == NULL ? "" : " --", j->with == NULL ? "" : j->with);
	if (!r->as_json) {
		TRY(sgl_cell_add(&r->text, name, 32, err));
		return sgl_buf_printf(
		    &r->text, err, "%s\n", sgl_office_name(j->office));
	}
	sgl_json_object(&r->json, NULL);
	sgl_json_str(&r->json, "command", name);
	sgl_json_str(&r->json, "office", sgl_office_name(j->office));
	sgl_json_close_object(&r->json);
	return SGL_OK;
}

sgl_status
sgl_org_admin_offices(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	(void)s;
	(void)order;
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "commands");
	}
	for (size_t i = 0; sgl_org_job_tables[i] != NULL; i++)
		for (const sgl_org_job *j = sgl_org_job_tables[i];
		     j->command != NULL; j++)
			TRY(add_job(r, j, err));
	if (r->as_json) {
		sgl_json_close_array(&r->json);
		sgl_json_close_object(&r->json);
	}
	return SGL_OK;
}
