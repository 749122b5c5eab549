/**
 * Lets the Automerge documents of journals follow their files: a moment later, all at once, because one by one costs ten
 * times as much and peers have had the raw changes already. Sealed segments leave memory.
 */
import type { DocumentId } from '@automerge/automerge-repo';
import type { DocumentRegistry, JournalRule } from '../documents/registry.ts';
import type { Clock } from '../domain/clock.ts';
import type { Journals } from './journals.ts';
import type { RepoDocuments } from './repo-documents.ts';

export type DocumentFollowerOptions = {
  readonly documents: RepoDocuments;
  readonly journals: Journals;
  readonly registry: DocumentRegistry;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** Sync begins this much after push has done its work. */
const applyAfterMs = 150;
/** Sealed segments leave memory this long after their successor began. */
const unloadAfterMs = 5_000;

export class DocumentFollower {
  readonly #o: DocumentFollowerOptions;
  readonly #held = new Map<DocumentId, Uint8Array[]>();
  readonly #unloads = new Map<DocumentId, { cancel(): void }>();
  #timer: { cancel(): void } | undefined;

  constructor(options: DocumentFollowerOptions) {
    this.#o = options;
  }

  /** Changes that are on disk. Whoever loads the document meanwhile reads them in the file. */
  follow(rule: JournalRule, changes: readonly Uint8Array[]): void {
    this.#unloadBefore(rule);
    if (!this.#o.documents.isLoaded(rule.id)) return;
    const held = this.#held.get(rule.id);
    if (held) held.push(...changes);
    else this.#held.set(rule.id, [...changes]);
    this.#timer ??= this.#o.clock.setTimer(() => this.now(), applyAfterMs);
  }

  now(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const [id, changes] of this.#held) {
      this.#held.delete(id);
      try {
        this.#o.documents.apply(id, changes);
      } catch (error) {
        // From a timer it would end the process. The file has everything, and whoever opens the document again reads it.
        this.#o.onError(error);
        void this.#o.documents.forget(id).catch(this.#o.onError);
      }
    }
  }

  stop(): void {
    for (const timer of this.#unloads.values()) timer.cancel();
    this.now();
  }

  /** The first entry of a segment seals the one before it. */
  #unloadBefore({ journal, segment }: JournalRule): void {
    const { documents, journals, registry, clock } = this.#o;
    const before = registry.journalRule(journal, segment - 1);
    if (!before || this.#unloads.has(before.id) || !journals.segments.loaded(journal, segment - 1))
      return;
    if (journals.tip(journal).segment !== segment) return;
    const timer = clock.setTimer(() => {
      this.#unloads.delete(before.id);
      if (journals.isForked(journal)) return;
      journals.segments.unload(before);
      void documents.forget(before.id).catch(this.#o.onError);
    }, unloadAfterMs);
    this.#unloads.set(before.id, timer);
  }
}
