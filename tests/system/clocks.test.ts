/** Three tills over real sockets of which one has a wrong clock: who says what, on which screen, and how it ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HealthFindings } from '#lib/host/alarms.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { TillAlarms } from '#lib/register/alarms.ts';
import type { Register } from '#lib/register/register.ts';
import { Authority } from '#lib/trust/authority.ts';
import { enrolByHand, openInProcess, random } from './in-process-till.ts';
import { keptPort } from './ports.ts';
import { until } from './until.ts';

let root: string;
const running: Register[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillmesh-clocks-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((register) => register.stop()));
  rmSync(root, { recursive: true, force: true });
});

test('N5, P5: the clock that two others disagree with is the wrong one, everywhere; set right, it is over', async () => {
  const authority = await Authority.create({ random, nowMs: Date.now() });
  const ports: number[] = [];
  const ahead = { ms: 240_000 };
  const tills: Register[] = [];
  for (const terminal of ['T1', 'T2', 'T3']) {
    await enrolByHand(authority, join(root, terminal), terminal);
    const port = await keptPort();
    const others = [...ports];
    const wallMs = (): number => machineClock.wallMs() + (terminal === 'T1' ? ahead.ms : 0);
    const register = await openInProcess({
      directory: join(root, terminal),
      witness: join(root, `witness-${terminal}`),
      port,
      targets: () => others,
      clock: { ...machineClock, wallMs },
    });
    ports.push(port);
    running.push(register);
    tills.push(register);
    await register.replica.mesh.whenListening();
  }
  const alarms = tills.map(
    (till) => new TillAlarms(till, machineClock, new HealthFindings(machineClock)),
  );
  const flagged = () =>
    tills.map(({ models }) => models.flags({ kind: 'clock-drift' }).map(({ subject }) => subject));
  const everywhere = (what: string, subjects: unknown) =>
    until(
      what,
      () =>
        JSON.stringify(flagged()) === JSON.stringify(tills.map(() => subjects)) ? true : undefined,
      90_000,
      flagged,
    );

  await everywhere('the flag', [['S01-T1']]);
  const warned = await until('the warning', () => {
    const [first, ...others] = alarms.map((till) => till.list());
    return first?.length === 1 && others.every((list) => list.length === 0) ? first : undefined;
  });
  expect(warned).toMatchObject([
    { kind: 'clock', isOwn: true, isClear: true, others: ['S01-T2', 'S01-T3'] },
  ]);
  const { offsetMs = 0 } = warned[0]?.kind === 'clock' ? warned[0] : {};
  expect(Math.abs(offsetMs - ahead.ms)).toBeLessThan(20_000);
  const said = () =>
    tills.map(
      (till) =>
        [...till.replica.journals.reader.entriesBackwards(till.replica.own.key)].filter(
          ({ entry }) => entry.type === 'ClockOffsetSeen',
        ).length,
    );
  expect(said()).toEqual([2, 1, 1]);

  ahead.ms = 0;
  await everywhere('the end of the flag', []);
  await until('the end of the warning', () => (alarms[0]?.list().length === 0 ? true : undefined));
  expect(said()).toEqual([4, 2, 2]);
});
