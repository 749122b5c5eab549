import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { ClockOffsets } from './clock-offsets.ts';

const peer = 'S01-T2-00000000000000b2' as Principal;

class Heard {
  readonly offsets = new ClockOffsets();
  #nowMs = 1_000_000;

  /** A word of a peer whose clock is `aheadMs` ahead, after a way of `wayMs`; `sinceMs` after the one before. */
  word(aheadMs: number, { wayMs = 2, roundTripMs = 4, sinceMs = 2_000 } = {}): number | undefined {
    this.#nowMs += sinceMs;
    this.offsets.heard(peer, {
      theirMs: this.#nowMs - wayMs + aheadMs,
      ownMs: this.#nowMs,
      monotonicMs: this.#nowMs,
      roundTripMs,
    });
    return this.offsets.offsetMs(peer);
  }
}

it('says nothing of a clock before it was heard three times, and nothing after its link', () => {
  const heard = new Heard();
  expect(heard.word(90_000)).toBeUndefined();
  expect(heard.word(90_000)).toBeUndefined();
  expect(heard.word(90_000)).toBe(90_000);
  heard.offsets.forget(peer);
  expect(heard.offsets.offsetMs(peer)).toBeUndefined();
});

it('half of the way there and back is no difference of clocks', () => {
  const heard = new Heard();
  const slow = { wayMs: 700, roundTripMs: 1_400 };
  for (let n = 0; n < 3; n++) heard.word(0, slow);
  expect(heard.offsets.offsetMs(peer)).toBe(0);
});

it('one late frame claims nothing, and a burst of them counts as one', () => {
  const heard = new Heard();
  for (let n = 0; n < 5; n++) heard.word(5);
  expect(heard.word(5, { wayMs: 80_000 })).toBe(5);
  // All that lay in the kernel while this process stood still.
  for (let n = 40; n > 0; n--) heard.word(5, { wayMs: n * 2_000, sinceMs: 1 });
  expect(heard.offsets.offsetMs(peer)).toBe(5);
});

it('a clock that was set is followed', () => {
  const heard = new Heard();
  for (let n = 0; n < 5; n++) heard.word(-240_000);
  expect(heard.offsets.offsetMs(peer)).toBe(-240_000);
  for (let n = 0; n < 3; n++) heard.word(0);
  expect(heard.offsets.offsetMs(peer)).toBe(0);
});

test('fewer than half late frames among the last ones never make a right clock wrong', () => {
  let late = 0;
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 40 }),
      (draws) => {
        const heard = new Heard();
        const recent: boolean[] = [];
        for (const draw of draws) {
          const mayBeLate = recent.slice(1 - limits.clockSamples).filter(Boolean).length < 2;
          const isLate = draw < 4 && mayBeLate && recent.length >= 3;
          recent.push(isLate);
          late += isLate ? 1 : 0;
          const offsetMs = heard.word(20, { wayMs: isLate ? 60_000 + draw : 2 });
          if (recent.length >= 3) expect(Math.abs(offsetMs ?? 1e9)).toBeLessThan(100);
        }
      },
    ),
  );
  expect(late).toBeGreaterThan(50);
});
