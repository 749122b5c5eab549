/**
 * One verified entry → the rows of its document, or the reason why it has none. Pure; never throws: a document on which our
 * own code fails is a refused one, and its neighbours flow.
 */
import { readBody } from '../lib/domain/bodies-schema.ts';
import type { DocumentLine, MoneyDocument } from '../lib/domain/bodies.ts';
import { summaryIn } from '../lib/domain/document-summary.ts';
import type { DocumentSummary } from '../lib/domain/document-summary.ts';
import { movementsIn } from '../lib/domain/movements.ts';
import type { Movement } from '../lib/domain/movements.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type { PostingRefusal } from './archive-contract.ts';

export type DocumentRows = {
  readonly read: VerifiedEntry;
  readonly document: DocumentSummary;
  /** Of money documents and stock adjustments (those have no amounts). */
  readonly lines: readonly ArchivedLine[];
  readonly tenders: MoneyDocument['tenders'];
  readonly taxes: MoneyDocument['taxes'];
  readonly movements: readonly Movement[];
};

export type ArchivedLine = Pick<DocumentLine, 'sku' | 'name' | 'quantityMilli'> &
  Partial<DocumentLine>;

export type Prepared =
  | { readonly kind: 'rows'; readonly rows: DocumentRows }
  | { readonly kind: 'refused'; readonly read: VerifiedEntry; readonly refusal: PostingRefusal }
  /** Nothing to post: an observation, an incarnation's beginning, a type of a later version. */
  | { readonly kind: 'none' };

export function prepare(read: VerifiedEntry): Prepared {
  const { type, body } = read.entry;
  try {
    const checked = readBody(type, body);
    if (checked.ok === 'unknown') return { kind: 'none' };
    if (!checked.ok) return refused(read, 'invalid', checked.problem);
    const document = summaryIn(checked);
    if (document === undefined) return { kind: 'none' };
    const parts = partsOf(type, checked.body);
    return {
      kind: 'rows',
      rows: { read, document, movements: movementsIn(checked), ...parts },
    };
  } catch (error) {
    return refused(read, 'fault', error instanceof Error ? error.message : 'unknown');
  }
}

export const refused = (
  read: VerifiedEntry,
  cause: PostingRefusal['cause'],
  message: string,
): Prepared => ({ kind: 'refused', read, refusal: { cause, message: message.slice(0, 500) } });

type Parts = Pick<DocumentRows, 'lines' | 'tenders' | 'taxes'>;

/** `body` has passed the schema of its type, which is what the casts lean on. */
function partsOf(type: string, body: unknown): Parts {
  switch (type) {
    case 'SaleCompleted':
    case 'ReturnCompleted': {
      const { lines, tenders, taxes } = body as MoneyDocument;
      return { lines, tenders, taxes };
    }
    case 'LedgerAdjusted':
    case 'StockAdjusted':
      return { lines: (body as { lines: readonly ArchivedLine[] }).lines, tenders: [], taxes: [] };
    default:
      return { lines: [], tenders: [], taxes: [] };
  }
}
