/**
 * How many of this till's documents are not yet elsewhere, over all of its lives. Counts documents, not entries, and
 * counts each stretch of the journal once.
 */
import type { JournalKey, Principal } from '../domain/ids.ts';
import { parseJournalKey } from '../domain/ids.ts';
import type { Waiting } from '../host/services.ts';
import type { Register } from './register.ts';

export class WaitingDocuments {
  readonly #register: Register;
  /** By journal and the seq above which was counted: up to where, and how many. */
  readonly #counted = new Map<string, { upTo: number; documents: number }>();

  constructor(register: Register) {
    this.#register = register;
  }

  all(): Waiting {
    const waiting = { onlyHere: 0, forHq: 0, forArchive: 0 };
    for (const journal of this.#journals()) {
      const { onPeers, atHq, archived } = this.#register.replica.voice.reach(journal);
      // What is archived is at HQ, whatever relay has said so or not.
      const hq = Math.max(atHq, archived);
      waiting.onlyHere += this.#above(journal, Math.max(onPeers, hq));
      waiting.forHq += this.#above(journal, hq);
      waiting.forArchive += this.#above(journal, archived);
    }
    return waiting;
  }

  /** Documents that this peer has not confirmed. */
  for(peer: Principal): number {
    const { voice } = this.#register.replica;
    return this.#journals().reduce(
      (sum, journal) => sum + this.#above(journal, voice.confirmedBy(peer, journal)),
      0,
    );
  }

  /** This till's, earlier lives' included. */
  #journals(): JournalKey[] {
    const { store, terminal } = this.#register.living.identity;
    return this.#register.replica.journals.keys().filter((key) => {
      const writer = parseJournalKey(key);
      return writer.store === store && writer.terminal === terminal;
    });
  }

  #above(journal: JournalKey, above: number): number {
    const tip = this.#register.replica.journals.tip(journal).seq;
    if (above >= tip) return 0;
    const key = `${journal} ${above}`;
    const before = this.#counted.get(key);
    const from = before && before.upTo <= tip ? before : { upTo: above, documents: 0 };
    const more =
      from.upTo < tip ? this.#register.models.documentsBetween(journal, from.upTo, tip) : 0;
    const documents = from.documents + more;
    if (this.#counted.size >= mostCounted) this.#counted.clear();
    this.#counted.set(key, { upTo: tip, documents });
    return documents;
  }
}

/** Tills of a store times the lives of one, with room; counting anew costs a millisecond for 1,000. */
const mostCounted = 256;
