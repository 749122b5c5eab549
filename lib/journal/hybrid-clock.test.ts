import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hlc } from '../domain/ids.ts';
import { isHlc } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { formatHlc, HybridClock, parseHlc, zeroHlc } from './hybrid-clock.ts';

class Wall {
  nowMs: number;
  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }
  wallMs(): number {
    return this.nowMs;
  }
}

describe('J4: hybrid clock', () => {
  it.each<[number, number, string]>([
    [0, 0, '0000000000000000'],
    [1, 2, '0000000000010002'],
    [1_700_000_000_000, 65_535, '018bcfe56800ffff'],
    [0xffffffffffff, 0, 'ffffffffffff0000'],
  ])('%i ms, counter %i is %s', (ms, counter, text) => {
    expect(formatHlc(ms, counter)).toBe(text);
    expect(parseHlc(text as Hlc)).toEqual({ ms, counter });
  });

  it('sorts as text as it sorts as time', () => {
    const moment = fc.tuple(fc.nat({ max: 2 ** 48 - 1 }), fc.nat({ max: 0xffff }));
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const before = a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
        expect(formatHlc(...a) < formatHlc(...b)).toBe(before);
      }),
      { seed: 1 },
    );
  });

  it('follows the wall clock, and counts while that stands still or goes back', () => {
    const wall = new Wall(1_000);
    const clock = new HybridClock(wall);
    expect([clock.next(), clock.next()]).toEqual([formatHlc(1_000, 0), formatHlc(1_000, 1)]);
    wall.nowMs = 500;
    expect(clock.next()).toBe(formatHlc(1_000, 2));
    wall.nowMs = 2_000.9;
    expect(clock.next()).toBe(formatHlc(2_000, 0));
    expect(clock.current()).toBe(formatHlc(2_000, 0));
  });

  it('goes on above the last value from before the start, also when its counter is full', () => {
    const clock = new HybridClock(new Wall(10), formatHlc(5_000, 0xffff));
    expect(clock.next()).toBe(formatHlc(5_001, 0));
  });

  it('resumes above its own last value, however far ahead, and never goes back for an older one', () => {
    const clock = new HybridClock(new Wall(10));
    clock.resume(formatHlc(2 ** 42, 3));
    expect(clock.next()).toBe(formatHlc(2 ** 42, 4));
    clock.resume(formatHlc(2 ** 41, 9));
    expect(clock.next()).toBe(formatHlc(2 ** 42, 5));
  });

  it('P2: a wall clock that shows nonsense still gives a value', () => {
    for (const nowMs of [-1, -1e15, 1e18, Number.MAX_VALUE])
      expect(new HybridClock(new Wall(nowMs)).next()).toSatisfy(isHlc);
  });

  it('takes over what others show, up to its bound and no further', () => {
    const wall = new Wall(1_000_000);
    const clock = new HybridClock(wall);
    const most = 1_000_000 + limits.clockAheadMs;
    expect(clock.observe(formatHlc(most + 1, 0))).toBe(false);
    expect(clock.current()).toBe(zeroHlc);
    expect(clock.observe(formatHlc(most, 7))).toBe(true);
    expect(clock.next()).toBe(formatHlc(most, 8));
    expect(clock.observe(formatHlc(5, 5))).toBe(true);
    expect(clock.next()).toBe(formatHlc(most, 9));
    for (const text of ['', 'xyz', '00000000000000000', '000000000000000G', 'FFFF00000000FFFF'])
      expect(clock.observe(text as Hlc)).toBe(false);
  });

  it('whatever it hears and whatever the wall clock does, each value is above all before', () => {
    const step = fc.oneof(
      fc.record({ wallMs: fc.integer({ min: -1_000, max: 2 ** 41 }) }),
      fc.record({ heard: fc.tuple(fc.nat({ max: 2 ** 41 }), fc.nat({ max: 0xffff })) }),
      fc.constant({}),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const wall = new Wall(2 ** 40);
        const clock = new HybridClock(wall);
        let last = zeroHlc as string;
        for (const one of steps) {
          if ('wallMs' in one) wall.nowMs = one.wallMs;
          if ('heard' in one) {
            const heard = formatHlc(...one.heard);
            const isTaken = clock.observe(heard);
            expect(isTaken).toBe(one.heard[0] <= wall.nowMs + limits.clockAheadMs);
            if (isTaken && heard > last) last = heard;
          }
          const next = clock.next();
          expect(next > last).toBe(true);
          last = next;
        }
      }),
      { seed: 2 },
    );
  });
});
