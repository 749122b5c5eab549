/** English texts of signing in, selling and paying. */
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');

export const signInTexts = {
  title: 'Sign in',
  heading: 'Who is at the till?',
  lead: 'Choose your name, then type your PIN. This works without a network.',
  nobody:
    'No operator is set up for this till yet. They come from head office: check the link, or wait for the first release.',
  pinOf: (name: string) => `PIN of ${name}`,
  pin: 'PIN',
  other: 'Somebody else',
  enter: 'Sign in',
  checking: 'Checking',
  digits: (count: number) => plural(count, { one: '# digit typed', other: '# digits typed' }),
  PIN_WRONG: 'That is not the right PIN. Try again, or choose another name.',
  PIN_DELAYED: (wait: string) => `Too many wrong PINs. You can try again in ${wait}.`,
  PIN_LOCKED: (wait: string) =>
    `Ten wrong PINs: this name is locked here for ${wait}. A supervisor or manager who signs in can lift that.`,
  PIN_FILE_CHANGED: (wait: string) =>
    `The file in which wrong PINs are counted was changed or damaged, so everybody has to wait. You can try again in ${wait}.`,
  fileChanged:
    'The file in which wrong PINs are counted was changed or damaged: so nobody can sign in for a moment. It is not about your PIN; tell whoever looks after the tills.',
  everybodyWaitsUntil: (time: string) => `Everybody waits until ${time}`,
  lockedUntil: (time: string) => `Locked until ${time}`,
  waitsUntil: (time: string) => `Wrong PINs: wait until ${time}`,
  people: {
    title: 'Locked operators',
    lead: 'After ten wrong PINs a name is locked here for half an hour.',
    nobody: 'Nobody is locked here.',
    lift: 'Unlock',
    liftOf: (name: string) => `Unlock ${name}`,
    lifted: (name: string) => `${name} can sign in again.`,
    self: 'Somebody else has to unlock you.',
    close: 'Close',
  },
  roles: { cashier: 'Cashier', supervisor: 'Supervisor', manager: 'Manager' },
} as const;

export const sellTexts = {
  title: 'Sell',
  search: 'Search or scan',
  clearSearch: 'Clear the search',
  departments: 'Departments',
  all: 'All',
  catalogue: 'Products',
  cart: 'Sale',
  cartTab: (count: number) => plural(count, { one: 'Sale · # line', other: 'Sale · # lines' }),
  emptyCart: 'Scan a product, or tap one, to begin.',
  noProducts: 'The catalogue is empty. Products come with the first release from head office.',
  nothingFound: (query: string) => `Nothing is called “${query}”. Try fewer letters or the code.`,
  unknownCode: (code: string) => `No product has the code ${code}. Search for it by name instead.`,
  cannotBeSold: (name: string) =>
    `${name} cannot be sold as it is: take it out, or ask a supervisor to change it. Then go on to pay.`,
  tooMany: 'A line takes at most 9,999: look at the quantity again.',
  markFirst:
    'No line is marked: mark one with ↑ ↓, or type what it is three of after it, such as 3*jam.',
  silent:
    'The till has not answered for some seconds. Nothing is lost: wait a moment, or check that it is running.',
  badQuantity: 'A quantity is a number above 0 with at most three decimals, such as 3 or 0.75.',
  onlyWhole: 'This product is sold by the piece: type a whole number.',
  multiplier: (quantity: string) => `${quantity} ×`,
  inStock: (quantity: string) => `${quantity} here`,
  perKilogram: '/kg',
  noPrice: 'No price',
  net: 'Net',
  tax: 'Tax',
  taxOf: (name: string) => name,
  total: 'Total',
  cashDue: 'In cash',
  pay: 'Pay',
  exactCash: 'Exact cash',
  cancelSale: 'Cancel sale',
  lines: (count: number) => plural(count, { one: '# line', other: '# lines' }),
  discount: (amount: string) => `${amount} discount`,
  override: (reason: string) => `Price typed: ${reason}`,
  approvedBy: (name: string) => `Approved by ${name}`,
  batch: (batch: string) => `Batch ${batch}`,
  remove: 'Remove',
  removed: (name: string) => `Removed: ${name}`,
  cancelled: 'The sale was cancelled.',
  takenBefore: (part: string) => `${part} is taken already: give it back first (Pay, then Undo).`,
  inSale: (quantity: string) => `${quantity} in this sale`,
  undo: 'Undo',
  less: 'One less',
  more: 'One more',
  edit: 'Change',
  lastSale: 'Last sale',
  lastChange: (amount: string) => `change ${amount}`,
  receipt: 'Receipt',
  dismiss: 'Dismiss',
  changes: {
    quantity: 'Quantity',
    weight: 'Weight in kg',
    discount: 'Discount',
    price: 'Price',
    apply: 'Apply',
    add: 'Add to sale',
    back: 'Back to the products',
    each: (price: string) => `${price} /kg`,
    costs: 'Costs',
    reason: 'Why this price?',
    reasons: ['Damaged', 'Price on the shelf', 'Agreed with the customer'],
    notAllowed: 'A supervisor or manager has to allow this: you are asked for the PIN here.',
    priceZero: 'A price is above 0. To give it away, take all of it off as a discount.',
    quantityZero: 'A quantity is above 0. To take the line out, press Del on it.',
    reasonMissing: 'Choose: it stands on the receipt.',
    listed: (price: string) => `Now ${price}`,
  },
} as const;

export const approvalTexts = {
  title: 'Who allows this?',
  lead: 'The sale stays yours: the name of whoever allows it goes with the line.',
  nobody: 'Nobody at this store may allow it. Ask head office.',
  allow: 'Allow',
  close: 'Do not allow it',
} as const;

export const payTexts = {
  title: 'Pay',
  due: 'Due',
  stillDue: 'Still due',
  back: 'Back to the sale',
  tenders: 'How is it paid?',
  notes: 'Given',
  exact: 'Exact',
  given: 'Given',
  amount: 'Amount',
  part: (amount: string, tender: string) =>
    `${amount} ${tender === 'Cash' ? 'in' : 'by'} ${tender.toLowerCase()}`,
  taken: (part: string) => `${part} taken`,
  givenBack: (part: string) => `Put away: ${part}`,
  takeBack: (tender: string) => `Undo ${tender}`,
  change: 'Change',
  noChange: 'No change',
  missing: (amount: string) =>
    `${amount} is still missing: type more, or choose a second way to pay.`,
  refused: {
    nothing: 'Type an amount above 0.',
    tooMuch: 'Only cash gives change: type at most what is due.',
    tooMuchCash:
      'That is more cash than anybody hands over for this: look at it again and type it anew.',
    overpaid: 'More was taken than the goods cost now: put a payment away, or add the goods again.',
  },
  takeCash: 'Take cash',
  take: (tender: string) => `Take ${tender.toLowerCase()}`,
  saving: 'Saving',
  silent:
    'The till has not answered for some seconds. The sale is recorded once, however this ends: wait for it.',
  noAnswer:
    'The till has not answered. Press again: a sale is recorded once, however often you press.',
  saved: (number: string) => `Saved ${number}`,
  anyKey: 'Any key begins the next sale',
  next: 'Next sale',
  savedElsewhere: 'This sale had been recorded already; it counts once.',
} as const;

export const keysTexts = {
  title: 'Keys',
  show: 'Show all keys',
  close: 'Close',
  rows: [
    ['a–z', 'Search'],
    ['Enter', 'Add what is marked'],
    ['3*', 'Three times what comes next; alone: the marked line'],
    ['↑ ↓', 'Mark a line'],
    ['Del', 'Remove the marked line'],
    ['Ctrl+Z', 'Undo the removal'],
    ['F2', 'Change the marked line: quantity, again for discount, again for price'],
    ['F6', 'Park this sale for any till'],
    ['F7', 'Parked sales, and those of tills that are gone'],
    ['F8', 'Return: find the receipt, or take back from the one that is open'],
    ['F9', 'Exact cash'],
    ['F12', 'Pay, or pay back'],
    ['Esc', 'One step back'],
    ['Ctrl+K', 'Go to'],
    ['Ctrl+L', 'Lock'],
    ['?', 'These keys'],
  ],
} as const;

/** How safe one document is (P10). */
export const copiesTexts = {
  tills: (count: number) =>
    count <= 1 ? 'on this till only' : plural(count, { one: 'on # till', other: 'on # tills' }),
  atHq: 'at HQ',
  archived: 'archived',
  waiting: 'waiting for HQ',
} as const;
