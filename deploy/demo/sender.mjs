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
		for (const d of this.of(user).filter((d) => d.family === 'homeassistant'))
			await this.publish(user, `homeassistant/binary_sensor/${d.identity}/config`, {
				name: d.name, device_class: 'motion', unique_id: d.identity,
				state_topic: `homeassistant/binary_sensor/${d.identity}/state`,
			}, { retain: true });
	}

	// One device says one thing: 'alive', or its alarm ('call'), or that it is over ('calm').
	async say(d, what) {
		const base = { battery: 55 + (this.frame % 40), linkquality: 90 + (this.count % 60) };
		if (d.family === 'zigbee2mqtt')
			return this.publish(d.gateway, `zigbee2mqtt/${d.name}`, { ...zigbee(d, what), ...base });
		if (d.family === 'homeassistant')
			return this.publish(d.gateway, `homeassistant/binary_sensor/${d.identity}/state`, what === 'alive' ? 'OFF' : 'ON');
		if (d.family === 'varde')
			return this.publish(d.gateway, `varde/${d.identity}`, own(d, what, ++this.frame));
		const uplink = d.family === 'thethingsstack' ? theThingsStack : chirpStack;
		const path = d.family === 'thethingsstack' ? '/hook/thethingsstack/up' : '/hook/chirpstack?event=up';
		return this.hook(d.gateway, path, uplink(d, ++this.frame, fields(d, what)));
	}

	async close() {
		await Promise.all([...this.clients.values()].map((c) => c.endAsync()));
		this.door.agent.destroy();
	}
}

function zigbee(d, what) {
	const on = what === 'call';
	switch (d.purpose) {
	case 'sos': return { action: on ? 'emergency' : null };
	case 'fall': return { fall_status: on ? 'fall_alarm' : 'normal', occupancy: on };
	case 'smoke': return { smoke: on };
	case 'door': return { contact: !on };
	default: return {};
	}
}

function own(d, what, n) {
	const event = { device: d.identity, id: `${d.identity}-${n}` };
	if (d.purpose === 'medication')
		return { ...event, kind: 'medication', state: what === 'call' ? 'not_taken' : 'taken' };
	if (d.purpose === 'bed') return { ...event, kind: 'bed', state: what === 'call' ? 'out' : 'in' };
	return { ...event, kind: 'supervision', state: what === 'call' ? 'started' : 'planned' };
}

const fields = (d, what) =>
	d.purpose === 'door'
		? { door: what === 'call' ? 'open' : 'close' }
		: { leakage_status: what === 'call' ? 'leak' : 'normal' };

const theThingsStack = (d, n, decoded) => ({
	end_device_ids: { device_id: `eui-${d.identity.toLowerCase()}`, dev_eui: d.identity, dev_addr: '260B0D0D' },
	received_at: new Date().toISOString(),
	uplink_message: {
		f_cnt: n % 65536, f_port: 85, frm_payload: Buffer.from(String(n)).toString('base64'),
		decoded_payload: decoded, rx_metadata: [{ rssi: -92 }],
		version_ids: { brand_id: d.vendor, model_id: d.model },
	},
});

const chirpStack = (d, n, object) => ({
	deduplicationId: `demo-${d.identity}-${n}`, time: new Date().toISOString(), devAddr: '010d0d0d',
	fCnt: n % 65536, fPort: 85, data: Buffer.from(String(n)).toString('base64'),
	deviceInfo: { devEui: d.identity, deviceProfileName: `${d.vendor} ${d.model}` },
	object, rxInfo: [{ rssi: -88 }],
});
