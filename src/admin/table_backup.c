/* SPDX-License-Identifier: Apache-2.0 */
/* sigill backup, sigill restore */
#include "admin/work.h"
#include "admin/table.h"

static const sgl_option backup_options[] = {
    {"to", 0, "CERT",
	N_("encrypt it to this certificate (PEM, DER or P7B); may be given "
	   "several times"),
	true},
    {"password-recipient", 0, "FILE",
	N_("encrypt it to the password in FILE (too)"), false},
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option restore_options[] = {
    {"rehearse", 0, NULL,
	N_("restore into nothing: only find out whether all is there"), false},
    {"key", 0, "ID", N_("a key that opens it: PKCS#12, PEM, or a pkcs11: URI"),
	true},
    {"password-file", 0, "FILE", N_("the password of the key's file"), false},
    {"password-recipient", 0, "FILE",
	N_("the password that the backup was encrypted to"), false},
    {"last-crl", 0, "FILE",
	N_("the CRL that was published last: what it revokes stays revoked; "
	   "may be given several times"),
	true},
    {"issuing", 0, "FILE",
	N_("the certificate of an issuing authority that was made after the "
	   "backup; may be given several times"),
	true},
    {"no-last-crl", 0, NULL,
	N_("nothing was published since the backup, or it is lost"), false},
    {"database", 0, "URL",
	N_("restore into this empty database of PostgreSQL, or \"file\" for "
	   "a file in the home (else what it was)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_backup_jobs[] = {
    {"backup", sgl_org_backup_note, true, .office = SGL_OFFICE_OPERATOR},
    {.command = NULL},
};

const sgl_command sgl_backup_commands[] = {
    {"backup", "", N_("write all of the organisation into one encrypted file"),
	N_("It holds every record and what opens the private keys, as all was "
	   "at one moment; a service may go on meanwhile. Keep the key or the "
	   "password apart from it, and rehearse."),
	backup_options, 0, 0, false, sgl_org_backup},
    {"restore", "FILE", N_("make an organisation from a backup, in a new home"),
	N_("Authorities go on with higher CRL numbers, and what --last-crl "
	   "revokes stays revoked."),
	restore_options, 1, 1, false, sgl_org_restore},
    {.name = NULL},
};
