/** What a cashier typed in the search: `3*jam` is three times jam. Pure; says nothing about whether jam exists. */
import { limits } from '#lib/domain/limits.ts';
import { parseScaled } from '#lib/domain/money.ts';

export type TypedEntry = {
  /** In thousandths; absent: nothing was said. */
  readonly quantityMilli?: number;
  /** No quantity above 0 with at most three decimals (`0*` and the like), or more than a line takes. */
  readonly problem?: 'badQuantity' | 'tooMany';
  readonly text: string;
};

export function readTypedEntry(typed: string): TypedEntry {
  const [before, ...after] = typed.split(/[*×]/);
  if (after.length === 0) return { text: typed.trim() };
  const text = after.join('*').trim();
  const quantityMilli = readQuantity(before ?? '');
  if (quantityMilli === undefined) {
    const isLong = /^\s*[0-9]{5,}/.test(before ?? '');
    return { problem: isLong ? 'tooMany' : 'badQuantity', text };
  }
  return quantityMilli > limits.cartLineMilli
    ? { problem: 'tooMany', text }
    : { quantityMilli, text };
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
