/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/crl_entries.h"
#include "sys/text.h"

#define ROOM "ca.crl"

void
sgl_crl_entries_clear(sgl_crl_entries *e)
{
	sgl_buf_clear(&e->bytes);
}

sgl_status
sgl_crl_entries_add(sgl_crl_entries *e, sgl_slice serial,
    const sgl_revocation_mark *mark, sgl_err *err)
{
	sgl_crl_line line = {.len = (uint8_t)serial.len, .mark = *mark};

	if (serial.len > sizeof line.serial)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a serial number is longer than a list can hold"));
	memcpy(line.serial, serial.data, serial.len);
	TRY(sgl_buf_add(
	    &e->bytes, sgl_slice_of((const uint8_t *)&line, sizeof line), err));
	e->num++;
	return SGL_OK;
}

sgl_status
sgl_crl_entries_add_cert(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	return sgl_crl_entries_add(
	    ctx, sgl_buf_slice(&c->serial), &c->revocation, err);
}

sgl_status
sgl_crl_entries_tell(
    void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	sgl_crl_entries *list = ctx;
	sgl_crl_line *line = &list->told;

	(void)err;
	*end = i >= list->num;
	if (*end)
		return SGL_OK;
	memcpy(line, list->bytes.data + i * sizeof *line, sizeof *line);
	*out = (sgl_revoked){.serial = sgl_slice_of(line->serial, line->len),
	    .revoked_at = line->mark.when,
	    .reason = (int)line->mark.reason,
	    .has_invalidity_date = line->mark.invalidity != 0,
	    .invalidity_date = line->mark.invalidity};
	return SGL_OK;
}
