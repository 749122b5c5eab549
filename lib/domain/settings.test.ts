import { describe, expect, it } from 'vitest';
import { percentOf, plainSettings, readSettings } from './settings.ts';

const plain = plainSettings('EUR', { std: { percentE4: 200_000 } });

describe('store settings', () => {
  it('reads the plain ones, and a full set with fields of a later version', () => {
    expect(readSettings(plain)).toStrictEqual({ ok: true, value: plain });
    const full = {
      ...plain,
      cashRounding: { incrementMinor: 5, half: 'down' },
      openItemTax: 'std',
      tenders: ['cash', 'card'],
      overrideByReason: true,
      inStoreBarcodes: [{ pattern: '21 IIIII PPPPP C' }],
      fiscalDriver: 'none',
    };
    expect(readSettings(full)).toStrictEqual({ ok: true, value: full });
  });

  it.each([
    ['currency', { currency: 'XXX' }],
    ['taxMode', { taxMode: 'both' }],
    ['cashRounding.incrementMinor', { cashRounding: { incrementMinor: 0 } }],
    ['taxes.std.percentE4', { taxes: { std: { percentE4: -1 } } }],
    ['openItemTax', { openItemTax: 'nobody' }],
    ['inStoreBarcodes.0.pattern', { inStoreBarcodes: [{ pattern: 'IIII' }] }],
  ])('refuses a wrong %s', (place, wrong) => {
    const result = readSettings({ ...plain, ...wrong });
    expect(result).toMatchObject({ ok: false });
    expect(JSON.stringify(result)).toContain(place);
  });

  it('knows no rate by a name that objects have', () => {
    expect(percentOf(plain, 'std')).toBe(200_000);
    for (const name of ['constructor', 'toString', '__proto__', 'nobody']) {
      expect(percentOf(plain, name)).toBeUndefined();
    }
    const poisoned: unknown = JSON.parse(
      '{"currency":"EUR","taxMode":"inclusive","taxRounding":"line","taxes":{"__proto__":{"percentE4":1}}}',
    );
    expect(readSettings(poisoned)).toMatchObject({ ok: false });
  });
});
