// SPDX-License-Identifier: EUPL-1.2
// What the browser tests share: Debian's Chromium, a built console, a server (the stand-in, or the
// real one named by VARDE_URL), and signed-in pages that count their own faults.
//
// Against a real hub: VARDE_URL=https://127.0.0.1:8443, VARDE_USERS=anne:secret,ola:secret (the first
// reads bokmål, the second nynorsk, both may handle alarms), VARDE_RAISE= a shell command that makes
// one care alarm, called with kind and state as $1 and $2. VARDE_STOP, VARDE_START (shell commands)
// let it be killed and started. Tests that need what is not given are skipped and say so.
import { chromium } from 'playwright-core';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FakeServer, users as fakeUsers } from './fake-server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
export const consoleDir = join(here, '../../src/console');
export const root = join(here, '../..');
const run = promisify(execFile);

/* QUIC off and no component updates: nothing here may talk to the outside. Sound is allowed to run
 * or not by the browser's own rule, which is what the sound tests are about. */
export const launch = (type = chromium) =>
	type.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
			'--disable-sync', '--disable-dev-shm-usage', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
		ignoreDefaultArgs: ['--autoplay-policy=user-gesture-required'],
	});

let built = '';
/** The console's folder: VARDE_CONSOLE, or built now. */
export function dist() {
	if (process.env.VARDE_CONSOLE) return process.env.VARDE_CONSOLE;
	if (built) return built;
	if (!existsSync(join(consoleDir, 'node_modules')))
		execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: consoleDir, stdio: 'inherit' });
	built = mkdtempSync(join(tmpdir(), 'varde-console-'));
	process.on('exit', () => rmSync(built, { recursive: true, force: true }));
	execFileSync(process.execPath, [join(consoleDir, 'build.mjs'), built], { stdio: ['ignore', 'ignore', 'inherit'] });
	return built;
}

const shell = (line, ...args) => run('sh', ['-c', line, 'sh', ...args]);

/** The real hub behind the same few verbs; `can` says which it has. */
class RealServer {
	constructor() {
		this.url = process.env.VARDE_URL.replace(/\/$/, '');
		this.can = { raise: !!process.env.VARDE_RAISE, stop: !!process.env.VARDE_STOP && !!process.env.VARDE_START, control: false };
		const [a, b] = (process.env.VARDE_USERS ?? '').split(',').map((u) => u.split(':'));
		this.users = { nb: { user: a[0], password: a[1] }, nn: { user: b[0], password: b[1] } };
	}
	async raise({ kind = 'fall', state = 'confirmed' } = {}) {
		await shell(`${process.env.VARDE_RAISE} "$@"`, kind, state);
	}
	stop = () => shell(process.env.VARDE_STOP);
	start = () => shell(process.env.VARDE_START);
	async end() {}
}

export const real = !!process.env.VARDE_URL;

export async function server(options = {}) {
	if (real) return new RealServer();
	const s = await new FakeServer({ dist: dist(), ...options }).start();
	s.can = { raise: true, stop: true, control: true };
	s.users = fakeUsers;
	s.end = () => s.stop().catch(() => {});
	return s;
}

/** A page that remembers every CSP violation, page error and console error it had. */
export async function open(browser, s, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1366, height: 820 }, ignoreHTTPSErrors: true, ...options });
	context.setDefaultTimeout(8000);
	const page = await context.newPage();
	page.faults = [];
	page.on('pageerror', (e) => page.faults.push(`page error: ${e.message}`));
	page.on('console', (m) => /Content Security Policy|TrustedScript/.test(m.text()) && page.faults.push(m.text()));
	await page.addInitScript(() => {
		globalThis.violations = [];
		document.addEventListener('securitypolicyviolation', (e) => globalThis.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
		// Bursts are counted at the oscillators: headless Chromium is mute, but the schedule is real.
		globalThis.pulses = [];
		const start = OscillatorNode.prototype.start;
		OscillatorNode.prototype.start = function (at) {
			globalThis.pulses.push({ at, hz: this.frequency.value });
			return start.call(this, at);
		};
	});
	await page.goto(s.url);
	return page;
}

export async function signIn(page, { user, password }) {
	await page.fill('#user', user);
	await page.fill('#password', password);
	await page.click('.signin-form button[type=submit]');
	await page.waitForSelector('.conn-ok');
}

export async function open2(browser, s, options) {
	const a = await open(browser, s, options);
	const b = await open(browser, s, options);
	await signIn(a, s.users.nb);
	await signIn(b, s.users.nn);
	return [a, b];
}

const axeSource = readFileSync(join(here, '../node_modules/axe-core/axe.min.js'), 'utf8');

/** Accessibility faults of the page as it stands, one line each. */
export async function axe(page) {
	// The page's own policy forbids injected script; axe goes in through the debugger, as a tool does.
	await page.evaluate(axeSource);
	return page.evaluate(async () => {
		const r = await globalThis.axe.run(document, {
			runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
		});
		return r.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary?.split('\n')[1] ?? ''}`));
	});
}

export const faults = async (page) => [...page.faults, ...(await page.evaluate(() => globalThis.violations))];
export const row = (page, a) => page.locator(`.list-pane [data-alarm="${a.id}"]`);
