/**
 * Payments that were taken for a sale which is not paid in full: a card was charged, and no reload of the page may lose
 * that. Kept in the browser under the cart's id, because only the cashier's screen knows of them until the sale is paid.
 */
import { limits } from '#lib/domain/limits.ts';
import type { PartTaken } from './pay-plan.ts';

const storageKey = 'tillmesh-taken';
/** As many as a sale may have. */
const mostParts = 32;

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export type TakenParts = {
  /** None where another cart's were kept. */
  read(cart: string): readonly PartTaken[];
  write(cart: string, parts: readonly PartTaken[]): void;
};

/** `storage` may throw, as that of a browser which keeps nothing for pages does: then a part lasts as long as the page. */
export function takenParts(storage: () => Kept | undefined): TakenParts {
  /** What no storage took. */
  let unkept: { readonly cart: string; readonly parts: readonly PartTaken[] } | undefined;
  const kept = (cart: string): readonly PartTaken[] => {
    try {
      return partsIn(storage()?.getItem(storageKey) ?? '', cart);
    } catch {
      // Nothing is kept, or something else by that name: no part is known.
      return [];
    }
  };
  return {
    read: (cart) => (unkept?.cart === cart ? unkept.parts : kept(cart)),
    write(cart, parts) {
      unkept = { cart, parts };
      try {
        const there = storage();
        if (!there) return;
        if (parts.length > 0) there.setItem(storageKey, JSON.stringify({ cart, parts }));
        else if (kept(cart).length > 0) there.removeItem(storageKey);
        // From now on what another window of this till writes counts, too.
        unkept = undefined;
      } catch {
        // A browser that keeps nothing, or has no room: the part lasts as long as the page.
      }
    },
  };
}

function partsIn(text: string, cart: string): readonly PartTaken[] {
  if (text === '') return [];
  const kept = JSON.parse(text) as { readonly cart?: unknown; readonly parts?: unknown } | null;
  if (kept?.cart !== cart || !Array.isArray(kept.parts)) return [];
  return kept.parts.slice(0, mostParts).filter(isPart);
}

function isPart(value: unknown): value is PartTaken {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, amountMinor } = value as Partial<PartTaken>;
  return (
    typeof kind === 'string' &&
    Number.isSafeInteger(amountMinor) &&
    (amountMinor ?? 0) > 0 &&
    (amountMinor ?? 0) <= limits.amountMinor
  );
}
