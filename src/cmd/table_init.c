/* SPDX-License-Identifier: Apache-2.0 */
/* sigill init */
#include "cmd/org.h"
#include "cmd/org_table.h"

static const sgl_option init_options[] = {
    {"domain", 0, "DOMAIN", N_("the organisation's mail domain"), false},
    {"name", 0, "NAME", N_("its name in certificates (else the domain)"),
	false},
    {"algorithm", 0, "NAME",
	N_("kind of all keys: rsa-3072 (default), rsa-2048, rsa-4096, p256, "
	   "p384"),
	false},
    {"public-url", 0, "URL",
	N_("where others fetch what it publishes (not available in this "
	   "release)"),
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
