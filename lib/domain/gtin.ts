/**
 * GTIN barcodes (GS1 General Specifications 7.9): check digits, and one form under which all lengths are equal.
 * In-store codes with a price or weight inside are `in-store-barcode.ts`.
 */

/** Weights 3, 1, 3, … from the right; works for every GTIN length. `body` is all digits but the last. */
export function gtinCheckDigit(body: string): number {
  let sum = 0;
  for (let i = 0; i < body.length; i++) {
    const weight = (body.length - i) % 2 === 1 ? 3 : 1;
    sum += weight * (body.charCodeAt(i) - 48);
  }
  return (10 - (sum % 10)) % 10;
}

/** GTIN-8, UPC-A (12), EAN-13 or GTIN-14 with the right check digit. */
export function isGtin(text: string): boolean {
  if (!/^(?:[0-9]{8}|[0-9]{12,14})$/.test(text)) return false;
  return gtinCheckDigit(text.slice(0, -1)) === text.charCodeAt(text.length - 1) - 48;
}

/**
 * 14 digits, so that a UPC-A and its EAN-13 (a leading zero) are the same text; the check digit does not change.
 * Undefined for what is no GTIN.
 */
export const normalizeGtin = (text: string): string | undefined =>
  isGtin(text) ? text.padStart(14, '0') : undefined;

/** The text under which a scanned code is looked up: a GTIN's 14 digits, anything else as it is. */
export const barcodeKey = (text: string): string => normalizeGtin(text) ?? text;

// GS1 7.9.3 weighs a digit by a table: `minus` takes the tens of the product from its units, `plus` adds them.
const weigh = {
  '2-': [0, 2, 4, 6, 8, 9, 1, 3, 5, 7],
  '3': [0, 3, 6, 9, 2, 5, 8, 1, 4, 7],
  '5+': [0, 5, 1, 6, 2, 7, 3, 8, 4, 9],
  '5-': [0, 5, 9, 4, 8, 3, 7, 2, 6, 1],
} as const;
type Weight = keyof typeof weigh;

const fourDigits: readonly Weight[] = ['2-', '2-', '3', '5-'];
const fiveDigits: readonly Weight[] = ['5+', '2-', '5-', '5+', '2-'];

/** The verifier digit of a price or weight field of 4 or 5 digits; undefined for any other text. */
export function priceVerifierDigit(field: string): number | undefined {
  if (!/^[0-9]{4,5}$/.test(field)) return undefined;
  const weights = field.length === 4 ? fourDigits : fiveDigits;
  let sum = 0;
  weights.forEach((weight, i) => {
    sum += weigh[weight][field.charCodeAt(i) - 48] ?? 0;
  });
  if (field.length === 4) return (sum * 3) % 10;
  const wanted = (10 - (sum % 10)) % 10;
  return weigh['5-'].findIndex((value) => value === wanted);
}
