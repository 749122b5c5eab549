/**
 * Reads everything that lies in a running till's directory once, file by file with pauses: a damaged or edited journal is
 * set aside by the register itself, as when somebody asks for it. What a till does not need today is found out, too.
 */
import { isTillmeshError } from '../domain/errors.ts';
import type { Finding } from '../domain/findings.ts';
import type { JournalKey } from '../domain/ids.ts';
import { hash8Of } from '../journal/entry.ts';
import type { SawTip } from '../journal/envelope.ts';
import type { Disk } from '../storage/disk.ts';
import { scanVerified } from '../storage/node-chunks.ts';
import { isPieceKind } from '../storage/storage-key.ts';
import type { Register } from './register.ts';
import { filesBeneath } from './verify-documents.ts';

export type PatrolParts = {
  readonly disk: Disk;
  readonly directory: string;
  readonly register: Register;
  readonly pause: () => Promise<void>;
  readonly isOver: () => boolean;
  readonly onFound: (finding: Finding) => void;
};

export async function patrol(parts: PatrolParts): Promise<void> {
  for (const [journal, segment] of segmentsOf(parts.register)) {
    await parts.pause();
    if (parts.isOver()) return;
    readSegment(parts.register, journal, segment);
  }
  for (const path of [...filesBeneath(parts.disk, `${parts.directory}/documents`)]) {
    if (!isPieceKind(path.split('/').at(-2))) continue;
    await parts.pause();
    if (parts.isOver()) return;
    readPiece(parts, path);
  }
  sightsOf(parts);
}

function segmentsOf({ replica: { journals } }: Register): [JournalKey, number][] {
  return journals
    .keys()
    .flatMap((journal) =>
      journals.segments.of(journal).map((segment): [JournalKey, number] => [journal, segment]),
    );
}

/** Verified; where it is damaged it is set aside and said so, and a damaged one of the own journal ends the life. */
function readSegment(register: Register, journal: JournalKey, segment: number): void {
  try {
    const { journals, registry } = register.replica;
    const rule = registry.journalRule(journal, segment);
    if (rule && journals.segments.has(journal, segment)) journals.segments.verified(rule);
  } catch (error) {
    // Told by the register, which has begun another life or will when it is asked next.
    if (!isTillmeshError(error, 'FILE_DAMAGED') && !isTillmeshError(error, 'BEGINNING_ANEW'))
      throw error;
  }
}

function readPiece({ disk, directory, onFound }: PatrolParts, path: string): void {
  const bytes = disk.read(path);
  // Documents are compacted while they are used.
  if (!bytes) return;
  const { chunks, goodBytes, problem } = scanVerified(bytes);
  if (problem === undefined && chunks.length > 0) return;
  const what = `the checksum does not fit at byte ${goodBytes} of ${bytes.length}`;
  onFound({ code: 'DOCUMENT_DAMAGED', where: path.slice(directory.length + 1), what });
}

/**
 * What the last entries of each journal say that they had seen of others. What the own ones had seen was on this disk
 * when they were written; what others had seen is compared where it is here.
 */
function sightsOf({ register, onFound }: PatrolParts): void {
  const { journals, own } = register.replica;
  const gone = new Map<JournalKey, number>();
  for (const { by, journal, seq, hash8 } of lastSights(register)) {
    if (seq > journals.tip(journal).seq) {
      if (by === own.key) gone.set(journal, Math.max(gone.get(journal) ?? 0, seq));
      continue;
    }
    const here = journals.isForked(journal) ? undefined : journals.reader.hashAt(journal, seq);
    if (here === undefined || hash8Of(here) === hash8) continue;
    const what = `${by} had seen another entry`;
    onFound({ code: 'JOURNAL_REWRITTEN', where: `journals/${journal}`, seq, what });
  }
  for (const [journal, lastSeq] of gone) {
    const { seq } = journals.tip(journal);
    const what = `${seq + 1}–${lastSeq} were here`;
    onFound({ code: 'JOURNAL_CUT', where: `journals/${journal}`, seq: seq + 1, what });
  }
}

type Sight = {
  readonly by: JournalKey;
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash8: string;
};

/** Of each journal's last two segments: a day that has just begun says only what is new since the day before. */
function* lastSights({ replica: { journals } }: Register): Generator<Sight> {
  for (const by of journals.keys())
    for (const segment of journals.segments.of(by).slice(-2))
      for (const { read } of journals.segments.entries(by, segment))
        for (const [journal, [seq, hash8]] of Object.entries(read.entry.saw) as [
          JournalKey,
          SawTip,
        ][])
          yield { by, journal, seq, hash8 };
}
