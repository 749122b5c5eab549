/**
 * Sales and returns of a store's calendar day, in all and by the hour, out of quarters of an hour. Pure. The day is the
 * one that it is now in the zone of each till, by the till's own clock: what a person at the store would call today.
 */
import type { Hlc } from '../lib/domain/ids.ts';
import type { SalesToday, SalesTotal } from '../lib/host/hq-services.ts';
import { formatHlc } from '../lib/journal/hybrid-clock.ts';
import type { QuarterTotal } from '../lib/projections/document-rows.ts';

const quarterMs = 15 * 60_000;

/** Whatever zone a till is in, and on the longest day of the year, today began no longer ago than this. */
export const todayFrom = (nowMs: number): Hlc => formatHlc(nowMs - 25 * 3_600_000, 0);

/** `zone` is the store's, for the name of the day. */
export function salesToday(
  quarters: readonly QuarterTotal[],
  nowMs: number,
  zone: string,
): SalesToday {
  const ofToday = quarters.filter(
    (one) => placeOf(one.quarter * quarterMs, one.zone).day === placeOf(nowMs, one.zone).day,
  );
  const byHour = Map.groupBy(ofToday, (one) => placeOf(one.quarter * quarterMs, one.zone).hour);
  return {
    day: placeOf(nowMs, zone).day,
    zone,
    totals: totalsOf(ofToday),
    hours: [...byHour]
      .toSorted(([a], [b]) => a - b)
      .map(([hour, those]) => ({ hour, totals: totalsOf(those) })),
  };
}

function totalsOf(quarters: readonly QuarterTotal[]): SalesTotal[] {
  const totals = new Map<string, SalesTotal>();
  for (const { currency, type, documents, totalMinor } of quarters) {
    const before = totals.get(currency) ?? { currency, sales: 0, returns: 0, totalMinor: 0 };
    const isReturn = type === 'ReturnCompleted';
    totals.set(currency, {
      currency,
      sales: before.sales + (isReturn ? 0 : documents),
      returns: before.returns + (isReturn ? documents : 0),
      // A return's total is negative.
      totalMinor: before.totalMinor + totalMinor,
    });
  }
  return [...totals.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

type Place = { readonly day: string; readonly hour: number };

const formats = new Map<string, Intl.DateTimeFormat>();

/** Day and hour of a moment in a zone; of a zone that this machine does not know, as in UTC. */
function placeOf(wallMs: number, zone: string): Place {
  const text = formatOf(zone).format(wallMs);
  return { day: text.slice(0, 10), hour: Number(text.slice(11, 13)) };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  // Zones come from entries: a till that makes up new ones must not fill the memory.
  if (formats.size >= 1_000) formats.clear();
  const made = makeFormat(zone);
  formats.set(zone, made);
  return made;
}

function makeFormat(zone: string): Intl.DateTimeFormat {
  // Swedish writes dates as ISO 8601 does: `2026-11-20 08`.
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit' } as const;
  const make = (timeZone: string) =>
    new Intl.DateTimeFormat('sv-SE', { ...parts, hourCycle: 'h23', timeZone });
  try {
    return make(zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return make('UTC');
  }
}
