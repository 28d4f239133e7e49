/* SPDX-License-Identifier: Apache-2.0 */
/* sigill init */
#include "admin/work.h"
#include "admin/table.h"

static const sgl_option init_options[] = {
    {"domain", 0, "DOMAIN",
	N_("the organisation's mail domain; more of them after the first"),
	true},
    {"name", 0, "NAME", N_("its name in certificates (else the domain)"),
	false},
    {"algorithm", 0, "NAME",
	N_("kind of all keys: rsa-3072 (default), rsa-2048, rsa-4096, p256, "
	   "p384"),
	false},
    {"public-url", 0, "URL",
	N_("where others fetch certificates and revocation lists: http://, "
	   "for good"),
	false},
    {"root-key-out", 0, "FILE",
	N_("write the root's private key there, under a password, and keep "
	   "it nowhere else"),
	false},
    {"password-file", 0, "FILE",
	N_("the password of that file (else it is asked), or the PIN of "
	   "--root-key"),
	false},
    {"root-key", 0, "URI", N_("a key that is on a token already is the root's"),
	false},
    {"issuing-key", 0, "URI",
	N_("another is the issuing authority's; its pin-source names the file "
	   "with the PIN"),
	false},
    {"parent-csr-out", 0, "FILE",
	N_("below another organisation: write the request for its issuing "
	   "authority there"),
	false},
    {"database", 0, "URL",
	N_("an empty database of PostgreSQL for all records (else a file in "
	   "the home)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_command sgl_init_commands[] = {
    {"init", "", N_("make an organisation with its own authority"),
	N_("Without --public-url it is a trial: its certificates say DEMO, "
	   "and it can never become a real one."),
	init_options, 0, 0, false, sgl_org_init},
    {.name = NULL},
};
