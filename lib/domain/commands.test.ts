import { describe, expect, it } from 'vitest';
import { parseCommand } from './commands.ts';
import { limits } from './limits.ts';

const head = { command: 'cmd-0001', by: 'ann' };
const line = { sku: '85123A', quantityMilli: 1_000 };
const sale = {
  kind: 'CompleteSale',
  ...head,
  lines: [line],
  tenders: [{ kind: 'cash', givenMinor: 2_000 }],
};
const journal = 'S01/T1/00000000000000aa';

describe('commands are read strictly', () => {
  it.each<[string, unknown]>([
    ['sale', sale],
    ['free sale without tenders', { ...sale, tenders: [] }],
    [
      'sale with everything',
      {
        ...sale,
        lines: [
          {
            ...line,
            unitPriceE4: 0,
            override: 'gift',
            name: 'Gift',
            batch: 'L1',
            discountMinor: 0,
          },
        ],
        discountMinor: 5,
        customer: '17850.0',
        external: { system: 'uci', id: '536365', at: '2010-12-01 08:26:00' },
      },
    ],
    [
      'return of a receipt',
      {
        kind: 'CompleteReturn',
        ...head,
        of: { journal, seq: 3 },
        lines: [{ ofLine: 0, quantityMilli: 1 }],
        tenders: [{ kind: 'card', amountMinor: 1 }],
        restock: false,
      },
    ],
    ['return without receipt', { kind: 'CompleteReturn', ...head, lines: [line], tenders: [] }],
    [
      'stock adjustment',
      { kind: 'AdjustStock', ...head, reason: 'broken', lines: [{ sku: 'A', quantityMilli: -1 }] },
    ],
    [
      'ledger adjustment',
      {
        kind: 'AdjustLedger',
        ...head,
        reason: 'bad debt',
        lines: [
          { sku: 'B', name: 'Adjust bad debt', quantityMilli: 1_000, unitPriceE4: -110_620_600 },
        ],
      },
    ],
    [
      'count',
      {
        kind: 'CountStock',
        ...head,
        lines: [
          { sku: 'A', quantityMilli: 0, read: { at: '0199f0c0a0000000', seen: { [journal]: 4 } } },
        ],
      },
    ],
    ['close', { kind: 'CloseDay', ...head }],
  ])('takes a %s as it is', (_, command) => {
    expect(parseCommand(command)).toStrictEqual({ ok: true, command });
  });

  const withLine = (more: object) => ({ ...sale, lines: [{ ...line, ...more }] });
  it.each<[string, unknown]>([
    ['kind', null],
    ['kind', {}],
    ['kind', { ...sale, kind: 'constructor' }],
    ['command', { ...sale, command: 'short' }],
    ['command', { ...sale, command: 'x'.repeat(65) }],
    ['command', { ...sale, command: 'with blank' }],
    ['by', { ...sale, by: '' }],
    ['by', { ...sale, by: '__proto__' }],
    ['lines', { ...sale, lines: [] }],
    ['lines', { ...sale, lines: Array.from({ length: limits.linesPerDocument + 1 }, () => line) }],
    ['lines.0.quantityMilli', withLine({ quantityMilli: 0 })],
    ['lines.0.quantityMilli', withLine({ quantityMilli: -1_000 })],
    ['lines.0.quantityMilli', withLine({ quantityMilli: 1.5 })],
    ['lines.0.quantityMilli', withLine({ quantityMilli: '1000' })],
    ['lines.0.quantityMilli', withLine({ quantityMilli: Number.NaN })],
    ['lines.0.quantityMilli', withLine({ quantityMilli: Number.POSITIVE_INFINITY })],
    ['lines.0.quantityMilli', withLine({ quantityMilli: limits.quantityMilli + 1 })],
    ['lines.0.unitPriceE4', withLine({ unitPriceE4: -1 })],
    ['lines.0.unitPriceE4', withLine({ unitPriceE4: -0 })],
    ['lines.0.sku', withLine({ sku: '__proto__' })],
    ['lines.0.sku', withLine({ sku: '\udc00' })],
    ['lines.0.name', withLine({ name: 'x'.repeat(10_000_000) })],
    ['lines.0.name', withLine({ name: 'a\u0000b' })],
    ['lines.0', withLine({ quantity: 1 })],
    ['tenders.0', { ...sale, tenders: [{ kind: 'cash' }] }],
    ['tenders.0', { ...sale, tenders: [{ kind: 'cash', amountMinor: 1, givenMinor: 1 }] }],
    ['tenders.0.amountMinor', { ...sale, tenders: [{ kind: 'cash', amountMinor: -1 }] }],
    ['total', { ...sale, total: 5 }],
    ['__proto__', JSON.parse(JSON.stringify(sale).replace('{', '{"__proto__":{"by":"max"},'))],
    [
      'lines',
      {
        kind: 'CompleteReturn',
        ...head,
        of: { journal, seq: 3 },
        tenders: [],
        lines: [
          { ofLine: 0, quantityMilli: 1 },
          { ofLine: 0, quantityMilli: 1 },
        ],
      },
    ],
    ['of', { kind: 'CompleteReturn', ...head, of: undefined, tenders: [], lines: [line] }],
    ['reason', { kind: 'AdjustStock', ...head, lines: [line] }],
    [
      'quantityMilli',
      { kind: 'AdjustStock', ...head, reason: 'x', lines: [{ ...line, quantityMilli: 0 }] },
    ],
    ['lines', { kind: 'CountStock', ...head, lines: [line, line] }],
    [
      'seen',
      {
        kind: 'CountStock',
        ...head,
        lines: [{ ...line, read: { at: '0199f0c0a0000000', seen: { nobody: 4 } } }],
      },
    ],
  ])('refuses a wrong %s and names it', (place, command) => {
    const parsed = parseCommand(command);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) {
      expect(parsed.problems[0]).toContain(place);
      expect(parsed.problems.join('').length).toBeLessThan(3_000);
    }
  });
});
