/**
 * Reads transaction files (UCI "Online Retail" layout) into documents: all of every file is read and judged
 * before anything is returned, so nothing is ever imported by halves.
 */
import type { ByteSource } from '#lib/demo/byte-source.ts';
import { decimalProblem, readDateTime, readDecimal } from '#lib/demo/csv-fields.ts';
import { importBudget, readCsvRows, type CsvLayout, type CsvRow } from '#lib/demo/csv-rows.ts';
import { ImportProblems, quoted, type RowPlace } from '#lib/demo/import-problems.ts';
import { isCleanText } from '#lib/domain/fields.ts';
import { isSku } from '#lib/domain/ids.ts';
import { limits } from '#lib/domain/limits.ts';
import { lineCents } from './expected-figures.ts';
import { kindOf, lineProblem, type Transaction, type TransactionLine } from './transaction.ts';

export const transactionLayout = {
  InvoiceNo: { maxCharacters: 40 },
  StockCode: { maxCharacters: limits.skuCharacters },
  Description: { maxCharacters: limits.descriptionCharacters },
  Quantity: { maxCharacters: 40 },
  InvoiceDate: { maxCharacters: 40 },
  UnitPrice: { maxCharacters: 40 },
  CustomerID: { maxCharacters: 40 },
  Country: { maxCharacters: 80 },
} as const satisfies CsvLayout<string>;

type Column = keyof typeof transactionLayout;
type PlacedLine = TransactionLine & { readonly place: RowPlace };
type Draft = {
  readonly file: number;
  readonly source: string;
  readonly at: string;
  customer: string;
  readonly country: string;
  readonly lines: PlacedLine[];
};

/**
 * Documents in time order (those of one second in file order). The rows of an invoice need not stand together;
 * its time and country are its first row's, its customer the first that is named.
 * One invoice in two files is refused: it is one file given twice far more often than one document cut in two.
 * @throws TillmeshError INPUT_INVALID with up to 20 sentences that name file and row.
 */
export async function readTransactions(sources: readonly ByteSource[]): Promise<Transaction[]> {
  const problems = new ImportProblems();
  const budget = importBudget();
  const drafts = new Map<string, Draft>();
  for (const [file, source] of sources.entries()) {
    if (problems.full) break;
    await readCsvRows(source, transactionLayout, budget, problems, (row) =>
      takeRow(row, file, drafts, problems),
    );
  }
  // Kinds need whole invoices; a file that is damaged has none that can be relied on.
  problems.throwIfAny();
  const transactions = [...drafts].map(([invoice, draft]) => finish(invoice, draft, problems));
  problems.throwIfAny();
  return transactions.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function takeRow(
  row: CsvRow<Column>,
  file: number,
  drafts: Map<string, Draft>,
  problems: ImportProblems,
): void {
  const { fields } = row;
  const complain = (text: string): void => problems.inRow(row, text);
  const { InvoiceNo: invoice, Description: description, Country: country } = fields;
  // Spreadsheets leave blanks around codes; they are never part of one.
  const code = fields.StockCode.replace(/^ +| +$/g, '');
  const sku = isSku(code) && isCleanText(code) ? code : undefined;
  const quantityMilli = readDecimal(fields.Quantity, 3);
  const unitPriceE4 = readDecimal(fields.UnitPrice, 4);
  const at = readDateTime(fields.InvoiceDate);
  const customer = /^([0-9]{1,12})(?:\.0)?$|^$/.exec(fields.CustomerID);
  const invoiceIsSound = /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(invoice);

  if (!invoiceIsSound) {
    complain(`InvoiceNo ${quoted(invoice)} is not a number such as 536365, C536379 or A563185`);
  }
  if (sku === undefined) {
    complain(`StockCode ${quoted(fields.StockCode)} cannot be a product code`);
  }
  if (quantityMilli === undefined) {
    const problem = decimalProblem(fields.Quantity, 3, 'a number such as 6, -1 or 0.250');
    complain(`Quantity ${quoted(fields.Quantity)} ${problem}`);
  } else if (quantityMilli === 0) {
    complain('Quantity is 0');
  }
  if (unitPriceE4 === undefined) {
    const problem = decimalProblem(fields.UnitPrice, 4, 'a price such as 2.55 or 0.0125');
    complain(`UnitPrice ${quoted(fields.UnitPrice)} ${problem}`);
  }
  if (at === undefined) {
    complain(`InvoiceDate ${quoted(fields.InvoiceDate)} is not a time such as 2010-12-01 08:26:00`);
  }
  if (customer === null) {
    complain(`CustomerID ${quoted(fields.CustomerID)} is not a number such as 17850`);
  }
  if (
    !invoiceIsSound ||
    sku === undefined ||
    quantityMilli === undefined ||
    quantityMilli === 0 ||
    unitPriceE4 === undefined ||
    at === undefined ||
    customer === null
  ) {
    return;
  }

  const draft = drafts.get(invoice) ?? {
    file,
    source: row.source,
    at,
    customer: '',
    country,
    lines: [],
  };
  // By its place among the files: two may have one name, and one may be given twice.
  if (draft.file !== file) {
    return complain(`InvoiceNo ${invoice} is in ${draft.source} too: was one file given twice?`);
  }
  if (draft.lines.length === limits.linesPerDocument) {
    return complain(`InvoiceNo ${invoice} has more than ${limits.linesPerDocument} lines`);
  }
  if (draft.customer === '') draft.customer = customer[1] ?? '';
  const place = { source: row.source, row: row.row, line: row.line };
  draft.lines.push({ sku, description, quantityMilli, unitPriceE4, place });
  drafts.set(invoice, draft);
}

function finish(invoice: string, draft: Draft, problems: ImportProblems): Transaction {
  const kind = kindOf(invoice, draft.lines);
  let sizeMinor = 0n;
  let tooLarge = false;
  const lines = draft.lines.map(({ place, ...line }) => {
    const problem = lineProblem(kind, line);
    if (problem !== undefined) problems.inRow(place, problem);
    const cents = lineCents(line.quantityMilli, line.unitPriceE4);
    sizeMinor += cents < 0n ? -cents : cents;
    // The first line with which the sum leaves the bound is the one to look at.
    if (sizeMinor > limits.amountMinor && !tooLarge) {
      tooLarge = true;
      problems.inRow(place, 'the line comes to more than a document can hold');
    }
    return line;
  });
  return { invoice, kind, at: draft.at, customer: draft.customer, country: draft.country, lines };
}
