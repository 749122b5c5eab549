/**
 * The checker's own book, kept outside every process: what was asked, what was acknowledged, and what must therefore be
 * found on every replica and in the archive. It trusts nothing that a register computes.
 */
import { parseNumber } from '#lib/domain/series.ts';
import type { PlannedSale } from './sales.ts';
import type { Done } from './till-process.ts';

/** A document as a replica or the archive shows it. */
export type FoundDocument = {
  readonly journal: string;
  readonly seq: number;
  readonly hash: string;
  readonly number: string;
  readonly lines: number;
  readonly totalMinor: number;
  readonly externalId?: string;
};

type Page = { readonly sale: PlannedSale; answer: Done | undefined };

export class Ledger {
  readonly #pages = new Map<string, Page>();

  asked(sale: PlannedSale): void {
    const { command } = sale.command;
    if (!this.#pages.has(command)) this.#pages.set(command, { sale, answer: undefined });
  }

  /** Problems are told at once: one command must have one answer, however often it was sent. */
  acknowledged(sale: PlannedSale, answer: Done): string[] {
    this.asked(sale);
    const page = this.#pages.get(sale.command.command);
    if (!page) return [];
    const { answer: before } = page;
    page.answer ??= answer;
    if (!before || sameDocument(before, answer)) return [];
    return [`${sale.command.command} is ${before.number} and ${answer.number}`];
  }

  get acknowledgedCount(): number {
    return [...this.#pages.values()].filter(({ answer }) => answer !== undefined).length;
  }

  /** Sales that were asked for and never answered: there as a whole, or not at all. */
  get unanswered(): PlannedSale[] {
    return [...this.#pages.values()].filter(({ answer }) => !answer).map(({ sale }) => sale);
  }

  /**
   * A, B and E of the matrix against one replica's documents. Empty when all holds. `only` looks at some of the sales:
   * those that this replica can know.
   */
  problems(found: readonly FoundDocument[], only: (sale: Done) => boolean = () => true): string[] {
    const problems: string[] = [...seriesProblems(found)];
    const byCommand = new Map<string, FoundDocument[]>();
    for (const document of found) {
      const id = document.externalId ?? '';
      byCommand.set(id, [...(byCommand.get(id) ?? []), document]);
      if (!this.#pages.has(id)) problems.push(`${document.number} was never asked for (${id})`);
    }
    for (const [id, { sale, answer }] of this.#pages) {
      const documents = byCommand.get(id) ?? [];
      if (answer && only(answer) && documents.length === 0)
        problems.push(`${id} was acknowledged as ${answer.number} and is gone`);
      if (documents.length > 1)
        problems.push(`${id} is there ${documents.length} times: ${documents[0]?.number}`);
      for (const document of documents) {
        if (answer && !sameDocument(answer, document))
          problems.push(`${id} was acknowledged as ${answer.number}, found as ${document.number}`);
        if (document.lines !== sale.lines || document.totalMinor !== sale.totalMinor)
          problems.push(`${id} is not whole: ${document.lines} lines, ${document.totalMinor}`);
      }
    }
    return problems;
  }

  /** D: what each product's stock must be by the documents that are there, in thousandths. */
  stock(found: readonly FoundDocument[]): Map<string, number> {
    const stock = new Map<string, number>();
    for (const { externalId } of found)
      for (const [sku, pieces] of this.#pages.get(externalId ?? '')?.sale.pieces ?? [])
        stock.set(sku, (stock.get(sku) ?? 0) - pieces * 1000);
    return stock;
  }

  /** D: what all documents come to, in minor units. */
  totalMinor(found: readonly FoundDocument[]): number {
    return found.reduce(
      (sum, { externalId }) => sum + (this.#pages.get(externalId ?? '')?.sale.totalMinor ?? 0),
      0,
    );
  }
}

/** P3 over everything that is known: each series runs from 1 without a hole, each number stands for one document. */
function seriesProblems(found: readonly FoundDocument[]): string[] {
  const problems: string[] = [];
  const series = new Map<string, number[]>();
  const byNumber = new Map<string, FoundDocument>();
  for (const document of found) {
    const number = parseNumber(document.number);
    if (!number) {
      problems.push(`${document.number} is no number`);
      continue;
    }
    const before = byNumber.get(document.number);
    if (before) problems.push(`${document.number} stands for ${before.hash} and ${document.hash}`);
    byNumber.set(document.number, document);
    const name = document.number.slice(0, document.number.lastIndexOf('-'));
    series.set(name, [...(series.get(name) ?? []), number.n]);
  }
  for (const [name, all] of series) {
    const last = Math.max(...all);
    if (new Set(all).size !== last) problems.push(`${name}: ${all.length} documents, last ${last}`);
  }
  return problems;
}

const sameDocument = (
  a: Pick<FoundDocument, 'journal' | 'seq' | 'hash' | 'number'>,
  b: Pick<FoundDocument, 'journal' | 'seq' | 'hash' | 'number'>,
): boolean =>
  a.number === b.number && a.journal === b.journal && a.seq === b.seq && a.hash === b.hash;
