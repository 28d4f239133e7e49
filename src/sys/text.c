/* SPDX-License-Identifier: Apache-2.0 */
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/text.h"

#define DOMAIN "sigill"

/* The folder po beside the program: so it is where it was built. */
static bool
is_beside_program(char folder[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *slash;

	if (n <= 0)
		return false;
	folder[n] = '\0';
	slash = strrchr(folder, '/');
	if (slash == NULL || slash + sizeof "/po" > folder + PATH_MAX)
		return false;
	memcpy(slash, "/po", sizeof "/po");
	return access(folder, F_OK) == 0;
}

void
sgl_text_init(void)
{
	const char *folder = secure_getenv("SIGILL_LOCALE_DIR");
	char built[PATH_MAX];

	if (folder == NULL)
		folder = is_beside_program(built) ? built : SGL_LOCALE_DIR;
	/* Numbers and times keep their C form: they are read by programs. */
	(void)setlocale(LC_CTYPE, "");
	(void)setlocale(LC_MESSAGES, "");
	(void)bindtextdomain(DOMAIN, folder);
	(void)bind_textdomain_codeset(DOMAIN, "UTF-8");
	(void)textdomain(DOMAIN);
}

/* The locale must be one that has messages; then $LANGUAGE, a list, goes before
 * its name (gettext's own rule). */
const char *
sgl_text_language(void)
{
	const char *locale = setlocale(LC_MESSAGES, NULL);
	const char *list = secure_getenv("LANGUAGE");

	if (locale == NULL || strcmp(locale, "C") == 0 ||
	    strcmp(locale, "POSIX") == 0)
		return "en";
	if (list != NULL && list[0] != '\0')
		locale = list;
	return strncmp(locale, "sv", 2) == 0 ? "sv" : "en";
}

/* A counter of gettext's that says: look again. */
extern int _nl_msg_cat_cntr;

void
sgl_text_speak(const char *language)
{
	(void)setlocale(LC_MESSAGES, "C.UTF-8");
	(void)setenv("LANGUAGE", language, 1);
	_nl_msg_cat_cntr++;
}

/* gettext("") is the catalogue's own header. */
const char *
sgl_text(const char *text)
{
	return text == NULL || text[0] == '\0' ? "" : gettext(text);
}

int
sgl_text_columns(const char *text, int columns)
{
	for (; *text != '\0'; text++)
		columns += ((unsigned char)*text & 0xc0) == 0x80;
	return columns;
}
