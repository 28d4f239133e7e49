/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA keys that are made before somebody needs them, for finding their primes
 * takes seconds. They lie in the keyholder's memory alone and are nobody's: no
 * file, database or backup ever has one, and they end with the process.
 *
 * Whoever takes one has it lent, until it is settled whether what it was taken
 * for is kept. Only if that certainly is not, the key comes back; so none is
 * ever given to two.
 */
#ifndef SGL_VAULT_STOCK_H
#define SGL_VAULT_STOCK_H

#include "crypto/pubkey.h"

#define SGL_STOCK_MAX 1000 /* keys of one sort */

/* Kinds whose keys are made in less than a millisecond need no stock. */
typedef struct sgl_key_sort {
	sgl_key_kind kind;
	unsigned bits;
} sgl_key_sort;
bool sgl_key_sort_is_slow(sgl_key_sort sort);
bool sgl_key_sort_same(sgl_key_sort a, sgl_key_sort b);

typedef struct sgl_stock sgl_stock;
/* `spare`: how many are always to be there, of the sort that is usual. */
SGL_MUST sgl_status sgl_stock_new(size_t spare, sgl_stock **out, sgl_err *err);
void sgl_stock_free(sgl_stock *s);
SGL_AUTO_TYPE(sgl_stock, sgl_stock_free)

/* sgl_stock_use says which sort is usual; spare keys of another are let go. */
void sgl_stock_use(sgl_stock *s, sgl_key_sort sort);
/* sgl_stock_want: somebody waits until so many are there. */
void sgl_stock_want(sgl_stock *s, sgl_key_sort sort, size_t num);
size_t sgl_stock_count(const sgl_stock *s, sgl_key_sort sort);

/* sgl_stock_take lends one; false: there is none, and more are made quickly. */
bool sgl_stock_take(sgl_stock *s, sgl_key_sort sort, sgl_key **out);
/* sgl_stock_settle: all that were lent are used up, or (not kept) come back. */
void sgl_stock_settle(sgl_stock *s, bool kept);

/* sgl_stock_order names the sort of the next key that is to be made, and counts
 * it as ordered; false: there are enough. With `makers` that could work at the
 * same time, only one does unless somebody is in a hurry. */
bool sgl_stock_order(sgl_stock *s, size_t makers, sgl_key_sort *out);
/* sgl_stock_put takes a key that was ordered; NULL: it could not be made. */
void sgl_stock_put(sgl_stock *s, sgl_key_sort sort, sgl_key *key);
/* sgl_stock_forget: nothing comes of what was ordered. */
void sgl_stock_forget(sgl_stock *s);

#endif
