/**
 * What a screen, an import or a test may ask of a till. Every command carries its own id: sent twice, it is done
 * once. Quantities and amounts are positive as people say them; `decide` gives a return its signs.
 */
import { z } from 'zod';
import { isReservedKey, readWith } from './border.ts';
import { cartField } from './desk-cart.ts';
import {
  amountField,
  batchField,
  externalShape,
  hlcField,
  idField,
  journalKeyField,
  nameField,
  nonzeroQuantityField,
  positiveAmountField,
  positivePriceField,
  positiveQuantityField,
  priceField,
  reasonField,
  seqField,
  skuField,
  whole,
} from './fields.ts';
import { limits } from './limits.ts';

export const commandField = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,64}$/, 'not a command id')
  .refine((id) => !isReservedKey(id), 'a reserved word');

const envelope = {
  command: commandField,
  /** Operator id. */
  by: idField,
};

const external = z.strictObject(externalShape).exactOptional();

const lines = <Line extends z.ZodType>(line: Line) =>
  z.array(line).min(1).max(limits.linesPerDocument);

/** Either what it pays exactly, or (cash only) what was handed over. */
const tender = z
  .strictObject({
    kind: idField,
    amountMinor: positiveAmountField.exactOptional(),
    givenMinor: positiveAmountField.exactOptional(),
  })
  .refine(
    (value) => (value.amountMinor === undefined) !== (value.givenMinor === undefined),
    'needs either amountMinor or givenMinor',
  );

const refundTender = z.strictObject({ kind: idField, amountMinor: positiveAmountField });

const itemLine = z.strictObject({
  sku: skuField,
  quantityMilli: positiveQuantityField,
  /** A typed price; `override` says why. */
  unitPriceE4: positivePriceField.exactOptional(),
  override: reasonField.exactOptional(),
  /** Names an item that the catalogue does not know. */
  name: nameField.exactOptional(),
  batch: batchField.exactOptional(),
  discountMinor: positiveAmountField.exactOptional(),
});

const completeSale = z.strictObject({
  kind: z.literal('CompleteSale'),
  ...envelope,
  lines: lines(itemLine),
  /** Taken from the whole document, after the lines' own discounts. */
  discountMinor: positiveAmountField.exactOptional(),
  tenders: z.array(tender).max(32),
  customer: idField.exactOptional(),
  external,
});

const returnShape = {
  kind: z.literal('CompleteReturn'),
  ...envelope,
  tenders: z.array(refundTender).max(32),
  /** Whether the goods go back on the shelf; absent: yes. */
  restock: z.boolean().exactOptional(),
  /** Why it comes back. */
  reason: reasonField.exactOptional(),
  customer: idField.exactOptional(),
  external,
};

const returnOfReceipt = z.strictObject({
  ...returnShape,
  of: z.strictObject({ journal: journalKeyField, seq: seqField }),
  lines: lines(
    z.strictObject({
      /** Index of the receipt's line, from 0. */
      ofLine: whole(0, limits.linesPerDocument - 1),
      quantityMilli: positiveQuantityField,
    }),
  ).refine(
    (value) => new Set(value.map((line) => line.ofLine)).size === value.length,
    'a line of the receipt comes twice',
  ),
});

const returnWithoutReceipt = z.strictObject({ ...returnShape, lines: lines(itemLine) });

const adjustStock = z.strictObject({
  kind: z.literal('AdjustStock'),
  ...envelope,
  reason: reasonField,
  lines: lines(
    z.strictObject({
      sku: skuField,
      name: nameField.exactOptional(),
      quantityMilli: nonzeroQuantityField,
      batch: batchField.exactOptional(),
    }),
  ),
  external,
});

const adjustLedger = z.strictObject({
  kind: z.literal('AdjustLedger'),
  ...envelope,
  reason: reasonField,
  lines: lines(
    z.strictObject({
      sku: skuField,
      name: nameField.exactOptional(),
      quantityMilli: nonzeroQuantityField,
      unitPriceE4: priceField,
    }),
  ),
  external,
});

const countStock = z.strictObject({
  kind: z.literal('CountStock'),
  ...envelope,
  lines: lines(
    z.strictObject({
      sku: skuField,
      batch: batchField.exactOptional(),
      quantityMilli: whole(0, limits.quantityMilli),
      /** When the shelf was read and what the till had seen then; absent: now. */
      read: z
        .strictObject({ at: hlcField, seen: z.record(journalKeyField, seqField) })
        .exactOptional(),
    }),
  ).refine(
    (value) =>
      new Set(value.map((line) => JSON.stringify([line.sku, line.batch]))).size === value.length,
    'a product is counted twice',
  ),
});

const closeDay = z.strictObject({ kind: z.literal('CloseDay'), ...envelope });

const openDrawer = z.strictObject({
  kind: z.literal('OpenDrawer'),
  ...envelope,
  /** A word of `drawerReasons`, or what somebody typed. */
  reason: reasonField,
});

/** What stood in a cart, at the price of the cart: names and amounts are the till's own. */
const cartLine = {
  sku: skuField,
  name: nameField,
  amountMinor: amountField,
  approvedBy: idField.exactOptional(),
};

const cancelCart = z.strictObject({
  kind: z.literal('CancelCart'),
  ...envelope,
  cart: cartField,
  lines: lines(z.strictObject({ ...cartLine, quantityMilli: positiveQuantityField })),
});

/** Negative: what was taken out by mistake is back. */
const voidCartLine = z.strictObject({
  kind: z.literal('VoidCartLine'),
  ...envelope,
  cart: cartField,
  line: idField,
  ...cartLine,
  quantityMilli: nonzeroQuantityField,
});

const reprintReceipt = z.strictObject({
  kind: z.literal('ReprintReceipt'),
  ...envelope,
  of: z.strictObject({ journal: journalKeyField, seq: seqField }),
});

export type ItemLine = z.infer<typeof itemLine>;
export type TenderRequest = z.infer<typeof tender>;
export type CompleteSale = z.infer<typeof completeSale>;
export type ReturnOfReceipt = z.infer<typeof returnOfReceipt>;
export type ReturnWithoutReceipt = z.infer<typeof returnWithoutReceipt>;
export type CompleteReturn = ReturnOfReceipt | ReturnWithoutReceipt;
export type AdjustStock = z.infer<typeof adjustStock>;
export type AdjustLedger = z.infer<typeof adjustLedger>;
export type CountStock = z.infer<typeof countStock>;
export type CloseDay = z.infer<typeof closeDay>;
export type OpenDrawer = z.infer<typeof openDrawer>;
export type CancelCart = z.infer<typeof cancelCart>;
export type VoidCartLine = z.infer<typeof voidCartLine>;
export type ReprintReceipt = z.infer<typeof reprintReceipt>;
export type Command =
  | CompleteSale
  | CompleteReturn
  | AdjustStock
  | AdjustLedger
  | CountStock
  | CloseDay
  | OpenDrawer
  | CancelCart
  | VoidCartLine
  | ReprintReceipt;

export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads a command from outside; strict: unknown fields are refused, so a misspelt one is never ignored. */
export function parseCommand(value: unknown): ParsedCommand {
  const schema = schemaFor(value);
  if (schema === undefined) return { ok: false, problems: ['kind: not a command'] };
  const crossing = readWith(schema, value);
  return crossing.ok ? { ok: true, command: crossing.value } : crossing;
}

// By hand and not by a union of zod, whose messages for a return would name neither of its two forms.
function schemaFor(value: unknown): z.ZodType<Command> | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  switch (value.kind) {
    case 'CompleteSale':
      return completeSale;
    case 'CompleteReturn':
      return Object.hasOwn(value, 'of') ? returnOfReceipt : returnWithoutReceipt;
    case 'AdjustStock':
      return adjustStock;
    case 'AdjustLedger':
      return adjustLedger;
    case 'CountStock':
      return countStock;
    case 'CloseDay':
      return closeDay;
    case 'OpenDrawer':
      return openDrawer;
    case 'CancelCart':
      return cancelCart;
    case 'VoidCartLine':
      return voidCartLine;
    case 'ReprintReceipt':
      return reprintReceipt;
    default:
      return undefined;
  }
}
