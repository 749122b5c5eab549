/** English texts of head office's pages about one terminal: revoking, granting a range, replacing. */
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');

const entries = (count: number): string => plural(count, { one: '# entry', other: '# entries' });

export const hqTerminalTexts = {
  title: (store: string, terminal: string) => `${store} · ${terminal}`,
  back: 'Terminals',
  unknown: (store: string, terminal: string) =>
    `No terminal ${store}-${terminal} has joined that is yours to see.`,
  device: 'The device of this name',
  deviceKey: (key: string) => `Device ${key}`,
  sharedName: (count: number) =>
    `${plural(count, { other: '# devices' })} have this name and are let in. Each goes on with a series of its own. Revoke the one that should not be here: when each was let in, whether it is linked and what it has recorded say which is which.`,
  unheard:
    'It has taken its code, and head office has not heard of it since: it is on its way, or lost its power at that moment. If it does not come, replace it: then it is kept out, and there is a new code.',
  noneStands:
    'No device has this name now. Make the code for the one that replaces it, or enrol a new till under another name.',
  listed: {
    shared: (count: number) => plural(count, { other: '# devices of this name' }),
    open: (name: string) => `${name}: look at it, revoke it, replace it`,
    revoked: 'Kept out for good',
    beyond: (count: number) => `${entries(count)} written after that`,
    filesChanged: 'Its files were changed',
  },
  facts: {
    key: 'Key',
    enrolled: 'Let in',
    byHq: (time: string) => `${time}, by head office`,
    byTill: (time: string, till: string) => `${time}, by ${till}`,
    unknownTill: 'a till that nobody knows any more',
    signedBy: 'Signed under',
    root: 'The company’s root itself',
    issuingKey: (key: string) => `Issuing key ${key}`,
    link: 'Link',
    linked: 'Linked',
    awaySince: (time: string) => `Away, last word ${time}`,
    clock: 'Clock',
    version: 'Version',
    waiting: 'Behind',
    letIn: 'Has let in',
    nobody: 'Nobody',
  },
  findings: {
    title: 'Changed files',
    lead: 'By the till’s own word. When it was looked at, a supervisor says so at the till; it stays here.',
    entry: (seq: number) => `from entry ${seq}`,
    since: (time: string) => `Found ${time}`,
    open: 'Nobody has looked at it yet',
    looked: (name: string, time: string) => `Looked at by ${name}, ${time}`,
    api: 'command or API',
  },
  lives: {
    title: 'Its lives',
    columns: { letter: 'Series', documents: 'Documents', entries: 'Entries' },
  },
  ranges: {
    title: 'May enrol others',
    none: 'It lets nobody in: new tills of the store need head office.',
    range: (first: number, last: number) => `T${first} to T${last}`,
    used: (count: number, of: number, names: string) =>
      count === 0 ? `none of ${of} used` : `${count} of ${of} used: ${names}`,
    void: 'nobody can use what is left of it, and head office does not give it either',
  },
  codes: {
    withdraw: 'Withdraw',
    withdrawOf: (store: string, terminal: string) => `Withdraw the code for ${store} ${terminal}`,
    withdrawn: (store: string, terminal: string) =>
      `The code for ${store} ${terminal} cannot be used any more.`,
  },
  reasons: {
    lost: {
      name: 'Lost',
      meaning: 'Nobody knows where it is. Taken as if somebody else had it.',
    },
    stolen: { name: 'Stolen', meaning: 'Somebody else has it, and what is on its disk.' },
    compromised: {
      name: 'Tampered with',
      meaning: 'It is here, and somebody may have copied its keys or changed its files.',
    },
    replaced: {
      name: 'Replaced',
      meaning: 'It is broken or old, stays in good hands, and another device takes its place.',
    },
    retired: { name: 'Given up', meaning: 'It is in good hands and not needed any more.' },
  },
  otherReason: (reason: string) => reason,
  follows: {
    title: 'What follows',
    linkedNow: (name: string) =>
      `${name} is linked: it hears of it at once and records nothing more.`,
    awayNow: (name: string) =>
      `${name} is away: whoever has it can go on selling on it until it meets a till of the shop or this relay. Nobody gives it a link any more.`,
    counted:
      'What it has sold stays counted, wherever it comes to light; what it writes after this is flagged.',
    notHere: (count: number) =>
      `${entries(count)} of it ${count === 1 ? 'is' : 'are'} not at head office. If no other till has them, they go with it.`,
    goAsWell: (names: string) =>
      `Tills that it let in go as well, because nobody can say which of them somebody else let in: ${names}. They join anew.`,
    stay: (names: string) => `Tills that it let in stay: ${names}.`,
    rangeEnds: (ranges: string) => `It lets nobody in any more. What is left of ${ranges} is lost.`,
    pins: 'Whoever has its disk can find out four-digit PINs within minutes: give the people of the store new ones.',
    final: 'This cannot be undone. A device that is found joins anew, from an empty directory.',
  },
  revoke: {
    action: 'Revoke',
    title: (name: string) => `Revoke ${name}`,
    lead: (key: string) => `Keeps this device out for good, by its key ${key}.`,
    reason: 'Why',
    confirm: (name: string) => `Revoke ${name}`,
    doing: 'Revoking',
    cancel: 'Cancel',
    done: (name: string, key: string) => `${name} (key ${key}) is kept out for good.`,
    doneBefore: (name: string, key: string, reason: string, time: string) =>
      `${name} (key ${key}) was revoked before, at ${time} (${reason}): that stands.`,
  },
  revoked: {
    title: (key: string) => `Kept out: ${key}`,
    since: (reason: string, time: string) => `${reason}, ${time}`,
    with: (till: string) => `with ${till}, which had let it in`,
    by: (name: string) => `by ${name}`,
    byApi: 'by command or API',
    byUnknown: 'who asked is not known',
    nothingBeyond: 'Nothing of it has come to light that head office did not know then.',
    beyond: (count: number) =>
      `${entries(count)} of it ${count === 1 ? 'has' : 'have'} come to light that head office did not know when it was revoked. They count; look whether they are genuine.`,
    documents: 'Documents among them',
  },
  grant: {
    action: 'Let it enrol others',
    title: (name: string) => `Let ${name} enrol others`,
    lead: 'It can then let new tills of its store in while head office is away. Each number is given once, ever, and only by this till. Whoever steals it can let tills in, too, until it is revoked: give few numbers, to a till that is watched.',
    first: 'From T',
    last: 'To T',
    bad: (most: number) =>
      `Two numbers from 1 to 9999, the first not above the second, at most ${most} in all.`,
    free: (first: number, last: number) =>
      `T${first} to T${last} are free as far as is known here.`,
    confirm: (first: number, last: number) => `Give T${first} to T${last}`,
    doing: 'Giving',
    done: (name: string, first: number, last: number) =>
      `${name} may enrol T${first} to T${last} as soon as it has heard of it.`,
    next: 'To make a code there:',
    command: 'npx tillmesh join-code new',
  },
  replace: {
    action: 'Replace this till',
    again: 'Make the code for its replacement',
    unheard: 'It does not come: replace it',
    title: (name: string) => `Replace ${name}`,
    lead: (key: string) =>
      `Keeps the old device (key ${key}) out for good, then makes the code by which the new one joins under the same name.`,
    leadAgain:
      'The old device is kept out already. This makes a new code; one that was made before cannot be used any more.',
    confirm: 'Revoke the old one, make the code',
    confirmAgain: 'Make the code',
    doing: 'Working',
    ready: (name: string) => `Code for the new ${name}`,
    readyLead: (key: string) =>
      `The old device (key ${key}) is kept out. Start the new one with this.`,
    half: (name: string, why: string) =>
      `${name} is kept out by now, and that stands. The code could not be made: ${why} Nothing else is left to do; try again.`,
    databaseAway: 'the database does not answer.',
    joined: (name: string) =>
      `Another device has joined as ${name} already. Nothing is left to do here.`,
    command: 'On the new machine, in an empty directory',
    commandOf: (join: string) => `npx tillmesh register --join ${join}`,
    next: 'What happens next',
    progress: 'Replacement',
    close: 'Done',
  },
  steps: {
    out: (time: string) => `The old device is kept out, since ${time}.`,
    code: (time: string) => `The new one can join until ${time}.`,
    noCode: 'No code is open: make one.',
    codeUnknown: 'Whether a code is open is not known while the database does not answer.',
    joining: 'The new device joins.',
    unheard: (key: string) =>
      `The new device has taken its code (key ${key}); head office has not heard of it yet.`,
    joined: (time: string, key: string) => `The new device has joined, ${time} (key ${key}).`,
    fetching: 'It fetches the journals of the shop from the other tills and from here.',
    fetchingLeft: (left: string, of: string) =>
      `It fetches the journals of the shop: ${left} of ${of} entries are still missing there.`,
    fetchingAway: 'It is not linked to this relay now: how far it has come is not known here.',
    fetched: (of: string) => `It has every journal that is here (${of} entries).`,
    selling: 'Somebody signs in there and makes the first sale.',
    sold: (letter: string, documents: number) =>
      `It sells, in series ${letter}: ${plural(documents, { one: '# document', other: '# documents' })}.`,
    states: { done: 'Done', now: 'Under way', open: 'Still to come' },
  },
  shownCode: {
    code: 'One-time code',
    qr: 'The code and the address of this relay as a picture to scan',
    until: (time: string) => `Can be used once, until ${time}. It is not shown again.`,
    copy: 'Copy',
    copied: 'Copied',
  },
} as const;
