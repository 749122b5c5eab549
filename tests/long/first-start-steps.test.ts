/**
 * A till is ended at every step of its very first start, while it makes its identity, its journal and its witness. The
 * second start sells: under one letter of its own, from number 1 on, and the other till takes it all.
 */
import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sku } from '#lib/domain/ids.ts';
import type { Register } from '#lib/register/register.ts';
import { Authority } from '#lib/trust/authority.ts';
import { liveOnce } from '../crash/mortal-till.ts';
import { enrolByHand, openInProcess, random } from '../system/in-process-till.ts';
import { keptPort } from '../system/ports.ts';
import { operator } from '../system/sales.ts';
import { until } from '../system/until.ts';

const root = mkdtempSync(join(tmpdir(), 'tillmesh-first-start-'));
let authority: Authority;
let peer: Register;
let ports: { till: number; peer: number };

beforeAll(async () => {
  authority = await Authority.create({ random, nowMs: Date.now() });
  ports = { till: await keptPort(), peer: await keptPort() };
  const directory = join(root, 'peer');
  await enrolByHand(authority, directory, 'T1');
  const witness = join(root, 'witness-of-peer');
  peer = await openInProcess({ directory, witness, port: ports.peer, targets: () => [] });
  await peer.replica.mesh.whenListening();
});
afterAll(async () => {
  await peer?.stop();
  rmSync(root, { recursive: true, force: true });
});

test('P3: killed at every step of its first start, a till begins all the same and numbers from 1', async () => {
  const kinds = new Set<string>();
  let kills = 0;
  for (let at = 1, steps: readonly string[] | undefined; !steps; at++) {
    expect(at, 'a start has an end').toBeLessThan(200);
    // A terminal of its own each time: what one has left behind says nothing about the next.
    const terminal = `T${100 + at}`;
    const directory = join(root, terminal);
    await enrolByHand(authority, directory, terminal);
    // The room on the disk that is kept free: 64 MB that need not be written for each of them.
    linkSync(join(root, 'peer', 'reserve'), join(directory, 'reserve'));
    const orders = {
      directory,
      witness: join(root, `witness-${terminal}`),
      port: ports.till,
      peer: ports.peer,
      again: [],
      mode: 'before' as const,
    };
    ({ steps } = await liveOnce({ ...orders, commands: [], at, fromStart: true }));
    if (!steps) kills++;
    for (const step of steps ?? []) kinds.add(step);
    const command = `first-sale-of-${terminal}`;
    const lines = [{ sku: 'X1' as Sku, name: 'Item', unitPriceE4: 12_500, quantityMilli: 1000 }];
    const tenders = [{ kind: 'cash', amountMinor: 125 }];
    const sale = { kind: 'CompleteSale', command, by: operator.id, lines, tenders };
    const { words } = await liveOnce({ ...orders, commands: [sale], at: 0, fromStart: false });
    const numbers = words.flatMap((word) =>
      word.kind === 'answer' && word.executed.outcome === 'done' ? [word.executed.number] : [],
    );
    expect(numbers, `step ${at}`).toEqual([expect.stringMatching(`^S01-${terminal}[A-Z]+-S-1$`)]);
    await until('the sale at the peer', () =>
      peer.models.documentsByNumber(numbers[0] ?? '').length === 1 ? true : undefined,
    );
  }
  console.log(`ended at ${kills} steps of a first start: ${[...kinds].join(', ')}`);
  expect(kills).toBeGreaterThan(20);
  expect([...kinds].join()).toContain('rename to current.json');
});
