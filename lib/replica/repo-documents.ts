/**
 * Documents in the Automerge repo: opened by rule, never asked of the network before their genesis is here,
 * fed with changes that are on disk already, unloaded without the repo's saving an empty one.
 */
import * as A from '@automerge/automerge';
import type { DocHandle, DocumentId, Repo } from '@automerge/automerge-repo';
import type { DocumentRule } from '../documents/registry.ts';

export class RepoDocuments {
  readonly #repo: Repo;
  readonly #actor: string;
  readonly #waiting = new Map<DocumentId, Uint8Array[]>();
  readonly #prepared = new Set<DocumentId>();

  /** `actor`: for documents that are edited directly; changes of journals and desks name their own actors. */
  constructor(repo: Repo, actor: string) {
    this.#repo = repo;
    this.#actor = actor;
  }

  /** Loads a document, or begins it with its genesis; ready when the promise resolves. */
  async open<T>(rule: DocumentRule): Promise<DocHandle<T>> {
    // Ready at once, with its genesis where nothing else is stored: the storage adapter sees to that.
    const handle = await this.#repo.find<T>(rule.id);
    const isEdited = rule.kind === 'records' || rule.kind === 'hq';
    if (isEdited && !this.#prepared.has(rule.id)) {
      // An actor of this process: a lost write may never share (actor, seq) with its successor.
      handle.update((doc) => A.clone(doc, { actor: this.#actor }));
      this.#prepared.add(rule.id);
    }
    return handle;
  }

  /** Gives changes that are on disk to the document, if it is loaded or being loaded. */
  apply(id: DocumentId, changes: readonly Uint8Array[]): void {
    const handle = this.#repo.handles[id];
    if (!handle) return;
    if (handle.isReady() && !this.#waiting.has(id)) {
      handle.update((doc) => A.applyChanges(doc, [...changes])[0]);
      return;
    }
    // The load may have read the file before these were in it.
    const held = this.#waiting.get(id);
    if (held) {
      held.push(...changes);
      return;
    }
    this.#waiting.set(id, [...changes]);
    void handle.whenReady(['ready', 'unavailable', 'deleted', 'unloaded']).then(
      () => {
        const late = this.#waiting.get(id) ?? [];
        this.#waiting.delete(id);
        if (handle.isReady()) handle.update((doc) => A.applyChanges(doc, late)[0]);
      },
      // Not to be had now; whoever loads it next reads the file, which has them.
      () => this.#waiting.delete(id),
    );
  }

  /**
   * Begins a journal's document again from the bytes of its file, if it is loaded: Automerge forgets what it had in its queue.
   * A change of a liar that waits there would be applied as soon as what it follows is here.
   */
  reload(id: DocumentId, bytes: () => Uint8Array): void {
    const handle = this.#repo.handles[id];
    if (!handle) return;
    const reload = () => {
      if (handle.isReady()) handle.update(() => A.loadIncremental(A.init(), bytes()));
    };
    if (handle.isReady()) return reload();
    // Messages that waited for the load are taken in first.
    void handle.whenReady(['ready', 'unavailable', 'deleted', 'unloaded']).then(
      () => setTimeout(reload),
      // Not to be had now; whoever loads it next reads the file.
      () => undefined,
    );
  }

  isLoaded(id: DocumentId): boolean {
    return this.#repo.handles[id] !== undefined;
  }

  /** Gives memory back. The document is opened again when a peer speaks of it. */
  async forget(id: DocumentId): Promise<void> {
    const handle = this.#repo.handles[id];
    if (!handle) return;
    this.#prepared.delete(id);
    // Its last change may still wait to be saved.
    if (handle.isReady()) await this.#repo.flush([id]);
    // Unloading empties the document and says so: the repo would save the empty one over the real one (measured).
    handle.removeAllListeners('heads-changed');
    handle.removeAllListeners('change');
    await this.#repo.removeFromCache(id);
  }

  /** On disk when it resolves: only what is loaded, because flushing a document that never came rejects. */
  async flush(ids?: readonly DocumentId[]): Promise<void> {
    const ready = Object.values(this.#repo.handles)
      .filter((handle) => handle.isReady())
      .map((handle) => handle.documentId);
    await this.#repo.flush(ids ? ready.filter((id) => ids.includes(id)) : ready);
  }
}
