/** Discovery within one process, for tests and simulations: a LAN is an object that all its tills share. */
import { readFound } from './discovery.ts';
import type { Announcement, Discovery, FoundTill } from './discovery.ts';

export class LoopbackLan {
  readonly #present = new Map<LoopbackDiscovery, Announcement>();

  /** A till's view of this LAN. */
  join(host = '127.0.0.1'): Discovery {
    return new LoopbackDiscovery(this, host);
  }

  /** @internal */
  enter(till: LoopbackDiscovery, announcement: Announcement): void {
    for (const [other, theirs] of this.#present) {
      other.hear({ ...announcement, host: till.host });
      till.hear({ ...theirs, host: other.host });
    }
    this.#present.set(till, announcement);
  }

  /** @internal */
  leave(till: LoopbackDiscovery): void {
    this.#present.delete(till);
  }
}

class LoopbackDiscovery implements Discovery {
  readonly host: string;
  readonly #lan: LoopbackLan;
  readonly #listeners: ((found: FoundTill) => void)[] = [];
  #own: Announcement | undefined;

  constructor(lan: LoopbackLan, host: string) {
    this.#lan = lan;
    this.host = host;
  }

  start(announcement: Announcement): void {
    this.#own = announcement;
    this.#lan.enter(this, announcement);
  }

  onFound(listener: (found: FoundTill) => void): void {
    this.#listeners.push(listener);
  }

  stop(): Promise<void> {
    this.#own = undefined;
    this.#lan.leave(this);
    return Promise.resolve();
  }

  hear(candidate: unknown): void {
    const found = this.#own && readFound(candidate, this.#own);
    if (found !== undefined) for (const listener of this.#listeners) listener(found);
  }
}
