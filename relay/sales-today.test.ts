import { describe, expect, it } from 'vitest';
import type { QuarterTotal } from '../lib/projections/document-rows.ts';
import { salesToday, todayFrom } from './sales-today.ts';

const at = (iso: string, more: Partial<QuarterTotal> = {}): QuarterTotal => ({
  quarter: Math.floor(Date.parse(iso) / 900_000),
  zone: 'Europe/Madrid',
  type: 'SaleCompleted',
  currency: 'EUR',
  documents: 1,
  totalMinor: 1_000,
  ...more,
});
const now = Date.parse('2026-11-21T10:30:00Z');

describe('sales of today', () => {
  it('P9: sums sales less returns by currency, in all and by the hour of the store', () => {
    const today = salesToday(
      [
        at('2026-11-21T08:05:00Z', { documents: 2 }),
        at('2026-11-21T08:50:00Z'),
        at('2026-11-21T09:00:00Z', { currency: 'GBP', totalMinor: 5 }),
        at('2026-11-21T10:10:00Z', { type: 'ReturnCompleted', totalMinor: -300 }),
      ],
      now,
      'Europe/Madrid',
    );
    expect(today).toEqual({
      day: '2026-11-21',
      zone: 'Europe/Madrid',
      totals: [
        { currency: 'EUR', sales: 3, returns: 1, totalMinor: 1_700 },
        { currency: 'GBP', sales: 1, returns: 0, totalMinor: 5 },
      ],
      hours: [
        { hour: 9, totals: [{ currency: 'EUR', sales: 3, returns: 0, totalMinor: 2_000 }] },
        { hour: 10, totals: [{ currency: 'GBP', sales: 1, returns: 0, totalMinor: 5 }] },
        { hour: 11, totals: [{ currency: 'EUR', sales: 0, returns: 1, totalMinor: -300 }] },
      ],
    });
  });

  it.each([
    ['the minute after midnight at the store', '2026-11-20T23:01:00Z', 'Europe/Madrid', true],
    ['the minute before it', '2026-11-20T22:59:00Z', 'Europe/Madrid', false],
    [
      'yesterday evening in a zone where it is still yesterday',
      '2026-11-21T06:00:00Z',
      'Pacific/Honolulu',
      false,
    ],
    ['this morning there', '2026-11-21T10:15:00Z', 'Pacific/Honolulu', true],
    ['a zone of three quarters of an hour', '2026-11-20T18:15:00Z', 'Asia/Kathmandu', true],
    ['just before its midnight', '2026-11-20T18:14:00Z', 'Asia/Kathmandu', false],
    ['a till whose clock is a day ahead', '2026-11-22T10:00:00Z', 'Europe/Madrid', false],
    ['a zone that nobody knows counts as UTC', '2026-11-21T00:00:00Z', 'Mars/Olympus', true],
  ])('%s', (_what, iso, zone, counts) => {
    const today = salesToday([at(iso, { zone })], now, 'Europe/Madrid');
    expect(today.totals.length > 0).toBe(counts);
  });

  it('asks for no less than the longest day', () => {
    // 25 hours: the day on which clocks go back.
    const evening = Date.parse('2026-10-25T22:45:00Z');
    const midnight = Date.parse('2026-10-24T22:00:00Z');
    expect(todayFrom(evening) <= midnight.toString(16).padStart(12, '0') + '0000').toBe(true);
    const today = salesToday(
      [at('2026-10-24T22:00:00Z'), at('2026-10-25T00:30:00Z'), at('2026-10-25T01:30:00Z')],
      evening,
      'Europe/Madrid',
    );
    expect(today.hours.map(({ hour, totals }) => [hour, totals[0]?.sales])).toEqual([
      [0, 1],
      // Half past two came twice.
      [2, 2],
    ]);
  });
});
