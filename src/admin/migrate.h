/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigill migrate: a folder of files with people's keys, as another system left
 * it. The command line opens the files; whoever works on the home judges and
 * takes what is in one, in a change of its own.
 */
#ifndef SGL_ADMIN_MIGRATE_H
#define SGL_ADMIN_MIGRATE_H

#include "admin/bundle.h"
#include "org/import.h"
#include "sys/wire.h"

#define SGL_MIGRATE_TEXT 1024

/* What is to be done with the contents of a file. */
typedef struct sgl_migrate_order {
	bool only_check;
	char address[SGL_MIGRATE_TEXT]; /* whose it is; "": it says so itself */
	sgl_slice bundle;
} sgl_migrate_order;
void sgl_migrate_add_order(sgl_wire *w, const sgl_migrate_order *o);
void sgl_migrate_read_order(sgl_unwire *u, sgl_migrate_order *out);

/* What came of it: whose it is, or what is the matter with all of it. */
typedef struct sgl_migrate_head {
	char address[SGL_MIGRATE_TEXT];
	char why[SGL_MIGRATE_TEXT]; /* N_(); "": nothing */
	char detail[SGL_MIGRATE_TEXT];
	size_t num_items, num_lone_keys;
} sgl_migrate_head;
void sgl_migrate_add_head(sgl_wire *w, const sgl_migrate_head *h);
void sgl_migrate_read_head(sgl_unwire *u, sgl_migrate_head *out);

/* And what of each certificate. */
typedef struct sgl_migrate_item {
	bool has_purpose;
	sgl_cert_purpose purpose;
	sgl_import_result result;
	char why[SGL_MIGRATE_TEXT], detail[SGL_MIGRATE_TEXT];
	char serial[SGL_MIGRATE_TEXT];
	sgl_time not_after;
} sgl_migrate_item;
void sgl_migrate_add_item(sgl_wire *w, const sgl_migrate_item *i);
void sgl_migrate_read_item(sgl_unwire *u, sgl_migrate_item *out);

/* The passwords of files, by their names or by whose they are. */
typedef struct sgl_migrate_password {
	char *file, *address; /* "": it is not said */
	sgl_secret password;
} sgl_migrate_password;
typedef struct sgl_migrate_passwords {
	sgl_migrate_password *items;
	size_t num;
} sgl_migrate_passwords;
void sgl_migrate_passwords_clear(sgl_migrate_passwords *p);
SGL_AUTO_CLEAR_TYPE(sgl_migrate_passwords, sgl_migrate_passwords_clear)
/* SGL_E_ENCODING names the line that is wrong. */
SGL_MUST sgl_status sgl_migrate_passwords_read(
    const char *path, sgl_migrate_passwords *out, sgl_err *err);
/* sgl_migrate_password_of: that of the file's name, else that of an address
 * which the name begins with; NULL: there is none. */
const sgl_migrate_password *
sgl_migrate_password_of(const sgl_migrate_passwords *p, const char *file);
bool sgl_migrate_password_fits(const sgl_migrate_password *p, const char *file);

sgl_org_work sgl_org_migrate_one;
int sgl_org_migrate(sgl_call *call);

#endif
