// SPDX-License-Identifier: EUPL-1.2
// Reads the device definitions out of an installed zigbee-herdsman-converters.
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The package's version and date, and every definition as {vendor, model, about, labels, fields}: its own and
 * its white labels' names, and what it publishes. A field: name, type, on, off, values, unit, settable, category, about. */
export function definitions(folder) {
	const require = createRequire(join(resolve(folder), 'x.js'));
	const entry = require.resolve('zigbee-herdsman-converters');
	const library = require('zigbee-herdsman-converters');
	const { version } = require('zigbee-herdsman-converters/package.json');
	const devices = join(dirname(entry), 'devices');
	const list = [];
	for (const file of readdirSync(devices).filter((f) => f.endsWith('.js') && f !== 'index.js').sort())
		for (const one of require(join(devices, file)).definitions ?? [])
			list.push(read(library.prepareDefinition(one)));
	return { version, date: released(dirname(dirname(entry)), version), list };
}

/** When this version came out, by its own list of changes: nothing of the machine that runs this. */
function released(folder, version) {
	const head = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8').split('\n').find((l) => l.startsWith(`## [${version}]`));
	return /\((\d{4}-\d{2}-\d{2})\)/.exec(head ?? '')?.[1] ?? 'no date told';
}

function read(d) {
	// Some tell what they expose only of a device they can ask; the library has a stand-in for that.
	const exposes = typeof d.exposes === 'function' ? d.exposes({ isDummyDevice: true }, {}) : d.exposes;
	const fields = [];
	for (const e of exposes) flatten(e, fields);
	const labels = (d.whiteLabel ?? []).map((w) => ({ vendor: w.vendor ?? d.vendor, model: w.model }));
	return { vendor: d.vendor, model: d.model, about: d.description ?? '', fields, labels };
}

const PUBLISHED = 1, SET = 2;

/** Locks, switches and the like hold their properties one level down. */
function flatten(e, to) {
	if (e.features && e.type !== 'composite' && e.type !== 'list') {
		for (const f of e.features) flatten(f, to);
		return;
	}
	if (!(e.access & PUBLISHED) || !e.property) return;
	to.push({
		name: e.property, type: e.type, on: e.value_on, off: e.value_off, values: e.values ?? [], unit: e.unit ?? '',
		settable: !!(e.access & SET), category: e.category ?? '', about: e.description ?? '',
	});
}
