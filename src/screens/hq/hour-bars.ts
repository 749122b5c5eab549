/** Sales by the hour as bars of a picture of a given size. Pure: what a screen draws, a test can measure. */
import type { SalesToday } from '#lib/host/hq-services.ts';
import { addUp } from './health-words.ts';

export type HourRow = {
  readonly hour: number;
  readonly sales: number;
  readonly returns: number;
  readonly amountMinor: number;
};

export type HourBar = HourRow & {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Whether there is room for the name of its hour below it. */
  readonly isNamed: boolean;
  /** Whether its amount stands at its end: where all have room, or at the best of them. */
  readonly hasAmount: boolean;
};

/** A shop's usual day; it grows with what was sold outside it. */
const [usualFirst, usualLast] = [8, 19];
const nameWidth = 44;
const amountWidth = 64;
const gap = 0.25;

/** Every hour from the first to the last of the day in one currency, those without a sale as 0. */
export function hourRows(days: readonly Pick<SalesToday, 'hours'>[], currency: string): HourRow[] {
  const sold = days.flatMap(({ hours }) => hours);
  const first = Math.min(usualFirst, ...sold.map(({ hour }) => hour));
  const last = Math.max(usualLast, ...sold.map(({ hour }) => hour));
  return Array.from({ length: last - first + 1 }, (_, n) => {
    const hour = first + n;
    const totals = sold.filter((one) => one.hour === hour).flatMap((one) => one.totals);
    const [own] = addUp(totals.filter((one) => one.currency === currency));
    const { sales = 0, returns = 0, totalMinor = 0 } = own ?? {};
    return { hour, sales, returns, amountMinor: totalMinor };
  });
}

/** More taken back than sold in an hour hangs below the line. */
export function hourBars(
  rows: readonly HourRow[],
  size: { readonly width: number; readonly height: number },
): { readonly bars: readonly HourBar[]; readonly baseline: number } {
  const amounts = rows.map(({ amountMinor }) => amountMinor);
  const best = amounts.indexOf(Math.max(...amounts));
  const [most, least] = [Math.max(0, ...amounts), Math.min(0, ...amounts)];
  const scale = most === least ? 0 : size.height / (most - least);
  const baseline = most === least ? size.height : most * scale;
  const step = size.width / Math.max(1, rows.length);
  const every = Math.max(1, Math.ceil(nameWidth / step));
  const bars = rows.map((row, n) => {
    const height = Math.abs(row.amountMinor) * scale;
    return {
      ...row,
      x: (n + gap / 2) * step,
      width: (1 - gap) * step,
      y: row.amountMinor >= 0 ? baseline - height : baseline,
      height,
      isNamed: n % every === 0,
      hasAmount: row.amountMinor !== 0 && (step >= amountWidth || n === best),
    };
  });
  return { bars, baseline };
}
