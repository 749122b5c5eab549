/**
 * The border for CSV files: bytes to rows of named fields, every bound checked while reading.
 * It never repairs anything; each problem names file and row, and a caller imports only when there is none.
 */
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { limits } from '../domain/limits.ts';
import type { ByteSource } from './byte-source.ts';
import { quoted, type ImportProblems, type RowPlace } from './import-problems.ts';

/** The columns of a file; their order in it does not matter. */
export type CsvLayout<Column extends string> = Readonly<
  Record<Column, { readonly maxCharacters: number; readonly optional?: boolean }>
>;

export type CsvRow<Column extends string> = RowPlace & {
  /** Columns that the file does not have are empty. */
  readonly fields: Readonly<Record<Column, string>>;
};

/** What is left to read, over all files of one import. */
export type ReadingBudget = { bytes: number; rows: number };

export const importBudget = (): ReadingBudget => ({
  bytes: limits.importBytes,
  rows: limits.importRows,
});

/** Thrown inside the parser to end it; never leaves this file. */
class Stop extends Error {}

/** Reads one file row by row. Returns the number of rows handed over. */
export async function readCsvRows<Column extends string>(
  source: ByteSource,
  layout: CsvLayout<Column>,
  budget: ReadingBudget,
  problems: ImportProblems,
  onRow: (row: CsvRow<Column>) => void,
): Promise<number> {
  let header: readonly Column[] | undefined;
  let handed = 0;
  let row = 0;
  let line = 1;

  const takeRecord = (record: string[]): void => {
    row += 1;
    const at: RowPlace = { source: source.name, row, line };
    line += 1 + record.reduce((sum, field) => sum + field.split('\n').length - 1, 0);
    if (header === undefined) {
      header = readHeader(source.name, record, layout, problems);
      if (header === undefined) throw new Stop();
      return;
    }
    budget.rows -= 1;
    if (budget.rows < 0) {
      problems.inFile(source.name, `more than ${limits.importRows} rows in all files`);
      throw new Stop();
    }
    const fields = readFields(record, header, layout, at, problems);
    if (fields !== undefined) {
      handed += 1;
      onRow({ ...at, fields });
    }
    if (problems.full) throw new Stop();
  };

  const parser = parse({
    bom: true,
    columns: false,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: limits.importRowBytes,
    // In the parser's own step, so that rows before a broken one are looked at too.
    on_record: (record: string[]) => {
      takeRecord(record);
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(bounded(source, budget), parser);
    if (row === 0) problems.inFile(source.name, 'is empty: a header line is missing');
    else if (row === 1) problems.inFile(source.name, 'has a header line and no rows');
  } catch (error) {
    if (error instanceof Stop) return handed;
    const at: RowPlace = { source: source.name, row: row + 1, line };
    explain(error, at, header, layout, problems);
  }
  return handed;
}

async function* bounded(source: ByteSource, budget: ReadingBudget): AsyncIterable<Uint8Array> {
  for await (const chunk of source.bytes()) {
    budget.bytes -= chunk.length;
    if (budget.bytes < 0) throw new TooLarge();
    yield chunk;
  }
}

class TooLarge extends Error {}

function readHeader<Column extends string>(
  source: string,
  record: readonly string[],
  layout: CsvLayout<Column>,
  problems: ImportProblems,
): readonly Column[] | undefined {
  const wanted = Object.keys(layout) as Column[];
  const unknown = record.filter((name) => !wanted.some((column) => column === name));
  const doubled = record.filter((name, index) => record.indexOf(name) !== index);
  const missing = wanted.filter((name) => !record.includes(name) && layout[name].optional !== true);
  const complaints = [
    ...listed('unknown column', unknown.map(quoted)),
    ...listed('column twice', [...new Set(doubled)].map(quoted)),
    ...listed('missing column', missing),
  ];
  if (complaints.length === 0) return record as Column[];
  problems.inFile(source, `${complaints.join('; ')} (the columns are ${wanted.join(', ')})`);
  return undefined;
}

function listed(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, 10).join(', ');
  return [`${what}${names.length > 1 ? 's' : ''} ${shown}${names.length > 10 ? ', …' : ''}`];
}

function readFields<Column extends string>(
  record: readonly string[],
  header: readonly Column[],
  layout: CsvLayout<Column>,
  at: RowPlace,
  problems: ImportProblems,
): Record<Column, string> | undefined {
  if (record.length !== header.length) {
    problems.inRow(at, `has ${record.length} fields where the header has ${header.length}`);
    return undefined;
  }
  const fields = Object.fromEntries(Object.keys(layout).map((name) => [name, ''])) as Record<
    Column,
    string
  >;
  let sound = true;
  for (const [index, column] of header.entries()) {
    const text = record[index] ?? '';
    const problem = textProblem(text, layout[column].maxCharacters);
    if (problem !== undefined) {
      problems.inRow(at, `${column} ${problem}`);
      sound = false;
    }
    fields[column] = text;
  }
  return sound ? fields : undefined;
}

function textProblem(text: string, maxCharacters: number): string | undefined {
  if (text.length > maxCharacters) return `longer than ${maxCharacters} characters`;
  // The parser decodes what is not UTF-8 to U+FFFD; a file that has the real one was damaged before.
  if (text.includes('\uFFFD')) return 'is not valid UTF-8';
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text.replaceAll('\r\n', '\n'))) {
    return 'holds a control character';
  }
  return undefined;
}

function explain<Column extends string>(
  error: unknown,
  at: RowPlace,
  header: readonly Column[] | undefined,
  layout: CsvLayout<Column>,
  problems: ImportProblems,
): void {
  if (error instanceof TooLarge) {
    problems.inFile(at.source, `more than ${limits.importBytes} bytes (unpacked) in all files`);
  } else if (error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE') {
    const index: unknown = error['column'];
    const column = typeof index === 'number' ? header?.[index] : undefined;
    const what =
      column === undefined
        ? `longer than ${limits.importRowBytes} bytes`
        : `${column} longer than ${layout[column].maxCharacters} characters`;
    problems.inRow(at, `${what}, or a quote is not closed; reading of this file stopped here`);
  } else if (error instanceof CsvError) {
    problems.inRow(at, 'quotes are broken; reading of this file stopped here');
  } else {
    problems.inFile(at.source, sourceProblem(error));
  }
}

function sourceProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'is a directory, not a file';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read (permissions)';
  if (code.startsWith('Z_')) return 'is not a whole gzip file: it is damaged or cut off';
  throw error;
}
