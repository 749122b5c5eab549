/**
 * A shop's own catalogue from a CSV file: `sku,name,price`, and if wanted `barcode,department,tax`.
 * The same border as every import: strict, bounded, all or nothing, each problem with its row.
 */
import { isCleanText } from '../domain/fields.ts';
import { isGtin } from '../domain/gtin.ts';
import { isSku, type Sku } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { readProduct, type Product } from '../domain/product.ts';
import type { ByteSource } from './byte-source.ts';
import { decimalProblem, readDecimal } from './csv-fields.ts';
import { importBudget, readCsvRows, type CsvLayout, type CsvRow } from './csv-rows.ts';
import { ImportProblems, quoted } from './import-problems.ts';

export const catalogLayout = {
  sku: { maxCharacters: limits.skuCharacters },
  name: { maxCharacters: limits.descriptionCharacters },
  price: { maxCharacters: 40 },
  barcode: { maxCharacters: 48, optional: true },
  department: { maxCharacters: 64, optional: true },
  tax: { maxCharacters: 64, optional: true },
} as const satisfies CsvLayout<string>;

type Row = CsvRow<keyof typeof catalogLayout>;

/**
 * Products of a catalogue file, in file order. `taxes` are the rates that the store knows.
 * @throws TillmeshError INPUT_INVALID with up to 20 sentences that name file and row.
 */
export async function readCatalog(
  source: ByteSource,
  taxes: readonly string[],
): Promise<Product[]> {
  const problems = new ImportProblems();
  const products = new Map<Sku, Product>();
  const barcodes = new Map<string, Sku>();
  await readCsvRows(source, catalogLayout, importBudget(), problems, (row) => {
    const product = productOf(row, taxes, problems);
    if (product === undefined) return;
    if (products.has(product.sku)) {
      return problems.inRow(row, `sku ${quoted(product.sku)} is in the file already`);
    }
    for (const barcode of product.barcodes) {
      // A UPC-A and its EAN-13 are one barcode.
      const key = barcode.padStart(14, '0');
      const other = barcodes.get(key);
      if (other !== undefined) {
        return problems.inRow(row, `barcode ${barcode} is that of ${quoted(other)} already`);
      }
      barcodes.set(key, product.sku);
    }
    products.set(product.sku, product);
  });
  problems.throwIfAny();
  return [...products.values()];
}

function productOf(
  row: Row,
  taxes: readonly string[],
  problems: ImportProblems,
): Product | undefined {
  const { sku, name, price, barcode, department, tax } = row.fields;
  const complaints: string[] = [];
  const unitPriceE4 = readDecimal(price, 4);
  if (!isSku(sku) || !isCleanText(sku)) {
    complaints.push(`sku ${quoted(sku)} cannot be a product code`);
  }
  if (name === '') complaints.push('name is empty');
  if (unitPriceE4 === undefined) {
    complaints.push(`price ${quoted(price)} ${decimalProblem(price, 4, 'a price such as 2.55')}`);
  } else if (unitPriceE4 < 0) complaints.push(`price ${quoted(price)} is below 0`);
  if (barcode !== '' && !isGtin(barcode)) {
    complaints.push(`barcode ${quoted(barcode)} is not a GTIN with the right check digit`);
  }
  if (tax !== '' && !taxes.includes(tax)) {
    complaints.push(`tax ${quoted(tax)} is not one of ${taxes.join(', ')}`);
  }
  const candidate = {
    sku,
    names: name,
    barcodes: barcode === '' ? [] : [barcode],
    prices: [{ unitPriceE4 }],
    ...(department === '' ? {} : { department }),
    ...(tax === '' ? {} : { tax }),
    active: true,
  };
  const read = readProduct(candidate);
  // The product's own rules have the last word; what was said above already is not said twice.
  if (!read.ok && complaints.length === 0) complaints.push(...read.problems);
  for (const complaint of complaints) problems.inRow(row, complaint);
  return read.ok && complaints.length === 0 ? read.value : undefined;
}
