/**
 * What pressing a way to pay means: is the sale paid by it, in part, or is something wrong. Pure. The till has the last
 * word with the domain's own rules; this only decides what to ask it.
 */
import { cashRoundingMinor } from '#lib/domain/cash-rounding.ts';
import { isTooMuchCash } from '#lib/domain/cash-given.ts';
import type { CartView, TenderGiven } from '#lib/host/till-services.ts';

export const cash = 'cash';

/** A part that was taken already and waits for the rest. */
export type PartTaken = { readonly kind: string; readonly amountMinor: number };

export type PayStep =
  | { readonly kind: 'complete'; readonly tenders: readonly TenderGiven[] }
  | { readonly kind: 'part'; readonly part: PartTaken }
  | { readonly kind: 'refused'; readonly why: WhyNot };

/** What cannot be meant, before the till is asked. */
export type WhyNot = 'nothing' | 'tooMuch' | 'tooMuchCash' | 'overpaid';

type Due = Pick<CartView, 'totalMinor' | 'cashRounding' | 'currency'>;

const sumOf = (parts: readonly PartTaken[]): number =>
  parts.reduce((sum, part) => sum + part.amountMinor, 0);

export const restMinor = (cart: Due, parts: readonly PartTaken[]): number =>
  cart.totalMinor - sumOf(parts);

/** What is still due when the rest is paid by `kind`: cash is rounded to coins. */
export function dueBy(cart: Due, parts: readonly PartTaken[], kind: string): number {
  if (kind !== cash) return restMinor(cart, parts);
  // Rounding is of all the cash together, whenever it was handed over.
  const cashMinor = restMinor(
    cart,
    parts.filter((part) => part.kind !== cash),
  );
  const taken = sumOf(parts.filter((part) => part.kind === cash));
  return cashMinor + cashRoundingMinor(cashMinor, cart.cashRounding) - taken;
}

/** `typedMinor` undefined: nothing was typed, so all that is due. */
export function payStep(
  cart: Due,
  parts: readonly PartTaken[],
  kind: string,
  typedMinor: number | undefined,
): PayStep {
  const dueMinor = dueBy(cart, parts, kind);
  const amountMinor = typedMinor ?? dueMinor;
  const why = whyNot(cart, dueMinor, kind, amountMinor);
  if (why) return { kind: 'refused', why };
  if (amountMinor < dueMinor) return { kind: 'part', part: { kind, amountMinor } };
  if (kind !== cash) {
    return { kind: 'complete', tenders: merged([...parts, { kind, amountMinor }]) };
  }
  const cashBefore = sumOf(parts.filter((part) => part.kind === cash));
  const others = merged(parts.filter((part) => part.kind !== cash));
  const handed = cashBefore + amountMinor;
  // Below half a coin the cash tender is there all the same: it carries the rounding.
  if (handed === 0 && restMinor(cart, parts) === 0) return { kind: 'complete', tenders: others };
  const exact = typedMinor === undefined;
  const own: TenderGiven = exact
    ? { kind: cash, amountMinor: handed }
    : { kind: cash, givenMinor: handed };
  return { kind: 'complete', tenders: [...others, own] };
}

/** Why an amount cannot be taken by `kind`; undefined where it can, in part or for all of it. */
export function whyNot(
  { currency }: Pick<Due, 'currency'>,
  dueMinor: number,
  kind: string,
  amountMinor: number,
): WhyNot | undefined {
  // Goods were taken out after a part was paid.
  if (dueMinor < 0) return 'overpaid';
  if (amountMinor === 0 && dueMinor > 0) return 'nothing';
  if (kind !== cash) return amountMinor > dueMinor ? 'tooMuch' : undefined;
  return isTooMuchCash(amountMinor, dueMinor, currency) ? 'tooMuchCash' : undefined;
}

/** One line per way to pay, nothing of zero. */
function merged(parts: readonly PartTaken[]): TenderGiven[] {
  const sums = new Map<string, number>();
  for (const { kind, amountMinor } of parts) {
    sums.set(kind, (sums.get(kind) ?? 0) + amountMinor);
  }
  return [...sums]
    .filter(([, amountMinor]) => amountMinor > 0)
    .map(([kind, amountMinor]) => ({ kind, amountMinor }));
}
