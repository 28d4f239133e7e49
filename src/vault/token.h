/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys on PKCS#11 tokens (cards, USB keys, HSMs), through p11-kit. The
 * keys never leave the token: they are remote keys (sgl_key_new_remote) that
 * answer at once, each answer being an operation of the token.
 *
 * One thread. Not to be carried over a fork: modules do not survive that. A
 * module is somebody else's code in this process and may open devices and
 * sockets, so only a process that shall do so may open a token.
 */
#ifndef SGL_VAULT_TOKEN_H
#define SGL_VAULT_TOKEN_H

#include "crypto/pubkey.h"
#include "sigill/pki.h"

typedef struct sgl_token sgl_token;

/*
 * sgl_token_open finds the one token that a pkcs11: URI (RFC 7512) means and
 * logs in. `engine` is borrowed; it and *out must outlive the keys. Of the URI
 * count token, serial, manufacturer, model, slot-id, library-*, object, id,
 * type (private, cert), and in its query module-path (that module alone is
 * loaded), module-name, pin-value and pin-source (file: only).
 *
 * `pin` (data NULL: none given) goes before the URI's own; a copy is kept,
 * because keys may want it for each use, and wiped. A token with a pin pad asks
 * for the PIN itself and needs none here. What a token that wants a PIN is not
 * given is asked by nobody: no try is lost. Nor is the last one that is left
 * before the token locks itself, unless it is typed on a pin pad.
 *
 * SGL_E_USAGE: not such a URI, or several tokens match (err->detail names
 * them). SGL_E_NOKEY: no token matches. SGL_E_PASSWORD: there is no PIN, it is
 * wrong, expired or locked. SGL_E_IO: the module cannot be loaded, or the token
 * fails. SGL_E_UNSUPPORTED: built, or running, without p11-kit.
 */
SGL_MUST sgl_status sgl_token_open(sgl_engine *engine, const char *uri,
    sgl_slice pin, sgl_token **out, sgl_err *err);

/* sgl_token_open_found is for a URI that was found in a file, which may be
 * somebody else's: root, who would execute it, loads no module of module-path
 * that anybody but root can change (SGL_E_USAGE). So does sgl_token_open while
 * root acts as somebody else. */
SGL_MUST sgl_status sgl_token_open_found(
    sgl_engine *engine, const char *uri, sgl_token **out, sgl_err *err);

/*
 * The same in two steps, for a process that shuts itself in between: the first
 * reads URI and PIN, the second loads the module, finds the token and logs in.
 * It may be repeated after a failure. *out is NULL, or made although the PIN
 * could not be read.
 */
SGL_MUST sgl_status sgl_token_new(sgl_engine *engine, const char *uri,
    sgl_slice pin, sgl_token **out, sgl_err *err);
SGL_MUST sgl_status sgl_token_begin(sgl_token *t, sgl_err *err);
/* sgl_token_check has a session that was lost begun anew. */
SGL_MUST sgl_status sgl_token_check(sgl_token *t, sgl_err *err);

/*
 * A PIN that the token called wrong is not shown to it again, nor is one that
 * was shown by a process that ended before it had noted the answer. For whoever
 * starts anew: sgl_token_watch_pin has `on_pin` called before the token sees a
 * PIN, which it does not if that fails, and again when it has answered;
 * sgl_token_know_pin tells what was noted of the PIN of this digest.
 */
#define SGL_TOKEN_PIN_DIGEST ((size_t)32)
typedef enum sgl_pin_fate {
	SGL_PIN_GOOD, /* nothing is known against it */
	SGL_PIN_SHOWN,
	SGL_PIN_WRONG
} sgl_pin_fate;
typedef struct sgl_pin_note {
	sgl_pin_fate fate;
	uint8_t digest[SGL_TOKEN_PIN_DIGEST];
} sgl_pin_note;
typedef sgl_status
sgl_on_pin(void *ctx, const sgl_pin_note *note, sgl_err *err);
void sgl_token_watch_pin(sgl_token *t, sgl_on_pin *on_pin, void *ctx);
void sgl_token_know_pin(sgl_token *t, const sgl_pin_note *note);
/* The file that the PIN was read from, allocated, or NULL. */
SGL_MUST sgl_status sgl_token_pin_file(
    const sgl_token *t, char **out, sgl_err *err);

/*
 * sgl_token_add_to_ring adds the private keys that the URI's object and id
 * match (all, where it has neither), and all certificates of the token, so that
 * the chain comes along. A certificate that cannot be read is passed over.
 * With type=cert only certificates are added. SGL_E_NOKEY: no key matches, or
 * the token does not tell the public half of any.
 *
 * When the token or its session went away, a key's operation logs in once more
 * and tries again; if that fails it is SGL_E_IO (or SGL_E_PASSWORD).
 */
SGL_MUST sgl_status sgl_token_add_to_ring(
    sgl_token *t, sgl_keyring *ring, sgl_err *err);

/* sgl_token_free logs out and lets go of the modules. NULL does nothing. */
void sgl_token_free(sgl_token *t);
SGL_AUTO_TYPE(sgl_token, sgl_token_free)

#endif
