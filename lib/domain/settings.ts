/**
 * What HQ sets for a store and the domain needs: currency, taxes, rounding, ways to pay.
 * Stored in HQ's documents, so unknown fields of a later version are kept.
 */
import { z } from 'zod';
import { readWith, type Crossing } from './border.ts';
import type { CashRounding } from './cash-rounding.ts';
import { currencyField, idField, nameField, percentField, whole } from './fields.ts';
import { isInStorePattern, type InStorePattern } from './in-store-barcode.ts';
import { limits } from './limits.ts';
import type { TaxMode, TaxRounding } from './tax.ts';

export type TaxRate = {
  /** Percent in ten-thousandths: 20 % is 200_000. */
  readonly percentE4: number;
  readonly name?: string;
};

export type StoreSettings = {
  readonly currency: string;
  readonly taxMode: TaxMode;
  readonly taxRounding: TaxRounding;
  /** Absent: cash is paid to the minor unit. */
  readonly cashRounding?: CashRounding;
  /** Tax rates by id. */
  readonly taxes: Readonly<Record<string, TaxRate>>;
  /** The rate of an item that is not in the catalogue; absent: untaxed. */
  readonly openItemTax?: string;
  /** Ways to pay; absent: any. `cash` is the one that gives change and is rounded. */
  readonly tenders?: readonly string[];
  /** A cashier may type a price when saying why; absent or false: only who may override prices. */
  readonly overrideByReason?: boolean;
  /** What a cashier may pay back of one receipt, in minor units, tax included; absent: any amount. */
  readonly returnLimitMinor?: number;
  readonly inStoreBarcodes?: readonly InStorePattern[];
  /** Minutes without use after which a phone's or tablet's page asks for the PIN; absent: 10. */
  readonly lanLockMinutes?: number;
};

const schema: z.ZodType<StoreSettings> = z
  .looseObject({
    currency: currencyField,
    taxMode: z.enum(['inclusive', 'exclusive']),
    taxRounding: z.enum(['line', 'document']),
    cashRounding: z
      .looseObject({
        incrementMinor: whole(1, 1_000_000),
        half: z.enum(['up', 'down']).exactOptional(),
      })
      .exactOptional(),
    taxes: z.record(
      idField,
      z.looseObject({ percentE4: percentField, name: nameField.exactOptional() }),
    ),
    openItemTax: idField.exactOptional(),
    tenders: z.array(idField).max(64).exactOptional(),
    overrideByReason: z.boolean().exactOptional(),
    returnLimitMinor: whole(0, limits.amountMinor).exactOptional(),
    inStoreBarcodes: z
      .array(
        z.looseObject({
          pattern: z.string().refine(isInStorePattern, 'not an in-store barcode pattern'),
          decimals: whole(0, 4).exactOptional(),
        }),
      )
      .max(32)
      .exactOptional(),
    lanLockMinutes: whole(1, 240).exactOptional(),
  })
  .refine(
    (settings) =>
      settings.openItemTax === undefined || Object.hasOwn(settings.taxes, settings.openItemTax),
    'openItemTax is not one of the taxes',
  );

export const readSettings = (value: unknown): Crossing<StoreSettings> => readWith(schema, value);

/** Percent of a rate in ten-thousandths; undefined for an id that the store does not have. */
export const percentOf = (settings: StoreSettings, rate: string): number | undefined =>
  Object.hasOwn(settings.taxes, rate) ? settings.taxes[rate]?.percentE4 : undefined;

/** The simplest shop: prices include their tax, rounded once per document, cash to the minor unit. */
export const plainSettings = (
  currency: string,
  taxes: Readonly<Record<string, TaxRate>> = {},
): StoreSettings => ({ currency, taxMode: 'inclusive', taxRounding: 'document', taxes });
