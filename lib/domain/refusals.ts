/**
 * The one catalogue of refusals: an expected no, in words that a cashier can act on. A value, never an exception;
 * nothing is recorded and no number is used. Faults are in `errors.ts`.
 */
export const refusals = {
  // Who
  PIN_WRONG: 'This PIN is not right.',
  PIN_DELAYED: 'Too many wrong PINs: wait a moment, then try again.',
  PIN_FILE_CHANGED:
    'The file in which wrong PINs are counted was changed or damaged: everybody waits a moment. Then try again.',
  PIN_LOCKED:
    'Ten wrong PINs: this operator is locked for half an hour; a supervisor who signs in can lift that.',
  OPERATOR_UNKNOWN: 'This operator is not known at this store: sign in again or ask head office.',
  NOT_PERMITTED: 'This operator may not do this: a supervisor or manager has to.',
  OVERRIDE_NOT_PERMITTED:
    'This price is not the catalogue’s: a supervisor or manager has to enter it.',
  DISCOUNT_NOT_PERMITTED: 'A discount has to be given by a supervisor or manager.',
  SESSION_UNKNOWN: 'This session has ended already, or is not yours to end.',
  TERMINAL_REVOKED:
    'Head office has revoked this till: nothing more can be recorded on it. What is here can be read.',
  REVOKE_HEAD_OFFICE:
    'Head office itself cannot be revoked from here: name a till of a shop, such as S01-T2.',
  TERMINAL_UNKNOWN:
    'Head office has never heard of this terminal: name one that has joined; one that has not has no key to revoke.',
  TERMINAL_AMBIGUOUS: 'Two tills have this name: name the key of the one that is meant.',
  RANGE_TAKEN:
    'Some of these numbers are somebody’s, or were promised or given to another till: name a range that nobody has.',
  NUMBER_GIVEN_BY_TILL: 'This number is a till’s to give: make the code there.',
  NAME_IN_USE:
    'A till of this name is let in already: replace it, which keeps that one out and makes the code for the other machine.',
  JOIN_CODE_GONE:
    'This code cannot be used any more anyhow: it was used, has expired or was withdrawn.',
  // What
  PRODUCT_UNKNOWN:
    'This product is not in the catalogue: a supervisor can sell it with a name and a price.',
  PRODUCT_INACTIVE: 'This product is no longer sold: a supervisor can sell it all the same.',
  PRICE_MISSING: 'This product has no price today: a supervisor can enter one.',
  TAX_UNKNOWN: 'This product’s tax rate is not set up for this store: tell head office.',
  DISCOUNT_TOO_LARGE: 'The discount is larger than what it is taken from.',
  AMOUNT_TOO_LARGE: 'An amount is larger than any document may hold.',
  QUANTITY_TOO_LARGE:
    'A line of a sale takes at most 9,999 pieces or kilograms: look at the quantity again.',
  CARD_NUMBER:
    'This reads like the number of a payment card, which is never written down here: take it out.',
  DOCUMENT_TOO_LARGE: 'The document is too large: split it in two.',
  // The cart
  CART_NOT_HERE:
    'This cart is not open at this till any more: look at the cart on the screen and try again.',
  CART_EMPTY: 'There is nothing in the cart to pay.',
  CART_ELSEWHERE:
    'This cart stands open at a till that is linked: it has to be parked there, or its till has to be away.',
  CART_NOT_EMPTY: 'There are goods in this sale: finish it or park it, then call the other one up.',
  TAKE_OVER_NOT_PERMITTED:
    'The cart of a till that is gone is taken over by a supervisor or manager: one has to sign in.',
  CART_LINE_UNKNOWN: 'This line is not in the cart any more.',
  CART_CHANGED: 'The total is another one than was shown: look at it again, then pay.',
  LABEL_FIXED: 'This label holds its own price or weight: scan each package by itself.',
  // Paying
  TENDER_UNKNOWN: 'This way of paying is not set up for this store.',
  TENDERS_SHORT: 'The payments are less than what is due.',
  TENDERS_EXCEED: 'The payments are more than what is due: only cash gives change.',
  GIVEN_TOO_LARGE:
    'This is more cash than anybody hands over for what is due: look at it again and type it anew.',
  CASH_TWICE: 'Cash can be entered once per document: add the amounts.',
  CHANGE_WITHOUT_CASH: 'Only cash can be given above what is due.',
  COMMAND_REUSED: 'This was done before, with other goods: begin a new document for these.',
  // Returns
  RECEIPT_UNKNOWN:
    'This till does not know that receipt (yet): a supervisor can take the goods back without it.',
  RECEIPT_LINE_UNKNOWN: 'The receipt has no such line.',
  OVER_REFUND: 'More would come back than was sold and not yet returned.',
  WHOLE_PIECES: 'This product is sold by the piece: only whole pieces can come back.',
  RETURN_LIMIT:
    'More of this receipt would be paid back than a cashier may alone: ask a supervisor or manager to sign in and take it back.',
  CURRENCY_DIFFERS: 'The receipt is in another currency than this store’s.',
  // Documents
  DOCUMENT_UNKNOWN: 'This till does not know that document (yet): try again in a moment.',
  // Counts
  COUNT_FROM_FUTURE: 'The count says it was made later, or saw more, than this till has.',
} as const satisfies Record<string, string>;

export type RefusalCode = keyof typeof refusals;

export type Refusal = {
  readonly code: RefusalCode;
  /** For logs and programs: plain words, with what it is about in brackets. Screens say it by code in their language. */
  readonly message: string;
  /** What it is about, in no language: a product code, an amount, a number. Absent: nothing in particular. */
  readonly about?: string;
};

/** `about` names the thing at hand: a product code, an amount. */
export const refusal = (code: RefusalCode, about = ''): Refusal => ({
  code,
  message: about === '' ? refusals[code] : `${refusals[code]} (${about})`,
  ...(about !== '' && { about }),
});

/** What may be refused: the value, or why not. */
export type Outcome<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal };

export const done = <Value>(value: Value): Outcome<Value> => ({ ok: true, value });
export const refused = (code: RefusalCode, about = ''): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: refusal(code, about),
});
