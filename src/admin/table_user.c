/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user */
#include "admin/table.h"
#include "admin/roll.h"

#define OPTION_NAME                                                            \
	{                                                                      \
		"name", 0, "NAME",                                             \
		    N_("the person's name in certificates (else what stands "  \
		       "before the @)"),                                       \
		    false                                                      \
	}
#define OPTION_CUSTODY                                                         \
	{                                                                      \
		"custody", 0, "CUSTODY",                                       \
		    N_("who keeps the private keys: user, server or sealed"),  \
		    false                                                      \
	}
#define OPTION_ACKNOWLEDGE(help)                                               \
	{                                                                      \
		"acknowledge-loss", 0, NULL, help, false                       \
	}

static const sgl_option user_add_options[] = {
    OPTION_NAME,
    {"from", 0, "FILE",
	N_("everybody in this table (CSV: address, name, alias, purpose, "
	   "custody)"),
	false},
    {"dry-run", 0, NULL, N_("with --from: look at the table, and do nothing"),
	false},
    OPTION_CUSTODY,
    {"no-issue", 0, NULL,
	N_("without certificates, for the time being (see cert issue --all)"),
	false},
    {"protected", 0, NULL,
	N_("who this is must not be found out: never published, no name in "
	   "certificates"),
	false},
    {"shared", 0, NULL, N_("a mailbox of several people (see user holder)"),
	false},
    {"language", 0, "LANGUAGE", N_("of what is written to the person: en, sv"),
	false},
    {"algorithm", 0, "NAME",
	N_("kind of the person's new keys, as with sigill init; or default"),
	false},
    {"profile", 0, "PROFILE",
	N_("separate: a certificate to sign and one to encrypt; dual: one for "
	   "both; or default"),
	false},
    OPTION_ACKNOWLEDGE(
	N_("with --custody sealed: what was encrypted is lost with the "
	   "person's copy of the key")),
    {"unchecked", 0, NULL,
	N_("though sigill doctor never saw that revocation lists can be "
	   "fetched"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option user_set_options[] = {
    OPTION_NAME,
    OPTION_CUSTODY,
    {"protected", 0, NULL,
	N_("who this is must not be found out: never published, no name in "
	   "certificates"),
	false},
    {"not-protected", 0, NULL, N_("the person may be found again"), false},
    {"language", 0, "LANGUAGE", N_("of what is written to the person: en, sv"),
	false},
    {"algorithm", 0, "NAME",
	N_("kind of the person's new keys, as with sigill init; or default"),
	false},
    {"profile", 0, "PROFILE",
	N_("separate: a certificate to sign and one to encrypt; dual: one for "
	   "both; or default"),
	false},
    {"certify-alias", 0, "ADDRESS",
	N_("name this further address in new certificates too"), true},
    OPTION_ACKNOWLEDGE(
	N_("with --custody sealed: what was encrypted is lost with the "
	   "person's copy of the key")),
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option rename_options[] = {
    {"keep-signing", 0, NULL,
	N_("do not revoke the certificate to sign of the old address"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option delete_options[] = {
    {"destroy-keys", 0, NULL,
	N_("wipe all private keys too: old mail can be opened no more"), false},
    OPTION_ACKNOWLEDGE(N_("with --destroy-keys: that is meant")),
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option alias_add_options[] = {
    {"certify", 0, NULL, N_("name it in new certificates too"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option holder_remove_options[] = {
    {"compromised", 0, NULL,
	N_("the person may have misused the key: revoke as keyCompromise"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option enrol_code_options[] = {
    {"purpose", 0, "PURPOSE",
	N_("signing, encryption or dual: both in one (else signing)"), false},
    {"valid", 0, "TIME", N_("how long it can be used: 30m, 24h, 7d (else 24h)"),
	false},
    {"output", 'o', "FILE", N_("write the code to FILE (else it is printed)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

#define OPERATOR .office = SGL_OFFICE_OPERATOR
#define READER .office = SGL_OFFICE_READER

const sgl_org_job sgl_user_jobs[] = {
    {"user add", sgl_org_user_add_many, true, OPERATOR, .with = "from"},
    {"user add", sgl_org_user_add, true, OPERATOR},
    {"user list", sgl_org_user_list, READER},
    {"user show", sgl_org_user_show, READER},
    /* To sealed: what is kept is destroyed, also what officers could
     * recover. */
    {"user set", sgl_org_user_set, true, .office = SGL_OFFICE_ADMINISTRATOR,
	.with = "acknowledge-loss"},
    {"user set", sgl_org_user_set, true, OPERATOR},
    {"user rename", sgl_org_user_rename, true, OPERATOR},
    {"user suspend", sgl_org_user_suspend, true, OPERATOR},
    {"user resume", sgl_org_user_resume, true, OPERATOR},
    {"user leave", sgl_org_user_leave, true, OPERATOR},
    {"user delete", sgl_org_user_delete, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {"user alias add", sgl_org_alias_add, true, OPERATOR},
    {"user alias remove", sgl_org_alias_remove, true, OPERATOR},
    {"user alias list", sgl_org_alias_list, READER},
    {"user holder add", sgl_org_holder_add, true, OPERATOR},
    {"user holder remove", sgl_org_holder_remove, true, OPERATOR},
    {"user holder list", sgl_org_holder_list, READER},
    /* With a code to encrypt a device is given a private key of ours. */
    {"user enrol-code", sgl_org_user_enrol_code, true,
	.office = SGL_OFFICE_ADMINISTRATOR, .with = "purpose"},
    {"user enrol-code", sgl_org_user_enrol_code, true, OPERATOR},
    {.command = NULL},
};

const sgl_command sgl_user_commands[] = {
    {.name = "user",
	.summary = N_("the people: add, list, show, rename, suspend, leave, "
		      "delete...")},
    {"user add", "[ADDRESS]",
	N_("add a person, with a certificate to sign and one to encrypt; or "
	   "many"),
	N_("Many stand in a table whose first line names its columns. It is "
	   "looked at as a whole before anything is done. Who is there already "
	   "is left as it is, so that the same command goes on where it was "
	   "interrupted."),
	user_add_options, 0, 1, false, sgl_org_user_add_any},
    {"user list", "", N_("list the people"), NULL, sgl_org_common_options, 0, 0,
	false, sgl_org_run},
    {"user show", "ADDRESS",
	N_("show a mailbox: state, addresses, certificates, and who has its "
	   "keys"),
	NULL, sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"user set", "ADDRESS", N_("change what is known of a person"), NULL,
	user_set_options, 1, 1, false, sgl_org_run},
    {"user rename", "OLD NEW",
	N_("give a person another address; the old one goes on as a further "
	   "one"),
	NULL, rename_options, 2, 2, false, sgl_org_run},
    {"user suspend", "ADDRESS",
	N_("put the certificates to sign on hold, until user resume"), NULL,
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"user resume", "ADDRESS", N_("take back what user suspend did"), NULL,
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"user leave", "ADDRESS",
	N_("revoke all certificates of a person who leaves; old mail can "
	   "still be opened"),
	NULL, sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"user delete", "ADDRESS",
	N_("forget a person who has left; the address is free again"), NULL,
	delete_options, 1, 1, false, sgl_org_run},
    {"user alias add", "ADDRESS ALIAS", N_("a further address of a person"),
	NULL, alias_add_options, 2, 2, false, sgl_org_run},
    {"user alias remove", "ADDRESS ALIAS", N_("take one away"), NULL,
	sgl_org_common_options, 2, 2, false, sgl_org_run},
    {"user alias list", "ADDRESS", N_("list them"), NULL,
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"user holder add", "MAILBOX ADDRESS",
	N_("let a person have the keys of a shared mailbox"), NULL,
	sgl_org_common_options, 2, 2, false, sgl_org_run},
    {"user holder remove", "MAILBOX ADDRESS",
	N_("no longer; if the person has the keys, the mailbox gets new ones"),
	NULL, holder_remove_options, 2, 2, false, sgl_org_run},
    {"user holder list", "MAILBOX",
	N_("list who may have them, and who was given them"), NULL,
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"user enrol-code", "ADDRESS",
	N_("a code with which a device gets a certificate by itself, once"),
	NULL, enrol_code_options, 1, 1, false, sgl_org_run},
    {.name = NULL},
};
