/**
 * Checks one journal's files from the bytes up: checksums, canonical changes, the chain of changes and of entries,
 * every signature. Goes on after whatever it finds, so that one bad entry does not hide the next. Writes nothing.
 */
import type { JournalRule } from '../documents/registry.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { JournalKey } from '../domain/ids.ts';
import { equalBytes } from '../journal/bytes.ts';
import {
  fits,
  readEntryChange,
  type ChangePlace,
  type ClaimedChange,
} from '../journal/canonical-change.ts';
import { isSignedBy, readEntry } from '../journal/entry.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { WriterKey } from '../replica/segments.ts';
import { scanVerified } from '../storage/node-chunks.ts';
import type { Problem } from './verify-report.ts';

export type Report = (problem: Problem) => void;

/** One entry as it stands in a file. */
export type FoundEntry = {
  readonly segment: number;
  readonly where: string;
  readonly change: ClaimedChange;
  readonly read: VerifiedEntry;
};

export type SegmentBytes = {
  readonly rule: JournalRule;
  /** Path within the directory. */
  readonly where: string;
  readonly bytes: Uint8Array;
};

/** Every entry of a journal's files that can be read and belongs there; signatures are not looked at yet. */
export function readSegments(segments: readonly SegmentBytes[], report: Report): FoundEntry[] {
  return segments.flatMap((segment) => readSegment(segment, report));
}

function readSegment({ rule, where, bytes }: SegmentBytes, report: Report): FoundEntry[] {
  const { chunks, goodBytes, problem } = scanVerified(bytes);
  if (problem !== undefined)
    report({
      kind: problem,
      where,
      what:
        problem === 'torn'
          ? `${bytes.length - goodBytes} bytes after the last whole chunk at byte ${goodBytes}`
          : `the checksum does not fit at byte ${goodBytes} of ${bytes.length}; whole chunks follow`,
    });
  const all = chunks.map(({ start, end }) => bytes.subarray(start, end));
  // Behind a damaged place the chunks are still good evidence.
  if (problem === 'damaged') all.push(...chunksAfter(bytes, goodBytes + 1));
  const [genesis, ...changes] = all;
  if (!genesis || !equalBytes(genesis, rule.genesis.bytes)) {
    report({ kind: 'damaged', where, what: `it does not begin as ${rule.name} does` });
    if (genesis) changes.unshift(genesis);
  }
  const start = placeOfGenesis(rule);
  const found: FoundEntry[] = [];
  for (const [at, change] of changes.entries()) {
    try {
      const claimed = readEntryChange(change, start);
      found.push({ segment: rule.segment, where, change: claimed, read: readEntry(claimed.blob) });
    } catch (error) {
      if (!(error instanceof TillmeshError)) throw error;
      const kind = error.code === 'CHANGE_NOT_CANONICAL' ? 'edited' : 'damaged';
      report({ kind, where, what: `change ${at + 1}: ${error.message}` });
    }
  }
  return found;
}

/** Whole chunks from the first that can be found behind a byte. */
function chunksAfter(bytes: Uint8Array, from: number): Uint8Array[] {
  for (let at = bytes.indexOf(0x85, from); at >= 0; at = bytes.indexOf(0x85, at + 1)) {
    const rest = bytes.subarray(at);
    const { chunks } = scanVerified(rest);
    if (chunks.length > 0) return chunks.map(({ start, end }) => rest.subarray(start, end));
  }
  return [];
}

const placeOfGenesis = ({ genesis }: JournalRule): ChangePlace => ({
  hash: genesis.hash,
  actor: genesis.actor,
  actorSeq: 1,
  op: 1,
});

/** The entries that their writer signed, in order of seq, each once. Everything else is reported. */
export function proveEntries(
  journal: JournalKey,
  found: readonly FoundEntry[],
  writer: WriterKey,
  report: Report,
): FoundEntry[] {
  const proven = new Map<string, FoundEntry>();
  for (const one of found) {
    const { read, change, where } = one;
    const edited = (what: string): void =>
      report({ kind: 'edited', where, seq: read.entry.seq, what });
    if (read.journal !== journal) edited(`an entry of ${read.journal}`);
    else if (!isSignedBy(read, writer.verify))
      edited('the signature does not fit: it was changed after it was signed');
    else if (
      read.entry.actor !== change.place.actor ||
      read.entry.dep !== change.dep ||
      !change.place.actor.startsWith(writer.actorPrefix)
    )
      edited('a genuine entry in a change that is not its own');
    else if (!proven.has(read.hash)) proven.set(read.hash, one);
  }
  return [...proven.values()].sort((a, b) => a.read.entry.seq - b.read.entry.seq);
}

/** Gaps, forks, and whether each entry and each change follows the one before. `found` holds the unproven ones too. */
export function checkOrder(
  rules: ReadonlyMap<number, JournalRule>,
  found: readonly FoundEntry[],
  proven: readonly FoundEntry[],
  report: Report,
): { gaps: boolean; forked: boolean } {
  const bySeq = Map.groupBy(proven, ({ read }) => read.entry.seq);
  const gaps = reportGaps(found, proven.at(-1)?.read.entry.seq ?? 0, report);
  let forked = false;
  for (const [seq, here] of bySeq) {
    const [first] = here;
    if (here.length > 1 && first) {
      forked = true;
      const what = `${here.length} entries under one seq, all of them genuine`;
      report({ kind: 'forked', where: first.where, seq, what });
    }
    const previous = bySeq.get(seq - 1);
    for (const { read, where } of here)
      if (seq === 1 ? read.entry.prev !== '-' : previous && !precedes(previous, read))
        report({ kind: 'edited', where, seq, what: 'it follows another entry than the one here' });
  }
  checkPlaces(rules, proven, bySeq, report);
  return { gaps, forked };
}

const precedes = (previous: readonly FoundEntry[], read: VerifiedEntry): boolean =>
  previous.some((one) => one.read.hash === read.entry.prev);

/** Seqs up to the last proven one that no entry carries. An unproven entry is not missing: it was reported as edited. */
function reportGaps(found: readonly FoundEntry[], lastSeq: number, report: Report): boolean {
  const inOrder = found
    .filter(({ read }) => read.entry.seq <= lastSeq)
    .sort((a, b) => a.read.entry.seq - b.read.entry.seq);
  let gaps = false;
  let before: FoundEntry | undefined;
  for (const after of inOrder) {
    const firstSeq = (before?.read.entry.seq ?? 0) + 1;
    if (after.read.entry.seq > firstSeq) {
      gaps = true;
      reportGap(before, after, firstSeq, report);
    }
    before = after;
  }
  return gaps;
}

function reportGap(
  before: FoundEntry | undefined,
  after: FoundEntry,
  firstSeq: number,
  report: Report,
): void {
  const lastSeq = after.read.entry.seq - 1;
  const range = firstSeq === lastSeq ? 'it is missing' : `entries up to ${lastSeq} are missing`;
  const wholeFiles: string[] = [];
  for (let segment = (before?.segment ?? 0) + 1; segment < after.segment; segment++)
    wholeFiles.push(after.where.replace(/[^/]+$/, `${segment}.changes`));
  const where = wholeFiles[0] ?? after.where;
  const files = wholeFiles.length > 0 ? ', and so is the file' : '';
  report({ kind: 'missing', where, seq: firstSeq, what: range + files });
}

/** Each change must stand where its dependency says. One whose entry before is missing was reported as that. */
function checkPlaces(
  rules: ReadonlyMap<number, JournalRule>,
  proven: readonly FoundEntry[],
  bySeq: ReadonlyMap<number, readonly FoundEntry[]>,
  report: Report,
): void {
  const places = new Map<number, Map<string, ChangePlace>>();
  for (const [segment, rule] of rules) {
    const start = placeOfGenesis(rule);
    const here = proven.filter((one) => one.segment === segment);
    const known = here.map((one) => [one.change.place.hash, one.change.place] as const);
    places.set(segment, new Map([[start.hash, start], ...known]));
  }
  for (const { segment, change, read, where } of proven) {
    const rule = rules.get(segment);
    const previous = places.get(segment)?.get(change.dep);
    const { seq } = read.entry;
    if (!rule) continue;
    if (previous && !fits(change, previous, placeOfGenesis(rule)))
      report({ kind: 'edited', where, seq, what: 'its change stands in another place' });
    else if (!previous && bySeq.has(seq - 1))
      report({ kind: 'missing', where, seq, what: 'the change that it depends on is not here' });
  }
}
