/** Links cut on purpose, by tests and drills: one principal, or every life of one `store-terminal`. */
import type { Principal } from '../domain/ids.ts';

export class Switch {
  readonly #cut = new Set<string>();

  cut(peer: string): void {
    this.#cut.add(peer);
  }

  heal(peer: string): void {
    this.#cut.delete(peer);
  }

  isCut(peer: Principal): boolean {
    for (const name of this.#cut) if (peer === name || peer.startsWith(`${name}-`)) return true;
    return false;
  }
}
