/** English texts of the mesh: links, what waits, what happened. */
import type { DialCauseView, MeshNews, NewsOf, RefusedView } from '#lib/host/mesh-news.ts';
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');

/** What each kind of news says; `span` writes a length of time in this language. */
type NewsTexts = {
  readonly [Kind in MeshNews['kind']]: (
    news: NewsOf<Kind>,
    write: {
      readonly span: (ms: number) => string;
      readonly count: (count: number) => string;
      readonly moment: (ms: number) => string;
      /** Why head office revoked a till: `it was lost`. */
      readonly because: (reason: string) => string;
    },
  ) => string;
};

const causes: Readonly<Record<DialCauseView, (at: string) => string>> = {
  noAnswer: (at) => `No answer at ${at}`,
  nothingListens: (at) => `Nothing listens at ${at}`,
  nameUnknown: (at) => `The name of ${at} is not known on this network`,
  noWay: (at) => `This machine has no way to ${at}`,
  notTls: (at) => `Something else than a till answers at ${at}`,
  otherCompany: (at) => `Certificate from another company at ${at}`,
  badCertificate: (at) => `No valid certificate at ${at}`,
  otherTill: (at) => `Another till answers at ${at}`,
  turnedAway: (at) => `${at} refuses the certificate of this till`,
  refused: (at) => `${at} gives this till no link`,
  revoked: (at) => `${at} says that head office has revoked this till`,
  ended: (at) => `The link to ${at} breaks off`,
  failed: (at) => `Cannot reach ${at}`,
};

const refusedBecause: Readonly<Record<RefusedView, string>> = {
  barred: 'Barred: it sent what no honest till sends',
  'not admitted': 'Refused: its certificate is not one of this shop',
  revoked: 'Refused: head office has revoked it',
  cut: 'Cut by hand',
  pausing: 'Paused after too many messages',
  'too many greeting': 'Refused: too many at once',
  'greeting took too long': 'Refused: it said nothing in time',
  version: 'Refused: its version speaks another language',
  self: 'That is this till itself',
  'identity in use': 'Refused: another device uses this identity',
  'no sign of life': 'No sign of life',
};

const broken = (code?: string): string =>
  code === undefined
    ? 'Something went wrong; the log says more.'
    : `Something went wrong (${code}); the log says more.`;

const news: NewsTexts = {
  listening: ({ port }) => `Listens for other tills on port ${port}.`,
  notListening: ({ code }) => `Other tills cannot reach this one (${code}).`,
  linked: () => 'Linked.',
  unlinked: () => 'The link ended.',
  turnedAway: ({ revoked, identity }) => {
    if (revoked === true) return 'It says that head office has revoked this till.';
    if (identity === true) return 'It says that another device is at work as this till.';
    return 'It wants no link with this till.';
  },
  dialFailed: ({ host, port, cause }) => `${causes[cause](`${host}:${port}`)}.`,
  refused: ({ why }) => `${refusedBecause[why]}.`,
  hostile: ({ code }) =>
    `Sent what no honest till sends (${code}): it is barred until a person lets it back.`,
  storm: ({ pauseMs }, { span }) => `Sent too many messages: a pause of ${span(pauseMs)}.`,
  reset: () => 'Began the link anew, because it made no progress.',
  slow: () => 'Did not read what was sent: the link began anew.',
  peerError: () => 'Ended the link with an error.',
  doubleIdentity: () => 'Two devices use this identity: one of them is a copy.',
  unknownType: () => 'Speaks of things that this version does not know.',
  damaged: () => 'A damaged file was set aside; its contents come back from other tills.',
  storage: () => 'A file of a document was not what it should be.',
  invalidRecord: ({ list }) => `A record of the list “${list}” was not valid and does not count.`,
  clockOffset: ({ offsetMs }, { span }) =>
    offsetMs > 0
      ? `Its clock is ${span(offsetMs)} ahead of this one.`
      : `Its clock is ${span(-offsetMs)} behind this one.`,
  clockTooFar: ({ writer }) => `An entry of ${writer} is too far ahead of this clock.`,
  forked: ({ writer }) => `${writer} exists twice: both sides are kept.`,
  revoked: ({ writer, reason, atMs }, { moment, because }) =>
    `Head office revoked ${writer} on ${moment(atMs)}, because ${because(reason)}: it gets no link any more.`,
  incarnationBegun: ({ reason }) =>
    ({
      enrolled: 'This till began its first series of numbers.',
      copied: 'This till was copied: it began a new series of numbers.',
      restored: 'This till was restored from a backup: it began a new series of numbers.',
      forked: 'Another device had gone on as this till: it began a new series of numbers.',
    })[reason],
  release: ({ n, products }, { count }) =>
    `Release ${n} of head office is in force (${count(products)} products).`,
  fault: ({ code }) => broken(code),
  error: ({ code }) => broken(code),
};

export const syncTexts = {
  causes,
  refusedBecause,
  news,
  /** Of a later version than this page. */
  unknownNews: (kind: string) => `Something that this page has no words for (${kind}).`,
  title: 'Sync',
  /** In place of all that is said of a till that sells. */
  revoked:
    'Head office has revoked this till: nothing is recorded here any more, and no other till gives it a link.',
  allSafe: 'Every document of this till is on another till or at head office.',
  allArchived: 'Everything recorded on this till is in the archive of head office.',
  onlyHere: (count: number) =>
    plural(count, {
      one: '# document exists on this till only. Keep it running until another one has it.',
      other: '# documents exist on this till only. Keep it running until another one has them.',
    }),
  waitingForHq: (count: number) =>
    plural(count, {
      one: '# document waits for head office',
      other: '# documents wait for head office',
    }),
  hqAway: (since: string) => `, which has been away since ${since}.`,
  hqAwayUnknown: ', which is out of reach.',
  hqHere: ', which is linked: it is on the way.',
  hqAwayNothing: (since: string) =>
    `Head office has been away since ${since}. Selling goes on; what is sold is sent when it is back.`,
  hqAwayNothingUnknown:
    'Head office is out of reach. Selling goes on; what is sold is sent when it is back.',
  waitingForArchive: (count: number) =>
    plural(count, {
      one: '# document is at head office and waits for the archive.',
      other: '# documents are at head office and wait for the archive.',
    }),
  mesh: 'Network',
  meshPicture: (linked: number, of: number) => `This till, linked to ${linked} of ${of} others.`,
  notDrawn: (count: number) =>
    plural(count, { one: '# more till in the table.', other: '# more tills in the table.' }),
  thisTill: 'This till',
  ownVersion: (version: string) => `Tillmesh ${version}`,
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
    last: 'Last news',
    action: 'Action',
  },
  linked: 'Linked',
  notLinked: 'No answer',
  notLinkedSince: (time: string) => `Away since ${time}`,
  cut: 'Cut by hand',
  cutBy: (name: string, time: string) => `Cut by ${name} at ${time}`,
  hqCut: (by: string) =>
    `: ${by.charAt(0).toLowerCase()}${by.slice(1)}. Mend the link, and they are sent.`,
  hqCutNothing: (by: string) =>
    `Head office: ${by.charAt(0).toLowerCase()}${by.slice(1)}. Selling goes on; what is sold is sent when the link is mended.`,
  milliseconds: (count: string) => `${count} ms`,
  clockAhead: (time: string) => `${time} ahead`,
  clockBehind: (time: string) => `${time} behind`,
  clockSame: 'Same',
  clockStates: {
    wrong: (off: string) => `Its clock is wrong: ${off}.`,
    unclear: (off: string) => `Its clock differs (${off}); which one is wrong is not clear.`,
  },
  waitingFor: (count: number) => plural(count, { one: '# document', other: '# documents' }),
  attempts: (count: number) => plural(count, { one: '# time', other: '# times' }),
  tries: (count: number) => plural(count, { one: '# try', other: '# tries' }),
  nextTry: (time: string) => `next one at ${time}`,
  trying: 'trying now',
  noAddress: 'No address of it is known: this till waits until it calls',
  pardonAdvice: 'It is let back in below, once somebody has looked at it.',
  addresses: 'Addresses without an answer',
  addressesMeaning: 'Given to this till; whose they are is known once somebody answers there.',
  cutAction: 'Cut the link',
  cutMeaning: (peers: string) => `Nothing goes to or comes from ${peers} until the link is mended.`,
  cutOf: (peer: string) => `Cut the link to ${peer}`,
  healAction: 'Mend the link',
  healOf: (peer: string) => `Mend the link to ${peer}`,
  copies: 'Where the documents of this till are',
  copiesRows: {
    onlyHere: 'On this till only',
    forHq: 'Not yet at head office',
    forArchive: 'Not yet in the archive',
  },
  events: 'What happened',
  eventColumns: { when: 'When', who: 'Who', what: 'What' },
  filter: 'Show',
  allEvents: 'Everything',
  everybody: 'Everybody',
  noEvents: 'Nothing has happened since this till was started.',
  noneOfKind: 'Nothing of that kind has happened since this till was started.',
  kinds: {
    link: 'Links',
    trouble: 'Trouble',
    data: 'Data',
    other: 'Other',
  },
  export: 'Save as a file',
  exportName: (terminal: string, day: string) => `tillmesh-events-${terminal}-${day}.csv`,
  figures: 'Technical status',
  headOffice: 'Head office',
} as const;
