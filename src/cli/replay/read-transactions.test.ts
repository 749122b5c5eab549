import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource, type ByteSource } from '#lib/demo/byte-source.ts';
import { isTillmeshError } from '#lib/domain/errors.ts';
import { isSku, type Sku } from '#lib/domain/ids.ts';
import { readTransactions } from './read-transactions.ts';
import { kindOf, lineProblem, type Transaction, type TransactionLine } from './transaction.ts';

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const GOOD = '536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom';

/** The complaints about a file; empty when it was accepted. */
async function complaints(...sources: ByteSource[]): Promise<string[]> {
  try {
    await readTransactions(sources);
    return [];
  } catch (error) {
    if (!isTillmeshError(error, 'INPUT_INVALID')) throw error;
    return error.detail
      .split('\n  ')
      .slice(1)
      .map((text) => text.trim());
  }
}

const file = (...rows: string[]): ByteSource =>
  memorySource('sales.csv', [HEADER, ...rows, ''].join('\n'));

/** A good row with some columns replaced by position. */
function row(change: Partial<Record<number, string>>): string {
  return GOOD.split(',')
    .map((field, index) => change[index] ?? field)
    .join(',');
}

describe('P9: a file that is not exactly right is refused by row, and nothing is imported', () => {
  const cases: readonly [title: string, row: string, complaint: RegExp][] = [
    ['an exponent as quantity', row({ 3: '1e3' }), /row 3: Quantity "1e3" is not a number/],
    ['NaN as quantity', row({ 3: 'NaN' }), /row 3: Quantity "NaN"/],
    ['a blank quantity', row({ 3: '' }), /row 3: Quantity "" is not/],
    ['a padded quantity', row({ 3: ' 6' }), /row 3: Quantity " 6" is not/],
    ['infinity', row({ 3: 'Infinity' }), /Quantity "Infinity"/],
    ['a hexadecimal', row({ 3: '0x10' }), /Quantity "0x10"/],
    ['a plus sign', row({ 3: '+6' }), /Quantity "\+6"/],
    ['a thousands comma', row({ 3: '"1,000"' }), /Quantity "1,000"/],
    [
      'four decimals of quantity',
      row({ 3: '1.0005' }),
      /Quantity "1.0005" has more than 3 digits after the point/,
    ],
    [
      'a quantity beyond exactness',
      row({ 3: '9'.repeat(20) }),
      /Quantity "9+" is too large: at most 8 digits/,
    ],
    [
      'an amount beyond exactness',
      row({ 0: '7', 3: '10000000', 5: '99999999' }),
      /row 3: the line comes to/,
    ],
    ['zero quantity', row({ 3: '0' }), /row 3: Quantity is 0/],
    ['minus zero', row({ 3: '-0.000' }), /row 3: Quantity is 0/],
    ['an exponent as price', row({ 5: '1e3' }), /row 3: UnitPrice "1e3"/],
    ['NaN as price', row({ 5: 'NaN' }), /row 3: UnitPrice "NaN"/],
    ['a blank price', row({ 5: '' }), /row 3: UnitPrice ""/],
    [
      'five decimals of price',
      row({ 5: '0.00001' }),
      /UnitPrice "0.00001" has more than 4 digits after/,
    ],
    ['a currency sign', row({ 5: '£2' }), /UnitPrice "£2"/],
    ['a price outside the file format', row({ 5: '.5' }), /UnitPrice ".5"/],
    ['negative quantity in a sale', row({ 3: '-1', 0: '536366' }), /row 3: Quantity is negative/],
    ['negative price in a sale', row({ 5: '-1', 0: '536366' }), /row 3: UnitPrice is negative/],
    ['positive quantity in a return', row({ 0: 'C9' }), /row 3: Quantity is positive in a return/],
    ['negative price in a return', row({ 0: 'C9', 3: '-1', 5: '-1' }), /row 3: UnitPrice is neg/],
    ['negative quantity in a ledger adjustment', row({ 0: 'A9', 3: '-1' }), /Quantity is negative/],
    ['__proto__ as a code', row({ 1: '__proto__' }), /row 3: StockCode "__proto__" cannot/],
    ['constructor as a code', row({ 1: 'constructor' }), /StockCode "constructor" cannot/],
    ['an empty code', row({ 1: '' }), /StockCode "" cannot/],
    ['a blank code', row({ 1: '   ' }), /StockCode " {3}" cannot/],
    ['a code of 41 characters', row({ 1: 'x'.repeat(41) }), /StockCode longer than 40 characters/],
    ['__proto__ as an invoice', row({ 0: '__proto__' }), /InvoiceNo "__proto__" is not/],
    ['an empty invoice', row({ 0: '' }), /InvoiceNo "" is not/],
    ['an invoice with a path', row({ 0: '../1' }), /InvoiceNo "..\/1" is not/],
    ['a description of 201', row({ 2: 'x'.repeat(201) }), /Description longer than 200 characters/],
    ['a day that does not exist', row({ 4: '2010-02-30 08:00:00' }), /InvoiceDate "2010-02-30/],
    ['29 February in a common year', row({ 4: '2011-02-29 08:00:00' }), /InvoiceDate/],
    ['hour 24', row({ 4: '2010-12-01 24:00:00' }), /InvoiceDate/],
    ['second 60', row({ 4: '2010-12-01 23:59:60' }), /InvoiceDate/],
    ['another date format', row({ 4: '12/1/2010 8:26' }), /InvoiceDate "12\/1\/2010 8:26"/],
    ['a customer with letters', row({ 6: 'x17850' }), /CustomerID "x17850"/],
    ['NaN as customer', row({ 6: 'nan' }), /CustomerID "nan"/],
    ['a field too few', '536366,85123A,HEART', /row 3: has 3 fields where the header has 8/],
    ['a field too many', `${GOOD},x`, /row 3: has 9 fields where the header has 8/],
    ['an empty line', '', /row 3: has 1 fields/],
    ['a NUL', row({ 2: 'HEA\0RT' }), /row 3: Description holds a control character/],
    ['a lone carriage return', row({ 2: 'HEA\rRT' }), /Description holds a control character/],
    ['a bare quote', row({ 2: '5" PLATE' }), /row 3: quotes are broken/],
    ['text after a quote', row({ 2: '"HEART"S' }), /row 3: quotes are broken/],
    ['an open quote at the end', row({ 2: '"HEART' }), /row 3: quotes are broken/],
  ];
  it.each(cases)('%s', async (_title, bad, complaint) => {
    const found = await complaints(file(GOOD, bad));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(complaint);
    expect(found[0]).toMatch(/^sales\.csv, row 3/);
  });

  it('bytes that are not UTF-8', async () => {
    const bytes = Buffer.from(`${HEADER}\n${GOOD}\n${row({ 2: 'CAF#' })}\n`);
    bytes[bytes.indexOf('#')] = 0xe9;
    expect(await complaints(memorySource('sales.csv', bytes))).toEqual([
      'sales.csv, row 3: Description is not valid UTF-8',
    ]);
  });

  it.each([
    ['unquoted', 'x'.repeat(10_000_000)],
    ['quoted', `"${'x'.repeat(10_000_000)}"`],
    ['of line breaks', `"${'\n'.repeat(10_000_000)}"`],
  ])('a description of 10 MB, %s', async (_title, description) => {
    const found = await complaints(file(GOOD, row({ 2: description }), GOOD));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^sales\.csv, row 3: Description longer than 200 characters/);
    expect(found[0]?.length).toBeLessThan(300);
  });

  it('a header of 10 MB', async () => {
    const found = await complaints(memorySource('sales.csv', 'x'.repeat(10_000_000)));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^sales\.csv, row 1: longer than/);
  });

  const headers: readonly [title: string, header: string, complaint: RegExp][] = [
    ['unknown', `${HEADER},Discount`, /unknown column "Discount"/],
    [
      'in other case',
      HEADER.replace('Quantity', 'quantity'),
      /unknown column "quantity"; missing column Quantity/,
    ],
    ['missing', HEADER.replace('UnitPrice,', ''), /missing column UnitPrice/],
    [
      'missing two',
      HEADER.replace('UnitPrice,CustomerID,', ''),
      /missing columns UnitPrice, CustomerID/,
    ],
    ['twice', `${HEADER},Country`, /column twice "Country"/],
    ['__proto__', `${HEADER},__proto__`, /unknown column "__proto__"/],
    ['empty', `${HEADER},`, /unknown column ""/],
  ];
  it.each(headers)('a column that is %s', async (_title, header, complaint) => {
    const found = await complaints(memorySource('sales.csv', `${header}\n${GOOD}\n`));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(complaint);
  });

  it.each([
    ['no bytes', '', /is empty/],
    ['no rows', `${HEADER}\n`, /no rows/],
  ])('a file with %s', async (_title, text, complaint) => {
    expect((await complaints(memorySource('sales.csv', text)))[0]).toMatch(complaint);
  });

  it('collects the problems of all rows and files, in order, up to 20', async () => {
    const bad = row({ 3: '1e3', 5: 'NaN' });
    const found = await complaints(file(bad, GOOD), memorySource('b.csv', `${HEADER}\n${bad}\n`));
    expect(found.map((text) => text.slice(0, 27))).toEqual([
      'sales.csv, row 2: Quantity ',
      'sales.csv, row 2: UnitPrice',
      'b.csv, row 2: Quantity "1e3',
      'b.csv, row 2: UnitPrice "Na',
    ]);
    const many = await complaints(file(...Array.from({ length: 50 }, () => bad)));
    expect(many).toHaveLength(21);
    expect(many[20]).toMatch(/There may be more/);
  });

  it('looks at the rows before a broken quote too', async () => {
    const found = await complaints(file(row({ 3: '1e3' }), row({ 2: 'a"b' })));
    expect(found.map((text) => text.split(':')[0])).toEqual([
      'sales.csv, row 2',
      'sales.csv, row 3',
    ]);
  });

  it('names the line too when a description before has line breaks', async () => {
    const found = await complaints(file(row({ 2: '"a\nb\nc"' }), row({ 3: '1e3' })));
    expect(found[0]).toMatch(/^sales\.csv, row 3 \(line 5\): Quantity/);
  });

  it('one invoice in two files', async () => {
    const other = memorySource('again.csv', `${HEADER}\n${GOOD}\n`);
    expect(await complaints(file(GOOD), other)).toEqual([
      'again.csv, row 2: InvoiceNo 536365 is in sales.csv too: was one file given twice?',
    ]);
  });

  it('a document of more lines than an entry may hold', async () => {
    expect((await complaints(file(...Array.from({ length: 2001 }, () => GOOD))))[0]).toMatch(
      /row 2002: InvoiceNo 536365 has more than 2000 lines/,
    );
  });
});

describe('what a good file may look like', () => {
  it('has its columns in any order, a BOM and Windows line ends', async () => {
    const text =
      '\uFEFFCountry,CustomerID,UnitPrice,InvoiceDate,Quantity,Description,StockCode,InvoiceNo\r\n';
    const line = 'France,12345,0.0125,2011-08-12 14:50:00,1.250,"A, ""B""\r\nC", X 1 ,536365\r\n';
    expect(await readTransactions([memorySource('a.csv', text, line)])).toEqual([
      {
        invoice: '536365',
        kind: 'sale',
        at: '2011-08-12T14:50:00',
        customer: '12345',
        country: 'France',
        lines: [{ sku: 'X 1', description: 'A, "B"\r\nC', quantityMilli: 1250, unitPriceE4: 125 }],
      },
    ]);
  });

  it('is read the same however its bytes are cut', async () => {
    const bytes = Buffer.from(`${HEADER}\n${row({ 2: '"Gift, £40\n"' })}\n${GOOD}`);
    const cut = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const whole = await readTransactions([memorySource('a.csv', bytes)]);
    expect(await readTransactions([memorySource('a.csv', ...cut)])).toEqual(whole);
    expect(whole[0]?.lines).toHaveLength(2);
  });

  it('keeps rows of one invoice together, at the first row’s time, documents in time order', async () => {
    const transactions = await readTransactions([
      file(
        row({ 0: '2', 4: '2010-12-01 09:00:00' }),
        row({ 0: '3', 4: '2010-12-01 08:00:00', 6: '' }),
        row({ 0: '1', 4: '2010-12-01 08:00:00' }),
        row({ 0: '3', 4: '2010-12-01 08:01:00', 3: '7' }),
      ),
    ]);
    expect(transactions.map((one) => [one.invoice, one.at.slice(11), one.lines.length])).toEqual([
      ['3', '08:00:00', 2],
      ['1', '08:00:00', 1],
      ['2', '09:00:00', 1],
    ]);
    expect(transactions[0]?.customer).toBe('17850');
  });
});

describe('the kind of a document is the first rule that fits', () => {
  const line = (quantityMilli: number, unitPriceE4: number): TransactionLine => ({
    sku: 'X' as Sku,
    description: '',
    quantityMilli,
    unitPriceE4,
  });
  it.each([
    ['536365', [line(1, 1)], 'sale'],
    ['536365', [line(1, 1), line(1, 0)], 'sale'],
    ['536365', [line(1, 0), line(-1, 0)], 'stockAdjustment'],
    ['C536365', [line(-1, 1)], 'return'],
    ['C536365', [line(-1, 0)], 'return'],
    ['A536365', [line(1, -1)], 'ledgerAdjustment'],
    ['A536365', [line(1, 0)], 'stockAdjustment'],
  ] as const)('%s with %j is a %s', (invoice, lines, kind) => {
    expect(kindOf(invoice, lines)).toBe(kind);
  });
});

describe('reader(write(x)) = x', () => {
  const decimal = (value: number, places: number): string => {
    const digits = Math.abs(value)
      .toString()
      .padStart(places + 1, '0');
    const text = `${digits.slice(0, -places)}.${digits.slice(-places)}`;
    return value < 0 ? `-${text}` : text;
  };
  const csvField = (text: string): string =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const write = (transactions: readonly Transaction[]): string =>
    [
      HEADER,
      ...transactions.flatMap((one) =>
        one.lines.map((line) =>
          [
            one.invoice,
            line.sku,
            line.description,
            decimal(line.quantityMilli, 3),
            one.at.replace('T', ' '),
            decimal(line.unitPriceE4, 4),
            one.customer,
            one.country,
          ]
            .map(csvField)
            .join(','),
        ),
      ),
    ].join('\n');

  const text = (maxLength: number) =>
    fc
      .string({ unit: fc.constantFrom(...'aZ09 ,"\n;\'£é漢😀-_.\\|'), maxLength })
      .filter((value) => value.length <= maxLength);
  const anyLine = fc.record({
    sku: text(40).filter((code): code is Sku => isSku(code)),
    description: text(200),
    quantityMilli: fc.integer({ min: -9_999_999, max: 9_999_999 }).filter((n) => n !== 0),
    unitPriceE4: fc.integer({ min: -999_999_999, max: 999_999_999 }),
  });
  const anyTransactions = fc
    .array(
      fc.record({
        prefix: fc.constantFrom('', 'C', 'A'),
        seconds: fc.integer({ min: 0, max: 86_399 }),
        customer: fc.constantFrom('', '17850', '1'),
        country: text(20),
        lines: fc.array(anyLine, { minLength: 1, maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((drafts) =>
      drafts
        .map((draft, index): Transaction => {
          const invoice = `${draft.prefix}${500_000 + index}`;
          const at = new Date(Date.UTC(2011, 0, 1) + draft.seconds * 1000)
            .toISOString()
            .slice(0, 19);
          const kind = kindOf(invoice, draft.lines);
          const { customer, country, lines } = draft;
          return { invoice, kind, at, customer, country, lines };
        })
        .filter((one) => one.lines.every((line) => lineProblem(one.kind, line) === undefined))
        .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    )
    .filter((transactions) => transactions.length > 0);

  it('for every well-formed set of documents', async () => {
    await fc.assert(
      fc.asyncProperty(anyTransactions, async (transactions) => {
        const source = memorySource('a.csv', write(transactions));
        expect(await readTransactions([source])).toEqual(transactions);
      }),
      { seed: 20_101_201, numRuns: 200 },
    );
  });
});

describe('files on disk', async () => {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { fileSource } = await import('#lib/demo/byte-source.ts');
  const within = async (run: (directory: string) => Promise<void>): Promise<void> => {
    const directory = await mkdtemp(join(tmpdir(), 'tillmesh-replay-'));
    try {
      await run(directory);
    } finally {
      await rm(directory, { recursive: true });
    }
  };

  it('may be gzipped, and a cut, foreign or absent one is named', () =>
    within(async (directory) => {
      const packed = gzipSync(`${HEADER}\n${GOOD}\n`);
      const paths = {
        whole: join(directory, 'whole.csv.gz'),
        cut: join(directory, 'cut.csv.gz'),
        plain: join(directory, 'plain.csv.gz'),
        absent: join(directory, 'absent.csv'),
        absentPacked: join(directory, 'absent.csv.gz'),
      };
      await writeFile(paths.whole, packed);
      await writeFile(paths.cut, packed.subarray(0, -9));
      await writeFile(paths.plain, GOOD);
      expect(await readTransactions([fileSource(paths.whole)])).toHaveLength(1);
      expect(
        await complaints(
          ...[paths.cut, paths.plain, paths.absent, paths.absentPacked, directory].map(fileSource),
        ),
      ).toEqual([
        expect.stringMatching(/^cut\.csv\.gz: is not a whole gzip file/),
        expect.stringMatching(/^plain\.csv\.gz: is not a whole gzip file/),
        'absent.csv: there is no such file',
        'absent.csv.gz: there is no such file',
        expect.stringMatching(/: is a directory, not a file$/),
      ]);
    }));
});
