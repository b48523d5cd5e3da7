// SPDX-License-Identifier: EUPL-1.2
// Single-letter shortcuts (J K Enter M V F ?), all behind one off switch (WCAG 2.1.4). Enter only
// ever opens; nothing here can close an alarm.
import { act, may } from './actions.js';
import { state } from './state.js';

const rows = () => [...document.querySelectorAll('.alarms [data-open]')];
const current = () => document.activeElement?.closest?.('[data-alarm]')?.dataset.alarm;

/** The alarm meant: the one in focus, else the one that is open. */
function selected() {
	return state.alarms.get(current() ?? state.detail.id);
}
function move(by) {
	const list = rows();
	if (!list.length) return;
	const id = current() ?? state.detail.id;
	const at = list.findIndex((r) => r.closest('[data-alarm]').dataset.alarm === id);
	const to = at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by));
	list[to].focus();
}
const STEPS = { m: ['acknowledge', 'receive'], v: ['en_route'], f: ['on_site'] };

export function onKey(e) {
	if (e.key === 'Escape' && state.route.name !== 'home' && !e.defaultPrevented) {
		location.hash = '#/';
		return;
	}
	if (!state.prefs.keys || !state.session || e.ctrlKey || e.altKey || e.metaKey || e.repeat) return;
	if (e.target.closest?.('input, textarea, select, [contenteditable]')) return;
	const key = e.key.toLowerCase();
	if (key === 'j') move(1);
	else if (key === 'k') move(-1);
	else if (e.key === '?') location.hash = '#/help';
	else if (STEPS[key]) {
		const a = selected();
		const step = a && STEPS[key].find((s) => may(a, s));
		if (step) act(a, step);
	} else return;
	e.preventDefault();
}
