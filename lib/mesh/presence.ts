/**
 * What linked peers said of themselves last, and when we say the same of us: on link-up, soon after a change, and at
 * intervals. Holds words only; what follows from them is decided elsewhere.
 */
import type { Clock } from '../domain/clock.ts';
import type { Principal } from '../domain/ids.ts';
import type { OwnContents, Presence } from './protocol.ts';

export type OwnPresence = Omit<Extract<OwnContents, { type: 'tillmesh/presence' }>, 'type'>;

export type PresenceOptions = {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Changes within this time are told once: a burst of sales is no burst of presence. */
  readonly coalesceMs: number;
  /** What this peer may know of us. */
  readonly own: (peer: Principal) => OwnPresence;
  readonly send: (to: Principal, contents: OwnContents) => boolean;
};

export class PresenceKeeper {
  readonly #options: PresenceOptions;
  readonly #linked = new Set<Principal>();
  readonly #said = new Map<Principal, { readonly presence: Presence; readonly atMs: number }>();
  #interval: { cancel(): void } | undefined;
  #soon: { cancel(): void } | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  linked(peer: Principal): void {
    this.#linked.add(peer);
    // Words from before the link may be of another state of its disk.
    this.#said.delete(peer);
    this.#tell(peer);
    this.#interval ??= this.#options.clock.setTimer(
      () => this.#atInterval(),
      this.#options.intervalMs,
    );
  }

  unlinked(peer: Principal): void {
    this.#linked.delete(peer);
    this.#said.delete(peer);
    if (this.#linked.size === 0) this.stop();
  }

  /** Something that presence shows has changed here. */
  changed(): void {
    if (this.#linked.size === 0) return;
    this.#soon ??= this.#options.clock.setTimer(() => {
      this.#soon = undefined;
      this.#tellAll();
    }, this.#options.coalesceMs);
  }

  received(presence: Presence, from: Principal): void {
    // A word that was on its way when the link ended is nobody's state any more.
    if (!this.#linked.has(from)) return;
    this.#said.set(from, { presence, atMs: this.#options.clock.monotonicMs() });
  }

  of(peer: Principal): Presence | undefined {
    return this.#said.get(peer)?.presence;
  }

  /** Milliseconds since a peer's last word; undefined where there is none. */
  ageMs(peer: Principal): number | undefined {
    const said = this.#said.get(peer);
    return said === undefined ? undefined : this.#options.clock.monotonicMs() - said.atMs;
  }

  stop(): void {
    this.#interval?.cancel();
    this.#interval = undefined;
    this.#soon?.cancel();
    this.#soon = undefined;
  }

  #atInterval(): void {
    this.#interval = this.#options.clock.setTimer(
      () => this.#atInterval(),
      this.#options.intervalMs,
    );
    this.#tellAll();
  }

  #tellAll(): void {
    for (const peer of this.#linked) this.#tell(peer);
  }

  #tell(peer: Principal): void {
    this.#options.send(peer, { type: 'tillmesh/presence', ...this.#options.own(peer) });
  }
}
