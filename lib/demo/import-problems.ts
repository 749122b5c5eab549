/**
 * What is wrong with imported files, as sentences that name file and row.
 * Collected up to a bound, so that a person can mend a file in one go and a hostile one costs nothing.
 */
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

/** `row` counts records and the header is row 1, as a spreadsheet shows it; `line` counts lines of text. */
export type RowPlace = {
  readonly source: string;
  readonly row: number;
  readonly line: number;
};

/** INPUT_INVALID with every sentence, also one by one. */
export class ImportRefused extends TillmeshError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const list = problems.map((text) => `\n  ${text}`).join('');
    super('INPUT_INVALID', `nothing was imported:${list}\n`);
    this.problems = problems;
  }
}

export class ImportProblems {
  readonly #texts: string[] = [];

  get full(): boolean {
    return this.#texts.length >= limits.importProblems;
  }

  get texts(): readonly string[] {
    return this.#texts;
  }

  inFile(source: string, text: string): void {
    this.#add(`${source}: ${text}`);
  }

  inRow(at: RowPlace, text: string): void {
    const line = at.line === at.row ? '' : ` (line ${at.line})`;
    this.#add(`${at.source}, row ${at.row}${line}: ${text}`);
  }

  /** Throws INPUT_INVALID with every sentence when there is one. */
  throwIfAny(): void {
    if (this.#texts.length === 0) return;
    const more = this.full ? ['There may be more: reading stopped here.'] : [];
    throw new ImportRefused([...this.#texts, ...more]);
  }

  #add(text: string): void {
    if (!this.full) this.#texts.push(text);
  }
}

/** A field's text as it may stand in a message: quoted, cut, without control characters. */
export function quoted(text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(shown);
}
