// SPDX-License-Identifier: EUPL-1.2
// Real clients for the demo: one MQTT client per municipality speaks as its Zigbee2MQTT, Home
// Assistant and integrator gateway, webhooks speak as The Things Stack and ChirpStack. What the
// devices say is invented here; how they say it is what these platforms send.
import mqtt from 'mqtt';
import { certificate, credentials, Door } from './lib.mjs';

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
		this.count = 0;
		this.frame = Math.floor(Date.now() / 100); // a frame counter that also grows over restarts
	}

	// One connection per MQTT gateway, as a bridge would hold it: persistent, with a will.
	async connect(user, options = {}) {
		const g = this.gateways.get(user);
		const client = mqtt.connect(`mqtts://localhost:${this.port + 1}`, {
			ca: certificate(this.state), username: g.user, password: g.password,
			clientId: `${g.user}-bridge`, clean: false, protocolVersion: 5, keepalive: 30,
			properties: { sessionExpiryInterval: 3600 }, reconnectPeriod: 2000,
			will: { topic: 'zigbee2mqtt/bridge/state', payload: '{"state":"offline"}', qos: 1, retain: true },
			...options,
		});
		await new Promise((done, failed) => {
			client.once('connect', done);
			client.once('error', failed);
		});
		this.clients.set(user, client);
		return client;
	}

	of(user) {
		return this.devices.filter((d) => d.gateway === user);
	}

	async publish(user, topic, body, options = {}) {
		const text = typeof body === 'string' ? body : JSON.stringify(body);
		await this.clients.get(user).publishAsync(topic, text, { qos: 1, ...options });
		this.count++;
	}

	async hook(user, path, body) {
		const a = await this.door.ask('POST', path, {
			headers: { Authorization: basic(this.gateways.get(user)) }, body,
		});
		if (a.status !== 204) throw new Error(`${path}: ${a.status} ${JSON.stringify(a.body)}`);
		this.count++;
	}

	// What a Zigbee2MQTT bridge tells when it starts; a friendly name is what the installer gave.
	async announce(user) {
		const devices = this.of(user).filter((d) => d.family === 'zigbee2mqtt').map((d) => ({
			ieee_address: d.identity, friendly_name: d.name, type: 'EndDevice', supported: true,
			interview_completed: true, interview_state: 'SUCCESSFUL',
			definition: { vendor: d.vendor, model: d.model, description: d.purpose, exposes: [] },
		}));
		await this.publish(user, 'zigbee2mqtt/bridge/state', { state: 'online' }, { retain: true });
		await this.publish(user, 'zigbee2mqtt/bridge/devices', devices, { retain: true });
		for (const d of this.of(user).filter((d) => d.announce))
			await this.publish(user, this.fill(d, d.announce_topic), this.fill(d, d.announce), { retain: true });
	}

	// The region's file holds what every device says, in its platform's words, with places to fill.
	fill(d, text) {
		const now = new Date();
		const places = {
			id: d.friendly ?? d.identity, name: d.name, vendor: d.vendor, model: d.model, n: this.frame % 65536,
			battery: 55 + (this.frame % 40), t: now.toISOString(), s: Math.floor(now / 1000), ms: Number(now),
		};
		return text.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
	}

	// One device says one thing: 'alive', or its alarm ('call'), or that it is over ('calm').
	async say(d, what) {
		this.frame++;
		// A friendly name is what the installer gave: Zigbee2MQTT's topics bear it.
		const by = d.family === 'zigbee2mqtt' ? { ...d, friendly: d.name } : d;
		const topic = this.fill(by, d.topic), body = this.fill(d, d[what]);
		return d.carrier === 'http' ? this.hook(d.gateway, `/hook/${d.family}${topic}`, body) : this.publish(d.gateway, topic, body);
	}

	async close() {
		await Promise.all([...this.clients.values()].map((c) => c.endAsync()));
		this.door.agent.destroy();
	}
}
