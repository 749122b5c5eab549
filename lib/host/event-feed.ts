/**
 * Server-sent events with resume: every event has an id; a client that comes back with the last one it saw
 * gets what it missed, or the whole picture when that is too long ago or of another run of the process.
 */
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';

export type FeedEvent = { readonly id: string; readonly name: string; readonly data: string };

export type EventFeedOptions = {
  /** Distinguishes runs of the process: ids of another run are not resumed. */
  readonly run: string;
  /** The event that a client needs first: `{name, value}` becomes its JSON. Undefined: there is none at the moment. */
  readonly picture: () => { readonly name: string; readonly value: unknown } | undefined;
  /** Events kept for resuming. */
  readonly kept?: number;
};

export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  readonly #kept: FeedEvent[] = [];
  #last = 0;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(name: string, value: unknown): void {
    this.#last += 1;
    const event = this.#event(name, value);
    this.#kept.push(event);
    if (this.#kept.length > (this.#options.kept ?? limits.eventsKept)) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Something changed that was told to nobody: whoever comes back gets the whole picture. */
  skip(): void {
    this.#last += 1;
    this.#kept.length = 0;
  }

  /** Sends what was missed since `lastEventId`, then everything new, until the returned function is called. */
  subscribe(lastEventId: string | undefined, send: (event: FeedEvent) => void): () => void {
    for (const event of this.#missedSince(lastEventId) ?? this.#picture()) send(event);
    this.#listeners.add(send);
    return () => {
      this.#listeners.delete(send);
    };
  }

  #missedSince(lastEventId: string | undefined): FeedEvent[] | undefined {
    const match = /^([^:]+):(\d{1,15})$/.exec(lastEventId ?? '');
    if (match?.[1] !== this.#options.run) return undefined;
    const seen = Number(match[2]);
    const oldestKept = this.#last - this.#kept.length + 1;
    if (seen > this.#last || seen + 1 < oldestKept) return undefined;
    return this.#kept.slice(this.#kept.length - (this.#last - seen));
  }

  #picture(): FeedEvent[] {
    const picture = this.#options.picture();
    return picture ? [this.#event(picture.name, picture.value)] : [];
  }

  #event(name: string, value: unknown): FeedEvent {
    return { id: `${this.#options.run}:${this.#last}`, name, data: JSON.stringify(value) };
  }
}

/** The bytes of one event on the wire. JSON has no raw line breaks, so one `data` line is enough. */
export function formatEvent(event: FeedEvent): string {
  return `id: ${event.id}\nevent: ${event.name}\ndata: ${event.data}\n\n`;
}

/**
 * Joins many changes into one call of `run`: for the first as soon as its maker has done (a sale is acknowledged before
 * screens are drawn), then at most one each `everyMs`. Nothing is lost: a change during the pause is followed by a call
 * at its end.
 */
export function paced(clock: Clock, everyMs: number, run: () => void): () => void {
  let pausing = false;
  let again = false;
  const go = (): void => {
    pausing = true;
    run();
    clock.setTimer(() => {
      pausing = false;
      if (!again) return;
      again = false;
      go();
    }, everyMs);
  };
  return () => {
    if (pausing) again = true;
    else {
      pausing = true;
      clock.setTimer(go, 0);
    }
  };
}
