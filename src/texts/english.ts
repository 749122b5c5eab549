/** Every text of the screens. A second language is a second file of the same shape. */
import type { Light } from '../screens/light.ts';

/** What a sentence beside the light may name: entries that wait, terminals that are not linked. */
type LightDetail = { readonly waiting: number; readonly gone: string };
type LightSentences = Readonly<Record<Light, (detail: LightDetail) => string>>;

export const texts = {
  language: 'en',
  title: (store: string, terminal: string) => `${store} · ${terminal} · Tillmesh`,
  product: 'Tillmesh',
  roles: { register: 'Register', relay: 'Head office relay' },
  lights: {
    complete: 'All sent',
    sending: 'Sending',
    apart: 'Not all linked',
    lan: 'Shop network only',
    alone: 'Alone',
    stuck: '',
  },
  relayLights: {
    complete: 'All archived',
    sending: 'Archiving',
    apart: 'Not all linked',
    lan: 'Shop network only',
    alone: 'Alone',
    stuck: 'Not archiving',
  },
  lost: 'No connection',
  lightSentences: {
    complete: () => 'Everything recorded here is at head office too.',
    sending: ({ waiting }) =>
      `Head office is linked; ${waiting === 1 ? '1 entry is' : `${formatCount(waiting)} entries are`} on the way to it.`,
    apart: ({ gone }) =>
      `Everything recorded here is at head office. No link to ${gone}: what is sold there is not seen here.`,
    lan: () => 'Head office is out of reach. Selling goes on; everything is sent when it is back.',
    alone: () =>
      'No other till and no head office is linked. Selling goes on and is kept on this disk.',
    stuck: () => '',
  } satisfies LightSentences,
  relayLightSentences: {
    complete: () => 'All known registers are linked, and all that has arrived is in the archive.',
    sending: ({ waiting }) =>
      `${waiting === 1 ? '1 entry that has arrived waits' : `${formatCount(waiting)} entries that have arrived wait`} for the archive.`,
    apart: ({ gone }) => `No link to ${gone}: what is sold there is not here yet.`,
    lan: () => '',
    alone: () => 'No register is linked at the moment.',
    stuck: ({ waiting }) =>
      `The archive takes nothing in, and ${waiting === 1 ? '1 entry waits' : `${formatCount(waiting)} entries wait`} on this disk. Selling goes on; look at the database.`,
  } satisfies LightSentences,
  live: 'Live',
  connecting: 'Connecting',
  /** Goes on after `lost`. */
  stale: {
    register: (time: string) => `to this till since ${time}. Below is what it said last.`,
    relay: (time: string) => `to this relay since ${time}. Below is what it said last.`,
  },
  sections: {
    figures: 'Figures',
    copies: 'Where the own entries are',
    peers: 'Links',
    journals: 'Journals here',
    flags: 'Flags to look at',
    archive: 'Archive',
    identity: 'Identity',
  },
  figures: {
    documents: 'Documents',
    lines: 'Lines',
    total: 'Total',
    stockHash: 'Stock hash',
  },
  copies: {
    here: 'On this till',
    onPeers: 'On another till',
    atHq: 'At head office',
    archived: 'Archived',
    entries: (count: string, of: string) => `${count} of ${of}`,
  },
  columns: {
    peer: 'Process',
    link: 'Link',
    journal: 'Journal',
    entries: 'Entries',
    archived: 'Archived',
    tip: 'Last entry',
    kind: 'Kind',
    count: 'Open',
  },
  linked: 'Linked',
  notLinked: 'Not linked',
  notLinkedSince: (time: string) => `Not linked since ${time}`,
  noPeers:
    'No other process is known yet. Registers find each other on the shop network by themselves.',
  noJournals: 'Nothing has been recorded yet.',
  noFlags: 'Nothing to look at.',
  noArchive: 'The archive has not reported yet.',
  archivingStates: {
    archiving: 'Takes everything in',
    unreachable: 'The database does not answer',
    fenced: 'Another relay works on this database',
    failing: 'The database refuses; the log of this relay says why',
  },
  waitingSince: 'Waiting since',
  waitingEntries: (count: string) => `${count} waiting`,
  archiveLine: (archive: string, generation: string) => `${archive}, generation ${generation}`,
  identity: {
    store: 'Store',
    terminal: 'Terminal',
    incarnation: 'Incarnation',
    letter: 'Letter',
    version: 'Version',
  },
  error: {
    heading: 'This page cannot be shown',
    notFound: 'There is no page at this address.',
    unexpected: 'Something went wrong here. Load the page again; if it stays, run tillmesh doctor.',
    back: 'Back to the status page',
  },
} as const;

const numbers = new Intl.NumberFormat(texts.language);

/** `748957.02` → `748,957.02`: a decimal string with its digits kept exactly. */
export function formatAmount(decimal: string): string {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(decimal);
  if (!match?.[2]) return decimal;
  return `${match[1] ? '−' : ''}${numbers.format(BigInt(match[2]))}${match[3] ?? ''}`;
}

export function formatCount(count: number): string {
  return numbers.format(count);
}

export function formatTime(wallMs: number): string {
  return new Intl.DateTimeFormat(texts.language, { timeStyle: 'medium' }).format(wallMs);
}

/** With its day when that is another one than today. */
export function formatMoment(wallMs: number, nowMs: number): string {
  const day = new Intl.DateTimeFormat(texts.language, { dateStyle: 'medium' });
  const isToday = day.format(wallMs) === day.format(nowMs);
  return isToday ? formatTime(wallMs) : `${day.format(wallMs)}, ${formatTime(wallMs)}`;
}

/** `S01-T2, S01-T3 and 4 more`. */
export function formatNames(names: readonly string[]): string {
  const [shown, more] = [names.slice(0, 3).join(', '), names.length - 3];
  return more > 0 ? `${shown} and ${formatCount(more)} more` : shown;
}

/** `over-refund` or `overRefund` → `Over refund`. */
export function formatKind(kind: string): string {
  const words = kind
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[-_]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
