// SPDX-License-Identifier: EUPL-1.2
// The vendor table as the program reads it (adapters/common/table.c): which row a value meets.

const COLUMNS = ['platform', 'vendor', 'model', 'firmware', 'key', 'value', 'kind', 'state', 'unit', 'scale', 'zone', 'flags'];
const UNKNOWN = new Set(['', 'unknown', 'unavailable', 'error', 'none']);

export function parse(csv) {
	const rows = [];
	for (const line of csv.split('\n')) {
		if (!line || line[0] === '#' || line.startsWith('platform,')) continue;
		const cells = line.split(',');
		rows.push(Object.fromEntries(COLUMNS.map((c, i) => [c, cells[i]])));
	}
	return rows;
}

export const format = (r) => COLUMNS.map((c) => r[c] ?? '').join(',');

const same = (a, b) => a.toLowerCase() === b.toLowerCase();
const fits = (pattern, value) => pattern === '*' || same(pattern, value);

/** value: true, false, 'num' (some number), or a word. */
function takes(row, value) {
	switch (row.value) {
	case '*': return true;
	case 'true': return value === true;
	case 'false': return value === false;
	case 'num': return value === 'num';
	default: return value !== 'num' && row.value.split('|').some((w) => same(w, String(value)));
	}
}

export class Table {
	constructor(rows) {
		this.byKey = new Map();
		for (const r of rows) this.byKey.set(r.key, [...(this.byKey.get(r.key) ?? []), r]);
	}
	chain(key, who, value) {
		const unknown = typeof value === 'string' && UNKNOWN.has(value.toLowerCase());
		const listed = (r) => !['*', 'true', 'false', 'num'].includes(r.value);
		return (this.byKey.get(key) ?? []).find((r) => fits(r.vendor, who.vendor) && fits(r.model, who.model) && takes(r, value) && (!unknown || listed(r)));
	}
	/** The row that reads it, with a # of its zone filled in; undefined = nobody knows. */
	find(who, key, value) {
		const own = this.chain(key, who, value);
		if (own) return own;
		const n = /\d+/.exec(key);
		const numbered = n && this.chain(key.replace(/\d+/, '#'), who, value);
		return numbered ? { ...numbered, zone: numbered.zone === '#' ? n[0] : numbered.zone } : undefined;
	}
}
