/** What the shop was promised, kept outside of it: every command that was given, and every document that was acknowledged. */
import type { EntryHash, JournalKey } from '#lib/domain/ids.ts';
import type { Executed } from '#lib/register/register-parts.ts';
import type { Order, Receipt } from './orders.ts';

export type Acknowledged = {
  readonly number: string;
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
};

export type Issued = {
  readonly order: Order;
  readonly till: string;
  /** `unknown`: the till died over it, or failed; it may be there or not. */
  state: 'acknowledged' | 'unknown' | 'refused';
  acknowledged?: Acknowledged;
};

export class Ledger {
  readonly issued = new Map<string, Issued>();
  /** Documents whose only copies were on disks that were lost: the one gap that is admitted (RELIABILITY). */
  readonly mayBeGone = new Set<EntryHash>();
  readonly receipts: Receipt[] = [];
  /** Sales, returns, … acknowledged, by kind. */
  readonly counts = { refused: 0, repeated: 0, unknown: 0 } as Record<string, number>;
  readonly #violation: (what: string) => void;

  constructor(violation: (what: string) => void) {
    this.#violation = violation;
  }

  get acknowledged(): Acknowledged[] {
    return [...this.issued.values()].flatMap((one) => one.acknowledged ?? []);
  }

  /** The till died or failed before it said anything. */
  unknown(order: Order, till: string): void {
    this.#count('unknown');
    const before = this.issued.get(order.command.command);
    if (!before) this.issued.set(order.command.command, { order, till, state: 'unknown' });
  }

  answered(order: Order, till: string, executed: Executed): void {
    const id = order.command.command;
    const before = this.issued.get(id);
    if (executed.outcome === 'refused' || executed.outcome === 'invalid') {
      this.#count('refused');
      // What may be done already can still be refused when it is asked again: it was not repeated, so it is not there.
      if (before?.state === 'acknowledged')
        this.#violation(`P3: ${id} was done and is refused when it is repeated`);
      this.issued.set(id, { order, till, state: 'refused' });
      return;
    }
    if (order.kind === 'bad') this.#violation(`${id} is nonsense and was accepted`);
    const { number, journal, seq, hash, outcome } = executed;
    if (before?.acknowledged) {
      const { acknowledged } = before;
      if (outcome !== 'repeated' || acknowledged.hash !== hash || acknowledged.number !== number)
        this.#violation(`P3: ${id} is ${acknowledged.number}, and ${number} when it is repeated`);
      this.#count('repeated');
      return;
    }
    if (outcome === 'repeated' && before === undefined)
      this.#violation(`${id} was never given and is called repeated`);
    const acknowledged = { number, journal, seq, hash };
    this.issued.set(id, { order, till, state: 'acknowledged', acknowledged });
    this.#count(order.kind);
    if (order.kind === 'sale') this.receipts.push({ journal, seq, hash, sold: order.effect.sold });
  }

  #count(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }
}
