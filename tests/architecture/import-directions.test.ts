/** The linter holds the arrows between folders. Here is proved that it does, on a made-up tree with every possible import. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

/** From left to right; folders of one step do not know each other, but for the exceptions. */
const steps: readonly (readonly string[])[] = [
  ['src'],
  ['relay', 'lib/register'],
  ['lib/replica'],
  ['lib/host', 'lib/projections', 'lib/mesh', 'lib/devices', 'lib/demo'],
  ['lib/journal', 'lib/trust'],
  ['lib/documents'],
  ['lib/storage'],
  ['lib/domain'],
];
/** Entry shapes and the type of a verifier are the journal's. */
const exceptions = new Set(['lib/trust → lib/journal']);

const folders = steps.flat();
const stepOf = (folder: string): number => steps.findIndex((step) => step.includes(folder));
const mayImport = (from: string, to: string): boolean =>
  from === to || stepOf(from) < stepOf(to) || exceptions.has(`${from} → ${to}`);

const tree = mkdtempSync(join(tmpdir(), 'tillmesh-arrows-'));
const root = fileURLToPath(new URL('../../', import.meta.url));
const report = z.object({
  diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })),
});
let refused: ReadonlySet<string>;

function put(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

const fileOf = (from: string, to: string, way: string): string =>
  `${from}/to-${to.replace('/', '-')}-${way}.ts`;
const up = (from: string): string => '../'.repeat(from.split('/').length);

beforeAll(async () => {
  cpSync(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
  for (const from of folders) {
    for (const to of folders) {
      const path = `${up(from)}${to}/x.ts`;
      put(fileOf(from, to, 'value'), `import { x } from '${path}';\nexport const y = x;\n`);
      put(fileOf(from, to, 'type'), `import type { x } from '${path}';\nexport type Y = x;\n`);
      put(fileOf(from, to, 'again'), `export { x } from '#${to}/x.ts';\n`);
      put(fileOf(from, to, 'later'), `export const y = import('${path}');\n`);
    }
    for (const [name, specifier] of Object.entries({
      node: 'node:fs',
      bare: 'fs',
      kit: '@sveltejs/kit',
      automerge: '@automerge/automerge',
    })) {
      put(`${from}/${name}.ts`, `import * as x from '${specifier}';\nexport const y = x;\n`);
    }
    put(`${from}/node.test.ts`, `import * as x from 'node:fs';\nexport const y = x;\n`);
    put(`${from}/clock.ts`, 'export const now = Date.now();\n');
  }
  const entry = createRequire(import.meta.url).resolve('oxlint/package.json');
  const program = join(dirname(entry), 'bin', 'oxlint');
  const { stdout } = await promisify(execFile)(process.execPath, [program, '-f', 'json', '.'], {
    cwd: tree,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: unknown) => error as { stdout: string });
  const { diagnostics } = report.parse(JSON.parse(stdout));
  refused = new Set(
    diagnostics
      .filter(({ code }) => code.includes('no-restricted'))
      .map(({ filename }) => filename),
  );
});
afterAll(() => rmSync(tree, { recursive: true }));

describe('imports go one way', () => {
  test.each(folders)('from %s', (from) => {
    for (const to of folders) {
      for (const way of ['value', 'type', 'again', 'later']) {
        const file = fileOf(from, to, way);
        expect([file, refused.has(file)]).toEqual([file, !mayImport(from, to)]);
      }
    }
  });

  test('domain, journal and documents are free of Node, their tests excepted', () => {
    const free = ['lib/domain', 'lib/journal', 'lib/documents'];
    for (const folder of folders) {
      const wanted = free.includes(folder);
      expect([folder, refused.has(`${folder}/node.ts`)]).toEqual([folder, wanted]);
      expect([folder, refused.has(`${folder}/bare.ts`)]).toEqual([folder, wanted]);
      expect([folder, refused.has(`${folder}/node.test.ts`)]).toEqual([folder, false]);
    }
  });

  test('SvelteKit stays in src, Automerge out of it; time is passed in everywhere else', () => {
    for (const folder of folders) {
      const screens = folder === 'src';
      expect([folder, refused.has(`${folder}/kit.ts`)]).toEqual([folder, !screens]);
      expect([folder, refused.has(`${folder}/automerge.ts`)]).toEqual([folder, screens]);
      expect([folder, refused.has(`${folder}/clock.ts`)]).toEqual([folder, !screens]);
    }
  });
});
