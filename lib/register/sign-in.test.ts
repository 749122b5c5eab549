import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { orgKeys } from '../documents/org-keys.ts';
import type { Clock } from '../domain/clock.ts';
import type { StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { hashPin } from '../trust/pin-hash.ts';
import { SignInDesk } from '../host/sign-in.ts';
import { StoreOrg } from './store-org.ts';
import { WrongPins } from '../host/wrong-pins.ts';

const store = 'S01' as StoreId;
const directory = '/till';
const path = `${directory}/wrong-pins.json`;
const [annsHash, omarsHash] = [hashPin('1111', randomBytes), hashPin('2222', randomBytes)];

class HandClock implements Clock {
  wall = 1_750_000_000_000;
  monotonic = 1_000;
  wallMs = (): number => this.wall;
  monotonicMs = (): number => this.monotonic;
  zone = (): string => 'Europe/London';
  setTimer(): never {
    throw new Error('nothing waits by a timer here');
  }
  pass(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
  }
}

function makeDisk(seed = 1): FaultyDisk {
  const disk = new FaultyDisk(seededRandom(seed));
  disk.makeDirectory(directory);
  disk.syncDirectory('/');
  return disk;
}

const record = (id: string, name: string, role: string, pinHash?: string) =>
  [
    orgKeys.operator(store, id),
    { v: 1, id, name, roles: [role], ...(pinHash ? { pinHash } : {}) },
  ] as const;

function sampleOrg(): StoreOrg {
  const org = new StoreOrg(store);
  org.replace(
    new Map([
      record('omar', 'Omar', 'supervisor', omarsHash),
      record('ann', 'Ann', 'cashier', annsHash),
      record('new', 'Newcomer', 'cashier'),
      record('odd', 'Oddly', 'manager', 'plain text'),
    ]),
  );
  return org;
}

type Till = {
  readonly disk: FaultyDisk;
  readonly clock: HandClock;
  readonly org: StoreOrg;
  readonly problems: unknown[];
  readonly fatal: unknown[];
};
const makeTill = (): Till => ({
  disk: makeDisk(),
  clock: new HandClock(),
  org: sampleOrg(),
  problems: [],
  fatal: [],
});
const openDesk = (till: Till): SignInDesk =>
  new SignInDesk({
    ...till,
    people: till.org,
    path,
    onProblem: (error) => till.problems.push(error),
    onFatal: (error) => till.fatal.push(error),
  });
const openPins = (disk: FaultyDisk, clock: Clock, problems: unknown[] = []): WrongPins =>
  new WrongPins({ disk, path, clock, onProblem: (error) => problems.push(error) });

describe('signing in', () => {
  it('P2: knows the operators and their PINs with nothing but the release', async () => {
    const desk = openDesk(makeTill());
    expect(desk.operators().map((each) => each.name)).toEqual(['Ann', 'Newcomer', 'Oddly', 'Omar']);
    expect(await desk.signIn('ann', '1111')).toEqual({
      outcome: 'done',
      operator: { id: 'ann', name: 'Ann', roles: ['cashier'] },
    });
    expect(await desk.signIn('ann', '2222')).toEqual({ outcome: 'refused', code: 'PIN_WRONG' });
    expect(await desk.signIn('nobody', '1111')).toEqual({ outcome: 'refused', code: 'PIN_WRONG' });
  });

  it.each(['new', 'odd'])('nobody signs in as %s, who has no PIN of a known form', async (id) => {
    const desk = openDesk(makeTill());
    expect(await desk.signIn(id, 'plain text')).toMatchObject({ code: 'PIN_WRONG' });
  });

  it('X12: the hash of a PIN leaves the organisation by no door', () => {
    const till = makeTill();
    const desk = openDesk(till);
    const seen = [
      JSON.stringify([till.org, till.org.operators(), till.org.operator('ann'), desk.operators()]),
      inspect([till.org, till.org.operators(), desk], { depth: 9, showHidden: true }),
    ].join();
    expect(seen).toContain('Ann');
    expect(seen).not.toContain('argon2');
    expect(seen).not.toContain(annsHash.slice(-20));
  });

  it('who is taken off the list while the PIN is checked is not signed in', async () => {
    const till = makeTill();
    const answer = openDesk(till).signIn('ann', '1111');
    await Promise.resolve();
    await Promise.resolve();
    till.org.replace(new Map([record('omar', 'Omar', 'supervisor', omarsHash)]));
    expect(await answer).toMatchObject({ code: 'PIN_WRONG' });
  });
});

describe('X1: wrong PINs', () => {
  it('five are free, then waits grow, the tenth locks; the right PIN does not pass a wait, and resets', async () => {
    const till = makeTill();
    const desk = openDesk(till);
    const waits: unknown[] = [];
    for (let n = 1; n <= limits.pinTries; n++) {
      const answer = await desk.signIn('ann', '0000');
      if (answer.outcome === 'done') throw new Error('signed in');
      waits.push([answer.code, answer.retryAfterMs]);
      if (answer.retryAfterMs === undefined) continue;
      const early = await desk.signIn('ann', '1111');
      expect(early).toMatchObject({
        code: n < limits.pinTries ? 'PIN_DELAYED' : 'PIN_LOCKED',
        retryAfterMs: answer.retryAfterMs,
      });
      till.clock.pass(answer.retryAfterMs - 1);
      expect(await desk.signIn('ann', '1111')).toMatchObject({ outcome: 'refused' });
      till.clock.pass(1);
    }
    expect(waits).toEqual([
      ...Array.from({ length: 4 }, () => ['PIN_WRONG', undefined]),
      ...[5, 10, 20, 40, 80].map((seconds) => ['PIN_WRONG', seconds * 1_000]),
      ['PIN_LOCKED', 1_800_000],
    ]);
    expect(await desk.signIn('ann', '1111')).toMatchObject({ outcome: 'done' });
    for (let n = 0; n < 4; n++) {
      expect(await desk.signIn('ann', '0000')).toEqual({ outcome: 'refused', code: 'PIN_WRONG' });
    }
  });

  it('four guesses at once count as four', async () => {
    const desk = openDesk(makeTill());
    const codes = async () => {
      const answers = Array.from({ length: 4 }, () => desk.signIn('ann', '0000'));
      return (await Promise.all(answers)).map((each) => each.outcome === 'refused' && each.code);
    };
    expect(await codes()).toEqual(['PIN_WRONG', 'PIN_WRONG', 'PIN_WRONG', 'PIN_WRONG']);
    expect(await codes()).toEqual(['PIN_WRONG', 'PIN_DELAYED', 'PIN_DELAYED', 'PIN_DELAYED']);
  });

  it('a flood is turned away before it takes memory, and is not checked', async () => {
    const till = makeTill();
    const desk = openDesk(till);
    const flood = Array.from({ length: 200 }, (_, n) => desk.signIn(`guess-${n}`, '1111'));
    const answers = await Promise.all(flood);
    const checked = answers.filter(
      (each) => each.outcome === 'refused' && each.code === 'PIN_WRONG',
    );
    expect(checked.length).toBe(limits.pinFreeTries);
    expect(await desk.signIn('ann', '1111')).toMatchObject({ outcome: 'done' });
  });

  it('each operator has an own count: the supervisor signs in while a cashier is locked, and lifts it', async () => {
    const till = makeTill();
    const pins = openPins(till.disk, till.clock);
    for (let n = 0; n < limits.pinTries; n++) pins.count('ann', true);
    const desk = openDesk(till);
    expect(await desk.signIn('ann', '1111')).toMatchObject({ code: 'PIN_LOCKED' });
    expect(await desk.signIn('omar', '2222')).toMatchObject({ outcome: 'done' });
    expect(desk.unlock('ann', 'new')).toBe(false);
    expect(desk.unlock('ann', 'ann')).toBe(false);
    expect(desk.unlock('nobody', 'omar')).toBe(false);
    expect(await desk.signIn('ann', '1111')).toMatchObject({ code: 'PIN_LOCKED' });
    expect(desk.unlock('ann', 'omar')).toBe(true);
    expect(await openDesk(till).signIn('ann', '1111')).toMatchObject({ outcome: 'done' });
  });

  it('a try is on disk before its answer: a power cut after any answer keeps every count', async () => {
    const till = makeTill();
    for (let n = 1; n < limits.pinFreeTries; n++) {
      expect(await openDesk(till).signIn('ann', '0000')).toMatchObject({ code: 'PIN_WRONG' });
      till.disk.crash();
    }
    await openDesk(till).signIn('ann', '0000');
    till.disk.crash();
    expect(await openDesk(till).signIn('ann', '1111')).toMatchObject({ code: 'PIN_DELAYED' });
  });

  it('and before its check: ending the process during the check gains nothing', async () => {
    const till = makeTill();
    for (let n = 0; n < limits.pinFreeTries; n++) {
      const answer = openDesk(till).signIn('ann', '0000');
      await Promise.resolve();
      // Here the process dies; what the check would have said is never heard.
      till.disk.crash();
      await answer;
    }
    expect(await openDesk(till).signIn('ann', '1111')).toMatchObject({ code: 'PIN_DELAYED' });
  });

  it('a try that the disk does not take is not checked; the right PIN of a till that just filled up stands', async () => {
    const till = makeTill();
    const desk = openDesk(till);
    till.disk.setCapacity(0);
    await expect(desk.signIn('ann', '1111')).rejects.toMatchObject({ code: 'DISK_FULL' });
    till.disk.setCapacity(Number.MAX_SAFE_INTEGER);
    const answer = desk.signIn('ann', '1111');
    await Promise.resolve();
    till.disk.setCapacity(0);
    expect(await answer).toMatchObject({ outcome: 'done' });
    expect(till.fatal).toEqual([]);
  });

  it('a disk that does not confirm ends the process', async () => {
    const till = makeTill();
    till.disk.fail({ nth: 1, kind: 'EIO', only: ['fdatasync'] });
    await expect(openDesk(till).signIn('ann', '1111')).rejects.toMatchObject({
      code: 'DISK_FAILED',
    });
    expect(till.fatal).toHaveLength(1);
  });
});

describe('X1: the wait', () => {
  const locked = (disk: FaultyDisk, clock: Clock) => {
    const pins = openPins(disk, clock);
    for (let n = 0; n < limits.pinTries; n++) pins.count('ann', true);
    return pins;
  };

  it('goes on over a restart by the wall clock, and in a process by the one that never jumps', () => {
    const [disk, clock] = [makeDisk(), new HandClock()];
    const pins = locked(disk, clock);
    clock.wall += 86_400_000;
    expect(pins.wait('ann', true)).toEqual({ code: 'PIN_LOCKED', retryAfterMs: limits.pinLockMs });
    clock.wall -= 86_400_000;
    clock.pass(600_000);
    clock.monotonic = 5;
    const again = openPins(disk, clock);
    expect(again.wait('ann', true)?.retryAfterMs).toBe(limits.pinLockMs - 600_000);
    clock.pass(limits.pinLockMs - 600_000);
    expect(again.wait('ann', true)).toBeUndefined();
  });

  it('ends for a supervisor too when the wall clock was set back by years, however often the till restarts', () => {
    const [disk, clock] = [makeDisk(), new HandClock()];
    locked(disk, clock);
    clock.wall -= 5 * 365 * 86_400_000;
    let waited = 0;
    for (; openPins(disk, clock).wait('ann', true); waited++) clock.pass(60_000);
    expect(waited).toBe(limits.pinLockMs / 60_000);
  });

  it('is not made longer by tries during it', () => {
    const [disk, clock] = [makeDisk(), new HandClock()];
    const pins = locked(disk, clock);
    clock.pass(limits.pinLockMs - 1);
    expect(pins.wait('ann', true)).toEqual({ code: 'PIN_LOCKED', retryAfterMs: 1 });
  });

  it('a day of guessing, with a restart or a power cut whenever it helps, is a few hundred guesses', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const [disk, clock, random] = [makeDisk(seed), new HandClock(), seededRandom(seed)];
      let pins = openPins(disk, clock);
      let guesses = 0;
      for (const end = clock.wall + 86_400_000; clock.wall < end;) {
        if (pins.wait('ann', true)) clock.pass(1_000);
        else {
          pins.count('ann', true);
          guesses++;
        }
        if (random() > 0.05) continue;
        if (random() > 0.5) disk.crash();
        clock.monotonic = random() * 1e6;
        pins = openPins(disk, clock);
      }
      // Ten, then five for each lock of 30 minutes with its delays of 150 seconds.
      expect(guesses).toBeGreaterThan(100);
      expect(guesses).toBeLessThanOrEqual(10 + 5 * Math.ceil(86_400 / 1_950));
    }
  });
});

describe('X1: the file', () => {
  it('is bounded, however many names are guessed; names nobody bears share one count', () => {
    const [disk, clock] = [makeDisk(), new HandClock()];
    const pins = openPins(disk, clock);
    for (let n = 0; n < 1_000; n++) pins.count(`guess-${n}`, false);
    expect(pins.wait('another', false)).toMatchObject({ code: expect.stringMatching(/^PIN_/) });
    expect(pins.wait('ann', true)).toBeUndefined();
    for (let n = 0; n < 1_000; n++) pins.count(`operator-${n}`, true);
    expect(disk.read(path)?.length).toBeLessThan(40_000);
    expect(openPins(disk, clock).wait('operator-999', true)).toBeDefined();
  });

  it.each<[string, (disk: FaultyDisk) => void]>([
    ['empty', (disk) => replace(disk, '')],
    ['torn', (disk) => replace(disk, text(disk).slice(0, -9))],
    ['no longer what was written', (disk) => replace(disk, text(disk).replace(':10,', ':0,'))],
    ['of a later version', (disk) => replace(disk, text(disk).replace('"v":1', '"v":2'))],
    ['not to be read', (disk) => disk.fail({ nth: 1, kind: 'EIO', only: ['read'] })],
  ])('S5: that is %s frees nobody: all wait, then few tries are left', (_what, damage) => {
    const [disk, clock, problems] = [makeDisk(), new HandClock(), [] as unknown[]];
    const before = openPins(disk, clock);
    for (let n = 0; n < limits.pinTries; n++) before.count('ann', true);
    damage(disk);
    const pins = openPins(disk, clock, problems);
    expect(problems).toMatchObject([{ code: 'FILE_DAMAGED' }]);
    for (const operator of ['ann', 'omar']) {
      expect(pins.wait(operator, true)).toEqual({ code: 'PIN_DELAYED', retryAfterMs: 80_000 });
    }
    clock.pass(80_000);
    for (let n = limits.pinFreeTries; n < limits.pinTries; n++) pins.count('ann', true);
    expect(pins.wait('ann', true)).toMatchObject({ code: 'PIN_LOCKED' });
    pins.count('omar', true);
    pins.forget('omar', true);
    const again = openPins(disk, clock);
    expect(again.wait('ann', true)).toMatchObject({ code: 'PIN_LOCKED' });
    again.count('omar', true);
    expect(again.wait('omar', true)).toBeUndefined();
    again.count('max', true);
    expect(again.wait('max', true)).toMatchObject({ retryAfterMs: 10_000 });
  });

  it('S5: no bit of it can be changed unnoticed', () => {
    const [disk, clock] = [makeDisk(), new HandClock()];
    openPins(disk, clock).count('ann', true);
    const bits = (disk.read(path)?.length ?? 0) * 8;
    expect(bits).toBeGreaterThan(1_000);
    for (let bit = 0; bit < bits; bit += 7) {
      const problems: unknown[] = [];
      disk.flipBit(path, bit);
      const pins = openPins(disk, clock, problems);
      // The line end after the last byte means nothing.
      if (problems.length === 0) expect(Math.floor(bit / 8)).toBe(bits / 8 - 1);
      else expect(pins.wait('ann', true)).toMatchObject({ code: 'PIN_DELAYED' });
      disk.flipBit(path, bit);
    }
    expect(openPins(disk, clock).wait('ann', true)).toBeUndefined();
  });

  const text = (disk: FaultyDisk): string => new TextDecoder().decode(disk.read(path));
  const replace = (disk: FaultyDisk, content: string): void => {
    disk.remove(path);
    const file = disk.create(path);
    file.append(new TextEncoder().encode(content));
    file.close();
  };
});
