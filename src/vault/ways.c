/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "sys/text.h"
#include "vault/ways.h"

#define ROOM "vault.ways"
/* RFC 9106 4 recommends 2 GiB at most; far more would only stop us. */
#define KIBIBYTES_MAX (UINT32_C(1) << 21)
#define KIBIBYTES_MIN UINT32_C(8192)
#define PASSES_MAX 64
#define LANES_MAX 16
#define SALT_MIN 8
#define HOW_TEXT ((size_t)4096)
#define SLACK SGL_HOW_SLACK

const char *
sgl_way_kind_name(sgl_way_kind kind)
{
	static const char *const names[SGL_NUM_WAY_KINDS] = {
	    N_("key-file"), N_("credential"), N_("passphrase"), N_("token")};

	return names[kind];
}

void
sgl_way_clear(sgl_way *w)
{
	sgl_mem_free(w->name);
	sgl_mem_free(w->how);
	sgl_buf_clear(&w->sealed);
	*w = (sgl_way){0};
}

void
sgl_ways_clear(sgl_ways *w)
{
	for (size_t i = 0; i < w->num; i++)
		sgl_way_clear(&w->items[i]);
	*w = (sgl_ways){0};
}

static bool
same_way(const sgl_way *w, sgl_way_kind kind, const char *name)
{
	return w->kind == kind && strcmp(w->name, name) == 0;
}

sgl_status
sgl_ways_put(sgl_ways *ways, sgl_way *way, sgl_err *err)
{
	sgl_way *place = &ways->items[ways->num];

	for (size_t i = 0; i < ways->num; i++)
		if (same_way(&ways->items[i], way->kind, way->name))
			place = &ways->items[i];
	if (place == &ways->items[SGL_WAYS_MAX])
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("there are too many ways to the master key already"));
	if (place == &ways->items[ways->num])
		ways->num++;
	sgl_way_clear(place);
	*place = *way;
	*way = (sgl_way){0};
	return SGL_OK;
}

void
sgl_ways_keep_only(sgl_ways *ways, sgl_way_kind kind, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < ways->num; i++) {
		sgl_way way = ways->items[i];

		ways->items[i] = (sgl_way){0};
		if (same_way(&way, kind, name))
			ways->items[kept++] = way;
		else
			sgl_way_clear(&way);
	}
	ways->num = kept;
}

/* ------------------------------------------------------------------- how ---
 */

static const char *const how_names[] = {"raw", "argon2id", "rsa-oaep", "ecdh"};

/* A number without signs, blanks or leading zeros, and a colon. */
static bool
read_number(const char **at, uint32_t min, uint32_t max, uint32_t *out)
{
	uint64_t n = 0;
	const char *p = *at;

	if (*p < '1' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9' && n <= max; p++)
		n = n * 10 + (unsigned)(*p - '0');
	if (*p != ':' || n < min || n > max)
		return false;
	*at = p + 1;
	*out = (uint32_t)n;
	return true;
}

static bool
read_costs(const char **at, sgl_how *how)
{
	return read_number(at, 1, PASSES_MAX, &how->passes) &&
	    read_number(at, KIBIBYTES_MIN, KIBIBYTES_MAX, &how->kibibytes) &&
	    read_number(at, 1, LANES_MAX, &how->lanes);
}

/* Into room for `max` bytes and six more; nothing is allocated. */
static bool
decode(sgl_slice in, uint8_t *out, size_t max, size_t *len)
{
	sgl_base64_dec d = {.strict = true};
	size_t rest;

	return in.len / 4 * 3 <= max &&
	    sgl_base64_dec_update(&d, in, out, len) &&
	    sgl_base64_dec_finish(&d, out + *len, &rest) && (*len += rest) > 0;
}

static bool
read_bytes(const char *at, sgl_how *how)
{
	return decode(sgl_slice_str(at), how->bytes, SGL_HOW_BYTES, &how->len);
}

static bool
find_how(const char **at, sgl_how_kind *out)
{
	for (unsigned i = 0; i < sizeof how_names / sizeof *how_names; i++) {
		size_t len = strlen(how_names[i]);

		if (strncmp(*at, how_names[i], len) != 0 ||
		    (*at)[len] != (i == SGL_HOW_RAW ? '\0' : ':'))
			continue;
		*at += len + (i != SGL_HOW_RAW);
		*out = (sgl_how_kind)i;
		return true;
	}
	return false;
}

bool
sgl_how_read(const char *text, sgl_how *out)
{
	*out = (sgl_how){0};
	if (!find_how(&text, &out->kind))
		return false;
	switch (out->kind) {
	case SGL_HOW_RAW:
		return true;
	case SGL_HOW_ARGON2ID:
		return read_costs(&text, out) && read_bytes(text, out) &&
		    out->len >= SALT_MIN;
	case SGL_HOW_RSA_OAEP:
	case SGL_HOW_ECDH:
		break;
	}
	return read_bytes(text, out);
}

sgl_status
sgl_how_write(const sgl_how *how, char **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(HOW_TEXT);

	TRY(sgl_buf_add_str(&text, how_names[how->kind], err));
	if (how->kind == SGL_HOW_ARGON2ID)
		TRY(sgl_buf_printf(&text, err, ":%u:%u:%u", how->passes,
		    how->kibibytes, how->lanes));
	if (how->kind != SGL_HOW_RAW) {
		TRY(sgl_buf_add_str(&text, ":", err));
		TRY(sgl_base64_encode(
		    sgl_slice_of(how->bytes, how->len), &text, err));
	}
	return sgl_slice_copy(sgl_buf_slice(&text), (uint8_t **)out, ROOM, err);
}

/* --------------------------------------------------------------- as text ---
 */

sgl_status
sgl_ways_write(const sgl_ways *ways, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_buf_add_str(out, SGL_WAYS_HEAD "id\t", err));
	TRY(sgl_base64_encode(
	    sgl_slice_of(ways->id, sizeof ways->id), out, err));
	TRY(sgl_buf_add_str(out, "\n", err));
	for (size_t i = 0; i < ways->num; i++) {
		const sgl_way *w = &ways->items[i];

		TRY(sgl_buf_printf(out, err, "%s\t%s\t%s\t",
		    sgl_way_kind_name(w->kind), w->name, w->how));
		TRY(sgl_base64_encode(sgl_buf_slice(&w->sealed), out, err));
		TRY(sgl_buf_add_str(out, "\n", err));
	}
	return SGL_OK;
}

/* What comes before the first `end`, which must be there, is taken off. */
static bool
take(sgl_slice *text, uint8_t end, sgl_slice *out)
{
	const uint8_t *at =
	    text->len == 0 ? NULL : memchr(text->data, end, text->len);

	if (at == NULL)
		return false;
	*out = sgl_slice_first(*text, (size_t)(at - text->data));
	*text = sgl_slice_from(*text, out->len + 1);
	return true;
}

static sgl_status
damaged(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("a way to the master key is malformed"));
}

static bool
find_kind(sgl_slice name, sgl_way_kind *out)
{
	for (unsigned i = 0; i < SGL_NUM_WAY_KINDS; i++)
		if (sgl_slice_eq(name,
			sgl_slice_str(sgl_way_kind_name((sgl_way_kind)i)))) {
			*out = (sgl_way_kind)i;
			return true;
		}
	return false;
}

/* One field may be any text that is no line of its own. */
static bool
is_clean(sgl_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < 0x20 || s.data[i] == 0x7f)
			return false;
	return s.len <= SGL_WAY_NAME;
}

static bool
fits(sgl_way_kind kind, const sgl_how *how)
{
	bool is_key =
	    how->kind == SGL_HOW_RSA_OAEP || how->kind == SGL_HOW_ECDH;

	return is_key == (kind == SGL_WAY_TOKEN);
}

static sgl_status
copy_field(sgl_slice field, char **out, sgl_err *err)
{
	return sgl_slice_copy(field, (uint8_t **)out, ROOM, err);
}

static sgl_status
read_sealed(sgl_slice field, sgl_way *w, sgl_err *err)
{
	sgl_status status;

	w->sealed = sgl_buf_init(1024);
	status = sgl_base64_decode(field, &w->sealed, err);
	return status == SGL_OK || status == SGL_E_NOMEM ? status
							 : damaged(err);
}

static sgl_status
read_way(sgl_slice line, sgl_way *w, sgl_err *err)
{
	sgl_slice kind, name, how;
	sgl_how is;

	if (!take(&line, '\t', &kind) || !take(&line, '\t', &name) ||
	    !take(&line, '\t', &how) || !find_kind(kind, &w->kind) ||
	    !is_clean(name) || how.len > HOW_TEXT)
		return damaged(err);
	TRY(copy_field(name, &w->name, err));
	TRY(copy_field(how, &w->how, err));
	/* A NUL inside would end it early, and it would be another one. */
	if (strlen(w->how) != how.len || !sgl_how_read(w->how, &is) ||
	    !fits(w->kind, &is))
		return damaged(err);
	return read_sealed(line, w, err);
}

static sgl_status
read_id(sgl_slice line, sgl_ways *out, sgl_err *err)
{
	const sgl_slice name = SGL_LIT("id\t");
	uint8_t id[32 + SLACK];
	size_t len;

	if (!sgl_slice_starts(line, name) ||
	    !decode(sgl_slice_from(line, name.len), id, 32, &len) ||
	    len != SGL_MASTER_ID)
		return damaged(err);
	memcpy(out->id, id, SGL_MASTER_ID);
	return SGL_OK;
}

static sgl_status
read_ways(sgl_slice text, sgl_ways *out, sgl_err *err)
{
	sgl_slice line;

	if (!take(&text, '\n', &line))
		return damaged(err);
	TRY(read_id(line, out, err));
	while (text.len > 0) {
		SGL_AUTO_CLEAR(sgl_way) w = {0};

		if (!take(&text, '\n', &line) || out->num == SGL_WAYS_MAX)
			return damaged(err);
		TRY(read_way(line, &w, err));
		TRY(sgl_ways_put(out, &w, err));
	}
	return out->num > 0 ? SGL_OK : damaged(err);
}

sgl_status
sgl_ways_read(sgl_slice text, sgl_ways *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ways) w = {0};
	const sgl_slice head = SGL_LIT(SGL_WAYS_HEAD);

	if (!sgl_slice_starts(text, head))
		return damaged(err);
	TRY(read_ways(sgl_slice_from(text, head.len), &w, err));
	*out = w;
	w = (sgl_ways){0};
	return SGL_OK;
}
