/**
 * Reads the bodies of entries, by type. Tolerant by design: fields of a later version stay where they are and an
 * unknown type is no error, so tills of different versions live together. What is known has its shape and bounds.
 */
import { z } from 'zod';
import { actSchemas } from './acts-schema.ts';
import type { Bodies, EntryType } from './bodies.ts';
import { readWith } from './border.ts';
import {
  amountField,
  batchField,
  currencyField,
  dayField,
  externalShape,
  hlcField,
  idField,
  incarnationField,
  journalKeyField,
  nameField,
  numberField,
  percentField,
  positiveAmountField,
  positiveQuantityField,
  priceField,
  quantityField,
  reasonField,
  seqField,
  seriesLetterField,
  skuField,
  textField,
  whole,
} from './fields.ts';
import { limits } from './limits.ts';

const lines = <Line extends z.ZodType>(line: Line) => z.array(line).max(limits.linesPerDocument);

const external = z.looseObject(externalShape).exactOptional();

const documentLine = z.looseObject({
  sku: skuField,
  name: nameField,
  quantityMilli: quantityField,
  unitPriceE4: priceField,
  amountMinor: amountField,
  discountMinor: amountField.exactOptional(),
  tax: idField.exactOptional(),
  batch: batchField.exactOptional(),
  components: z
    .array(z.looseObject({ sku: skuField, quantityMilli: positiveQuantityField }))
    .max(64)
    .exactOptional(),
  override: reasonField.exactOptional(),
  approvedBy: idField.exactOptional(),
});

const anyWhole = whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

const numbered = { number: numberField, businessDay: dayField };

const moneyShape = {
  ...numbered,
  currency: currencyField,
  lines: lines(documentLine),
  taxes: z
    .array(
      z.looseObject({
        rate: idField,
        percentE4: percentField,
        netMinor: amountField,
        taxMinor: amountField,
      }),
    )
    .max(limits.linesPerDocument),
  totalMinor: amountField,
  roundingMinor: amountField,
  tenders: z
    .array(
      z.looseObject({
        kind: idField,
        amountMinor: amountField,
        givenMinor: positiveAmountField.exactOptional(),
        changeMinor: positiveAmountField.exactOptional(),
      }),
    )
    .max(64),
  customer: idField.exactOptional(),
  external,
  release: seqField.exactOptional(),
};

const hashField = textField(64);

const schemas: { readonly [Type in EntryType]: z.ZodType<Bodies[Type]> } = {
  ...actSchemas,
  IncarnationBegun: z.looseObject({
    chain: z.array(textField(16_384)).max(8),
    letter: seriesLetterField,
    reason: z.enum(['enrolled', 'copied', 'restored', 'forked']),
    continues: z
      .looseObject({ incarnation: incarnationField, seq: seqField, hash: hashField })
      .exactOptional(),
  }),
  SaleCompleted: z.looseObject(moneyShape),
  ReturnCompleted: z
    .looseObject({
      ...moneyShape,
      of: z.looseObject({ journal: journalKeyField, seq: seqField }).exactOptional(),
      ofLine: z.array(whole(0, limits.linesPerDocument - 1)).exactOptional(),
      restock: z.boolean(),
      reason: reasonField.exactOptional(),
    })
    .refine(
      (body) => body.ofLine === undefined || body.ofLine.length === body.lines.length,
      'ofLine and lines differ in length',
    ),
  StockAdjusted: z.looseObject({
    ...numbered,
    reason: reasonField,
    lines: lines(
      z.looseObject({
        sku: skuField,
        name: nameField,
        quantityMilli: quantityField,
        batch: batchField.exactOptional(),
      }),
    ),
    external,
  }),
  LedgerAdjusted: z.looseObject({
    ...numbered,
    reason: reasonField,
    currency: currencyField,
    lines: lines(documentLine),
    totalMinor: amountField,
    external,
  }),
  StockCounted: z.looseObject({
    ...numbered,
    lines: lines(
      z.looseObject({
        sku: skuField,
        batch: batchField.exactOptional(),
        quantityMilli: quantityField,
        at: hlcField,
        seen: z.record(journalKeyField, seqField),
      }),
    ),
  }),
  DayClosed: z.looseObject({
    ...numbered,
    // Sums over many documents. Negative where more is taken off that was counted twice than was sold since.
    documents: anyWhole,
    totalMinor: anyWhole,
    currency: currencyField,
    lives: z
      .array(
        z.looseObject({
          incarnation: incarnationField,
          documents: anyWhole,
          totalMinor: anyWhole,
          upTo: seqField.exactOptional(),
        }),
      )
      .max(limits.livesPerClosing)
      .exactOptional(),
  }),
  ForkSeen: z.looseObject({
    journal: journalKeyField,
    seq: seqField,
    hashes: z.array(hashField).max(64),
    live: z.literal(true).exactOptional(),
  }),
  ForeignWriteRefused: z.looseObject({
    peer: textField(64),
    code: textField(64),
    // Absent where the offence was in no document: a frame that is none.
    document: textField(256).exactOptional(),
  }),
  ClockOffsetSeen: z.looseObject({
    peer: textField(64),
    offsetMs: anyWhole,
  }),
  PeerPardoned: z.looseObject({ peer: textField(64), code: textField(64) }),
  TamperingSeen: z.looseObject({
    code: textField(64),
    where: textField(256),
    seq: seqField.exactOptional(),
    what: textField(256).exactOptional(),
  }),
  TamperingChecked: z.looseObject({
    findings: whole(0, Number.MAX_SAFE_INTEGER),
    only: z
      .looseObject({ code: textField(64), where: textField(256), seq: seqField.exactOptional() })
      .exactOptional(),
    left: whole(0, Number.MAX_SAFE_INTEGER).exactOptional(),
    note: reasonField.exactOptional(),
  }),
};

export type ReadBody =
  | { readonly [Type in EntryType]: { ok: true; type: Type; body: Bodies[Type] } }[EntryType]
  | { readonly ok: false; readonly problem: string }
  /** A type of a later version: kept, passed on, shown as pending. */
  | { readonly ok: 'unknown' };

const isEntryType = (type: string): type is EntryType => Object.hasOwn(schemas, type);

/** The body as it is, unknown fields included, when what is known of it is right. */
export function readBody(type: string, body: unknown): ReadBody {
  if (!isEntryType(type)) return { ok: 'unknown' };
  const schema: z.ZodType = schemas[type];
  const crossing = readWith(schema, body);
  if (!crossing.ok) return { ok: false, problem: crossing.problems.join('; ') };
  // The caller's own object: the schema has looked at it and changed nothing. `schemas` ties type and body.
  return { ok: true, type, body } as ReadBody;
}
