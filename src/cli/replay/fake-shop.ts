/**
 * A shop in memory for tests of the replay: its tills decide with the register's real rules, and replication is
 * a list. Faults are put in on purpose, to see whether the replay notices them.
 */
import type { Clock } from '#lib/domain/clock.ts';
import { isActType } from '#lib/domain/acts.ts';
import { documentCodes } from '#lib/domain/bodies.ts';
import { parseCommand, type Command } from '#lib/domain/commands.ts';
import { decide, type DecisionState } from '#lib/domain/decide.ts';
import { documentOf } from '#lib/domain/document-summary.ts';
import type { Hlc, JournalKey, SeriesLetter, StoreId, TerminalId } from '#lib/domain/ids.ts';
import { formatScaled } from '#lib/domain/money.ts';
import { movementsOf } from '#lib/domain/movements.ts';
import type { Product } from '#lib/domain/product.ts';
import { plainSettings } from '#lib/domain/settings.ts';
import { hashOfStock } from '#lib/projections/stock-hash.ts';
import type { ArchiveFigures, ReplayShop, ReplayTill, ReplicaFigures } from './replay-shop.ts';

export type FakeDocument = { readonly till: string; readonly type: string; readonly body: unknown };

export type Faults = {
  /** What a replica (`T1`, `archive`) makes of all documents that it should hold. */
  readonly holds?: (who: string, documents: readonly FakeDocument[]) => readonly FakeDocument[];
  readonly number?: (number: string) => string;
  readonly flags?: (terminal: string) => Record<string, number>;
  readonly refuse?: (command: Command) => boolean;
};

export class FakeShop implements ReplayShop {
  readonly tills: readonly ReplayTill[];
  /** Everything that was asked of the shop, in order: `cut T1 T2`, `T1 replay-536365`. */
  readonly calls: string[] = [];
  mostAtOnce = 0;
  readonly #documents: FakeDocument[] = [];
  readonly #faults: Faults;
  #relayRuns = true;
  #inFlight = 0;

  constructor(terminals: number, products: readonly Product[], faults: Faults = {}) {
    this.#faults = faults;
    const bySku = new Map(products.map((product) => [product.sku, product]));
    this.tills = Array.from({ length: terminals }, (_, index) =>
      this.#till(`T${index + 1}`, (sku) => bySku.get(sku)),
    );
  }

  archive(): Promise<ArchiveFigures | undefined> {
    if (!this.#relayRuns) return Promise.resolve(undefined);
    const held = this.#heldBy('archive');
    const { documents, lines, total } = figuresOf(held);
    const count = (type: string): number => held.filter((one) => one.type === type).length;
    return Promise.resolve({
      documents,
      lines,
      total,
      sale: count('SaleCompleted'),
      return: count('ReturnCompleted'),
      stockAdjustment: count('StockAdjusted'),
      ledgerAdjustment: count('LedgerAdjusted'),
    });
  }

  startRelay(): Promise<void> {
    return this.#call('start relay', () => (this.#relayRuns = true));
  }

  stopRelay(): Promise<void> {
    return this.#call('stop relay', () => (this.#relayRuns = false));
  }

  #call(name: string, effect: () => void = () => undefined): Promise<void> {
    this.calls.push(name);
    effect();
    return Promise.resolve();
  }

  #heldBy(who: string): readonly FakeDocument[] {
    return this.#faults.holds?.(who, this.#documents) ?? this.#documents;
  }

  #till(terminal: string, product: DecisionState['product']): ReplayTill {
    const numbers = new Map<string, number>();
    const state: DecisionState = {
      store: 'S01' as StoreId,
      terminal: terminal as TerminalId,
      letter: 'A' as SeriesLetter,
      journal: `S01/${terminal}/0000000000000000` as JournalKey,
      settings: plainSettings('GBP'),
      businessDay: '2031-03-03',
      release: 1,
      lastNumber: (code) => numbers.get(code) ?? 0,
      commandSeen: () => undefined,
      operator: (id) => (id === 'replay' ? { roles: ['manager'] } : undefined),
      product,
      receipt: () => undefined,
      printed: () => undefined,
      toClose: () => ({ documents: 0, totalMinor: 0 }),
      tips: () => ({}),
      hlcNow: () => '0'.repeat(16) as Hlc,
    };
    return {
      terminal,
      execute: async (wanted) => {
        this.calls.push(`${terminal} ${wanted.command}`);
        this.#inFlight += 1;
        this.mostAtOnce = Math.max(this.mostAtOnce, this.#inFlight);
        // Long enough for the others to be sent something too.
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
        this.#inFlight -= 1;
        // As over the wire: nothing but JSON arrives.
        const parsed = parseCommand(JSON.parse(JSON.stringify(wanted)));
        if (!parsed.ok) throw new Error(parsed.problems.join('; '));
        if (this.#faults.refuse?.(parsed.command) === true) {
          return { outcome: 'refused', message: 'no' };
        }
        const decision = decide(state, parsed.command);
        if (decision.kind === 'refused') {
          return { outcome: 'refused', message: decision.refusal.message };
        }
        if (decision.kind === 'repeated') throw new Error('nothing is repeated here');
        const { type, body } = decision;
        if (!('number' in body) || isActType(type)) throw new Error('a replay makes documents');
        const code = documentCodes[type];
        numbers.set(code, (numbers.get(code) ?? 0) + 1);
        this.#documents.push({ till: terminal, type, body });
        const number = this.#faults.number?.(body.number) ?? body.number;
        return { outcome: 'done', number, ackMs: this.#documents.length };
      },
      figures: () =>
        Promise.resolve({
          ...figuresOf(this.#heldBy(terminal)),
          flags: this.#faults.flags?.(terminal) ?? {},
        }),
      cut: (other) => this.#call(`cut ${terminal} ${other}`),
      heal: (other) => this.#call(`heal ${terminal} ${other}`),
    };
  }
}

function figuresOf(held: readonly FakeDocument[]): Omit<ReplicaFigures, 'flags'> {
  const stock = new Map<string, { sku: Product['sku']; quantityMilli: number }>();
  let lines = 0;
  let totalMinor = 0;
  for (const { type, body } of held) {
    const summary = documentOf(type, body);
    lines += summary?.lines ?? 0;
    totalMinor += summary?.totalMinor ?? 0;
    for (const { sku, quantityMilli } of movementsOf(type, body)) {
      const before = stock.get(sku)?.quantityMilli ?? 0;
      stock.set(sku, { sku, quantityMilli: before + quantityMilli });
    }
  }
  return {
    documents: held.length,
    lines,
    total: formatScaled(totalMinor, 2),
    stockHash: hashOfStock(stock.values()),
  };
}

/** A clock on which every timer is due at once. */
export function hastyClock(): Clock {
  let nowMs = 0;
  return {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    zone: () => 'UTC',
    setTimer(run, delayMs) {
      nowMs += delayMs;
      queueMicrotask(run);
      return { cancel: () => undefined };
    },
  };
}
