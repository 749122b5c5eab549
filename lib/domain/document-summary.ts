/** The few figures of a document that lists, totals and searches need, whatever its type. */
import type { DocumentType } from './bodies.ts';
import { readBody, type ReadBody } from './bodies-schema.ts';

export type DocumentSummary = {
  readonly type: DocumentType;
  readonly number: string;
  readonly businessDay: string;
  /** How many lines it has. */
  readonly lines: number;
  readonly currency?: string;
  /**
   * Turnover: what this document adds to the total of all. 0 for stock documents, and for a day's close, whose
   * figure repeats documents that were counted already.
   */
  readonly totalMinor: number;
  readonly customer?: string;
  readonly externalId?: string;
};

/** Undefined for what is no document: other entries, unknown types, bodies that are not of their type. */
export function documentOf(type: string, body: unknown): DocumentSummary | undefined {
  return summaryIn(readBody(type, body));
}

/** The same for a body that was read already. */
export function summaryIn(read: ReadBody): DocumentSummary | undefined {
  if (read.ok !== true) return undefined;
  switch (read.type) {
    case 'SaleCompleted':
    case 'ReturnCompleted': {
      const { customer } = read.body;
      return {
        ...commonOf(read.type, read.body, read.body.lines.length),
        currency: read.body.currency,
        totalMinor: read.body.totalMinor,
        ...(customer === undefined ? {} : { customer }),
      };
    }
    case 'LedgerAdjusted':
      return {
        ...commonOf(read.type, read.body, read.body.lines.length),
        currency: read.body.currency,
        totalMinor: read.body.totalMinor,
      };
    case 'StockAdjusted':
    case 'StockCounted':
      return commonOf(read.type, read.body, read.body.lines.length);
    case 'DayClosed':
      return { ...commonOf(read.type, read.body, 0), currency: read.body.currency };
    default:
      return undefined;
  }
}

function commonOf(
  type: DocumentType,
  body: {
    readonly number: string;
    readonly businessDay: string;
    readonly external?: { readonly id: string };
  },
  lines: number,
): DocumentSummary {
  const { number, businessDay, external } = body;
  return {
    type,
    number,
    businessDay,
    lines,
    totalMinor: 0,
    ...(external === undefined ? {} : { externalId: external.id }),
  };
}
