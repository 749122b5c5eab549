/** Peers as the status shows them: each terminal once, linked or not, and since when it is gone. */
import type { Clock } from '../domain/clock.ts';
import type { Principal } from '../domain/ids.ts';

export type Peer = {
  readonly principal: Principal;
  readonly linked: boolean;
  /** When its last link ended, milliseconds since 1970; absent while linked, and where this process never had a link to it. */
  readonly goneAtMs?: number;
};

export class PeerList {
  readonly #clock: Pick<Clock, 'wallMs'>;
  #linked: ReadonlySet<string> = new Set();
  readonly #goneAtMs = new Map<string, number>();

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock;
  }

  /** To be told after every change of links: what is missing compared with the last time is gone since now. */
  look(linked: readonly Principal[]): void {
    const now = new Set(linked.map(terminalOf));
    for (const terminal of this.#linked)
      if (!now.has(terminal)) this.#goneAtMs.set(terminal, this.#clock.wallMs());
    for (const terminal of now) this.#goneAtMs.delete(terminal);
    this.#linked = now;
  }

  /**
   * `members` in the order of their beginning: of each terminal the last life counts, earlier ones are history and missing
   * nowhere. One that is linked all the same is shown.
   */
  list(members: readonly Principal[], linked: readonly Principal[], own: Principal): Peer[] {
    const last = new Map(members.map((principal) => [terminalOf(principal), principal]));
    const shown = new Set([...last.values(), ...linked]);
    shown.delete(own);
    // The own terminal's other lives are no peers, unless one is linked: that is a copy of this till.
    for (const principal of shown)
      if (terminalOf(principal) === terminalOf(own) && !linked.includes(principal))
        shown.delete(principal);
    return [...shown].sort().map((principal): Peer => {
      if (linked.includes(principal)) return { principal, linked: true };
      const goneAtMs = this.#goneAtMs.get(terminalOf(principal));
      return { principal, linked: false, ...(goneAtMs === undefined ? {} : { goneAtMs }) };
    });
  }
}

/** `S01-T2` of `S01-T2-…`. */
export const terminalOf = (principal: Principal): string =>
  principal.slice(0, principal.lastIndexOf('-'));
