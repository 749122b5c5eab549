/**
 * What of a change of the cart leaves a trace in the journal: goods that go out of it before they are paid. Pure.
 * The command's id is made of the cart and its state, so that the same change, asked for again after a crash, is one entry.
 */
import { createHash } from 'node:crypto';
import type { CancelCart, VoidCartLine } from '../domain/commands.ts';
import type { CartChange, CartLineView } from '../host/till-services.ts';

export type CartAct = Omit<CancelCart, 'by'> | Omit<VoidCartLine, 'by'>;

type Lines = readonly CartLineView[];

/**
 * `edits` counts what made the cart as it was `before`. A cart with nothing in it leaves nothing; where a cleared or
 * removed line comes back by "undo", that is said too, or an honest cashier would seem to have voided what he sold.
 */
export function cartActs(
  cart: string,
  edits: number,
  asked: CartChange['kind'],
  before: Lines,
  after: Lines,
): readonly CartAct[] {
  if (asked === 'clear') {
    if (before.length === 0) return [];
    const lines = before.map((line) => ({ ...asLine(line), quantityMilli: line.quantityMilli }));
    const command = idOf('cancel', [cart, edits]);
    return [{ kind: 'CancelCart', command, cart, lines }];
  }
  const was = new Map(before.map((line) => [line.id, line]));
  const is = new Map(after.map((line) => [line.id, line]));
  const acts: CartAct[] = [];
  for (const line of new Set([...was.keys(), ...is.keys()])) {
    const [one, other] = [was.get(line), is.get(line)];
    const about = one ?? other;
    const quantityMilli = (one?.quantityMilli ?? 0) - (other?.quantityMilli ?? 0);
    // More of it is no void; only what was taken out of the cart can come back into it.
    if (!about || quantityMilli === 0 || (quantityMilli < 0 && asked !== 'restore')) continue;
    const amountMinor = (one?.amountMinor ?? 0) - (other?.amountMinor ?? 0);
    acts.push({
      kind: 'VoidCartLine',
      command: idOf('void', [cart, edits, line, quantityMilli]),
      cart,
      line,
      ...asLine(about),
      quantityMilli,
      amountMinor,
    });
  }
  return acts;
}

const asLine = ({ sku, name, amountMinor, approvedBy }: CartLineView) => ({
  sku,
  name,
  amountMinor,
  ...(approvedBy !== undefined && { approvedBy }),
});

/** A cart's id and a line's together are longer than an id may be. */
const idOf = (what: string, parts: readonly (string | number)[]): string =>
  `${what}-${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;
