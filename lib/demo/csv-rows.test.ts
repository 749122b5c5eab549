import { describe, expect, it } from 'vitest';
import { memorySource } from './byte-source.ts';
import { readDateTime, readDecimal } from './csv-fields.ts';
import { readCsvRows } from './csv-rows.ts';
import { ImportProblems, quoted } from './import-problems.ts';

const layout = {
  code: { maxCharacters: 10 },
  note: { maxCharacters: 10, optional: true },
} as const;

describe('the CSV border', () => {
  it('stops at the byte bound without taking the rest in', async () => {
    let chunks = 0;
    const endless = {
      name: 'endless.csv',
      async *bytes() {
        yield Buffer.from('code\n');
        for (;;) {
          chunks += 1;
          yield Buffer.from('x\n'.repeat(1_000));
        }
      },
    };
    const problems = new ImportProblems();
    await readCsvRows(endless, layout, { bytes: 100_000, rows: 1e9 }, problems, () => {});
    expect(problems.texts).toEqual([expect.stringMatching(/^endless\.csv: more than \d+ bytes/)]);
    expect(chunks).toBeLessThan(60);
  });

  it('stops at the row bound', async () => {
    const problems = new ImportProblems();
    const source = memorySource('a.csv', 'code\n1\n2\n3\n4\n');
    const rows: string[] = [];
    await readCsvRows(source, layout, { bytes: 1e6, rows: 2 }, problems, (row) =>
      rows.push(row.fields.code),
    );
    expect(rows).toEqual(['1', '2']);
    expect(problems.texts).toHaveLength(1);
  });

  it('gives absent optional columns as empty text', async () => {
    const problems = new ImportProblems();
    await readCsvRows(
      memorySource('a.csv', 'code\n1\n'),
      layout,
      { bytes: 1e6, rows: 10 },
      problems,
      (row) => expect(row.fields).toEqual({ code: '1', note: '' }),
    );
    expect(problems.texts).toEqual([]);
  });

  it('throws what is not the file’s fault', async () => {
    const broken = {
      name: 'a.csv',
      // eslint-disable-next-line require-yield -- fails before its first byte
      async *bytes(): AsyncIterable<Uint8Array> {
        throw new Error('cable pulled');
      },
    };
    const reading = readCsvRows(
      broken,
      layout,
      { bytes: 1, rows: 1 },
      new ImportProblems(),
      () => {},
    );
    await expect(reading).rejects.toThrow('cable pulled');
  });
});

describe('decimals as exact integers', () => {
  it.each([
    ['6', 3, 6_000],
    ['-1.5', 3, -1_500],
    ['18.0', 4, 180_000],
    ['0.0125', 4, 125],
    ['0.01250000', 4, 125],
    ['007', 0, 7],
    ['-0', 3, 0],
    ['99999999.9999', 4, 999_999_999_999],
  ])('%s to %i places is %i', (text, decimals, value) => {
    expect(readDecimal(text, decimals)).toBe(value);
  });

  it.each([
    '',
    ' ',
    '1e3',
    '1E3',
    'NaN',
    'Infinity',
    '+1',
    '1.',
    '.1',
    '1,5',
    '0x1',
    '1 ',
    '١',
    '--1',
    '-',
    '100000000',
    '0.00001',
    '1_000',
  ])('%j is not one', (text) => {
    expect(readDecimal(text, 4)).toBeUndefined();
  });
});

describe('times that exist', () => {
  it.each(['2012-02-29 00:00:00', '2010-12-01 08:26:00', '1999-12-31 23:59:59'])('%s', (text) => {
    expect(readDateTime(text)).toBe(text.replace(' ', 'T'));
  });
  it.each([
    '2011-02-29 00:00:00',
    '2010-13-01 00:00:00',
    '2010-00-01 00:00:00',
    '2010-12-32 00:00:00',
    '2010-12-01 24:00:00',
    '2010-12-01T08:26:00',
    '2010-12-01 08:26',
    '2010-12-01 08:26:00 ',
  ])('not %j', (text) => {
    expect(readDateTime(text)).toBeUndefined();
  });
});

it('a field in a message is cut and harmless', () => {
  expect(quoted('a\u0000\n"b')).toBe('"a\\u0000\\n\\"b"');
  expect(quoted('x'.repeat(1_000)).length).toBeLessThan(50);
});
