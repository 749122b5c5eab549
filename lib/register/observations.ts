/**
 * What this till alone has noticed becomes an entry of its journal, so that it counts for all: foreign writes that were
 * refused, forks, clocks that are off. Each is said once per life: a hostile peer must not fill a journal.
 */
import type { EntryHash, JournalKey, Principal } from '../domain/ids.ts';
import type { ReplicaEvent } from '../replica/replica-options.ts';

export type ObservationDraft = {
  readonly type: string;
  readonly body: object;
  readonly command: string;
};

export type ObservationParts = {
  readonly incarnation: string;
  /** The hashes that stand at a forked journal's first doubled seq; undefined while this replica has one branch only. */
  readonly forkOf: (journal: JournalKey) => { seq: number; hashes: EntryHash[] } | undefined;
  readonly append: (draft: ObservationDraft) => void;
};

/** Different things that one life says, of each kind: a peer that swings its clock must not use up the others' room. */
const most = 500;

export class Observations {
  readonly #p: ObservationParts;
  readonly #said = new Set<string>();
  readonly #counts = new Map<string, number>();

  constructor(parts: ObservationParts) {
    this.#p = parts;
  }

  notice(event: ReplicaEvent): void {
    if (event.kind === 'hostile') {
      const { peer, code, document } = event;
      this.#say(`refused ${peer} ${code}`, 'ForeignWriteRefused', {
        peer,
        code,
        ...(document === undefined ? {} : { document }),
      });
    } else if (event.kind === 'forked') {
      const fork = this.#p.forkOf(event.journal);
      if (fork) this.#say(`fork ${event.journal}`, 'ForkSeen', { journal: event.journal, ...fork });
    } else if (event.kind === 'clockOffset') this.#clock(event.peer, event.offsetMs);
  }

  #clock(peer: Principal, offsetMs: number): void {
    this.#say(`clock ${peer} ${Math.round(offsetMs / 1_000)}`, 'ClockOffsetSeen', {
      peer,
      offsetMs,
    });
  }

  #say(what: string, type: string, body: object): void {
    const count = this.#counts.get(type) ?? 0;
    if (this.#said.has(what) || count >= most) return;
    this.#said.add(what);
    this.#counts.set(type, count + 1);
    this.#p.append({ type, body, command: `observed-${this.#p.incarnation}-${this.#said.size}` });
  }
}
