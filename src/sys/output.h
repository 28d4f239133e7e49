/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output that appears whole and good, or not at all.
 *
 * A file is written without a name in the folder where it shall be, and gets
 * its name at commit (replacing in one step what stood there); standard
 * output, pipes and devices are held in a spool until then. What is not
 * committed leaves nothing behind, however the program ends. (Only on a file
 * system without O_TMPFILE, a kill -9 leaves a hidden file.)
 */
#ifndef SGL_SYS_OUTPUT_H
#define SGL_SYS_OUTPUT_H

#include "base/mem.h"
#include "sigill/crypto.h"

typedef struct sgl_output sgl_output;

/*
 * sgl_output_new prepares output to `path` (copied), or to standard output for
 * NULL and "-". `is_secret`: the file is for its owner alone (0600); others
 * get 0666 without umask, or keep the mode of what they replace. A symbolic
 * link is followed and stays. SGL_E_IO: no such folder, no permission, a
 * folder itself, read-only...
 */
SGL_MUST sgl_status sgl_output_new(sgl_engine *engine, const char *path,
    bool is_secret, sgl_output **out, sgl_err *err);
/* sgl_path_is_stdout: output to `path` goes to standard output, by whichever of
 * its names (NULL, "-", /dev/stdout, /dev/fd/1, /proc/self/fd/1). What else is
 * printed must go elsewhere then. */
bool sgl_path_is_stdout(const char *path);
/* The sink is borrowed. Its finish means that all is there, not that it may
 * be seen. */
sgl_sink *sgl_output_sink(sgl_output *o);
/* sgl_output_commit lets a finished output be seen: on disk, under its name;
 * or written to where it streams. */
SGL_MUST sgl_status sgl_output_commit(sgl_output *o, sgl_err *err);
const char *sgl_output_name(const sgl_output *o);
/* sgl_output_free drops what was not committed. */
void sgl_output_free(sgl_output *o);
SGL_AUTO_TYPE(sgl_output, sgl_output_free)

/* sgl_file_write does all of the above for bytes at hand. */
SGL_MUST sgl_status sgl_file_write(sgl_engine *engine, const char *path,
    bool is_secret, sgl_slice bytes, sgl_err *err);

#endif
