/**
 * In-store barcodes with a price or weight inside (prefixes 02 and 20–29). Their layouts are national, so they
 * are patterns in the settings: `21 IIIII PPPPP C`. A price from a label is no override of the catalogue's.
 */
import { gtinCheckDigit, priceVerifierDigit } from './gtin.ts';

/**
 * One character per digit, blanks are for the eye: a digit is itself, `?` any digit, `I` item, `P` price,
 * `W` weight, `V` verifier digit of the price or weight, `C` check digit (last).
 */
export type InStorePattern = {
  readonly pattern: string;
  /** Decimals of the value on the label: 2 for a price and 3 for a weight unless said. */
  readonly decimals?: number;
};

export type InStoreCode = {
  readonly item: string;
  readonly kind: 'price' | 'weight';
  /** Price or weight as an integer with `decimals` decimals. */
  readonly value: number;
  readonly decimals: number;
};

const shape = /^(?=.*I)[0-9?]{1,3}(?:[I?]|P|W|V)+C$/;

/** Whether a pattern can be used: a prefix, an item, one run of either price or weight, the check digit; 8, 12 or 13 digits. */
export function isInStorePattern(pattern: string): boolean {
  const layout = pattern.replaceAll(' ', '');
  const runs = layout.match(/P+|W+/g) ?? [];
  const field = runs[0] ?? '';
  const verifiers = layout.split('V').length - 1;
  return (
    [8, 12, 13].includes(layout.length) &&
    shape.test(layout) &&
    runs.length === 1 &&
    (layout.match(/I+/g) ?? []).length === 1 &&
    verifiers <= 1 &&
    (verifiers === 0 || field.length === 4 || field.length === 5)
  );
}

/** Reads a scanned code by the first pattern that fits it; undefined when none does or a digit of proof is wrong. */
export function readInStoreCode(
  text: string,
  patterns: readonly InStorePattern[],
): InStoreCode | undefined {
  if (!/^[0-9]{8,13}$/.test(text)) return undefined;
  for (const { pattern, decimals } of patterns) {
    const fields = match(text, pattern.replaceAll(' ', ''));
    if (fields === undefined) continue;
    const kind = fields.P === '' ? 'weight' : 'price';
    const value = Number(fields.P + fields.W);
    return { item: fields.I, kind, value, decimals: decimals ?? (kind === 'price' ? 2 : 3) };
  }
  return undefined;
}

type Fields = { I: string; P: string; W: string };

function match(text: string, layout: string): Fields | undefined {
  if (layout.length !== text.length) return undefined;
  const fields = { I: '', P: '', W: '', V: '' };
  for (let i = 0; i < layout.length - 1; i++) {
    const want = layout.charAt(i);
    const digit = text.charAt(i);
    if (want === 'I' || want === 'P' || want === 'W' || want === 'V') fields[want] += digit;
    else if (want !== '?' && want !== digit) return undefined;
  }
  const check = gtinCheckDigit(text.slice(0, -1));
  if (String(check) !== text.at(-1)) return undefined;
  if (fields.V !== '' && String(priceVerifierDigit(fields.P + fields.W)) !== fields.V) {
    return undefined;
  }
  return fields;
}

/**
 * The code that a scale would print: `?` digits are 0. Undefined when item or value do not fit the pattern.
 */
export function composeInStoreCode(
  { pattern }: InStorePattern,
  item: string,
  value: number,
): string | undefined {
  const layout = pattern.replaceAll(' ', '');
  const itemDigits = layout.split('I').length - 1;
  const valueDigits = layout.split(/[PW]/).length - 1;
  const field = String(value).padStart(valueDigits, '0');
  if (!/^[0-9]+$/.test(field) || field.length !== valueDigits) return undefined;
  if (!/^[0-9]+$/.test(item) || item.length !== itemDigits) return undefined;
  let body = '';
  let nextItem = 0;
  let nextValue = 0;
  for (const want of layout.slice(0, -1)) {
    if (want === 'I') body += item.charAt(nextItem++);
    else if (want === 'P' || want === 'W') body += field.charAt(nextValue++);
    else if (want === 'V') body += String(priceVerifierDigit(field) ?? 0);
    else body += want === '?' ? '0' : want;
  }
  return body + String(gtinCheckDigit(body));
}
