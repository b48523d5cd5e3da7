// SPDX-License-Identifier: EUPL-1.2
// Builds the console into a folder: node build.mjs OUTDIR. Needs only node and what `npm ci` put
// beside it. Same input, same bytes: names carry a hash of the content, nothing carries a date.
import { build } from 'esbuild';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] && resolve(process.argv[2]);
if (!out) {
	console.error('usage: node build.mjs OUTDIR');
	process.exit(64);
}

const entries = { console: 'main.js', ticker: 'ticker.js', style: 'css/index.css' };
await rm(join(out, 'assets'), { recursive: true, force: true });
await mkdir(join(out, 'assets'), { recursive: true });
const result = await build({
	absWorkingDir: here,
	entryPoints: Object.entries(entries).map(([o, i]) => ({ in: join(here, i), out: o })),
	outdir: join(out, 'assets'),
	entryNames: '[name]-[hash]',
	assetNames: '[name]-[hash]',
	bundle: true,
	minify: true,
	format: 'esm',
	target: ['chrome110', 'firefox115', 'safari16'],
	charset: 'utf8',
	conditions: ['production'],
	loader: { '.woff2': 'file', '.svg': 'file' },
	legalComments: 'eof',
	metafile: true,
	logLevel: 'warning',
});

const names = {};
for (const [file, info] of Object.entries(result.metafile.outputs)) {
	const base = file.split('/').pop();
	for (const [key, entry] of Object.entries(entries))
		if (info.entryPoint === entry) names[key] = `/assets/${base}`;
}
let html = await readFile(join(here, 'index.html'), 'utf8');
for (const key of Object.keys(entries)) {
	if (!names[key]) throw new Error(`no output for ${key}`);
	html = html.replaceAll(`%${key}%`, names[key]);
}
await writeFile(join(out, 'index.html'), html);
for (const f of ['manifest.json', 'icon.svg', 'icon-maskable.svg'])
	await copyFile(join(here, f), join(out, f));
const bytes = Object.values(result.metafile.outputs).reduce((n, o) => n + o.bytes, 0);
console.log(`console: ${Object.keys(result.metafile.outputs).length} assets, ${Math.round(bytes / 1024)} KiB in ${out}`);
