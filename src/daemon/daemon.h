/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of sigilld. The supervisor starts the others, each a
 * re-execution of the program with a role, joins them by channels, and starts
 * again what ended:
 *
 *	control    the only one that opens the store; does the commands
 *	keyholder  has the master key; reads no stranger's bytes; no network
 *	front      listens; speaks HTTP with strangers; no files, no keys
 *	fetcher    gets things from the network; runs while there are any
 *	maker      makes RSA keys ahead, for the keyholder; no files, no network
 *	token      loads PKCS#11 modules, for the keyholder; only where a key
 *	           of the organisation is on a token
 */
#ifndef SGL_DAEMON_DAEMON_H
#define SGL_DAEMON_DAEMON_H

#include "base/buf.h"
#include "daemon/users.h"
#include "admin/processes.h"
#include "daemon/token_list.h"
#include "net/loop.h"
#include "sys/farkey.h"
#include "vault/master.h"

/* Whether private addresses are asked for something. */
typedef enum sgl_fetch_private {
	SGL_PRIVATE_OWN, /* if we publish there */
	SGL_PRIVATE_NEVER,
	SGL_PRIVATE_ALWAYS
} sgl_fetch_private;

/* What sigilld.conf says. All-zero is nothing. */
typedef struct sgl_daemon_config {
	char *home; /* NULL: the usual place */
	char *http; /* ADDRESS:PORT; NULL: the default */
	/* With TLS; NULL: not at all. Else the two are paths of files. */
	char *https, *https_certificate, *https_key;
	char *database; /* a URL; NULL: a file in the home */
	char *socket;	/* where all users may call; NULL: nowhere */
	char *metrics;	/* ADDRESS:PORT; NULL: nowhere */
	char *users[SGL_NUM_ROLES]; /* NULL: the usual (users.h) */
	bool best_effort;	    /* sandbox = best-effort */
	unsigned watch; /* seconds between two looks at what is published; 0:
			 * none */
	sgl_fetch_private fetch_private;
	/* RSA keys made ahead, and processes that make them at a time; not
	 * set: the defaults. */
	bool has_spare_keys, has_key_makers;
	size_t spare_keys, key_makers;
	/* What a PKCS#11 module reads and writes, beside the usual; the folders
	 * parted by colons; NULL: nothing. */
	char *token_paths;
	bool token_network; /* and whether it may use the network */
	/* Seconds that a process may be silent until it is started anew; 0: as
	 * many as it likes. */
	unsigned patience;
} sgl_daemon_config;
#define SGL_DAEMON_HTTP "127.0.0.1:8080"
#define SGL_DAEMON_SPARE_KEYS 4
#define SGL_DAEMON_KEY_MAKERS_MAX 64
size_t sgl_daemon_spare_keys(const sgl_daemon_config *c);
size_t sgl_daemon_key_makers(const sgl_daemon_config *c);
void sgl_daemon_config_clear(sgl_daemon_config *c);
SGL_AUTO_CLEAR_TYPE(sgl_daemon_config, sgl_daemon_config_clear)
/* sgl_daemon_config_read reads HOME/sigilld.conf; `home` is --home or NULL.
 * *path is the folder of the home, with a NUL behind. Whose users are apart
 * (users.h) does as root what the file says: so the file is no link
 * then, and only root says who the users are and which files root reads. */
SGL_MUST sgl_status sgl_daemon_config_read(
    const char *home, sgl_daemon_config *out, sgl_buf *path, sgl_err *err);

/* What the supervisor and a process of its say to each other over its leash:
 * the descriptor that each process is started with. */
#define SGL_LEASH_FD 3
typedef enum sgl_leash_message {
	SGL_LEASH_READY = SGL_MESSAGE_OTHERS, /* from the process */
	SGL_LEASH_JOINED,    /* from control: it reaches the keyholder */
	SGL_LEASH_PEER,	     /* a role, and a channel to it as descriptor */
	SGL_LEASH_SOCKET,    /* the listening socket, as descriptor */
	SGL_LEASH_PROCESSES, /* to control and front: sgl_processes */
	SGL_LEASH_VAULT,     /* from the keyholder: whether it is locked */
	SGL_LEASH_RESTART,   /* from the keyholder: whether to be locked then */
	/* To control and front: a line for those who enrol, as descriptor. */
	SGL_LEASH_ENROL,
	SGL_LEASH_TLS,	      /* to front: certificate and key */
	SGL_LEASH_TLS_SOCKET, /* to front, after that: the socket for it */
	SGL_LEASH_TICKETS,    /* to control and keyholder: a new secret */
	SGL_LEASH_WANT,	      /* from control: a role that is to run */
	SGL_LEASH_METRICS,    /* to front: the socket where it is watched */
	SGL_LEASH_REFUSED,    /* from the keyholder, and on to control: why it
			       * answered somebody nothing */
	SGL_LEASH_JOIN,	      /* from control: with the keyholder, again; told
			       * yes: with another one, for this one hangs */
	SGL_LEASH_TOKEN,      /* from the keyholder: whom it asks for a key */
	SGL_LEASH_TOKENS,     /* to the token process, first of all: a list */
	SGL_LEASH_PIN,	      /* from the token process: as in such a list */
	SGL_LEASH_BEAT	      /* to each now and then, and back from its loop */
} sgl_leash_message;
void sgl_leash_add_peer(sgl_wire *w, sgl_role role);
sgl_role sgl_leash_read_peer(sgl_unwire *u);

/* sgl_leash_follow does, in `loop`, what the supervisor says: a handler takes
 * the descriptor, also when it fails (NULL: such messages are passed over). The
 * loop stops when the supervisor ends. *out is to be freed before the loop. */
typedef struct sgl_leash {
	sgl_channel *channel; /* borrowed, as all here */
	sgl_loop *loop;
	sgl_status (*on_peer)(void *ctx, sgl_role role, int fd, sgl_err *err);
	sgl_status (*on_socket)(void *ctx, int fd, sgl_err *err);
	sgl_status (*on_enrol)(void *ctx, int fd, sgl_err *err);
	sgl_status (*on_tls)(void *ctx, sgl_slice body, sgl_err *err);
	sgl_status (*on_tls_socket)(void *ctx, int fd, sgl_err *err);
	sgl_status (*on_metrics)(void *ctx, int fd, sgl_err *err);
	void (*on_processes)(void *ctx, const sgl_processes *p);
	sgl_status (*on_tickets)(void *ctx, sgl_slice secret, sgl_err *err);
	void (*on_refused)(void *ctx, const char *why);
	void *ctx;
} sgl_leash;
SGL_MUST sgl_status sgl_leash_follow(
    sgl_leash *leash, sgl_wait **out, sgl_err *err);
/* sgl_leash_pass_time does the same for up to so long, outside of the loop,
 * until something was said. */
SGL_MUST sgl_status sgl_leash_pass_time(
    const sgl_leash *leash, int milliseconds, sgl_err *err);
SGL_MUST sgl_status sgl_leash_tell(
    sgl_channel *channel, sgl_leash_message what, bool yes, sgl_err *err);
bool sgl_leash_read_told(sgl_slice body);
/* sgl_leash_ready tells the supervisor that we are. */
SGL_MUST sgl_status sgl_leash_ready(sgl_channel *channel, sgl_err *err);

/* sgl_listen_local listens at a socket in the file system, in the place of one
 * that is left from a service that ended. SGL_E_USAGE: one listens there. */
SGL_MUST sgl_status sgl_listen_local(
    const char *path, unsigned mode, int *out, sgl_err *err);

/* sgl_leash_share gives control and keyholder the same new secret, out of which
 * the one makes tickets and by which the other knows them. */
SGL_MUST sgl_status sgl_leash_share(
    sgl_channel *control, sgl_channel *keyholder, sgl_err *err);

/* What the token process begins with: what it was told, and the PINs among the
 * credentials of the service, which are there for root alone. */
typedef struct sgl_token_start {
	sgl_token_list list;
	sgl_secret pins[SGL_TOKENS_MAX];
} sgl_token_start;

/* What a process needs to begin. */
typedef struct sgl_daemon_start {
	const sgl_daemon_config *config;
	const char *home; /* its path */
	bool locked;	  /* the keyholder is to stay so */
	/* Read as root perhaps: of the keyholder, and of the token process. */
	sgl_master *master;
	sgl_token_start **tokens;
	sgl_channel *leash;
	const sgl_user *user; /* its own; NULL: it has none */
} sgl_daemon_start;

/* sgl_keyholder_prepare reads the master key, and what it takes to open it,
 * before the keyholder becomes its own user. */
SGL_MUST sgl_status sgl_keyholder_prepare(
    const sgl_daemon_start *start, sgl_err *err);

/* sgl_supervise runs until a signal ends it; the exit status. */
int sgl_supervise(
    const sgl_daemon_config *config, const char *home, const char *const *argv);
/* The others give the status with which they end. */
SGL_MUST sgl_status sgl_keyholder_run(
    const sgl_daemon_start *start, sgl_err *err);
SGL_MUST sgl_status sgl_control_run(
    const sgl_daemon_start *start, sgl_err *err);
SGL_MUST sgl_status sgl_front_run(const sgl_daemon_start *start, sgl_err *err);
SGL_MUST sgl_status sgl_fetcher_run(
    const sgl_daemon_start *start, sgl_err *err);
SGL_MUST sgl_status sgl_maker_run(const sgl_daemon_start *start, sgl_err *err);
SGL_MUST sgl_status sgl_token_prepare(
    const sgl_daemon_start *start, sgl_err *err);
void sgl_token_start_free(sgl_token_start *t);
SGL_AUTO_TYPE(sgl_token_start, sgl_token_start_free)
SGL_MUST sgl_status sgl_token_run(const sgl_daemon_start *start, sgl_err *err);

#endif
