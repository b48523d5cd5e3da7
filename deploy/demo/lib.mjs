// SPDX-License-Identifier: EUPL-1.2
// What the demo's scripts share: arguments, the demo's people and gateways, HTTPS against the
// certificate that varde made for itself, a signed-in person, the live feed.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { WebSocket } from 'ws';

// --name value pairs, and flags without a value.
export function options(argv = process.argv.slice(2)) {
	const o = {};
	for (let i = 0; i < argv.length; i++) {
		const name = argv[i].replace(/^--/, '');
		o[name] = argv[i + 1] === undefined || argv[i + 1].startsWith('--') ? true : argv[++i];
	}
	return o;
}

export const credentials = (state) =>
	JSON.parse(readFileSync(join(state, 'demo-credentials.json'), 'utf8'));

export const certificate = (state) => readFileSync(join(state, 'tls', 'cert.pem'));

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Waits for something to become true; tells what it waited for when it does not.
export async function until(what, limit_ms, probe) {
	const end = Date.now() + limit_ms;
	for (;;) {
		const value = await probe();
		if (value) return value;
		if (Date.now() > end) throw new Error(`waited ${limit_ms / 1000} s for ${what}`);
		await sleep(50);
	}
}

export class Door {
	constructor(state, port) {
		this.port = Number(port);
		this.ca = certificate(state);
		this.agent = new https.Agent({ ca: this.ca, keepAlive: true });
	}

	// { status, headers, body } ; body parsed when it is JSON.
	ask(method, path, { headers = {}, body, timeout_ms = 10000 } = {}) {
		const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
		return new Promise((done, failed) => {
			const q = https.request(
				{
					host: 'localhost', port: this.port, path, method, agent: this.agent,
					headers: {
						...(text === undefined
							? {}
							: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
						...headers,
					},
				},
				(a) => {
					const parts = [];
					a.on('data', (d) => parts.push(d));
					a.on('end', () => {
						const raw = Buffer.concat(parts).toString();
						let value = raw;
						if (/json/.test(a.headers['content-type'] ?? '') && raw) value = JSON.parse(raw);
						done({ status: a.statusCode, headers: a.headers, body: value });
					});
				},
			);
			q.setTimeout(timeout_ms, () => q.destroy(new Error(`${path}: no answer in ${timeout_ms} ms`)));
			q.on('error', failed);
			q.end(text);
		});
	}
}

export class Person {
	constructor(door) {
		this.door = door;
	}

	async signIn(user, password) {
		const a = await this.door.ask('POST', '/api/v1/session', { body: { user, password } });
		if (a.status !== 200) throw new Error(`${user} cannot sign in: ${a.status} ${JSON.stringify(a.body)}`);
		this.cookie = (a.headers['set-cookie'] ?? []).map((c) => c.split(';')[0]).join('; ');
		this.session = a.body;
		return this;
	}

	get origin() {
		return `https://localhost:${this.door.port}`;
	}

	async get(path) {
		const a = await this.door.ask('GET', path, { headers: { Cookie: this.cookie } });
		if (a.status !== 200) throw new Error(`GET ${path}: ${a.status} ${JSON.stringify(a.body)}`);
		return a.body;
	}

	// One step on an alarm, against the version this person sees.
	async step(alarm, step, more = {}) {
		const a = await this.door.ask('POST', `/api/v1/alarms/${alarm.id}/steps`, {
			headers: { Cookie: this.cookie, 'X-Varde-CSRF': this.session.csrf, Origin: this.origin },
			body: { step, version: alarm.version, ...more },
		});
		if (a.status !== 200) throw new Error(`${step}: ${a.status} ${JSON.stringify(a.body)}`);
		return a.body;
	}

	// Follows the live feed; this.alarms holds every alarm by id as the console would show it.
	live() {
		this.alarms = new Map();
		this.changes = [];
		return new Promise((done, failed) => {
			const ws = new WebSocket(`wss://localhost:${this.door.port}/api/v1/live`, 'varde.live.1', {
				ca: this.door.ca, origin: this.origin, headers: { Cookie: this.cookie },
			});
			this.ws = ws;
			ws.on('open', () => ws.send(JSON.stringify({ type: 'hello', epoch: '', seq: 0 })));
			ws.on('error', failed);
			ws.on('message', (data) => {
				const m = JSON.parse(data);
				const changes = m.type === 'changes' ? m.list : m.type === 'change' ? [m] : [];
				for (const a of m.type === 'snapshot' ? m.alarms : []) this.alarms.set(a.id, a);
				for (const c of changes) {
					this.alarms.set(c.alarm.id, c.alarm);
					this.changes.push(c);
				}
				if (m.type === 'snapshot') done(this);
				if (m.type === 'beat') ws.send(JSON.stringify({ type: 'here' }));
			});
		});
	}
}
