/**
 * The sale at this till as its page sees it. The till has the cart: a change is asked for, one at a time and in order,
 * and what is shown is what was answered. Paying is asked for with the cart's id, so pressing twice is one sale.
 */
import type { Sku } from '#lib/domain/ids.ts';
import type {
  CartChange,
  CartLineView,
  CartView,
  Paid,
  TenderGiven,
  TileRow,
} from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import { play } from '../sounds.ts';
import { newId, sentenceOf, tillClient } from '../till-client.ts';
import { payStep, type PartTaken } from './pay-plan.ts';

export type Sold = Extract<Paid, { outcome: 'done' | 'repeated' }>;

/** What stands in the place of the products. */
export type Stage =
  | { readonly kind: 'products' }
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'weigh'; readonly product: TileRow }
  | { readonly kind: 'pay' }
  | { readonly kind: 'saved'; readonly sold: Sold };

type Undo = { readonly lines: readonly string[]; readonly text: string };
type Client = Pick<typeof tillClient, 'cart' | 'changeCart' | 'pay'>;

export class SellState {
  cart: CartView = $state.raw() as CartView;
  stage: Stage = $state.raw({ kind: 'products' });
  /** Id of the marked line. */
  marked: string | undefined = $state();
  /** Beside the search and the cart: why the last thing did not happen. */
  problem = $state('');
  undo: Undo | undefined = $state.raw();
  lastSale: Sold | undefined = $state.raw();

  // Paying
  parts: readonly PartTaken[] = $state.raw([]);
  tender = $state('cash');
  isPaying = $state(false);

  /** What was asked to be paid and not answered: it may be a sale by now. */
  #unanswered: Parameters<Client['pay']> | undefined;

  #waiting = $state(0);
  #queue: Promise<unknown> = Promise.resolve();
  readonly #client: Client;

  constructor(cart: CartView, client: Client = tillClient) {
    this.cart = cart;
    this.#client = client;
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
  #ask(change: (cart: CartView) => CartChange | undefined): Promise<boolean> {
    this.#waiting += 1;
    const asked = this.#queue.then(async () => {
      const next = change(this.cart);
      if (!next) return false;
      const answer = await this.#client.changeCart(next);
      if (answer.outcome === 'refused') {
        this.problem = answer.message;
        // A scan has a tone of its own for what the till does not know.
        if (next.kind !== 'scan') play('refused');
        return false;
      }
      this.cart = answer.cart;
      if (answer.line !== undefined) this.marked = answer.line;
      this.problem = '';
      await this.#findSale();
      return true;
    });
    const settled = asked.catch((error: unknown) => {
      this.problem = sentenceOf(error);
      return false;
    });
    this.#queue = settled.finally(() => {
      this.#waiting -= 1;
    });
    return settled;
  }

  /** One more line, or more of the line that there is: three taps on a tile are `3 ×`. */
  add(sku: Sku, quantityMilli: number): Promise<boolean> {
    this.begin();
    const line = newId();
    return this.#ask(() => ({ kind: 'add', line, sku, quantityMilli }));
  }

  /** A scanned code; the till knows whose it is. */
  async scan(code: string, quantityMilli: number): Promise<boolean> {
    this.begin();
    const line = newId();
    const done = await this.#ask(() => ({ kind: 'scan', line, code, quantityMilli }));
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
    if (await this.#ask(() => ({ kind: 'remove', line }))) {
      this.undo = { lines: [line], text: texts.sell.removed(name) };
      const { lines } = this.cart;
      this.marked = (lines[index] ?? lines.at(-1))?.id;
    }
    if (this.stage.kind === 'line') this.stage = { kind: 'products' };
  }

  async clear(): Promise<void> {
    const lines = this.cart.lines.map(({ id }) => id);
    if (await this.#ask(() => ({ kind: 'clear' }))) {
      this.undo = { lines, text: texts.sell.cancelled };
      this.stage = { kind: 'products' };
    }
  }

  async undoRemoval(): Promise<void> {
    const { undo } = this;
    this.undo = undefined;
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
    await this.#findSale();
  }

  // ---- Where we are

  /** Whatever stood there, the next product goes into the sale. */
  begin(): void {
    if (this.stage.kind !== 'products' && !this.isPaying) this.stage = { kind: 'products' };
    this.undo = undefined;
    this.parts = [];
  }

  /** One step back; false where there is none. */
  back(): boolean {
    if (this.isPaying) return true;
    this.problem = '';
    if (this.stage.kind === 'pay' && this.parts.length > 0) {
      this.parts = this.parts.slice(0, -1);
      return true;
    }
    if (this.stage.kind === 'products') return false;
    this.stage = { kind: 'products' };
    return true;
  }

  // ---- Paying

  get canPay(): boolean {
    return this.cart.lines.length > 0 && !this.isBusy && !this.isPaying;
  }

  startPaying(): void {
    if (!this.canPay || this.#isStopped()) return;
    this.problem = '';
    this.parts = [];
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
    if (step.kind === 'tooMuch') {
      this.problem = texts.pay.tooMuch;
      return false;
    }
    this.problem = '';
    if (step.kind === 'complete') return this.#pay(step.tenders);
    this.parts = [...this.parts, step.part];
    const other = this.cart.tenders.find((kind) => kind !== this.tender);
    this.tender = other ?? this.tender;
    return true;
  }

  /** F9: all of it in cash, to the coin. */
  async exactCash(): Promise<void> {
    if (!this.canPay || this.#isStopped()) return;
    this.parts = [];
    this.tender = 'cash';
    await this.take(undefined);
  }

  async #pay(tenders: readonly TenderGiven[]): Promise<boolean> {
    this.isPaying = true;
    this.problem = '';
    const asked = [this.cart.cart, this.cart.totalMinor, tenders] as const;
    try {
      const paid = await this.#client.pay(...asked);
      this.#unanswered = undefined;
      if (paid.outcome === 'refused') {
        this.problem = paid.message;
        play('refused');
        await this.#showAsItIs();
        return false;
      }
      this.cart = paid.cart;
      this.parts = [];
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
    this.lastSale = paid;
    this.stage = { kind: 'saved', sold: paid };
  }

  /** After a refusal: the cart as the till has it. What was taken off another total is no longer right. */
  async #showAsItIs(): Promise<void> {
    const { totalMinor } = this.cart;
    // Without an answer what is shown stays, and the next press is refused again.
    this.cart = await this.#client.cart().catch(() => this.cart);
    if (this.cart.totalMinor !== totalMinor) this.parts = [];
  }
}
