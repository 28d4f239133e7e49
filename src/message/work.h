/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands on messages have in common: an engine, the organisation
 * when an address is to be looked up, passwords, and how a failure is told:
 *
 *	sigill: FILE: what: detail
 *	sigill: hint: what to do
 */
#ifndef SGL_MESSAGE_WORK_H
#define SGL_MESSAGE_WORK_H

#include "base/buf.h"
#include "cli/command.h"
#include "cli/resolve.h"
#include "sigill/smime.h"

typedef struct sgl_msg {
	const sgl_call *call;
	sgl_engine *engine;
	sgl_resolver *resolver; /* opened when it is needed */
	/* The file at work, for the line about a failure; NULL: the command. */
	const char *at;
	const char *hint; /* translated; NULL: none */
	sgl_secret password;
	bool has_password;
	bool content_on_stdout;
	int exit; /* of work that was done: SGL_EXIT_OK or SGL_EXIT_NO */
} sgl_msg;

/* sgl_msg_run does `work` and gives the exit status; a failure is told. */
int sgl_msg_run(sgl_call *call, sgl_status (*work)(sgl_msg *m, sgl_err *err));

/* sgl_msg_usage is the failure of a call that makes no sense: `text` is a
 * constant, `detail` a word of the call or NULL. */
sgl_status
sgl_msg_usage(sgl_msg *m, sgl_err *err, const char *text, const char *detail);

/* sgl_msg_warn_of_file tells that a file stands where an address in the
 * organisation may be meant: whoever can write to the folder could otherwise
 * choose in silence whom we encrypt to. */
void sgl_msg_warn_of_file(const sgl_msg *m, const char *id);
/* sgl_msg_say writes text to standard output, or to standard error where the
 * content goes to standard output (m->content_on_stdout). */
SGL_MUST sgl_status sgl_msg_say(sgl_msg *m, sgl_slice text, sgl_err *err);

/* sgl_msg_get_resolver opens the organisation; borrowed. */
SGL_MUST sgl_status sgl_msg_get_resolver(
    sgl_msg *m, sgl_resolver **out, sgl_err *err);
/* sgl_msg_settle_resolver: nothing more is wanted of it but what keys do. */
void sgl_msg_settle_resolver(sgl_msg *m);

/* sgl_msg_ask_password asks at the terminal. */
SGL_MUST sgl_status sgl_msg_ask_password(
    sgl_secret *out, sgl_err *err, const char *fmt, ...) SGL_PRINTF(3, 4);

/* sgl_msg_load puts everything in a file into the sets (each may be NULL). The
 * password is that of --password-file, or is asked for at the terminal. */
SGL_MUST sgl_status sgl_msg_load(sgl_msg *m, const char *path,
    sgl_keyring *ring, sgl_crls *crls, sgl_err *err);

/* sgl_msg_message is the MESSAGE of the call, or NULL: standard input. */
const char *sgl_msg_message(const sgl_msg *m);

/* sgl_msg_pump pushes all of `source` with `push`, in blocks that are wiped
 * afterwards. */
typedef sgl_status sgl_msg_push(void *to, sgl_slice in, sgl_err *err);
SGL_MUST sgl_status sgl_msg_pump(
    sgl_source *source, sgl_msg_push *push, void *to, sgl_err *err);

/* sgl_msg_ask lets a key answer: for readers and writers that have a
 * question. A key that answers later is SGL_E_NOKEY here. */
SGL_MUST sgl_status sgl_msg_ask(sgl_engine *engine, sgl_key *key,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err);

/* The tables share these rows. */
#define SGL_OPTION_KEY                                                         \
	{                                                                      \
		"key", 'k', "ID",                                              \
		    N_("a private key: PKCS#12, PEM or DER file, an address "  \
		       "in the organisation, or a pkcs11: URI; may be "        \
		       "repeated"),                                            \
		    true                                                       \
	}
#define SGL_OPTION_PASSWORD                                                    \
	{                                                                      \
		"password-file", 0, "FILE",                                    \
		    N_("the first line is the password of the keys"), false    \
	}

#endif
