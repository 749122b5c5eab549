/** The result of a replay: as one JSON object of a fixed shape, and as lines for people. */
import { flagsText, type NamedReplica } from './compare-figures.ts';
import type { ExpectedFigures } from './expected-figures.ts';
import { centsText } from './expected-figures.ts';
import type { ArchiveFigures } from './replay-shop.ts';
import { transactionKinds, type TransactionKind } from './transaction.ts';

export type ReplayReport = {
  readonly expected: ExpectedFigures;
  readonly replicas: readonly NamedReplica[];
  readonly archive: ArchiveFigures | undefined;
  /** Of every document, ascending: from the till's taking of the command to the entry on its disk. */
  readonly ackMs: readonly number[];
  /** From the first document to the last acknowledgement. */
  readonly takenSeconds: number;
  /** From the first document until all agreed. */
  readonly seconds: number;
  /** One sentence each; none when all is equal. */
  readonly differences: readonly string[];
};

/** What `--json` prints. Counts of documents per kind; totals are decimal text. */
export type ReplayJson = Readonly<Record<TransactionKind, number>> & {
  readonly documents: number;
  readonly lines: number;
  readonly total: string;
  readonly replicas: readonly {
    readonly terminal: string;
    readonly total: string;
    readonly stockHash: string;
  }[];
  readonly archive: {
    readonly documents: number;
    readonly lines: number;
    readonly total: string;
  } | null;
  readonly ackMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly seconds: number;
  /** Open flags by kind. */
  readonly flags: Readonly<Record<string, number>>;
  readonly equal: boolean;
};

export function reportJson({ expected, replicas, archive, ...report }: ReplayReport): ReplayJson {
  return {
    documents: expected.documents,
    lines: expected.lines,
    ...expected.byKind,
    total: centsText(expected.totalMinor),
    replicas: replicas.map(({ terminal, figures: { total, stockHash } }) => ({
      terminal,
      total,
      stockHash,
    })),
    archive:
      archive === undefined
        ? null
        : { documents: archive.documents, lines: archive.lines, total: archive.total },
    ackMs: percentiles(report.ackMs),
    seconds: rounded(report.seconds),
    flags: replicas[0]?.figures.flags ?? {},
    equal: report.differences.length === 0,
  };
}

const kindNames: Readonly<Record<TransactionKind, string>> = {
  sale: 'sales',
  return: 'returns',
  stockAdjustment: 'stock adjustments',
  ledgerAdjustment: 'ledger adjustments',
};

export function reportText({ expected, replicas, archive, ...report }: ReplayReport): string {
  const { byKind, linesByKind } = expected;
  const { p50, p95, p99 } = percentiles(report.ackMs);
  const rows: [string, string][] = [
    ['documents', `${expected.documents} with ${expected.lines} lines`],
    ...transactionKinds.map((kind): [string, string] => [
      `  ${kindNames[kind]}`,
      `${byKind[kind]} with ${linesByKind[kind]} lines`,
    ]),
    ['total', centsText(expected.totalMinor)],
    ...replicas.map(({ terminal, figures }): [string, string] => [
      `  ${terminal}`,
      `${figures.total}  stock ${figures.stockHash}`,
    ]),
    [
      '  archive',
      archive === undefined
        ? 'does not answer'
        : `${archive.total}  ${archive.documents} documents, ${archive.lines} lines`,
    ],
    ['acknowledged', `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`],
    [
      'seconds',
      `${rounded(report.seconds)} (all documents taken after ${rounded(report.takenSeconds)})`,
    ],
    ['flags', flagsText(replicas[0]?.figures.flags ?? {})],
  ];
  const table = rows.map(([name, text]) => `${name.padEnd(22)}${text}`);
  const verdict =
    report.differences.length === 0
      ? ['Every replica and the archive are equal to each other and to the file.']
      : ['NOT EQUAL:', ...report.differences.map((text) => `  ${text}`)];
  return [...table, ...verdict].map((line) => `${line}\n`).join('');
}

/** Nearest rank: the smallest value that this share of all does not exceed. 0 when there is none. */
export function percentiles(ascending: readonly number[]): {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
} {
  const at = (percent: number): number =>
    rounded(ascending[Math.max(0, Math.ceil((ascending.length * percent) / 100) - 1)] ?? 0);
  return { p50: at(50), p95: at(95), p99: at(99) };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
