/**
 * The desk of one day as it is open here: what of it is given to Automerge, by this till and by others, and the carts that
 * come of it. Nothing enters that its writer did not sign in its place.
 */
import * as A from '@automerge/automerge';
import type { DocHandle } from '@automerge/automerge-repo';
import type { ListDocument } from '../documents/genesis.ts';
import type { DeskRule } from '../documents/registry.ts';
import type { DeskCart, DeskEdit } from '../domain/desk-cart.ts';
import { TillmeshError } from '../domain/errors.ts';
import { parsePrincipal, type Principal, type TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes, toHex } from '../journal/bytes.ts';
import { boundChange } from '../journal/change-bounds.ts';
import type { Signer } from '../journal/envelope.ts';
import { DeskCarts } from './desk-carts.ts';
import {
  hashOfChange,
  readDeskChange,
  writeDeskChange,
  writerNamedBy,
  type DeskChange,
  type DeskWriter,
  type WriterOf,
} from './desk-change.ts';
import { DeskLog } from './desk-log.ts';
import type { Keyring, Member } from './keyring.ts';

export type DeskOptions = {
  readonly keyring: Keyring;
  /** Carts changed. */
  readonly onCarts: (carts: readonly DeskCart[]) => void;
  /** An edit or a cart that cannot be read: left out. */
  readonly onUnreadable: (rule: DeskRule, problem: string) => void;
  /** A member signed what would break the document. */
  readonly onBroken: (writer: Principal, rule: DeskRule, detail: string) => void;
  readonly onError: (error: unknown) => void;
  /** What a terminal wrote into all desks that are open. */
  readonly bytesOf: (terminal: TerminalId) => number;
};

/** Beside the message, for the figure of a desk's size. */
const bareBytes = 300;

export class Desk {
  readonly rule: DeskRule;
  readonly #handle: DocHandle<ListDocument>;
  readonly #o: DeskOptions;
  readonly #log: DeskLog;
  readonly #carts: DeskCarts;

  /** `handle` is ready; `this` follows it from here on. */
  constructor(rule: DeskRule, handle: DocHandle<ListDocument>, options: DeskOptions) {
    this.rule = rule;
    this.#handle = handle;
    this.#o = options;
    this.#carts = new DeskCarts((problem) => options.onUnreadable(rule, problem));
    const known = A.getChangesMetaSince(handle.doc(), []).map(
      ({ hash, actor, seq, startOp, message }) => ({
        hash,
        actor,
        seq,
        startOp,
        bytes: bareBytes + (message?.length ?? 0),
        writer: seq === 1 ? writerNamedBy(message, options.keyring) : undefined,
      }),
    );
    this.#log = new DeskLog(rule, known);
    if (A.getMissingDeps(handle.doc(), []).length > 0) this.#forgetWaiting();
    // A throw in this listener would end the process from out of reach.
    handle.on('change', ({ doc, patches }) => {
      try {
        this.#read(insertedBy(patches) ?? doc.entries);
      } catch (error) {
        options.onError(error);
      }
    });
    this.#read(handle.doc().entries);
  }

  /** Every cart that can be read. */
  carts(): IterableIterator<DeskCart> {
    return this.#carts.values();
  }

  cart(id: string): DeskCart | undefined {
    return this.#carts.get(id);
  }

  bytesOf(terminal: TerminalId): number {
    return this.#log.bytesOf(terminal);
  }

  /** Never refused for the desk's size: a till goes on selling. In the carts when it returns, not yet on disk. */
  write(edit: DeskEdit, actor: string, me: { member: Member; sign: Signer }): void {
    const log = this.#log;
    const { bytes, place } = writeDeskChange(this.rule, edit, log.tip(actor), actor, me);
    if (bytes.length > limits.deskChangeBytes)
      throw new TillmeshError('OVER_LIMIT', `an edit of a cart of ${bytes.length} bytes`);
    // Its listener tells of the edit before this returns.
    this.#handle.update((doc) => A.applyChanges(doc, [bytes])[0]);
    log.add(place, bytes.length, me.member);
  }

  /** For the guard: throws what closes the link; false where the answer is "unavailable". */
  receive(changes: readonly Uint8Array[], from: Principal): boolean {
    const log = this.#log;
    const fresh = freshOf(this.rule, changes, log);
    // Before signatures are looked at: what is not taken must cost little.
    if (fresh.length > 0 && log.isFull()) return false;
    const { terminal } = parsePrincipal(from);
    const isShut =
      log.isFull(terminal) || this.#o.bytesOf(terminal) >= limits.deskTerminalBytesOpen;
    const read = readAll(
      this.rule,
      fresh,
      (actor) => {
        const writer = log.writer(actor) ?? this.#o.keyring.memberOfActor(actor);
        return isShut && writer?.identity.terminal === terminal ? undefined : writer;
      },
      this.#o.keyring,
    );
    if (!read) return false;
    if (isShut && read.some(({ writer }) => writer.identity.terminal === terminal)) return false;
    for (;;) {
      const verdict = log.take(read, from);
      if (verdict.kind === 'taken') return true;
      if (verdict.kind === 'full') return false;
      this.#o.onBroken(verdict.writer, this.rule, verdict.detail);
      if (verdict.kind === 'broken') return false;
      // Ends: nothing waits any more.
      this.#forgetWaiting();
    }
  }

  /** Nothing that a hostile peer left waiting may be taken in later. */
  forgetOrphansOf(peer: Principal): void {
    if (this.#log.waitsFor(peer)) this.#forgetWaiting();
  }

  /** Automerge keeps what has no predecessor yet; begun again from what is applied, it does not. */
  #forgetWaiting(): void {
    this.#handle.update((doc) => A.applyChanges(A.init<ListDocument>(), A.getAllChanges(doc))[0]);
    this.#log.forgetWaiting();
  }

  #read(entries: readonly Uint8Array[] = []): void {
    const carts = this.#carts.read(entries);
    if (carts.length > 0) this.#o.onCarts(carts);
  }
}

/** Judges changes of a desk that is not open here: throws what closes the link. */
export function checkDeskChanges(
  rule: DeskRule,
  changes: readonly Uint8Array[],
  keyring: Keyring,
): void {
  readAll(rule, freshOf(rule, changes), (actor) => keyring.memberOfActor(actor), keyring);
}

/** What is not here yet, bounded before anything expands it. */
function freshOf(rule: DeskRule, changes: readonly Uint8Array[], log?: DeskLog): Uint8Array[] {
  // An honest till sends no more at once, and each costs a look at its signature.
  if (changes.length > limits.changesPerPush)
    throw new TillmeshError('OVER_LIMIT', `${changes.length} changes of a desk`);
  return changes.filter((bytes) => {
    boundChange(bytes);
    if (equalBytes(bytes, rule.genesis.bytes)) return false;
    // Checked when it came. Its checksum is not part of its hash, and Automerge would look at it.
    const hash = hashOfChange(bytes);
    return !(log?.has(hash) === true && toHex(bytes.subarray(4, 8)) === hash.slice(0, 8));
  });
}

/** Undefined where one is of nobody whom `writerOf` or a change before it names. */
function readAll(
  rule: DeskRule,
  changes: readonly Uint8Array[],
  writerOf: WriterOf,
  keyring: Keyring,
): DeskChange[] | undefined {
  const named = new Map<string, DeskWriter>();
  const known: WriterOf = (actor) => named.get(actor) ?? writerOf(actor);
  const read: DeskChange[] = [];
  let isKnown = true;
  for (const bytes of changes) {
    const change = readDeskChange(rule, bytes, keyring, known);
    if (change) {
      named.set(change.place.actor, change.writer);
      read.push(change);
    } else isKnown = false;
  }
  return isKnown ? read : undefined;
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
