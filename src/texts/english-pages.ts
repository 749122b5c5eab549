/** English texts of stock, documents and the mesh. */
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');

export const stockTexts = {
  title: 'Stock',
  search: 'Name, code or barcode',
  columns: {
    name: 'Product',
    sku: 'Code',
    department: 'Department',
    price: 'Price',
    here: 'In stock',
  },
  nothingFound: (query: string) => `Nothing is called “${query}”.`,
  empty: 'No products yet. They come with the first release from head office.',
  shown: (count: number) => plural(count, { one: '# product shown', other: '# products shown' }),
  more: 'More are there: search to narrow down.',
  negative: 'Below zero: count the shelf',
  none: 'Sold out',
  card: {
    back: 'All stock',
    inStock: 'In stock',
    price: 'Price',
    department: 'Department',
    barcodes: 'Barcodes',
    batches: 'Batches',
    movements: 'Movements',
    noMovements: 'Nothing has moved since the first entry.',
    columns: {
      when: 'When',
      what: 'What',
      document: 'Document',
      till: 'Till',
      operator: 'Person',
      change: 'Change',
      balance: 'After',
    },
    older: 'Show older',
  },
} as const;

export const documentsTexts = {
  title: 'Documents',
  find: 'Find by number',
  open: 'Open',
  unknown: (number: string) =>
    `This till does not know ${number}. Check the number; it may not have arrived here yet.`,
  empty: 'No document yet. The first sale will stand here.',
  columns: {
    number: 'Number',
    kind: 'Kind',
    when: 'When',
    till: 'Till',
    operator: 'Person',
    lines: 'Lines',
    total: 'Total',
  },
  receipt: {
    back: 'All documents',
    businessDay: 'Business day',
    time: 'Time',
    till: 'Till',
    operator: 'Served by',
    lines: 'Lines',
    total: 'Total',
    rounding: 'Rounding',
    taxes: 'Taxes',
    taxRow: (percent: string, net: string) => `${percent} on ${net}`,
    paid: 'Paid with',
    given: (amount: string) => `${amount} given`,
    change: 'Change',
    reason: 'Reason',
    copies: 'Where it is kept',
    of: 'Return of',
    returned: (quantity: string) => `${quantity} came back`,
    allReturned: 'All came back',
    takeBack: 'Take goods back',
    nothingLeft: 'Everything on this receipt has come back.',
  },
  returns: {
    title: (number: string) => `Return of ${number}`,
    lead: 'Choose what comes back. The money goes back as the receipt charged it.',
    all: 'Everything',
    none: 'Nothing',
    sold: (quantity: string) => `${quantity} sold`,
    left: (quantity: string) => `${quantity} can come back`,
    restock: 'The goods go back on the shelf',
    refundWith: 'Money back with',
    refund: 'Pay back',
    refundOf: (amount: string) => `Pay back ${amount}`,
    choose: 'Choose at least one line.',
    saved: (number: string) => `Saved ${number}`,
    about: 'About',
    less: 'One less',
    more: 'One more',
  },
} as const;

export const syncTexts = {
  title: 'Sync',
  safe: (tills: number) =>
    tills <= 1
      ? 'Everything recorded here is at head office.'
      : plural(tills, {
          one: 'Everything is on # till.',
          other: 'Everything is on at least # tills.',
        }),
  onlyHere: (count: number) =>
    plural(count, {
      one: '# document exists on this till only. Keep this till running until another one has it.',
      other:
        '# documents exist on this till only. Keep this till running until another one has them.',
    }),
  waitingForHq: (count: number) =>
    plural(count, {
      one: '# document waits for head office.',
      other: '# documents wait for head office.',
    }),
  waitingForArchive: (count: number) =>
    plural(count, {
      one: '# document is at head office and waits for the archive.',
      other: '# documents are at head office and wait for the archive.',
    }),
  allArchived: 'Everything is archived at head office.',
  mesh: 'Network',
  meshPicture: (linked: number, of: number) => `This till, linked to ${linked} of ${of} others.`,
  thisTill: 'This till',
  peers: 'Links',
  noPeers:
    'No other till and no head office is known yet. They find each other on the shop network by themselves.',
  columns: {
    peer: 'Who',
    link: 'Link',
    delay: 'Delay',
    clock: 'Clock',
    version: 'Version',
    waiting: 'Waiting',
    action: 'Action',
  },
  linked: 'Linked',
  notLinked: 'No answer',
  cut: 'Cut by hand',
  milliseconds: (count: string) => `${count} ms`,
  cutAction: 'Cut the link',
  cutMeaning: 'Nothing goes to or comes from it until the link is mended.',
  healAction: 'Mend the link',
  events: 'What happened',
  filter: 'Filter',
  allEvents: 'All kinds',
  noEvents: 'Nothing has happened since this till was started.',
  export: 'Save as a file',
  figures: 'All figures of this till',
  relay: 'Head office',
} as const;
