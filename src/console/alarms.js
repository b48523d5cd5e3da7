// SPDX-License-Identifier: EUPL-1.2
// What alarms mean to the screen: order, grouping, floods, what sounds. Pure functions of the state.
import { state } from './state.js';
import { has, t, word } from './i18n.js';
import { hm, ms, now, when } from './time.js';

export const FLOOD_WINDOW_MS = 10 * 60000; // more than 10 in 10 min is a flood (IEC 62682 practice)
export const FLOOD_ON = 10;
export const FLOOD_OFF = 5;
const OWNED = ['acknowledged', 'en_route', 'on_site', 'transferred'];

export const isOpen = (a) => a.handling !== 'closed';
export const isOwned = (a) => OWNED.includes(a.handling);
export const me = () => state.session?.staff.id ?? 0;
export const isMine = (a) => isOwned(a) && a.owner?.id === me();
export const offeredToMe = (a) => a.handling === 'transferred' && a.target?.id === me();

/** high, medium, low: the three levels of IEC 60601-1-8, from VKP severity. */
export const level = (a) => (a.priority >= 40 ? 'high' : a.priority >= 30 ? 'medium' : 'low');

/** Under its storm alarm? A member graver than the storm itself is never folded away. */
export function isFolded(a) {
	const parent = a.parent && state.alarms.get(a.parent);
	return !!parent && isOpen(parent) && a.priority <= parent.priority;
}
export const members = (storm) =>
	[...state.alarms.values()].filter((a) => a.parent === storm.id && isOpen(a)).sort(byGravity);

const rank = (a) =>
	a.handling === 'test' ? 2 : a.handling === 'new' || offeredToMe(a) || state.attention.has(a.id) ? 0 : 1;

/** Highest priority first; then what nobody has; then the one that has waited longest. */
export function byGravity(a, b) {
	return (
		(a.handling === 'test') - (b.handling === 'test') ||
		b.priority - a.priority ||
		rank(a) - rank(b) ||
		ms(a.received_at) - ms(b.received_at) ||
		(a.id < b.id ? -1 : 1)
	);
}

export const openAlarms = () => [...state.alarms.values()].filter(isOpen);
export const shelved = () => openAlarms().filter((a) => a.handling === 'shelved').sort(byGravity);

/** The live list, in the order it is shown. */
export function liveList() {
	const list = openAlarms()
		.filter((a) => a.handling !== 'shelved' && !isFolded(a))
		.sort(byGravity);
	if (!state.frozen) return list;
	const place = (a) => state.frozen.get(a.id) ?? -1; // new ones go on top of a still list
	return list.sort((a, b) => place(a) - place(b));
}
export function recentlyClosed() {
	return [...state.alarms.values()]
		.filter((a) => a.handling === 'closed' && now() - ms(a.closed_at) < 3600000)
		.sort((a, b) => ms(b.closed_at) - ms(a.closed_at));
}

/** Nobody has it, or it is offered to me, or it sounded again while mine. */
export function wantsSound(a) {
	if (!isOpen(a) || a.handling === 'test' || a.handling === 'shelved' || isFolded(a)) return false;
	if (a.handling === 'new') return a.condition === 'active';
	return offeredToMe(a) || (state.attention.has(a.id) && (isMine(a) || !a.owner));
}
export function soundLevel() {
	const levels = openAlarms().filter(wantsSound).map(level);
	return ['high', 'medium', 'low'].find((l) => levels.includes(l)) ?? '';
}
export const unacknowledged = () =>
	openAlarms().filter((a) => a.handling === 'new' && !isFolded(a));

/* -- flood ---------------------------------------------------------------------------------- */

export const recentCount = () =>
	openAlarms().filter((a) => !isFolded(a) && now() - ms(a.received_at) < FLOOD_WINDOW_MS).length;

/** On above ten, off below five: it must not flicker between. True when it changed. */
export function judgeFlood() {
	const n = recentCount();
	const on = state.flood.on ? n >= FLOOD_OFF : n > FLOOD_ON;
	if (on === state.flood.on) return false;
	state.flood = { on, choice: null };
	return true;
}
export const groupedView = () => state.flood.choice ?? state.flood.on;

const home = (a) =>
	a.recipient?.address
		? `home:${a.municipality.number}:${a.recipient.address.toLowerCase()}`
		: a.recipient
			? `person:${a.recipient.id}`
			: `gateway:${a.gateway?.id ?? 0}:${a.municipality.number}`;

/** Alarms of one home (or one gateway) together; the gravest group first. */
export function groups() {
	const by = new Map();
	for (const a of liveList()) {
		const key = home(a);
		if (!by.has(key)) by.set(key, { key, list: [] });
		by.get(key).list.push(a);
	}
	return [...by.values()].sort((a, b) => byGravity(a.list[0], b.list[0]));
}

/* -- words ---------------------------------------------------------------------------------- */

/** Kind and state as a sentence fragment: "Fall, bekreftet". */
export function what(a) {
	if (a.kind === 'gateway.storm') return t('what.storm');
	if (a.kind === 'duty.nobody' && !a.municipality?.name) return t('what.unwatched'); // somewhere in the region
	if (has(`what.${a.kind}.${a.state}`)) return t(`what.${a.kind}.${a.state}`);
	const kind = word('kind', a.kind);
	return a.state && a.state !== 'on' ? `${kind}, ${word('state', a.state)}` : kind;
}
/** Everybody the device is for, whom the alarm counts for first. */
export const residents = (a) => (a.residents?.length ? a.residents : a.recipient ? [a.recipient] : []);

/** "Kari og Ola", "Kari, Ola og Eli". */
export function together(names) {
	if (names.length < 2) return names[0] ?? '';
	return t('people.and', { first: names.slice(0, -1).join(', '), last: names.at(-1) });
}

/** Whom it concerns; a technical alarm may concern a device or the installation only. */
export const who = (a) =>
	together(residents(a).map((r) => r.name)) || a.device?.name || a.gateway?.name || a.municipality?.name || 'varde';

/** How to get in: what is written for any of them. */
export const keyNote = (a) => [...new Set(residents(a).map((r) => r.key_note).filter(Boolean))].join(' · ');
export const headline = (a) => t('headline', { who: who(a), what: what(a) });

export function where(a) {
	const r = a.recipient;
	const list = [r?.address, r?.floor, a.place?.room].filter(Boolean);
	if (a.members && a.kind !== 'network.outage') list.push(t('storm.members.n', { n: a.members }));
	else if (!list.length && a.gateway) list.push(a.gateway.name);
	return list;
}

/** Handling state with owner and since when. */
export function handling(a) {
	const since = a.handled_at ? ms(a.handled_at) : 0;
	const p = { owner: a.owner?.name ?? '', target: a.target?.name ?? '', time: since ? when(since) : '' };
	if (a.handling === 'shelved') p.until = a.shelved_until ? hm(ms(a.shelved_until)) : '';
	if (a.handling === 'closed' && a.outcome) p.outcome = word('outcome', a.outcome);
	return t(`handling.${a.handling}`, p);
}
