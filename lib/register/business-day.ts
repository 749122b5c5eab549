/**
 * The open business day of a terminal. A person closes it; the calendar only names the next one.
 */
import { isActType } from '../domain/acts.ts';
import type { Clock } from '../domain/clock.ts';
import type { Hlc } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';

export class BusinessDay {
  readonly #clock: Clock;
  readonly #inherited: () => string | undefined;
  #open: string | undefined;
  /** This life has a day of its own, open or closed. */
  #isOwn = false;

  /** `inherited`: the day that the life before left open, as far as it is known. */
  constructor(clock: Clock, inherited: () => string | undefined = () => undefined) {
    this.#clock = clock;
    this.#inherited = inherited;
  }

  /** The day that documents belong to now: the open one, or the calendar's where none is open. */
  get current(): string {
    const open = this.#isOwn ? this.#open : this.#inherited();
    return open ?? calendarDay(this.#clock.wallMs(), this.#clock.zone());
  }

  /** Finds the open day in the own entries, the newest first; reads no further than to the last that has one. */
  begin(newestFirst: Iterable<VerifiedEntry>): void {
    for (const read of newestFirst) {
      if (isActType(read.entry.type) || typeof read.entry.body['businessDay'] !== 'string')
        continue;
      this.follow(read);
      return;
    }
  }

  /** Follows the own entries, oldest first. */
  follow({ entry }: VerifiedEntry): void {
    // A drawer that is opened at night opens no day.
    if (isActType(entry.type)) return;
    const { businessDay } = entry.body;
    if (typeof businessDay !== 'string') return;
    this.#isOwn = true;
    this.#open = entry.type === 'DayClosed' ? undefined : businessDay;
  }
}

/** The last word of a life on its day, the newest entry first: which one it left open, if any, and when. */
export function lastDay(
  newestFirst: Iterable<VerifiedEntry>,
): { readonly at: Hlc; readonly open: string | undefined } | undefined {
  for (const { entry } of newestFirst) {
    const { businessDay } = entry.body;
    // A drawer that was opened after the closing opened no day.
    if (isActType(entry.type) || typeof businessDay !== 'string') continue;
    return { at: entry.at, open: entry.type === 'DayClosed' ? undefined : businessDay };
  }
  return undefined;
}

/** `2026-11-20` of a moment in a time zone. */
function calendarDay(wallMs: number, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(wallMs);
}
