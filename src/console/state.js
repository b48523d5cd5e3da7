// SPDX-License-Identifier: EUPL-1.2
// Everything the page knows, in one object, and who wants to hear when it changes.

export const state = {
	booted: false,
	session: null, // session object of docs/api.md
	signedOutWhy: '', // catalogue key shown on the sign-in page
	alarms: new Map(), // id -> alarm object, as the hub last told it
	epoch: '',
	seq: 0,
	status: null,
	locked: false,
	conn: { phase: 'connecting', heardAt: 0, lastNow: 0, sinceRed: 0 },
	route: { name: 'home', id: '' },
	detail: { id: '', steps: null, affected: null, error: '' }, // and commands: { devices, list }
	commandForm: null, // { id, device, verb, error } the open form of a command that needs words
	commandProblem: null, // { id, text } the last refused command, by alarm
	attention: new Map(), // id -> step that sounded again on an alarm somebody already has
	busy: new Set(), // alarm ids with a step under way
	problems: new Map(), // alarm id -> text of the last refused step
	form: null, // { id, step, error, ... } the open form in the detail panel
	notices: [], // { id, text, kind }
	expanded: new Set(), // storm alarms and groups that are unfolded
	flood: { on: false, choice: null }, // choice: what the person picked in this flood
	frozen: null, // Map id -> place while the order is held still
	lists: {}, // name -> { loading, error, rows }
	sound: { state: 'off', confirmed: 0, asking: false, pausedUntil: 0, sounding: '' },
	idleWarning: 0, // when the session will end, 0 = not soon
	leaving: false, // sign-out asked for while holding alarms
	prefs: {
		keys: localStorage.getItem('varde.keys') !== 'off',
		scheme: localStorage.getItem('varde.scheme') ?? 'auto',
	},
};

const listeners = new Set();
let queued = false;

export const onChange = (fn) => listeners.add(fn);

/** Tells the listeners once, after the present turn. Not by animation frame: a hidden page has none
 * but still needs its title, its sound and its announcements. */
export function changed() {
	if (queued) return;
	queued = true;
	queueMicrotask(() => {
		queued = false;
		for (const fn of listeners) fn();
	});
}

let noticeId = 0;
export function notice(text, kind = 'info') {
	state.notices = [...state.notices.slice(-3), { id: ++noticeId, text, kind }];
	changed();
}
export function dropNotice(id) {
	state.notices = state.notices.filter((n) => n.id !== id);
	changed();
}
