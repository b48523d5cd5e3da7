// SPDX-License-Identifier: EUPL-1.2
// Presses call buttons of a gateway, each once, and prints how many ms each took to a console's live
// feed: {"ms":[...],"flags":[...of the last alarm]}.
//
//   calls.mjs MQTT_PORT BASE COOKIE USER COUNT      USER: calm | bench | clock (calm, with a wrong clock)
import { createRequire } from 'node:module';
import path from 'node:path';
const require = createRequire(path.join(process.cwd(), 'package.json'));
const mqtt = require('mqtt'), { WebSocket } = require('ws');

const [port, base, cookie, who, count] = process.argv.slice(2);
const user = who === 'clock' ? 'calm' : who, name = user === 'calm' ? 'calm' : 'loud';
const first = who === 'clock' ? 30 : 0;
const seen = new Map();
let tell = () => {};
const ws = new WebSocket(`${base.replace('http', 'ws')}/api/v1/live`, 'varde.live.1', { origin: base, headers: { Cookie: cookie } });
await new Promise((done, failed) => {
	ws.on('error', failed);
	ws.on('open', () => ws.send(JSON.stringify({ type: 'hello', epoch: '', seq: 0 })));
	ws.on('message', (data) => {
		const m = JSON.parse(data);
		if (m.type === 'snapshot') done();
		if (m.type === 'beat') ws.send(JSON.stringify({ type: 'here' }));
		for (const c of m.type === 'changes' ? m.list : m.type === 'change' ? [m] : [])
			if (c.alarm.kind === 'sos' && c.alarm.device) seen.set(c.alarm.device.name, c.alarm), tell();
	});
});
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username: user, password: user, protocolVersion: 5, clientId: `calls-${who}-${Date.now()}` });
await new Promise((done, failed) => client.once('connect', done).once('error', failed));
const ms = [];
let flags;
for (let i = first; i < first + Number(count); i++) {
	const device = `${name}-${i}`;
	const event = { device, kind: 'sos', state: 'on', id: `${device}-${Date.now()}` };
	if (who === 'clock') event.time = new Date(Date.now() - 3 * 86400000).toISOString();
	const began = performance.now();
	client.publish(`varde/${device}`, JSON.stringify(event), { qos: 1 });
	await new Promise((done) => {
		const limit = setTimeout(done, 5000);
		tell = () => seen.has(device) && (clearTimeout(limit), done());
		tell();
	});
	if (!seen.has(device)) break;
	ms.push(Math.round(performance.now() - began));
	flags = seen.get(device).flags;
	await new Promise((done) => setTimeout(done, 300));
}
console.log(JSON.stringify({ ms, flags }));
process.exit(0);
