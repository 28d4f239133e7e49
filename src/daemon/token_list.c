/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "daemon/token_list.h"

#include "sys/text.h"

#define ROOM "daemon.token"

static size_t
find(const sgl_token_list *list, const char *uri)
{
	size_t i = 0;

	while (i < list->num && strcmp(list->items[i].uri, uri) != 0)
		i++;
	return i;
}

sgl_status
sgl_token_list_put(
    sgl_token_list *list, const char *uri, bool *added, sgl_err *err)
{
	sgl_listed_token *item = &list->items[list->num];

	*added = find(list, uri) == list->num;
	if (!*added)
		return SGL_OK;
	if (list->num == SGL_TOKENS_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("the service uses too many keys on tokens: start it "
		       "anew"));
	list->num++;
	*item = (sgl_listed_token){.uri = {0}};
	(void)snprintf(item->uri, sizeof item->uri, "%s", uri);
	return SGL_OK;
}

void
sgl_token_list_note(sgl_token_list *list, const sgl_listed_token *said)
{
	size_t i = find(list, said->uri);

	if (i < list->num)
		list->items[i] = *said;
}

void
sgl_listed_token_add(sgl_wire *w, const sgl_listed_token *item)
{
	sgl_wire_add_text(w, item->uri);
	sgl_wire_add_int(w, item->note.fate);
	sgl_wire_add_bytes(
	    w, sgl_slice_of(item->note.digest, sizeof item->note.digest));
}

void
sgl_listed_token_read(sgl_unwire *u, sgl_listed_token *out)
{
	sgl_slice digest;

	sgl_unwire_text(u, out->uri, sizeof out->uri);
	out->note.fate = (sgl_pin_fate)sgl_unwire_int(u, 0, SGL_PIN_WRONG);
	digest = sgl_unwire_bytes(u, sizeof out->note.digest);
	if (digest.len == sizeof out->note.digest)
		memcpy(out->note.digest, digest.data, digest.len);
	else
		u->failed = true;
}

void
sgl_token_list_add(sgl_wire *w, const sgl_token_list *list)
{
	sgl_wire_add_int(w, (int64_t)list->num);
	for (size_t i = 0; i < list->num; i++)
		sgl_listed_token_add(w, &list->items[i]);
}

void
sgl_token_list_read(sgl_unwire *u, sgl_token_list *out)
{
	out->num = (size_t)sgl_unwire_int(u, 0, SGL_TOKENS_MAX);
	for (size_t i = 0; i < out->num; i++)
		sgl_listed_token_read(u, &out->items[i]);
}

void
sgl_token_wish_add(sgl_wire *w, const sgl_token_wish *wish)
{
	sgl_wire_add_int(w, wish->anew);
	sgl_wire_add_text(w, wish->uri);
}

void
sgl_token_wish_read(sgl_unwire *u, sgl_token_wish *out)
{
	out->anew = sgl_unwire_bool(u);
	sgl_unwire_text(u, out->uri, sizeof out->uri);
}
