/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words every other header of Sigill speaks: slices of bytes, the status
 * of a call and what went wrong, and the streams that carry mail: sinks,
 * sources and spools. Nothing here does I/O, logs, or keeps global state.
 */
#ifndef SIGILL_BASE_H
#define SIGILL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SGL_MUST __attribute__((warn_unused_result))
#define SGL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* The calls that libsigill exports; everything else in it is hidden. */
#define SGL_API __attribute__((visibility("default")))

/*
 * sgl_status says whether a job was done, never what a message is worth: a
 * forged signature is a finding in a report, not a status. Every value is zero
 * or more on purpose (TRY relies on it).
 */
typedef enum sgl_status {
	SGL_OK = 0,
	SGL_NEED_KEY,	/* nothing is wrong: a private key is asked */
	SGL_E_ENCODING, /* malformed or truncated input; offset tells where */
	SGL_E_LIMIT,	/* over a limit of sgl_limits */
	SGL_E_UNSUPPORTED, /* well formed, but we do not do this */
	SGL_E_NOKEY,	   /* no key that was offered fits */
	SGL_E_PASSWORD,	   /* wrong password, or a locked key */
	SGL_E_DECRYPT,	   /* the one answer to every failed decryption */
	SGL_E_MISMATCH,	   /* two things that must belong together do not */
	SGL_E_USAGE,	   /* the caller asked for something senseless */
	SGL_E_IO,	   /* file, pipe, network or database */
	SGL_E_NOMEM,
	SGL_E_CRYPTO /* libcrypto failed where it must not */
} sgl_status;

/* sgl_status_name returns a constant like "malformed", never NULL. */
SGL_API const char *sgl_status_name(sgl_status status);

/* Bytes that somebody else owns. data may be NULL where len is 0. */
typedef struct sgl_slice {
	const uint8_t *data;
	size_t len;
} sgl_slice;

#define SGL_NO_OFFSET UINT64_MAX
#define SGL_ERR_DETAIL 160

/*
 * What went wrong, for an operator: never content, never keys. It is the
 * caller's own; whoever knows first fills it. `text` is a constant string and
 * so a key for translation; `detail` names the thing (an address, an OID, a
 * file) and may be empty. `offset` counts bytes from the start of what the
 * failing room was given, or is SGL_NO_OFFSET.
 */
typedef struct sgl_err {
	sgl_status status;
	const char *room;
	const char *text;
	uint64_t offset;
	char detail[SGL_ERR_DETAIL];
} sgl_err;

/* sgl_err_set fills *err, which may be NULL. room and text are constant strings
 * and are kept by pointer. */
SGL_API void sgl_err_set(sgl_err *err, sgl_status status, const char *room,
    uint64_t offset, const char *text);

/* sgl_fail is sgl_err_set for the end of a function: `return sgl_fail(...)`. It
 * is inline so that a compiler sees what comes back. */
static inline sgl_status
sgl_fail(sgl_err *err, sgl_status status, const char *room, uint64_t offset,
    const char *text)
{
	sgl_err_set(err, status, room, offset, text);
	return status;
}

/* sgl_fail_at is sgl_fail with a detail, formatted and cut to size. Bytes of
 * the detail that are not printable are replaced. */
SGL_API sgl_status sgl_fail_at(sgl_err *err, sgl_status status,
    const char *room, uint64_t offset, const char *text, const char *fmt, ...)
    SGL_PRINTF(6, 7);

/* Seconds since 1970-01-01T00:00:00Z, before it too. */
typedef int64_t sgl_time;

/*
 * Bounds on numbers that a stranger can choose. Zero in a field means the
 * default beside it.
 */
typedef struct sgl_limits {
	uint32_t layers;	 /* nested S/MIME layers: 8 */
	uint32_t mime_depth;	 /* nested MIME entities: 32 */
	uint32_t ber_depth;	 /* nested BER elements: 32 */
	uint32_t recipients;	 /* RecipientInfos read: 10000 */
	uint32_t signers;	 /* SignerInfos in one layer: 16 */
	uint32_t certificates;	 /* certificates in one layer: 128 */
	uint32_t path_steps;	 /* candidate edges tried per path: 256 */
	uint32_t kdf_iterations; /* PBKDF2 rounds, of a message: 10000000 */
	size_t element;		 /* one captured BER element: 1 MiB */
	size_t headers;		 /* one header section: 1 MiB */
	size_t sets;		 /* certificates, CRLs, signers: 16 MiB */
	size_t spool_memory;	 /* a spool's part in memory: 1 MiB */
} sgl_limits;

/*
 * A sink takes a stream of bytes. `write` takes all of `in` or fails, and
 * keeps no pointer to it. Exactly one of finish and abort ends the stream and
 * is passed downstream. Call the sgl_sink_* functions, not the table: they
 * make a failed sink repeat its status and an ended one refuse bytes.
 */
typedef struct sgl_sink sgl_sink;

typedef struct sgl_sink_ops {
	sgl_status (*write)(sgl_sink *s, sgl_slice in, sgl_err *err);
	sgl_status (*finish)(sgl_sink *s, sgl_err *err);
	void (*abort)(sgl_sink *s);
} sgl_sink_ops;

/* Embed it as the first member; all-zero but for ops is ready to use. */
struct sgl_sink {
	const sgl_sink_ops *ops;
	sgl_status failed;
	bool ended;
};

SGL_API SGL_MUST sgl_status sgl_sink_write(
    sgl_sink *s, sgl_slice in, sgl_err *err);
SGL_API SGL_MUST sgl_status sgl_sink_finish(sgl_sink *s, sgl_err *err);

/* sgl_sink_abort ends a stream badly. On an ended sink, or NULL, nothing. */
SGL_API void sgl_sink_abort(sgl_sink *s);

/*
 * A source exists only at the edges. `read` fills up to `cap` bytes of `buf`
 * and sets *got; zero is the end. `rewind` goes back to the start and may be
 * NULL where that is impossible (a pipe).
 */
typedef struct sgl_source sgl_source;

typedef struct sgl_source_ops {
	sgl_status (*read)(
	    sgl_source *s, uint8_t *buf, size_t cap, size_t *got, sgl_err *err);
	sgl_status (*rewind)(sgl_source *s, sgl_err *err);
} sgl_source_ops;

struct sgl_source {
	const sgl_source_ops *ops;
};

/*
 * A spool keeps bytes that must wait: for a tag, for a signature. It is a sink
 * first; after its finish, `open` gives a source over the same bytes, which
 * may be rewound. `free` destroys it and the bytes. libsigill has one in
 * memory (sgl_memspool_new); programs supply one on disk.
 */
typedef struct sgl_spool sgl_spool;

typedef struct sgl_spool_ops {
	sgl_source *(*open)(sgl_spool *s);
	void (*free)(sgl_spool *s);
} sgl_spool_ops;

struct sgl_spool {
	sgl_sink sink;
	const sgl_spool_ops *ops;
};

/* sgl_memspool_new makes a spool that holds at most `max` bytes in memory and
 * fails with SGL_E_LIMIT beyond. Its bytes are wiped when freed. */
SGL_API SGL_MUST sgl_status sgl_memspool_new(
    size_t max, sgl_spool **out, sgl_err *err);
SGL_API void sgl_spool_free(sgl_spool *s);

/* A maker of spools, for a caller who does not know how many it will need. */
typedef struct sgl_spooler {
	sgl_status (*make)(void *ctx, sgl_spool **out, sgl_err *err);
	void *ctx;
} sgl_spooler;

/* sgl_pump moves all of `source` into `sink` in blocks of 32 KiB, and
 * finishes it; on failure it aborts the sink. */
SGL_API SGL_MUST sgl_status sgl_pump(
    sgl_source *source, sgl_sink *sink, sgl_err *err);

#ifdef __cplusplus
}
#endif
#endif
