/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The home of an organisation, opened: a folder (0700) with
 *
 *	sigilld.conf	what the service must know first, and where the
 *			database is, if not here
 *	sigill.db	all records
 *	keys/		the master key (vault)
 *	ca/		copies of the authorities' certificates for people;
 *			nothing reads them
 *	sigilld.conf	the settings of the service, for people to change
 *	lock		held by whoever changes something
 *
 * and what the organisation is, most of which is fixed when it is made.
 */
#ifndef SGL_ORG_HOME_H
#define SGL_ORG_HOME_H

#include "store/store.h"
#include "vault/vault.h"

#define SGL_HOME_KEYS "keys"
#define SGL_HOME_CA "ca"
#define SGL_HOME_ROOT_PEM "root.pem"
#define SGL_HOME_ISSUING_PEM "issuing.pem"

typedef struct sgl_organisation {
	char *domain;	 /* as given */
	char *name;	 /* shown in certificates */
	char *algorithm; /* of keys: see ca/algorithm.h */
	/* A trial: every certificate says DEMO, and it stays one for ever. */
	bool is_demo;
	/* Where it publishes, in normal form (public_url.h); NULL: a trial. */
	char *public_url;
	char *more_domains; /* with a blank between two; NULL: none */
	/* People get one certificate for both purposes, unless theirs is said
	 * to be otherwise. */
	bool is_dual;
	/* Such keys are kept for recovery, though they sign. */
	bool keeps_dual;
	/* Of certificates of people: dotted, with a blank between two, and
	 * where the practice statement is; NULL or "": none. */
	char *policies, *cps_url;
	char *country; /* "SE", in names of authorities; NULL or "": none */
} sgl_organisation;
void sgl_organisation_clear(sgl_organisation *o);
SGL_AUTO_CLEAR_TYPE(sgl_organisation, sgl_organisation_clear)

/*
 * Root that opens somebody else's home acts as its owner until the home is
 * freed, so that no file of root's is left in it, and no link in it leads root
 * anywhere. sgl_home_as_caller(home, true) lets the caller be who it is for
 * what lies elsewhere (and for the keys, which may be the keyholder's); false
 * ends that.
 */
typedef struct sgl_home sgl_home;
void sgl_home_as_caller(sgl_home *home, bool begins);

/*
 * sgl_home_create makes the folder and all in it, in one transaction that
 * ends with sgl_home_commit; a home that is freed before leaves nothing
 * behind. SGL_E_USAGE: an organisation is there already, the folder holds
 * other things, the domain is none, a name that cannot stand in certificates.
 * `given` is --home or NULL (place.h); `database` the URL of an empty database
 * of PostgreSQL, NULL for a file in the home; engine is borrowed.
 */
SGL_MUST sgl_status sgl_home_create(sgl_engine *engine, const char *given,
    const sgl_organisation *organisation, const char *database, sgl_home **out,
    sgl_err *err);
SGL_MUST sgl_status sgl_home_commit(sgl_home *home, sgl_err *err);

/* sgl_home_open opens one, for reading or (`changes`) alone and in a
 * transaction that ends with sgl_home_commit. SGL_E_IO: there is none. */
SGL_MUST sgl_status sgl_home_open(sgl_engine *engine, const char *given,
    bool changes, sgl_home **out, sgl_err *err);
/* sgl_home_serve opens one for as long as a service runs, alone. Keys can be
 * used once there is a keeper. Each change lies between sgl_home_begin and
 * sgl_home_commit or sgl_home_rollback. */
SGL_MUST sgl_status sgl_home_serve(
    sgl_engine *engine, const char *given, sgl_home **out, sgl_err *err);
SGL_MUST sgl_status sgl_home_begin(sgl_home *home, sgl_err *err);
void sgl_home_rollback(sgl_home *home);
/* sgl_home_is_served: it was opened so, and this process is shut in. */
bool sgl_home_is_served(const sgl_home *home);
/* sgl_home_notice tells whether others have changed something in the store
 * since it was asked last; then what the home keeps of it is read anew. What
 * this home changed is no news. sgl_home_generation is the number that the
 * store had then (sgl_store_get_generation). */
SGL_MUST sgl_status sgl_home_notice(
    sgl_home *home, bool *changed, sgl_err *err);
int64_t sgl_home_generation(const sgl_home *home);
/* sgl_home_set_organisation stores what the organisation is from now on, in the
 * open transaction; without its commit it stays as it was. */
SGL_MUST sgl_status sgl_home_set_organisation(
    sgl_home *home, const sgl_organisation *o, sgl_err *err);
/* sgl_home_set_keeper: from now on keys are with this one (borrowed), or with
 * none (NULL). */
/* NULL: none is set. */
sgl_keeper *sgl_home_keeper(const sgl_home *home);
void sgl_home_set_keeper(sgl_home *home, sgl_keeper *keeper);
/* sgl_home_keep keeps (takes) what a room above has opened for the changes of
 * this transaction, in the place of what it kept before: until the transaction
 * ends, or the keys are with another keeper; then `release` gets it.
 * sgl_home_kept borrows it, or is NULL. */
void sgl_home_keep(sgl_home *home, void *what, void (*release)(void *what));
void *sgl_home_kept(const sgl_home *home);
/* sgl_home_set_actor: from now on this is who changes things, for the record
 * (audit.h): sgl_actor_text, or what of ours does it by itself ("renewal").
 * Copied. Before that it is the user that this process runs as. */
#define SGL_ACTOR_TEXT 256
void sgl_home_set_actor(sgl_home *home, const char *who);
/* "alice (1000)"; name NULL: "uid 1000". */
char *sgl_actor_text(unsigned uid, const char *name, char out[SGL_ACTOR_TEXT]);
/* sgl_home_set_asker: whoever gives the passphrase of a vault that is locked,
 * when keys are first needed. */
typedef sgl_status sgl_home_asker(sgl_secret *passphrase, sgl_err *err);
void sgl_home_set_asker(sgl_home *home, sgl_home_asker *asker);
void sgl_home_free(sgl_home *home);
SGL_AUTO_TYPE(sgl_home, sgl_home_free)

/* All borrowed from the home. */
const char *sgl_home_path(const sgl_home *home);
const sgl_organisation *sgl_home_organisation(const sgl_home *home);
sgl_engine *sgl_home_engine(const sgl_home *home);
sgl_store *sgl_home_store(const sgl_home *home);
const char *sgl_home_actor(sgl_home *home);
unsigned sgl_home_owner(const sgl_home *home); /* of its folder */
/* sgl_home_vault opens the vault at first use: listing needs no keys. */
SGL_MUST sgl_status sgl_home_vault(
    sgl_home *home, sgl_vault **out, sgl_err *err);

/* sgl_home_vault_state tells of the master key without using it. *known is
 * false where whoever has it cannot be reached; without a service, whether it
 * is locked only shows when it is used. */
SGL_MUST sgl_status sgl_home_vault_state(
    sgl_home *home, sgl_vault_state *out, bool *known, sgl_err *err);

/* sgl_home_join makes the path of something in the home, with a NUL behind
 * that does not count; clear it. */
SGL_MUST sgl_status sgl_home_join(
    const sgl_home *home, const char *name, sgl_buf *path, sgl_err *err);

/* sgl_name_is_fit: text that may stand in a certificate's name: UTF-8 without
 * control characters, not empty, at most `max` characters. */
bool sgl_name_is_fit(sgl_slice text, size_t max);

#endif
