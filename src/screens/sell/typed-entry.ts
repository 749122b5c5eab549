/** What a cashier typed in the search: `3*jam` is three times jam. Pure; says nothing about whether jam exists. */
import { limits } from '#lib/domain/limits.ts';
import { parseScaled } from '#lib/domain/money.ts';

export type TypedEntry = {
  /** In thousandths; absent: nothing was said. */
  readonly quantityMilli?: number;
  /** `3,0*` and the like: not a quantity above 0 with at most three decimals. */
  readonly badQuantity?: true;
  readonly text: string;
};

export function readTypedEntry(typed: string): TypedEntry {
  const [before, ...after] = typed.split(/[*×]/);
  if (after.length === 0) return { text: typed.trim() };
  const text = after.join('*').trim();
  const quantityMilli = readQuantity(before ?? '');
  return quantityMilli === undefined ? { badQuantity: true, text } : { quantityMilli, text };
}

/** Decimals by point or comma; undefined for what is no quantity above 0. */
export function readQuantity(typed: string): number | undefined {
  const parsed = parseScaled(typed.trim().replace(',', '.'), {
    scale: 3,
    max: limits.quantityMilli,
    negative: false,
  });
  return parsed.ok && parsed.value > 0 ? parsed.value : undefined;
}
