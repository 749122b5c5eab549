/** What a screen of head office may send, field by field: strict, bounded, nothing repaired. */
import { z } from 'zod';
import { idField, numberField, storeField } from '../domain/fields.ts';
import { isNewTerminalId, isTerminalId, type TerminalId } from '../domain/ids.ts';
import { revocationReasonField } from '../domain/revocation.ts';
import { limits } from '../domain/limits.ts';
import { isJoinCodeId } from '../trust/join-code.ts';
import type { HqDocumentsAsk, RevokeAsk } from './hq-services.ts';
import type { GrantAsk } from './hq-terminals.ts';
import { limitField } from './screen-schemas.ts';

/** A store and never head office itself, which has no tills. */
const shopField = storeField.refine((store) => (store as string) !== 'HQ', 'not a shop');
const terminalField = z.custom<TerminalId>(isTerminalId, 'not a terminal such as T1');

export const hqDocumentsQuery: z.ZodType<HqDocumentsAsk> = z.strictObject({
  store: shopField.exactOptional(),
  terminal: terminalField.exactOptional(),
  type: idField.exactOptional(),
  after: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,400}$/, 'is not the `next` of a page')
    .exactOptional(),
  limit: limitField,
});
export const hqStoreParams = z.strictObject({ store: shopField });
export const hqReceiptParams = z.strictObject({ store: shopField, number: numberField });
/** The beginning of a key is enough where it is the only one. */
export const revokeBody: z.ZodType<RevokeAsk> = z.strictObject({
  store: storeField,
  terminal: terminalField,
  reason: revocationReasonField,
  terminalKey: z
    .string()
    .regex(/^[0-9a-f]{8,64}$/, 'not a key of a terminal')
    .exactOptional(),
});
/** Names of before may be odd, and are kept: only a new one has to be in the one form. */
export const newTerminalField = z.custom<TerminalId>(
  isNewTerminalId,
  'not a terminal such as T1: one to three capital letters and a number from 1 to 9999, without zeros before it',
);
export const enrolBody = z.strictObject({ store: shopField, terminal: newTerminalField });

export const hqTerminalParams = z.strictObject({ store: shopField, terminal: terminalField });
export const joinCodeParams = z.strictObject({
  store: shopField,
  id: z.string().refine(isJoinCodeId, 'not the id of a code'),
});
const terminalNumber = z.int().min(1).max(9_999);
export const grantBody: z.ZodType<GrantAsk> = z
  .strictObject({
    store: shopField,
    terminal: terminalField,
    first: terminalNumber,
    last: terminalNumber,
  })
  .refine(({ first, last }) => first <= last, 'the range goes backwards')
  .refine(
    ({ first, last }) => last - first < limits.terminalsPerRange,
    `more than ${limits.terminalsPerRange} terminals`,
  );
