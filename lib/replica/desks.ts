/**
 * The desks of this store, one document a day: what tills write into them and what carts their edits make. Opened when
 * somebody needs them, never taken from the network unguarded. Money is not in them: what a cart was paid with is a
 * journal's entry, and a desk that is lost costs nothing but scanning again.
 */
import * as A from '@automerge/automerge';
import type { DocHandle } from '@automerge/automerge-repo';
import { actorOf } from '../documents/names.ts';
import type { ListDocument } from '../documents/genesis.ts';
import type { DeskRule, DocumentRegistry } from '../documents/registry.ts';
import type { Clock } from '../domain/clock.ts';
import {
  cartIdOf,
  foldCart,
  readDeskRecord,
  type DeskCart,
  type DeskContents,
  type DeskRecord,
} from '../domain/desk-cart.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { Hlc, Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes, toHex } from '../journal/bytes.ts';
import { boundChange } from '../journal/change-bounds.ts';
import { hashOfEntry } from '../journal/entry.ts';
import type { Signer } from '../journal/envelope.ts';
import { formatHlc, parseHlc, type HybridClock } from '../journal/hybrid-clock.ts';
import { editOf, hashOfChange, readDeskChange, writeDeskChange } from './desk-change.ts';
import { DeskLog } from './desk-log.ts';
import type { Keyring, Member } from './keyring.ts';
import type { RepoDocuments } from './repo-documents.ts';

export type DesksOptions = {
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
  /** An edit or a cart that cannot be read: left out. */
  readonly onUnreadable: (rule: DeskRule, problem: string) => void;
  /** A member signed what would break the document. */
  readonly onBroken: (writer: Principal, rule: DeskRule, detail: string) => void;
  readonly onError: (error: unknown) => void;
};

type Desk = {
  readonly rule: DeskRule;
  readonly handle: DocHandle<ListDocument>;
  readonly log: DeskLog;
  /** Hashes of the edits that were read. */
  readonly told: Set<string>;
  readonly edits: Map<string, DeskRecord[]>;
  /** Undefined: cannot be read. */
  readonly carts: Map<string, DeskCart | undefined>;
};

/** What a cart id is made of beside the terminal: 20 hex digits. */
const cartIdBytes = 10;
const dayMs = 24 * 3_600_000;
/** Beside the message, for the figure of a desk's size. */
const bareBytes = 300;

export class Desks {
  readonly #o: DesksOptions;
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
    this.#today = today;
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
    for (const { carts } of this.#desks.values())
      for (const cart of carts.values()) if (cart) yield cart;
  }

  cart(id: string): DeskCart | undefined {
    return this.#deskOf(id)?.carts.get(id);
  }

  /**
   * Writes an edit; a cart that is nowhere begins in today's desk, after `begin`. Never refused for size: a till goes
   * on selling. Gives the cart as it is now, which need not be what was written.
   */
  write(edit: DeskContents & { cart: string; by: string }): DeskCart | undefined {
    const desk = this.#deskOf(edit.cart) ?? this.#desks.get(this.#today ?? '');
    if (!desk) throw new TillmeshError('INVARIANT', `the desk of ${this.#today} is not open`);
    const { rule, log, handle } = desk;
    const before = desk.carts.get(edit.cart);
    const { member } = this.#o.me;
    const at = above(this.#o.hybridClock.next(), before?.at);
    const { bytes, place } = writeDeskChange(
      rule,
      { ...edit, v: 1, at, terminal: member.identity.terminal },
      log.tip(this.#actor),
      this.#actor,
      this.#o.me,
    );
    if (bytes.length > limits.deskChangeBytes)
      throw new TillmeshError('OVER_LIMIT', `an edit of a cart of ${bytes.length} bytes`);
    // Its listener tells of the edit before this returns.
    handle.update((doc) => A.applyChanges(doc, [bytes])[0]);
    log.add(place, bytes.length);
    this.#unsaved.add(desk);
    return desk.carts.get(edit.cart);
  }

  /** For the guard: throws what closes the link; false where the answer is "unavailable". */
  receive(rule: DeskRule, changes: readonly Uint8Array[], from: Principal): boolean {
    const desk = this.#desks.get(rule.day);
    const fresh = changes.filter((bytes) => {
      boundChange(bytes);
      if (equalBytes(bytes, rule.genesis.bytes)) return false;
      // Checked when it came. Its checksum is not part of its hash, and Automerge would look at it.
      const hash = hashOfChange(bytes);
      return !(desk?.log.has(hash) && toHex(bytes.subarray(4, 8)) === hash.slice(0, 8));
    });
    const read = fresh.map((bytes) => readDeskChange(rule, bytes, this.#o.keyring));
    if (!desk) {
      // What it holds has to be known first. Whoever asked is told of it when it is open.
      void this.#open(rule).catch(this.#o.onError);
      return false;
    }
    for (;;) {
      const verdict = desk.log.take(read, from);
      if (verdict.kind === 'taken') return true;
      if (verdict.kind === 'full') return false;
      this.#o.onBroken(verdict.writer, rule, verdict.detail);
      if (verdict.kind === 'broken') return false;
      // Ends: nothing waits any more.
      this.#forgetWaiting(desk);
    }
  }

  /** Nothing that a hostile peer left waiting may be taken in later. */
  forgetOrphansOf(peer: Principal): void {
    for (const desk of this.#desks.values()) if (desk.log.waitsFor(peer)) this.#forgetWaiting(desk);
  }

  get #store() {
    return this.#o.me.member.identity.store;
  }

  /** Calendar days around the own clock's, the latest first. */
  #daysAround(ahead: number, back: number): string[] {
    const now = this.#o.clock.wallMs();
    const days: string[] = [];
    for (let n = ahead; n >= -back; n--)
      days.push(new Date(now + n * dayMs).toISOString().slice(0, 10));
    return days;
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
    const known = A.getChangesMetaSince(handle.doc(), []);
    const bytes = known.reduce((sum, { message }) => sum + bareBytes + (message?.length ?? 0), 0);
    const log = new DeskLog(rule, known, bytes);
    const desk: Desk = { rule, handle, log, told: new Set(), edits: new Map(), carts: new Map() };
    if (A.getMissingDeps(handle.doc(), []).length > 0) this.#forgetWaiting(desk);
    // A throw in this listener would end the process from out of reach.
    handle.on('change', ({ doc, patches }) => {
      try {
        this.#tell(desk, insertedBy(patches) ?? doc.entries);
      } catch (error) {
        this.#o.onError(error);
      }
    });
    this.#tell(desk, handle.doc().entries);
    this.#desks.set(rule.day, desk);
    return desk;
  }

  /** Days that are over and hold nothing open leave memory; whoever speaks of them opens them again. */
  async #tidy(): Promise<void> {
    const recent = this.#daysAround(limits.deskDaysAhead, 1);
    for (const [day, { rule, carts }] of this.#desks) {
      if (recent.includes(day) || day === this.#today) continue;
      if ([...carts.values()].some((cart) => cart?.state === 'open' || cart?.state === 'parked'))
        continue;
      this.#desks.delete(day);
      this.#opening.delete(day);
      await this.#o.documents.forget(rule.id);
    }
    const plausible = this.#plausible();
    this.#o.registry.forgetDesks(({ day }) => !plausible.includes(day) && !this.#opening.has(day));
  }

  /** Automerge keeps what has no predecessor yet; begun again from what is applied, it does not. */
  #forgetWaiting({ handle, log }: Desk): void {
    handle.update((doc) => A.applyChanges(A.init<ListDocument>(), A.getAllChanges(doc))[0]);
    log.forgetWaiting();
  }

  #deskOf(cart: string): Desk | undefined {
    for (const desk of this.#desks.values()) if (desk.edits.has(cart)) return desk;
    return undefined;
  }

  #tell(desk: Desk, entries: readonly Uint8Array[] = []): void {
    const touched = new Set<string>();
    for (const bytes of entries) {
      const hash = hashOfEntry(bytes);
      if (desk.told.has(hash)) continue;
      desk.told.add(hash);
      const record = readDeskRecord(editOf(bytes), hash);
      if (!record) {
        this.#o.onUnreadable(desk.rule, 'not an edit of a cart');
        continue;
      }
      const { cart } = record.envelope;
      touched.add(cart);
      const edits = desk.edits.get(cart);
      if (edits) edits.push(record);
      else desk.edits.set(cart, [record]);
    }
    let concerns = false;
    for (const id of touched) {
      const folded = foldCart(desk.edits.get(id) ?? []);
      if (folded.kind === 'unreadable')
        this.#o.onUnreadable(desk.rule, `cart ${id}: ${folded.problem}`);
      const cart = folded.kind === 'cart' ? folded.cart : undefined;
      desk.carts.set(id, cart);
      if (cart?.terminal === this.#o.me.member.identity.terminal || cart?.state === 'parked')
        concerns = true;
    }
    if (concerns) this.#o.onChange();
  }
}

/**
 * The edits that a change brought. To look for them among all edits of a day would cost more with each scan. Undefined
 * where it was anything but inserts: then all are looked at.
 */
function insertedBy(patches: readonly A.Patch[]): Uint8Array[] | undefined {
  const inserted: Uint8Array[] = [];
  for (const patch of patches) {
    if (patch.action !== 'insert' || patch.path[0] !== 'entries') return undefined;
    for (const value of patch.values) {
      if (!(value instanceof Uint8Array)) return undefined;
      inserted.push(value);
    }
  }
  return inserted;
}

/** The order of a cart's edits must be that of its writers, also where the clock of the one before was ahead. */
function above(at: Hlc, before: Hlc | undefined): Hlc {
  if (before === undefined || at > before) return at;
  const { ms, counter } = parseHlc(before);
  return counter < 0xffff
    ? formatHlc(ms, counter + 1)
    : formatHlc(Math.min(ms + 1, 0xffffffffffff), 0);
}
