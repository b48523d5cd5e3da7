// SPDX-License-Identifier: EUPL-1.2
// What the hub tells is laid into the state here, and what a person must hear about it is said.
import { headline, isFolded, isMine, isOpen, judgeFlood, level, offeredToMe, soundLevel } from './alarms.js';
import { changed, notice, state } from './state.js';
import { t, word } from './i18n.js';
import { hm, ms, now } from './time.js';
import { resumeSound, sayNow } from './sound.js';
import { sayAlert, sayStatus } from './say.js';
import { stepHappened } from './detail.js';

const AGAIN = ['repeated', 'reactivated', 'ack_timeout', 'escalated'];
let before = null; // what stood when contact was lost

/** Everything anew. The first one of a page is shown without a word for each alarm in it. */
export function applySnapshot(m) {
	const old = state.alarms;
	const first = !state.epoch;
	if (!first && state.conn.phase === 'red') before = old;
	state.epoch = m.epoch;
	state.seq = m.seq;
	state.status = m.status ?? state.status;
	state.alarms = new Map(m.alarms.map((a) => [a.id, a]));
	for (const id of state.attention.keys()) if (!state.alarms.has(id)) state.attention.delete(id);
	judgeFlood();
	if (first) {
		const n = m.alarms.filter((a) => a.handling === 'new').length;
		sayStatus(t('say.start', { n }));
	} else if (!before) {
		for (const a of m.alarms) if (!old.has(a.id) && a.handling === 'new') announceNew(a);
	}
	if (state.detail.id) stepHappened(state.alarms.get(state.detail.id), null);
	changed();
}

export function applyAlarm(a, step) {
	const old = state.alarms.get(a.id);
	if (old && old.version > a.version) return; // our own answer was quicker
	state.alarms.set(a.id, a);
	if (a.handling !== 'acknowledged' || step?.step === 'acknowledged') state.problems.delete(a.id);
	if (!old && isOpen(a) && a.handling === 'new') announceNew(a);
	else if (step && step.staff?.id !== state.session?.staff.id) announceStep(a, step);
	if (step && !AGAIN.includes(step.step) && step.staff) state.attention.delete(a.id);
	prune();
	judgeFlood();
	stepHappened(a, step);
	changed();
}

function announceNew(a) {
	if (isFolded(a)) return;
	if (level(a) === 'high') {
		if (now() < state.sound.pausedUntil) resumeSound(); // a pause never covers a new critical alarm
		sayAlert(t('say.new.high', { what: headline(a) }));
	} else sayStatus(t('say.new', { level: t(`level.${level(a)}`), what: headline(a) }));
	sayNow(level(a), soundLevel());
}

/** Somebody else, or the hub, did something to an alarm we already show. */
function announceStep(a, step) {
	const what = headline(a);
	if (AGAIN.includes(step.step) && isOpen(a) && !isFolded(a) && a.handling !== 'test') {
		if (a.handling !== 'new' || step.step !== 'escalated') state.attention.set(a.id, step.step);
		const text = t(`say.${step.step}`, { what, n: a.repeat_24h, owner: a.owner?.name ?? '' });
		if (level(a) === 'high' && step.step !== 'escalated') sayAlert(text);
		else sayStatus(text);
		sayNow(level(a), soundLevel());
		if (isMine(a)) notice(text, 'warning');
		return;
	}
	if (step.step === 'transferred' && offeredToMe(a)) {
		const text = t('say.offered', { what, owner: a.owner?.name ?? '' });
		sayStatus(text);
		notice(text, 'warning');
		sayNow(level(a), soundLevel());
		return;
	}
	if (step.step === 'merged' || step.step === 'raised' || (step.step === 'note' && !step.staff)) return;
	sayStatus(t('say.step', { what, step: word('step', step.step), who: step.staff?.name ?? 'varde' }));
}

/** Closed ones stay an hour, then only the history has them. */
function prune() {
	for (const [id, a] of state.alarms)
		if (a.handling === 'closed' && now() - ms(a.closed_at) > 3600000 && state.detail.id !== id)
			state.alarms.delete(id);
}

/** Contact again after red: tell what came meanwhile, in one sentence that stays on the screen. */
export function welcomeBack(since) {
	const old = before ?? new Map();
	before = null;
	const fresh = [...state.alarms.values()].filter((a) => isOpen(a) && !old.has(a.id) && !isFolded(a));
	const ended = [...old.values()].filter((a) => isOpen(a) && !stillOpen(a.id)).length;
	const moved = [...old.values()].filter((a) => {
		const b = state.alarms.get(a.id);
		return isOpen(a) && b && isOpen(b) && b.version !== a.version;
	}).length;
	const text = t('back.text', { from: hm(since), to: hm(now()), fresh: t('back.fresh', { n: fresh.length }),
		moved: t('back.moved', { n: moved }), ended: t('back.ended', { n: ended }) });
	notice(text, fresh.length ? 'warning' : 'success');
	const grave = fresh.filter((a) => level(a) === 'high' && a.handling === 'new');
	if (grave.length) sayAlert(`${text} ${grave.map(headline).join('. ')}`);
	else sayStatus(text);
	if (fresh.length) sayNow(level(fresh.sort((a, b) => b.priority - a.priority)[0]), soundLevel());
}
const stillOpen = (id) => {
	const a = state.alarms.get(id);
	return !!a && isOpen(a);
};
