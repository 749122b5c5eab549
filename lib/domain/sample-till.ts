/**
 * A till's state from plain values, for tests and simulations of `decide`: a small shop that remembers what was
 * recorded. Holds no rule of its own.
 */
import { isActType } from './acts.ts';
import type { Bodies, MoneyDocument } from './bodies.ts';
import { documentCodes } from './bodies.ts';
import type { Command } from './commands.ts';
import type { Approvals } from './decision.ts';
import { decide, type Decision, type DecisionState } from './decide.ts';
import type { Hlc, JournalKey, SeriesLetter, Sku, StoreId, TerminalId } from './ids.ts';
import type { Role } from './operator.ts';
import type { Product } from './product.ts';
import { entryNumber } from './series.ts';
import { plainSettings, type StoreSettings } from './settings.ts';

export const sampleSettings: StoreSettings = plainSettings('EUR', {
  std: { percentE4: 200_000 },
  low: { percentE4: 55_000 },
});

export const sampleProduct = (
  sku: string,
  unitPriceE4: number,
  more: Partial<Product> = {},
): Product => ({
  sku: sku as Sku,
  names: `Product ${sku}`,
  barcodes: [],
  tax: 'std',
  prices: [{ unitPriceE4 }],
  active: true,
  ...more,
});

/** One terminal that records what `decide` says, numbered and remembered as a journal would. */
export class SampleTill implements DecisionState {
  readonly store = 'S01' as StoreId;
  readonly terminal = 'T1' as TerminalId;
  readonly letter = 'A' as SeriesLetter;
  readonly journal = 'S01/T1/00000000000000aa' as JournalKey;
  readonly businessDay = '2026-11-20';
  readonly release = 7;
  readonly settings: StoreSettings;
  readonly recorded: {
    command: string;
    type: string;
    body: { readonly businessDay: string; readonly number?: string };
  }[] = [];
  readonly #products: ReadonlyMap<string, Product>;
  readonly #operators: ReadonlyMap<string, readonly Role[]> = new Map([
    ['ann', ['cashier']],
    ['sue', ['supervisor']],
    ['max', ['manager']],
  ]);

  constructor(products: readonly Product[], settings: StoreSettings = sampleSettings) {
    this.#products = new Map(products.map((product) => [product.sku, product]));
    this.settings = settings;
  }

  /** Decides, and remembers what was decided. */
  run(command: Command, approvals: Approvals = []): Decision {
    const decision = decide(this, command, approvals);
    if (decision.kind === 'record') {
      const { type, body } = decision;
      this.recorded.push({ command: command.command, type, body });
    }
    return decision;
  }

  lastNumber(code: string): number {
    const codes: Readonly<Record<string, string>> = documentCodes;
    return this.recorded.filter(({ type }) => codes[type] === code).length;
  }

  commandSeen(command: string) {
    const index = this.recorded.findIndex((entry) => entry.command === command);
    const entry = this.recorded[index];
    if (entry === undefined) return undefined;
    const { type, body } = entry;
    return { seq: index + 1, number: this.numberAt(index + 1), type, body };
  }

  /** Of a document its own; of an act that of its entry. */
  numberAt(seq: number): string {
    const entry = this.recorded[seq - 1];
    const own = entry && !isActType(entry.type) ? entry.body.number : undefined;
    return own ?? entryNumber(this, seq);
  }

  printed(of: { readonly journal: JournalKey; readonly seq: number }) {
    const entry = this.recorded[of.seq - 1];
    if (of.journal !== this.journal || !entry || isActType(entry.type)) return undefined;
    const copies = this.recorded.filter(
      ({ type, body }) =>
        type === 'ReceiptReprinted' && (body as Bodies['ReceiptReprinted']).of.seq === of.seq,
    );
    return { number: this.numberAt(of.seq), copies: copies.length };
  }

  operator(id: string) {
    const roles = this.#operators.get(id);
    return roles === undefined ? undefined : { roles };
  }

  product(sku: Sku) {
    return this.#products.get(sku);
  }

  receipt(of: { readonly journal: JournalKey; readonly seq: number }) {
    const entry = this.recorded[of.seq - 1];
    if (of.journal !== this.journal || entry?.type !== 'SaleCompleted') return undefined;
    const body = entry.body as MoneyDocument;
    const returnedMilli = body.lines.map(() => 0);
    for (const { type, body: other } of this.recorded) {
      if (type !== 'ReturnCompleted') continue;
      const back = other as Bodies['ReturnCompleted'];
      if (back.of?.seq !== of.seq) continue;
      back.ofLine?.forEach((line, i) => {
        returnedMilli[line] = (returnedMilli[line] ?? 0) - (back.lines[i]?.quantityMilli ?? 0);
      });
    }
    return { body, returnedMilli };
  }

  toClose() {
    const closed = this.recorded.findLastIndex(({ type }) => type === 'DayClosed');
    const money = this.recorded
      .slice(closed + 1)
      .filter(({ type }) => /^(Sale|Return|Ledger)/.test(type));
    const totalMinor = money.reduce(
      (sum, { body }) => sum + (body as unknown as MoneyDocument).totalMinor,
      0,
    );
    return { documents: money.length, totalMinor };
  }

  tips(): Readonly<Record<JournalKey, number>> {
    return { [this.journal]: this.recorded.length, ['S01/T2/00000000000000bb' as JournalKey]: 5 };
  }

  hlcNow(): Hlc {
    return '0199f0c0a0000000' as Hlc;
  }
}
