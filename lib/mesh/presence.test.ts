import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../tests/simulation/virtual-clock.ts';
import type { EntryHash, Hlc, JournalKey, Principal } from '../domain/ids.ts';
import { PresenceKeeper } from './presence.ts';
import { peerIdOf } from './protocol.ts';
import type { Presence } from './protocol.ts';
import { Watchdog } from './watchdog.ts';
import type { WatchedTips } from './watchdog.ts';

const [t2, t3] = ['S01-T2-0000000000000001', 'S01-T3-0000000000000001'] as [Principal, Principal];
const journal = 'S01/T1/0000000000000001' as JournalKey;
const word = { instance: 'process-1', version: '0.1.0', clock: '0'.repeat(16) as Hlc, tips: {} };
const presence: Presence = {
  ...word,
  type: 'tillmesh/presence',
  senderId: peerIdOf(t2),
  targetId: peerIdOf(t3),
};

describe('presence', () => {
  const keeper = (clock: VirtualClock) => {
    const sent: { to: Principal; atMs: number }[] = [];
    const keeps = new PresenceKeeper({
      clock,
      intervalMs: 1_000,
      coalesceMs: 50,
      own: () => word,
      send: (to) => sent.push({ to, atMs: clock.monotonicMs() }) > 0,
    });
    return { keeps, sent };
  };

  it('is said at link-up, soon after a change but once for many, and at intervals', async () => {
    const clock = new VirtualClock();
    const { keeps, sent } = keeper(clock);
    keeps.changed();
    keeps.linked(t2);
    await clock.advance(100);
    for (let n = 0; n < 20; n += 1) keeps.changed();
    await clock.advance(100);
    await clock.advance(2_000);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 150, 1_000, 2_000]);
    keeps.unlinked(t2);
    expect(clock.timers).toBe(0);
  });

  it('keeps the last word of each linked peer, and none of a former link', async () => {
    const clock = new VirtualClock();
    const { keeps } = keeper(clock);
    keeps.received(presence, t2);
    expect(keeps.of(t2), 'not linked').toBeUndefined();
    keeps.linked(t2);
    keeps.received(presence, t2);
    await clock.advance(300);
    expect(keeps.of(t2)).toBe(presence);
    expect(keeps.ageMs(t2)).toBe(300);
    keeps.unlinked(t2);
    expect(keeps.of(t2)).toBeUndefined();
  });
});

describe('R3: watchdog', () => {
  const hash = (name: string): EntryHash => name.padEnd(43, 'A') as EntryHash;
  const tips = (seq: number, name = `${seq}`): WatchedTips => ({
    [journal]: { seq, hash: hash(name) },
  });
  const watch = (isShared = true) => {
    const resets: number[] = [];
    let nowMs = 0;
    const watchdog = new Watchdog({
      patienceMs: 5_000,
      mostMs: 20_000,
      shared: () => isShared,
      reset: () => resets.push(nowMs),
    });
    const look = (atMs: number, ours: WatchedTips, theirs: WatchedTips): void => {
      nowMs = atMs;
      watchdog.look(t2, ours, theirs, atMs);
    };
    return { look, resets, watchdog };
  };

  it('begins a pair anew that differs and does not move', () => {
    const { look, resets } = watch();
    for (let atMs = 0; atMs <= 6_000; atMs += 1_000) look(atMs, tips(7), tips(3));
    expect(resets).toEqual([5_000]);
  });

  it('leaves a pair alone that moves, on either side, or agrees', () => {
    const { look, resets } = watch();
    for (let atMs = 0; atMs <= 60_000; atMs += 1_000) look(atMs, tips(100), tips(atMs / 1_000));
    for (let atMs = 61_000; atMs <= 120_000; atMs += 1_000) look(atMs, tips(atMs), tips(3));
    for (let atMs = 121_000; atMs <= 180_000; atMs += 1_000) look(atMs, tips(5), tips(5));
    expect(resets).toEqual([]);
  });

  it('grows patient with a difference that no reset heals, as a fork is', () => {
    const { look, resets } = watch();
    for (let atMs = 0; atMs <= 100_000; atMs += 1_000)
      look(atMs, tips(5, 'left'), tips(5, 'right'));
    expect(resets).toEqual([5_000, 15_000, 35_000, 55_000, 75_000, 95_000]);
  });

  it('sees a journal that never arrives, where both should have it', () => {
    for (const [isShared, expected] of [
      [true, [5_000]],
      [false, []],
    ] as const) {
      const { look, resets } = watch(isShared);
      for (let atMs = 0; atMs <= 6_000; atMs += 1_000) look(atMs, tips(5), {});
      expect(resets).toEqual(expected);
    }
  });

  it('forgets a peer that left', () => {
    const { look, resets, watchdog } = watch();
    look(0, tips(5), tips(3));
    watchdog.forget(t2);
    look(6_000, tips(5), tips(3));
    expect(resets).toEqual([]);
  });
});
