/* SPDX-License-Identifier: Apache-2.0 */
/* sigill key */
#include "admin/work.h"
#include "admin/table.h"

static const sgl_option protect_options[] = {
    {"passphrase", 0, NULL, N_("by a passphrase that somebody types"), false},
    {"credential", 0, "NAME",
	N_("by a credential of systemd (LoadCredential=)"), false},
    {"from", 0, "FILE",
	N_("where the credential's secret is now; made if it is not there"),
	false},
    {"token", 0, "URI",
	N_("by a private key on a token (pkcs11:...?pin-source=file:...)"),
	false},
    {"key-file", 0, "FILE", N_("by a file elsewhere; made if it is not there"),
	false},
    {"only", 0, NULL, N_("forget all other ways"), false},
    {"password-file", 0, "FILE",
	N_("take the new passphrase from FILE (\"-\": standard input)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option unlock_options[] = {
    {"password-file", 0, "FILE",
	N_("take the passphrase from FILE (\"-\": standard input)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option lock_options[] = {
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_key_jobs[] = {
    {"key protect", sgl_org_key_protected, true,
	.office = SGL_OFFICE_ADMINISTRATOR, .bring = sgl_bring_ways},
    {"key unlock", sgl_org_key_unlock, true, .prompt = SGL_VAULT_PROMPT},
    {"key lock", sgl_org_key_lock, true, .office = SGL_OFFICE_OPERATOR},
    {.command = NULL},
};

const sgl_command sgl_key_commands[] = {
    {.name = "key", .summary = N_("the master key: protect, unlock, lock")},
    {"key protect", "", N_("add a way to the master key"),
	N_("The first way takes the place of the bare key. Any one of several "
	   "opens it; --only forgets the others."),
	protect_options, 0, 0, false, sgl_org_key_protect},
    {"key unlock", "", N_("let the service use the private keys"), NULL,
	unlock_options, 0, 0, false, sgl_org_run},
    {"key lock", "", N_("take the private keys away from the service"), NULL,
	lock_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
