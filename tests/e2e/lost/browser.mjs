// SPDX-License-Identifier: EUPL-1.2
// One console, watched while its hub is frozen, comes back, and is killed and started again. Prints TAP
// lines, and asks its parent for what a page cannot do: "freeze", "thaw", "call N", "kill", "start";
// each is answered with a line.
//
//   browser.mjs URL PASSWORD USER
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
const require = createRequire(path.join(process.cwd(), 'package.json'));
const { chromium } = require('playwright-core');

const [url, password, user] = process.argv.slice(2);
const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ask = async (what) => {
	console.log(what);
	await answers.next();
};
let n = 0;
const tell = (good, name) => console.log(`${good ? 'ok' : 'not ok'} ${++n} - ${name}`);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu',
	'--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
const page = await (await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1366, height: 820 } })).newPage();
page.setDefaultTimeout(15000);
async function signIn() {
	await page.fill('input[autocomplete=username]', user);
	await page.fill('input[type=password]', password);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.conn-ok');
}
// Waits until the page says so; how many seconds it took since `began`.
const until = async (selector, began, limit_s) => {
	await page.waitForSelector(selector, { timeout: limit_s * 1000 }).catch(() => {});
	return (Date.now() - began) / 1000;
};
const seen = (selector) => page.locator(selector).count();
const blocked = () => page.locator('.list-pane .row.waits .c-act button').first().getAttribute('aria-disabled');

await page.goto(url);
await signIn();
await page.locator('.list-pane .row.waits').first().waitFor();
tell((await blocked()) === null, 'with contact the alarm can be taken');

await ask('freeze');
const began = Date.now();
const amber = await until('.conn-amber', began, 14);
tell(amber <= 10.5, `within ten seconds of silence it says that it connects anew (${amber.toFixed(1)} s)`);
const red = await until('.conn-red', began, 30);
tell(red > 15 && red <= 22, `after twenty the red banner (${red.toFixed(1)} s)`);
tell((await blocked()) === 'true', 'and the buttons are off');
const words = await page.locator('.banner.red').innerText();
console.log(words.replaceAll('\n', ' | '));
tell(/IKKJE|IKKE/.test(words) && /000 11 0\d\d/.test(words), 'it says that alarms do not come through, and whom to ring');
const before = await seen('.list-pane .row');
tell(before >= 1, 'what was known stays on the screen');

await ask('thaw');
const back = Date.now();
await ask('call 2');
await page.waitForFunction((old) => document.querySelectorAll('.list-pane .row').length > old && document.querySelector('.conn-ok'), before, { timeout: 15000 });
tell(Date.now() - back < 12000, `contact again by itself, with the alarm that came meanwhile (${((Date.now() - back) / 1000).toFixed(1)} s)`);
tell((await blocked()) === null, 'and the buttons are on again');

await ask('kill');
await until('.conn-amber, .conn-red', Date.now(), 25);
tell((await seen('.conn-amber, .conn-red')) === 1, 'a killed hub is noticed');
await ask('start');
await ask('call 3');
// Sessions die with the process: the page asks for the password again, then everything is there.
await page.waitForSelector('input[type=password], .conn-ok', { timeout: 30000 });
if (await seen('input[type=password]')) await signIn().catch(async () => {
	await page.fill('input[type=password]', password);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.conn-ok');
});
await page.waitForFunction(() => document.querySelectorAll('.list-pane .row').length >= 3);
tell((await seen('.list-pane .row')) >= 3, 'after the restart all three calls stand');
await browser.close();
process.exit(0);
