/**
 * From journals to the archive's queue: what arrives goes there directly while there is room. Beyond that only the place in
 * its journal is kept, and it is read from the segment files when there is room again: an archive that is away for a week
 * costs disk, not memory. Doing it twice changes nothing in the archive.
 */
import type { JournalKey } from '../lib/domain/ids.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';

/** Where verified entries go. */
export type ArchiveSink = {
  /** Takes them at once; resolves when there is room for more. */
  push(entries: readonly VerifiedEntry[]): Promise<void>;
  readonly isRoomy: boolean;
  /** Resolves when there is room, or when it takes no more. */
  room(): Promise<void>;
  /** The archive may not be what it was: it is looked at before anything else goes there. */
  check(): Promise<void>;
};

export type ArchiveFeedParts = {
  /** Everything that counts of a journal from a seq on, a bounded part at a time. */
  readonly entriesFrom: (journal: JournalKey, seq: number) => Iterable<readonly VerifiedEntry[]>;
  readonly sink: Pick<ArchiveSink, 'push' | 'isRoomy' | 'room'>;
  readonly onError: (error: unknown) => void;
};

export class ArchiveFeed {
  readonly #p: ArchiveFeedParts;
  /** From which seq on a journal is to be read. */
  readonly #marks = new Map<JournalKey, number>();
  #isReading = false;
  #isStopped = false;

  constructor(parts: ArchiveFeedParts) {
    this.#p = parts;
  }

  /** Entries that are on disk. */
  arrived(entries: readonly VerifiedEntry[]): void {
    if (this.#p.sink.isRoomy) {
      void this.#p.sink.push(entries);
      return;
    }
    for (const { journal, entry } of entries) this.feed(journal, entry.seq);
  }

  /** The journal goes to the archive from this seq on. */
  feed(journal: JournalKey, seq: number): void {
    this.#marks.set(journal, Math.min(seq, this.#marks.get(journal) ?? seq));
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#read();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #read(): Promise<void> {
    for (;;) {
      await this.#p.sink.room();
      const [next] = this.#marks;
      if (!next || this.#isStopped) break;
      const [journal, seq] = next;
      // First: what arrives while the files are read may be behind the place that they are read at.
      this.#marks.delete(journal);
      try {
        for (const entries of this.#p.entriesFrom(journal, seq)) {
          // History is read no faster than it is archived.
          await this.#p.sink.push(entries);
          if (this.#isStopped) break;
        }
      } catch (error) {
        // One journal that cannot be read keeps no other out.
        this.#p.onError(error);
      }
    }
    this.#isReading = false;
  }
}
