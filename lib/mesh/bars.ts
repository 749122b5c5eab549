/**
 * Peers that were hostile once. They get no link until a person pardons them, also after a restart: otherwise
 * they would be back in a moment, for ever.
 */
import { z } from 'zod';
import { isPrincipal } from '../domain/ids.ts';
import type { Principal } from '../domain/ids.ts';

const principal = z.custom<Principal>(isPrincipal);

/** `code` of the error catalogue, kept as text: a later version may know others. */
export const barShape = z.object({
  peer: principal,
  code: z.string().max(64),
  atMs: z.int().nonnegative(),
});
export type Bar = Readonly<z.output<typeof barShape>>;

/** Where bars outlive the process. `save` is called with all of them and is durable when it returns. */
export interface BarStore {
  load(): readonly Bar[];
  save(bars: readonly Bar[]): void;
}

/**
 * A terminal is barred with all its lives: it can begin another one by itself at any time, under a new principal.
 */
export class Bars {
  readonly #store: BarStore;
  readonly #byTerminal = new Map<string, Bar>();

  constructor(store: BarStore) {
    this.#store = store;
    for (const bar of store.load()) this.#byTerminal.set(terminalOf(bar.peer), bar);
  }

  has(peer: Principal): boolean {
    return this.#byTerminal.has(terminalOf(peer));
  }

  list(): readonly Bar[] {
    return [...this.#byTerminal.values()];
  }

  /** In force even where saving throws: the caller reports that. The first offence stays on record. */
  add(bar: Bar): void {
    if (this.has(bar.peer)) return;
    this.#byTerminal.set(terminalOf(bar.peer), bar);
    this.#store.save(this.list());
  }

  /** Durable before it is in force, so that no restart bars a pardoned peer again. False where there was no bar. */
  pardon(peer: Principal): boolean {
    if (!this.has(peer)) return false;
    const terminal = terminalOf(peer);
    this.#store.save(this.list().filter((bar) => terminalOf(bar.peer) !== terminal));
    return this.#byTerminal.delete(terminal);
  }
}

const terminalOf = (peer: Principal): string => peer.slice(0, peer.lastIndexOf('-'));

/** For tests and for processes without a directory. */
export function barsInMemory(): BarStore {
  let kept: readonly Bar[] = [];
  return {
    load: () => kept,
    save: (bars) => {
      kept = [...bars];
    },
  };
}
