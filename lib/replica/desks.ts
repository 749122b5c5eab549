/**
 * The desks of this store, one document a day: what tills write into them and what carts their edits make. Opened when
 * somebody needs them, never taken from the network unguarded. Money is not in them: what a cart was paid with is a
 * journal's entry, and a desk that is lost costs nothing but scanning again.
 */
import { actorOf } from '../documents/names.ts';
import type { ListDocument } from '../documents/genesis.ts';
import type { DeskRule, DocumentRegistry } from '../documents/registry.ts';
import type { Clock } from '../domain/clock.ts';
import { cartIdOf, type DeskCart, type DeskContents } from '../domain/desk-cart.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { Hlc, Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { toHex } from '../journal/bytes.ts';
import type { Signer } from '../journal/envelope.ts';
import { formatHlc, parseHlc, type HybridClock } from '../journal/hybrid-clock.ts';
import { checkDeskChanges, Desk, type DeskOptions } from './desk.ts';
import type { Keyring, Member } from './keyring.ts';
import type { RepoDocuments } from './repo-documents.ts';

export type DesksOptions = Pick<DeskOptions, 'onUnreadable' | 'onBroken' | 'onError'> & {
  readonly documents: RepoDocuments;
  readonly registry: DocumentRegistry;
  readonly keyring: Keyring;
  readonly me: { readonly member: Member; readonly sign: Signer };
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly hybridClock: Pick<HybridClock, 'next'>;
  readonly random: (length: number) => Uint8Array;
  /** Whether anything of a document is on disk. */
  readonly isStored: (rule: DeskRule) => boolean;
  /** A cart of this terminal or a parked one changed. */
  readonly onChange: () => void;
};

/** What a cart id is made of beside the terminal: 20 hex digits. */
const cartIdBytes = 10;
const dayMs = 24 * 3_600_000;

export class Desks {
  readonly #o: DesksOptions;
  readonly #deskOptions: DeskOptions;
  readonly #actor: string;
  readonly #desks = new Map<string, Desk>();
  readonly #opening = new Map<string, Promise<Desk>>();
  #admittedOn: number | undefined;
  #begun: Promise<void> | undefined;
  #today: string | undefined;
  /** Written since they were last saved. */
  readonly #unsaved = new Set<Desk>();

  constructor(options: DesksOptions) {
    this.#o = options;
    this.#deskOptions = {
      ...options,
      onCarts: (carts) => this.#changed(carts),
      bytesOf: (terminal) =>
        [...this.#desks.values()].reduce((sum, desk) => sum + desk.bytesOf(terminal), 0),
    };
    this.#actor = actorOf(options.me.member.principal, options.random(8));
  }

  /** Admits the days that are plausible by the own clock, and gives yesterday's memory back. Cheap: called often. */
  keepUp(): void {
    const today = Math.floor(this.#o.clock.wallMs() / dayMs);
    if (today === this.#admittedOn) return;
    this.#admittedOn = today;
    for (const day of this.#plausible()) this.#o.registry.learnDesk(this.#store, day);
    void this.#tidy().catch(this.#o.onError);
  }

  /**
   * Opens today's desk, and at the first call those of the days before that may hold open carts. Today is that of the own
   * clock, in UTC: peers admit a desk by their clocks, and a business day that nobody closes would be refused there.
   */
  async begin(): Promise<void> {
    this.keepUp();
    this.#begun ??= this.#openStored();
    try {
      await this.#begun;
    } catch (error) {
      this.#begun = undefined;
      throw error;
    }
    const [today = ''] = this.#daysAround(0, 0);
    await this.open(today);
    if (today === this.#today) return;
    this.#today = today;
    // The desk that was today's until now had to stay.
    void this.#tidy().catch(this.#o.onError);
  }

  /** The day in whose desk new carts begin. */
  get today(): string | undefined {
    return this.#today;
  }

  dayOf(cart: string): string | undefined {
    return this.#deskOf(cart)?.rule.day;
  }

  /** Resolves when what was written before is on disk, or waits there for room. */
  async save(): Promise<void> {
    const ids = [...this.#unsaved].map(({ rule }) => rule.id);
    this.#unsaved.clear();
    if (ids.length > 0) await this.#o.documents.flush(ids);
  }

  /** Opens the desk of a day, or begins it. */
  async open(day: string): Promise<void> {
    await this.#open(this.#o.registry.learnDesk(this.#store, day));
  }

  /** A new cart's id. It is written with its first line. */
  newCartId(): string {
    const { terminal } = this.#o.me.member.identity;
    return cartIdOf(terminal, toHex(this.#o.random(cartIdBytes)));
  }

  /** Every cart that can be read, of all open days. */
  *carts(): IterableIterator<DeskCart> {
    for (const desk of this.#desks.values()) yield* desk.carts();
  }

  cart(id: string): DeskCart | undefined {
    return this.#deskOf(id)?.cart(id);
  }

  /**
   * Writes an edit; a cart that is nowhere begins in today's desk, after `begin`. Never refused for size: a till goes
   * on selling. Gives the cart as it is now, which need not be what was written.
   */
  write(edit: Omit<DeskContents, 'edits'> & { cart: string; by: string }): DeskCart | undefined {
    const desk = this.#deskOf(edit.cart) ?? this.#desks.get(this.#today ?? '');
    if (!desk) throw new TillmeshError('INVARIANT', `the desk of ${this.#today} is not open`);
    const { me, hybridClock } = this.#o;
    const before = desk.cart(edit.cart);
    const at = above(hybridClock.next(), before?.at);
    const { terminal, incarnation: life } = me.member.identity;
    const isWhole = edit.state === 'parked' || edit.takes !== undefined;
    const contents = isWhole && before ? { ...edit, edits: before.edits } : edit;
    desk.write({ ...contents, v: 1, at, terminal, life }, this.#actor, me);
    this.#unsaved.add(desk);
    return desk.cart(edit.cart);
  }

  /** For the guard: throws what closes the link; false where the answer is "unavailable". */
  receive(rule: DeskRule, changes: readonly Uint8Array[], from: Principal): boolean {
    const desk = this.#desks.get(rule.day);
    if (desk) return desk.receive(changes, from);
    checkDeskChanges(rule, changes, this.#o.keyring);
    // What it holds has to be known first. Whoever asked is told of it when it is open.
    void this.#open(rule).catch(this.#o.onError);
    return false;
  }

  /** Nothing that a hostile peer left waiting may be taken in later. */
  forgetOrphansOf(peer: Principal): void {
    for (const desk of this.#desks.values()) desk.forgetOrphansOf(peer);
  }

  get #store() {
    return this.#o.me.member.identity.store;
  }

  #daysAround(ahead: number, back: number): string[] {
    return daysAround(this.#o.clock.wallMs(), ahead, back);
  }

  #plausible(): string[] {
    return this.#daysAround(limits.deskDaysAhead, limits.deskDaysBack);
  }

  async #openStored(): Promise<void> {
    for (const day of this.#plausible()) {
      const rule = this.#o.registry.learnDesk(this.#store, day);
      if (this.#o.isStored(rule)) await this.#open(rule);
    }
    await this.#tidy();
  }

  #open(rule: DeskRule): Promise<Desk> {
    const known = this.#opening.get(rule.day);
    if (known) return known;
    const opening = this.#load(rule);
    this.#opening.set(rule.day, opening);
    // Whoever asks next tries again.
    opening.catch(() => this.#opening.delete(rule.day));
    return opening;
  }

  async #load(rule: DeskRule): Promise<Desk> {
    const handle = await this.#o.documents.open<ListDocument>(rule);
    const desk = new Desk(rule, handle, this.#deskOptions);
    this.#desks.set(rule.day, desk);
    return desk;
  }

  /** Days that are over and hold nothing open leave memory; whoever speaks of them opens them again. */
  async #tidy(): Promise<void> {
    const recent = this.#daysAround(limits.deskDaysAhead, 1);
    const plausible = this.#plausible();
    for (const [day, desk] of this.#desks) {
      if (recent.includes(day) || day === this.#today) continue;
      // Nobody else's carts keep a day here for ever.
      const isHeld = [...desk.carts()].some((cart) =>
        plausible.includes(day)
          ? cart.state === 'open' || cart.state === 'parked'
          : cart.state === 'open' && this.#isOurs(cart),
      );
      if (isHeld) continue;
      this.#desks.delete(day);
      this.#opening.delete(day);
      await this.#o.documents.forget(desk.rule.id);
    }
    this.#o.registry.forgetDesks(({ day }) => !plausible.includes(day) && !this.#opening.has(day));
  }

  /** Where the cart is. Anybody may write edits of its id into the desk of another day: they make no cart there. */
  #deskOf(cart: string): Desk | undefined {
    for (const desk of this.#desks.values()) if (desk.cart(cart)) return desk;
    return undefined;
  }

  #isOurs({ terminal }: DeskCart): boolean {
    return terminal === this.#o.me.member.identity.terminal;
  }

  #changed(carts: readonly DeskCart[]): void {
    if (carts.some((cart) => this.#isOurs(cart) || cart.state === 'parked')) this.#o.onChange();
  }
}

/** Calendar days around a moment, in UTC, the latest first. */
export function daysAround(ms: number, ahead: number, back: number): string[] {
  const days: string[] = [];
  for (let n = ahead; n >= -back; n--)
    days.push(new Date(ms + n * dayMs).toISOString().slice(0, 10));
  return days;
}

/** The order of a cart's edits must be that of its writers, also where the clock of the one before was ahead. */
function above(at: Hlc, before: Hlc | undefined): Hlc {
  if (before === undefined || at > before) return at;
  const { ms, counter } = parseHlc(before);
  return counter < 0xffff
    ? formatHlc(ms, counter + 1)
    : formatHlc(Math.min(ms + 1, 0xffffffffffff), 0);
}
