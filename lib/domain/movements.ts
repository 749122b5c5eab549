/**
 * What a document does to the shelf. A sale takes, a return gives back if the goods are fit to be sold again,
 * an adjustment is as it says. Money documents of the ledger move nothing, and neither does an unknown type.
 */
import type { Bodies, DocumentLine } from './bodies.ts';
import { readBody, type ReadBody } from './bodies-schema.ts';
import type { Sku } from './ids.ts';
import { negate } from './money.ts';
import { divideHalfAway } from './rounding.ts';

export type Movement = {
  readonly sku: Sku;
  readonly batch?: string;
  /** What comes onto the shelf; negative: leaves it. Never 0. */
  readonly quantityMilli: number;
};

/** In the order of the document's lines. Total: an unknown type or a body that is not one of its type gives []. */
export function movementsOf(type: string, body: unknown): Movement[] {
  return movementsIn(readBody(type, body));
}

/** The same for a body that was read already. */
export function movementsIn(read: ReadBody): Movement[] {
  if (read.ok !== true) return [];
  switch (read.type) {
    case 'SaleCompleted':
      return read.body.lines.flatMap(ofDocumentLine);
    case 'ReturnCompleted':
      return read.body.restock ? read.body.lines.flatMap(ofDocumentLine) : [];
    case 'StockAdjusted':
      return read.body.lines.flatMap(ofAdjustment);
    default:
      return [];
  }
}

// Sold quantities are positive and leave; in a return they are negative and come back. One sign serves both.
function ofDocumentLine({ sku, batch, quantityMilli, components }: DocumentLine): Movement[] {
  if (components === undefined) return moved(sku, negate(quantityMilli), batch);
  return components.flatMap((component) => {
    const milli = BigInt(quantityMilli) * BigInt(component.quantityMilli);
    return moved(component.sku, negate(Number(divideHalfAway(milli, 1000n))));
  });
}

const ofAdjustment = (line: Bodies['StockAdjusted']['lines'][number]): Movement[] =>
  moved(line.sku, line.quantityMilli, line.batch);

function moved(sku: Sku, quantityMilli: number, batch?: string): Movement[] {
  if (quantityMilli === 0) return [];
  return [{ sku, quantityMilli, ...(batch === undefined ? {} : { batch }) }];
}
