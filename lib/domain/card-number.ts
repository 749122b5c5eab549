/**
 * Card numbers that somebody types where words are meant (PCI DSS 3: what is not stored cannot be stolen). Scanned codes,
 * product codes and batches are not looked at; an order's or customer's number from elsewhere is, and has to be let
 * through where it is no card's.
 */
import type { Command } from './commands.ts';

/** Digits in groups: a blank or a dash between them, as on the card; an expiry date may stand behind. */
const groupedDigits = /[0-9]+(?:[\s.\-‐-―_/]{1,2}[0-9]+)*/g;

/**
 * First digits and lengths of cards that are issued; by the check digit alone one number in ten would be a card. Nothing of 13
 * digits: Visa's are gone, and an EAN-13 is an everyday reference. Of those with a 6 first, ranges that no bank has are left
 * out: 61, 63, 66, 68 and 69 are on cards of shops (ISO/IEC 7812-1, "merchandising").
 */
const brands: readonly { readonly first: RegExp; readonly lengths: readonly number[] }[] = [
  { first: /^4/, lengths: [16, 19] },
  { first: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { first: /^3[47]/, lengths: [15] },
  { first: /^3(?:0[0-59]|[689])/, lengths: [14, 16, 19] },
  { first: /^(?:35[2-8]|220[0-4])/, lengths: [16, 17, 18, 19] },
  { first: /^(?:5[06-8]|6(?:[0257]|304|3[6-9]|4[4-9]))/, lengths: [16, 17, 18, 19] },
  { first: /^(?:8[12]|9792)/, lengths: [16] },
];
const longest = 19;
/** Of all groups but the last. */
const shortestGroup = 4;

/** RFC 9562: its parts may be digits alone, and no card is grouped like that. */
const uuid = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;

/** Whether a number of a payment card stands in a text for people, however it is grouped. */
export function hasCardNumber(text: string): boolean {
  for (const [found] of plainDigits(text).replace(uuid, ' ').matchAll(groupedDigits)) {
    const groups = found.match(/[0-9]+/g) ?? [];
    for (let from = 0; from < groups.length; from++) {
      let digits = '';
      for (const group of groups.slice(from)) {
        digits += group;
        if (digits.length > longest) break;
        if (isCardNumber(digits)) return true;
        // As cards are printed: dates and the parts of a reference are shorter, and would make numbers without end.
        if (group.length < shortestGroup) break;
      }
    }
  }
  return false;
}

/** Fields of a command that hold codes, which are scanned or come from a list, and no words. */
const codes: ReadonlySet<string> = new Set(['command', 'kind', 'sku', 'batch', 'journal']);

/**
 * The place of a card number in a command (`lines.0.override`), never the number; undefined where there is none. What left a
 * cart is said by the till itself, in ids and in head office's names: refused, it would leave no trace.
 */
export function cardNumberIn(command: Command): string | undefined {
  const isOwnWord = command.kind === 'CancelCart' || command.kind === 'VoidCartLine';
  return isOwnWord ? undefined : find(command, '');
}

function find(value: unknown, place: string): string | undefined {
  if (typeof value === 'string') return hasCardNumber(value) ? place : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    if (codes.has(key)) continue;
    const found = find(item, place === '' ? key : `${place}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isCardNumber(digits: string): boolean {
  const { length } = digits;
  const isOfBrand = brands.some(
    ({ first, lengths }) => lengths.includes(length) && first.test(digits),
  );
  return isOfBrand && hasLuhnDigit(digits);
}

/** ISO/IEC 7812-1 annex B. */
function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const weighed = i % 2 === 0 ? digit : 2 * digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}

/** Wide and Arabic digits as the ones of ASCII. */
const plainDigits = (text: string): string =>
  text.normalize('NFKC').replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 0xf));
