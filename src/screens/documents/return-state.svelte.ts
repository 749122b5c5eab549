/**
 * A return while it is made: what was chosen, what was asked for, what was recorded. Whatever is asked keeps its
 * command id until the till has answered, so pressing twice, a lost answer or a reload make one document.
 */
import type { CashRounding } from '#lib/domain/cash-rounding.ts';
import type { Receipt } from '#lib/host/till-services.ts';
import { play } from '../sounds.ts';
import { newId, sentenceOf, TillFault, tillClient } from '../till-client.ts';
import type { PendingKeeper, PendingReturn } from './pending-return.ts';
import { leftMilli } from './receipt-words.ts';
import {
  firstTender,
  isSomething,
  nothingChosen,
  refundFor,
  returnCommand,
  type Refund,
  type ReturnChoice,
} from './return-plan.ts';

export type ReturnStage =
  | { readonly kind: 'choose' }
  /** Asked for; the till has not said what became of it. */
  | { readonly kind: 'unanswered'; readonly pending: PendingReturn }
  | {
      readonly kind: 'saved';
      readonly number: string;
      readonly pending: PendingReturn;
      readonly repeated: boolean;
    };

type Client = Pick<typeof tillClient, 'command' | 'receipt'>;
type Terms = {
  readonly tenders: readonly string[];
  readonly cashRounding: CashRounding | undefined;
};

export class ReturnState {
  receipt: Receipt = $state.raw() as Receipt;
  choice: ReturnChoice = $state.raw() as ReturnChoice;
  stage: ReturnStage = $state.raw({ kind: 'choose' });
  problem = $state('');
  /** Lines in whose field something stands that cannot come back: it counts as nothing, and nothing is paid back. */
  wrong: readonly number[] = $state.raw([]);
  /** Asked for without a reason. */
  lacksReason = $state(false);
  isAsking = $state(false);
  readonly terms: Terms;
  readonly #keeper: PendingKeeper;
  readonly #client: Client;

  constructor(receipt: Receipt, terms: Terms, keeper: PendingKeeper, client: Client = tillClient) {
    this.receipt = receipt;
    this.terms = terms;
    this.#keeper = keeper;
    this.#client = client;
    const tender = firstTender(receipt, terms.tenders);
    this.choice = { milli: nothingChosen(receipt), tender, restock: true, reason: undefined };
  }

  get left(): readonly number[] {
    return leftMilli(this.receipt);
  }

  get refund(): Refund {
    return refundFor(this.receipt, this.choice, this.terms.cashRounding);
  }

  get canAsk(): boolean {
    const { stage, isAsking, wrong, choice } = this;
    return stage.kind === 'choose' && !isAsking && wrong.length === 0 && isSomething(choice);
  }

  /** What a reload left behind. To be called in the browser. */
  resume(): void {
    const pending = this.#keeper.load();
    if (pending && this.stage.kind === 'choose') this.stage = { kind: 'unanswered', pending };
  }

  /** Within what is left, whatever was asked for. Undefined: what stands in the field can't come back. */
  set(line: number, quantityMilli: number | undefined): void {
    const most = this.left[line] ?? 0;
    const milli = Math.max(0, Math.min(most, quantityMilli ?? 0));
    const others = this.wrong.filter((one) => one !== line);
    this.wrong = quantityMilli === undefined ? [...others, line] : others;
    this.change({ milli: this.choice.milli.with(line, milli) });
  }

  all(): void {
    this.wrong = [];
    this.change({ milli: this.left });
  }

  none(): void {
    this.wrong = [];
    this.change({ milli: nothingChosen(this.receipt) });
  }

  change(change: Partial<ReturnChoice>): void {
    this.choice = { ...this.choice, ...change };
    this.problem = '';
    if (this.choice.reason !== undefined) this.lacksReason = false;
  }

  /** The receipt as it is now: another till may have taken something back meanwhile. */
  async reread(): Promise<void> {
    if (this.isAsking || this.stage.kind === 'saved') return;
    const receipt = await this.#client.receipt(this.receipt.number, this.receipt.hash);
    if (this.isAsking) return;
    this.receipt = receipt;
    const { left } = this;
    const milli = this.choice.milli.map((quantity, n) => Math.min(quantity, left[n] ?? 0));
    this.choice = { ...this.choice, milli };
  }

  async submit(): Promise<void> {
    if (this.stage.kind === 'unanswered') return this.#ask(this.stage.pending);
    if (!this.canAsk) return;
    this.lacksReason = this.choice.reason === undefined;
    if (this.lacksReason) return;
    const { refund, choice } = this;
    const command = returnCommand(this.receipt, choice, refund, newId());
    const pending = { command, paidMinor: refund.paidMinor, tender: choice.tender };
    this.#keeper.save(pending);
    await this.#ask(pending);
  }

  /** Gives up what was not answered. If it was recorded all the same, the receipt says so. */
  async drop(): Promise<void> {
    this.#keeper.forget();
    this.stage = { kind: 'choose' };
    this.problem = '';
    // Without an answer the page keeps what it has, and the till refuses what has come back already.
    await this.reread().catch(() => undefined);
  }

  async #ask(pending: PendingReturn): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    this.problem = '';
    try {
      const outcome = await this.#client.command(pending.command);
      this.#keeper.forget();
      switch (outcome.outcome) {
        case 'done':
        case 'repeated': {
          const repeated = outcome.outcome === 'repeated';
          this.stage = { kind: 'saved', number: outcome.number, pending, repeated };
          return;
        }
        case 'refused':
          this.problem = outcome.message;
          break;
        case 'invalid':
          this.problem = outcome.problems.join(' ');
      }
      this.stage = { kind: 'choose' };
      play('refused');
    } catch (error) {
      this.stage = { kind: 'unanswered', pending };
      // What no answer means is said on the page of the stage itself.
      const isSilent = error instanceof TillFault && error.code === 'NO_ANSWER';
      this.problem = isSilent ? '' : sentenceOf(error);
    } finally {
      this.isAsking = false;
    }
    // What was refused may have changed under our hands.
    if (this.stage.kind === 'choose') await this.reread().catch(() => undefined);
  }
}
