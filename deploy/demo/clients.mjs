// SPDX-License-Identifier: EUPL-1.2
// clients.mjs --state DIR --port N [--alarm-seconds 150]
// Keeps a demo alive until it is ended: every device is heard from now and then, and about every
// third minute somebody somewhere needs something.
import { options, sleep } from './lib.mjs';
import { Region } from './sender.mjs';

const o = options();
const region = new Region(o.state, o.port);
const pause_ms = Number(o['alarm-seconds'] ?? 150) * 1000;
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const say = (text) => console.log(`${new Date().toISOString()} ${text}`);
let on = true;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
	process.once(signal, async () => {
		on = false;
		await Promise.race([region.close(), sleep(1500)]);
		process.exit(0);
	});

// A busy or restarting hub is waited for, as a gateway would.
async function patiently(what, work) {
	for (let wait = 1000; on; wait = Math.min(wait * 2, 15000)) {
		try {
			return await work();
		} catch (e) {
			say(`${what}: ${e.message}; again in ${wait / 1000} s`);
			await sleep(wait);
		}
	}
}

async function everybodySaysHello() {
	for (const d of region.devices) if (on) await patiently(d.name, () => region.say(d, 'alive'));
}

async function routine() {
	while (on) {
		const d = pick(region.devices);
		// Doors, beds and the like: something happens. Out of the bed and in again, not the other way.
		const acts = { door: ['on', 'off'], bed: ['off', 'on'], lock: ['on', 'off'], motion: ['on', 'off'] }[d.purpose];
		for (const what of acts ?? ['alive']) await patiently(d.name, () => region.say(d, what));
		await sleep(1500 + Math.random() * 2000);
	}
}

// Most days it is a button; sometimes a fall, a dose not taken, somebody on their way out of the
// village, water on a floor, a lock that stalls.
async function trouble() {
	const weights = { sos: 6, medication: 3, fall: 2, geofence: 2, water_leak: 1, smoke: 0.3, lock: 0.3 };
	await sleep(5000);
	while (on) {
		const d = pick(region.devices.filter((d) => d.says.call && Math.random() < (weights[d.purpose] ?? 0) / 6));
		if (d) {
			say(`${d.name} (${d.gateway}): ${d.purpose}`);
			await patiently(d.name, () => region.say(d, 'call'));
			if (d.purpose !== 'medication') {
				await sleep(20000);
				await patiently(d.name, () => region.say(d, 'calm'));
			}
		}
		await sleep(pause_ms * (0.5 + Math.random()));
	}
}

for (const g of region.standing()) {
	const c = await patiently(g.user, () => region.connect(g.user));
	c?.on('error', (e) => say(`${g.user}: ${e.message}`));
	c?.on('connect', () => region.announce(g.user).catch((e) => say(`${g.user}: ${e.message}`)));
	await patiently(g.user, () => region.announce(g.user));
}
say(`${region.clients.size} gateways connected`);
await everybodySaysHello();
say(`${region.devices.length} devices heard`);
setInterval(() => {
	region.save();
	say(`${region.count} messages acknowledged`);
}, 60000).unref();
await Promise.all([routine(), trouble()]);
