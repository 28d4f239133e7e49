/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store on a command line, for tests that make its I/O fail:
 *
 *	store-drive LOCATION create
 *	store-drive LOCATION add NAME	a person, with a setting of that name
 *	store-drive LOCATION has NAME	prints yes, no, or half
 *	store-drive LOCATION open	migrates what is old
 *
 * A failure is one line on standard error and exit status 5.
 */
#include <stdio.h>

#include "store/store.h"

static sgl_status
add(sgl_store *s, char *name, sgl_err *err)
{
	const sgl_person p = {
	    .address = name, .address_key = name, .name = name, .created = 1};
	int64_t id;

	TRY(sgl_store_begin(s, err));
	TRY(sgl_store_add_person(s, &p, &id, err));
	TRY(sgl_store_set_setting(s, name, sgl_slice_str(name), err));
	return sgl_store_commit(s, err);
}

static sgl_status
has(sgl_store *s, const char *name, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(4096);
	bool person, setting;

	TRY(sgl_store_find_person(s, sgl_slice_str(name), &p, &person, err));
	TRY(sgl_store_get_setting(s, name, &value, &setting, err));
	(void)puts(person != setting ? "half" : person ? "yes" : "no");
	return SGL_OK;
}

static sgl_status
drive(int argc, char **argv, sgl_err *err)
{
	const sgl_store_options options = {.has_backup = true};
	SGL_AUTO(sgl_store)
	s = NULL;

	if (argc == 3 && strcmp(argv[2], "create") == 0)
		return sgl_store_create(argv[1], &s, err);
	TRY(sgl_store_open(argv[1], &options, &s, err));
	if (argc == 4 && strcmp(argv[2], "add") == 0)
		return add(s, argv[3], err);
	if (argc == 4 && strcmp(argv[2], "has") == 0)
		return has(s, argv[3], err);
	return SGL_OK;
}

int
main(int argc, char **argv)
{
	sgl_err err = {0};

	if (argc < 3 || drive(argc, argv, &err) != SGL_OK) {
		(void)fprintf(stderr, "%s: %s\n", err.text, err.detail);
		return 5;
	}
	return 0;
}
