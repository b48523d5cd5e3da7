// SPDX-License-Identifier: EUPL-1.2
// Takes the pictures in docs/img from a built console and the stand-in server:
// node look.mjs DIST OUTDIR. Everybody in them is invented.
import { chromium } from 'playwright-core';
import { FakeServer } from './fake-server.mjs';
import { launch } from './harness.mjs';

const [dist, out] = process.argv.slice(2);
const size = { wide: { width: 1366, height: 768 }, phone: { width: 360, height: 780 } };

function fill(s) {
	const done = s.raise({ kind: 'door', state: 'open', recipient: 14, ageS: 2400 });
	s.act(done, 'anne', { step: 'acknowledge' });
	s.act(done, 'anne', { step: 'close', outcome: 'false_alarm' });
	const med = s.raise({ kind: 'medication', state: 'not_taken', recipient: 12, ageS: 1500 });
	s.act(med, 'ola', { step: 'acknowledge' });
	s.act(med, 'ola', { step: 'en_route' });
	const sos = s.raise({ kind: 'sos', state: 'on', recipient: 13, ageS: 840, repeat_24h: 3, count: 1 });
	s.act(sos, 'anne', { step: 'acknowledge' });
	s.act(sos, 'anne', { step: 'call', note: 'Snakket med Gudrun. Vil på do, har ikke falt. Anne drar inn.' });
	s.act(sos, 'anne', { step: 'on_site' });
	s.raise({ kind: 'fall', state: 'confirmed', recipient: 11, ageS: 74, level: 2 });
	s.storm(6);
	const low = s.raise({ kind: 'device.battery_low', state: 'on', recipient: 15, ageS: 5400 });
	low.device.battery = 9;
	const shelf = s.raise({ kind: 'water_leak', state: 'on', recipient: 15, ageS: 7000 });
	s.act(shelf, 'ola', { step: 'shelve', shelve_minutes: 60, note: 'Rørlegger kommer kl. 04' });
	const late = s.raise({ kind: 'inactivity', state: 'on', recipient: 14, ageS: 200, late: 900, flags: ['found', 'late'] });
	s.returned(late);
	return sos;
}

const browser = await launch(chromium);
for (const lang of ['nb', 'nn'])
	for (const name of ['wide', 'phone', 'lost', 'empty', 'alarm', 'dark', 'flood', 'signin', 'lostphone', 'settings', 'silent', 'history', 'close']) {
		if (process.argv[4] && !process.argv[4].split(',').includes(name)) continue;
		const s = await new FakeServer({ dist, beatMs: 1000 }).start();
		const narrow = ['phone', 'alarm', 'signin', 'lostphone', 'silent'].includes(name);
		const page = await browser.newPage({ viewport: narrow ? size.phone : size.wide, colorScheme: name === 'dark' ? 'dark' : 'light',
			locale: lang === 'nn' ? 'nn-NO' : 'nb-NO', reducedMotion: 'reduce' });
		const who = lang === 'nn' ? ['ola', 'varde-ola-1'] : ['anne', 'varde-anne-1'];
		const sos = name === 'empty' ? null : fill(s);
		if (name === 'flood') for (let i = 0; i < 9; i++) s.raise({ kind: i % 3 ? 'sos' : 'smoke', state: 'on', recipient: 11 + (i % 6), ageS: i * 20 });
		await page.goto(s.url);
		if (name !== 'signin') {
			await page.fill('#user', who[0]);
			await page.fill('#password', who[1]);
			await page.click('button[type=submit]');
			await page.waitForSelector('footer .count');
			if (name !== 'flood' && name !== 'settings') await page.click('#sound-on');
			await page.waitForTimeout(300);
			if (name !== 'flood' && name !== 'settings') await page.locator('.banner.info button').first().click();
			if (['wide', 'dark', 'alarm', 'close'].includes(name)) await page.goto(`${s.url}/#/alarm/${sos.id}`);
			if (['settings', 'silent', 'history'].includes(name)) await page.goto(`${s.url}/#/${name}`);
			if (name === 'wide') await page.locator('.storm-members, button:has-text("Vis 6")').first().click();
			if (name === 'close' && lang === 'nb') {
				await page.locator('#panel .steps-bar button', { hasText: /Avslutt/ }).click();
				await page.waitForTimeout(200);
				await page.locator('#step-form button[type=submit]').click();
			}
			if (name.startsWith('lost')) {
				await s.stop();
				await page.waitForSelector('#lost-banner', { timeout: 40000 });
			}
		}
		await page.waitForTimeout(800);
		await page.mouse.move(0, 0);
		await page.screenshot({ path: `${out}/console-${name}-${lang}.png` });
		await page.close();
		if (!name.startsWith('lost')) await s.stop();
	}
await browser.close();
