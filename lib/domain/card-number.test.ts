import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cardNumberIn, hasCardNumber } from './card-number.ts';
import type { Command } from './commands.ts';
import { gtinCheckDigit } from './gtin.ts';

// Numbers that the brands publish for tests.
const cards = [
  '4111111111111111',
  '4000000000000000006',
  '5555555555554444',
  '2223003122003222',
  '378282246310005',
  '30569309025904',
  '3566002020360505',
  '6011111111111117',
  '36006666333344',
  '6250941006528599',
  '6304000000000000',
  '6759649826438453',
  '6799990100000000019',
];

describe('X13: a card number', () => {
  test.each(cards)(
    '%s is seen in words, in groups, with dashes, wide and in Arabic digits',
    (card) => {
      const groups = card.match(/.{1,4}/g) ?? [];
      const arabic = card.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
      const wide = card.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
      for (const text of [
        card,
        `paid with ${card}.`,
        groups.join(' '),
        groups.join('-'),
        groups.join(' - ').replaceAll(' - ', '–'),
        groups.join('\u00a0'),
        `${groups.join(' ')} 12/27 123`,
        `ref 17 ${groups.join(' ')}`,
        arabic,
        wide,
        `x${card}y`,
      ])
        expect([text, hasCardNumber(text)]).toEqual([text, true]);
    },
  );

  test('is not seen in what merely has digits', () => {
    for (const text of [
      '',
      'dented',
      '4111111111111112',
      '41111111111111111111',
      '2026-11-21 17:30',
      'invoice 1763746213123',
      'sale-5-0-1763751690000',
      ...Array.from({ length: 50 }, (_, n) => `till-6-${n}-${1_763_751_690_000 + n}`),
      'order 10000000000000009',
      'tel +49 6221 123456',
      'IBAN DE89 3704 0044 0532 0130 00',
      'batch 4111-1111 and 1111-1112',
      '12.50 13.50 14.50 15.50',
    ])
      expect([text, hasCardNumber(text)]).toEqual([text, false]);
  });

  test('is no barcode: an EAN-13 in a remark is never taken for one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (n) => {
        const body = String(n).padStart(12, '0');
        return !hasCardNumber(`wrong label ${body}${gtinCheckDigit(body)}`);
      }),
    );
  });

  test('is no reference of another system: thirteen digits or less, or a UUID', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 13 });
    fc.assert(fc.property(digits, (text) => !hasCardNumber(text)));
    fc.assert(fc.property(fc.uuid(), (text) => !hasCardNumber(`${text} ${text.toUpperCase()}`)));
    expect(hasCardNumber('41111111-1111-1111-8111-411111111111')).toBe(false);
  });

  test('is no number on a shop’s own card, whatever its check digit', () => {
    for (const first of ['61', '6300', '634004', '66', '68', '6999', '5900', '982630'])
      for (let n = 0; n < 100; n++)
        expect(hasCardNumber(first.padEnd(16, '0') + String(n).padStart(2, '0'))).toBe(false);
  });

  test.each([
    [14, 0.5],
    [15, 0.3],
    [16, 4],
    [17, 1.2],
    [18, 1.2],
    [19, 2.6],
  ])(
    'of references that are nothing but %i random digits at most %f in a hundred read like one',
    (length, mostPercent) => {
      const digits = fc.string({
        unit: fc.constantFrom(...'0123456789'),
        minLength: length,
        maxLength: length,
      });
      const sample = fc.sample(digits, { numRuns: 20_000, seed: 1 });
      const percent = (sample.filter(hasCardNumber).length / sample.length) * 100;
      expect(percent).toBeLessThan(mostPercent);
      // Such cards exist: a rule that sees none would be no rule.
      expect(percent).toBeGreaterThan(0.1);
    },
  );

  test('a changed digit is none: few texts of digits are taken for a card', () => {
    let taken = 0;
    for (let n = 0; n < 10_000; n++)
      if (hasCardNumber(String(1_000_000_000_000 + n * 7_919))) taken++;
    expect(taken).toBe(0);
  });

  test('is no time at which a shelf was read, on any day', () => {
    const beganMs = Date.parse('2027-03-05T00:00:00Z');
    const moments = Array.from(
      { length: 20_000 },
      (_, n) => `${(beganMs + n * 200_003).toString(16).padStart(12, '0')}0000`,
    );
    const lines = moments.map((at) => ({
      sku: 'TEA',
      quantityMilli: 1_000,
      read: { at, seen: {} },
    }));
    const count = { kind: 'CountStock', command: 'count-0001', by: 'ann', lines };
    expect(cardNumberIn(count as unknown as Command)).toBeUndefined();
  });

  test('is looked for wherever a command has words, and nowhere else', () => {
    const [card = ''] = cards;
    const sale = {
      kind: 'CompleteSale',
      command: `pay-${card}`,
      by: 'ann',
      lines: [{ sku: card, quantityMilli: 1_000, batch: card }],
      tenders: [],
    } as unknown as Command;
    expect(cardNumberIn(sale)).toBeUndefined();
    const places: [string, object][] = [
      ['lines.0.override', { lines: [{ ...sale, override: card }] }],
      ['lines.0.name', { lines: [{ name: `gift ${card}` }] }],
      ['reason', { reason: card }],
      ['customer', { customer: card }],
      ['external.id', { external: { system: 'shop', id: card } }],
      ['anything.later', { anything: { later: card } }],
    ];
    for (const [place, fields] of places) expect(cardNumberIn({ ...sale, ...fields })).toBe(place);
  });
});
