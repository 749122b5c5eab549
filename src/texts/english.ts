/** Every text of the screens. A second language is a second set of files of the same shape. */
import type { Waiting } from '#lib/host/services.ts';
import type { LightWord } from '#lib/host/status-light.ts';
import { alarmTexts } from './english-alarms.ts';
import { checkTexts } from './english-checks.ts';
import { devicesTexts } from './english-devices.ts';
import { hqTexts } from './english-hq.ts';
import { hqTerminalTexts } from './english-hq-terminals.ts';
import { drawerTexts, journalTexts } from './english-journal.ts';
import { documentsTexts, stockTexts } from './english-pages.ts';
import { refusalTexts } from './english-refusals.ts';
import {
  approvalTexts,
  copiesTexts,
  keysTexts,
  payTexts,
  sellTexts,
  signInTexts,
} from './english-sell.ts';
import { cartsTexts, setupTexts } from './english-setup.ts';
import { releaseTexts } from './english-releases.ts';
import { syncTexts } from './english-sync.ts';
import { pluralIn } from './plural.ts';

/** What a sentence beside the light may name: what waits, terminals that are not linked. */
type LightDetail = { readonly waiting: Waiting; readonly gone: string };
type Lights = Readonly<Record<LightWord, string>>;
type LightSentences = Readonly<Record<LightWord, (detail: LightDetail) => string>>;

const plural = pluralIn('en');

export const texts = {
  language: 'en',
  /** For `Intl`: dates and figures as this shop's country writes them. */
  locale: 'en-GB',
  title: (store: string, terminal: string) => `${store} · ${terminal} · Tillmesh`,
  product: 'Tillmesh',
  roles: { register: 'Register', relay: 'Head office relay' },
  /** A word that only the other kind of process can have is empty. */
  lights: {
    complete: 'All sent',
    sending: 'Sending',
    tillAway: 'Not all linked',
    lan: 'Shop network only',
    aloneSafe: 'No links',
    alone: 'Alone',
    stuck: '',
  } satisfies Lights,
  relayLights: {
    complete: 'All archived',
    sending: 'Archiving',
    tillAway: 'Not all linked',
    lan: '',
    aloneSafe: 'No links',
    alone: '',
    stuck: 'Not archiving',
  } satisfies Lights,
  lost: 'No connection',
  lostLight: 'This page has lost its till: what it shows is what the till said last.',
  lightSentences: {
    complete: () => 'Everything recorded here is in the archive of head office.',
    sending: ({ waiting: { forHq, forArchive } }) =>
      forHq > 0
        ? `Head office is linked; ${plural(forHq, { one: '# document is', other: '# documents are' })} on the way to it.`
        : `${plural(forArchive, { one: '# document is', other: '# documents are' })} at head office and on the way to its archive.`,
    tillAway: ({ gone }) =>
      `Everything recorded here is at head office. No link to ${gone}: what is sold there is not seen here.`,
    lan: () => 'Head office is out of reach. Selling goes on; everything is sent when it is back.',
    aloneSafe: () =>
      'No other till and no head office is linked. Selling goes on; whatever was recorded here has a copy elsewhere.',
    alone: ({ waiting: { onlyHere } }) =>
      `No other till and no head office is linked, and ${plural(onlyHere, { one: '# document exists', other: '# documents exist' })} on this disk only. Selling goes on; keep this till running.`,
    stuck: () => '',
  } satisfies LightSentences,
  relayLightSentences: {
    complete: () => 'All known registers are linked, and all that has arrived is in the archive.',
    sending: ({ waiting: { forArchive } }) =>
      `${plural(forArchive, { one: '# entry that has arrived waits', other: '# entries that have arrived wait' })} for the archive.`,
    tillAway: ({ gone }) => `No link to ${gone}: what is sold there is not here yet.`,
    lan: () => '',
    aloneSafe: () => 'No register is linked at the moment.',
    alone: () => '',
    stuck: ({ waiting: { forArchive } }) =>
      `The archive takes nothing in, and ${plural(forArchive, { one: '# entry waits', other: '# entries wait' })} on this disk. Selling goes on; look at the database.`,
  } satisfies LightSentences,
  andMore: (names: string, more: number) => `${names} and ${plural(more, { other: '# more' })}`,
  linked: 'Linked',
  peers: {
    tills: (count: number) => plural(count, { one: '# till', other: '# tills' }),
    hq: 'HQ',
    noHq: 'HQ away',
    waiting: (count: number) => `${plural(count, { other: '#' })} waiting`,
  },
  flags: (count: number) =>
    plural(count, { one: '# flag to look at', other: '# flags to look at' }),
  units: {
    kilograms: (quantity: string) => `${quantity} kg`,
    seconds: (count: number) => plural(count, { one: '# second', other: '# seconds' }),
    minutes: (count: number) => plural(count, { one: '# minute', other: '# minutes' }),
  },
  tenders: { cash: 'Cash', card: 'Card', voucher: 'Voucher' },
  documentTypes: {
    SaleCompleted: 'Sale',
    ReturnCompleted: 'Return',
    StockAdjusted: 'Stock adjustment',
    LedgerAdjusted: 'Ledger adjustment',
    StockCounted: 'Stock count',
    DayClosed: 'Day closing',
  },
  shell: {
    skip: 'To the content',
    loading: 'Loading the page',
    pages: 'Pages',
    menu: 'Menu',
    operator: (name: string) => `${name}: operator and settings`,
    page: (name: string, store: string, terminal: string) => `${name} · ${store} · ${terminal}`,
    lock: 'Lock',
    switchOperator: 'Switch operator',
    theme: 'Colours',
    themes: { auto: 'As the machine', light: 'Light', dark: 'Dark' },
    sounds: 'Sounds',
    commandMenu: 'Go to',
    commandSearch: 'Page, action or document number',
    commandNothing: 'Nothing is called that.',
    commandDocument: (number: string) => `Open ${number}`,
    asOf: (time: string) => `As of ${time}: this page has lost its till`,
  },
  keypad: { back: 'Delete the last digit' },
  faults: {
    noAnswer: 'The till does not answer. Check that it is running, then try again.',
    signedOut: 'Sign in again to go on.',
    tryAgain: 'Try again',
  },
  refusals: refusalTexts,
  signIn: signInTexts,
  sell: sellTexts,
  pay: payTexts,
  approval: approvalTexts,
  keys: keysTexts,
  copiesOf: copiesTexts,
  stock: stockTexts,
  documentPages: documentsTexts,
  drawer: drawerTexts,
  journal: journalTexts,
  sync: syncTexts,
  setup: setupTexts,
  carts: cartsTexts,
  devices: devicesTexts,
  alarms: alarmTexts,
  checks: checkTexts,
  hq: hqTexts,
  hqTerminal: hqTerminalTexts,
  releases: releaseTexts,
  live: 'Live',
  connecting: 'Connecting',
  /** Goes on after `lost`. */
  stale: {
    register: (time: string) => `to this till since ${time}. Below is what it said last.`,
    relay: (time: string) => `to this relay since ${time}. Below is what it said last.`,
  },
  sections: {
    figures: 'Figures',
    copies: 'Where the entries of this till are',
    peers: 'Links',
    journals: 'What each till has recorded',
    flags: 'Flags to look at',
    archive: 'Archive',
    identity: 'Who this is',
  },
  figures: {
    documents: 'Documents',
    lines: 'Lines',
    total: 'Total',
    stockHash: 'Fingerprint of the stock',
    counts:
      'Documents: all that are known here, of every kind and day: sales, returns, adjustments, counts, day closings. “Sales and returns today” of head office counts those two alone, of one day, in all stores.',
    stockHashMeaning: 'Tills with the same fingerprint have the same stock (stock hash).',
  },
  copies: {
    here: 'On this till',
    onPeers: 'On another till',
    atHq: 'At head office',
    archived: 'Archived',
    entries: (count: string, of: string) => `${count} of ${of}`,
  },
  statusPage: {
    title: 'Technical status',
    lead: 'For whoever looks after the machines. For selling nothing here has to be understood.',
    backToSync: 'Sync',
    backToStores: 'Stores',
  },
  columns: {
    peer: 'Terminal',
    link: 'Link',
    journal: 'Till',
    entries: 'Entries',
    archived: 'Archived',
    tip: 'Last entry',
    kind: 'Kind',
    count: 'Open',
  },
  notLinked: 'Not linked',
  notLinkedSince: (time: string) => `Not linked since ${time}`,
  noPeers:
    'No other process is known yet. Registers find each other on the shop network by themselves.',
  noJournals: 'Nothing has been recorded yet.',
  noFlags: 'Nothing to look at.',
  noArchive: 'The archive has not reported yet.',
  archivingStates: {
    archiving: 'Archiving',
    unreachable: 'The database does not answer',
    fenced: 'Another relay works on this database',
    failing: 'The database refuses; the log of this relay says why',
  },
  waitingSince: 'Waiting since',
  waitingEntries: (count: string) => `${count} waiting`,
  archiveLine: (archive: string, generation: string) =>
    `Archive ${archive}, generation ${generation}`,
  identity: {
    store: 'Store',
    terminal: 'Terminal',
    incarnation: 'This life of it (incarnation)',
    letter: 'Letter in its document numbers',
    version: 'Version',
  },
  error: {
    heading: 'This page cannot be shown',
    notFound: 'There is no page at this address.',
    unexpected: 'Something went wrong here. Load the page again; if it stays, run tillmesh doctor.',
    back: 'Back to the first page',
    backWhence: 'Back to where I was',
  },
} as const;
