// SPDX-License-Identifier: EUPL-1.2
// Makes schema/maps/zigbee2mqtt-models.csv and zigbee2mqtt-known.csv from what the models expose:
//   node make.mjs FOLDER [--counts]
// FOLDER is where `npm install zigbee-herdsman-converters` was run. Run by hand; the same package
// gives the same bytes. How and why: README.md beside this.
import { readFileSync, writeFileSync } from 'node:fs';
import { counts } from './counts.mjs';
import { NOTHING, judgedByModel, meaning } from './meaning.mjs';
import { definitions } from './package.mjs';
import { Table, format, parse } from './table.mjs';

const MAPS = new URL('../../../schema/maps/', import.meta.url);
const KINDS = kindOrder();
const READ_BY_CODE = new Set(['action', 'click', 'last_seen', 'action_source_name', 'action_user', 'device']);

/** The order of src/model/event.h: care alarms first, which is also what matters first. */
function kindOrder() {
	const header = readFileSync(new URL('../../../src/model/event.h', import.meta.url), 'utf8');
	return [...header.matchAll(/X\(\w+, "([a-z0-9_.]+)", '[ASTM]'/g)].map((m) => m[1]);
}

const real = (value) => (value === 'true' ? true : value === 'false' ? false : value);
const WILD = { vendor: '*', model: '*' };
const core = (r) => [r.kind, r.state, r.unit, r.scale, r.zone, r.flags.replace('weak', '')].join(',');

/** A name of the package as a cell: a comma in it cannot be written, so any vendor will do. */
const cell = (name) => (name.includes(',') ? '*' : name);

/** Rows of one model that say something else than the generic ones. */
function differences(d, generic) {
	const rows = [];
	for (const f of d.fields) {
		const means = meaning(d, f);
		if (!means) continue;
		const wanted = new Map();
		for (const [values, r] of Object.entries(means)) {
			if (f.name === 'action' && r.kind === 'button' && !generic.find(d, 'action', values)) continue; // a press needs no row
			const have = values.split('|').map((v) => (v === '*' ? generic.find(d, f.name, 'any word') ?? generic.find(d, f.name, 'num') : generic.find(d, f.name, real(v))));
			if (have.every((h) => h && core({ ...NOTHING, ...h }) === core(r))) continue;
			const same = [...wanted.values()].find((w) => w.text === core(r) && !['true', 'false', 'num', '*'].includes(w.values[0]) && !['true', 'false', 'num', '*'].includes(values));
			if (same) same.values.push(values);
			else wanted.set(values, { text: core(r), r, values: [values] });
		}
		for (const w of wanted.values()) rows.push({ key: f.name, value: w.values.join('|'), ...w.r });
	}
	return rows;
}

/** The names a model goes by: its own, then those of its white labels nobody else has. */
function* names(list) {
	const taken = new Set();
	const free = (n) => {
		const key = `${cell(n.vendor)},${n.model}`.toLowerCase();
		return !taken.has(key) && taken.add(key);
	};
	for (const d of list) if (free(d)) yield [{ vendor: d.vendor, model: d.model }, d];
	for (const d of list) for (const n of d.labels) if (free(n)) yield [n, d];
}

/** The kinds a model can report, by the tables as they will be. */
function kinds(d, table, who) {
	const found = new Set();
	for (const f of d.fields) {
		const values = f.name === 'action' ? f.values.flatMap((v) => (v.includes('*') ? [v.replace('*', '1')] : [v]))
			: f.type === 'numeric' ? ['num'] : f.type === 'binary' ? [f.on, f.off] : f.values.length ? f.values : ['any word'];
		for (const v of values) {
			const r = table.find(who, f.name, v);
			if (r && r.kind !== '-') found.add(r.kind);
			else if (!r && f.name === 'action' && v !== 'unknown') found.add('button');
		}
	}
	return KINDS.filter((k) => found.has(k));
}

/** The name of a condition, whoever may set it here: a model not yet known may tell it in earnest. */
const CONDITION = /(alarm|leak|smoke|sos|panic|fault|error|detect|detection|detected|presence|occupancy|motion|fall|state|status)(_\d+)?$/;

/** Fields people may set and no model reports anything by: known, so that an installer is asked only
 * about what may matter. Only of models that report something about a person or a home. */
function settings(models, generic) {
	const how = new Map();
	for (const { d } of models)
		for (const f of d.fields) {
			if (READ_BY_CODE.has(f.name) || judgedByModel.has(f.name) || CONDITION.test(f.name) || meaning(d, f)) continue;
			const setting = f.settable || f.category === 'config';
			how.set(f.name, (how.get(f.name) ?? true) && setting);
		}
	const known = (key) => ['num', true, false, 'any word', 'ON'].some((v) => generic.find(WILD, key, v)) || [...generic.byKey.keys()].includes(key);
	return [...how].filter(([key, setting]) => setting && !known(key) && !/[,|#]/.test(key)).map(([key]) => key).sort();
}

const CARE = new Set(['sos', 'fall', 'smoke', 'co', 'gas', 'heat', 'water_leak', 'stove', 'door', 'motion', 'presence', 'bed', 'chair', 'input', 'lock', 'button']);
const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
/** The first row that fits wins: one that takes anything comes last. */
const wildLast = (row) => row.replace(/^((?:[^,]*,){5})\*,/, '$1\uffff,');
const inOrder = (a, b) => byText(wildLast(a), wildLast(b));

function main(folder, want) {
	const { version, date, list } = definitions(folder);
	const generic = new Table(parse(readFileSync(new URL('zigbee2mqtt.csv', MAPS), 'utf8')));
	const rows = [], models = [], special = new Set();
	for (const [who, d] of names(list))
		for (const r of differences(d, generic)) {
			rows.push(format({ platform: 'zigbee2mqtt', vendor: cell(who.vendor), model: who.model, firmware: '*', ...r }));
			if (r.kind !== '-') special.add(d);
		}
	const whole = new Table([...parse(rows.join('\n')), ...[...generic.byKey.values()].flat()]);
	for (const [who, d] of names(list)) {
		const can = kinds(d, whole, who);
		if (special.has(d) || can.some((k) => CARE.has(k) || /^(vital\.|device\.(tamper|battery))/.test(k)))
			models.push({ who, d, can });
	}
	const set = settings(models.filter((m) => m.can.some((k) => CARE.has(k))), generic)
		.map((key) => format({ platform: 'zigbee2mqtt', vendor: '*', model: '*', firmware: '*', key, value: '*', kind: '-' }));
	const from = `# Made by adapters/zigbee2mqtt/exposes/make.mjs from zigbee-herdsman-converters ${version}\n# of ${date} (npm; github.com/Koenkk/zigbee-herdsman-converters, MIT). Do not edit: `;
	const used = new Set(rows);
	writeFileSync(new URL('zigbee2mqtt-models.csv', MAPS), `${from}corrections go into zigbee2mqtt.csv\n# or exposes/meaning.mjs. What a model says otherwise than the generic rows, and settings of no interest.\nplatform,vendor,model,firmware,key,value,kind,state,unit,scale,zone,flags\n${[...used].sort(inOrder).concat(set).join('\n')}\n`);
	const lines = models.map((m) => `zigbee2mqtt,${cell(m.who.vendor)},${m.who.model},${m.can.join(' ')}`).sort(byText);
	writeFileSync(new URL('zigbee2mqtt-known.csv', MAPS), `${from}it is made anew.\n# Models and the kinds they can report.\nplatform,vendor,model,kinds\n${lines.join('\n')}\n`);
	console.log(`${version}: ${used.size} rows of models, ${set.length} settings, ${lines.length} known names`);
	if (want) counts(list, models);
}

if (!process.argv[2]) {
	console.error('usage: node make.mjs FOLDER [--counts]   (FOLDER: where npm installed zigbee-herdsman-converters)');
	process.exit(64);
}
main(process.argv[2], process.argv.includes('--counts'));
