/* SPDX-License-Identifier: EUPL-1.2 */
/* varde device: onboarding from the command line. The commands are src/onboard's; what only main
 * knows is which device families this program can read. */
#include "main/cmd.h"
#include "main/families.h"
#include "onboard/verbs.h"

int vd_cmd_device(int argc, char **argv)
{
	char families[VD_FAMILIES_TEXT];
	vd_families_text(families);
	struct vd_cli c = {.in = stdin,
			   .out = stdout,
			   .err = stderr,
			   .known_family = vd_family_known,
			   .platform = vd_adapter_platform,
			   .families = families};
	return vd_cli_run(&c, "varde device", vd_device_verbs, vd_device_verbs_n, argc, argv);
}
