/* SPDX-License-Identifier: EUPL-1.2 */
/* varde staff: people, shifts, gateways, municipalities and recipients from the command line. */
#include "main/cmd.h"
#include "main/families.h"
#include "onboard/verbs.h"

int vd_cmd_staff(int argc, char **argv)
{
	char families[VD_FAMILIES_TEXT];
	vd_families_text(families);
	struct vd_cli c = {.in = stdin,
			   .out = stdout,
			   .err = stderr,
			   .known_family = vd_family_known,
			   .config_fits = vd_family_config_fits,
			   .families = families};
	return vd_cli_run(&c, "varde staff", vd_staff_verbs, vd_staff_verbs_n, argc, argv);
}
