/** English texts of setting up a till, of how far it is, and of carts that lie in the store. */
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');
const count = (value: number): string => new Intl.NumberFormat('en-GB').format(value);
const figures = (here: number, all: number): string => `${count(here)} of ${count(all)}`;

export const setupTexts = {
  title: 'Set up this till',
  lead: 'This machine has not joined a shop yet. Head office gives a one-time code on its page “Terminals”; a till that may let others in gives one, too.',
  code: 'Join code',
  codeHint: 'As it is printed, or scan it. Blanks and small letters do not matter.',
  codeExample: '7QZK-3M8V-A1XW-9T0R',
  at: 'Address of head office or of the till that gave the code',
  atHint: 'Only where it is not part of the code. Left empty, the tills on this network are asked.',
  atExample: 'hq.example:3001',
  found: 'On this network',
  searching: 'Looking for tills on this network',
  noneFound:
    'No till was found on this network. Is another one switched on, and on the same network? A network for guests keeps machines apart, and head office is never found this way: then the address has to be typed.',
  join: 'Join',
  joining: 'Joining',
  again: 'Try again',
  goOn: 'Go on',
  /** What was done, and what comes. */
  steps: {
    joined: (name: string) => `Joined as ${name}`,
    starting: 'Starting the till',
    linking: 'Looking for the others',
    linked: (tills: number, hq: boolean) =>
      [
        ...(tills > 0 ? [plural(tills, { one: '# till linked', other: '# tills linked' })] : []),
        ...(hq ? ['head office linked'] : []),
      ].join(', '),
    catalogue: 'Products, prices and people',
    parts: (here: number, all: number) => `${figures(here, all)} parts`,
    journals: 'Receipts of the shop',
    entries: (here: number, all: number) => figures(here, all),
    ready: 'Ready to sell',
    waits: 'waits',
    done: 'done',
    underWay: 'under way',
  },
  /** Nothing answers, or nothing is there to come. */
  nobody:
    'Nobody answers yet. Is this machine on the shop’s network, and is another till or head office switched on?',
  nothingYet:
    'Head office is linked and has nothing for this store yet: it has to publish its settings, people and products.',
  clockAhead: (by: string) =>
    `This machine’s clock is ${by} ahead of the one that let it in. Set it right: receipts and days carry its time.`,
  clockBehind: (by: string) =>
    `This machine’s clock is ${by} behind the one that let it in. Set it right: receipts and days carry its time.`,
  span: (ms: number): string => {
    const minutes = Math.round(ms / 60_000);
    if (minutes < 120) return plural(minutes, { one: '# minute', other: '# minutes' });
    const hours = Math.round(minutes / 60);
    if (hours < 72) return plural(hours, { one: '# hour', other: '# hours' });
    return plural(Math.round(hours / 24), { one: '# day', other: '# days' });
  },
  refused: {
    CODE_MALFORMED:
      'That is not a join code. It has sixteen letters and digits, in four groups: look at it again.',
    PLACE_MALFORMED: 'That is not an address. It looks like hq.example:3001 or 192.168.1.20:4101.',
    NO_PLACE:
      'No till was found on this network: type the address of head office, or of the till that gave the code.',
    BUSY: 'Another window of this machine is joining already.',
    JOIN_CODE_WRONG:
      'This code is not known there. Look at each group again; after five wrong tries it is worth nothing any more.',
    JOIN_CODE_USED:
      'This code was used already, by this till or by another: ask for a new one. If nobody else joined with it, tell head office.',
    JOIN_CODE_VOID:
      'This code is void: it was withdrawn, or a newer one was made. Take the newer one, or ask for one.',
    NAME_IN_USE:
      'A till of this name is let in already. To put this machine in its place, head office replaces that one and gives the code for it.',
    JOIN_CODE_EXPIRED: 'This code has expired: a code is good for an hour. Ask for a new one.',
    JOIN_UNREACHABLE:
      'Nobody answers at this address. Check it, the cable or Wi-Fi of this machine, and that the other one is switched on.',
    JOIN_NOT_HQ:
      'Whoever answers there does not know this code and is not who gave it: check the address, and who is on this network.',
    JOIN_TOO_OFTEN: 'Too many tries: wait a minute, then try again.',
    INPUT_INVALID: 'The code is for another store: ask for one for this shop.',
    ENROLLING_NOT_GRANTED:
      'The till at this address lets nobody in. Take the address of the one that gave the code, or of head office.',
    ENROLLING_ELSEWHERE: 'This number is another till’s to give: make the code there.',
    ALREADY_ENROLLED: 'This machine has joined meanwhile: load the page again.',
    TERMINAL_REVOKED: 'Head office has revoked this machine: begin with an empty data directory.',
    CERTIFICATE_UNTRUSTED: 'What came back is not this company’s: tell head office.',
    CERTIFICATE_MALFORMED: 'What came back is not a till’s certificate: tell head office.',
    PORT_IN_USE:
      'Another program uses a port that this till needs: stop it, then try again. The code is still good.',
    PORT_NOT_AVAILABLE:
      'An address at which this till was told to answer is not this machine’s. The code is still good.',
    DISK_FULL: 'The disk of this machine is full: free some space, then ask for a new code.',
    DISK_REFUSED: 'The disk of this machine refused to write: check it, then ask for a new code.',
  } as Readonly<Record<string, string>>,
  /** `at`: `0.0.0.0:4101`. */
  portAt: (sentence: string, at = '') => `${sentence} (${at})`,
  noAnswer: 'This till does not answer. Is it still running? The code may be used by now.',
  /** On Sell and Sync, once it can sell. */
  older: (here: number, all: number) =>
    `This till can sell now; older receipts are still coming: ${figures(here, all)}.`,
} as const;

export const cartsTexts = {
  title: 'Open carts',
  lead: 'Parked sales of the store, and what stood open at a till that is gone.',
  open: (carts: number) => plural(carts, { one: '# open cart', other: '# open carts' }),
  park: 'Park',
  recall: 'Go on with it',
  takeOver: 'Take over',
  parkedAt: (terminal: string, operator: string) => `Parked at ${terminal} by ${operator}`,
  leftAt: (terminal: string, operator: string) =>
    `Open at ${terminal}, which is gone · ${operator}`,
  more: (goods: string, others: number) => (others > 0 ? `${goods} and ${others} more` : goods),
  supervisor: 'A supervisor has to sign in to take it over.',
  mayBePaid:
    'It may have been paid there just before. If the customer says so, look for the receipt first; a second sale of it is flagged as soon as the first one comes to light.',
  empty: 'No sale is parked, and no till that is gone left one open.',
  finishFirst: 'There are goods in this sale: finish it or park it first.',
  parkFirst: 'Park this sale',
  reading: 'Reading',
  close: 'Close',
} as const;
