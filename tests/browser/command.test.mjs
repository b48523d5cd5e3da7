// SPDX-License-Identifier: EUPL-1.2
// Asking a home's devices for something from an alarm's page: buttons, the reason, the live answer.
import { after, afterEach, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { axe, faults, launch, open, real, row, server, signIn } from './harness.mjs';

let browser;
let s;
let pages = [];
before(async () => { browser = await launch(); });
after(() => browser?.close());
beforeEach(async () => { s = await server(); });
afterEach(async () => {
	const found = [];
	for (const p of pages) {
		if (!p.isClosed()) found.push(...(await faults(p)));
		await p.context().close();
	}
	pages = [];
	await s.end();
	assert.deepEqual(found, [], 'CSP violations and page errors');
});
const fake = { skip: real ? 'needs control of the stand-in server' : false };
const one = async (user = s.users.nn, options = {}) => {
	const p = await open(browser, s, options);
	pages.push(p);
	await signIn(p, user);
	return p;
};
const part = (p) => p.locator('#panel .commands');
const button = (p, name) => part(p).getByRole('button', { name, exact: true });
/* The skip link stands before every landmark on purpose: axe's one complaint about the whole page. */
const ours = async (p) => (await axe(p)).filter((line) => !line.startsWith('region: .ds-skip-link'));
const posts = () => s.requests.filter((r) => r.method === 'POST' && r.path.endsWith('/commands'));

/** Kari has fallen; her lock and her button take commands; Ola (no leader) has her page open. */
async function kari(options) {
	const a = s.raise({ kind: 'fall', state: 'confirmed', recipient: 11 });
	s.gives(11, 501, 'Knapp', 'Soverom', ['cancel', 'ring', 'interval']);
	s.gives(11, 502, 'Ytterdør', 'Gang', ['unlock', 'lock']);
	const p = await one(s.users.nn, options);
	await row(p, a).waitFor();
	await p.goto(`${s.url}/#/alarm/${a.id}`);
	await part(p).waitFor();
	return [p, a];
}
const take = async (p, a) => {
	await p.locator('#panel .steps-bar').first().getByRole('button', { name: 'Ta imot', exact: true }).click();
	await p.locator('#panel .handling', { hasText: 'Motteke' }).waitFor();
	assert.equal(a.owner.name, 'Ola Skogum');
};

test('a button asks at once, and the page follows what becomes of it', fake, async () => {
	const [p, a] = await kari();
	await button(p, 'La henne ringje').click();
	const item = part(p).locator('.command').first();
	await item.locator('.command-state', { hasText: 'Sendt, ikkje svara på' }).waitFor();
	assert.deepEqual(Object.keys(posts()[0].body).sort(), ['alarm', 'key', 'verb']);
	assert.equal(posts()[0].body.alarm, a.id);
	s.goes(s.commands[0], 'accepted');
	await item.locator('.command-state', { hasText: 'Motteke av sentralen' }).waitFor();
	s.goes(s.commands[0], 'failed', 'http_404');
	await item.locator('.command-state', { hasText: 'Ikkje utført. Plattforma svara med feil 404.' }).waitFor();
	await p.locator('.timeline .s-command', { hasText: 'La henne ringje: Knapp, Ikkje utført' }).waitFor();
	await p.locator('#say-status', { hasText: 'Ikkje utført' }).waitFor({ state: 'attached' });
	assert.equal(await button(p, 'Endre meldingsintervall').count(), 0, 'an interval is for technicians');
});

test('a door opens only for who has the alarm, with a reason', fake, async () => {
	const [p, a] = await kari();
	const unlock = button(p, 'Lås opp');
	assert.equal(await unlock.getAttribute('aria-disabled'), 'true');
	assert.match(await part(p).innerText(), /Du må ha teke imot alarmen/);
	await unlock.click({ force: true });
	assert.equal(await p.locator('#command-form').count(), 0);
	await take(p, a);
	await p.waitForFunction(() => !document.querySelector('[data-device="502"] button').hasAttribute('aria-disabled'));
	await unlock.click();
	await p.locator('#command-form h4', { hasText: 'Lås opp: Ytterdør' }).waitFor();
	await p.locator('#command-form button[type=submit]').click();
	await p.locator('#err-command', { hasText: 'Skriv kvifor du låser opp.' }).waitFor();
	assert.equal(posts().length, 0, 'nothing goes without a reason');
	await p.fill('#command-words', 'Svarar ikkje på rop');
	await p.locator('#command-form button[type=submit]').click();
	await p.locator('#command-form').waitFor({ state: 'detached' });
	assert.equal(posts()[0].body.reason, 'Svarar ikkje på rop');
	s.goes(s.commands[0], 'done');
	await part(p).locator('.command', { hasText: 'Lås opp: Ytterdør' }).locator('.command-state', { hasText: 'Utført' }).waitFor();
});

test('two presses are one command, also when the first one got no answer', fake, async () => {
	const [p, a] = await kari();
	await take(p, a);
	s.failNext('unlock', 0);
	await button(p, 'Lås opp').click();
	await p.fill('#command-words', 'Ligg på golvet');
	await p.locator('#command-form button[type=submit]').click();
	await part(p).locator('.problem', { hasText: 'Kommandoen kan vere send' }).waitFor({ timeout: 15000 });
	await p.locator('#command-form button[type=submit]').click();
	await p.locator('#command-form').waitFor({ state: 'detached' });
	assert.equal(posts().length, 2);
	assert.equal(posts()[0].body.key, posts()[1].body.key);
	assert.equal(s.commands.length, 1, 'one unlock');
	await button(p, 'Lås opp').click(); // a new wish is a new one
	await p.fill('#command-words', 'Låste seg att');
	await p.locator('#command-form button[type=submit]').click();
	await p.locator('#command-form').waitFor({ state: 'detached' });
	assert.equal(s.commands.length, 2);
});

test('without contact nothing is asked, and nothing is kept for later', fake, async () => {
	const [p, a] = await kari();
	await take(p, a);
	await s.stop();
	await p.waitForSelector('#lost-banner', { timeout: 40000 });
	assert.equal(await button(p, 'Lås opp').getAttribute('aria-disabled'), 'true');
	await button(p, 'La henne ringje').click({ force: true });
	const before = posts().length;
	await s.start();
	await p.waitForSelector('.conn-ok', { timeout: 40000 });
	await p.waitForTimeout(1500);
	assert.equal(posts().length, before);
	assert.equal(s.commands.length, 0);
});

test('a refusal is told where it was asked; another console sees the rest', fake, async () => {
	const [p, a] = await kari();
	const anne = await one(s.users.nb);
	await anne.goto(`${s.url}/#/alarm/${a.id}`);
	await part(anne).waitFor();
	s.failNext('cancel', 403, { code: 'denied' });
	await button(p, 'Stans alarmen på eininga').click();
	await part(p).locator('.problem', { hasText: 'Det kan du ikkje be om her' }).waitFor();
	await button(p, 'Stans alarmen på eininga').click();
	await part(anne).locator('.command', { hasText: 'Stans alarmen på enheten: Knapp' }).waitFor();
	assert.match(await part(anne).innerText(), /Ola Skogum/);
	assert.equal(await part(p).locator('.problem').count(), 0);
	assert.deepEqual(await ours(p), []);
});

test('a phone of 360 pixels shows it whole', fake, async () => {
	const [p, a] = await kari({ viewport: { width: 360, height: 780 } });
	await take(p, a);
	await button(p, 'Lås opp').click();
	await p.locator('#command-form').scrollIntoViewIfNeeded();
	const wide = await p.evaluate(() => document.documentElement.scrollWidth);
	assert.ok(wide <= 360, `${wide} pixels wide`);
	const spilt = await p.evaluate(() => [...document.querySelectorAll('.commands button')].filter((b) => b.scrollWidth > b.clientWidth).map((b) => b.innerText));
	assert.deepEqual(spilt, [], 'buttons hold their words');
	assert.deepEqual(await ours(p), []);
});
