/**
 * Writes that automerge-repo believes done, in the order in which it asked. What the disk refused stays at the
 * head of its document's line: nothing behind it is done before it, so a compaction never deletes the old pieces
 * of a snapshot that is not on disk. Only what is not on disk yet is held in memory.
 */
import type { StorageKey } from '@automerge/automerge-repo/slim';
import { sameKey } from './storage-key.ts';

export type Write =
  | { readonly kind: 'save'; readonly key: StorageKey; readonly bytes: Uint8Array }
  | { readonly kind: 'remove' | 'removeRange'; readonly key: StorageKey };

/** `refused`: try again later. `failed`: never again in this process. */
export type WriteResult = 'done' | 'refused' | 'failed';

export class WriteQueue {
  readonly #perform: (write: Write) => WriteResult;
  readonly #turn: () => Promise<void>;
  readonly #waiting = new Map<string, Write[]>();
  #tail: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #failed = false;

  /** `turn` lets other work of the process go first: a burst of writes must not hold up a sale. */
  constructor(perform: (write: Write) => WriteResult, turn: () => Promise<void>) {
    this.#perform = perform;
    this.#turn = turn;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Resolves when the write was tried: done, or held because the disk refused it. */
  add(write: Write): Promise<void> {
    const document = write.key[0] ?? '';
    const line = this.#waiting.get(document) ?? [];
    this.#waiting.set(document, line);
    const before = line.findLastIndex((other) => sameKey(other.key, write.key));
    const replaced = line[before];
    if (write.kind === 'save' && replaced?.kind === 'save' && !rangeRemovedAfter(line, before)) {
      // Newer bytes of the same key, in the older one's place: a refused sync state does not pile up.
      line[before] = write;
      this.#waitingBytes -= replaced.bytes.length;
    } else line.push(write);
    if (write.kind === 'save') this.#waitingBytes += write.bytes.length;
    return this.#schedule(document);
  }

  /** What stands before this document's pieces on disk, oldest first. */
  waiting(document: string): readonly Write[] {
    return this.#waiting.get(document) ?? [];
  }

  /** Tries again what was refused. */
  async retry(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map((document) => this.#schedule(document)));
  }

  /** Everything asked for so far was tried. */
  idle(): Promise<void> {
    return this.#tail;
  }

  stop(): void {
    this.#failed = true;
  }

  #schedule(document: string): Promise<void> {
    const tried = this.#tail.then(this.#turn).then(() => this.#drain(document));
    // A defect in one write reaches who asked for it, and does not end the line for the others.
    this.#tail = tried.catch(() => undefined);
    return tried;
  }

  #drain(document: string): void {
    const line = this.#waiting.get(document) ?? [];
    for (let write = line[0]; write !== undefined && !this.#failed; write = line[0]) {
      const result = this.#perform(write);
      if (result === 'failed') this.#failed = true;
      if (result !== 'done') return;
      line.shift();
      if (write.kind === 'save') this.#waitingBytes -= write.bytes.length;
    }
    if (line.length === 0) this.#waiting.delete(document);
  }
}

function rangeRemovedAfter(line: readonly Write[], at: number): boolean {
  return line.slice(at + 1).some((write) => write.kind === 'removeRange');
}
