import { describe, expect, it } from 'vitest';
import type { Decision } from './decide.ts';
import type { Hlc, JournalKey, Sku } from './ids.ts';
import { sampleProduct, SampleTill } from './sample-till.ts';

const till = () => new SampleTill([sampleProduct('A', 10_050)]);
const code = (decision: Decision) =>
  decision.kind === 'refused' ? decision.refusal.code : decision.kind;

describe('adjustments, counts, closing', () => {
  it('a stock adjustment needs a senior and a name', () => {
    const adjust = (by: string, sku: string, name?: string) => ({
      kind: 'AdjustStock' as const,
      command: 'adjust-01',
      by,
      reason: 'broken',
      lines: [{ sku: sku as Sku, quantityMilli: -1_000, ...(name === undefined ? {} : { name }) }],
    });
    expect(code(till().run(adjust('ann', 'A')))).toBe('NOT_PERMITTED');
    expect(code(till().run(adjust('max', 'X')))).toBe('PRODUCT_UNKNOWN');
    expect(till().run(adjust('max', 'X', 'Thing'))).toMatchObject({
      body: { lines: [{ name: 'Thing' }], reason: 'broken' },
    });
    expect(till().run(adjust('sue', 'A', 'ignored'))).toMatchObject({
      body: { lines: [{ name: 'Product A', quantityMilli: -1_000 }] },
    });
  });

  it('a ledger adjustment may be negative, is exact, and pays nothing', () => {
    const adjust = (by: string, unitPriceE4: number) => ({
      kind: 'AdjustLedger' as const,
      command: 'adjust-01',
      by,
      reason: 'bad debt',
      lines: [{ sku: 'BAD' as Sku, name: 'Adjust bad debt', quantityMilli: 1_000, unitPriceE4 }],
    });
    expect(code(till().run(adjust('ann', 1)))).toBe('NOT_PERMITTED');
    expect(till().run(adjust('max', -110_620_600))).toStrictEqual({
      kind: 'record',
      type: 'LedgerAdjusted',
      body: {
        number: 'S01-T1A-L-1',
        businessDay: '2026-11-20',
        reason: 'bad debt',
        currency: 'EUR',
        lines: [
          {
            sku: 'BAD',
            name: 'Adjust bad debt',
            quantityMilli: 1_000,
            unitPriceE4: -110_620_600,
            amountMinor: -1_106_206,
          },
        ],
        totalMinor: -1_106_206,
      },
    });
  });

  it('a count says what it had seen: now, or when the shelf was read, never the future', () => {
    const t1 = 'S01/T1/00000000000000aa' as JournalKey;
    const t2 = 'S01/T2/00000000000000bb' as JournalKey;
    const count = (read?: { at: Hlc; seen: Record<JournalKey, number> }) => ({
      kind: 'CountStock' as const,
      command: 'count-001',
      by: 'ann',
      lines: [{ sku: 'A' as Sku, quantityMilli: 5_000, ...(read === undefined ? {} : { read }) }],
    });
    const now = '0199f0c0a0000000' as Hlc;
    expect(till().run(count())).toMatchObject({
      body: { lines: [{ at: now, seen: { [t1]: 0, [t2]: 5 } }] },
    });
    const earlier = { at: '0199f0c09fff0000' as Hlc, seen: { [t2]: 4 } };
    expect(till().run(count(earlier))).toMatchObject({ body: { lines: [earlier] } });
    expect(code(till().run(count({ ...earlier, at: '0199f0c0a0000001' as Hlc })))).toBe(
      'COUNT_FROM_FUTURE',
    );
    expect(code(till().run(count({ ...earlier, seen: { [t2]: 6 } })))).toBe('COUNT_FROM_FUTURE');
  });

  it('a day without a sale can be closed, and a day’s figures are the sum of its documents', () => {
    const shop = till();
    expect(shop.run({ kind: 'CloseDay', command: 'close-001', by: 'ann' })).toMatchObject({
      body: { documents: 0, totalMinor: 0, currency: 'EUR' },
    });
    for (let i = 0; i < 5_000; i++)
      shop.recorded.push({
        command: `c${i}`,
        type: 'SaleCompleted',
        body: { number: '', businessDay: '', totalMinor: 1_931_605 } as { businessDay: string },
      });
    expect(shop.run({ kind: 'CloseDay', command: 'close-002', by: 'ann' })).toMatchObject({
      body: { documents: 5_000, totalMinor: 9_658_025_000 },
    });
  });
});
