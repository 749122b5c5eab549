/**
 * Holds what every replica and the archive say against the file, figure by figure, in sentences.
 * No sentence means that all are equal: to the file, and therefore to each other.
 */
import { parseNumber } from '#lib/domain/series.ts';
import { centsText, type ExpectedFigures } from './expected-figures.ts';
import type { ArchiveFigures, ReplicaFigures } from './replay-shop.ts';
import { transactionKinds } from './transaction.ts';

export type NamedReplica = { readonly terminal: string; readonly figures: ReplicaFigures };

export function differences(
  expected: ExpectedFigures,
  expectedStockHash: string,
  replicas: readonly NamedReplica[],
  archive: ArchiveFigures | undefined,
): string[] {
  const found: string[] = [];
  const compare = (who: string, what: string, theirs: unknown, ours: unknown): void => {
    if (theirs !== ours) found.push(`${who}: ${what} ${String(theirs)}, the file ${String(ours)}`);
  };
  const total = centsText(expected.totalMinor);
  for (const { terminal, figures } of replicas) {
    compare(terminal, 'documents', figures.documents, expected.documents);
    compare(terminal, 'lines', figures.lines, expected.lines);
    compare(terminal, 'total', figures.total, total);
    compare(terminal, 'stock hash', figures.stockHash, expectedStockHash);
  }
  // The file knows no flags, but replicas that hold the same entries raise the same ones (P4).
  const [first, ...others] = replicas;
  for (const { terminal, figures } of others) {
    const theirs = flagsText(figures.flags);
    const ours = flagsText(first?.figures.flags ?? {});
    if (theirs !== ours) found.push(`${terminal}: flags ${theirs}, ${first?.terminal} ${ours}`);
  }
  if (archive === undefined) return [...found, 'archive: does not answer'];
  compare('archive', 'documents', archive.documents, expected.documents);
  compare('archive', 'lines', archive.lines, expected.lines);
  compare('archive', 'total', archive.total, total);
  for (const kind of transactionKinds)
    compare('archive', kind, archive[kind], expected.byKind[kind]);
  return found;
}

/** `oversell 3, clock-drift 1`, in the order of the names. */
export function flagsText(flags: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1));
  return kinds.length === 0 ? 'none' : kinds.map(([kind, count]) => `${kind} ${count}`).join(', ');
}

/** P3: the numbers that were given out, against 1, 2, 3, … of each series. */
export function numberProblems(numbers: readonly string[]): string[] {
  const series = new Map<string, number[]>();
  const found: string[] = [];
  for (const text of numbers) {
    const number = parseNumber(text);
    if (number === undefined) {
      found.push(`numbers: ${text} is not a document number`);
      continue;
    }
    const name = text.slice(0, text.lastIndexOf('-'));
    const given = series.get(name);
    if (given === undefined) series.set(name, [number.n]);
    else given.push(number.n);
  }
  for (const [name, given] of series) {
    const doubles = given.length - new Set(given).size;
    const holes = given.reduce((most, n) => Math.max(most, n), 0) - new Set(given).size;
    if (doubles > 0) found.push(`numbers: ${doubles} of ${name} were given out twice`);
    if (holes > 0) found.push(`numbers: ${name} has ${holes} holes`);
  }
  return found;
}
