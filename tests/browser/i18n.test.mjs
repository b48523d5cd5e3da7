// SPDX-License-Identifier: EUPL-1.2
// The three catalogues hold the same keys, every key the code uses exists, everything the hub can say
// has words, and each language is itself. No browser.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { consoleDir, root } from './harness.mjs';

const read = (p) => readFileSync(join(root, p), 'utf8');
const langs = Object.fromEntries(['nb', 'nn', 'en'].map((l) => [l, JSON.parse(read(`src/console/i18n/${l}.json`))]));
const { nb, nn, en } = langs;
const code = readdirSync(consoleDir).filter((f) => f.endsWith('.js')).map((f) => readFileSync(join(consoleDir, f), 'utf8')).join('\n');
const forms = (v) => (typeof v === 'string' ? [v] : [v.one, v.other]);

test('the three languages have the same keys, and no empty text', () => {
	for (const l of ['nn', 'en']) assert.deepEqual(Object.keys(langs[l]), Object.keys(nb), l);
	for (const [l, words] of Object.entries(langs))
		for (const [k, v] of Object.entries(words)) for (const f of forms(v)) assert.ok(f && f.trim(), `${l} ${k}`);
});

test('a text has the same {names} in all three', () => {
	const names = (v) => [...new Set(forms(v).flatMap((f) => f.match(/\{\w+\}/g) ?? []))].sort().join();
	for (const k of Object.keys(nb)) for (const w of [nn, en]) assert.equal(names(w[k]), names(nb[k]), k);
});

test('every key in the code exists', () => {
	const literal = [...code.matchAll(/\b(?:t|has)\(\s*'([^']+)'/g), ...code.matchAll(/signedOut\('([^']+)'/g)].map((m) => m[1]);
	// t(cond ? 'a' : 'b'), t(x === 'y' ? 'a' : 'b'), nested in any way: every string in the call that
	// looks like a key of a family we have.
	const inCalls = [...code.matchAll(/\bt\(([^`]*?)\)/g)].flatMap((m) => [...m[1].matchAll(/[?:]\s*'([\w.?]+)'/g)].map((x) => x[1]));
	assert.ok(literal.length > 100, 'the search itself works');
	for (const k of [...literal, ...inCalls]) assert.ok(k in nb, k);
});

/* Key families built from data; what each may be built from is taken from the C sources. */
const words = (file, array) => {
	const body = new RegExp(`${array}\\[[^\\]]*\\] = \\{([^}]*)\\}`).exec(read(file))[1];
	return [...body.matchAll(/= "(\w*)"/g)].map((m) => m[1]);
};
const kinds = [...read('src/model/event.h').matchAll(/X\(\w+, "([\w.]+)"/g)].map((m) => m[1]);

test('everything the hub can say has words', () => {
	assert.ok(kinds.length > 50);
	const need = (prefix, list) => {
		assert.ok(list.length, prefix);
		for (const w of list) for (const [l, words_] of Object.entries(langs)) assert.ok(`${prefix}.${w}` in words_, `${l} ${prefix}.${w}`);
	};
	need('kind', kinds);
	need('handling', words('src/model/alarm.c', 'handlings'));
	need('handling.short', words('src/model/alarm.c', 'handlings'));
	need('step', words('src/model/alarm.c', 'steps'));
	need('outcome', words('src/model/alarm.c', 'outcomes'));
	need('do', read('docs/api.md').match(/Steps in requests: `([^`]+)`/)[1].split(/\s+/));
	need('role', ['care', 'leader', 'technician', 'controller', 'admin']);
	need('err', read('docs/api.md').match(/`auth`[^)]*\)/)[0].match(/`(\w+)`/g).map((w) => w.slice(1, -1)));
	need('weekday', [0, 1, 2, 3, 4, 5, 6]);
	need('month', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
	need('lifecycle', ['heard', 'stock', 'ready', 'test', 'in_use', 'out_of_service', 'returned', 'scrapped']);
	need('level', ['high', 'medium', 'low']);
});

test('every state that begins an alarm, and every state word, has words', () => {
	const table = /\} words\[\] = \{([\s\S]*?)\n\};/.exec(read('src/model/event.c'))[1];
	const rows = [...table.matchAll(/\{VD_KIND_(\w+),\s*"([^"]*)",\s*"([^"]*)"\}/g)];
	assert.ok(rows.length > 20);
	const name = Object.fromEntries([...read('src/model/event.h').matchAll(/X\((\w+), "([\w.]+)"/g)].map((m) => [m[1], m[2]]));
	for (const [, kind, active, returned] of rows) {
		for (const s of active.split(' ').filter(Boolean)) assert.ok(`what.${name[kind]}.${s}` in nb, `what.${name[kind]}.${s}`);
		for (const s of [...active.split(' '), ...returned.split(' ')].filter(Boolean)) assert.ok(`state.${s}` in nb, `state.${s}`);
	}
});

test('nothing lies unused', () => {
	const dynamic = ['kind.', 'state.', 'what.', 'handling.', 'step.', 'outcome.', 'do.', 'role.', 'err.', 'weekday.', 'month.',
		'lifecycle.', 'level.', 'flag.', 'purpose.', 'form.', 'again.', 'say.', 'escalated.', 'conn.', 'edge.', 'deadline.', 'scheme.',
		'help.level.', 'filetype.', 'cmd.', 'advice.', 'trouble.', 'rhythm.', 'about.'];
	for (const k of Object.keys(nb))
		assert.ok(dynamic.some((p) => k.startsWith(p)) || code.includes(`'${k}'`) || code.includes(`\`${k}\``), `${k} is not used`);
});

test('nynorsk is nynorsk and bokmål is bokmål', () => {
	const all = (w) => Object.values(w).flatMap(forms).join('\n').toLowerCase();
	const has = (text, word) => new RegExp(`(?<![\\p{L}])${word}(?![\\p{L}])`, 'u').exec(text);
	for (const w of ['ikke', 'jeg', 'hva', 'hvem', 'hvorfor', 'fra', 'siden', 'mottatt', 'mottaker', 'avsluttet', 'utsatt', 'enhet',
		'enheten', 'enheter', 'overført av', 'lørdag', 'mandag', 'tirsdag', 'noen', 'noe', 'alarmer', 'åpen', 'åpne', 'vei', 'sekunder',
		'timer', 'dager', 'hørt', 'varslet', 'igjen', 'bekreftet', 'uten', 'ble', 'blitt', 'gjøre', 'nå', 'se', 'være', 'mulig', 'bare',
		'forrige', 'kommer', 'tatt', 'strøm', 'melder', 'hentet', 'rapporter', 'samtidig'])
		assert.equal(has(all(nn), w), null, `nn says "${w}"`);
	for (const w of ['ikkje', 'eg', 'kva', 'kven', 'kvifor', 'frå', 'sidan', 'motteke', 'mottakar', 'avslutta', 'eining',
		'eininga', 'laurdag', 'måndag', 'tysdag', 'nokon', 'noko', 'alarmar', 'open', 'opne', 'veg', 'timar', 'høyrd', 'varsla', 'att',
		'stadfesta', 'utan', 'vart', 'gjere', 'vere', 'mogleg', 'berre', 'kjem', 'straum'])
		assert.equal(has(all(nb), w), null, `nb says "${w}"`);
});
