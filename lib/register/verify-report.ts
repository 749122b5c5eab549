/**
 * What `verify` found, as values for `--json` and as lines for people. Nothing is judged here.
 */
import { digitsOf } from '../domain/currency.ts';
import type { FindingCode, OpenFinding } from '../domain/findings.ts';
import type { JournalKey, StoreId } from '../domain/ids.ts';
import { formatScaled } from '../domain/money.ts';
import type { Totals } from '../projections/totals.ts';

export type ProblemKind =
  /** Bytes that do not fit their checksum, or are not what they should be. */
  | 'damaged'
  /** Half a chunk at a file's end, as after a power cut: the next start cuts it. */
  | 'torn'
  /** Readable, and not what its writer signed. */
  | 'edited'
  /** Two entries under one seq: both are kept and counted. */
  | 'forked'
  | 'missing'
  /** A certificate chain that does not lead to the company's CA, or a writer whose chain is not here. */
  | 'untrusted'
  /** A number that no document carries, or that several do. */
  | 'hole'
  | 'double'
  /** Read models or inventory periods that say something else than the journals. */
  | 'differs'
  /** A file that the till did not leave here. */
  | 'strange'
  /** The directory is an older one than the last that was used. */
  | 'set back'
  /** Others on the machine may read or write it. */
  | 'open';

/** Codes of `findings.ts` as problems. */
export const kindOfFinding: Readonly<Record<FindingCode, ProblemKind>> = {
  FILE_EDITED: 'edited',
  FILE_GONE: 'missing',
  FILE_STRANGE: 'strange',
  SEAL_GONE: 'missing',
  SEAL_FALSE: 'edited',
  DIRECTORY_SET_BACK: 'set back',
  MODE_OPEN: 'open',
  WITNESS_GONE: 'missing',
  IDENTITY_DAMAGED: 'damaged',
  IDENTITY_FOREIGN: 'edited',
  JOURNAL_DAMAGED: 'damaged',
  JOURNAL_CUT: 'missing',
  JOURNAL_REWRITTEN: 'edited',
  LIFE_RESTORED: 'set back',
  LIFE_COPIED: 'set back',
  LIFE_FORKED: 'forked',
  DOCUMENT_DAMAGED: 'damaged',
  HQ_DATA_EDITED: 'edited',
  RECORD_FALSE: 'edited',
  REVOCATION_GONE: 'missing',
  READ_MODELS_EDITED: 'differs',
};

/** `where` is a path within the directory; `seq` the entry, where one is concerned. */
export type Problem = {
  readonly kind: ProblemKind;
  readonly where: string;
  readonly what: string;
  readonly seq?: number;
};

export type JournalReport = {
  readonly journal: JournalKey;
  /** Whether the incarnation that lives in this directory writes it. */
  readonly own: boolean;
  readonly segments: readonly number[];
  /** Entries that were read and whose signature fits. */
  readonly entries: number;
  /** Seq; 0 for none. */
  readonly first: number;
  readonly last: number;
  /** Hash of the last entry; `-` for none. */
  readonly tip: string;
  readonly forked: boolean;
  /** Entries of types that this version does not know, or with bodies that are not of their type: kept, not counted. */
  readonly unknown: number;
  readonly refused: number;
  readonly periods: number;
  readonly problems: number;
};

export type SeriesReport = {
  readonly journal: JournalKey;
  /** The number without its last part: `S01-T1A-S`. */
  readonly series: string;
  readonly first: number;
  readonly last: number;
  readonly documents: number;
  readonly holes: readonly number[];
  /** Numbers that more than one document of this journal carries. */
  readonly doubles: readonly number[];
};

/** All figures are recomputed from the entries whose signatures fit. */
export type StoreReport = {
  readonly store: StoreId;
  readonly skus: number;
  readonly stockHash: string;
  readonly totals: Totals;
  /** `equal`: the read models say the same. `absent`: there are none, they are made anew at the next start. */
  readonly projections: 'equal' | 'differ' | 'absent';
  /** Entries on disk that the read models have yet to take in; the next start does it. */
  readonly behind: number;
};

export type Verification = {
  readonly ok: boolean;
  readonly lines: readonly string[];
  readonly directory: string;
  readonly role: string;
  readonly journals: readonly JournalReport[];
  readonly series: readonly SeriesReport[];
  readonly stores: readonly StoreReport[];
  /** Of the only store; absent where there are several or none. */
  readonly stockHash?: string;
  readonly totals?: Totals;
  readonly problems: readonly Problem[];
  /** What the till itself has found and nobody has looked at yet: it may be mended by now. */
  readonly noticed: readonly OpenFinding[];
  /** Problems beyond those that are listed. */
  readonly more: number;
};

type Findings = Omit<Verification, 'ok' | 'lines' | 'stockHash' | 'totals'>;

export function verificationOf(found: Findings): Verification {
  const [only] = found.stores;
  const single = found.stores.length === 1 ? only : undefined;
  return {
    ok: found.problems.length === 0,
    lines: linesOf(found),
    ...found,
    ...(single ? { stockHash: single.stockHash, totals: single.totals } : {}),
  };
}

function linesOf(found: Findings): string[] {
  const { directory, role, journals, series, stores, problems, noticed, more } = found;
  const lines = [`${directory}: data of a ${role}`];
  for (const one of journals)
    lines.push(
      `journal ${one.journal}${one.own ? ' (this till)' : ''}: ${plural(one.entries, 'entry', 'entries')}` +
        ` in ${plural(one.segments.length, 'segment')}, ${one.first}–${one.last}${verdict(one)}`,
    );
  for (const one of series)
    lines.push(
      `numbers ${one.series}: ${one.first}–${one.last}, ${plural(one.documents, 'document')},` +
        ` ${plural(one.holes.length, 'hole')}, ${plural(one.doubles.length, 'double')}`,
    );
  for (const one of stores)
    lines.push(
      `store ${one.store}: ${plural(one.totals.documents, 'document')}, ${plural(one.totals.lines, 'line')},` +
        ` total ${moneyText(one.totals)}; stock of ${plural(one.skus, 'SKU')}, hash ${one.stockHash}`,
      `read models of ${one.store}: ${modelsText(one)}`,
    );
  for (const { code, where, seq, what, sinceMs } of noticed) {
    const place = `${where}${seq === undefined ? '' : ` seq ${seq}`}`;
    const when = new Date(sinceMs).toISOString();
    lines.push(
      `noticed by the till on ${when}, not looked at yet: ${code} ${place}${what ? `: ${what}` : ''}`,
    );
  }
  if (problems.length === 0) return [...lines, 'sound: nothing damaged, edited, forked or missing'];
  lines.push(`${plural(problems.length + more, 'problem')}:`);
  for (const { kind, where, seqs, what } of joined(problems))
    lines.push(`  ${kind}: ${where}${seqs.length === 0 ? '' : ` seq ${ranges(seqs)}`}: ${what}`);
  if (more > 0) lines.push(`  and ${more} more`);
  return lines;
}

type Joined = Omit<Problem, 'seq'> & { readonly seqs: readonly number[] };

/** Problems that differ in nothing but the entry stand in one line, where the first of them stood. */
function joined(problems: readonly Problem[]): Joined[] {
  const groups = Map.groupBy(problems, ({ kind, where, what }) => `${kind} ${where} ${what}`);
  return [...groups.values()].flatMap(([first, ...others]): Joined[] => {
    if (!first) return [];
    const { kind, where, what } = first;
    return [{ kind, where, what, seqs: [first, ...others].flatMap(({ seq }) => seq ?? []) }];
  });
}

/** Ranges that are written out; a page of them helps nobody. */
const rangesMost = 10;

/** `3–7, 9 and 4 more`: rising numbers as people write them. */
export function ranges(numbers: readonly number[]): string {
  const found: [first: number, last: number][] = [];
  for (const n of [...new Set(numbers)].sort((a, b) => a - b)) {
    const open = found.at(-1);
    if (open && n === open[1] + 1) open[1] = n;
    else found.push([n, n]);
  }
  const texts = found
    .slice(0, rangesMost)
    .map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  const more = found.slice(rangesMost).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return texts.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function verdict(one: JournalReport): string {
  const kept = one.unknown + one.refused;
  return (
    (kept > 0 ? `, ${kept} kept without counting` : '') +
    (one.forked ? ', forked' : '') +
    (one.problems > 0 ? `, ${plural(one.problems, 'problem')}` : '')
  );
}

function modelsText({ projections, behind }: StoreReport): string {
  if (projections === 'absent') return 'none; the next start makes them from the journals';
  const said = projections === 'equal' ? 'equal' : 'they say something else';
  return behind === 0 ? said : `${said}; ${plural(behind, 'entry', 'entries')} yet to be taken in`;
}

function moneyText({ totalMinor }: Totals): string {
  const sums = Object.entries(totalMinor).map(
    ([currency, minor]) => `${formatScaled(minor, digitsOf(currency) ?? 2)} ${currency}`,
  );
  return sums.length === 0 ? 'nothing' : sums.join(', ');
}

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
