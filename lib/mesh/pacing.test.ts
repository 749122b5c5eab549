/** What bounds a link in time: bucket, inbox, storm breaker, pauses, half-open sockets, heartbeat. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../tests/simulation/virtual-clock.ts';
import { HalfOpen } from './half-open.ts';
import { Heartbeat } from './heartbeat.ts';
import { PacedInbox } from './paced-inbox.ts';
import { Pauses, StormBreaker } from './storm-breaker.ts';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('gives twice the rate at once, then the rate', () => {
    const bucket = new TokenBucket(10, 0);
    const taken = (nowMs: number): number => {
      let count = 0;
      while (bucket.take(nowMs)) count += 1;
      return count;
    };
    expect(taken(0)).toBe(20);
    expect(taken(500)).toBe(5);
    expect(taken(60_000)).toBe(20);
  });

  it('never gives more than rate × time + burst, however time is asked, also backwards', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -500, max: 2_000 }), { maxLength: 60 }), (steps) => {
        const bucket = new TokenBucket(10, 0);
        let nowMs = 0;
        let latestMs = 0;
        let taken = 0;
        for (const step of steps) {
          nowMs = Math.max(0, nowMs + step);
          latestMs = Math.max(latestMs, nowMs);
          while (bucket.take(nowMs)) taken += 1;
        }
        expect(taken).toBeLessThanOrEqual(20 + (latestMs * 10) / 1_000);
      }),
    );
  });
});

describe('PacedInbox', () => {
  const inbox = (clock: VirtualClock, seen: number[], overflow: () => void = () => undefined) =>
    new PacedInbox({
      clock,
      framesPerSecond: 100,
      heldFrames: 50,
      heldBytes: 1_000,
      deliver: (frame) => seen.push(frame[0] ?? -1),
      overflow,
    });

  it('delivers everything, in order, as fast as it may', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const frames = inbox(clock, seen);
    for (let n = 0; n < 250; n += 1) frames.push(Uint8Array.of(n));
    expect(seen).toHaveLength(200);
    await clock.advance(100);
    // What comes later does not overtake what waits.
    frames.push(Uint8Array.of(250));
    await clock.advance(2_000);
    expect(seen).toEqual(Array.from({ length: 251 }, (_, n) => n));
    expect(clock.timers).toBe(0);
  });

  it('tells an overflow once, and nothing comes out after it', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    let overflows = 0;
    const frames = inbox(clock, seen, () => (overflows += 1));
    for (let n = 0; n < 300; n += 1) frames.push(Uint8Array.of(n % 256));
    await clock.advance(10_000);
    expect(overflows).toBe(1);
    expect(seen).toHaveLength(200);
  });

  it('bounds bytes as well', () => {
    let overflows = 0;
    const frames = inbox(new VirtualClock(), [], () => (overflows += 1));
    for (let n = 0; n < 210; n += 1) frames.push(new Uint8Array(200));
    expect(overflows).toBe(1);
  });

  it('may be ended from within a delivery', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const frames: PacedInbox = new PacedInbox({
      clock,
      framesPerSecond: 1,
      heldFrames: 50,
      heldBytes: 1_000,
      deliver: (frame) => {
        seen.push(frame[0] ?? -1);
        if (frame[0] === 3) frames.end();
      },
      overflow: () => undefined,
    });
    for (let n = 0; n < 9; n += 1) frames.push(Uint8Array.of(n));
    await clock.advance(60_000);
    expect(seen).toEqual([0, 1, 2, 3]);
  });
});

describe('StormBreaker and Pauses', () => {
  it('counts per document and second', () => {
    const storms = new StormBreaker(3);
    const at = (nowMs: number, document = 'x'): boolean => storms.storms(document, nowMs);
    expect([at(0), at(1), at(2), at(2, 'y'), at(3)]).toEqual([false, false, false, false, true]);
    expect(at(1_000)).toBe(false);
  });

  it('doubles pauses up to the longest, and forgets after a quiet time', () => {
    const pauses = new Pauses({ firstMs: 10, mostMs: 40, forgetMs: 1_000 });
    expect([0, 20, 60, 120].map((nowMs) => pauses.begin('p', nowMs))).toEqual([10, 20, 40, 40]);
    expect([159, 160].map((nowMs) => pauses.isPausing('p', nowMs))).toEqual([true, false]);
    expect(pauses.begin('p', 5_000)).toBe(10);
    expect(pauses.isPausing('q', 0)).toBe(false);
  });
});

describe('HalfOpen', () => {
  const socket = () => {
    const state = { destroyed: false, destroy: () => (state.destroyed = true) };
    return state;
  };

  it('X10: bounds sockets in all and per address, and ends those that come to nothing', async () => {
    const clock = new VirtualClock();
    const open = new HalfOpen(clock, { sockets: 3, perAddress: 2, deadlineMs: 100 });
    const [one, two, three] = [socket(), socket(), socket()];
    expect(open.enter('a 1', 'a', one)).toBe(true);
    expect(open.enter('a 2', 'a', two)).toBe(true);
    expect(open.enter('a 3', 'a', socket())).toBe(false);
    expect(open.enter('b 1', 'b', three)).toBe(true);
    expect(open.enter('c 1', 'c', socket())).toBe(false);
    open.leave('a 1');
    expect(open.enter('a 4', 'a', socket())).toBe(true);
    await clock.advance(100);
    expect([one, two, three].map(({ destroyed }) => destroyed)).toEqual([false, true, true]);
    expect(open.size).toBe(0);
  });
});

describe('Heartbeat', () => {
  const beating = (clock: VirtualClock, answers: boolean) => {
    const heartbeat = new Heartbeat(clock, 100);
    const pulse = {
      pings: 0,
      endedMs: -1,
      ping: () => {
        pulse.pings += 1;
        if (answers) heartbeat.alive(pulse);
      },
      terminate: () => {
        pulse.endedMs = clock.monotonicMs();
        heartbeat.forget(pulse);
      },
    };
    heartbeat.watch(pulse);
    return { heartbeat, pulse };
  };

  it('ends a silent socket after three intervals at most, and no other', async () => {
    const clock = new VirtualClock();
    const { pulse: silent } = beating(clock, false);
    const { pulse: alive } = beating(clock, true);
    await clock.advance(1_000);
    expect(silent.endedMs).toBeLessThanOrEqual(300);
    expect(silent.endedMs).toBeGreaterThan(100);
    expect(alive).toMatchObject({ endedMs: -1, pings: 10 });
  });

  it('S11: judges nobody by a time in which we stood still ourselves', () => {
    const clock = new VirtualClock();
    const late = { nowMs: 0, timers: [] as (() => void)[] };
    const standing = {
      wallMs: () => 0,
      zone: () => 'UTC',
      monotonicMs: () => late.nowMs,
      setTimer: (run: () => void) => {
        late.timers.push(run);
        return { cancel: () => undefined };
      },
    };
    const heartbeat = new Heartbeat(standing, 100);
    let ended = false;
    heartbeat.watch({ ping: () => undefined, terminate: () => (ended = true) });
    for (let beat = 1; beat <= 10; beat += 1) {
      late.nowMs += 5_000;
      late.timers.splice(0).forEach((run) => run());
    }
    expect(ended).toBe(false);
    expect(clock.timers).toBe(0);
  });

  it('an answer says how long the way there and back took, if it is that of the last ping', async () => {
    const clock = new VirtualClock();
    const heartbeat = new Heartbeat(clock, 100);
    const marks: number[] = [];
    const pulse = { ping: (mark: number) => void marks.push(mark), terminate: () => undefined };
    heartbeat.watch(pulse);
    expect(heartbeat.roundTripMs(pulse)).toBeUndefined();
    await clock.advance(107);
    heartbeat.answered(pulse, marks[0] ?? 0);
    expect(heartbeat.roundTripMs(pulse)).toBe(7);
    await clock.advance(100);
    // The ping of 200 ms is under way: the figure stays, and a pong that nobody asked for changes nothing.
    heartbeat.answered(pulse, marks[0] ?? 0);
    heartbeat.answered(pulse, Number.NaN);
    expect(heartbeat.roundTripMs(pulse)).toBe(7);
    await clock.advance(5);
    heartbeat.answered(pulse, marks[1] ?? 0);
    expect(heartbeat.roundTripMs(pulse)).toBe(12);
    heartbeat.forget(pulse);
    expect(heartbeat.roundTripMs(pulse)).toBeUndefined();
  });

  it('needs no timer when nobody is watched', async () => {
    const clock = new VirtualClock();
    const { heartbeat, pulse } = beating(clock, true);
    heartbeat.forget(pulse);
    expect(clock.timers).toBe(0);
    await clock.advance(1_000);
    expect(pulse.pings).toBe(0);
  });
});
