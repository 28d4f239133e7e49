/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module in front of SoftHSM (its path is in SIGILL_SHIM_MODULE) that
 * behaves as other tokens do. SIGILL_SHIM says how, as one word:
 *
 *	no-raw          RSA without the bare operation
 *	decrypt-only    the same, and the key may not sign
 *	no-oaep         RSA without OAEP and without the bare operation
 *	dropped-zeros   the bare operation drops zeros in front
 *	wrapped-point   agrees with points in an OCTET STRING only
 *	raw-point       shows public points raw
 *	locked, last-try, pad, expired		of the PIN
 *	dies            the program, once a PIN was shown
 *	session-lost    the session has gone, once
 *	logged-out      somebody has logged out, once
 *	removed         the token is not there
 *	swapped         another token is in the slot
 *	device-error    nothing but a device error
 *	short           signatures lack a byte
 *	stuck           does not answer when it is to sign
 *	crash           ends the process when it is to sign
 *
 * With SIGILL_SHIM_FILE the word is what this file says at the moment.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST real, shim;
static CK_MECHANISM_TYPE running;

static bool
is(const char *word)
{
	const char *path = getenv("SIGILL_SHIM_FILE"),
		   *now = getenv("SIGILL_SHIM");
	char text[32] = {0};
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		now = read(fd, text, sizeof text - 1) > 0 ? text : NULL;
		(void)close(fd);
	}
	return now != NULL && strcmp(now, word) == 0;
}

static bool
is_once(const char *word)
{
	if (!is(word))
		return false;
	(void)unsetenv("SIGILL_SHIM");
	return true;
}

static CK_RV
get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = real.C_GetTokenInfo(slot, info);

	if (is("removed"))
		return CKR_TOKEN_NOT_PRESENT;
	if (is("locked"))
		info->flags |= CKF_USER_PIN_LOCKED;
	if (is("last-try"))
		info->flags |= CKF_USER_PIN_FINAL_TRY;
	if (is("pad"))
		info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	if (is("swapped"))
		info->serialNumber[0] ^= 1;
	return rv;
}

static CK_RV
open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *ctx, CK_NOTIFY notify,
    CK_SESSION_HANDLE *session)
{
	if (is("removed"))
		return CKR_TOKEN_NOT_PRESENT;
	return real.C_OpenSession(slot, flags, ctx, notify, session);
}

/* On the pad somebody types what SIGILL_SHIM_PIN says. */
static CK_RV
login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG len)
{
	char *typed = getenv("SIGILL_SHIM_PIN");

	if (is("expired"))
		return CKR_PIN_EXPIRED;
	if (is("dies")) {
		(void)real.C_Login(session, user, pin, len);
		__builtin_trap();
	}
	if (!is("pad"))
		return real.C_Login(session, user, pin, len);
	if (pin != NULL)
		return CKR_PIN_INCORRECT;
	if (typed == NULL)
		return CKR_FUNCTION_CANCELED;
	return real.C_Login(
	    session, user, (CK_BYTE *)typed, (CK_ULONG)strlen(typed));
}

static CK_RV
trouble(void)
{
	if (is("removed"))
		return CKR_DEVICE_REMOVED;
	if (is("device-error"))
		return CKR_DEVICE_ERROR;
	if (is_once("session-lost"))
		return CKR_SESSION_HANDLE_INVALID;
	if (is_once("logged-out"))
		return CKR_USER_NOT_LOGGED_IN;
	return CKR_OK;
}

static CK_RV
decrypt_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_RV rv = trouble();

	if (rv != CKR_OK)
		return rv;
	running = mechanism->mechanism;
	if (running == CKM_RSA_X_509 &&
	    (is("no-raw") || is("decrypt-only") || is("no-oaep")))
		return CKR_MECHANISM_INVALID;
	if (running == CKM_RSA_PKCS_OAEP && is("no-oaep"))
		return CKR_MECHANISM_INVALID;
	return real.C_DecryptInit(session, mechanism, key);
}

static CK_RV
decrypt(CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
    CK_ULONG *len)
{
	CK_RV rv = real.C_Decrypt(session, in, in_len, out, len);
	CK_ULONG zeros = 0;

	if (rv != CKR_OK || running != CKM_RSA_X_509 || !is("dropped-zeros"))
		return rv;
	while (zeros < *len && out[zeros] == 0)
		zeros++;
	*len -= zeros;
	memmove(out, out + zeros, *len);
	return rv;
}

static CK_RV
sign_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_RV rv = trouble();

	if (rv != CKR_OK)
		return rv;
	if (is("decrypt-only"))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	while (is("stuck"))
		(void)sleep(1);
	if (is("crash"))
		_exit(9);
	return real.C_SignInit(session, mechanism, key);
}

static CK_RV
sign(CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
    CK_ULONG *len)
{
	CK_RV rv = real.C_Sign(session, in, in_len, out, len);

	if (rv == CKR_OK && is("short"))
		--*len;
	return rv;
}

static CK_RV
derive_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE base, CK_ATTRIBUTE *attributes, CK_ULONG num,
    CK_OBJECT_HANDLE *key)
{
	CK_ECDH1_DERIVE_PARAMS params;
	CK_MECHANISM inner = {mechanism->mechanism, &params, sizeof params};
	CK_RV rv = trouble();

	if (rv != CKR_OK)
		return rv;
	if (!is("wrapped-point"))
		return real.C_DeriveKey(
		    session, mechanism, base, attributes, num, key);
	memcpy(&params, mechanism->pParameter, sizeof params);
	if (params.ulPublicDataLen < 3 || params.pPublicData[0] != 4 ||
	    params.pPublicData[1] != params.ulPublicDataLen - 2)
		return CKR_MECHANISM_PARAM_INVALID;
	params.pPublicData += 2;
	params.ulPublicDataLen -= 2;
	return real.C_DeriveKey(session, &inner, base, attributes, num, key);
}

static CK_RV
get_attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attributes, CK_ULONG num)
{
	CK_RV rv = real.C_GetAttributeValue(session, object, attributes, num);
	CK_BYTE *value = attributes[0].pValue;

	if (rv != CKR_OK || !is("raw-point") || num != 1 || value == NULL ||
	    attributes[0].type != CKA_EC_POINT)
		return rv;
	attributes[0].ulValueLen -= 2;
	memmove(value, value + 2, attributes[0].ulValueLen);
	return rv;
}

__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	const char *path = getenv("SIGILL_SHIM_MODULE");
	void *library = path == NULL ? NULL : dlopen(path, RTLD_NOW);
	CK_FUNCTION_LIST *found = NULL;
	CK_RV (*get)(CK_FUNCTION_LIST **) = NULL;
	void *symbol;

	symbol = library == NULL ? NULL : dlsym(library, "C_GetFunctionList");
	memcpy(&get, &symbol, sizeof symbol);
	if (get == NULL || get(&found) != CKR_OK)
		return CKR_GENERAL_ERROR;
	real = shim = *found;
	shim.C_GetTokenInfo = get_token_info;
	shim.C_OpenSession = open_session;
	shim.C_Login = login;
	shim.C_DecryptInit = decrypt_init;
	shim.C_Decrypt = decrypt;
	shim.C_SignInit = sign_init;
	shim.C_Sign = sign;
	shim.C_DeriveKey = derive_key;
	shim.C_GetAttributeValue = get_attribute;
	*list = &shim;
	return CKR_OK;
}
