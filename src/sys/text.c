/* SPDX-License-Identifier: Apache-2.0 */
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>

#include "sys/text.h"

#define DOMAIN "sigill"

void
sgl_text_init(void)
{
	const char *folder = secure_getenv("SIGILL_LOCALE_DIR");

	/* Numbers and times keep their C form: they are read by programs. */
	(void)setlocale(LC_CTYPE, "");
	(void)setlocale(LC_MESSAGES, "");
	(void)bindtextdomain(DOMAIN, folder == NULL ? SGL_LOCALE_DIR : folder);
	(void)bind_textdomain_codeset(DOMAIN, "UTF-8");
	(void)textdomain(DOMAIN);
}

/* gettext("") is the catalogue's own header. */
const char *
sgl_text(const char *text)
{
	return text == NULL || text[0] == '\0' ? "" : gettext(text);
}

const char *
sgl_text_count(const char *one, const char *many, unsigned long n)
{
	return ngettext(one, many, n);
}
