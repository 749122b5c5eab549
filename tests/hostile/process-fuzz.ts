/** Mutated frames against a process, each seed the same ones. Returns what happened; the caller judges. */
import { expect } from 'vitest';
import type { Principal } from '#lib/domain/ids.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { seededRandom } from '../simulation/seeded-random.ts';
import type { AttackedShop } from './attacked-shop.ts';
import type { Role } from './company-network.ts';
import type { Scribe } from './forgeries.ts';
import { Intruder } from './intruder.ts';
import { memoryInUseOf } from './memory-of-process.ts';
import { mutate, mutationNames } from './mutations.ts';
import { sessionFrames } from './session.ts';

export type ProcessFuzzOptions = {
  readonly frames: number;
  readonly seed: number;
  readonly port: number;
  readonly victim: Principal;
  readonly pid: number;
  /** A terminal that was never barred; asked for after each offence. */
  readonly newcomer: () => Promise<NewIncarnation>;
  readonly theirs: Scribe;
};

export type ProcessFuzzResult = {
  readonly frames: number;
  /** How links ended, by code. */
  readonly closed: ReadonlyMap<number, number>;
  readonly survived: number;
  readonly mutations: ReadonlySet<string>;
  /** Terminals that the victim never saw before. */
  readonly newcomers: number;
  readonly grownBytes: number;
};

/** Links at a time: the victim lets few of one address greet at once. */
const workers = 8;
const warmUp = 0.4;

export async function fuzzProcess(options: ProcessFuzzOptions): Promise<ProcessFuzzResult> {
  const { frames, seed, port, victim, newcomer, theirs } = options;
  const random = seededRandom(seed);
  const closed = new Map<number, number>();
  const mutations = new Set<string>();
  let survived = 0;
  let next = 0;
  let newcomers = 0;
  let before: Promise<number> | undefined;
  async function work(): Promise<void> {
    let me = await newcomer();
    let recorded = sessionFrames(me, victim, theirs);
    let link: Intruder | undefined;
    while (next < frames) {
      // The first part warms up what a process keeps anyway: compiled code, caches, a heap of its usual size.
      if (next++ === Math.floor(frames * warmUp)) before = memoryInUseOf(options.pid);
      const greets = random() < 0.9;
      const { name, bytes } = mutate(recorded, random);
      mutations.add(name);
      link ??= greets
        ? await Intruder.link(me, victim, port)
        : await Intruder.connect(me, victim, port);
      link.raw(bytes);
      await link.settled();
      if (link.closedWith === undefined) survived++;
      else {
        closed.set(link.closedWith, (closed.get(link.closedWith) ?? 0) + 1);
        link = undefined;
        me = await newcomer();
        newcomers++;
        recorded = sessionFrames(me, victim, theirs);
      }
    }
    link?.leave();
  }
  await Promise.all(Array.from({ length: workers }, work));
  if (before === undefined) throw new Error('too few frames to measure');
  const grownBytes = (await memoryInUseOf(options.pid)) - (await before);
  return { frames, closed, survived, mutations, newcomers, grownBytes };
}

const mebibyte = 1024 * 1024;
/** What a heap differs by from one collection to the next, with caches that fill. */
const mostGrown = 16 * mebibyte;
/** A peer that was here once is remembered: four documents' sync states (automerge-repo keeps them), a word, a name. */
const perNewcomer = 6 * 1024;

/** N6: alive under the same pid, selling, nothing written, memory bounded. */
export async function expectFuzzSurvived(
  attacked: AttackedShop,
  role: Role,
  frames: number,
): Promise<void> {
  const pid = attacked.pidOf(role);
  const result = await fuzzProcess({
    frames,
    seed: 20261121,
    port: attacked.portOf(role),
    victim: await attacked.victimOf(role),
    pid,
    newcomer: () => attacked.newcomer(),
    theirs: attacked.theirs,
  });
  await attacked.expectSelling();
  await attacked.expectNothingElse();
  expect(attacked.pidOf(role)).toBe(pid);
  expect(result.grownBytes).toBeLessThan(mostGrown + perNewcomer * result.newcomers);
  // Not vacuous: most were refused, some were harmless, every kind was tried.
  expect(result.closed.get(1008) ?? 0).toBeGreaterThan(frames / 2);
  expect(result.survived).toBeGreaterThan(frames / 100);
  expect([...result.mutations].sort()).toEqual([...mutationNames].sort());
}
