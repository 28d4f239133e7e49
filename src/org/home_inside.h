/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a home: what home.c and home_create.c share. */
#ifndef SGL_ORG_HOME_INSIDE_H
#define SGL_ORG_HOME_INSIDE_H

#include "org/home.h"
#include "org/place.h"
#include "sys/lock.h"

#define SGL_HOME_LOCK "lock"
#define SGL_HOME_CONFIG "sigilld.conf"

/* What this process made and, without a commit, takes away again. */
enum {
	SGL_HOME_MADE_FOLDER = 1,
	SGL_HOME_MADE_LOCK = 2,
	SGL_HOME_MADE_KEYS = 4,
	SGL_HOME_MADE_CA = 8,
	SGL_HOME_MADE_MASTER = 16,
	SGL_HOME_MADE_DB = 32,
	SGL_HOME_MADE_CONF = 64
};

struct sgl_home {
	sgl_engine *engine;
	sgl_buf path; /* with a NUL behind */
	sgl_lock *lock;
	sgl_store *store;
	sgl_vault *vault; /* NULL until it is needed */
	bool is_served;	  /* then the keys are with... */
	sgl_keeper *keeper;
	sgl_home_asker *asker; /* NULL: nobody can be asked */
	sgl_organisation organisation;
	bool is_reorganised; /* in this transaction */
	unsigned owner, group;
	bool is_acting;	    /* root is: as the owner of the home */
	int64_t generation; /* of the store, as we know it; 0: not asked */
	char actor[SGL_ACTOR_TEXT];
	/* What this transaction added to the audit chain, at its end. */
	struct {
		bool is_added, must_sign;
		int64_t sequence;
		uint8_t hash[32];
	} audit;
	/* sgl_home_keep */
	void *kept;
	void (*release)(void *kept);
	unsigned made;
};

/* sgl_home_new knows where it is; root acts as its owner, if it is there. */
SGL_MUST sgl_status sgl_home_new(
    sgl_engine *engine, const char *given, sgl_home **out, sgl_err *err);
SGL_MUST sgl_status sgl_home_take_lock(sgl_home *home, sgl_err *err);
/* sgl_home_make_empty makes the folders of a new home, locked. SGL_E_USAGE: it
 * holds other things. */
SGL_MUST sgl_status sgl_home_make_empty(sgl_home *home, sgl_err *err);
void sgl_home_remove(sgl_home *home);

#endif
