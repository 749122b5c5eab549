/** Made-up journals for tests and benchmarks: right in form and chain, signed by nobody (the archive does not look). */
import type { MoneyDocument } from '../../lib/domain/bodies.ts';
import { journalKeyOf, type EntryHash, type Sku } from '../../lib/domain/ids.ts';
import type { Hlc, IncarnationId, JournalKey, StoreId, TerminalId } from '../../lib/domain/ids.ts';
import { sealEntry } from '../../lib/journal/entry.ts';
import type { Signer, UnsignedEntry, VerifiedEntry } from '../../lib/journal/envelope.ts';

export type SampleEntry = {
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
};

const baseMs = Date.UTC(2010, 11, 1, 8);

export class SampleJournal {
  readonly #store: StoreId;
  readonly #terminal: TerminalId;
  readonly #incarnation: IncarnationId;
  #last: { seq: number; hash: EntryHash } | undefined;

  constructor(terminal = 'T1', incarnation = '00000000000000a1', store = 'S01') {
    this.#store = store as StoreId;
    this.#terminal = terminal as TerminalId;
    this.#incarnation = incarnation as IncarnationId;
  }

  get key(): JournalKey {
    return journalKeyOf({
      store: this.#store,
      terminal: this.#terminal,
      incarnation: this.#incarnation,
    });
  }

  /** Another life of the same journal from here on. */
  fork(): SampleJournal {
    const other = new SampleJournal(this.#terminal, this.#incarnation, this.#store);
    other.#last = this.#last;
    return other;
  }

  append(
    { type, body }: SampleEntry,
    more: Partial<UnsignedEntry> = {},
    sign?: Signer,
  ): VerifiedEntry {
    const seq = (this.#last?.seq ?? 0) + 1;
    const wall = baseMs + seq * 60_000;
    const unsigned: UnsignedEntry = {
      v: 1,
      store: this.#store,
      terminal: this.#terminal,
      incarnation: this.#incarnation,
      seq,
      prev: this.#last?.hash ?? '-',
      saw: {},
      at: `${wall.toString(16).padStart(12, '0')}0000` as Hlc,
      wall,
      zone: 'Europe/London',
      command: `command-${this.#terminal}-${seq}`,
      type,
      by: 'anna',
      body,
      actor: 'a'.repeat(32),
      dep: 'd'.repeat(64),
      ...more,
    };
    const sealed = sealEntry(unsigned, sign ?? (() => new Uint8Array(64)));
    this.#last = { seq, hash: sealed.hash };
    return sealed;
  }

  sales(count: number, lines = 2): VerifiedEntry[] {
    return Array.from({ length: count }, () => {
      const n = (this.#last?.seq ?? 0) + 1;
      return this.append(sale(`${this.#store}-${this.#terminal}A-S-${n}`, n, lines));
    });
  }
}

/** Line i of sale n: (i + 1) pieces at 2.55; one tax rate, paid in cash. */
export function sale(number: string, n: number, lineCount = 2): SampleEntry {
  const lines = Array.from({ length: lineCount }, (_, i) => ({
    sku: `SKU${(n * lineCount + i) % 20_000}` as Sku,
    name: `ASSORTED COLOUR BIRD ORNAMENT ${i}`,
    quantityMilli: (i + 1) * 1000,
    unitPriceE4: 25_500,
    amountMinor: (i + 1) * 255,
    tax: 'standard',
  }));
  const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  const netMinor = Math.round(totalMinor / 1.2);
  const body: MoneyDocument = {
    number,
    businessDay: '2010-12-01',
    currency: 'GBP',
    lines,
    taxes: [{ rate: 'standard', percentE4: 200_000, netMinor, taxMinor: totalMinor - netMinor }],
    totalMinor,
    roundingMinor: 0,
    tenders: [{ kind: 'cash', amountMinor: totalMinor }],
    external: { system: 'replay', id: String(536_365 + n) },
  };
  return { type: 'SaleCompleted', body };
}

export function returnOf(number: string, n: number): SampleEntry {
  const { body } = sale(number, n, 1);
  const { lines, ...rest } = body as unknown as MoneyDocument;
  const back = lines.map((line) => ({
    ...line,
    quantityMilli: -line.quantityMilli,
    amountMinor: -line.amountMinor,
  }));
  const totalMinor = -rest.totalMinor;
  const tenders = [{ kind: 'cash', amountMinor: totalMinor }];
  return {
    type: 'ReturnCompleted',
    body: { ...rest, lines: back, taxes: [], tenders, totalMinor, restock: true },
  };
}

export const stockAdjustment = (number: string): SampleEntry => ({
  type: 'StockAdjusted',
  body: {
    number,
    businessDay: '2010-12-01',
    reason: 'broken',
    lines: [{ sku: 'SKU1', name: 'BIRD', quantityMilli: -3_000 }],
  },
});

export const ledgerAdjustment = (number: string, amountMinor: number): SampleEntry => ({
  type: 'LedgerAdjusted',
  body: {
    number,
    businessDay: '2010-12-01',
    reason: 'bad debt',
    currency: 'GBP',
    totalMinor: amountMinor,
    lines: [
      {
        sku: 'B',
        name: 'Adjust',
        quantityMilli: 1_000,
        unitPriceE4: amountMinor * 100,
        amountMinor,
      },
    ],
  },
});
