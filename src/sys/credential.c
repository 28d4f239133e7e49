/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/credential.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "sys/input.h"

#define FOLDERS                                                                \
	"/etc/systemd/system:/run/systemd/system:/usr/local/lib/systemd/"      \
	"system:/usr/lib/systemd/system:/lib/systemd/system"
#define PATH_SIZE 4096
#define UNIT_MAX ((size_t)64 << 10)
#define CREDENTIAL_MAX ((size_t)2 << 20)
#define ID_LEN 16

/* What a credential begins with says how it is encrypted. */
static const struct {
	uint8_t id[ID_LEN];
	sgl_credential_kind kind;
} ids[] = {
    /* by the key in /var/lib/systemd/credential.secret */
    {{0x5a, 0x1c, 0x6a, 0x86, 0xdf, 0x9d, 0x40, 0x96, 0xb1, 0xd5, 0xa6, 0x5e,
	 0x08, 0x62, 0xf1, 0x9a},
	SGL_CREDENTIAL_HOST},
    /* by a TPM, without and with a signed policy, and by both */
    {{0x0c, 0x7c, 0xc0, 0x7b, 0x11, 0x76, 0x45, 0x91, 0x9c, 0x4b, 0x0b, 0xea,
	 0x08, 0xbc, 0x20, 0xfe},
	SGL_CREDENTIAL_TPM},
    {{0xfa, 0xf7, 0xeb, 0x93, 0x41, 0xe3, 0x41, 0x2c, 0xa1, 0xa4, 0x36, 0xf9,
	 0x5a, 0x29, 0x36, 0x2f},
	SGL_CREDENTIAL_TPM},
    {{0x93, 0xa8, 0x94, 0x09, 0x48, 0x74, 0x44, 0x90, 0x90, 0xca, 0xf2, 0xfc,
	 0x93, 0xca, 0xb5, 0x53},
	SGL_CREDENTIAL_TPM},
    {{0xaf, 0x49, 0x50, 0xa8, 0x49, 0x13, 0x4e, 0xb1, 0xa7, 0x38, 0x46, 0x30,
	 0x4f, 0xf3, 0x0c, 0x05},
	SGL_CREDENTIAL_TPM},
    /* by nothing, where there was no TPM */
    {{0x05, 0x84, 0x69, 0xda, 0xf6, 0xf5, 0x43, 0x24, 0x80, 0x05, 0x49, 0xda,
	 0x0f, 0x8e, 0xa2, 0xfb},
	SGL_CREDENTIAL_PLAIN},
};

sgl_credential_kind
sgl_credential_kind_of(sgl_slice file)
{
	SGL_AUTO_CLEAR(sgl_buf) id = sgl_buf_init(18);
	uint8_t text[24];
	size_t len = 0;

	for (size_t i = 0; i < file.len && len < sizeof text; i++)
		if (strchr(" \t\r\n", file.data[i]) == NULL)
			text[len++] = file.data[i];
	if (len < sizeof text ||
	    sgl_base64_decode(sgl_slice_of(text, len), &id, NULL) != SGL_OK)
		return SGL_CREDENTIAL_UNSEEN;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (id.len >= ID_LEN && memcmp(id.data, ids[i].id, ID_LEN) == 0)
			return ids[i].kind;
	return SGL_CREDENTIAL_UNSEEN;
}

static void
look_at_file(const char *path, sgl_credential_kind *out)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(CREDENTIAL_MAX);

	if (sgl_file_read(path, &file, NULL) == SGL_OK)
		*out = sgl_credential_kind_of(sgl_buf_slice(&file));
}

/* "Name=CREDENTIAL:PATH" */
static const char *
value_of(const char *line, const char *setting, const char *credential)
{
	size_t len = strlen(setting);

	if (strncmp(line, setting, len) != 0 || line[len] != '=')
		return NULL;
	line += len + 1;
	len = strlen(credential);
	if (strncmp(line, credential, len) != 0)
		return NULL;
	return line[len] == ':' ? line + len + 1 : NULL;
}

static void
look_at_line(const char *line, const char *name, sgl_credential_kind *out)
{
	const char *path = value_of(line, "LoadCredentialEncrypted", name);

	if (path != NULL)
		look_at_file(path, out);
	else if (value_of(line, "LoadCredential", name) != NULL)
		*out = SGL_CREDENTIAL_PLAIN;
}

/* The last that says something counts, as for the service manager. */
static sgl_status
look_at_unit(
    const char *path, const char *name, sgl_credential_kind *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(UNIT_MAX);
	char *line, *rest = NULL;

	if (sgl_file_read(path, &text, NULL) != SGL_OK)
		return SGL_OK;
	TRY(sgl_buf_add(&text, sgl_slice_of((const uint8_t *)"", 1), err));
	for (line = strtok_r((char *)text.data, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		look_at_line(line + strspn(line, " \t"), name, out);
	return SGL_OK;
}

static int
is_setting(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && strcmp(e->d_name + len - 5, ".conf") == 0;
}

static sgl_status
look_at_folder(const char *folder, const char *unit, const char *name,
    sgl_credential_kind *out, sgl_err *err)
{
	char path[PATH_SIZE], file[PATH_SIZE + 256];
	struct dirent **found = NULL;
	sgl_status status;
	int num;

	(void)snprintf(path, sizeof path, "%s/%s", folder, unit);
	TRY(look_at_unit(path, name, out, err));
	(void)snprintf(path, sizeof path, "%s/%s.d", folder, unit);
	num = scandir(path, &found, is_setting, alphasort);
	status = SGL_OK;
	for (int i = 0; i < num; i++) {
		(void)snprintf(
		    file, sizeof file, "%s/%s", path, found[i]->d_name);
		if (status == SGL_OK)
			status = look_at_unit(file, name, out, err);
		free(found[i]);
	}
	free(found);
	return status;
}

sgl_status
sgl_credential_find(
    const char *unit, const char *name, sgl_credential_kind *out, sgl_err *err)
{
	const char *at = getenv("SYSTEMD_UNIT_PATH");
	char folder[PATH_SIZE / 2];
	size_t len;

	*out = SGL_CREDENTIAL_UNSEEN;
	if (at == NULL || at[0] == '\0')
		at = FOLDERS;
	for (; *at != '\0'; at += len + (at[len] == ':')) {
		len = strcspn(at, ":");
		if (len == 0 || len >= sizeof folder)
			continue;
		memcpy(folder, at, len);
		folder[len] = '\0';
		TRY(look_at_folder(folder, unit, name, out, err));
		if (*out != SGL_CREDENTIAL_UNSEEN)
			return SGL_OK;
	}
	return SGL_OK;
}
