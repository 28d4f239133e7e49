/* SPDX-License-Identifier: Apache-2.0 */
/* Records for tests of the store, and a store of either kind to put them
 * into. Any failure fails the test. */
#ifndef SGL_SUPPORT_RECORDS_H
#define SGL_SUPPORT_RECORDS_H

#include "store/store.h"

/* Which database the tests that follow are on. */
typedef enum sgl_records_on { SGL_ON_SQLITE, SGL_ON_POSTGRES } sgl_records_on;

/* sgl_records_set_up makes an empty place for a database; *state is a pointer
 * to an sgl_records_on. */
int sgl_records_set_up(void **state);
int sgl_records_tear_down(void **state);
int sgl_records_end(void **state); /* of the whole group */
extern sgl_records_on sgl_records_kinds[2];
/* A test on each of the databases, for a table of tests. */
#define SGL_RECORDS_TEST_ON(f, where, kind)                                    \
	{                                                                      \
#f where, f, sgl_records_set_up, sgl_records_tear_down,        \
		    &sgl_records_kinds[kind]                                   \
	}
#define SGL_RECORDS_TEST(f)                                                    \
	SGL_RECORDS_TEST_ON(f, " (SQLite)", SGL_ON_SQLITE),                    \
	    SGL_RECORDS_TEST_ON(f, " (PostgreSQL)", SGL_ON_POSTGRES)
/* Where the database of this test is, or will be. */
const char *sgl_records_location(void);
bool sgl_records_on_postgres(void);

/* The first one skips the test where there is no PostgreSQL. */
sgl_store *sgl_records_create(void);
sgl_store *sgl_records_open(void);

int64_t sgl_records_person(sgl_store *s, const char *address);
/* Its SubjectPublicKeyInfo's digest begins with `number`. */
int64_t sgl_records_key(sgl_store *s, int64_t person, int64_t number);
int64_t
sgl_records_authority(sgl_store *s, sgl_authority_kind kind, int64_t issuer);
/* The serial number is the eight octets of `number`; takes it, makes a key. */
int64_t
sgl_records_cert(sgl_store *s, int64_t person, int64_t issuer, int64_t number);
sgl_slice sgl_records_serial(int64_t number); /* good until the next one */

sgl_buf sgl_records_bytes(const char *text);
size_t sgl_records_num_people(sgl_store *s);

#endif
