import { describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { memorySource } from './byte-source.ts';
import { readCatalog } from './catalog-file.ts';

const HEADER = 'sku,name,price,barcode,department,tax';
const read = (...lines: string[]) =>
  readCatalog(memorySource('catalog.csv', lines.join('\n')), ['standard', 'zero']);

async function complaints(...lines: string[]): Promise<string[]> {
  try {
    await read(...lines);
    return [];
  } catch (error) {
    if (!isTillmeshError(error, 'INPUT_INVALID')) throw error;
    return error.detail
      .split('\n')
      .slice(1, -1)
      .map((text) => text.trim());
  }
}

describe('a catalogue file', () => {
  it('needs sku, name and price only', async () => {
    expect(await read('name,price,sku', '"Jam, plum",2.5,J1')).toEqual([
      {
        sku: 'J1',
        names: 'Jam, plum',
        barcodes: [],
        prices: [{ unitPriceE4: 25_000 }],
        active: true,
      },
    ]);
  });

  it('may say barcode, department and tax', async () => {
    expect(await read(HEADER, 'J1,Jam,0.0125,4006381333931,food,zero')).toEqual([
      {
        sku: 'J1',
        names: 'Jam',
        barcodes: ['4006381333931'],
        department: 'food',
        tax: 'zero',
        prices: [{ unitPriceE4: 125 }],
        active: true,
      },
    ]);
  });

  const good = 'J1,Jam,1,,,';
  it.each([
    ['a price with an exponent', 'J2,Jam,1e3,,,', 'price "1e3"'],
    ['a negative price', 'J2,Jam,-1,,,', 'price "-1"'],
    ['no price', 'J2,Jam,,,,', 'price ""'],
    ['no name', 'J2,,1,,,', 'name is empty'],
    ['__proto__ as a code', '__proto__,Jam,1,,,', 'sku "__proto__"'],
    ['the wrong check digit', 'J2,Jam,1,4006381333932,,', 'barcode "4006381333932"'],
    ['an unknown tax', 'J2,Jam,1,,,luxury', 'tax "luxury" is not one of standard, zero'],
    ['a department that is no id', 'J2,Jam,1,,a b,', 'department: not an id'],
    ['a line break in the name', 'J2,"Jam\nJar",1,,,', 'names: control characters'],
    ['a code twice', 'J1,Jam again,1,,,', 'sku "J1" is in the file already'],
    ['a long name', `J2,${'x'.repeat(201)},1,,,`, 'name longer than 200 characters'],
    ['a short row', 'J2,Jam,1', 'has 3 fields'],
  ])('with %s is refused by row', async (_title, bad, complaint) => {
    const found = await complaints(HEADER, good, bad);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`catalog.csv, row 3: ${complaint}`);
  });

  it('with one barcode on two products is refused, in whatever length it is written', async () => {
    expect(await complaints(HEADER, 'A,A,1,036000291452,,', 'B,B,1,0036000291452,,')).toEqual([
      'catalog.csv, row 3: barcode 0036000291452 is that of "A" already',
    ]);
  });
});
