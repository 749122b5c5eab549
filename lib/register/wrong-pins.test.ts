import { describe, expect, it } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { path, HandClock, makeDisk, openPins } from './sample-sign-in.ts';

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
      // Nobody is told that he had typed wrong ones.
      expect(pins.wait(operator, true)).toEqual({ code: 'PIN_FILE_CHANGED', retryAfterMs: 80_000 });
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
      else expect(pins.wait('ann', true)).toMatchObject({ code: 'PIN_FILE_CHANGED' });
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
