import { describe, expect, it } from 'vitest';
import { parseCommand, type Command } from './commands.ts';
import { readBody } from './bodies-schema.ts';
import type { JournalKey, Sku } from './ids.ts';
import { sampleProduct, SampleTill } from './sample-till.ts';

const cart = 'T1-0123456789abcdef';
const journal = 'S01/T1/00000000000000aa' as JournalKey;
const line = { sku: 'A' as Sku, name: 'Article', quantityMilli: 2_000, amountMinor: 250 };

const commands = {
  OpenDrawer: { kind: 'OpenDrawer', command: 'drawer-01', by: 'ann', reason: 'change' },
  CancelCart: {
    kind: 'CancelCart',
    command: 'cancel-01',
    by: 'ann',
    cart,
    lines: [line, { ...line, sku: 'B' as Sku, approvedBy: 'sue', amountMinor: 50 }],
  },
  VoidCartLine: {
    kind: 'VoidCartLine',
    command: 'void-0001',
    by: 'ann',
    cart,
    line: 'l1',
    ...line,
    quantityMilli: -1_000,
    amountMinor: -125,
  },
  ReprintReceipt: {
    kind: 'ReprintReceipt',
    command: 'print-001',
    by: 'ann',
    of: { journal, seq: 1 },
  },
} as const satisfies Record<string, Command>;
const all: readonly Command[] = Object.values(commands);

/** A shop with one sale, which a copy can be of. */
function shop(): SampleTill {
  const till = new SampleTill([sampleProduct('A', 12_500)]);
  till.run({
    kind: 'CompleteSale',
    command: 'sale-0001',
    by: 'ann',
    lines: [{ sku: 'A' as Sku, quantityMilli: 1_000 }],
    tenders: [{ kind: 'cash', givenMinor: 5_000 }],
  });
  return till;
}

describe('acts', () => {
  it.each(all)(
    '$kind is read at the border, recorded without a number, and counts nowhere',
    (command) => {
      expect(parseCommand(JSON.parse(JSON.stringify(command)))).toEqual({ ok: true, command });
      expect(parseCommand({ ...command, more: 1 }).ok).toBe(false);
      const till = shop();
      const totals = till.toClose();
      const decision = till.run(command);
      if (decision.kind !== 'record') throw new Error(JSON.stringify(decision));
      expect(decision.body).toMatchObject({ businessDay: '2026-11-20' });
      expect(till.numberAt(2)).toBe('S01-T1A-J-2');
      expect(readBody(decision.type, decision.body)).toMatchObject({ ok: true });
      expect(till.toClose()).toEqual(totals);
      // P3: the series of documents go on as if nothing had been.
      expect(till.run({ kind: 'CloseDay', command: 'close-01', by: 'ann' })).toMatchObject({
        body: { number: 'S01-T1A-Z-1' },
      });
    },
  );

  it.each(all)(
    'L2: $kind asked for twice is one entry; its id with other contents is refused',
    (command) => {
      const till = shop();
      till.run(command);
      expect(till.run(command)).toEqual({ kind: 'repeated', seq: 2, number: 'S01-T1A-J-2' });
      const others: Record<string, Partial<Command>> = {
        OpenDrawer: { reason: 'count' },
        CancelCart: { lines: [line] },
        VoidCartLine: { quantityMilli: 1_000 },
        ReprintReceipt: { of: { journal, seq: 9 } },
      };
      expect(till.run(Object.assign({}, command, others[command.kind]))).toMatchObject({
        refusal: { code: 'COMMAND_REUSED' },
      });
      expect(till.run({ kind: 'CloseDay', command: command.command, by: 'ann' })).toMatchObject({
        refusal: { code: 'COMMAND_REUSED' },
      });
      expect(till.recorded).toHaveLength(2);
    },
  );

  it('the total of a cancelled cart is its lines’, and copies are numbered', () => {
    const till = shop();
    expect(till.run(commands.CancelCart)).toMatchObject({
      body: { totalMinor: 300, currency: 'EUR', lines: [{}, { approvedBy: 'sue' }] },
    });
    expect(till.run(commands.ReprintReceipt)).toMatchObject({
      body: { number: 'S01-T1A-S-1', copy: 1 },
    });
    expect(till.run({ ...commands.ReprintReceipt, command: 'print-002' })).toMatchObject({
      body: { copy: 2 },
    });
    expect(
      till.run({ ...commands.ReprintReceipt, command: 'print-003', of: { journal, seq: 2 } }),
    ).toMatchObject({ refusal: { code: 'DOCUMENT_UNKNOWN' } });
  });

  it.each(all)('$kind by somebody who is not known is refused', (command) => {
    expect(shop().run({ ...command, by: 'eve' })).toMatchObject({
      refusal: { code: 'OPERATOR_UNKNOWN' },
    });
  });
});
