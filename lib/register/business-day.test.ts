import { describe, expect, it } from 'vitest';
import { actTypes } from '../domain/acts.ts';
import type { Clock } from '../domain/clock.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { BusinessDay, lastDay } from './business-day.ts';

const at = (iso: string, zone = 'Europe/Berlin') =>
  ({
    wallMs: () => Date.parse(iso),
    monotonicMs: () => 0,
    zone: () => zone,
    setTimer: () => ({ cancel: () => undefined }),
  }) satisfies Clock;
const entry = (type: string, businessDay?: string) =>
  ({
    entry: { type, body: businessDay === undefined ? {} : { businessDay } },
  }) as unknown as VerifiedEntry;

describe('business day', () => {
  it('DESIGN §2: the calendar names a day only where none is open, in the zone of the till', () => {
    expect(new BusinessDay(at('2026-11-20T23:30:00Z')).current).toBe('2026-11-21');
    expect(new BusinessDay(at('2026-11-20T23:30:00Z', 'America/Montevideo')).current).toBe(
      '2026-11-20',
    );
  });
  it('DESIGN §2: an open day stays open after midnight, until a person closes it', () => {
    const day = new BusinessDay(at('2026-11-21T02:00:00Z'));
    day.follow(entry('SaleCompleted', '2026-11-20'));
    expect(day.current).toBe('2026-11-20');
    day.follow(entry('ClockOffsetSeen'));
    expect(day.current).toBe('2026-11-20');
    day.follow(entry('DayClosed', '2026-11-20'));
    expect(day.current).toBe('2026-11-21');
  });
  it('DESIGN §2: after a restart the last own document tells', () => {
    const open = new BusinessDay(at('2026-11-21T02:00:00Z'));
    open.begin([
      entry('ForkSeen'),
      entry('SaleCompleted', '2026-11-20'),
      entry('DayClosed', '2026-11-19'),
    ]);
    expect(open.current).toBe('2026-11-20');
    const closed = new BusinessDay(at('2026-11-21T12:00:00Z'));
    closed.begin([entry('DayClosed', '2026-11-20'), entry('SaleCompleted', '2026-11-20')]);
    expect(closed.current).toBe('2026-11-21');
  });
  it('DESIGN §6: the day that the life before left open goes on, until this one has its own', () => {
    let before: string | undefined = '2026-11-19';
    const day = new BusinessDay(at('2026-11-21T12:00:00Z'), () => before);
    day.begin([]);
    expect(day.current).toBe('2026-11-19');
    // It was closed there: what says so had not come yet.
    before = undefined;
    expect(day.current).toBe('2026-11-21');
    before = '2026-11-19';
    day.follow(entry('SaleCompleted', '2026-11-21'));
    expect(day.current).toBe('2026-11-21');
    day.follow(entry('DayClosed', '2026-11-21'));
    expect(day.current).toBe('2026-11-21');
    expect(lastDay([entry('ForkSeen'), entry('SaleCompleted', '2026-11-19')])?.open).toBe(
      '2026-11-19',
    );
    const closed = lastDay([
      entry('DayClosed', '2026-11-19'),
      entry('SaleCompleted', '2026-11-19'),
    ]);
    expect(closed).toMatchObject({ open: undefined });
    for (const act of actTypes)
      expect([
        act,
        lastDay([
          entry(act, '2026-11-19'),
          entry('DayClosed', '2026-11-19'),
          entry('SaleCompleted', '2026-11-19'),
        ])?.open,
      ]).toEqual([act, undefined]);
    expect(lastDay([entry('ForkSeen')])).toBeUndefined();
  });
});
