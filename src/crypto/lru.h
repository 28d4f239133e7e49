/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of at most `max` values under 32-byte keys that are digests; when it
 * is full, the least recently used one goes. Values are freed by the function
 * that came with them.
 */
#ifndef SGL_CRYPTO_LRU_H
#define SGL_CRYPTO_LRU_H

#include "base/mem.h"

#define SGL_LRU_KEY 32
#define SGL_LRU_MAX 16384

typedef struct sgl_lru sgl_lru;

/* sgl_lru_new: 0 < max <= SGL_LRU_MAX. */
SGL_MUST sgl_status sgl_lru_new(unsigned max, sgl_lru **out, sgl_err *err);
/* sgl_lru_find borrows the value until the next add; NULL if there is none. */
void *sgl_lru_find(sgl_lru *l, const uint8_t key[SGL_LRU_KEY]);
/* sgl_lru_add takes the value; one that stood under the same key goes. */
void sgl_lru_add(sgl_lru *l, const uint8_t key[SGL_LRU_KEY], void *value,
    void (*drop)(void *));
/* sgl_lru_empty frees all values; NULL does nothing, here as below. */
void sgl_lru_empty(sgl_lru *l);
void sgl_lru_free(sgl_lru *l);

#endif
