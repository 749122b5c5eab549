/**
 * Fields of an imported file, from text to exact values. Strict on purpose: what a spreadsheet mangled
 * (`1e3`, `NaN`, a blank) must be refused by name, never guessed. Independent of the register's own arithmetic.
 */

/** Digits before the point: with 4 decimals after it a value stays below `limits.unitPriceE4`, an exact integer. */
const WHOLE_DIGITS = 8;

/**
 * A plain decimal as an integer of `decimals` places: `readDecimal('-1.5', 3)` is −1500.
 * Undefined for anything else: exponents, blanks, signs other than `-`, more places, more than 8 digits before the point.
 */
export function readDecimal(text: string, decimals: number): number | undefined {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  // pandas writes 18.0 and 2.550 alike: zeros at the end say nothing.
  const places = fraction.replace(/0+$/, '');
  const digits = whole.replace(/^0+(?=[0-9])/, '');
  if (places.length > decimals || digits.length > WHOLE_DIGITS || fraction.length > 12) {
    return undefined;
  }
  const value = Number(digits + places.padEnd(decimals, '0'));
  return sign === '-' && value !== 0 ? -value : value;
}

/** Why `readDecimal` did not take it, in the words that say what to change. */
export function decimalProblem(text: string, decimals: number, example: string): string {
  if (!/^-?[0-9]+(?:\.[0-9]+)?$/.test(text)) return `is not ${example}`;
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  if (whole.replace(/^0+(?=[0-9])/, '').length > WHOLE_DIGITS)
    return `is too large: at most ${WHOLE_DIGITS} digits before the point`;
  if (fraction.replace(/0+$/, '').length > decimals)
    return `has more than ${decimals} digits after the point`;
  return 'has too many zeros';
}

/** `2010-12-01 08:26:00` as `2010-12-01T08:26:00`, only for a second that exists. No zone: it is the shop's wall. */
export function readDateTime(text: string): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const parts = [year, (month ?? 0) - 1, day, hour, minute, second] as const;
  const time = new Date(Date.UTC(...(parts as [number, number, number, number, number, number])));
  const iso = text.replace(' ', 'T');
  // 30 February becomes 2 March: only what comes back the same exists.
  return time.toISOString().slice(0, 19) === iso ? iso : undefined;
}
