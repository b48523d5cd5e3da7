// SPDX-License-Identifier: EUPL-1.2
// Two people, one in bokmål and one in nynorsk, take turns: one takes and closes an alarm in her browser,
// the other must see each step within a second. Prints TAP lines.
//
//   browser.mjs URL PASSWORD USER_NB USER_NN ALARMS
import { createRequire } from 'node:module';
import path from 'node:path';
const require = createRequire(path.join(process.cwd(), 'package.json'));
const { chromium } = require('playwright-core');

const [url, password, nb, nn, alarms] = process.argv.slice(2);
const words = { nb: { take: 'Motta', close: 'Avslutt', sound: 'Slå på lyd' }, nn: { take: 'Ta imot', close: 'Avslutt' } };
let n = 0;
const tell = (good, name) => console.log(`${good ? 'ok' : 'not ok'} ${++n} - ${name}`);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu',
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
async function person(user, language) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  page.problems = [];
  page.on('pageerror', (e) => page.problems.push(e.message));
  page.on('console', (m) => { if (/Content Security|Refused/.test(m.text())) page.problems.push(m.text()); });
  await page.goto(url);
  await page.fill('input[autocomplete=username]', user);
  await page.fill('input[type=password]', password);
  await page.keyboard.press('Enter');
  await page.locator('.list-pane [data-alarm]').first().waitFor();
  return { page, language, user };
}
const a = await person(nb, 'nb'), b = await person(nn, 'nn');
tell(await a.page.evaluate(() => document.documentElement.lang) === 'nb', 'the first console speaks bokmål');
tell(await b.page.evaluate(() => document.documentElement.lang) === 'nn', 'the second console speaks nynorsk');

for (let i = 0; i < Number(alarms); i++) {
  const [me, other] = i % 2 ? [b, a] : [a, b];
  const w = words[me.language];
  const waiting = me.page.locator('.list-pane .row.waits').first();
  await waiting.waitFor();
  const id = await waiting.getAttribute('data-alarm');
  const at = (p) => p.locator(`.list-pane [data-alarm="${id}"]`).first();
  const before = await at(other.page).locator('.handling').first().innerText();
  await at(me.page).getByRole('button', { name: w.take, exact: true }).click();
  const t0 = Date.now();
  await other.page.waitForFunction(([i2, old]) => {
    const e = document.querySelector(`.list-pane [data-alarm="${i2}"] .handling`);
    return !e || e.innerText !== old;
  }, [id, before], { timeout: 5000, polling: 20 });
  const took = Date.now() - t0;
  await at(me.page).locator('[data-open]').click();
  await me.page.locator('#panel .steps-bar').getByRole('button', { name: w.close, exact: true }).click();
  await me.page.locator('#outcome-helped').check();
  const note = me.page.locator('#step-form textarea');
  if (await note.count()) await note.first().fill('Prøve: snakket med personen.');
  await me.page.locator('#step-form button[type=submit]').click();
  await other.page.waitForFunction((i2) => !document.querySelector(`.list-pane .row.waits[data-alarm="${i2}"]`) &&
    !document.querySelector(`.list-pane .alarms > li [data-alarm="${i2}"]:not(.closed)`), id, { timeout: 6000, polling: 50 }).catch(() => {});
  tell(took < 1000, `alarm ${i + 1}: taken and closed in ${me.language}, the other saw it after ${took} ms`);
}
tell(a.page.problems.length === 0 && b.page.problems.length === 0, 'no script error, nothing against the content policy');
if (a.page.problems.length + b.page.problems.length) console.log(JSON.stringify([a.page.problems, b.page.problems]).slice(0, 800));
await browser.close();
