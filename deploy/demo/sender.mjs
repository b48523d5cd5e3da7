// SPDX-License-Identifier: EUPL-1.2
// Real clients for the demo: an MQTT client for each gateway that holds a connection (a
// municipality's base with its Zigbee2MQTT, Z-Wave JS UI and the like; what its GPS watches come
// through), webhooks for the platforms that call an address, a SIP unit for each social alarm. What
// the devices say is invented (src/sim/phrase_*.c); how they say it is what these platforms send.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { certificate, credentials, Door } from './lib.mjs';
import { Unit } from './sip.mjs';

const basic = (g) => `Basic ${Buffer.from(`${g.user}:${g.password}`).toString('base64')}`;

export class Region {
	constructor(state, port) {
		const c = credentials(state);
		this.state = state;
		this.port = Number(port);
		this.door = new Door(state, port);
		this.gateways = new Map(c.gateways.map((g) => [g.user, g]));
		this.devices = c.devices;
		this.clients = new Map();
		this.units = new Map();
		this.count = 0;
		this.counters = join(state, 'demo-counters.json');
		// Each device counts its messages, over restarts too: a gap would be messages lost.
		const told = existsSync(this.counters) ? JSON.parse(readFileSync(this.counters, 'utf8')) : {};
		for (const d of this.devices) d.told = Math.max(d.told, told[d.number] ?? 0);
	}

	// One connection per MQTT gateway, as a bridge would hold it: persistent, with a will.
	async connect(user, options = {}) {
		const g = this.gateways.get(user);
		const client = mqtt.connect(`mqtts://localhost:${this.port + 1}`, {
			ca: certificate(this.state), username: g.user, password: g.password,
			clientId: `${g.user}-bridge`, clean: false, protocolVersion: 5, keepalive: 30,
			properties: { sessionExpiryInterval: 3600 }, reconnectPeriod: 2000,
			...(g.families.includes('zigbee2mqtt') &&
				{ will: { topic: 'zigbee2mqtt/bridge/state', payload: '{"state":"offline"}', qos: 1, retain: true } }),
			...options,
		});
		await new Promise((done, failed) => {
			client.once('connect', done);
			client.once('error', failed);
		});
		this.clients.set(user, client);
		return client;
	}

	// Those that hold a connection.
	standing() {
		return [...this.gateways.values()].filter((g) => g.door === 'mqtt');
	}

	of(user) {
		return this.devices.filter((d) => d.gateway === user);
	}

	async publish(user, topic, body, options = {}) {
		const text = typeof body === 'string' ? body : JSON.stringify(body);
		await this.clients.get(user).publishAsync(topic, text, { qos: 1, ...options });
		this.count++;
	}

	// A platform that can send no header has its credential in the address.
	async hook(user, family, path, body, type) {
		const g = this.gateways.get(user), keyed = g.door === 'webhook-key';
		const a = await this.door.ask('POST', `/hook/${family}${keyed ? `/key/${g.user}/${g.password}` : ''}${path}`, {
			headers: { 'Content-Type': type, ...(keyed ? {} : { Authorization: basic(g) }) }, body,
		});
		if (a.status !== 204 && a.status !== 200) throw new Error(`/hook/${family}: ${a.status} ${JSON.stringify(a.body)}`);
		this.count++;
	}

	// A social alarm stays registered; many share their municipality's account.
	async sip(d, body) {
		const { user, password } = this.gateways.get(d.gateway);
		if (!this.units.has(d.identity))
			this.units.set(d.identity, new Unit({
				port: this.port + 2, ca: certificate(this.state), user, password, cid: d.identity,
			}));
		await this.units.get(d.identity).send(body);
		this.count++;
	}

	// What a Zigbee2MQTT bridge tells when it starts (a friendly name is what the installer gave), and
	// what others say first.
	async announce(user) {
		if (this.gateways.get(user).families.includes('zigbee2mqtt')) {
			const devices = this.of(user).filter((d) => d.family === 'zigbee2mqtt').map((d) => ({
				ieee_address: d.identity, friendly_name: d.name, type: 'EndDevice', supported: true,
				interview_completed: true, interview_state: 'SUCCESSFUL',
				definition: { vendor: d.vendor, model: d.model, description: d.purpose, exposes: [] },
			}));
			await this.publish(user, 'zigbee2mqtt/bridge/state', { state: 'online' }, { retain: true });
			await this.publish(user, 'zigbee2mqtt/bridge/devices', devices, { retain: true });
		}
		for (const d of this.of(user).filter((d) => d.says.announce)) {
			const { topic, body } = d.says.announce;
			await this.publish(user, this.fill(d, topic), this.fill(d, body), { retain: true });
		}
	}

	// A person's values lie close together: the name decides about where.
	value(d) {
		const span = d.to - d.from, own = [...d.identity].reduce((n, c) => n * 31 + c.charCodeAt(0), 7) % 1000 / 1000;
		return Math.round(d.from + span * (own * 0.7 + Math.random() * 0.3));
	}

	// The region's file holds what every device says, in its platform's words, with places to fill.
	fill(d, text, v = this.value(d)) {
		const now = new Date();
		const places = {
			id: d.friendly ?? d.identity, tail: d.identity.split('/').pop(), name: d.name, vendor: d.vendor,
			model: d.model, number: d.number, n: d.told % 65536, uuid: randomUUID(), lat: d.lat.toFixed(5),
			lon: d.lon.toFixed(5), v, w: Math.floor(v * 3 / 5), battery: d.battery,
			t: now.toISOString(), s: Math.floor(now / 1000), ms: Number(now),
		};
		return text.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
	}

	// One device says one thing: that it is 'alive', 'on' or 'off', what it is there for ('call'), or
	// that this is over ('calm'). false: it has no such words.
	async say(d, what) {
		const line = d.says[what];
		if (!line) return false;
		d.told++;
		// A friendly name is what the installer gave: Zigbee2MQTT's topics bear it.
		const by = d.family === 'zigbee2mqtt' ? { ...d, friendly: d.name } : d;
		const topic = this.fill(by, line.topic ?? ''), body = this.fill(d, line.body);
		if (this.gateways.get(d.gateway).door === 'sip') await this.sip(d, body);
		else if (d.content_type) await this.hook(d.gateway, d.family, topic, body, d.content_type);
		else await this.publish(d.gateway, topic, body);
		return true;
	}

	save() {
		writeFileSync(this.counters, JSON.stringify(Object.fromEntries(this.devices.map((d) => [d.number, d.told]))));
	}

	async close() {
		this.save();
		for (const u of this.units.values()) u.close();
		await Promise.all([...this.clients.values()].map((c) => c.endAsync()));
		this.door.agent.destroy();
	}
}
