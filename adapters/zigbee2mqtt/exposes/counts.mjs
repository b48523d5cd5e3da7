// SPDX-License-Identifier: EUPL-1.2
// How many models report what, and how many of them the tables give the kind that belongs to it: a
// field that stopped being understood shows here.

const has = (...names) => (d) => d.fields.some((f) => names.includes(f.name));
const named = (test) => (d) => d.fields.some((f) => test.test(f.name) && !f.settable);
const says = (test) => (d) => d.fields.some((f) => f.name === 'action' && f.values.some((v) => test.test(v)));
const switched = (name) => (d) => d.fields.some((f) => f.name === name && f.type === 'binary' && !f.settable);

const FEATURES = [
	['contact', named(/(^|_)contact(_alarm_\d)?$|^opening_state$|^handle_position$/), ['door', 'input']],
	['occupancy', named(/occupancy(_|$)/), ['motion', 'presence', 'bed']],
	['presence', has('presence', 'presence_state'), ['presence']],
	['fall', (d) => has('fall_status', 'fall_down_status')(d) || d.fields.some((f) => f.name === 'status' && f.values.includes('falling')), ['fall']],
	['vibration, tilt, drop', (d) => switched('vibration')(d) || switched('tilt')(d) || says(/^(vibration|drop)$/)(d), ['input', 'button']],
	['water_leak', has('water_leak', 'water_leak_alarm_1', 'active_water_leak', 'water_leakage_state', 'water_leak_zone_1'), ['water_leak']],
	['smoke', has('smoke', 'smoke_alarm_1', 'smoke_state'), ['smoke']],
	['carbon_monoxide', has('carbon_monoxide', 'carbon_monoxide_alarm_1', 'co_state'), ['co']],
	['gas', (d) => switched('gas')(d) || has('gas_alarm_1', 'gas_sensor_state')(d), ['gas']],
	['sos, panic, emergency', (d) => has('sos', 'sos_alarm')(d) || says(/^(sos|panic|emergency)$/)(d), ['sos']],
	['lock', has('lock_state'), ['lock']],
	['pressure pad', (d) => switched('pressure')(d) || has('pressure_state')(d) || d.model === 'TS0601_bed_presence_sensor', ['bed', 'chair']],
	['breathing rate', has('breathing_rate'), ['vital.respiratory_rate']],
	['any action', has('action'), ['button', 'sos', 'lock', 'input', 'presence', 'motion', 'door']],
	['tamper', has('tamper'), ['device.tamper']],
	['battery', has('battery'), ['device.battery']],
	['battery_low', has('battery_low'), ['device.battery_low']],
	['battery_state', has('battery_state'), ['device.battery_low', 'device.fault', 'device.power']],
];

export function counts(list, models) {
	const can = new Map(models.map((m) => [`${m.who.vendor} ${m.who.model}`, m.can]));
	console.log(`${list.length} definitions, ${new Set(list.map((d) => d.vendor)).size} vendors, ${list.reduce((n, d) => n + d.labels.length, 0)} white labels`);
	console.log('feature: models +white labels, vendors; understood; not');
	for (const [name, test, wanted] of FEATURES) {
		const found = list.filter(test);
		const deaf = found.filter((d) => !(can.get(`${d.vendor} ${d.model}`) ?? []).some((k) => wanted.includes(k)));
		console.log(`${name}: ${found.length} +${found.reduce((n, d) => n + d.labels.length, 0)}, ${new Set(found.map((d) => d.vendor)).size}; ${found.length - deaf.length}; ${deaf.map((d) => `${d.vendor} ${d.model}`).join(', ') || 'none'}`);
	}
}
