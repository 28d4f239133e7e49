/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts in the user's language (gettext, domain "sigill"). Only this room
 * knows of gettext; libsigill gives constant English texts in sgl_err.text,
 * which are keys here.
 */
#ifndef SGL_SYS_TEXT_H
#define SGL_SYS_TEXT_H

/* sgl_text_init reads the locale from the environment. Without it, or without
 * a catalogue, all texts are English. Catalogues are in $SIGILL_LOCALE_DIR,
 * else in the folder po beside the program (where it was built), else in the
 * installed locale folder. */
void sgl_text_init(void);

/* sgl_text returns the translation of a constant string; NULL gives "". */
const char *sgl_text(const char *text) __attribute__((format_arg(1)));
/* sgl_text_columns is the width for %-*s, which counts bytes, to fill this many
 * columns with a text. */
int sgl_text_columns(const char *text, int columns);

#define _(text) sgl_text(text)
/* The language of the user as two letters: "en" or one that we have ("sv"). */
const char *sgl_text_language(void);
/* sgl_text_speak changes to such a language, for a service that speaks to one
 * person after the other. */
void sgl_text_speak(const char *language);

/* Marks a constant that is translated elsewhere, where it is shown. */
#define N_(text) text

#endif
