/** What a hand with a hex editor does to a segment file. For tests alone. */
import { genesisOf } from '../documents/genesis.ts';
import { names } from '../documents/names.ts';
import type { EntryHash, JournalKey } from '../domain/ids.ts';
import { concatBytes } from '../journal/bytes.ts';
import { encodeCanonical } from '../journal/canonical-json.ts';
import {
  readEntryChange,
  writeEntryChange,
  type ChangePlace,
} from '../journal/canonical-change.ts';
import { hashOfEntry, readEntry } from '../journal/entry.ts';
import type { Entry } from '../journal/envelope.ts';
import { scanVerified } from '../storage/node-chunks.ts';

export type SegmentOfFile = {
  readonly genesis: Uint8Array;
  readonly start: ChangePlace;
  readonly changes: readonly Uint8Array[];
  readonly entries: readonly Entry[];
};

export function openSegment(
  bytes: Uint8Array,
  journal: JournalKey,
  segment: number,
): SegmentOfFile {
  const name = names.journal(journal, segment);
  const { hash, actor } = genesisOf(name, 'list');
  const start = { hash, actor, actorSeq: 1, op: 1 };
  const [genesis, ...changes] = scanVerified(bytes).chunks.map((chunk) =>
    bytes.subarray(chunk.start, chunk.end),
  );
  if (!genesis) throw new Error(`${name} is empty`);
  const entries = changes.map((change) => readEntry(readEntryChange(change, start).blob).entry);
  return { genesis, start, changes, entries };
}

export const closeSegment = (genesis: Uint8Array, changes: readonly Uint8Array[]): Uint8Array =>
  concatBytes([genesis, ...changes]);

/** The file with one entry edited and the checksum of its own chunk made to fit again. */
export function withEdit(
  { genesis, start, changes }: SegmentOfFile,
  at: number,
  edit: (entry: Entry) => Entry,
): Uint8Array {
  let previous = start;
  const written = changes.map((bytes, index) => {
    const change = readEntryChange(bytes, start);
    const before = previous;
    previous = change.place;
    if (index !== at) return bytes;
    const blob = encodeCanonical(edit(readEntry(change.blob).entry));
    return writeEntryChange(blob, change.place.actor, before, start).bytes;
  });
  return closeSegment(genesis, written);
}

/** The file with these entries, every hash, link and checksum computed anew; only signatures cannot be. */
export function relinked(
  { genesis, start, changes }: SegmentOfFile,
  entries: readonly Entry[],
  before: EntryHash | '-',
): Uint8Array {
  let place = start;
  let prev: EntryHash | '-' = before;
  const actor = readEntryChange(changes[0] ?? genesis, start).place.actor;
  const written = entries.map((entry) => {
    const blob = encodeCanonical({ ...entry, prev, dep: place.hash });
    const change = writeEntryChange(blob, actor, place, start);
    place = change.place;
    prev = hashOfEntry(blob);
    return change.bytes;
  });
  return closeSegment(genesis, written);
}
