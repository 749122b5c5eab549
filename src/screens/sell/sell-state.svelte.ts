/**
 * The sale at this till as its page sees it. The till has the cart: a change is asked for, one at a time and in order,
 * and what is shown is what was answered. Paying is asked for with the cart's id, so pressing twice is one sale.
 */
import type { Sku } from '#lib/domain/ids.ts';
import type {
  CartAnswer,
  CartChange,
  CartLineView,
  CartView,
  Paid,
  TenderGiven,
  TileRow,
} from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import { formatMinor, formatTender } from '../../texts/format.ts';
import { play } from '../sounds.ts';
import { newId, sentenceOf, tillClient } from '../till-client.ts';
import { dueBy, payStep, type PartTaken } from './pay-plan.ts';
import { takenParts, type TakenParts } from './taken-parts.ts';

export type Sold = Extract<Paid, { outcome: 'done' | 'repeated' }>;

/** What stands in the place of the products. */
export type Stage =
  | { readonly kind: 'products' }
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'weigh'; readonly product: TileRow }
  | { readonly kind: 'pay' }
  | { readonly kind: 'saved'; readonly sold: Sold };

/** What was put away last, and how it comes back. */
type Undo = { readonly text: string } & (
  { readonly lines: readonly string[] } | { readonly part: PartTaken }
);
/** A change that somebody else has to allow, here and now. */
export type Approval = {
  readonly change: CartChange;
  /** Why the cashier may not, in the till's words. */
  readonly message: string;
  readonly settle: (done: boolean) => void;
};
type Client = Pick<
  typeof tillClient,
  'cart' | 'changeCart' | 'approveChange' | 'pay' | 'parkCart' | 'recallCart'
>;
type NotApproved = Exclude<Awaited<ReturnType<Client['approveChange']>>, { outcome: 'done' }>;

/** Refusals that another operator's PIN can lift. */
const approvable: readonly string[] = ['DISCOUNT_NOT_PERMITTED', 'OVERRIDE_NOT_PERMITTED'];
const ofLine: readonly CartChange['kind'][] = ['quantity', 'discount', 'price'];

export class SellState {
  cart: CartView = $state.raw() as CartView;
  stage: Stage = $state.raw({ kind: 'products' });
  /** Id of the marked line. */
  marked: string | undefined = $state();
  /** Beside the search and the cart: why the last thing did not happen. */
  problem = $state('');
  undo: Undo | undefined = $state.raw();
  lastSale: Sold | undefined = $state.raw();
  /** The carts of the store are shown to choose from. */
  isChoosing = $state(false);
  /** Waits for a supervisor's PIN. */
  approval: Approval | undefined = $state.raw();

  // Paying
  parts: readonly PartTaken[] = $state.raw([]);
  tender = $state('cash');
  isPaying = $state(false);

  /** What was asked to be paid and not answered: it may be a sale by now. */
  #unanswered: Parameters<Client['pay']> | undefined;

  #waiting = $state(0);
  #queue: Promise<unknown> = Promise.resolve();
  readonly #client: Client;
  readonly #taken: TakenParts;

  constructor(
    cart: CartView,
    client: Client = tillClient,
    taken: TakenParts = takenParts(() => globalThis.localStorage),
  ) {
    this.cart = cart;
    // As before the page was loaded: what came last is what the next key is about.
    this.marked = cart.lines.at(-1)?.id;
    this.#client = client;
    this.#taken = taken;
  }

  /** Changes are under way. */
  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  get markedLine(): CartLineView | undefined {
    return this.cart.lines.find(({ id }) => id === this.marked);
  }

  // ---- The cart

  /** `change` is asked for the cart as it is when its turn has come; undefined: nothing to do. True when it was done. */
  async #ask(change: (cart: CartView) => CartChange | undefined): Promise<boolean> {
    const asked = await this.#inTurn(async () => {
      const next = change(this.cart);
      if (!next) return undefined;
      const answer = this.#shown(await this.#client.changeCart(next));
      await this.#findSale();
      return { next, answer };
    });
    if (!asked) return false;
    const { next, answer } = asked;
    if (answer.outcome !== 'refused') return true;
    if (approvable.includes(answer.code) && ofLine.includes(next.kind)) {
      return new Promise((settle) => {
        this.approval = { change: next, message: answer.message, settle };
      });
    }
    const isUnknown = next.kind === 'scan' && answer.code === 'PRODUCT_UNKNOWN';
    this.problem = isUnknown ? texts.sell.unknownCode(next.code) : answer.message;
    // A scan has a tone of its own for what the till does not know.
    if (next.kind !== 'scan') play('refused');
    return false;
  }

  /** One after the other, in the order in which they were asked for. Undefined where the till gave no answer. */
  #inTurn<Answer>(act: () => Promise<Answer>): Promise<Answer | undefined> {
    this.#waiting += 1;
    const settled = this.#queue.then(act).catch((error: unknown) => {
      this.problem = sentenceOf(error);
      return undefined;
    });
    this.#queue = settled.finally(() => {
      this.#waiting -= 1;
    });
    return settled;
  }

  #shown<Answer extends CartAnswer | NotApproved>(answer: Answer): Answer {
    if (answer.outcome === 'done') {
      this.cart = answer.cart;
      if (answer.line !== undefined) this.marked = answer.line;
      this.problem = '';
    }
    return answer;
  }

  /** The waiting change by whoever has this PIN; the cashier stays signed in. What was refused, else undefined. */
  async approve(operator: string, pin: string): Promise<NotApproved | undefined> {
    const { approval } = this;
    if (!approval) return undefined;
    const { change, settle } = approval;
    const answer = await this.#inTurn(async () =>
      this.#shown(await this.#client.approveChange(operator, pin, change)),
    );
    if (!answer) throw new Error(this.problem);
    if (answer.outcome === 'refused') return answer;
    this.approval = undefined;
    settle(true);
    return undefined;
  }

  /** Nobody allows it: nothing changes. */
  dismissApproval(): void {
    this.approval?.settle(false);
    this.approval = undefined;
  }

  /** One more line, or more of the line that there is: three taps on a tile are `3 ×`. */
  add(sku: Sku, quantityMilli: number): Promise<boolean> {
    this.begin();
    const line = newId();
    return this.#ask(() => {
      // A sale that was being saved is, by now.
      this.begin();
      return { kind: 'add', line, sku, quantityMilli };
    });
  }

  /** A scanned code; the till knows whose it is. What is being weighed or changed stays where it is. */
  async scan(code: string, quantityMilli: number): Promise<boolean> {
    const begin = (): void => {
      if (this.stage.kind !== 'weigh' && this.stage.kind !== 'line') this.begin();
    };
    begin();
    const line = newId();
    const done = await this.#ask(() => {
      begin();
      return { kind: 'scan', line, code, quantityMilli };
    });
    play(done ? 'ok' : 'unknown');
    return done;
  }

  setQuantity(line: string, quantityMilli: number): Promise<boolean> {
    return this.#ask(() => ({ kind: 'quantity', line, quantityMilli }));
  }

  /** One more or less; the last one less removes the line, which can be undone. */
  async step(line: string, byMilli: number): Promise<void> {
    const left = (this.cart.lines.find(({ id }) => id === line)?.quantityMilli ?? 0) + byMilli;
    if (left <= 0 && !this.isBusy) return this.remove(line);
    await this.#ask((cart) => {
      const now = cart.lines.find(({ id }) => id === line);
      const quantityMilli = (now?.quantityMilli ?? 0) + byMilli;
      return quantityMilli > 0 ? { kind: 'quantity', line, quantityMilli } : undefined;
    });
  }

  setDiscount(line: string, discountMinor: number): Promise<boolean> {
    return this.#ask(() => ({ kind: 'discount', line, discountMinor }));
  }

  setPrice(line: string, unitPriceE4: number, override: string): Promise<boolean> {
    return this.#ask(() => ({ kind: 'price', line, unitPriceE4, override }));
  }

  async remove(line: string): Promise<void> {
    const index = this.cart.lines.findIndex(({ id }) => id === line);
    const name = this.cart.lines[index]?.name;
    if (name === undefined) return;
    if (this.cart.lines.length === 1 && this.#isTaken()) return;
    if (await this.#ask(() => ({ kind: 'remove', line }))) {
      this.undo = { lines: [line], text: texts.sell.removed(name) };
      const { lines } = this.cart;
      this.marked = (lines[index] ?? lines.at(-1))?.id;
    }
    if (this.stage.kind === 'line') this.stage = { kind: 'products' };
  }

  async clear(): Promise<void> {
    if (this.#isTaken()) return;
    const lines = this.cart.lines.map(({ id }) => id);
    if (await this.#ask(() => ({ kind: 'clear' }))) {
      this.undo = { lines, text: texts.sell.cancelled };
      this.stage = { kind: 'products' };
    }
  }

  // ---- The carts of the store

  /** Puts this sale away for any till. */
  async park(): Promise<boolean> {
    if (this.cart.lines.length === 0 || this.isPaying || this.#isTaken()) return false;
    const { cart } = this.cart;
    return this.#goOn(() => this.#client.parkCart(cart));
  }

  /** Goes on with a cart of the store. */
  recallCart(cart: string): Promise<boolean> {
    return this.#goOn(() => this.#client.recallCart(cart));
  }

  async #goOn(act: () => Promise<CartAnswer>): Promise<boolean> {
    const answer = await this.#inTurn(async () => this.#shown(await act()));
    if (!answer) return false;
    if (answer.outcome === 'refused') {
      this.problem = answer.message;
      play('refused');
      return false;
    }
    this.stage = { kind: 'products' };
    this.undo = undefined;
    this.marked = this.cart.lines.at(-1)?.id;
    this.recall();
    return true;
  }

  /** The customer has paid a part: without goods nobody would remember it. */
  #isTaken(): boolean {
    const [part] = this.parts;
    if (!part) return false;
    this.problem = texts.sell.takenBefore(this.#wordsOf(part));
    play('refused');
    return true;
  }

  async undoIt(): Promise<void> {
    const { undo } = this;
    this.undo = undefined;
    if (undo && 'part' in undo) return this.#keep([...this.parts, undo.part]);
    for (const line of undo?.lines ?? []) {
      await this.#ask(() => ({ kind: 'restore', line }));
      this.marked = line;
    }
  }

  mark(step: 1 | -1): void {
    const { lines } = this.cart;
    const at = lines.findIndex(({ id }) => id === this.marked);
    const from = at === -1 && step === -1 ? lines.length : at;
    const next = lines[Math.min(lines.length - 1, Math.max(0, from + step))];
    if (next) this.marked = next.id;
  }

  /** The cart as the till has it now: another window of it may have changed it. */
  async reread(): Promise<void> {
    if (this.isBusy || this.isPaying) return;
    const cart = await this.#client.cart();
    if (this.isBusy || this.isPaying) return;
    this.cart = cart;
    this.parts = this.#taken.read(cart.cart);
    await this.#findSale();
  }

  // ---- Where we are

  /** Whatever stood there, the next product goes into the sale. What was taken for it stays taken. */
  begin(): void {
    if (this.isPaying) return;
    if (this.stage.kind !== 'products') this.stage = { kind: 'products' };
    this.undo = undefined;
  }

  /** One step back; false where there is none. */
  back(): boolean {
    if (this.isPaying) return true;
    this.problem = '';
    if (this.stage.kind === 'products') return false;
    this.stage = { kind: 'products' };
    return true;
  }

  // ---- Paying

  /** After a reload: what was taken already, on the panel where the rest is paid. */
  recall(): void {
    this.parts = this.#taken.read(this.cart.cart);
    if (this.parts.length > 0 && this.cart.lines.length > 0) this.startPaying();
  }

  get canPay(): boolean {
    return this.cart.lines.length > 0 && !this.isBusy && !this.isPaying;
  }

  startPaying(): void {
    if (!this.canPay || this.#isStopped()) return;
    this.problem = '';
    this.undo = undefined;
    this.tender = this.cart.tenders[0] ?? 'cash';
    this.stage = { kind: 'pay' };
  }

  /** A line that cannot be sold as it is stops the sale, before money is on the counter. */
  #isStopped(): boolean {
    const line = this.cart.lines.find(({ problem }) => problem !== undefined);
    if (!line) return false;
    this.marked = line.id;
    this.problem = texts.sell.cannotBeSold(line.name);
    play('refused');
    return true;
  }

  /** Takes what was typed (undefined: all that is due) by the chosen way. True when the entry is used up. */
  async take(typedMinor: number | undefined): Promise<boolean> {
    if (!this.canPay) return false;
    const step = payStep(this.cart, this.parts, this.tender, typedMinor);
    if (step.kind === 'refused') {
      this.problem = texts.pay.refused[step.why];
      play('refused');
      return false;
    }
    this.problem = '';
    if (step.kind === 'complete') return this.#pay(step.tenders);
    this.#keep([...this.parts, step.part]);
    this.undo = undefined;
    const other = this.cart.tenders.find((kind) => kind !== this.tender);
    this.tender = other ?? this.tender;
    return true;
  }

  /** The last part goes back to the customer; a slip of the finger is undone. */
  giveBack(): void {
    const part = this.parts.at(-1);
    if (!part || this.isPaying) return;
    this.#keep(this.parts.slice(0, -1));
    this.undo = { part, text: texts.pay.givenBack(this.#wordsOf(part)) };
  }

  /** F9: all of it, or what is still due, in cash to the coin. */
  async exactCash(): Promise<void> {
    // A key pressed right after a scan means what was scanned, too.
    await this.#queue;
    if (!this.canPay || this.#isStopped()) return;
    this.tender = 'cash';
    await this.take(undefined);
  }

  /** What is due now by the chosen way. */
  get dueMinor(): number {
    return dueBy(this.cart, this.parts, this.tender);
  }

  #wordsOf({ kind, amountMinor }: PartTaken): string {
    return texts.pay.part(formatMinor(amountMinor, this.cart.currency), formatTender(kind));
  }

  #keep(parts: readonly PartTaken[]): void {
    this.parts = parts;
    this.#taken.write(this.cart.cart, parts);
  }

  #pay(tenders: readonly TenderGiven[]): Promise<boolean> {
    this.isPaying = true;
    this.problem = '';
    const paying = this.#payNow(tenders);
    // What is scanned meanwhile goes into the next sale.
    this.#queue = paying;
    return paying;
  }

  async #payNow(tenders: readonly TenderGiven[]): Promise<boolean> {
    const asked = [this.cart.cart, this.cart.totalMinor, tenders] as const;
    try {
      const paid = await this.#client.pay(...asked);
      this.#unanswered = undefined;
      if (paid.outcome === 'refused') {
        this.problem = paid.message;
        play('refused');
        // Without an answer what is shown stays, and the next press is refused again.
        this.cart = await this.#client.cart().catch(() => this.cart);
        return false;
      }
      this.#keep([]);
      this.cart = paid.cart;
      this.marked = undefined;
      this.undo = undefined;
      this.lastSale = paid;
      this.stage = { kind: 'saved', sold: paid };
      return true;
    } catch (error) {
      // The cart keeps its id, so the same press again finds the sale if it was recorded.
      this.problem = texts.pay.noAnswer;
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'NO_ANSWER') {
        this.problem = sentenceOf(error);
      } else this.#unanswered = [...asked];
      return false;
    } finally {
      this.isPaying = false;
    }
  }

  /**
   * The till went on with another cart than the one whose payment was not answered. If it was paid, the cashier has to
   * know, or scans the same goods once more. A cart that is not the open one is never paid by asking.
   */
  async #findSale(): Promise<void> {
    const asked = this.#unanswered;
    if (!asked || asked[0] === this.cart.cart) return;
    const paid = await this.#client.pay(...asked);
    this.#unanswered = undefined;
    if (paid.outcome === 'refused') return;
    this.#taken.write(asked[0], []);
    this.lastSale = paid;
    this.stage = { kind: 'saved', sold: paid };
  }
}
