// SPDX-License-Identifier: EUPL-1.2
// The care staff's screen at work: two browsers, steps, repeats, closing, floods, storms, the edge.
import { after, afterEach, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { faults, launch, open, open2, real, row, server, signIn } from './harness.mjs';

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
const one = async (user = s.users.nb, options = {}) => {
	const p = await open(browser, s, options);
	pages.push(p);
	await signIn(p, user);
	return p;
};
const fake = { skip: real ? 'needs control of the stand-in server' : false };
const text = (p, sel) => p.locator(sel).innerText();
const act = (p, a, name) => row(p, a).getByRole('button', { name, exact: true }).click();
const panelStep = (p, name) => p.locator('#panel .steps-bar').getByRole('button', { name, exact: true }).click();

test('two browsers see one acknowledgement within a second', async () => {
	pages = await open2(browser, s);
	const [a, b] = pages;
	const mine = a.locator('.row.waits').first();
	await s.raise({ kind: 'fall', state: 'confirmed' });
	await mine.waitFor();
	await b.locator('.row.waits').first().waitFor();
	const id = await mine.getAttribute('data-alarm');
	const there = b.locator(`.list-pane [data-alarm="${id}"] .handling`);
	const seen = there.filter({ hasText: /Motteke av/ }).waitFor({ timeout: 5000 });
	const began = Date.now();
	await a.locator(`.list-pane [data-alarm="${id}"] .c-act button`).first().click();
	await seen;
	assert.ok(Date.now() - began < 1000, `seen after ${Date.now() - began} ms`);
	assert.match(await a.locator(`.list-pane [data-alarm="${id}"] .handling`).innerText(), /Mottatt av .+ kl\. \d\d\.\d\d/);
});

test('each language has its own words for the steps, to the end', async () => {
	pages = await open2(browser, s);
	const [a, b] = pages;
	await s.raise({ kind: 'fall', state: 'confirmed' });
	await b.locator('.row.waits').first().waitFor();
	const id = await b.locator('.row.waits').first().getAttribute('data-alarm');
	const at = (p) => p.locator(`.list-pane [data-alarm="${id}"]`);
	await at(b).getByRole('button', { name: 'Ta imot', exact: true }).click();
	await at(b).getByRole('button', { name: 'På veg', exact: true }).click();
	await at(a).locator('.handling', { hasText: 'På vei:' }).waitFor();
	await at(b).getByRole('button', { name: 'Framme', exact: true }).click();
	await at(b).locator('.handling', { hasText: 'Framme:' }).waitFor();
	await at(b).getByRole('button', { name: 'Avslutt', exact: true }).click();
	await b.locator('#outcome-helped').check();
	await b.locator('#step-form button[type=submit]').click();
	await at(a).waitFor({ state: 'detached' });
	await a.locator('.closed-hour summary').first().click();
	assert.match(await text(a, '.closed-hour'), /Fikk hjelp/);
});

test('the row carries everything the shift needs', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'sos', state: 'on', recipient: 13, ageS: 134, repeat_24h: 3, late: 900, flags: ['found', 'late'], level: 2 });
	await row(p, a).waitFor();
	const said = await row(p, a).innerText();
	for (const w of ['Gudrun Testad', 'Trygghetsalarm utløst', 'Skansen 7, Otta', '3. etasje, heis', 'Soverom', 'Sel', '***', 'Kritisk',
		'Pågår', 'Ny – ingen har mottatt den', '3. gang på 24 t', 'Batteri 87 %', 'Hørt for 2 minutter siden', 'Var utløst da varde startet',
		'Kom for sent fram', 'Varslet: neste på vakt', 'Motta'])
		assert.ok(said.includes(w), `${w} in: ${said}`);
	assert.match(said, /2 min 1\d s/);
	const before_ = await row(p, a).locator('.age').innerText();
	await p.waitForFunction((was) => document.querySelector('.list-pane .age').innerText !== was, before_, { timeout: 5000 }); // the age counts
	assert.equal(await row(p, a).locator('.shape path').count() > 0, true);
});

test('an alarm of a home of two names both, in the list and when opened, also on a phone', fake, async () => {
	const p = await one(s.users.nb, { viewport: { width: 360, height: 740 } });
	const a = s.raise({ kind: 'sos', state: 'on', recipient: 11, also: [16], ageS: 20 });
	await row(p, a).waitFor();
	assert.equal(await row(p, a).locator('h3 b').innerText(), 'Kari Eksempel Brua og Olaug Eksempel Brua');
	const said = await row(p, a).innerText();
	assert.equal(said.split('E-lås, kode i nøkkelsafen ved bod').length, 2, 'the same key is told once');
	assert.equal(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing runs off a narrow screen');
	await row(p, a).locator('[data-open]').click();
	await p.locator('#panel h2', { hasText: 'Kari Eksempel Brua og Olaug Eksempel Brua' }).waitFor();
	const facts = await text(p, '#panel .detail');
	assert.match(facts, /Bor her/);
	assert.ok(facts.includes('+47 000 00 011') && facts.includes('+47 000 00 016'), 'both can be rung');
	await p.goto(`${s.url}/#/silent`);
	await p.locator('.devices .facts', { hasText: 'Kari Eksempel Brua og Olaug Eksempel Brua · Soverom' }).waitFor();
});

test('what the unit wrote is in the history as the hub\'s own line, and disturbs nobody', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'sos', state: 'on', recipient: 11 });
	await row(p, a).waitFor();
	s.record(a, 'note', null, { note: 'Bad, 2. etasje' });
	s.record(a, 'updated');
	await p.goto(`${s.url}/#/alarm/${a.id}`);
	await p.locator('#panel .timeline .s-note .note', { hasText: 'Bad, 2. etasje' }).waitFor();
	await p.locator('#panel .timeline .s-updated', { hasText: 'Flere opplysninger kom' }).waitFor();
	assert.equal(await row(p, a).locator('.again-text').count(), 0);
});

test('highest priority first, whatever came first', fake, async () => {
	const p = await one();
	s.raise({ kind: 'device.battery_low', state: 'on', recipient: 15, ageS: 500 });
	s.raise({ kind: 'medication', state: 'not_taken', recipient: 12, ageS: 400 });
	const held = s.raise({ kind: 'sos', state: 'on', recipient: 13, ageS: 900 });
	s.act(held, 'ola', { step: 'acknowledge' });
	s.raise({ kind: 'fall', state: 'confirmed', recipient: 11, ageS: 5 });
	await p.locator('.alarms > li').nth(3).waitFor();
	const order = await p.locator('.alarms .c-who b').allInnerTexts();
	assert.deepEqual(order, ['Kari Eksempel Brua', 'Gudrun Testad', 'Arne Prøvesen', 'Torleif Paahitt']);
});

test('a repeat on an acknowledged alarm sounds again, is marked, and raises priority', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'inactivity', state: 'on' });
	await p.click('#sound-on');
	await row(p, a).waitFor();
	await act(p, a, 'Motta');
	await row(p, a).locator('.handling', { hasText: 'Mottatt' }).waitFor();
	await p.waitForTimeout(1200);
	const quiet = await p.evaluate(() => globalThis.pulses.length);
	s.repeat(a);
	await row(p, a).locator('.again-text', { hasText: 'Utløst igjen mens noen har den.' }).waitFor();
	assert.match(await row(p, a).innerText(), /2\. gang på 24 t[\s\S]*Meldt 2 ganger|Meldt 2 ganger[\s\S]*2\. gang på 24 t/);
	assert.match(await row(p, a).innerText(), /Kritisk/);
	assert.ok((await p.evaluate(() => globalThis.pulses.length)) > quiet, 'pulses were scheduled');
	assert.match(await text(p, '#say-alert'), /Utløst igjen, 2\. gang/);
	await row(p, a).getByRole('button', { name: 'Sett' }).click();
	await row(p, a).locator('.again-text').waitFor({ state: 'detached' });
});

test('closing requires an outcome; the third time in 24 h also a note', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'sos', state: 'on', repeat_24h: 3 });
	await row(p, a).waitFor();
	await act(p, a, 'Motta');
	await row(p, a).locator('[data-open]').click();
	await panelStep(p, 'Avslutt');
	assert.equal(await p.locator('#step-form input[name=outcome]:checked').count(), 0, 'nothing is chosen beforehand');
	await p.click('#step-form button[type=submit]');
	assert.match(await text(p, '#err-outcome'), /Velg et utfall/);
	await p.check('#outcome-false_alarm');
	await p.click('#step-form button[type=submit]');
	assert.match(await text(p, '#err-note'), /3\. gang på 24 timer/);
	assert.equal(s.requests.filter((r) => r.body?.step === 'close').length, 0, 'the hub was not asked');
	await p.fill('#note', 'Armbåndet var for stramt. Byttet.');
	await p.click('#step-form button[type=submit]');
	await row(p, a).waitFor({ state: 'detached' });
	assert.equal(a.handling, 'closed');
	assert.equal(a.outcome, 'false_alarm');
	assert.match(await text(p, '.timeline'), /Falsk alarm[\s\S]*Armbåndet var for stramt/);
	await panelStep(p, 'Åpne igjen');
	await row(p, a).locator('.handling', { hasText: 'Ny' }).waitFor();
});

test('a lost race says who was first', fake, async () => {
	const p = await one();
	const a = s.raise({});
	await row(p, a).waitFor();
	s.alarms.get(a.id);
	// The other one's step is written while this page does not yet know: hold its stream back.
	for (const c of s.clients) c.said = false;
	s.act(a, 'ola', { step: 'acknowledge' });
	await act(p, a, 'Motta');
	await row(p, a).locator('.problem').waitFor();
	assert.match(await row(p, a).locator('.problem').innerText(), /Ola Skogum var først: mottatt kl\. \d\d\.\d\d\.\d\d/);
	assert.match(await row(p, a).locator('.handling').innerText(), /Mottatt av Ola Skogum/);
	assert.equal(a.owner.id, 2);
});

test("the hub's own counting on does not cost a person the tap", fake, async () => {
	const p = await one();
	const a = s.raise({});
	await row(p, a).waitFor();
	for (const c of s.clients) c.said = false;
	s.escalate(a);
	await act(p, a, 'Motta');
	await row(p, a).locator('.handling', { hasText: 'Mottatt av Anne' }).waitFor();
	assert.equal(s.requests.filter((r) => r.body?.step === 'acknowledge').length, 2);
});

test('a refused or unanswered step is said, never pretended', fake, async () => {
	const p = await one();
	const a = s.raise({});
	await row(p, a).waitFor();
	s.failNext('acknowledge', 503, { code: 'busy' });
	await act(p, a, 'Motta');
	await row(p, a).locator('.problem', { hasText: 'varde får ikke lagret akkurat nå. Ingenting ble registrert.' }).waitFor();
	assert.match(await row(p, a).locator('.handling').innerText(), /^Ny/);
});

test('transfer: offered to the colleague, owned until received', fake, async () => {
	pages = await open2(browser, s);
	const [p, b] = pages;
	const a = s.raise({});
	await act(p, a, 'Motta');
	await row(p, a).locator('[data-open]').click();
	await panelStep(p, 'Overfør');
	await p.click('#step-form button[type=submit]');
	assert.match(await text(p, '#err-target'), /Velg hvem/);
	await p.selectOption('#target', { label: 'Ola Skogum (på vakt)' });
	await p.click('#step-form button[type=submit]');
	await row(p, a).locator('.handling', { hasText: 'Overført fra Anne Bøverdal til Ola Skogum' }).waitFor();
	await b.locator('.banner.warning', { hasText: 'vil overføre ein alarm til deg' }).waitFor();
	await act(b, a, 'Ta over');
	await row(p, a).locator('.handling', { hasText: 'Mottatt av Ola Skogum' }).waitFor();
});

test('shelving needs a reason, and the count stays in sight', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'water_leak', state: 'on' });
	await row(p, a).locator('[data-open]').click();
	assert.match(await text(p, '.count-shelved'), /^0\s+utsatt/);
	await panelStep(p, 'Utsett');
	await p.check('#minutes-60');
	await p.click('#step-form button[type=submit]');
	assert.match(await text(p, '#err-note'), /hvorfor/);
	await p.fill('#note', 'Rørlegger er på vei');
	await p.click('#step-form button[type=submit]');
	await p.locator('.list-pane [data-alarm]').waitFor({ state: 'detached' });
	await p.locator('.count-shelved', { hasText: /^1\s+utsatt/ }).waitFor({ timeout: 7000 });
	await p.click('.count-shelved');
	await p.locator('#panel .row').waitFor();
	assert.match(await text(p, '#panel .row'), /Utsatt til kl\. \d\d\.\d\d/);
	await p.locator('#panel .row').getByRole('button', { name: 'Hent tilbake' }).click();
	await row(p, a).waitFor();
});

test('counts at the edge open their lists; duty is named per municipality', fake, async () => {
	s.nobody = [3437];
	const p = await one();
	assert.match(await text(p, '.duty'), /Lom\s+Anne Bøverdal/);
	assert.match(await text(p, '.duty .nobody'), /Sel\s+Ingen på vakt/);
	for (const [name, want] of [['silent', /Føler 31[\s\S]*i går kl\.|Føler 32/], ['waiting', /hørt, ikke registrert/], ['test', /Føler 35/]]) {
		await p.click(`.count-${name}`);
		await p.locator('#panel', { hasText: want }).waitFor();
	}
	s.storage = 'full';
	s.beat();
	await p.locator('.banner.red', { hasText: 'Lagringen svikter.' }).waitFor();
});

test('history and reports', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'door', state: 'open', ageS: 60 });
	s.act(a, 'ola', { step: 'acknowledge' });
	s.act(a, 'ola', { step: 'close', outcome: 'no_action' });
	await p.getByRole('link', { name: 'Historikk' }).click();
	await p.locator('.history li').waitFor();
	assert.match(await text(p, '.history'), /Kari Eksempel Brua[\s\S]*Trengte ikke hjelp/);
	await p.fill('#from', '32.1.2026');
	await p.click('.range button');
	assert.match(await text(p, '#range-error'), /24\.11\.2026/);
	await p.getByRole('link', { name: 'Rapporter' }).click();
	assert.equal(await p.locator('.editions a').first().getAttribute('href'), '/reports/2026-11-23/3431.html');
	const b = await one(s.users.nn);
	assert.equal(await b.getByRole('link', { name: 'Rapportar' }).count(), 0, 'only for those with the role');
});

test('more than ten in ten minutes: grouped by home, gravest first, counted', fake, async () => {
	const p = await one();
	for (let i = 0; i < 5; i++) s.raise({ kind: 'device.battery_low', state: 'on', recipient: 15 });
	for (let i = 0; i < 5; i++) s.raise({ kind: 'medication', state: 'not_taken', recipient: 12 });
	await p.locator('.alarms > li').nth(9).waitFor();
	assert.equal(await p.locator('#flood').count(), 0, 'ten is not a flood');
	s.raise({ kind: 'fall', state: 'confirmed', recipient: 11 });
	s.raise({ kind: 'sos', state: 'on', recipient: 16 }); // another person in the same home
	await p.locator('#flood', { hasText: '12 på 10 minutter' }).waitFor();
	const groups = await p.locator('.groups > li').allInnerTexts();
	assert.equal(groups.length, 3);
	assert.match(groups[0], /Kritisk[\s\S]*Kari Eksempel Brua, Olaug Eksempel Brua[\s\S]*2 alarmer/);
	assert.match(groups[1], /Alvorlig[\s\S]*5 alarmer/);
	assert.match(groups[2], /Moderat[\s\S]*5 alarmer/);
	await p.locator('.groups > li').first().getByRole('button', { name: 'Motta alle 2' }).click();
	await p.locator('.groups > li').first().getByRole('button', { name: /Motta/ }).waitFor({ state: 'detached' });
	await p.locator('.groups > li').first().getByRole('button', { name: 'Vis alarmene' }).click();
	assert.equal(await p.locator('.groups > li').first().locator('.row').count(), 2);
	await p.getByRole('button', { name: 'Vis hver alarm' }).click();
	assert.equal(await p.locator('.alarms > li').count(), 12);
});

test('a storm is one row with a count, and unfolds', fake, async () => {
	const p = await one();
	const top = s.storm(6);
	await row(p, top).waitFor();
	assert.equal(await p.locator('.list-pane .row').count(), 1);
	assert.match(await row(p, top).innerText(), /6 alarmer samlet her/);
	await act(p, top, 'Vis 6');
	assert.equal(await row(p, top).locator('.storm-members li').count(), 6);
	const grave = s.raise({ kind: 'sos', state: 'on', recipient: 13, parent: top.id });
	await row(p, grave).waitFor(); // graver than the storm: never folded away
});

test('an outage names who is affected, those without another way first, with advice', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'network.outage', state: 'on', recipient: 0, device: null, priority: 40, count: 3, members: 3 });
	const who = (name, more) => ({ recipient: { id: 11, name, address: 'Sognefjellsvegen 1', floor: '', key_note: '', phone: '+47 400 00 000' },
		place: { id: 1, room: 'Stove', purpose: 'sos' }, device: 'Knapp', devices: 1, calls: true, only_way: false, back: false, ...more });
	s.affected.set(a.id, { total: 3, persons: 3, only_way: 1, missing: 2, list: [
		who('Prøve Ein', { only_way: true }), who('Prøve To'), who('Prøve Tre', { calls: false, back: true })] });
	await row(p, a).locator('[data-open]').click();
	const box = p.locator('.affected');
	await box.waitFor();
	assert.deepEqual(await box.locator('li b').allInnerTexts(), ['Prøve Ein', 'Prøve To', 'Prøve Tre']);
	assert.match(await box.locator('li').first().innerText(), /ingen annen måte å tilkalle hjelp på/);
	assert.doesNotMatch(await box.locator('li').nth(1).innerText(), /ingen annen måte/);
	assert.match(await box.locator('li').nth(2).innerText(), /hørt igjen/);
	assert.match(await p.locator('.detail .advice').innerText(), /Ring dem som står øverst/);
	a.condition = 'returned';
	a.returned_at = a.received_at;
	s.record(a, 'returned');
	await box.getByText('2 er ikke hørt igjen ennå').waitFor();
});

test('a technical alarm says how the device is watched and what to do, in each language', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'device.fault', state: 'frames_lost', device: { id: 9, name: 'Dør', model: 'X', battery: 50, last_heard: null,
		on_test: false, heard_every_s: 3300, silent_after_s: 9900, limit_from: 'learned', tested: null, troubles: ['frames_lost', 'flapping'] } });
	await row(p, a).locator('[data-open]').click();
	await p.locator('.detail .advice').nth(1).waitFor();
	assert.match(await p.locator('.detail').innerText(), /høres omtrent hver 55 min; savnes etter 3 t/);
	assert.match(await p.locator('.detail .advice').first().innerText(), /forsterker/);
});

test('holding the order: new ones come on top, the others stay', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'medication', state: 'not_taken', recipient: 12 });
	const b = s.raise({ kind: 'inactivity', state: 'on', recipient: 14 });
	await row(p, b).waitFor();
	await p.getByRole('button', { name: 'Hold rekkefølgen' }).click();
	s.repeat(b);
	const c = s.raise({ kind: 'device.battery_low', state: 'on', recipient: 15 });
	await row(p, c).waitFor();
	const ids = await p.locator('.list-pane .row').evaluateAll((l) => l.map((r) => r.dataset.alarm));
	assert.deepEqual(ids, [c.id, a.id, b.id]);
});

test('keyboard only: find, acknowledge, drive, arrive; Enter opens and never closes', fake, async () => {
	const p = await one();
	const a = s.raise({ kind: 'fall', state: 'confirmed' });
	await row(p, a).waitFor();
	await p.keyboard.press('j');
	assert.equal(await p.evaluate(() => document.activeElement.closest('[data-alarm]')?.dataset.alarm), a.id);
	await p.keyboard.press('m');
	await row(p, a).locator('.handling', { hasText: 'Mottatt av Anne' }).waitFor();
	await p.keyboard.press('v');
	await row(p, a).locator('.handling', { hasText: 'På vei' }).waitFor();
	await p.keyboard.press('f');
	await row(p, a).locator('.handling', { hasText: 'Framme' }).waitFor();
	await p.keyboard.press('Enter');
	await p.locator('#panel h2', { hasText: 'Kari Eksempel Brua' }).waitFor();
	for (let i = 0; i < 5; i++) await p.keyboard.press('Enter');
	assert.equal(a.handling, 'on_site', 'Enter closed nothing');
	await p.keyboard.press('Escape');
	await p.keyboard.press('?');
	await p.locator('#panel .keys').waitFor();
	await p.getByRole('link', { name: 'Innstillinger' }).click();
	await p.locator('#keys').uncheck();
	await p.locator('h2', { hasText: 'Innstillinger' }).focus();
	const b = s.raise({ kind: 'sos', state: 'on', recipient: 13 });
	await row(p, b).locator('[data-open]').focus();
	await p.keyboard.press('m');
	await p.waitForTimeout(300);
	assert.equal(b.handling, 'new', 'the off switch is off');
});

test('only a new critical alarm is an alert; the rest is said politely', fake, async () => {
	const p = await one();
	const low = s.raise({ kind: 'inactivity', state: 'on', recipient: 14 });
	await row(p, low).waitFor();
	assert.equal(await text(p, '#say-alert'), '');
	assert.match(await text(p, '#say-status'), /Ny alarm, Moderat\. Magnhild Oppdiktet: Ingen tegn til aktivitet/);
	s.raise({ kind: 'fall', state: 'confirmed' });
	await p.locator('#say-alert', { hasText: 'Kritisk alarm. Kari Eksempel Brua: Fall, bekreftet' }).waitFor({ state: 'attached' });
	assert.match(await p.title(), /\(2\) ikke mottatt/);
});

test('a locked console keeps showing, changes nothing, and is unlocked in place', fake, async () => {
	const p = await one();
	const a = s.raise({});
	await row(p, a).waitFor();
	s.lock();
	await p.locator('.banner.locked').waitFor();
	assert.equal(await row(p, a).getByRole('button', { name: 'Motta' }).getAttribute('aria-disabled'), 'true');
	assert.match(await text(p, '#why-blocked'), /skjermen er låst/);
	await row(p, a).getByRole('button', { name: 'Motta' }).click({ force: true }); // it says that it is off
	await p.waitForTimeout(200);
	assert.equal(a.handling, 'new');
	const b = s.raise({ kind: 'smoke', state: 'on', recipient: 13 });
	await row(p, b).waitFor(); // still live
	await p.fill('.signin-inline #password', 'galt');
	await p.click('.signin-inline button[type=submit]');
	assert.match(await text(p, '#signin-error'), /stemmer ikke/);
	await p.fill('.signin-inline #password', s.users.nb.password);
	await p.click('.signin-inline button[type=submit]');
	await p.locator('.banner.locked').waitFor({ state: 'detached' });
	await act(p, a, 'Motta');
	await row(p, a).locator('.handling', { hasText: 'Mottatt av Anne' }).waitFor();
});

test('the session ends: back to sign-in with the reason, and no name stays on the page', fake, async () => {
	const p = await one();
	const a = s.raise({});
	await row(p, a).waitFor();
	s.endSessions();
	await p.locator('.signin', { hasText: 'Økta er avsluttet' }).waitFor();
	assert.equal((await p.content()).includes('Kari Eksempel'), false);
});

test('the language is chosen before sign-in, kept after, and wrong passwords are told plainly', async () => {
	const p = await open(browser, s);
	pages.push(p);
	await p.getByRole('button', { name: 'English' }).click();
	assert.match(await text(p, 'h1'), /Sign in to the alert console/);
	await p.fill('#user', s.users.nb.user);
	await p.fill('#password', 'wrong-wrong');
	await p.click('button[type=submit]');
	await p.locator('#signin-error', { hasText: 'The user name or the password is wrong' }).waitFor();
	await p.getByRole('button', { name: 'Nynorsk' }).click();
	assert.equal(await p.evaluate(() => document.documentElement.lang), 'nn');
	await signIn(p, s.users.nb);
	assert.match(await text(p, '.list-pane h2'), /Alarmar/);
	await p.reload();
	await p.waitForSelector('.conn-ok');
	assert.match(await text(p, '.list-pane h2'), /Alarmar/, 'the session remembers');
	await p.goto(`${s.url}/#/settings`);
	await p.getByRole('button', { name: 'Bokmål' }).click();
	await p.locator('.list-pane h2', { hasText: 'Alarmer' }).waitFor();
});
