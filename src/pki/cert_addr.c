/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "pki/cert_read.h"
#include "pki/general.h"
#include "pki/name.h"

#define ROOM "pki.cert"

/* Addresses while they are gathered. First they are counted, with nowhere to
 * put them. */
typedef struct gather {
	sgl_slice *out;
	size_t num;
	bool any;	  /* an address was there, if only a useless one */
	bool needs_store; /* one is to be rewritten, and there is no room yet */
} gather;

/* A NUL or a blank inside, or no '@': nothing that mail comes from. */
static void
add(gather *g, sgl_slice addr)
{
	sgl_slice local, domain;

	g->any = true;
	if (!sgl_addr_split(addr, &local, &domain) || !sgl_utf8_is(addr))
		return;
	if (g->out != NULL)
		g->out[g->num] = addr;
	g->num++;
}

/* RFC 5280 4.2.1.6, RFC 8398 3 */
static void
gather_alt_name(const sgl_cert *c, gather *g)
{
	sgl_der in = sgl_der_over(c->subject_alt_name);
	sgl_general name;

	while (sgl_general_read(&in, &name)) {
		if (name.kind == SGL_GENERAL_RFC822) {
			if (sgl_addr_is_ascii(name.value))
				add(g, name.value);
			else
				g->any = true;
		} else if (name.kind == SGL_GENERAL_SMTP_UTF8) {
			add(g, name.value);
		}
	}
}

/* The subject's emailAddress is an IA5String, so its bytes are text as they
 * stand; the few in other clothes are not worth a copy unless they are wide. */
static void
gather_subject(const sgl_cert *c, gather *g, sgl_buf *store)
{
	sgl_der rdns, rdn;
	sgl_ava ava;

	if (!sgl_name_open(c->subject, &rdns))
		return;
	while (sgl_der_read(&rdns, SGL_SET, &rdn))
		while (sgl_ava_read(&rdn, &ava)) {
			size_t start = store->len;

			if (!sgl_slice_eq(ava.type,
				sgl_oid_der(SGL_OID_AT_EMAIL_ADDRESS)))
				continue;
			if (ava.tag == SGL_IA5_STRING ||
			    ava.tag == SGL_UTF8_STRING ||
			    ava.tag == SGL_PRINTABLE_STRING)
				add(g, ava.value);
			else if (store->cap == 0)
				g->needs_store = true;
			else if (sgl_ava_text(&ava, store))
				add(g,
				    sgl_slice_of(store->data + start,
					store->len - start));
		}
}

static void
gather_all(const sgl_cert *c, gather *g, sgl_buf *store)
{
	gather_alt_name(c, g);
	/* RFC 8550 3: what the SAN says comes first. An unreadable SAN may
	 * have said something. */
	if (!g->any && c->malformed_extension.len == 0)
		gather_subject(c, g, store);
}

sgl_status
sgl_cert_read_addresses(sgl_cert *c, sgl_err *err)
{
	/* UTF-8 needs at most three bytes for two of BMPString, and two for
	 * one of T61String. The room is made now, so that the slices into it
	 * stay where they are. */
	SGL_AUTO_CLEAR(sgl_buf) store = sgl_buf_init(2 * c->subject.len + 1);
	gather g = {0};

	gather_all(c, &g, &store);
	if (g.needs_store) {
		TRY(sgl_buf_reserve(&store, store.max, err));
		g = (gather){0};
		gather_all(c, &g, &store);
	}
	if (g.num == 0)
		return SGL_OK;
	c->addresses = sgl_mem_zeroed(g.num, sizeof *c->addresses);
	if (c->addresses == NULL)
		return sgl_oom(err, ROOM);
	store.len = 0;
	g = (gather){.out = c->addresses};
	gather_all(c, &g, &store);
	c->num_addresses = g.num;
	c->address_store = SGL_TAKE(&store.data);
	return SGL_OK;
}
