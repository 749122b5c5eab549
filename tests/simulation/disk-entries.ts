/** The journal entries on a disk, read by the checker's own eyes: what would be found there after a power cut. */
import { genesisOf } from '#lib/documents/genesis.ts';
import { names } from '#lib/documents/names.ts';
import type { EntryHash, JournalKey } from '#lib/domain/ids.ts';
import { readEntryChange, type ChangePlace } from '#lib/journal/canonical-change.ts';
import { readEntry } from '#lib/journal/entry.ts';
import type { VerifiedEntry } from '#lib/journal/envelope.ts';
import type { FaultyDisk } from '#lib/storage/faulty-disk.ts';
import { scanVerified } from '#lib/storage/node-chunks.ts';
import { dataDirectory } from './device.ts';

const root = `${dataDirectory}/journals/`;
const starts = new Map<string, ChangePlace>();
/** By the chunk's own bytes: the same change is read once for all disks and moments. */
const reads = new Map<string, VerifiedEntry>();

export function entriesOn(disk: FaultyDisk, only?: JournalKey): VerifiedEntry[] {
  const within = only ? `${root}${only}` : root.slice(0, -1);
  return disk.filesBeneath(within).flatMap((path) => {
    // What a process has cut off again, because it did not get it written, may still be on the platter: it is not held.
    const seen = new Set(entriesIn(path, disk.seen(path)).map((read) => read.hash));
    return entriesIn(path, disk.durable(path)).filter((read) => seen.has(read.hash));
  });
}

export function hashesOn(disk: FaultyDisk, only?: JournalKey): Set<EntryHash> {
  return new Set(entriesOn(disk, only).map((read) => read.hash));
}

function entriesIn(path: string, bytes: Uint8Array | undefined): VerifiedEntry[] {
  const name = /^(.*)\/([0-9]+)\.changes$/.exec(path.slice(root.length));
  if (!bytes || !name) return [];
  const start = startOf(names.journal(name[1] as JournalKey, Number(name[2])));
  return scanVerified(bytes)
    .chunks.slice(1)
    .map((chunk) => {
      const change = bytes.subarray(chunk.start, chunk.end);
      const key = Buffer.from(change).toString('base64');
      const known = reads.get(key) ?? readEntry(readEntryChange(change, start).blob);
      reads.set(key, known);
      return known;
    });
}

function startOf(name: string): ChangePlace {
  const known = starts.get(name);
  if (known) return known;
  const genesis = genesisOf(name, 'list');
  const start = { hash: genesis.hash, actor: genesis.actor, actorSeq: 1, op: 1 };
  starts.set(name, start);
  return start;
}

/** Between runs: nothing of one shop is of use to another. */
export function forgetEntries(): void {
  reads.clear();
  starts.clear();
}
