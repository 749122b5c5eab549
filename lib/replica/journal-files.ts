/**
 * The files of all journals: `journals/<store>/<terminal>/<incarnation>/<n>.changes`, one append-only file of raw
 * Automerge changes per segment. The storage adapter serves them to the repo; nothing but this writes them.
 */
import type { DocumentId } from '@automerge/automerge-repo/slim';
import type { JournalRule } from '../documents/registry.ts';
import { isTillmeshError } from '../domain/errors.ts';
import {
  isIncarnationId,
  isStoreId,
  isTerminalId,
  journalKeyOf,
  type JournalKey,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import { SegmentFile } from '../storage/segment-file.ts';

const suffix = '.changes';
/** Empty; there while no process uses the journals and the last one has closed them in order. */
const stoppedMark = 'stopped';
/** Only the file that is being written can be in doubt: a journal's last, or the one before where a gap is being filled. */
const suspects = 2;

export class JournalFiles {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #open = new Map<DocumentId, SegmentFile>();
  /** Until `begin` has done its part, and again after a failed sync. */
  #isInDoubt = true;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /** Segments on disk, by journal, in order. */
  list(): Map<JournalKey, number[]> {
    const found = new Map<JournalKey, number[]>();
    const below = (path: string) =>
      this.#disk.list(path).map((name) => [name, `${path}/${name}`] as const);
    for (const [store, storePath] of below(this.#directory))
      for (const [terminal, terminalPath] of isStoreId(store) ? below(storePath) : [])
        for (const [incarnation, path] of isTerminalId(terminal) ? below(terminalPath) : []) {
          if (!isStoreId(store) || !isTerminalId(terminal) || !isIncarnationId(incarnation))
            continue;
          const segments = this.#disk
            .list(path)
            .filter((name) => /^[1-9][0-9]{0,6}\.changes$/.test(name))
            .map((name) => Number(name.slice(0, -suffix.length)))
            .sort((a, b) => a - b);
          const strays = segments.findIndex(
            (segment, at) => segment - (segments[at - 1] ?? 0) > limits.segmentsMissing,
          );
          const ours = strays < 0 ? segments : segments.slice(0, strays);
          if (ours.length) found.set(journalKeyOf({ store, terminal, incarnation }), ours);
        }
    return found;
  }

  pathOf(journal: JournalKey, segment: number): string {
    return `${this.#directory}/${journal}/${segment}${suffix}`;
  }

  exists(journal: JournalKey, segment: number): boolean {
    return this.#disk.stat(this.pathOf(journal, segment)) !== undefined;
  }

  /** The file of a segment, begun with its genesis where there is none. Throws FILE_DAMAGED, DISK_FULL, DISK_FAILED. */
  open(rule: JournalRule): SegmentFile {
    const open = this.#open.get(rule.id);
    if (open) return open;
    try {
      const path = this.pathOf(rule.journal, rule.segment);
      const file = SegmentFile.open(this.#disk, path, rule.genesis.bytes);
      this.#open.set(rule.id, file);
      return file;
    } catch (error) {
      this.#isInDoubt ||= isTillmeshError(error, 'DISK_FAILED');
      throw error;
    }
  }

  /** Bytes of a segment without opening it for writing. */
  bytes(journal: JournalKey, segment: number): Uint8Array | undefined {
    return this.#disk.read(this.pathOf(journal, segment));
  }

  close(rule: JournalRule): void {
    const file = this.#open.get(rule.id);
    this.#isInDoubt ||= file?.isPoisoned === true;
    file?.close();
    this.#open.delete(rule.id);
  }

  /**
   * Before anything is read. A process that ended without leaving its mark may have been ended by a failed sync. Then the
   * system's memory shows bytes that the disk never got, the next sync of that file says yes without writing them, and a
   * power cut later takes entries whose copies were confirmed. In a new file they are on the disk, or it says no.
   * @throws DISK_FAILED
   */
  begin(): void {
    const path = `${this.#directory}/${stoppedMark}`;
    const wasStopped = this.#disk.stat(path) !== undefined;
    if (wasStopped) this.#disk.remove(path);
    else
      for (const [journal, segments] of this.list())
        for (const segment of segments.slice(-suspects)) this.#writeAnew(journal, segment);
    this.#isInDoubt = false;
  }

  #writeAnew(journal: JournalKey, segment: number): void {
    const bytes = this.bytes(journal, segment);
    try {
      if (bytes) writeAtomically(this.#disk, this.pathOf(journal, segment), bytes);
    } catch (error) {
      // A full disk must not keep a till from selling. The file is as before, and in doubt only where its disk failed, too.
      if (!isTillmeshError(error, 'DISK_FULL') && !isTillmeshError(error, 'DISK_REFUSED'))
        throw error;
    }
  }

  /** Closes all, and leaves the mark. It needs no sync: a power cut empties the system's memory as well. */
  end(): void {
    for (const file of this.#open.values()) {
      this.#isInDoubt ||= file.isPoisoned;
      file.close();
    }
    this.#open.clear();
    if (this.#isInDoubt) return;
    try {
      this.#disk.remove(`${this.#directory}/${stoppedMark}`);
      this.#disk.create(`${this.#directory}/${stoppedMark}`).close();
    } catch {
      // Without the mark the next start is a careful one.
    }
  }
}
