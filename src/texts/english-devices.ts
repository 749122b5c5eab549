/** English texts of phones and tablets: their way in, sessions, the lock of a page, the camera, counting a shelf. */
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');

export const devicesTexts = {
  title: 'Phones and tablets',
  way: {
    heading: 'Open this till on a phone or tablet',
    lead: 'Scan this with the camera of a phone that is on the network of the shop. The page that opens says how to trust this till, once for each phone.',
    code: (address: string) => `QR code for ${address}`,
    type: 'Or type it in:',
    trusted: 'Trusted already? Then open',
    fingerprint: 'Fingerprint of the certificate (SHA-256)',
    compare:
      'The page on the phone shows the same. If a single group differs, somebody on the network is between the two: do not install that certificate.',
    ends: (date: string) =>
      `The certificate of this till ends on ${date}; head office renews it before that.`,
    warns: (date: string) =>
      `The certificate of this till ends on ${date}, and head office has not renewed it yet: link the two.`,
    waiting:
      'This till has no certificate for its pages yet. Head office gives it one as soon as it answers; nothing has to be done here.',
    over: 'The certificate of this till has run out. Phones are refused until head office has given another one: link the two.',
    problems: {
      LINK_FAILED: 'Head office was asked just now and did not answer.',
      JOIN_NOT_HQ:
        'Whoever answered at the address of head office gave none: it may be of an older version. Update head office first.',
      TERMINAL_REVOKED: 'Head office has revoked this till: it gets no certificate any more.',
      other: 'Asking head office failed; the log of this till says why.',
    },
    off: 'The pages of this till are open on this machine alone. To open them to the phones and tablets of the shop, start it with:',
    offCommand: 'tillmesh register --lan-screens',
  },
  sessions: {
    heading: 'Signed in at this till',
    lead: 'Every browser in which somebody has typed a PIN here, and has not signed out.',
    leadOwn: 'Every browser in which you have typed your PIN here, and have not signed out.',
    columns: { who: 'Person', device: 'Device', since: 'Since', used: 'Last used' },
    this: 'This one',
    locked: 'Locked',
    here: 'On this machine',
    lan: 'On the shop network',
    unknown: 'Unknown browser',
    device: (browser: string, system: string) => `${browser} on ${system}`,
    end: 'Sign out',
    endOf: (name: string, device: string) => `Sign out ${name}, ${device}`,
    endOthers: 'Sign out my others',
    endAll: 'Sign out everybody else',
    sure: (count: number) =>
      plural(count, {
        one: '# browser is signed out at once. What was typed there and not saved is lost; carts stay.',
        other:
          '# browsers are signed out at once. What was typed there and not saved is lost; carts stay.',
      }),
    cancel: 'Keep',
    ended: (count: number) =>
      plural(count, { one: '# browser was signed out.', other: '# browsers were signed out.' }),
  },
  lock: {
    title: 'Locked',
    lead: (name: string) => `Nobody used this page for a while. ${name}, your PIN, and it goes on.`,
    unlock: 'Unlock',
    other: 'Somebody else',
  },
  camera: {
    open: 'Scan with the camera',
    title: 'Hold the barcode into the picture',
    close: 'Close the camera',
    starting: 'Starting the camera',
    looking: 'Looking for a barcode',
    found: (code: string) => `Scanned ${code}`,
    refused:
      'This browser may not use the camera. Allow it in the settings of the browser for this page, then try again.',
    none: 'No camera was found on this device. Type the code, or use a scanner.',
    busy: 'Another program uses the camera. Close it, then try again.',
    failed: 'The camera could not be started. Type the code, or use a scanner.',
    again: 'Try again',
  },
  count: {
    open: 'Count',
    heading: 'What is on the shelf',
    lead: (name: string, stock: string) => `${name}: ${stock} by the books.`,
    quantity: 'Counted',
    batch: 'Batch',
    confirm: 'Save the count',
    sentence: (counted: string, change: string) =>
      `${counted} on the shelf: the books change by ${change}.`,
    same: 'The books say the same; the count is recorded all the same.',
    cancel: 'Cancel',
    saving: 'Saving',
    saved: (number: string) => `Saved as ${number}`,
    notWhole: 'Whole pieces only.',
  },
} as const;
