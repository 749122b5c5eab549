/**
 * What cashiers of the simulated shop do by their carts, one thing at a till at a time, and what they were told of it: kept
 * outside of the product, so that a cart that was shown can be asked for after a crash, and a paid one is paid once.
 */
import { isTillmeshError } from '#lib/domain/errors.ts';
import type { JournalKey } from '#lib/domain/ids.ts';
import { limits } from '#lib/domain/limits.ts';
import type { CartAnswer, CartView, Paid } from '#lib/host/till-services.ts';
import { TillCart } from '#lib/register/cart.ts';
import type { Register } from '#lib/register/register.ts';
import {
  goodsOf,
  orderOf,
  tendersOf,
  textOfGoods,
  totalOf,
  withMore,
  type Goods,
} from './cart-goods.ts';
import type { SimProcess } from './clock.ts';
import { isOfDeadProcess, textOf } from './device.ts';
import { goods, type Good } from './goods.ts';
import type { Ledger } from './ledger.ts';
import type { Order } from './orders.ts';
import type { Shop } from './shop.ts';
import type { Till } from './till.ts';

/** A cart that is parked: whoever has its slip may have it wherever it is known as it was parked last. */
type Slip = {
  readonly cart: string;
  readonly goods: Goods;
  readonly day: number;
  /** Of its last edit. */
  readonly at?: string | undefined;
  /** Whether all that was seen of it is on the disk of whoever parked it. */
  readonly isSafe?: boolean;
};

type Deed =
  | { readonly kind: 'look' }
  | { readonly kind: 'add'; readonly good: Good; readonly quantityMilli: number }
  | { readonly kind: 'pay' | 'again'; readonly cart: string; readonly order: Order }
  | { readonly kind: 'park' | 'recall'; readonly slip: Slip };

type Doing = {
  readonly deed: Deed;
  readonly process: SimProcess;
  readonly register: Register;
  readonly journal: JournalKey;
  readonly trouble: string;
};

/** What a cashier has before him. */
class Hand {
  cart: string | undefined;
  goods: Goods = new Map();
  /** Calendar day of the desk that the cart is in. */
  day = 0;
  doing: Doing | undefined;
  /** Asked and not answered. */
  open: Doing | undefined;
  /** Seen in this process. */
  process: SimProcess | undefined;
  /** Whether what was answered must be there after a crash. */
  isSafe = false;
  trouble = '';
}

const dayMs = 86_400_000;

export class CartWork {
  readonly counts = { paid: 0, openAtCrash: 0, repeated: 0, parked: 0, recalled: 0 };
  readonly #shop: Shop;
  readonly #ledger: Ledger;
  readonly #random: () => number;
  readonly #hands = new Map<Till, Hand>();
  readonly #carts = new WeakMap<Register, TillCart>();
  readonly #slips: Slip[] = [];
  /** Carts that somebody asked to pay: no cashier begins anew with one of them. */
  readonly #asked = new Map<string, Order>();
  /** Who has a cart before him. */
  readonly #owners = new Map<string, Till>();
  #scans = 0;

  constructor(shop: Shop, ledger: Ledger, random: () => number) {
    this.#shop = shop;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Begins one thing at one till, if its cashier waits for nothing. */
  step(till: Till): void {
    const hand = this.#handOf(till);
    this.#takeNote(till, hand);
    // Two machines that are one terminal have one cart before two cashiers: nobody could say what is right.
    if (hand.doing || !till.isSelling || !till.running || !till.process || !this.#isAlone(till))
      return;
    const deed = this.#next(till, hand);
    if (deed) this.#do(till, hand, till.running, till.process, deed);
  }

  /** Something is asked for, or a cart with goods is not paid yet. */
  get isBusy(): boolean {
    return this.#shop.tills.some((till) => {
      const { doing, open, goods: held } = this.#handOf(till);
      const hasBegun = doing !== undefined || open !== undefined || held.size > 0;
      return hasBegun && this.#isAlone(till);
    });
  }

  /** Nothing begins any more; what is begun is brought to its end. */
  isEnding = false;

  #handOf(till: Till): Hand {
    const known = this.#hands.get(till);
    if (known) return known;
    const hand = new Hand();
    this.#hands.set(till, hand);
    return hand;
  }

  #isAlone(till: Till): boolean {
    return [...this.#shop.tills, ...this.#shop.retired].every(
      (other) => other === till || other.terminal !== till.terminal,
    );
  }

  /** Anything after which a till need not have on its disk what it said; equal texts: nothing. */
  #troubleOf(till: Till): string {
    return `${till.losses} ${till.machine.disk.faultsFired} ${till.isFull}`;
  }

  /** What happened to a till since the last look at it. */
  #takeNote(till: Till, hand: Hand): void {
    const { doing } = hand;
    if (doing && !doing.process.alive) {
      hand.doing = undefined;
      this.#unanswered(till, hand, doing);
    }
    if (this.#troubleOf(till).split(' ')[0] !== hand.trouble.split(' ')[0]) hand.isSafe = false;
    hand.trouble = this.#troubleOf(till);
  }

  #next(till: Till, hand: Hand): Deed | undefined {
    const { deed } = hand.open ?? {};
    if (deed?.kind === 'pay' && this.#isOfThisLife(till, hand)) return deed;
    if (hand.process !== till.process || hand.open) return { kind: 'look' };
    const dice = this.#random();
    if (hand.goods.size === 0) {
      if (this.isEnding) return undefined;
      const [slip] = this.#slips;
      if (slip && dice < 0.5 && this.#sees(till, slip)) {
        this.#slips.shift();
        return { kind: 'recall', slip };
      }
      const done = [...this.#asked].filter(([cart]) => this.#owners.get(cart) === till);
      const [cart, order] = done[Math.floor(this.#random() * done.length)] ?? [];
      if (cart && order && dice > 0.9 && this.#knows(till, order))
        return { kind: 'again', cart, order };
      return this.#anything();
    }
    const { cart } = hand;
    if (cart === undefined) return { kind: 'look' };
    if (dice < 0.5 && !this.isEnding) return this.#anything();
    if (dice < 0.6 && !this.isEnding)
      return { kind: 'park', slip: { cart, goods: hand.goods, day: hand.day } };
    return { kind: 'pay', cart, order: orderOf(cart, hand.goods) };
  }

  #anything(): Deed {
    const good = goods[Math.floor(this.#random() * goods.length)];
    if (!good) throw new Error('no goods');
    return { kind: 'add', good, quantityMilli: (1 + Math.floor(this.#random() * 4)) * 1_000 };
  }

  #isOfThisLife(till: Till, { open }: Hand): boolean {
    return (
      till.running?.replica.own.key === open?.journal &&
      `${till.losses}` === open?.trouble.split(' ')[0]
    );
  }

  #sees(till: Till, { cart, at, day }: Slip): boolean {
    const seen = till.running?.replica.desks.cart(cart);
    // A clock that jumped by a year lets the desk go with the next thing that is done.
    const isNear = Math.abs(dayOf(till) - day) <= limits.deskDaysAhead;
    return isNear && seen?.state === 'parked' && seen.at === at;
  }

  /** Whether the till has the sale of a cart: only then it can say that it was paid before. */
  #knows(till: Till, { command }: Order): boolean {
    const at = this.#ledger.issued.get(command.command)?.acknowledged;
    const journals = till.running?.replica.journals;
    return at !== undefined && journals !== undefined && journals.tip(at.journal).seq >= at.seq;
  }

  #cartOf(till: Till, register: Register, process: SimProcess): TillCart {
    const known = this.#carts.get(register);
    if (known) return known;
    const cart = new TillCart({
      register,
      execute: (command) => register.execute(command),
      onProblem: (error) => {
        if (process.alive && !isOfDeadProcess(error) && !isOfDisk(error))
          this.#shop.violation(`${till.name}, its cart: ${textOf(error)}`);
      },
    });
    this.#carts.set(register, cart);
    return cart;
  }

  #do(till: Till, hand: Hand, register: Register, process: SimProcess, deed: Deed): void {
    const { world } = this.#shop;
    const journal = register.replica.own.key;
    const doing = { deed, process, register, journal, trouble: this.#troubleOf(till) };
    hand.doing = doing;
    const cart = this.#cartOf(till, register, process);
    const { desks } = register.replica;
    const write = async (id: string, state: 'parked' | 'open') => {
      await desks.begin();
      desks.write({ cart: id, by: 'ann', state });
      await desks.save();
      return cart.cart('ann');
    };
    const run = (): Promise<CartView | CartAnswer | Paid> => {
      switch (deed.kind) {
        case 'look':
          return cart.cart('ann');
        case 'add':
          return cart.changeCart('ann', {
            kind: 'add',
            line: `line-${++this.#scans}`,
            sku: deed.good.sku,
            quantityMilli: deed.quantityMilli,
          });
        case 'pay':
        case 'again':
          this.#asked.set(deed.cart, deed.order);
          return cart.pay('ann', deed.cart, deed.order.effect.totalMinor, tendersOf(deed.order));
        case 'park':
          return write(deed.slip.cart, 'parked');
        case 'recall':
          return write(deed.slip.cart, 'open');
      }
    };
    // Its answer is heard outside of the till.
    void world.as(process, run).then(
      (answer) => {
        if (hand.doing !== doing || !process.alive) return;
        hand.doing = undefined;
        this.#answered(till, hand, doing, answer);
      },
      (error: unknown) => {
        if (hand.doing !== doing || !process.alive) return;
        hand.doing = undefined;
        if (
          !isOfDeadProcess(error) &&
          !isOfDisk(error) &&
          !isTillmeshError(error, 'BEGINNING_ANEW')
        )
          this.#shop.violation(`${till.name}, ${deed.kind}: ${textOf(error)}`);
        this.#unanswered(till, hand, doing);
      },
    );
  }

  #unanswered(till: Till, hand: Hand, doing: Doing): void {
    const { deed } = doing;
    this.#shop.note(`${till.name}: no answer to ${deed.kind} ${hand.cart ?? ''}`);
    if (deed.kind === 'pay') this.#ledger.unknown(deed.order, till.name);
    if (deed.kind === 'look' || deed.kind === 'again') return;
    hand.open = doing;
  }

  #answered(till: Till, hand: Hand, doing: Doing, answer: CartView | CartAnswer | Paid): void {
    const { deed } = doing;
    if ('currency' in answer && !('outcome' in answer))
      return this.#seen(till, hand, doing, answer);
    if (!('outcome' in answer)) return;
    if (answer.outcome === 'refused') {
      this.#shop.note(`${till.name}: ${deed.kind} ${hand.cart} ${answer.code}`);
      if (deed.kind === 'pay') this.#payRefused(till, hand, doing, answer.code);
      else if (deed.kind === 'again')
        this.#shop.violation(`P3: ${deed.cart} was paid, and is refused: ${answer.code}`);
      else if (deed.kind === 'add' && answer.code !== 'OPERATOR_UNKNOWN')
        this.#shop.violation(`${till.name} refuses goods: ${answer.code}`);
      return;
    }
    if (deed.kind === 'add' && answer.outcome === 'done' && 'cart' in answer && 'line' in answer) {
      this.#added(till, hand, doing, deed, answer.cart);
      return;
    }
    if ('number' in answer && (deed.kind === 'pay' || deed.kind === 'again'))
      this.#paid(till, hand, doing, deed, answer);
  }

  #added(
    till: Till,
    hand: Hand,
    { trouble }: Doing,
    deed: Extract<Deed, { kind: 'add' }>,
    view: CartView,
  ): void {
    const found = goodsOf(view);
    // What a lost or failing disk took away comes back from the others, and may stand on an empty screen again.
    const isStrict =
      (hand.isSafe && hand.goods.size > 0) ||
      (till.losses === 0 && till.machine.disk.faultsFired === 0 && !till.mayBeDamaged);
    const wanted = withMore(hand.goods, deed);
    if (isStrict) this.#expect(till, 'after it was added to', wanted, found);
    else if ((found.get(deed.good.sku) ?? 0) < deed.quantityMilli)
      this.#shop.violation(`${till.name}: ${deed.good.sku} was added, and is not in the cart`);
    if (view.totalMinor !== totalOf(found))
      this.#shop.violation(`P9: ${till.name} shows ${view.totalMinor} for ${textOfGoods(found)}`);
    this.#adopt(till, hand, view, found);
    hand.isSafe = hand.goods.size > 0 && this.#isSound(till, trouble);
  }

  /** Nothing went wrong with its disk since then, and it is not full. */
  #isSound(till: Till, trouble: string): boolean {
    return this.#troubleOf(till) === trouble && !till.isFull;
  }

  #paid(
    till: Till,
    hand: Hand,
    { register }: Doing,
    { kind, order, cart }: Extract<Deed, { order: Order }>,
    { outcome, number, key, totalMinor }: Exclude<Paid, { outcome: 'refused' }>,
  ): void {
    const hash = register.replica.journals.reader.hashAt(key.journal, key.seq);
    this.#shop.note(`${till.name}: ${kind} ${cart} ${outcome} ${number}`);
    if (hash) this.#ledger.answered(order, till.name, { outcome, number, ...key, hash, ackMs: 0 });
    else this.#shop.violation(`P1: ${number} was paid, and ${till.name} has no such entry`);
    if (totalMinor !== order.effect.totalMinor)
      this.#shop.violation(
        `P9: ${cart} costs ${order.effect.totalMinor} and ${totalMinor} was paid`,
      );
    if (kind === 'again') {
      this.counts.repeated++;
      if (outcome !== 'repeated')
        this.#shop.violation(`P3: ${cart} is paid a second time: ${number}`);
      return;
    }
    this.counts[outcome === 'done' ? 'paid' : 'repeated']++;
    this.#empty(hand);
  }

  #payRefused(till: Till, hand: Hand, { deed }: Doing, code: string): void {
    if (deed.kind !== 'pay') return;
    // What its disk had lost others may bring back between the look and the payment.
    const mayHaveGrown = code === 'CART_CHANGED' && till.losses > 0;
    if (hand.isSafe && !hand.open && !mayHaveGrown)
      this.#shop.violation(`${till.name} refuses to be paid for ${deed.cart}: ${code}`);
    this.#empty(hand);
    hand.process = undefined;
  }

  /** The cart as the till shows it: what was answered before must be in it. */
  #seen(till: Till, hand: Hand, { deed, process, trouble }: Doing, view: CartView): void {
    const found = goodsOf(view);
    const { open } = hand;
    hand.open = undefined;
    if (deed.kind === 'park' || deed.kind === 'recall') {
      this.#shop.note(`${till.name}: ${deed.kind} ${deed.slip.cart}`);
      const isSafe = this.#isSound(till, trouble);
      if (deed.kind === 'park') {
        this.counts.parked++;
        // A disk that refused the edit has the cart as it was before: it may be there again after a crash.
        hand.isSafe &&= isSafe;
        this.#slips.push({ ...deed.slip, at: atOf(till, deed.slip), isSafe: hand.isSafe });
        this.#empty(hand);
        // Another cart of this till, which a disk had lost and others brought back.
        if (found.size > 0) {
          hand.process = undefined;
          hand.isSafe = false;
        }
        return;
      }
      this.counts.recalled++;
      const { slip } = deed;
      if (view.cart !== slip.cart && till.losses > 0) {
        // A cart that its disk had lost and others brought back is before the cashier: the recalled one is put away.
        this.#slips.push({ ...slip, at: atOf(till, slip) });
        this.#adopt(till, hand, view, found);
        return;
      }
      this.#hold(till, hand, slip.isSafe ? slip : { ...slip, goods: found });
      hand.isSafe = isSafe;
      if (slip.isSafe) this.#expect(till, 'as it was parked', slip.goods, found);
      return;
    }
    const wasBefore = hand.process !== process;
    hand.process = process;
    const possible: Goods[] = [hand.goods];
    if (open?.deed.kind === 'add') possible.push(withMore(hand.goods, open.deed));
    if (open?.deed.kind === 'park') possible.push(new Map());
    const isWithin =
      Math.abs(dayOf(till) - hand.day - 3) <= 4 && dayOf(till) - hand.day <= limits.deskDaysBack;
    if (hand.isSafe && isWithin && open?.deed.kind !== 'recall' && open?.deed.kind !== 'pay') {
      if (hand.goods.size > 0 && wasBefore) this.counts.openAtCrash++;
      if (!possible.some((each) => textOfGoods(each) === textOfGoods(found)))
        this.#shop.violation(
          `${till.name} shows ${view.cart} with ${textOfGoods(found)}; it was ${hand.cart} with ${possible.map(textOfGoods).join(' or ')}`,
        );
    }
    if (open?.deed.kind === 'park' && found.size === 0)
      this.#slips.push({ ...open.deed.slip, at: atOf(till, open.deed.slip) });
    if (open?.deed.kind === 'recall' && view.cart !== open.deed.slip.cart)
      this.#slips.push(open.deed.slip);
    this.#adopt(till, hand, view, found);
  }

  /** Goes on with what is shown; what somebody asked to pay, or has before him elsewhere, is put away. */
  #adopt(till: Till, hand: Hand, view: CartView, found: Goods): void {
    const owner = this.#owners.get(view.cart);
    const isAnothers = owner !== undefined && owner !== till;
    const isSlip = this.#slips.some(({ cart }) => cart === view.cart);
    const isOver = this.#asked.has(view.cart) || isAnothers || isSlip;
    this.#empty(hand);
    hand.isSafe = false;
    if (found.size === 0) return;
    if (isOver) {
      hand.process = undefined;
      const { running: register, process } = till;
      if (!register || !process) return;
      try {
        this.#shop.world.as(process, () =>
          register.replica.desks.write({ cart: view.cart, by: 'ann', state: 'cleared' }),
        );
      } catch (error) {
        if (process.alive && !isOfDisk(error)) throw error;
      }
      return;
    }
    const day = till.running?.replica.desks.dayOf(view.cart);
    this.#hold(till, hand, { cart: view.cart, goods: found, day: Date.parse(day ?? '') / dayMs });
  }

  #hold(till: Till, hand: Hand, { cart, goods: held, day }: Slip): void {
    hand.cart = cart;
    hand.goods = held;
    hand.day = day;
    this.#owners.set(cart, till);
  }

  #empty(hand: Hand): void {
    hand.cart = undefined;
    hand.goods = new Map();
    hand.open = undefined;
  }

  #expect(till: Till, when: string, wanted: Goods, found: Goods): void {
    if (textOfGoods(wanted) !== textOfGoods(found))
      this.#shop.violation(
        `${till.name}: a cart has ${textOfGoods(found)} ${when}, and should have ${textOfGoods(wanted)}`,
      );
  }
}

const atOf = (till: Till, { cart }: Slip): string | undefined =>
  till.running?.replica.desks.cart(cart)?.at;

const isOfDisk = (error: unknown): boolean =>
  (['DISK_FULL', 'DISK_REFUSED', 'DISK_FAILED'] as const).some((code) =>
    isTillmeshError(error, code),
  );

const dayOf = ({ clock }: Till): number => Math.floor(clock.wallMs() / dayMs);
