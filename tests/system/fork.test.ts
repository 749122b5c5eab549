/**
 * Two devices that live one incarnation, which the product prevents as far as it can (binding, witness): the machine
 * identity and the witness are copied along. Whoever meets both keeps both sides, and each goes on under a new life.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sku } from '#lib/domain/ids.ts';
import { isTillmeshError } from '#lib/domain/errors.ts';
import type { Register } from '#lib/register/register.ts';
import { HealthFindings } from '#lib/host/alarms.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { TillAlarms } from '#lib/register/alarms.ts';
import { Authority } from '#lib/trust/authority.ts';
import { enrolByHand, openInProcess, random } from './in-process-till.ts';
import { keptPort } from './ports.ts';
import { operator } from './sales.ts';
import { until } from './until.ts';

let root: string;
const running: Register[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillmesh-fork-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((register) => register.stop()));
  rmSync(root, { recursive: true, force: true });
});

type Device = {
  readonly register: Register;
  readonly targets: number[];
  readonly port: number;
  readonly alarms: TillAlarms;
  /** When this device met a second process of a terminal; the clock of this test. */
  readonly metMs: number[];
};

async function device(name: string): Promise<Device> {
  const targets: number[] = [];
  const port = await keptPort();
  const metMs: number[] = [];
  const watching: { alarms?: TillAlarms } = {};
  const register = await openInProcess({
    directory: join(root, name),
    witness: join(root, `witness-${name}`),
    port,
    targets: () => targets,
    onEvent: (event) => {
      watching.alarms?.happened(event);
      if (event.kind === 'refused' && event.why === 'identity in use') metMs.push(now());
      if (event.kind === 'forked') metMs.push(now());
    },
  });
  const alarms = new TillAlarms(register, machineClock, new HealthFindings(machineClock));
  watching.alarms = alarms;
  running.push(register);
  await register.replica.mesh.whenListening();
  return { register, targets, port, alarms, metMs };
}

const now = (): number => machineClock.monotonicMs();

/** That T1 exists twice, on every one of these tills; prints how long after the meeting the last one of them knew. */
async function alarmed(meeting: string, met: Device, devices: readonly Device[]): Promise<void> {
  await until('the alarm on every screen', () =>
    devices.every(({ alarms }) =>
      alive(() => alarms.list().some((one) => one.kind === 'fork' && one.terminal === 'S01-T1')),
    )
      ? true
      : undefined,
  );
  const tookMs = now() - (met.metMs[0] ?? Number.NaN);
  expect(tookMs).not.toBeNaN();
  process.stderr.write(`${meeting}: on ${devices.length} screens within ${Math.ceil(tookMs)} ms\n`);
}

let sold = 0;
type Sold = { readonly journal: string; readonly seq: number; readonly hash: string };

function sell({ register }: Device, count: number): Sold[] {
  return Array.from({ length: count }, () => {
    sold++;
    const done = register.execute({
      kind: 'CompleteSale',
      command: `fork-sale-${sold}`,
      by: operator.id,
      lines: [{ sku: 'X1' as Sku, name: 'Item', unitPriceE4: 12_500, quantityMilli: 1000 }],
      tenders: [{ kind: 'cash', amountMinor: 125 }],
    });
    if (done.outcome !== 'done') throw new Error(JSON.stringify(done));
    return done;
  });
}

/** A life that ends while it is asked for it has no read models for some tenths of a second. */
function alive<Value>(ask: () => Value): Value | undefined {
  try {
    return ask();
  } catch (error) {
    if (isTillmeshError(error, 'BEGINNING_ANEW')) return undefined;
    throw error;
  }
}

const join2 = (from: Device, to: Device): void => {
  from.targets.push(to.port);
  from.register.replica.mesh.retarget();
};

/** Everybody has folded the same, and the fork shows. */
async function settled(devices: readonly Device[], documents: number): Promise<void> {
  let seen: unknown;
  await until(
    'agreement',
    () => {
      const figures = devices.map(({ register }) =>
        alive(() => ({
          ...register.models.totals(),
          stock: register.models.stockHash(),
          forks: register.models.flagCounts()['terminal-fork'] ?? 0,
        })),
      );
      seen = figures;
      const [first] = figures;
      const same = new Set(figures.map((each) => JSON.stringify(each))).size === 1;
      return same && first?.documents === documents && first.forks === 1 ? true : undefined;
    },
    30_000,
    () => seen,
  );
}

let authority: Authority;

async function twoOfOneLife(): Promise<{ original: Device; copy: Device; other: Device }> {
  authority = await Authority.create({ random, nowMs: Date.now() });
  await enrolByHand(authority, join(root, 'T1'), 'T1');
  await enrolByHand(authority, join(root, 'T2'), 'T2');
  const before = await device('T1');
  sell(before, 2);
  const { principal } = before.register.living;
  await before.register.stop();
  running.splice(0);
  for (const name of ['T1', 'witness-T1'])
    cpSync(join(root, name), join(root, name.replace('T1', 'copy')), { recursive: true });
  const original = await device('T1');
  const copy = await device('copy');
  expect(original.register.living.principal).toBe(principal);
  expect(copy.register.living.principal).toBe(principal);
  return { original, copy, other: await device('T2') };
}

describe('P3: two devices that extend one incarnation', () => {
  test('met one after the other: both sides are kept and flagged, each goes on under a new incarnation', async () => {
    const { original, copy, other } = await twoOfOneLife();
    const { principal } = original.register.living;
    const told = [...sell(original, 3), ...sell(copy, 4)];
    // The same numbers stand for different sales now: that is what a fork is.
    expect(new Set(told.map(({ seq }) => seq)).size).toBeLessThan(told.length);

    join2(original, other);
    await until('the first side', () =>
      other.register.models.totals().documents === 5 ? true : undefined,
    );
    await original.register.stop();
    running.splice(running.indexOf(original.register), 1);
    join2(copy, other);
    await settled([copy, other], 9);
    expect(copy.register.living.principal).not.toBe(principal);

    const again = await device('T1');
    join2(again, other);
    await until('a new life of the original', () =>
      alive(() => again.register.living.principal !== principal || undefined),
    );
    expect(again.register.living.principal).not.toBe(copy.register.living.principal);
    sell(again, 2);
    sell(copy, 2);
    await settled([again, copy, other], 13);
    const letters = [again, copy].map(({ register }) => register.living.letter);
    expect(new Set(letters).size).toBe(2);
    const numbers = other.register.models
      .documents(0, 100)
      .filter(({ journal }) => !told.some((sale) => sale.journal === journal))
      .map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('met at the same time: the same', async () => {
    const { original, copy, other } = await twoOfOneLife();
    const { principal } = original.register.living;
    sell(original, 3);
    sell(copy, 4);
    join2(original, other);
    join2(copy, other);
    join2(copy, original);
    await until('a meeting', () => other.metMs[0]);
    await alarmed('two devices and one that knows both', other, [original, copy, other]);
    for (const side of [original, copy])
      await until('a new life', () =>
        alive(() => side.register.living.principal !== principal || undefined),
      );
    sell(original, 2);
    sell(copy, 2);
    await settled([original, copy, other], 13);
  });

  test('never met by each other: a third peer raises the alarm for everybody, and the copy is told', async () => {
    const { original, copy, other } = await twoOfOneLife();
    const { principal } = original.register.living;
    await enrolByHand(authority, join(root, 'T3'), 'T3');
    const far = await device('T3');
    sell(original, 3);
    sell(copy, 4);
    join2(original, other);
    join2(far, other);
    await until('the first side', () =>
      far.register.models.totals().documents === 5 ? true : undefined,
    );
    join2(copy, other);
    await until('the meeting', () => other.metMs[0]);
    await alarmed('two devices that share a third', other, [original, other, far]);
    // Proof of a branch has not come; nobody has ended a life on hearsay, and nobody has lost a link.
    expect(original.register.living.principal).toBe(principal);
    expect(other.register.replica.mesh.peers).toContain(principal);
    const flags = far.register.models.flags({ kind: 'terminal-fork' });
    expect(flags).toMatchObject([{ cause: { seen: [{ live: true, hashes: [] }] } }]);
    // Once it stands alone the copy brings its branch, and both sides count.
    await original.register.stop();
    running.splice(running.indexOf(original.register), 1);
    await settled([copy, other, far], 9);
  });
});
