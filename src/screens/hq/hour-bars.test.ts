import { describe, expect, it } from 'vitest';
import { hourBars, hourRows } from './hour-bars.ts';

const total = (currency: string, totalMinor: number, sales = 1, returns = 0) => ({
  currency,
  sales,
  returns,
  totalMinor,
});

describe('hours of a day', () => {
  it('P9: adds up the stores in one currency, and has every hour of the day', () => {
    const rows = hourRows(
      [
        { hours: [{ hour: 7, totals: [total('EUR', 100), total('GBP', 9)] }] },
        {
          hours: [
            { hour: 7, totals: [total('EUR', 50, 2, 1)] },
            { hour: 20, totals: [total('EUR', -30)] },
          ],
        },
      ],
      'EUR',
    );
    expect(rows.map(({ hour }) => hour)).toEqual([
      7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    ]);
    expect(rows[0]).toEqual({ hour: 7, sales: 3, returns: 1, amountMinor: 150 });
    expect(rows.at(-1)).toMatchObject({ amountMinor: -30 });
    expect(rows[5]).toEqual({ hour: 12, sales: 0, returns: 0, amountMinor: 0 });
  });

  it('bars stay in the picture, sales above the line and returns below it', () => {
    const rows = [200, 0, -50].map((amountMinor, n) => ({
      hour: n,
      sales: 1,
      returns: 0,
      amountMinor,
    }));
    const { bars, baseline } = hourBars(rows, { width: 300, height: 100 });
    expect(baseline).toBe(80);
    expect(bars.map(({ y, height }) => [y, height])).toEqual([
      [0, 80],
      [80, 0],
      [80, 20],
    ]);
    for (const { x, width } of bars) expect(x >= 0 && x + width <= 300).toBe(true);
  });

  it('amounts stand at all bars where there is room, and at the best one where there is none', () => {
    const rows = [100, 300, 0, 300].map((amountMinor, hour) => ({
      hour,
      sales: 1,
      returns: 0,
      amountMinor,
    }));
    const amounts = (width: number) =>
      hourBars(rows, { width, height: 100 }).bars.map(({ hasAmount }) => hasAmount);
    expect(amounts(400)).toEqual([true, true, false, true]);
    expect(amounts(200)).toEqual([false, true, false, false]);
  });

  it('an empty day is a line, and names of hours never stand on each other', () => {
    const rows = hourRows([], 'EUR');
    const { bars, baseline } = hourBars(rows, { width: 280, height: 100 });
    expect(baseline).toBe(100);
    expect(bars.every(({ height }) => height === 0)).toBe(true);
    const named = bars.filter(({ isNamed }) => isNamed).map(({ x }) => x);
    for (const [n, x] of named.slice(1).entries())
      expect(x - (named[n] ?? 0)).toBeGreaterThanOrEqual(44);
  });
});
