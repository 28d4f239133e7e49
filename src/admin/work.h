/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands on the organisation share. */
#ifndef SGL_ADMIN_WORK_H
#define SGL_ADMIN_WORK_H

#include "base/json.h"
#include "ca/ca.h"
#include "cli/command.h"
#include "admin/processes.h"
#include "admin/watched.h"
#include "org/office.h"
#include "org/people.h"
#include "pki/cert.h"
#include "sigill/cms.h"

/* The engine and the home of one command; all-zero is closed. */
typedef struct sgl_session {
	sgl_engine *engine;
	sgl_home *home;
	bool made_crls;			/* in the change at hand */
	const sgl_processes *processes; /* NULL: no service does this */
	const sgl_watched *watched;	/* NULL: nobody watches */
	sgl_offices offices;		/* of whoever called */
	sgl_keeper_wish wish; /* what the keyholder is to do afterwards */
	bool was_unlocked; /* and is to be locked again if that is not kept */
} sgl_session;
SGL_MUST sgl_status sgl_session_open(
    const sgl_call *call, bool changes, sgl_session *out, sgl_err *err);
void sgl_session_close(sgl_session *s);
SGL_AUTO_CLEAR_TYPE(sgl_session, sgl_session_close)

/* sgl_session_commit ends a change: CRLs that became due are made in the same
 * transaction, and copied into files behind it. What goes wrong then is in
 * *aside, and changes nothing: a list that could not be made stays due. */
SGL_MUST sgl_status sgl_session_commit(
    sgl_session *s, sgl_err *aside, sgl_err *err);

/* sgl_session_has_keys: so many of the usual sort are made already; where this
 * process makes them itself, there are always. A change of many people ends
 * before one whose keys would have to be waited for. */
SGL_MUST sgl_status sgl_session_has_keys(
    sgl_session *s, size_t need, bool *out, sgl_err *err);

/* What a command prints. */
#define SGL_REPLY_MAX ((size_t)256 << 20)
typedef struct sgl_reply {
	bool as_json;
	bool aside; /* standard output has something else: standard error */
	sgl_buf text;
	sgl_json json; /* over `text` */
	/* For --output: `has_file` even if it is empty. Wiped when cleared. */
	bool has_file, file_is_secret;
	bool needs_password; /* it failed, for the order had none */
	/* Once the file is written, the same order comes again, settled. */
	bool wants_settling;
	/* There are more steps: the same order comes again, with these. */
	bool goes_on;
	int64_t at, done;
	bool is_whole;	 /* `text` is ready as it is */
	int exit_status; /* of what went well and is told */
	sgl_buf file;
} sgl_reply;
void sgl_reply_init(sgl_reply *r, const sgl_call *call);
/* sgl_reply_end makes `text` whole. */
SGL_MUST sgl_status sgl_reply_end(sgl_reply *r, sgl_err *err);
void sgl_reply_clear(sgl_reply *r);
SGL_AUTO_CLEAR_TYPE(sgl_reply, sgl_reply_clear)

/* A command as it reaches whoever performs it. */
typedef struct sgl_order {
	const sgl_call *call;
	sgl_secret password; /* data NULL: none was given */
	bool is_settled;     /* the file of the reply before is written */
	/* Of work in steps, each in a change of its own: where the step before
	 * ended, and how much was done. */
	int64_t at, done;
	/* What the caller's files hold, as the command wants it; perhaps with
	 * private keys: wiped when cleared. */
	sgl_buf input;
	const char
	    *file; /* whose contents that is; NULL: of none, or several */
} sgl_order;
void sgl_order_clear(sgl_order *order);
SGL_AUTO_CLEAR_TYPE(sgl_order, sgl_order_clear)

/*
 * The work of a command on an open home. It touches no terminal and no file
 * outside of the home, so that it can be done by the process of the command
 * line or by the service that owns the home; what is to be written elsewhere is
 * left in the reply.
 */
typedef sgl_status sgl_org_work(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err);

typedef struct sgl_org_job {
	const char *command; /* its name */
	sgl_org_work *work;
	bool changes;	   /* something: then it ends with a commit */
	sgl_office office; /* whose work it is */
	/* The job of the command where this option is given; such a row stands
	 * before the one without. NULL: of all other calls. */
	const char *with;
	/* What somebody is asked whose order had no password; NULL: a new
	 * password for a file, twice. */
	const char *prompt;
	/* Reads the caller's files into order->input, where the command line
	 * is; then --password-file is its business. NULL: there are none. */
	sgl_status (*bring)(
	    const sgl_call *call, sgl_order *order, sgl_err *err);
} sgl_org_job;

/* sgl_org_need_password is how a job fails that sets needs_password. */
sgl_status sgl_org_need_password(sgl_err *err);
/* sgl_org_check_new_password: the order has a password for a new file with
 * private keys in it, and none that is guessed at once (SGL_E_USAGE); else the
 * reply needs one. */
SGL_MUST sgl_status sgl_org_check_new_password(
    const sgl_order *order, sgl_reply *r, sgl_err *err);

/* sgl_org_run performs the job of a command and tells its reply; the exit
 * status. */
int sgl_org_run(sgl_call *call);
/* sgl_org_ask has an order done and gives the reply, which is the caller's to
 * use: for commands that give several. */
SGL_MUST sgl_status sgl_org_ask(
    const sgl_order *order, sgl_reply *r, sgl_err *err);
/* sgl_org_call_like: another command, on the same home. */
sgl_call sgl_org_call_like(const sgl_call *call, const char *command);
/* sgl_org_perform does the same as sgl_org_run but for telling. */
SGL_MUST sgl_status sgl_org_perform(
    const sgl_call *call, sgl_reply *r, sgl_err *err);

sgl_org_work sgl_org_reminders_list, sgl_org_reminders_send,
    sgl_org_reminders_set;
int sgl_org_reminders_send_all(sgl_call *call);
sgl_org_work sgl_org_renew_plan, sgl_org_renew_step, sgl_org_cert_confirm;
sgl_org_work sgl_org_user_show, sgl_org_user_set, sgl_org_user_rename,
    sgl_org_user_suspend, sgl_org_user_resume, sgl_org_user_leave,
    sgl_org_user_delete, sgl_org_alias_add, sgl_org_alias_remove,
    sgl_org_alias_list, sgl_org_holder_add, sgl_org_holder_remove,
    sgl_org_holder_list;
sgl_org_work sgl_org_user_add, sgl_org_user_list, sgl_org_cert_list,
    sgl_org_cert_export, sgl_org_cert_renew, sgl_org_trust_export,
    sgl_org_cert_show, sgl_org_status, sgl_org_cert_revoke,
    sgl_org_cert_release, sgl_org_ca_crl;

sgl_org_work sgl_org_user_enrol_code;
sgl_org_work sgl_org_domain_list, sgl_org_domain_add, sgl_org_domain_remove;
sgl_org_work sgl_org_profile_show, sgl_org_profile_set;
#define SGL_ADMIN_NAME_MAX 200
sgl_org_work sgl_org_admin_add, sgl_org_admin_list, sgl_org_admin_remove,
    sgl_org_admin_offices;
sgl_org_work sgl_org_audit_list, sgl_org_audit_verify, sgl_org_audit_export;

sgl_org_work sgl_org_ca_check, sgl_org_ca_list, sgl_org_ca_show,
    sgl_org_ca_prepare, sgl_org_ca_replace, sgl_org_ca_revoke,
    sgl_org_ca_root_crl;
int sgl_org_ca_reissue(sgl_call *call);
sgl_org_work sgl_org_doctor_note;
int sgl_org_doctor(sgl_call *call);

/* sgl_reply_tell_file tells, with --json, what was written where. */
void
sgl_reply_tell_file(sgl_reply *r, const sgl_call *call, const char *format);
sgl_org_work sgl_org_cert_import, sgl_org_cert_use, sgl_org_trust_list,
    sgl_org_trust_add, sgl_org_trust_remove;
sgl_org_work sgl_org_key_unlock, sgl_org_key_lock, sgl_org_key_protected;
int sgl_org_key_protect(sgl_call *call);
/* sgl_bring_ways: how many ways of each kind there are now. */
SGL_MUST sgl_status sgl_bring_ways(
    const sgl_call *call, sgl_order *order, sgl_err *err);
void sgl_ways_count_add(sgl_wire *w, const sgl_vault_state *state);
void sgl_ways_count_read(sgl_unwire *u, sgl_vault_state *out);

/* sgl_ask_vault gives the passphrase of the vault: the first line of
 * $SIGILL_PASSPHRASE_FILE, or what is typed at the terminal. */
SGL_MUST sgl_status sgl_ask_vault(sgl_secret *passphrase, sgl_err *err);
#define SGL_VAULT_PROMPT N_("Passphrase of the vault: ")

/* sgl_org_end prints the reply, or tells the failure; gives the exit status,
 * which is 1 where nobody or nothing was found (SGL_E_NOKEY). */
int sgl_org_end(
    const sgl_call *call, sgl_status status, sgl_reply *r, const sgl_err *err);

/* sgl_call_purpose reads --purpose: *given false if it is absent; sgl_call_use
 * admits one certificate for both purposes too. */
SGL_MUST sgl_status sgl_call_use(
    const sgl_call *call, sgl_cert_purpose *out, bool *given, sgl_err *err);
SGL_MUST sgl_status sgl_call_purpose(
    const sgl_call *call, sgl_cert_purpose *out, bool *given, sgl_err *err);

/* sgl_renew_check_alone: one of --due, --all and --plan, and nothing else. */
SGL_MUST sgl_status sgl_renew_check_alone(const sgl_call *call, sgl_err *err);
/* sgl_call_person finds the person of the i-th argument (sgl_people_get). */
SGL_MUST sgl_status sgl_call_person(sgl_session *s, const sgl_call *call,
    size_t i, sgl_person *out, sgl_err *err);
/* sgl_call_traits sets in *p what --protected, --language and (of a new one)
 * --shared say; sgl_call_custody reads --custody, *given false if it is absent.
 * SGL_E_USAGE: what cannot be, or is not acknowledged. */
SGL_MUST sgl_status sgl_call_traits(
    const sgl_call *call, sgl_person *p, sgl_err *err);
SGL_MUST sgl_status sgl_call_custody(
    const sgl_call *call, sgl_custody *out, bool *given, sgl_err *err);
/* sgl_json_person: the first members about a person. */
void sgl_json_person(sgl_json *json, const sgl_person *p);

/* sgl_cell_add adds a text and fills up to this many columns, and a blank. */
SGL_MUST sgl_status sgl_cell_add(
    sgl_buf *out, const char *text, int columns, sgl_err *err);

/* sgl_hex_read reads such a number, with or without colons; false: it is none,
 * or longer than that. */
#define SGL_SERIAL_MAX 64
bool sgl_hex_read(const char *text, uint8_t out[SGL_SERIAL_MAX], size_t *len);
/* sgl_org_get_cert finds a certificate by its number, which somebody has typed
 * as `text`. SGL_E_NOKEY: there is none. */
SGL_MUST sgl_status sgl_org_get_cert(sgl_session *s, const char *text,
    sgl_slice serial, sgl_cert_record *out, sgl_err *err);
/* "2028-11-22" */
#define SGL_DATE_TEXT 16
const char *sgl_date_text(sgl_time t, char out[SGL_DATE_TEXT]);
/* "current", "superseded", "revoked" or, by the clock, "expired" or "pending"
 * (waits_until). */
const char *sgl_cert_state(const sgl_cert_record *c, sgl_time now);

/* The members of a JSON object about a stored certificate (its owner's address
 * may be NULL), and about any certificate. */
SGL_MUST sgl_status sgl_json_cert_record(sgl_session *s, sgl_json *json,
    const sgl_cert_record *c, const char *address, sgl_err *err);
SGL_MUST sgl_status sgl_json_cert(
    sgl_engine *engine, sgl_json *json, const sgl_cert *cert, sgl_err *err);
/* The same as lines for people. */
SGL_MUST sgl_status sgl_text_cert(
    sgl_engine *engine, sgl_buf *out, const sgl_cert *cert, sgl_err *err);

/* sigill status, which with --nagios tells in its own way what is wrong; and
 * sigill serve, which comes back only if there is no sigilld. */
int sgl_org_status_any(sgl_call *call);
int sgl_org_serve(sgl_call *call);
int sgl_org_init(sgl_call *call);
sgl_org_work sgl_org_backup_note;
int sgl_org_backup(sgl_call *call);
int sgl_org_restore(sgl_call *call);
/* sigill cert show, also of a file, for which no organisation is needed. */
int sgl_org_cert_show_any(sgl_call *call);
int sgl_org_cert_lint(sgl_call *call);
/* sigill admin add, which looks the user up. */
int sgl_org_admin_add_named(sgl_call *call);
/* sigill audit verify, which reads a file of the caller. */
int sgl_org_audit_verify_any(sgl_call *call);

#endif
