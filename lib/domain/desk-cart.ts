/**
 * Carts as the tills of a store keep them: edits, each by one terminal, folded to the cart that they make. The order of
 * arrival says nothing, the clock in the edits says all; a terminal changes only what it holds. Prices are not in it.
 */
import { z } from 'zod';
import { readWith, type Crossing } from './border.ts';
import {
  batchField,
  hlcField,
  idField,
  numberField,
  positiveAmountField,
  positivePriceField,
  positiveQuantityField,
  reasonField,
  skuField,
  textField,
  whole,
} from './fields.ts';
import {
  isIncarnationId,
  isTerminalId,
  type Hlc,
  type IncarnationId,
  type Sku,
  type TerminalId,
} from './ids.ts';
import { limits } from './limits.ts';

export const cartStates = ['open', 'parked', 'paid', 'cleared'] as const;
export type CartState = (typeof cartStates)[number];

/**
 * The terminal that began it, so that nobody else can claim to have begun it before, and at least 16 random characters,
 * because a pay command derives from it: with `pay-` before it a command id.
 */
const cartIdShape = /^([A-Z]{1,3}[0-9]{1,4})-[A-Za-z0-9_-]{16,50}$/;
export const isCartId = (text: unknown): text is string =>
  typeof text === 'string' && cartIdShape.test(text);
export const cartField = z.custom<string>(isCartId, 'not a cart');
export const cartIdOf = (terminal: TerminalId, random: string): string => `${terminal}-${random}`;
const isBegunBy = (cart: string, terminal: TerminalId): boolean =>
  cartIdShape.exec(cart)?.[1] === terminal;
/** The command that pays a cart, however often it is asked for. */
export const payCommandOf = (cart: string): string => `pay-${cart}`;
/** Whether a command would pay a cart: nothing else may be done by its id, or the cart could not be paid any more. */
export const isPayCommand = (command: unknown): boolean =>
  typeof command === 'string' && command.startsWith('pay-') && isCartId(command.slice(4));

/** An item of a cart as it was scanned or typed. */
export type HeldLine = {
  readonly sku: Sku;
  readonly quantityMilli: number;
  /** A typed price; `override` says why. */
  readonly unitPriceE4?: number;
  readonly override?: string;
  readonly discountMinor?: number;
  readonly batch?: string;
  /** The in-store barcode whose price it is sold at. */
  readonly label?: string;
  /** Id of the operator who allowed it, where a cashier may not sell it as it is. */
  readonly approvedBy?: string;
  /** Lines are shown in this order. */
  readonly order: number;
  readonly removed?: boolean;
};
/** A scan that raised the quantity of another line: kept so that the same scan sent twice counts once. */
export type AbsorbedLine = { readonly into: string };
export type DeskLine = HeldLine | AbsorbedLine;

/** Who wrote an edit, when, and of which cart: what a guard can hold against the writer's certificate. */
export type DeskEnvelope = {
  readonly v: number;
  readonly at: Hlc;
  readonly terminal: TerminalId;
  /** The writer's life; versions of before left it out. */
  readonly life?: IncarnationId;
  /** Operator id. */
  readonly by: string;
  readonly cart: string;
};
export type DeskContents = {
  readonly state?: CartState;
  /**
   * With `parked` or `takes`: how many edits made the cart that was put away or taken. They come by several lives of a till,
   * in any order, and a cart without some of them would be charged with half of its goods.
   */
  readonly edits?: number;
  /** With `open`: takes the cart over from this terminal, which holds it and is gone. Of two who do, the first has it. */
  readonly takes?: TerminalId;
  /** The number of the sale, once paid. */
  readonly number?: string;
  /** By line id, each as it is from now on. */
  readonly lines?: Readonly<Record<string, DeskLine>>;
};
export type DeskEdit = DeskEnvelope & DeskContents;

export type DeskCart = {
  readonly id: string;
  /** Who holds it: only this terminal changes it, until it parks it. */
  readonly terminal: TerminalId;
  /** Which life of it wrote last: two devices may have one name. Absent where it did not say. */
  readonly life?: IncarnationId;
  readonly operator: string;
  /** Milliseconds since 1970 by the clock of the terminal that began it. */
  readonly begunMs: number;
  readonly state: CartState;
  readonly number?: string;
  readonly lines: ReadonlyMap<string, DeskLine>;
  /** How many edits made it. */
  readonly edits: number;
  /** Of the last edit. */
  readonly at: Hlc;
};

const envelope = z.looseObject({
  v: whole(1, 1_000_000),
  at: hlcField,
  terminal: z.custom<TerminalId>(isTerminalId, 'not a terminal'),
  life: z.custom<IncarnationId>(isIncarnationId, 'not a life').exactOptional(),
  by: idField,
  cart: cartField,
});

const heldLine = z.looseObject({
  sku: skuField,
  quantityMilli: positiveQuantityField,
  unitPriceE4: positivePriceField.exactOptional(),
  override: reasonField.exactOptional(),
  discountMinor: positiveAmountField.exactOptional(),
  batch: batchField.exactOptional(),
  label: textField(13).exactOptional(),
  approvedBy: idField.exactOptional(),
  order: whole(0, Number.MAX_SAFE_INTEGER),
  removed: z.boolean().exactOptional(),
});
const line: z.ZodType<DeskLine> = z.union([z.looseObject({ into: idField }), heldLine]);

/** No desk has room for more: the least that an edit takes is its signature. */
const mostEdits = limits.deskBytes / 64;

const contents: z.ZodType<DeskContents> = z.looseObject({
  state: z.enum(cartStates).exactOptional(),
  edits: whole(0, mostEdits).exactOptional(),
  takes: z.custom<TerminalId>(isTerminalId, 'not a terminal').exactOptional(),
  number: numberField.exactOptional(),
  lines: z.record(idField, line).exactOptional(),
});

/** An edit as it was read, once. */
export type DeskRecord = {
  readonly envelope: DeskEnvelope;
  readonly contents: Crossing<DeskContents>;
  /** Puts edits in one order everywhere: clock, terminal, and the hash of the edit for two of one moment. */
  readonly key: string;
};

/** The envelope of an edit; undefined for what is none. */
export function readEnvelope(value: unknown): DeskEnvelope | undefined {
  const read = readWith(envelope, value);
  return read.ok ? read.value : undefined;
}

/** Undefined for what is no edit at all; one whose contents cannot be read is the matter of its cart. */
export function readDeskRecord(value: unknown, hash: string): DeskRecord | undefined {
  const read = readEnvelope(value);
  if (read === undefined) return undefined;
  const { at, terminal } = read;
  return {
    envelope: read,
    contents: readWith(contents, value),
    key: `${at} ${terminal} ${hash}`,
  };
}

export type Folded =
  | { readonly kind: 'cart'; readonly cart: DeskCart }
  /** Nothing that begins a cart is here (yet), or not all that it had when it was parked. */
  | { readonly kind: 'none' }
  /** Whoever holds it wrote what cannot be read here: half a cart would charge half of the goods. */
  | { readonly kind: 'unreadable'; readonly problem: string };

type Growing = {
  -readonly [Field in keyof Omit<DeskCart, 'lines'>]: DeskCart[Field];
} & { lines: Map<string, DeskLine> };

/**
 * The cart that the edits of one cart id make; equal on all replicas that hold the same edits, in whatever order.
 * `before`: what those made of which every one is older by its key than all of `records`.
 */
export function foldCart(records: readonly DeskRecord[], before?: DeskCart): Folded {
  let cart: Growing | undefined = before && { ...before, lines: new Map(before.lines) };
  for (const { envelope, contents } of [...records].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (!contents.ok) {
      const isHolder = cart
        ? cart.terminal === envelope.terminal
        : isBegunBy(envelope.cart, envelope.terminal);
      if (!isHolder) continue;
      return { kind: 'unreadable', problem: contents.problems.join('; ') };
    }
    if (cart === undefined) cart = begin(envelope, contents.value);
    else if (parksMore(cart, envelope, contents.value)) return { kind: 'none' };
    else follow(cart, envelope, contents.value);
    if (cart && cart.lines.size > limits.cartRecords)
      return { kind: 'unreadable', problem: `${cart.lines.size} lines` };
  }
  return cart ? { kind: 'cart', cart } : { kind: 'none' };
}

function begin(
  { at, terminal, life, by, cart: id }: DeskEnvelope,
  { state, lines = {} }: DeskContents,
): Growing | undefined {
  if (!isBegunBy(id, terminal) || (state !== 'open' && state !== 'parked')) return undefined;
  const begunMs = Number.parseInt(at.slice(0, 12), 16);
  return {
    id,
    terminal,
    ...(life !== undefined && { life }),
    operator: by,
    begunMs,
    state,
    lines: new Map(Object.entries(lines)),
    edits: 1,
    at,
  };
}

/** Whether its holder parks more than what is here. */
const parksMore = (
  cart: Growing,
  { terminal }: DeskEnvelope,
  { state, edits = 0 }: DeskContents,
): boolean =>
  cart.state === 'open' && state === 'parked' && cart.terminal === terminal && edits > cart.edits;

/**
 * From whoever holds it now and not from whoever held it: two who take it at once would both sell it. Who takes more than
 * what is here takes it when that has come; until then it is its holder's, from whom no number hides it.
 */
const isTaken = (cart: Growing, { state, takes, edits = 0 }: DeskContents): boolean =>
  cart.state === 'open' && state === 'open' && takes === cart.terminal && edits <= cart.edits;

function follow(
  cart: Growing,
  { at, terminal, life, by }: DeskEnvelope,
  contents: DeskContents,
): void {
  const { state, number, lines = {} } = contents;
  // Paid and cleared are final: a late edit of a till that did not know changes nothing.
  if (cart.state === 'paid' || cart.state === 'cleared') return;
  const recalls = (cart.state === 'parked' && state === 'open') || isTaken(cart, contents);
  if (cart.terminal !== terminal && !recalls) return;
  cart.at = at;
  cart.edits++;
  if (life === undefined) delete cart.life;
  else cart.life = life;
  if (recalls) {
    cart.terminal = terminal;
    cart.operator = by;
  }
  if (state !== undefined) cart.state = state;
  if (number !== undefined) cart.number = number;
  for (const [id, line] of Object.entries(lines)) cart.lines.set(id, line);
}

/**
 * Goods at the catalogue's price and nothing said about them: one more of the same raises the quantity of such a line.
 * Weighed goods are a line each, which is the caller's to know.
 */
export const isPlainLine = (
  line: Pick<HeldLine, 'unitPriceE4' | 'override' | 'discountMinor' | 'batch' | 'label'>,
): boolean =>
  line.unitPriceE4 === undefined &&
  line.override === undefined &&
  (line.discountMinor ?? 0) === 0 &&
  line.batch === undefined &&
  line.label === undefined;

/** The lines that are in the cart now, in order. */
export function linesOf({ lines }: Pick<DeskCart, 'lines'>): { id: string; line: HeldLine }[] {
  const held: { id: string; line: HeldLine }[] = [];
  for (const [id, each] of lines)
    if (!('into' in each) && each.removed !== true) held.push({ id, line: each });
  return held.sort((a, b) => a.line.order - b.line.order || (a.id < b.id ? -1 : 1));
}
