/** Every text of the screens. A second language is a second file of the same shape. */
export const texts = {
  language: 'en',
  title: (store: string, terminal: string) => `${store} · ${terminal} · Tillmesh`,
  product: 'Tillmesh',
  roles: { register: 'Register', relay: 'Head office relay' },
  lights: {
    complete: 'All sent',
    sending: 'Sending',
    lan: 'Shop network only',
    alone: 'Alone',
  },
  lightSentences: {
    complete: 'Everything recorded here is at head office too.',
    sending: 'Head office is linked and is taking in what is new.',
    lan: 'Head office is out of reach. Selling goes on; everything is sent when it is back.',
    alone: 'No other till and no head office is linked. Selling goes on and is kept on this disk.',
  },
  relayLights: {
    complete: 'At least one register is linked.',
    alone: 'No register is linked at the moment.',
  },
  live: 'Live',
  connecting: 'Connecting',
  stale: (time: string) => `This page has lost its connection. Shown as of ${time}.`,
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
  noPeers:
    'No other process is known yet. Registers find each other on the shop network by themselves.',
  noJournals: 'Nothing has been recorded yet.',
  noFlags: 'Nothing to look at.',
  noArchive: 'The archive has not reported yet.',
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

/** `over-refund` or `overRefund` → `Over refund`. */
export function formatKind(kind: string): string {
  const words = kind
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[-_]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
