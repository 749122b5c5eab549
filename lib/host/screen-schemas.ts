/** What a screen may send, field by field: strict, bounded, nothing repaired. Who asks is in none of them. */
import { z } from 'zod';
import {
  dayField,
  idField,
  journalKeyField,
  numberField,
  positiveAmountField,
  positivePriceField,
  positiveQuantityField,
  reasonField,
  seqField,
  skuField,
  terminalNameField,
  textField,
} from '../domain/fields.ts';
import { commandField } from '../domain/commands.ts';
import { isPayCommand } from '../domain/desk-cart.ts';
import { isEntryHash, type EntryHash } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { CartChange, TenderGiven } from './till-services.ts';

/** Digits as head office gives them; what cannot be a PIN is not counted as a wrong one. */
export const signInBody = z.strictObject({
  operator: idField,
  pin: z.string().regex(/^[0-9]{4,12}$/, 'a PIN is 4 to 12 digits'),
});
/** By its name in the list, or all but the own one: of this operator, or of everybody. */
export const endSessionsBody = z.union([
  z.strictObject({ session: z.string().regex(/^[A-Za-z0-9_-]{12}$/) }),
  z.strictObject({ others: z.enum(['own', 'all']) }),
]);
export const operatorBody = z.strictObject({ operator: idField });

const line = idField;
const quantityMilli = positiveQuantityField;

export const cartChangeBody: z.ZodType<CartChange> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add'), line, sku: skuField, quantityMilli }),
  z.strictObject({
    kind: z.literal('scan'),
    line,
    code: textField(limits.descriptionCharacters),
    quantityMilli,
  }),
  z.strictObject({ kind: z.literal('quantity'), line, quantityMilli }),
  z.strictObject({
    kind: z.literal('price'),
    line,
    unitPriceE4: positivePriceField,
    override: reasonField,
  }),
  z.strictObject({ kind: z.literal('discount'), line, discountMinor: positiveAmountField }),
  z.strictObject({ kind: z.literal('remove'), line }),
  z.strictObject({ kind: z.literal('restore'), line }),
  z.strictObject({ kind: z.literal('clear') }),
]);

/** One change of the cart, and who allows it: a PIN that is checked as at signing in. */
export const approvalBody = z.strictObject({ ...signInBody.shape, change: cartChangeBody });

const tender: z.ZodType<TenderGiven> = z
  .strictObject({
    kind: idField,
    amountMinor: positiveAmountField.exactOptional(),
    givenMinor: positiveAmountField.exactOptional(),
  })
  .refine(
    (value) => (value.amountMinor === undefined) !== (value.givenMinor === undefined),
    'needs either amountMinor or givenMinor',
  );

export const payBody = z.strictObject({
  cart: idField,
  totalMinor: positiveAmountField,
  tenders: z.array(tender).max(32),
});

/** One of the store's carts. */
export const cartBody = z.strictObject({ cart: idField });
export const cartParams = z.strictObject({ act: z.enum(['park', 'recall']) });

/**
 * A command of the domain, which judges the rest. Sales are not among them: they are paid from the cart, whose id
 * makes a double press one sale. What leaves a cart is the till's own to say.
 */
export const commandBody = z
  .looseObject({
    kind: z.enum([
      'CompleteReturn',
      'AdjustStock',
      'AdjustLedger',
      'CountStock',
      'CloseDay',
      'OpenDrawer',
      'ReprintReceipt',
    ]),
  })
  .refine((body) => !Object.hasOwn(body, 'by'), 'by: comes from the session')
  .refine(({ command }) => !isPayCommand(command), 'command: pays a cart');

export const limitField = z
  .string()
  .default('50')
  .refine(
    (text) => /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= limits.pageRows,
    `not a whole number from 1 to ${limits.pageRows}`,
  )
  .transform(Number);

export const documentsQuery = z.strictObject({
  terminal: idField.exactOptional(),
  businessDay: dayField.exactOptional(),
  amountMinor: z
    .string()
    .regex(/^[0-9]{1,13}$/, 'not a whole number')
    .transform(Number)
    .pipe(positiveAmountField)
    .exactOptional(),
  limit: limitField,
});
export const journalQuery = z.strictObject({
  terminal: idField.exactOptional(),
  operator: idField.exactOptional(),
  type: idField.exactOptional(),
  businessDay: dayField.exactOptional(),
  limit: limitField,
});
/** A document that is about to be printed. */
export const printBody = z.strictObject({
  of: z.strictObject({ journal: journalKeyField, seq: seqField }),
  command: commandField.refine((command) => !isPayCommand(command), 'pays a cart'),
});
export const tilesQuery = z.strictObject({
  department: idField.exactOptional(),
  query: z.literal('').or(textField(limits.descriptionCharacters)).exactOptional(),
  limit: limitField,
});
export const stockQuery = z.strictObject({
  after: textField(200).exactOptional(),
  limit: limitField,
});

/** Of several documents with one number (a fork), the one that is meant. */
export const receiptQuery = z.strictObject({
  hash: z.custom<EntryHash>(isEntryHash, 'not a hash').exactOptional(),
});

export const skuParams = z.strictObject({ sku: skuField });
export const numberParams = z.strictObject({ number: numberField });
export const meshParams = z.strictObject({ act: z.enum(['cut', 'heal']) });
/** Of a terminal that was barred, with all its lives. */
export const pardonBody = z.strictObject({ terminal: terminalNameField });
export const peerBody = z.strictObject({ peer: z.string().regex(/^[A-Z0-9a-f-]{1,64}$/) });

/** The finding as the status names it; its place is a path, and may be called as whoever planted it liked. */
export const findingsSeenBody = z.strictObject({
  only: z
    .strictObject({
      code: textField(64),
      where: z.string().max(limits.pathCharacters),
      seq: z.number().int().exactOptional(),
    })
    .exactOptional(),
  note: reasonField.exactOptional(),
});
