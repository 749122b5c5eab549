/** Writes a desk by hand under a key that it has: honest by default, and anything else on request. */
import { actorOf } from '#lib/documents/names.ts';
import { DocumentRegistry, type DeskRule } from '#lib/documents/registry.ts';
import { cartIdOf, type DeskContents, type DeskEnvelope } from '#lib/domain/desk-cart.ts';
import type { SeriesLetter, StoreId } from '#lib/domain/ids.ts';
import { writeEntryChange, type ChangePlace } from '#lib/journal/canonical-change.ts';
import { encodeCanonical } from '#lib/journal/canonical-json.ts';
import type { Signer } from '#lib/journal/envelope.ts';
import { formatHlc } from '#lib/journal/hybrid-clock.ts';
import { hashOfChange } from '#lib/replica/desk-change.ts';
import { rosterRecord } from '#lib/replica/keyring.ts';
import { placeOfGenesis } from '#lib/replica/roster-change.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { signChange, type ChangeFields } from '#lib/trust/signed-change.ts';
import { store } from '../simulation/goods.ts';

export type DeskEdited = { readonly bytes: Uint8Array; readonly place: ChangePlace };

export type Forged = {
  /** Over what an honest edit says. */
  readonly edit?: Partial<DeskEnvelope> & DeskContents;
  /** In place of an edit. */
  readonly blob?: Uint8Array;
  readonly after?: ChangePlace;
  readonly actor?: string;
  readonly signer?: Signer;
  /** What the message says beside the signature; undefined: what it has to say. */
  readonly fields?: ChangeFields | undefined;
};

export const today = (): string => new Date().toISOString().slice(0, 10);

export const deskOf = (day: string, of: StoreId = store): DeskRule =>
  new DocumentRegistry().learnDesk(of, day);

export class DeskScribe {
  readonly who: NewIncarnation;
  readonly rule: DeskRule;
  readonly actor: string;
  readonly start: ChangePlace;
  readonly cart: string;
  readonly written: DeskEdited[] = [];
  #counter = 0;

  constructor(who: NewIncarnation, { rule = deskOf(today()), seed = 1 } = {}) {
    this.who = who;
    this.rule = rule;
    this.actor = actorOf(who.principal, new Uint8Array(8).fill(seed));
    this.start = placeOfGenesis(rule);
    this.cart = cartIdOf(who.identity.terminal, `${seed}`.padStart(20, '0'));
  }

  get place(): ChangePlace {
    return this.written.at(-1)?.place ?? this.start;
  }

  get changes(): Uint8Array[] {
    return this.written.map(({ bytes }) => bytes);
  }

  /** The next edit of this writer. */
  write(edit: Forged['edit'] = {}): DeskEdited {
    const next = this.forge({ edit });
    this.written.push(next);
    return next;
  }

  /** An open cart with so many lines, a line an edit. */
  open(lines: number): void {
    for (let n = 0; n < lines; n++)
      this.write({
        ...(n === 0 && { state: 'open' }),
        lines: { [`l${n}`]: { sku: 'TEA' as never, quantityMilli: 1_000, order: n } },
      });
  }

  /** An edit that is not kept here, with whatever is to be false about it. */
  forge(given: Forged = {}): DeskEdited {
    const { edit = {}, after = this.place, actor = this.actor, signer = this.who.signer } = given;
    const honest = {
      v: 1,
      at: formatHlc(Date.now(), ++this.#counter % 0xffff),
      terminal: this.who.identity.terminal,
      by: 'ann',
      cart: this.cart,
    };
    const blob = given.blob ?? encodeCanonical({ ...honest, ...edit });
    const bare = writeEntryChange(blob, actor, after, this.start);
    const isFirst = bare.place.actorSeq === 1;
    const fields =
      given.fields ?? (isFirst ? rosterRecord(this.who.chain, 'A' as SeriesLetter) : {});
    const bytes = signChange(bare.bytes, this.rule.name, signer, fields);
    return { bytes, place: { ...bare.place, hash: hashOfChange(bytes) } };
  }
}
