/* SPDX-License-Identifier: EUPL-1.2 */
/* Presses, whatever a platform calls them. A word nobody knows is still a press: a button may be
 * placed as an alarm. Pure but for the memory of the last presses. Loop thread. */
#pragma once
#include "port/adapter.h"

/* What a word tells of a press: hold, double, triple, release, else single. By its parts:
 * "button_2_single", "1_long_press", "off_hold_release". */
const char *vd_press_state(struct vd_span word);
/* Makes a reading a press of that word: its state, and the word itself in its attributes. */
void vd_press_word(struct vd_reading *r, struct vd_span word);
/* Appends a press of the kind button. NULL at the ceiling. */
struct vd_reading *vd_press_add(struct vd_decoded *d, struct vd_span identity, struct vd_span word);

#define VD_PRESSES       32   /* of one gateway, within the time below */
#define VD_PRESS_ECHO_MS 1000 /* a bridge publishes all forms of a press within milliseconds */

/* One press may be told on two topics. Zeroed; belongs to an adapter's state. */
struct vd_presses {
	struct {
		uint64_t what, way;
		int64_t at_ms;
	} last[VD_PRESSES];
	unsigned next;
};
/* Was this press (of this device, of this word) told within the last second by another way? Then it
 * is the same one. By the same way it is another press, however soon: that way told the first one
 * too. When the memory has forgotten, a press counts twice rather than not at all. */
bool vd_press_echo(struct vd_presses *p, struct vd_span identity, struct vd_span word,
		   struct vd_span way, int64_t at_ms);
