/** How a store and a till are, in words and in the order of who needs somebody. Pure. */
import type { SalesTotal, StoreHealth, TillHealth } from '#lib/host/hq-services.ts';
import { texts } from '../../texts/english.ts';
import { formatCount, formatMoney, formatSince, formatWait } from '../../texts/format.ts';

const words = texts.hq.store;

/** As far as two clocks may differ before an order of events is in doubt; a till's own flag begins there, too. */
const clockDoubtMs = 30_000;

export const storeName = ({ store, name }: Pick<StoreHealth, 'store' | 'name'>): string =>
  name === undefined ? store : `${name} · ${store}`;

export const linkedTills = (tills: readonly Pick<TillHealth, 'linked'>[]): number =>
  tills.filter(({ linked }) => linked).length;

/** Red is for nothing here: what a till holds and has not sent is safe as long as the till is. */
export type Trouble = { readonly kind: 'busy' | 'note'; readonly text: string };

/** What is not as it should be at a store; empty for one that is well. */
export function troublesOf({ tills, flags, notArchived }: StoreHealth): readonly Trouble[] {
  const linked = linkedTills(tills);
  return [
    ...(linked < tills.length
      ? [{ kind: 'note', text: words.tillsLinked(linked, tills.length) } as const]
      : []),
    ...(notArchived > 0 ? [{ kind: 'busy', text: words.notArchived(notArchived) } as const] : []),
    ...(flags > 0 ? [{ kind: 'busy', text: words.flags(flags) } as const] : []),
  ];
}

/** Those with the most trouble first, the others by their codes. */
export const byTrouble = (stores: readonly StoreHealth[]): readonly StoreHealth[] =>
  stores.toSorted(
    (a, b) => troublesOf(b).length - troublesOf(a).length || (a.store < b.store ? -1 : 1),
  );

/** `14:02:31`, or since when it is away. */
export function heardWord({ heardAtMs }: TillHealth, nowMs: number): string {
  return heardAtMs === undefined ? words.neverHeard : formatSince(heardAtMs, nowMs);
}

export function lagWord({ notHere = 0, notArchived }: TillHealth): string {
  const parts = [
    ...(notHere > 0 ? [words.notHere(notHere)] : []),
    ...(notArchived > 0 ? [words.notInArchive(notArchived)] : []),
  ];
  return parts.length === 0 ? words.nothingBehind : parts.join(', ');
}

export const isBehind = ({ notHere = 0, notArchived }: TillHealth): boolean =>
  notHere + notArchived > 0;

export const delayWord = ({ latencyMs }: TillHealth): string =>
  latencyMs === undefined
    ? '–'
    : words.milliseconds(formatCount(Math.max(1, Math.round(latencyMs))));

export function clockWord({ clockOffsetMs }: TillHealth): string {
  if (clockOffsetMs === undefined) return '–';
  // Below a second nobody would call two clocks different.
  if (Math.abs(clockOffsetMs) < 1_000) return words.sameClock;
  const by = formatWait(Math.abs(clockOffsetMs));
  return clockOffsetMs > 0 ? words.ahead(by) : words.behind(by);
}

export const isClockOff = ({ clockOffsetMs = 0 }: TillHealth): boolean =>
  Math.abs(clockOffsetMs) >= clockDoubtMs;

/** One figure for each currency. */
export const moneyOf = (totals: readonly SalesTotal[]): readonly string[] =>
  totals.map(({ totalMinor, currency }) => formatMoney(totalMinor, currency));

/** `12 sales · 1 return`; empty where there is neither. */
export function countsOf(totals: readonly SalesTotal[]): string {
  const sales = totals.reduce((sum, one) => sum + one.sales, 0);
  const returns = totals.reduce((sum, one) => sum + one.returns, 0);
  if (sales + returns === 0) return '';
  return [words.sales(sales), ...(returns > 0 ? [words.returns(returns)] : [])].join(' · ');
}

/** All stores' together, by currency. */
export function sumOf(stores: readonly StoreHealth[]): readonly SalesTotal[] {
  return addUp(stores.flatMap(({ today }) => today.totals));
}

export function addUp(all: readonly SalesTotal[]): readonly SalesTotal[] {
  const sums = new Map<string, SalesTotal>();
  for (const { currency, sales, returns, totalMinor } of all) {
    const before = sums.get(currency) ?? { currency, sales: 0, returns: 0, totalMinor: 0 };
    sums.set(currency, {
      currency,
      sales: before.sales + sales,
      returns: before.returns + returns,
      totalMinor: before.totalMinor + totalMinor,
    });
  }
  return [...sums.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}
