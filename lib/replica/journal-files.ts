/**
 * The files of all journals: `journals/<store>/<terminal>/<incarnation>/<n>.changes`, one append-only file of raw
 * Automerge changes per segment. The storage adapter serves them to the repo; nothing but this writes them.
 */
import type { DocumentId } from '@automerge/automerge-repo/slim';
import type { JournalRule } from '../documents/registry.ts';
import {
  isIncarnationId,
  isStoreId,
  isTerminalId,
  journalKeyOf,
  type JournalKey,
} from '../domain/ids.ts';
import type { Disk } from '../storage/disk.ts';
import { SegmentFile } from '../storage/segment-file.ts';

const suffix = '.changes';

export class JournalFiles {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #open = new Map<DocumentId, SegmentFile>();

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
          if (segments.length) found.set(journalKeyOf({ store, terminal, incarnation }), segments);
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
    let file = this.#open.get(rule.id);
    if (!file) {
      file = SegmentFile.open(
        this.#disk,
        this.pathOf(rule.journal, rule.segment),
        rule.genesis.bytes,
      );
      this.#open.set(rule.id, file);
    }
    return file;
  }

  /** Bytes of a segment without opening it for writing. */
  bytes(journal: JournalKey, segment: number): Uint8Array | undefined {
    return this.#disk.read(this.pathOf(journal, segment));
  }

  close(rule: JournalRule): void {
    this.#open.get(rule.id)?.close();
    this.#open.delete(rule.id);
  }

  closeAll(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}
