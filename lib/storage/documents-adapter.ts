/**
 * Storage of all documents but journals, in the layout of the published NodeFS adapter and readable by it: every
 * save is durable or reported, every piece is verified before it is used, nothing that is on disk is kept in memory.
 * Journal segments are served from their own files and never written here.
 */
import type { Chunk, DocumentId, StorageKey } from '@automerge/automerge-repo/slim';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import { dirname, join } from 'node:path';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { makeDirectoryDurably, syncOrFail, writeAtomically } from './atomic-file.ts';
import type { Disk } from './disk.ts';
import { failed, isAbsent, refused } from './disk-errors.ts';
import { scanVerified } from './node-chunks.ts';
import { setAside } from './set-aside.ts';
import * as keys from './storage-key.ts';
import { WriteQueue, type Write, type WriteResult } from './write-queue.ts';

/** The journals' files. `owns` must go on saying yes for ever: a late save of the repo must not become a file. */
export interface SegmentSource {
  read(id: DocumentId): Uint8Array | undefined;
  owns(id: DocumentId): boolean;
}

export type StorageProblem =
  /** A damaged piece was moved away; the others were loaded, and peers bring back what is missing. */
  | {
      readonly kind: 'set-aside';
      readonly document: DocumentId;
      readonly path: string;
      readonly reason: string;
    }
  /** Not loaded and left where it is. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly error: TillmeshError }
  /** Held in memory and tried again: at the document's next save and at `retry`. */
  | { readonly kind: 'not-saved'; readonly document: string; readonly error: TillmeshError }
  /** The process must stop. */
  | { readonly kind: 'disk-failed'; readonly error: TillmeshError }
  /** Somebody sent a name that is none. */
  | { readonly kind: 'key-refused'; readonly key: string };

export type DocumentsAdapterOptions = {
  readonly segments: SegmentSource;
  /**
   * What a known document begins with. Served where nothing of it is stored, so that no document is ever "requested": one
   * that does not come within a minute ends in an unhandled rejection of automerge-repo.
   */
  readonly genesis?: (id: DocumentId) => Uint8Array | undefined;
  /** Must not throw. */
  readonly onProblem: (problem: StorageProblem) => void;
  /** Where damaged pieces go; `aside` beside the directory where absent. */
  readonly asideDirectory?: string;
  /** Resolves when the next write may begin; the next turn of the event loop where absent. */
  readonly turn?: () => Promise<void>;
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class DocumentsAdapter extends NodeFSStorageAdapter {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #options: DocumentsAdapterOptions;
  readonly #writes: WriteQueue;
  /** Directories whose own names are durable. */
  readonly #durable = new Set<string>();
  /** Rank of keys by first save, as automerge-repo's acceptance suite asks of `loadRange`. Names only. */
  readonly #rank = new Map<string, number>();
  #saves = 0;

  constructor(disk: Disk, directory: string, options: DocumentsAdapterOptions) {
    super(directory);
    this.#disk = disk;
    this.#directory = directory;
    this.#options = options;
    this.#writes = new WriteQueue((write) => this.#perform(write), options.turn ?? nextTurn);
  }

  /**
   * Never rejects: automerge-repo saves in the background and would turn a rejection into an unhandled one, and
   * never compact again. It takes every save for done; ask `isSaved` before promising anything to a peer.
   */
  override async save(key: StorageKey, bytes: Uint8Array): Promise<void> {
    if (this.#isSegmentPiece(key) || !this.#accepts(key)) return;
    const name = key.join('/');
    if (!this.#rank.has(name)) this.#rank.set(name, this.#saves++);
    const tried = this.#writes.add({ kind: 'save', key, bytes });
    if (this.#writes.waitingBytes > limits.unsavedBytes) {
      this.#writes.stop();
      const error = new TillmeshError('DISK_FAILED', 'too much waits to be saved');
      this.#options.onProblem({ kind: 'disk-failed', error });
    }
    await tried;
  }

  override async remove(key: StorageKey): Promise<void> {
    if (this.#isSegmentPiece(key) || !this.#accepts(key)) return;
    this.#rank.delete(key.join('/'));
    await this.#writes.add({ kind: 'remove', key });
  }

  override async removeRange(prefix: StorageKey): Promise<void> {
    const wholeSegment = prefix.length === 1 && this.#isSegment(prefix);
    if (wholeSegment || this.#isSegmentPiece(prefix) || !this.#accepts(prefix)) return;
    for (const name of this.#rank.keys()) {
      if (keys.keyStartsWith(name.split('/'), prefix)) this.#rank.delete(name);
    }
    await this.#writes.add({ kind: 'removeRange', key: prefix });
  }

  override async load(key: StorageKey): Promise<Uint8Array | undefined> {
    if (!this.#accepts(key)) return undefined;
    const waiting = this.#writes.waiting(key[0] ?? '').findLast((write) => touches(write, key));
    if (waiting !== undefined) return waiting.kind === 'save' ? waiting.bytes : undefined;
    return this.#read(key);
  }

  override async loadRange(prefix: StorageKey): Promise<Chunk[]> {
    if (!this.#accepts(prefix)) return [];
    const found = new Map<string, Chunk>();
    for (const key of this.#keysBeneath(prefix)) {
      const data = this.#isSegmentPiece(key) ? undefined : this.#read(key);
      if (data !== undefined) found.set(key.join('/'), { key, data });
    }
    for (const write of this.#writes.waiting(prefix[0] ?? '')) applyTo(found, write, prefix);
    const segment = this.#segmentPiece(prefix);
    const rank = (chunk: Chunk): number => this.#rank.get(chunk.key.join('/')) ?? -1;
    if (segment.length === 0 && found.size === 0) return this.#genesisPiece(prefix);
    return [...segment, ...[...found.values()].sort((a, b) => rank(a) - rank(b))];
  }

  /** False while something of this document is only in memory. */
  isSaved(id: DocumentId): boolean {
    return this.#writes.waiting(id).length === 0;
  }

  /** Tries again what the disk refused: call it when there is room again, or now and then. */
  retry(): Promise<void> {
    return this.#writes.retry();
  }

  /** Resolves when everything asked for so far was tried. */
  idle(): Promise<void> {
    return this.#writes.idle();
  }

  #perform(write: Write): WriteResult {
    try {
      const path = keys.pathOfKey(this.#directory, write.key);
      if (write.kind === 'save') this.#saveFile(path, write.bytes);
      else this.#removeFile(path, write.kind === 'removeRange');
      return 'done';
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      if (error.code === 'DISK_FAILED') {
        this.#options.onProblem({ kind: 'disk-failed', error });
        return 'failed';
      }
      this.#options.onProblem({ kind: 'not-saved', document: write.key[0] ?? '', error });
      return 'refused';
    }
  }

  #saveFile(path: string, bytes: Uint8Array): void {
    const directory = dirname(path);
    if (!this.#durable.has(directory)) makeDirectoryDurably(this.#disk, directory);
    this.#durable.add(directory);
    // One name for all: writes are one after the other, and the published adapter never looks at it.
    writeAtomically(this.#disk, path, bytes, join(this.#directory, '.saving'));
  }

  #removeFile(path: string, range: boolean): void {
    try {
      this.#disk.remove(path);
    } catch (error) {
      throw refused(error, path);
    }
    // A removed piece that a power cut brings back says nothing new. A removed document must stay away.
    if (!range) return;
    for (const directory of this.#durable) {
      if (directory === path || directory.startsWith(join(path, '/')))
        this.#durable.delete(directory);
    }
    try {
      this.#disk.syncDirectory(dirname(path));
    } catch (error) {
      // Nothing of this document was ever saved.
      if (!isAbsent(error)) throw failed(error, path);
    }
  }

  #read(key: StorageKey): Uint8Array | undefined {
    const path = keys.pathOfKey(this.#directory, key);
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#disk.read(path);
    } catch (error) {
      this.#options.onProblem({ kind: 'unreadable', path, error: refused(error, path) });
      return undefined;
    }
    if (bytes === undefined || !keys.isDocumentPiece(key)) return bytes;
    const { chunks, goodBytes, problem } = scanVerified(bytes);
    if (problem === undefined && chunks.length > 0) return bytes;
    this.#putAside(key, path, `not an Automerge chunk at byte ${goodBytes} of ${bytes.length}`);
    return undefined;
  }

  #putAside(key: readonly [DocumentId, ...string[]], path: string, reason: string): void {
    const aside = this.#options.asideDirectory ?? join(dirname(this.#directory), 'aside');
    try {
      setAside(this.#disk, path, aside, { reason, name: key.join('.') });
      this.#options.onProblem({ kind: 'set-aside', document: key[0], path, reason });
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      const kind = error.code === 'DISK_FAILED' ? 'disk-failed' : 'unreadable';
      this.#options.onProblem({ kind, path, error });
    }
  }

  #keysBeneath(prefix: StorageKey): StorageKey[] {
    const path = keys.pathOfKey(this.#directory, prefix);
    try {
      const found: StorageKey[] = [];
      const stat = this.#disk.stat(path);
      if (stat?.kind === 'file') return [prefix];
      if (stat === undefined) return [];
      this.#settle(path);
      for (const name of this.#disk.list(path)) {
        const key = [...prefix, name];
        if (keys.isSafeKey(key)) found.push(...this.#keysBeneath(key));
      }
      return found;
    } catch (error) {
      const problem = isTillmeshError(error, 'DISK_FAILED')
        ? { kind: 'disk-failed' as const, error }
        : { kind: 'unreadable' as const, path, error: refused(error, path) };
      this.#options.onProblem(problem);
      return [];
    }
  }

  /** Names that a killed process left in the system's memory only become durable before anyone hears of them. */
  #settle(directory: string): void {
    if (this.#durable.has(directory)) return;
    makeDirectoryDurably(this.#disk, directory);
    syncOrFail(this.#disk, directory);
    this.#durable.add(directory);
  }

  #segmentPiece(prefix: StorageKey): Chunk[] {
    const id = keys.documentOf(prefix);
    if (id === undefined || !this.#isSegment(prefix)) return [];
    if (prefix.length > 2 || (prefix[1] ?? 'snapshot') !== 'snapshot') return [];
    try {
      const data = this.#options.segments.read(id);
      return data === undefined ? [] : [{ key: [id, 'snapshot', 'segment'], data }];
    } catch (error) {
      // A rejection here would make `find` reject once and hang the second time.
      if (!isTillmeshError(error)) throw error;
      this.#options.onProblem({ kind: 'unreadable', path: id, error });
      return [];
    }
  }

  #genesisPiece(prefix: StorageKey): Chunk[] {
    const id = keys.documentOf(prefix);
    if (id === undefined || prefix.length > 2 || (prefix[1] ?? 'snapshot') !== 'snapshot')
      return [];
    const data = this.#options.genesis?.(id);
    if (data === undefined) return [];
    const key = [id, 'snapshot', 'genesis'];
    // On disk too, so that the published adapter can read what is saved on top of it.
    void this.save(key, data);
    return [{ key, data }];
  }

  #isSegment(key: StorageKey): boolean {
    const id = keys.documentOf(key);
    return id !== undefined && this.#options.segments.owns(id);
  }

  #isSegmentPiece(key: StorageKey): boolean {
    return keys.isPieceKind(key[1]) && this.#isSegment(key);
  }

  #accepts(key: StorageKey): boolean {
    if (keys.isSafeKey(key)) return true;
    this.#options.onProblem({ kind: 'key-refused', key: JSON.stringify(key).slice(0, 200) });
    return false;
  }
}

function touches(write: Write, key: StorageKey): boolean {
  if (write.kind === 'removeRange') return keys.keyStartsWith(key, write.key);
  return keys.sameKey(write.key, key);
}

function applyTo(found: Map<string, Chunk>, write: Write, prefix: StorageKey): void {
  if (write.kind === 'save') {
    if (!keys.keyStartsWith(write.key, prefix)) return;
    found.set(write.key.join('/'), { key: write.key, data: write.bytes });
    return;
  }
  for (const [name, chunk] of found) if (touches(write, chunk.key)) found.delete(name);
}
