/**
 * Journals of which two replicas show different entries: their segments are opened in Automerge, whose sync brings all
 * branches together. A tip says nothing of the shorter branch, so a peer that lacks it would never ask for it.
 * Anybody can claim a difference, so a claim that proves nothing opens little, and not for long.
 */
import type { DocumentId } from '@automerge/automerge-repo';
import type { DocumentRegistry } from '../documents/registry.ts';
import type { Clock } from '../domain/clock.ts';
import type { JournalKey, Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Journals } from './journals.ts';
import type { RepoDocuments } from './repo-documents.ts';

export type DisputesOptions = {
  readonly journals: Journals;
  readonly registry: DocumentRegistry;
  readonly documents: Pick<RepoDocuments, 'open' | 'forget' | 'isLoaded'>;
  readonly clock: Clock;
  /** Peers are to be told of documents that were not spoken of before. */
  readonly onShared: () => void;
  readonly onError: (error: unknown) => void;
};

/** A sync of a whole segment takes seconds at most; who is still of another opinion claims again. */
const claimMs = 60_000;

type Claim = { readonly by: Principal; readonly opened: readonly DocumentId[] };

export class Disputes {
  readonly #o: DisputesOptions;
  readonly #claims = new Map<JournalKey, Claim>();
  readonly #timers = new Set<{ cancel(): void }>();
  /** Segments that sync has been given. */
  readonly #opened = new Set<DocumentId>();

  constructor(options: DisputesOptions) {
    this.#o = options;
  }

  /** May peers be told of this journal's segments unasked? */
  has(journal: JournalKey): boolean {
    return this.#o.journals.isForked(journal) || this.#claims.has(journal);
  }

  /**
   * A peer has shown another entry than ours, or said so, and its tip is in segment `theirs`. Branches that closed their days
   * at different places have entries of both in the earlier one of the two last segments, and no other both replicas may
   * know: it is opened with the end of the journal, and what differs there proves the fork.
   */
  claim(journal: JournalKey, theirs: number | undefined, by: Principal): void {
    if (this.#o.journals.isForked(journal)) return this.settle(journal);
    if (this.#claims.has(journal)) return;
    const open = [...this.#claims.values()].filter((claim) => claim.by === by).length;
    if (open >= limits.openClaims) return;
    const ours = this.#o.journals.segments.of(journal);
    const segments = new Set(ours.slice(-2));
    const shared = ours.findLast((segment) => segment <= (theirs ?? 0));
    if (shared !== undefined) segments.add(shared);
    // Known before anything is opened: peers are told of what is disputed only.
    const opened: DocumentId[] = [];
    this.#claims.set(journal, { by, opened });
    opened.push(...this.#open(journal, segments));
    const timer = this.#o.clock.setTimer(() => {
      this.#timers.delete(timer);
      this.#end(journal);
    }, claimMs);
    this.#timers.add(timer);
  }

  /**
   * The journal has branches, all of them on disk: every segment is opened, and stays so. And the one after them: a peer
   * spoke of it before it was admitted here, and where tips are equal it does not speak of it again.
   */
  settle(journal: JournalKey): void {
    const segments = this.#o.journals.segments.of(journal);
    this.#open(journal, [...segments, (segments.at(-1) ?? 0) + 1]);
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #open(journal: JournalKey, segments: Iterable<number>): DocumentId[] {
    const { registry, documents, onShared, onError } = this.#o;
    const opened: DocumentId[] = [];
    for (const segment of segments) {
      const rule = registry.journalRule(journal, segment);
      if (!rule || this.#opened.has(rule.id)) continue;
      this.#opened.add(rule.id);
      opened.push(rule.id);
      // Of one that was loaded for somebody who asked, the other peers are told now.
      if (documents.isLoaded(rule.id)) onShared();
      else void documents.open(rule).catch(onError);
    }
    return opened;
  }

  /** What proved nothing gives its memory back. */
  #end(journal: JournalKey): void {
    const claim = this.#claims.get(journal);
    this.#claims.delete(journal);
    if (!claim || this.#o.journals.isForked(journal)) return;
    for (const id of claim.opened) {
      this.#opened.delete(id);
      void this.#o.documents.forget(id).catch(this.#o.onError);
    }
  }
}
