/**
 * The open business day of a terminal. A person closes it; the calendar only names the next one.
 */
import { isActType } from '../domain/acts.ts';
import type { Clock } from '../domain/clock.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';

export class BusinessDay {
  readonly #clock: Clock;
  #open: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The day that documents belong to now: the open one, or the calendar's where none is open. */
  get current(): string {
    return this.#open ?? calendarDay(this.#clock.wallMs(), this.#clock.zone());
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
    if (entry.type === 'DayClosed') this.#open = undefined;
    else if (typeof businessDay === 'string') this.#open = businessDay;
  }
}

/** `2026-11-20` of a moment in a time zone. */
function calendarDay(wallMs: number, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(wallMs);
}
