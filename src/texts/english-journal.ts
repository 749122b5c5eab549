/** English texts of the journal and of the drawer. */
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');

export const drawerTexts = {
  open: 'Open the drawer',
  lead: 'Without a sale. It is recorded with your name, the time and the reason, and counted.',
  reason: 'Why is it opened?',
  reasons: {
    change: 'To change money',
    count: 'To count the cash',
    payOut: 'To pay something',
    mistake: 'Closed too early',
    other: 'Something else',
  },
  said: 'In a few words',
  reasonNeeded: 'Choose why it is opened.',
  wordsNeeded: 'Say in a few words why it is opened.',
  done: (number: string) => `Recorded as ${number}. The drawer may be opened now.`,
  close: 'Close',
  cancel: 'Cancel',
} as const;

export const journalTexts = {
  title: 'Journal',
  lead: 'Everything that the tills of this store have recorded: who, what, when, where. Nothing in it can be changed or left out.',
  notAllowed:
    'The journal is for supervisors and managers: ask one of them to look with you. That you asked for it stands in it.',
  back: 'All documents',
  link: 'Everything that happened',
  columns: {
    what: 'What',
    when: 'When',
    who: 'Person',
    till: 'Till',
    number: 'Number',
    amount: 'Amount',
  },
  filters: 'Filters',
  person: 'Person',
  everybody: 'Everybody',
  kind: 'Kind',
  everything: 'Everything',
  till: 'Till',
  allTills: 'All tills',
  day: 'Business day',
  clear: 'Show all',
  empty: 'Nothing has been recorded yet.',
  noneFound: 'Nothing is like that. Try another person, kind, till or day.',
  shown: (count: number) =>
    plural(count, { one: 'The newest entry.', other: 'The newest # entries.' }),
  counts: (day: string) => `Beside sales on ${day}`,
  noCounts: 'No drawer was opened, and nothing was cancelled, removed, copied or refused.',
  system: 'The till',
  /** What each kind is called in the filter. */
  types: {
    DrawerOpened: 'Drawer opened',
    CartCancelled: 'Sale cancelled',
    CartLineVoided: 'Line removed',
    ReceiptReprinted: 'Copy printed',
    PermissionRefused: 'Not permitted',
    OperatorLocked: 'Locked after wrong PINs',
    OperatorUnlocked: 'Lock lifted',
    ClockChanged: 'Clock changed',
    IncarnationBegun: 'Series begun',
    ForkSeen: 'Two devices as one till',
    ForeignWriteRefused: 'Foreign write refused',
    ClockOffsetSeen: 'Clock of another till',
    PeerPardoned: 'Barred till let back in',
    TamperingSeen: 'Changed file found',
    TamperingChecked: 'Changed files looked at',
  },
  /** How often somebody did it on a day. */
  times: {
    DrawerOpened: (count: number) =>
      plural(count, { one: 'drawer opened once', other: 'drawer opened # times' }),
    CartCancelled: (count: number) =>
      plural(count, { one: '# sale cancelled', other: '# sales cancelled' }),
    CartLineVoided: (count: number) =>
      plural(count, { one: '# line removed', other: '# lines removed' }),
    ReceiptReprinted: (count: number) =>
      plural(count, { one: '# copy printed', other: '# copies printed' }),
    PermissionRefused: (count: number) =>
      plural(count, { one: 'refused once', other: 'refused # times' }),
    OperatorLocked: (count: number) =>
      plural(count, { one: 'locked once', other: 'locked # times' }),
    OperatorUnlocked: (count: number) =>
      plural(count, { one: '# lock lifted', other: '# locks lifted' }),
  },
  says: {
    drawer: (reason: string) => `Drawer opened without a sale: ${reason}`,
    cancelled: (names: string, lines: number) =>
      `Sale cancelled before payment: ${plural(lines, { one: '# line', other: '# lines' })} (${names})`,
    removed: (goods: string) => `Taken out of an open sale: ${goods}`,
    putBack: (goods: string) => `Put back into the open sale: ${goods}`,
    copy: (copy: number, number: string) => `Copy ${copy} of ${number} printed`,
    clock: (from: string, to: string) => `The clock of this till was changed from ${from} to ${to}`,
    clockBehind: (from: string, to: string) =>
      `At its start the clock of this till showed ${to}, before its last entry of ${from}`,
    refused: (permission: string, times: number) =>
      times > 1 ? `Not permitted, ${times} times: ${permission}` : `Not permitted: ${permission}`,
    locked: (name: string) => `Ten wrong PINs for ${name}: locked`,
    unlocked: (name: string) => `The wait of ${name} after wrong PINs was lifted`,
    begun: (letter: string) => `The number series ${letter} begins`,
    begunAgain: (letter: string) =>
      `The number series ${letter} begins, because this directory is a copy, was restored or met its double`,
    fork: (till: string) => `Two devices write as ${till}`,
    foreign: (peer: string) => `Refused from ${peer}: it wrote what is not its own`,
    offset: (peer: string, seconds: number) =>
      `The clock of ${peer} is ${plural(Math.abs(seconds), { one: '# second', other: '# seconds' })} ${seconds < 0 ? 'behind' : 'ahead'}`,
    pardoned: (till: string) => `${till}, which was barred here, was let back in`,
    tampering: (sentence: string, where: string) => `${sentence} (${where})`,
    tamperingFound: 'Something is wrong with a file of this till.',
    tamperingChecked: (findings: number) =>
      plural(findings, {
        one: '# finding on the files of this till was looked at',
        other: '# findings on the files of this till were looked at',
      }),
    checked: (finding: string) => `Looked at: ${finding}`,
    noted: (said: string, note: string) => `${said}. Note: ${note}`,
    later: (type: string) => `${type}, of a later version: kept, not counted here`,
    unreadable: (type: string) => `${type}, which cannot be read: kept, not counted`,
  },
  permissions: {
    sell: 'sell',
    returnWithReceipt: 'take goods back',
    countStock: 'count stock',
    closeDay: 'close the day',
    openDrawer: 'open the drawer',
    reprintReceipt: 'print a copy',
    returnWithoutReceipt: 'take goods back without a receipt',
    returnAboveLimit: 'pay back more than a cashier may',
    overridePrice: 'type a price',
    giveDiscount: 'give a discount',
    adjustStock: 'adjust stock',
    adjustLedger: 'adjust the ledger',
    unlockOperator: 'lift a lock after wrong PINs',
    readJournal: 'read the journal',
    endSessions: 'end a session of somebody else',
    takeOverCart: 'take over a cart of a till that is gone',
    switchLinks: 'cut or heal links',
    pardonPeer: 'let a barred till back in',
    checkFindings: 'say that changed files were looked at',
    useHeadOffice: 'use head office',
    enrolTerminal: 'let a till join',
    revokeTerminal: 'revoke a till',
  },
} as const;
