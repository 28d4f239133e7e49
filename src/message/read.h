/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a message for verify, decrypt and open: peel, judge, and let the
 * content go only then.
 */
#ifndef SGL_MESSAGE_READ_H
#define SGL_MESSAGE_READ_H

#include "message/certs.h"
#include "message/keys.h"
#include "sys/input.h"
#include "sys/output.h"

typedef struct sgl_read_how {
	sgl_peel peel;
	bool keep_headers; /* the result is a message again */
	bool needs_output; /* without -o the content goes to standard output */
	bool is_secret;	   /* what comes out was encrypted */
	/* judge says whether the content may be let go, sets m->exit, and
	 * tells what there is to tell. `has_content`: it is whole. */
	sgl_status (*judge)(sgl_msg *m, const sgl_verdict *verdict,
	    bool has_content, bool *release, sgl_err *err);
} sgl_read_how;

/* sgl_msg_read does it. */
SGL_MUST sgl_status sgl_msg_read(
    sgl_msg *m, const sgl_read_how *how, sgl_err *err);

/* sgl_msg_say_json prints the verdict as JSON. */
SGL_MUST sgl_status sgl_msg_say_json(
    sgl_msg *m, const sgl_verdict *verdict, sgl_err *err);

/* For open and verify: prints the verdict; SGL_EXIT_OK and release where the
 * state is valid-trusted or one of --accept. */
SGL_MUST sgl_status sgl_msg_judge(sgl_msg *m, const sgl_verdict *verdict,
    bool has_content, bool *release, sgl_err *err);

#define SGL_OPTION_RELEASE                                                     \
	{                                                                      \
		"release-unverified", 0, NULL,                                 \
		    N_("write the content although it failed its check; the "  \
		       "exit status stays"),                                   \
		    false                                                      \
	}
#define SGL_OPTIONS_DECRYPT                                                    \
	SGL_OPTION_KEY, SGL_OPTION_PASSWORD,                                   \
	    SGL_OPTION_PASSWORD_RECIPIENT(                                     \
		N_("the first line is the password of the message")),          \
	    SGL_OPTION_KEK(                                                    \
		N_("a key-encryption key: ID:HEX, or 16, 24 or 32 bytes"))
#define SGL_OPTIONS_VERIFY                                                     \
	{"trust", 't', "FILE",                                                 \
	    N_("certificates to believe in (else the organisation's)"), true}, \
	    {"intermediate", 0, "FILE",                                        \
		N_("further certificates that a chain may go through"), true}, \
	    {"crl", 0, "FILE", N_("revocation lists"), true},                  \
	    {"require-revocation", 0, NULL,                                    \
		N_("a certificate that no list covers fails the check"),       \
		false},                                                        \
	    {"at", 0, "TIME",                                                  \
		N_("judge as of then: 2026-11-23, 2026-11-23T09:00:00Z or "    \
		   "@SECONDS"),                                                \
		false},                                                        \
	    {"from", 0, "ADDRESS",                                             \
		N_("compare with this sender, not with the From field"),       \
		false},                                                        \
	{                                                                      \
		"accept", 0, "STATE",                                          \
		    N_("this signature state passes too (none, "               \
		       "valid-untrusted, ...)"),                               \
		    true                                                       \
	}

#endif
