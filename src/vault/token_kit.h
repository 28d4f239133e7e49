/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libp11-kit, loaded when the first token is opened: linked, it would cost
 * every command of sigill-org half a megabyte, most of which never see a token.
 */
#ifndef SGL_VAULT_TOKEN_KIT_H
#define SGL_VAULT_TOKEN_KIT_H

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "base/mem.h"

#define SGL_KIT_CALLS(CALL)                                                    \
	CALL(be_quiet)                                                         \
	CALL(strerror)                                                         \
	CALL(config_option)                                                    \
	CALL(module_load)                                                      \
	CALL(module_initialize)                                                \
	CALL(module_finalize)                                                  \
	CALL(module_release)                                                   \
	CALL(module_get_name)                                                  \
	CALL(modules_load_and_initialize)                                      \
	CALL(modules_finalize_and_release)                                     \
	CALL(uri_new)                                                          \
	CALL(uri_free)                                                         \
	CALL(uri_parse)                                                        \
	CALL(uri_any_unrecognized)                                             \
	CALL(uri_match_module_info)                                            \
	CALL(uri_match_slot_info)                                              \
	CALL(uri_match_token_info)                                             \
	CALL(uri_get_slot_id)                                                  \
	CALL(uri_get_attribute)                                                \
	CALL(uri_get_pin_value)                                                \
	CALL(uri_get_pin_source)                                               \
	CALL(uri_get_module_name)                                              \
	CALL(uri_get_module_path)

/* p11_kit_x is called as kit->x. */
typedef struct sgl_kit {
	void *library;
#define SGL_KIT_MEMBER(name) __typeof__(p11_kit_##name) *name;
	SGL_KIT_CALLS(SGL_KIT_MEMBER)
#undef SGL_KIT_MEMBER
} sgl_kit;

/* sgl_kit_load: SGL_E_UNSUPPORTED where the library is not installed. */
SGL_MUST sgl_status sgl_kit_load(sgl_kit *kit, sgl_err *err);
void sgl_kit_clear(sgl_kit *kit);

#endif
