// SPDX-License-Identifier: EUPL-1.2
// Signing in and out, the language of the session, and the warning before it ends for idleness.
import { del, get, patch, post, problemText } from './api.js';
import { changed, state } from './state.js';
import { firstLanguage, setLanguage, t } from './i18n.js';
import { now } from './time.js';
import { isMine, openAlarms } from './alarms.js';
import { renewLive, startLive, stopLive } from './live.js';
import { lostTone } from './tones.js';
import { sayStatus } from './say.js';

const WARN_MS = 60000; // time to say "I am here" before the session ends (WCAG 2.2.1 asks 20 s)
let usedAt = 0; // last sign of a person
let toldAt = 0; // when the hub last heard of it

export const hasRole = (...roles) => !!state.session?.roles.some((r) => roles.includes(r));

export async function boot() {
	setLanguage(firstLanguage());
	const r = await get('/api/v1/session');
	state.booted = true;
	if (r.ok) entered(r.body);
	else if (r.status === 0) state.signedOutWhy = 'err.network';
	changed();
}

function entered(session) {
	const again = state.session;
	state.session = session;
	state.locked = !!session.locked;
	state.signedOutWhy = '';
	state.idleWarning = 0;
	setLanguage(session.language);
	localStorage.setItem('varde.language', session.language);
	usedAt = toldAt = performance.now();
	if (again) renewLive(again.staff.id !== session.staff.id);
	else startLive();
	changed();
}

/** Signs in; on a locked console it unlocks in place. Answers an error text or "". */
export async function signIn(user, password) {
	const chosen = localStorage.getItem('varde.language');
	const r = await post('/api/v1/session', { user, password });
	if (!r.ok) return r.status === 401 ? t('signin.wrong') : problemText(r);
	entered(r.body);
	if (chosen && chosen !== r.body.language) await chooseLanguage(chosen);
	return '';
}

export async function chooseLanguage(l) {
	setLanguage(l);
	localStorage.setItem('varde.language', l);
	changed();
	if (!state.session || state.locked) return;
	const r = await patch('/api/v1/session', { language: l });
	if (r.ok) state.session = r.body;
	changed();
}

export async function signOut(sure = false) {
	if (!sure && openAlarms().some(isMine)) {
		state.leaving = true;
		return changed();
	}
	await del('/api/v1/session');
	signedOut('');
}

/** The session is gone. Names of people leave the page with it. */
export function signedOut(why) {
	stopLive();
	if (why) lostTone();
	Object.assign(state, { session: null, signedOutWhy: why, epoch: '', seq: 0, status: null, locked: false,
		form: null, notices: [], lists: {}, leaving: false, idleWarning: 0, frozen: null });
	state.alarms.clear();
	state.attention.clear();
	state.problems.clear();
	state.expanded.clear();
	state.detail = { id: '', steps: null, affected: null, error: '' };
	document.getElementById('say-alert').replaceChildren();
	document.getElementById('say-status').replaceChildren();
	location.hash = '#/';
	changed();
}

/** A person moved, clicked or wrote. */
export function personHere() {
	usedAt = performance.now();
	if (state.idleWarning) stay();
}
export async function stay() {
	state.idleWarning = 0;
	usedAt = toldAt = performance.now();
	changed();
	const r = await get('/api/v1/session');
	if (r.status === 401 && r.body?.code !== 'locked') signedOut('signin.ended');
}

/** At every tick: tell the hub of a person who reads and scrolls but changes nothing, and warn a
 * minute before the session ends. */
export function watchIdle() {
	if (!state.session || state.locked) return;
	const t0 = performance.now();
	if (usedAt > toldAt && t0 - toldAt > 60000) stay();
	const left = state.session.idle_minutes * 60000 - (t0 - toldAt);
	const warn = left < WARN_MS && left > 0 && usedAt <= toldAt ? now() + left : 0;
	if (!!warn !== !!state.idleWarning) {
		state.idleWarning = warn;
		if (warn) sayStatus(t('idle.warning', { n: Math.round(left / 1000) }));
		changed();
	}
}
