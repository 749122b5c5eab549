/** Reads the bodies of acts, as tolerant of what it does not know as that of the documents. */
import { z } from 'zod';
import type { ActBodies, ActType } from './acts.ts';
import { cartField } from './desk-cart.ts';
import {
  amountField,
  currencyField,
  dayField,
  idField,
  journalKeyField,
  nameField,
  nonzeroQuantityField,
  numberField,
  positiveQuantityField,
  reasonField,
  seqField,
  skuField,
  whole,
} from './fields.ts';
import { limits } from './limits.ts';

const businessDay = dayField;
const operator = idField;
/** Milliseconds since 1970. A clock that was never set shows 0; no clock of ours shows more than Date can. */
const wallField = whole(-8_640_000_000_000_000, 8_640_000_000_000_000);

const line = {
  sku: skuField,
  name: nameField,
  amountMinor: amountField,
  approvedBy: idField.exactOptional(),
};

export const actSchemas: { readonly [Type in ActType]: z.ZodType<ActBodies[Type]> } = {
  DrawerOpened: z.looseObject({ businessDay, reason: reasonField }),
  CartCancelled: z.looseObject({
    businessDay,
    cart: cartField,
    currency: currencyField,
    lines: z
      .array(z.looseObject({ ...line, quantityMilli: positiveQuantityField }))
      .min(1)
      .max(limits.linesPerDocument),
    totalMinor: amountField,
  }),
  CartLineVoided: z.looseObject({
    businessDay,
    cart: cartField,
    line: idField,
    currency: currencyField,
    ...line,
    quantityMilli: nonzeroQuantityField,
  }),
  ReceiptReprinted: z.looseObject({
    businessDay,
    of: z.looseObject({ journal: journalKeyField, seq: seqField }),
    number: numberField,
    copy: whole(1, Number.MAX_SAFE_INTEGER),
  }),
  ClockChanged: z.looseObject({
    fromMs: wallField,
    toMs: wallField,
    while: z.enum(['running', 'stopped']),
  }),
  PermissionRefused: z.looseObject({
    businessDay,
    permission: idField,
    times: whole(1, Number.MAX_SAFE_INTEGER),
  }),
  OperatorLocked: z.looseObject({ businessDay, operator }),
  OperatorUnlocked: z.looseObject({ businessDay, operator }),
};
