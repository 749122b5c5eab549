/** The status as it changes: begins with what the page was loaded with, then follows the event stream. */
import type { PublicStatus } from '#lib/host/public-status.ts';
import { createContext } from 'svelte';
import type { Status } from '#lib/host/services.ts';

export type Connection = 'connecting' | 'live' | 'lost';

/** A process that is there says so every 15 s (`event-route.ts`); one that hangs keeps its connection and is silent. */
const silentMs = 40_000;

/** A browser that was refused once, for too many streams or by a proxy, asks for no second one by itself. */
const reopenMs = 3_000;

/** `status` for whoever is signed in, `light` for the others. */
export class Live<Seen> {
  status: Seen = $state.raw() as Seen;
  connection: Connection = $state('connecting');
  /** When the process was last heard of, milliseconds since 1970. */
  heardAtMs = $state(0);
  readonly #name: 'status' | 'light';
  readonly #listeners = new Set<() => void>();
  readonly #shut: () => void;

  /** `shut`: the till tells this page no more than anybody; its session is locked or over. */
  constructor(name: 'status' | 'light', loaded: Seen, shut: () => void = () => location.reload()) {
    this.#name = name;
    this.status = loaded;
    this.#shut = shut;
  }

  /** Follows until the returned function is called. The browser reconnects and resumes by itself. */
  follow(): () => void {
    // The page itself came from the process just now.
    this.heardAtMs = Date.now();
    let events: EventSource;
    let reopening: ReturnType<typeof setTimeout> | undefined;
    const lost = (): void => {
      this.connection = 'lost';
    };
    let silence = setTimeout(lost, silentMs);
    const heard = (): void => {
      this.connection = 'live';
      this.heardAtMs = Date.now();
      clearTimeout(silence);
      silence = setTimeout(lost, silentMs);
    };
    const open = (): void => {
      events = new EventSource('/events');
      events.addEventListener('open', heard);
      events.addEventListener('alive', heard);
      events.addEventListener('error', () => {
        lost();
        if (events.readyState === EventSource.CLOSED) reopening = setTimeout(open, reopenMs);
      });
      events.addEventListener(this.#name, (event) => {
        this.status = JSON.parse(event.data) as Seen;
        heard();
        for (const listener of this.#listeners) listener();
      });
      // Locked, or signed out in another window.
      if (this.#name === 'status') events.addEventListener('light', this.#shut);
    };
    open();
    return () => {
      clearTimeout(silence);
      clearTimeout(reopening);
      events.close();
    };
  }

  /** Calls back with each status that arrives: a page reads again what it shows. Returns how to stop that. */
  onArrival(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

export class LiveStatus extends Live<Status> {
  constructor(loaded: Status, shut?: () => void) {
    super('status', loaded, shut);
  }
}

export class LiveLight extends Live<PublicStatus> {
  constructor(loaded: PublicStatus) {
    super('light', loaded);
  }
}

/** The one stream of a page: begun by the shell, used by whatever is in it. */
export const [liveStatus, provideLiveStatus] = createContext<LiveStatus>();
