/** Commands that the simulated shop gives its tills, each with what it must do to shelf and money: computed here, not asked of the product. */
import type { JournalKey, Sku } from '#lib/domain/ids.ts';
import { cents, goods, shelfOf, type Good } from './goods.ts';

export type Effect = {
  readonly totalMinor: number;
  /** Thousandths that come onto the shelf. */
  readonly movements: ReadonlyMap<Sku, number>;
  /** The lines of a sale: what a later return may take back. */
  readonly sold: readonly { readonly good: Good; readonly quantityMilli: number }[];
  readonly returns?: {
    readonly of: string;
    readonly ofLine: number;
    readonly quantityMilli: number;
  };
};

export type Order = {
  readonly command: Readonly<Record<string, unknown>> & { readonly command: string };
  /** `bad`: must be refused, whatever the state. */
  readonly kind: 'sale' | 'return' | 'adjust' | 'ledger' | 'count' | 'close' | 'bad';
  readonly effect: Effect;
};

/** A sale that somebody brings back. */
export type Receipt = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: string;
  readonly sold: Effect['sold'];
};

const nothing: Effect = { totalMinor: 0, movements: new Map(), sold: [] };

export class Orders {
  readonly #random: () => number;
  readonly #receipts: () => readonly Receipt[];
  #given = 0;

  constructor(random: () => number, receipts: () => readonly Receipt[]) {
    this.#random = random;
    this.#receipts = receipts;
  }

  next(): Order {
    const dice = this.#random();
    if (dice < 0.55) return this.sale();
    if (dice < 0.7) return this.#returnOfReceipt() ?? this.sale();
    if (dice < 0.75) return this.#returnWithoutReceipt();
    if (dice < 0.82) return this.#adjustStock();
    if (dice < 0.85) return this.#adjustLedger();
    if (dice < 0.92) return this.#count();
    if (dice < 0.95) return this.close();
    return this.#bad();
  }

  sale(only?: Good): Order {
    const lines = Array.from({ length: only ? 1 : 1 + this.#below(3) }, () => this.#line(only));
    const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
    return {
      kind: 'sale',
      command: {
        ...this.#named('CompleteSale'),
        lines: lines.map(({ good, quantityMilli }) => ({ sku: good.sku, quantityMilli })),
        tenders: [{ kind: 'cash', amountMinor: totalMinor }].filter((one) => one.amountMinor > 0),
      },
      effect: effectOfSale(lines),
    };
  }

  close(): Order {
    return { kind: 'close', command: this.#named('CloseDay'), effect: nothing };
  }

  good(sku: string): Good {
    return this.#good((good) => good.sku === sku);
  }

  /** The whole of one line, so that its refund is its amount. */
  #returnOfReceipt(): Order | undefined {
    const receipts = this.#receipts();
    const receipt = receipts[this.#below(receipts.length)];
    if (!receipt) return undefined;
    const ofLine = this.#below(receipt.sold.length);
    const line = receipt.sold[ofLine];
    if (!line) return undefined;
    const { good, quantityMilli } = line;
    const amountMinor = cents(quantityMilli, good.priceE4);
    const restock = this.#random() < 0.7;
    return {
      kind: 'return',
      command: {
        ...this.#named('CompleteReturn'),
        of: { journal: receipt.journal, seq: receipt.seq },
        lines: [{ ofLine, quantityMilli }],
        tenders: amountMinor > 0 ? [{ kind: 'cash', amountMinor }] : [],
        restock,
      },
      effect: {
        totalMinor: -amountMinor,
        movements: restock ? moved([line], 1) : new Map(),
        sold: [],
        returns: { of: receipt.hash, ofLine, quantityMilli },
      },
    };
  }

  #returnWithoutReceipt(): Order {
    const line = this.#line();
    const { amountMinor } = line;
    return {
      kind: 'return',
      command: {
        ...this.#named('CompleteReturn', 'sue'),
        lines: [{ sku: line.good.sku, quantityMilli: line.quantityMilli }],
        tenders: amountMinor > 0 ? [{ kind: 'cash', amountMinor }] : [],
      },
      effect: { totalMinor: -amountMinor, movements: moved([line], 1), sold: [] },
    };
  }

  #adjustStock(): Order {
    const good = this.#good((one) => !one.components);
    const quantityMilli = (this.#below(40) - 10) * 500 || 500;
    return {
      kind: 'adjust',
      command: {
        ...this.#named('AdjustStock', 'sue'),
        reason: 'found',
        lines: [{ sku: good.sku, quantityMilli }],
      },
      effect: { totalMinor: 0, movements: new Map([[good.sku, quantityMilli]]), sold: [] },
    };
  }

  #adjustLedger(): Order {
    const unitPriceE4 = (this.#below(2_000) - 1_000) * 777;
    return {
      kind: 'ledger',
      command: {
        ...this.#named('AdjustLedger', 'sue'),
        reason: 'bad debt',
        lines: [{ sku: 'B', name: 'Adjustment', quantityMilli: 1_000, unitPriceE4 }],
      },
      effect: { totalMinor: cents(1_000, unitPriceE4), movements: new Map(), sold: [] },
    };
  }

  #count(): Order {
    const good = this.#good((one) => !one.components);
    return {
      kind: 'count',
      command: {
        ...this.#named('CountStock'),
        lines: [{ sku: good.sku, quantityMilli: this.#below(60) * 1_000 }],
      },
      effect: nothing,
    };
  }

  #bad(): Order {
    const {
      command: sale,
      effect: { totalMinor },
    } = this.sale();
    const bad = [
      { ...sale, by: 'nobody' },
      // Two grams of nails cost nothing, and whoever buys them owes nothing.
      totalMinor > 0 ? { ...sale, tenders: [] } : { ...sale, by: 'nobody' },
      { ...sale, lines: [{ sku: 'TEA', quantityMilli: -1_000 }] },
      { ...sale, surprise: true },
      { ...this.#named('AdjustStock'), reason: 'none', lines: [{ sku: 'TEA', quantityMilli: 1 }] },
      { ...this.#named('Steal') },
    ];
    return { kind: 'bad', command: bad[this.#below(bad.length)] ?? sale, effect: nothing };
  }

  #line(only?: Good) {
    const good = only ?? this.#good();
    const weighed = good.sku === 'CHEESE' || good.sku === 'NAIL';
    const quantityMilli = weighed ? 1 + this.#below(5_000) : (1 + this.#below(4)) * 1_000;
    return { good, quantityMilli, amountMinor: cents(quantityMilli, good.priceE4) };
  }

  #named(kind: string, by = 'ann') {
    this.#given++;
    return { kind, by, command: `command-${String(this.#given).padStart(6, '0')}` };
  }

  #good(fits: (good: Good) => boolean = () => true): Good {
    const fitting = goods.filter(fits);
    const good = fitting[this.#below(fitting.length)];
    if (!good) throw new Error('no such goods');
    return good;
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most);
  }
}

type SoldLine = {
  readonly good: Good;
  readonly quantityMilli: number;
  readonly amountMinor: number;
};

export const effectOfSale = (lines: readonly SoldLine[]): Effect => ({
  totalMinor: lines.reduce((sum, line) => sum + line.amountMinor, 0),
  movements: moved(lines, -1),
  sold: lines,
});

function moved(
  lines: readonly { readonly good: Good; readonly quantityMilli: number }[],
  sign: 1 | -1,
): Map<Sku, number> {
  const movements = new Map<Sku, number>();
  for (const { good, quantityMilli } of lines)
    for (const [sku, milli] of shelfOf(good, quantityMilli))
      movements.set(sku, (movements.get(sku) ?? 0) + sign * milli);
  return movements;
}
