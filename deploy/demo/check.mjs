// SPDX-License-Identifier: EUPL-1.2
// check.mjs --state DIR --port N --varde PROGRAM
// A button pressed at a Zigbee2MQTT gateway, a social alarm over SIP and water reported by ChirpStack
// become alarms on the live feed of two people's consoles; each takes and closes one while the other sees it; the day's
// report has them. Every device of the region speaks, and each family this varde knows has been
// heard. A line "families {...}" tells how many of each, the last line what was seen; exit 1 with a
// sentence when anything was not.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, Door, options, Person, until } from './lib.mjs';
import { Region } from './sender.mjs';

const o = options();
const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo' }).format(new Date());
const region = new Region(o.state, o.port);
const LOM = 3434;

function require(good, text) {
	if (!good) throw new Error(text);
}

// Today's count of one kind of alarm in a municipality, out of the CSV the report made.
function reported(kind) {
	const out = mkdtempSync(join(tmpdir(), 'varde-check-'));
	try {
		execFileSync(o.varde, ['report', 'build', '--date', today, '--db', join(o.state, 'varde.db'), '--out', out],
			{ stdio: ['ignore', 'ignore', 'pipe'] });
		const rows = readFileSync(join(out, today, `${LOM}-data.csv`), 'utf8').split('\n').map((l) => l.split(','));
		const row = rows.find((r) => r[2] === 'day' && r[3] === 'alarms_of_kind' && r[4] === kind);
		require(readFileSync(join(out, today, `${LOM}.html`), 'utf8').includes('</html>'), 'the HTML report is not whole');
		return row ? Number(row[5]) : 0;
	} finally {
		rmSync(out, { recursive: true });
	}
}

async function person(user) {
	const p = credentials(o.state).staff.find((s) => s.user === user);
	return (await new Person(new Door(o.state, o.port)).signIn(p.user, p.password)).live();
}

// The device calls; how long until both consoles show that: a new alarm, or a count on an open one.
async function call(device, anne, berit) {
	const versions = [anne, berit].map((p) => new Map([...p.alarms.values()].map((a) => [a.id, a.version])));
	const seen = (p, i) => [...p.alarms.values()].find((a) => a.device?.name === device.name &&
		a.handling !== 'closed' && a.version > (versions[i].get(a.id) ?? 0));
	const at = Date.now();
	await region.say(device, 'call');
	const acknowledged_ms = Date.now() - at;
	const alarm = await until(`the alarm of ${device.name} on the first console`, 5000, () => seen(anne, 0));
	await until(`the alarm of ${device.name} on the second console`, 5000, () => seen(berit, 1));
	return { alarm, acknowledged_ms, shown_ms: Date.now() - at };
}

// One takes and closes it, the other sees both. What has ended by itself closes as it is taken.
async function handle(alarm, taker, other) {
	const now = (p) => p.alarms.get(alarm.id);
	const ended = now(taker).condition === 'returned';
	const taken = now(taker).allowed.includes('acknowledge') ? await taker.step(now(taker), 'acknowledge') : now(taker);
	await until('the other console to show who took it', 1000, () => now(other).owner && now(other).version >= taken.version);
	if (!ended) await taker.step(taken, 'close', { outcome: 'helped', note: 'Demo: personen er hjulpet.' });
	await until('both consoles to show it closed', 1000, () =>
		[taker, other].every((p) => now(p).handling === 'closed'));
}

// Every gateway lets its devices speak, one after another, all at the same time.
async function everybodySpeaks() {
	for (const g of region.standing()) {
		await region.connect(g.user);
		await region.announce(g.user);
	}
	await Promise.all([...region.gateways.keys()].map(async (user) => {
		for (const d of region.of(user)) await region.say(d, 'alive');
	}));
}

// What the technician's list tells of the families since a moment: { family: devices heard }.
async function heardSince(began) {
	const p = credentials(o.state).staff.find((s) => s.user === 'tekniker');
	const tech = await new Person(new Door(o.state, o.port)).signIn(p.user, p.password);
	const { devices } = await tech.get('/api/v1/devices');
	const help = execFileSync(o.varde, ['decode', '--help'], { encoding: 'utf8' });
	const known = /^Platforms: (.*)\.$/m.exec(help)?.[1].split(' ') ?? [];
	require(known.length > 0, 'varde decode --help names no platforms');
	const count = Object.fromEntries(known.map((family) => [family, 0]));
	for (const d of devices) if (Date.parse(d.last_heard) >= began) count[d.family]++;
	console.log(`families ${JSON.stringify(count)}`);
	const missing = known.filter((family) => !count[family]);
	require(!missing.length, `no device was heard of: ${missing.join(', ')}`);
	require(devices.some((d) => d.lifecycle === 'heard'), 'nothing waits to be placed');
	return { count, waiting: devices.filter((d) => d.lifecycle === 'heard').length };
}

const open = (device, p) =>
	[...p.alarms.values()].find((a) => a.device?.name === device.name && a.handling !== 'closed');

// A device nobody waits for; the demo may have been left with alarms standing.
async function calm(devices, p, other) {
	const quiet = devices.find((d) => !open(d, p));
	if (quiet || !devices.length) return quiet;
	await handle(open(devices[0], p), p, other);
	return devices[0];
}

try {
	const page = await region.door.ask('GET', '/');
	require(page.status === 200 && /<html/.test(page.body), `the console's page: ${page.status}`);
	require(/default-src 'none'|default-src 'self'/.test(page.headers['content-security-policy'] ?? ''), 'the console has no content policy');
	const before = { sos: reported('sos'), water_leak: reported('water_leak') };
	const anne = await person('nattevakt1'), berit = await person('nattevakt2');
	const base = [...region.gateways.values()].find((g) => g.municipality === LOM && g.families.includes('zigbee2mqtt'));
	const began = Date.now();
	await everybodySpeaks();
	const heard = await heardSince(began);
	const button = await calm(region.of(base.user).filter((d) => d.family === 'zigbee2mqtt' && d.purpose === 'sos'), anne, berit);
	const water = await calm(region.devices.filter((d) =>
		d.purpose === 'water_leak' && region.gateways.get(d.gateway).municipality === LOM), berit, anne);
	await region.say(button, 'alive');
	const pressed = await call(button, anne, berit);
	await handle(pressed.alarm, anne, berit);
	const unit = await calm(region.devices.filter((d) =>
		d.family === 'scaip' && region.gateways.get(d.gateway).municipality === LOM), anne, berit);
	const social = await call(unit, anne, berit); // the receiver has told the unit that it has the alarm
	await handle(social.alarm, berit, anne);
	if (water) {
		await region.say(water, 'calm');
		const leak = await call(water, anne, berit);
		await region.say(water, 'calm');
		await until('the consoles to show the floor dry', 2000, () => anne.alarms.get(leak.alarm.id).condition === 'returned');
		await handle(leak.alarm, berit, anne);
	}
	const after = { sos: reported('sos'), water_leak: reported('water_leak') };
	require(after.sos === before.sos + 2, `the report of ${today} counts ${after.sos} calls in Lom after ${before.sos}`);
	if (water) require(after.water_leak === before.water_leak + 1, `the report counts ${after.water_leak} leaks after ${before.water_leak}`);
	const sum = Object.values(heard.count).reduce((a, b) => a + b, 0);
	console.log(`acknowledged after ${pressed.acknowledged_ms} ms, on both consoles after ${pressed.shown_ms} ms, ` +
		`taken and closed by two people who saw each other's steps; ${today}: ${after.sos} call(s)${water ? `, ${after.water_leak} leak(s)` : ''} in Lom's report; ` +
		`${sum} devices of ${Object.keys(heard.count).length} families heard, ${heard.waiting} wait to be placed`);
	for (const p of [anne, berit]) p.ws.close();
	await region.close();
	process.exit(0);
} catch (e) {
	await region.close().catch(() => {}); // as a bridge that is stopped, not one that died
	console.error(e.message);
	process.exit(1);
}
