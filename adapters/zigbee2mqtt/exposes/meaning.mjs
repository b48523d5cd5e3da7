// SPDX-License-Identifier: EUPL-1.2
// What an exposed field means in varde's words, judged by what the package says of it: the words a
// binary field calls on and off, its values, its unit. Beside the generic rows, of which this knows
// nothing, so that each is held against the other.

/** value -> [kind, state, unit, scale, zone, flags]; kind "-" = known and of no interest. */
const row = (kind, state = '', more = {}) => ({ kind, state, unit: more.unit ?? '', scale: more.scale ?? '', zone: more.zone ?? '', flags: more.flags ?? '' });
export const NOTHING = row('-');

/** Fields that are on or off, whatever words their model has for it: kind, on, off. */
const SWITCHED = {
	occupancy: ['motion', 'detected', 'clear'], presence: ['presence', 'present', 'absent'], motion_status: ['motion', 'detected', 'clear'],
	pir_detection: ['motion', 'detected', 'clear', 'pir'], occupancy_status: ['presence', 'present', 'absent'],
	water_leak: ['water_leak', 'on', 'off'], smoke: ['smoke', 'on', 'off'], carbon_monoxide: ['co', 'on', 'off'], gas: ['gas', 'on', 'off'],
	heat: ['heat', 'on', 'off'], sos: ['sos', 'on', 'off'], tamper: ['device.tamper', 'on', 'off'], tamper_alarm: ['device.tamper', 'on', 'off'],
	battery_low: ['device.battery_low', 'on', 'off'], vibration: ['input', 'on', 'off', 'vibration'], tilt: ['input', 'on', 'off', 'tilt'],
	trouble: ['device.fault', 'on', 'off'], fault: ['device.fault', 'on', 'off'], battery_defect: ['device.fault', 'on', 'off', 'battery'],
	dry_contact: ['input', 'on', 'off'], water_leak_both_zones: ['water_leak', 'on', 'off', 'both'],
};
const EDGE_ON = new Set(['sos']); // happenings while on, states when off

const CALLS = new Set(['emergency', 'sos', 'panic']);
const LOCK_WORDS = new Map([
	...['locked', 'reverse_lock'].map((w) => [w, row('lock', 'locked', { flags: 'edge' })]),
	...['finger_open', 'password_open', 'lock_opened', 'lock_opened_inside', 'lock_opened_outside'].map((w) => [w, row('lock', 'unlocked', { flags: 'edge' })]),
	...['finger_not_match', 'password_not_match'].map((w) => [w, row('lock', 'denied', { flags: 'edge' })]),
	...['reverse_lock_cancel', 'finger_add', 'finger_delete', 'password_add', 'password_delete'].map((w) => [w, NOTHING]),
	['door_closed', row('door', 'closed', { flags: 'edge' })],
]);
const THING_WORDS = new Map([
	...['vibration', 'tilt', 'drop', 'fall', 'movement'].map((w) => [w, row('input', 'on', { zone: w, flags: 'edge' })]),
	['orientation', NOTHING], ['static', NOTHING],
]);

/** Models whose fields say too little of themselves: judged one by one. */
const MODELS = {
	'Tuya TS0601_bed_presence_sensor': { occupancy: { true: row('bed', 'in'), false: row('bed', 'out') }, work_state: { '*': NOTHING } },
	'Lincukoo SZW08': { alarm_status: { alarm: row('water_leak', 'on'), normal: row('water_leak', 'off') } },
	'Lincukoo W04-Z10T': { alarm_status: { alarm: row('water_leak', 'on'), normal: row('water_leak', 'off') } },
	'Tuya TS0601_vibration_alarm_sensor': { alarm_status: { alarm: row('input', 'on', { zone: 'vibration' }), normal: row('input', 'off', { zone: 'vibration' }) } },
	'Feibit FB56-DOS06HM1.1': { alarm_1: { true: row('door', 'open'), false: row('door', 'closed') }, alarm_2: { '*': NOTHING } },
	'Shyugj S901D-ZG': { alarm_1: { true: row('door', 'open'), false: row('door', 'closed') }, alarm_2: { '*': NOTHING } },
	'Somfy 1811680': { alarm_1: { true: row('door', 'open'), false: row('door', 'closed') } },
	'MultIR MIR-SM100-E': { alarm_1: { true: row('smoke', 'on'), false: row('smoke', 'off') }, alarm_2: { true: row('smoke', 'on', { zone: '2' }), false: row('smoke', 'off', { zone: '2' }) } },
	'ROBB ROB_200-070-0': { alarm_1: { '*': NOTHING }, alarm_2: { '*': NOTHING } },
	'Nous E13': { water: { '*': NOTHING } },
	'ShinaSystem DMS-300ZB': { occupancy_in: { true: row('motion', 'detected', { zone: 'in' }), false: row('motion', 'clear', { zone: 'in' }) }, occupancy_out: { true: row('motion', 'detected', { zone: 'out' }), false: row('motion', 'clear', { zone: 'out' }) }, occupancy_or: { '*': NOTHING }, occupancy_and: { '*': NOTHING } },
	'Mowe MW833P': { human_motion_state: presenceWords('peaceful|motion') },
	'MultIR HE300_ZB': { human_motion_state: presenceWords('active|static') },
};
for (const m of ['NEO NAS-PS10B2', 'NEO NAS-PS09B2']) MODELS[m] = { human_motion_state: presenceWords('small|large') };
for (const m of ['Halo Smart Labs HALO', 'Halo Smart Labs HALO+'])
	MODELS[m] = { halo_alert_state: { 'interconnect_smoke': row('smoke', 'on', { zone: 'linked' }), 'interconnect_carbon_monoxide': row('co', 'on', { zone: 'linked' }), '*': NOTHING } };
for (const m of ['Heiman HM-722ESY-E Plus', 'Heiman HS1CA-E-PLUS', 'Heiman HM-636THV-AC-M'])
	MODELS[m] = { alarm_state: { 'warning_alarm|critical_alarm': row('co', 'on'), 'normal|prealarm': NOTHING } };
for (const m of ['Heiman S1-TL', 'Heiman S2-E'])
	MODELS[m] = { alarm_state: { 'alarmed|critical_alarm': row('smoke', 'on'), 'normal|prealarm': NOTHING } };

function presenceWords(present) {
	return { [present]: row('presence', 'present', { flags: 'weak' }), none: row('presence', 'absent', { flags: 'weak' }) };
}

/** true means closed, whichever of the two the package calls on; so do the words that stand for it. */
function contact(f) {
	const closed = f.on === false || !/closed \(= true\)/.test(f.about) ? f.off : f.on;
	return { [f.on]: row('door', f.on === closed ? 'closed' : 'open'), [f.off]: row('door', f.off === closed ? 'closed' : 'open') };
}

const KILO = /^kpa$/i;

function number(f) {
	if (/^pressure(_\d+)?$/.test(f.name) && /^(k|h)?pa$/i.test(f.unit))
		return { num: row('measure.pressure', '', { unit: 'hPa', scale: KILO.test(f.unit) ? '10' : '1', zone: f.name.split('_')[1] }) };
	if (f.name === 'voltage' && /^m?V$/.test(f.unit))
		return { num: row('device.voltage', '', { unit: 'V', scale: 'millivolt' }) };
	if (f.name in SWITCHED) return { num: NOTHING }; // a measure with the name of an alarm
	return null;
}

function action(d, f) {
	const lock = /\block\b/i.test(d.about) || d.fields.some((x) => x.name === 'lock_state');
	const cube = d.fields.some((x) => x.name === 'side');
	const thing = !cube && f.values.includes('vibration');
	const means = {};
	for (const word of f.values) {
		const region = /^region_\*_(enter|occupied|leave|unoccupied)$/.exec(word);
		if (CALLS.has(word)) means[word] = row('sos', 'on', { flags: 'edge' });
		else if (region) Object.assign(means, regions(region[1]));
		else if (word === 'motion') means[word] = row('motion', 'detected', { flags: 'edge' });
		else if (lock && LOCK_WORDS.has(word)) means[word] = LOCK_WORDS.get(word);
		else if (thing && THING_WORDS.has(word)) means[word] = THING_WORDS.get(word);
		else if (!lock && /^(un)?lock$/.test(word)) means[word] = row('button', 'single', { flags: 'edge' });
	}
	return means;
}

/** The package's star is a number from 1 to 10 in the message. */
function regions(verb) {
	const there = verb === 'enter' || verb === 'occupied', means = {};
	for (let n = 1; n <= 10; n++) means[`region_${n}_${verb}`] = row('presence', there ? 'present' : 'absent', { zone: `${n}`, flags: 'edge' });
	return means;
}

/** Fields judged model by model: of any other model they are nobody's guess. */
export const judgedByModel = new Set(Object.values(MODELS).flatMap(Object.keys));

/** What a field of a model means: {value: row}; null = nothing is known of it here. */
export function meaning(d, f) {
	const own = MODELS[`${d.vendor} ${d.model}`]?.[f.name];
	if (own) return own;
	if (f.name === 'action') return action(d, f);
	if (f.name === 'contact' || f.name === 'garage_door_contact') return contact(f);
	if (f.type === 'numeric') return number(f);
	const s = SWITCHED[f.name];
	if (s && f.type === 'binary' && !f.settable)
		return {
			[f.on]: row(s[0], s[1], { zone: s[3], flags: EDGE_ON.has(f.name) ? 'edge' : '' }),
			[f.off]: row(s[0], s[2], { zone: s[3] }),
		};
	if (s && f.settable) return { '*': NOTHING }; // a setting with the name of an alarm
	return null;
}
