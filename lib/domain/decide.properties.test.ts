import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bodies, MoneyDocument } from './bodies.ts';
import { readBody } from './bodies-schema.ts';
import { parseCommand, type CompleteSale } from './commands.ts';
import { decide } from './decide.ts';
import { priceItems } from './decide-sale.ts';
import type { Sku } from './ids.ts';
import { lineAmountMinor } from './money.ts';
import { movementsOf } from './movements.ts';
import { sampleProduct, sampleSettings, SampleTill } from './sample-till.ts';
import type { StoreSettings } from './settings.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 7 });

// Weighed, so that any part of them can come back.
const weighed = true;
const products = [
  sampleProduct('A', 10_050, { weighed }),
  sampleProduct('B', 3_333, { tax: 'low', weighed }),
  sampleProduct('C', 1_234_567, { weighed }),
  sampleProduct('KIT', 99_950, {
    weighed,
    components: [
      { sku: 'A' as Sku, quantityMilli: 2_000 },
      { sku: 'B' as Sku, quantityMilli: 333 },
    ],
  }),
  sampleProduct('FREE', 0, { weighed }),
];

const settings = fc
  .tuple(
    fc.constantFrom('inclusive' as const, 'exclusive' as const),
    fc.constantFrom('line' as const, 'document' as const),
    fc.constantFrom(
      undefined,
      { incrementMinor: 5 },
      { incrementMinor: 10, half: 'down' as const },
    ),
  )
  .map(([taxMode, taxRounding, cashRounding]): StoreSettings => ({
    ...sampleSettings,
    taxMode,
    taxRounding,
    ...(cashRounding === undefined ? {} : { cashRounding }),
  }));

const lines = fc.array(
  fc
    .tuple(
      fc.constantFrom('A', 'B', 'C', 'KIT', 'FREE', 'OPEN'),
      fc.integer({ min: 1, max: 20_000 }),
      fc.option(fc.integer({ min: 0, max: 500_000 }), { nil: undefined }),
    )
    .map(([sku, quantityMilli, typed]) => ({
      sku: sku as Sku,
      quantityMilli,
      ...(sku === 'OPEN' ? { name: 'Open item', unitPriceE4: typed ?? 777 } : {}),
      ...(sku !== 'OPEN' && typed !== undefined ? { unitPriceE4: typed } : {}),
    })),
  { minLength: 1, maxLength: 8 },
);

/** A sale paid partly by card (a share of the total in percent) and the rest in cash. */
const scenario = fc
  .tuple(lines, settings, fc.nat(100), fc.nat(30))
  .map(([items, how, cardPercent, discountPercent]) => ({
    items,
    how,
    cardPercent,
    discountPercent,
  }));
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

/** More than any return pays back. */
const plenty = 1_000_000_000;
/** Of change: more than any rounding to coins. */
const someMinor = 4_321;

function sell({ items, how, cardPercent, discountPercent }: Scenario) {
  const till = new SampleTill(products, how);
  const priced = (discountMinor: number) => {
    const cart = priceItems(till, items, { roles: ['manager'] }, discountMinor);
    if (!cart.ok) throw new Error(cart.refusal.message);
    return cart.value;
  };
  // Priced twice: once to know the total that discount and card are a share of.
  const gross = sum(priced(0).lines.map((line) => line.amountMinor));
  const discountMinor = Math.floor((gross * discountPercent) / 100);
  const { totalMinor } = priced(discountMinor);
  const cardMinor = Math.floor((totalMinor * cardPercent) / 100);
  const sale: CompleteSale = {
    kind: 'CompleteSale',
    command: 'sale-0001',
    by: 'max',
    lines: items,
    ...(discountMinor === 0 ? {} : { discountMinor }),
    tenders: [
      { kind: 'card', amountMinor: cardMinor },
      { kind: 'cash', givenMinor: totalMinor - cardMinor + someMinor },
    ],
  };
  expect(parseCommand(sale).ok).toBe(true);
  const decision = till.run(sale);
  if (decision.kind !== 'record') throw new Error(JSON.stringify(decision));
  return { till, sale, body: decision.body as MoneyDocument };
}

function giveBack(
  till: SampleTill,
  command: string,
  part: { ofLine: number; quantityMilli: number }[],
  tenders: { kind: string; amountMinor: number }[],
) {
  const decision = till.run({
    kind: 'CompleteReturn',
    command,
    by: 'ann',
    of: { journal: till.journal, seq: 1 },
    lines: part,
    tenders,
  });
  if (decision.kind !== 'record') throw new Error(JSON.stringify(decision));
  return decision.body as Bodies['ReturnCompleted'];
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('P9: a sale adds up', () => {
  it('Σ lines + tax on top = total; Σ tenders = total + rounding; given − change = paid', () => {
    let rounded = 0;
    fc.assert(
      fc.property(scenario, (input) => {
        const { body, till } = sell(input);
        for (const line of body.lines)
          expect(line.amountMinor).toBe(lineAmountMinor({ ...line, digits: 2 }));
        const onTop =
          input.how.taxMode === 'exclusive' ? sum(body.taxes.map((tax) => tax.taxMinor)) : 0;
        expect(body.totalMinor).toBe(sum(body.lines.map((line) => line.amountMinor)) + onTop);
        expect(sum(body.tenders.map((tender) => tender.amountMinor))).toBe(
          body.totalMinor + body.roundingMinor,
        );
        for (const { amountMinor, givenMinor, changeMinor } of body.tenders) {
          if (givenMinor !== undefined)
            expect(givenMinor - (changeMinor ?? Number.NaN)).toBe(amountMinor);
        }
        rounded += body.roundingMinor === 0 ? 0 : 1;
        // What was decided can be read by every replica, and survives JSON to the bit.
        expect(readBody('SaleCompleted', body).ok).toBe(true);
        expect(JSON.parse(JSON.stringify(body))).toStrictEqual(body);
        expect(till.recorded).toHaveLength(1);
      }),
    );
    expect(rounded).toBeGreaterThan(0);
  });

  it('the same state and command give the same bytes', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const { sale, body } = sell(input);
        const again = decide(new SampleTill(products, input.how), sale);
        expect(JSON.stringify(again)).toBe(
          JSON.stringify({ kind: 'record', type: 'SaleCompleted', body }),
        );
      }),
    );
  });
});

describe('P9: what comes back is what was sold', () => {
  it('a full return is −1 × each figure, and their movements cancel', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const { till, body } = sell(input);
        const all = body.lines.map((line, ofLine) => ({
          ofLine,
          quantityMilli: line.quantityMilli,
        }));
        const tenders = body.tenders.map(({ kind, amountMinor }) => ({ kind, amountMinor }));
        const back = giveBack(till, 'return-01', all, tenders);
        // + 0 turns the −0 of the multiplication into 0.
        const minus = (value: number) => value * -1 + 0;
        expect(back.lines).toStrictEqual(
          body.lines.map((line) => ({
            ...line,
            quantityMilli: minus(line.quantityMilli),
            amountMinor: minus(line.amountMinor),
            ...(line.discountMinor === undefined
              ? {}
              : { discountMinor: minus(line.discountMinor) }),
          })),
        );
        expect(back.taxes).toStrictEqual(
          body.taxes.map((tax) => ({
            ...tax,
            netMinor: minus(tax.netMinor),
            taxMinor: minus(tax.taxMinor),
          })),
        );
        expect(back.totalMinor).toBe(minus(body.totalMinor));
        expect(back.roundingMinor).toBe(minus(body.roundingMinor));
        expect(back.tenders).toStrictEqual(
          tenders.map(({ kind, amountMinor }) => ({ kind, amountMinor: minus(amountMinor) })),
        );
        expect(readBody('ReturnCompleted', back).ok).toBe(true);

        const moved = new Map<string, number>();
        for (const movement of [
          ...movementsOf('SaleCompleted', body),
          ...movementsOf('ReturnCompleted', back),
        ]) {
          moved.set(movement.sku, (moved.get(movement.sku) ?? 0) + movement.quantityMilli);
        }
        expect([...moved.values()].every((quantity) => quantity === 0)).toBe(true);
      }),
    );
  });

  it('returns in any steps add up to the sale exactly, line by line and tax by tax', () => {
    let steps = 0;
    fc.assert(
      fc.property(
        scenario,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }),
        (input, cuts) => {
          const { till, body } = sell(input);
          const left = body.lines.map((line) => line.quantityMilli);
          const amounts = body.lines.map(() => 0);
          const taxes = new Map<string, number>();
          let total = 0;
          const take = (part: { ofLine: number; quantityMilli: number }[]) => {
            const due = dueFor(till, part);
            const back = giveBack(till, `return-${++steps}-x`, part, [
              { kind: 'card', amountMinor: due },
            ]);
            part.forEach(({ ofLine, quantityMilli }, i) => {
              left[ofLine] = (left[ofLine] ?? 0) - quantityMilli;
              amounts[ofLine] = (amounts[ofLine] ?? 0) + (back.lines[i]?.amountMinor ?? Number.NaN);
              const line = back.lines[i];
              if (line !== undefined)
                expect(line.amountMinor).toBe(lineAmountMinor({ ...line, digits: 2 }));
            });
            for (const tax of back.taxes)
              taxes.set(tax.rate, (taxes.get(tax.rate) ?? 0) + tax.taxMinor);
            total += back.totalMinor;
          };
          for (const [which, much] of cuts) {
            const ofLine = which % body.lines.length;
            const quantityMilli = much % ((left[ofLine] ?? 0) + 1);
            if (quantityMilli > 0) take([{ ofLine, quantityMilli }]);
          }
          const rest = left
            .map((quantityMilli, ofLine) => ({ ofLine, quantityMilli }))
            .filter((part) => part.quantityMilli > 0);
          if (rest.length > 0) take(rest);
          expect(amounts.map((amount) => amount * -1 + 0)).toStrictEqual(
            body.lines.map((line) => line.amountMinor),
          );
          expect(total * -1 + 0).toBe(body.totalMinor);
          for (const tax of body.taxes)
            expect((taxes.get(tax.rate) ?? 0) * -1 + 0).toBe(tax.taxMinor);
        },
      ),
    );
    expect(steps).toBeGreaterThan(100);
  });
});

/** What a part of the first receipt costs, read from the refusal of a return that offers far too much. */
function dueFor(till: SampleTill, part: { ofLine: number; quantityMilli: number }[]): number {
  const decision = decide(till, {
    kind: 'CompleteReturn',
    command: 'probe-0001',
    by: 'ann',
    of: { journal: till.journal, seq: 1 },
    lines: part,
    tenders: [{ kind: 'card', amountMinor: plenty }],
  });
  const found =
    decision.kind === 'refused' ? /EUR ([0-9]+)\.([0-9]{2})/.exec(decision.refusal.message) : null;
  if (found === null) throw new Error(JSON.stringify(decision));
  return plenty - Number(`${found[1]}${found[2]}`);
}
