/** English texts of what a self-test or the doctor looked at, what it found, and what to do about it. */
import type { CheckName, CheckState, Found } from '#lib/host/checks/check.ts';

type Of<Kind extends Found['found'], All = Found> = All extends { readonly found: infer Kinds }
  ? Kind extends Kinds
    ? All
    : never
  : never;
/** How this language writes a figure, a length of time, a day. */
export type Writing = {
  readonly count: (count: number) => string;
  readonly span: (ms: number) => string;
  readonly day: (wallMs: number) => string;
};
type FoundTexts = {
  readonly [Kind in Found['found']]: (found: Of<Kind>, write: Writing) => string;
};
type TodoTexts = { readonly [Kind in Found['found']]?: (state: CheckState) => string };

const names: Readonly<Record<CheckName, string>> = {
  'own-port': 'Other tills reach this one',
  'own-tls': 'Its links are encrypted',
  address: 'Address on the network',
  certificate: 'Identity of this till',
  'relay-name': 'Name of head office',
  'relay-port': 'Way to head office',
  'relay-tls': 'The link to head office is encrypted',
  clock: 'Clock',
  'disk-space': 'Disk',
  witness: 'Guard against old backups',
  figures: 'Stock and sums',
};

const found: FoundTexts = {
  space: ({ freeBytes }, { count }) => `${count(Math.floor(freeBytes / 1024 / 1024))} MB free`,
  notEnrolled: () => 'not enrolled',
  nothingRecorded: () => 'enrolled, nothing recorded yet',
  identity: ({ principal, notAfterMs }, { day }) =>
    `issued by this company, valid until ${day(notAfterMs)} (${principal})`,
  identityOver: ({ principal, notAfterMs }, { day }) => `${principal} ran until ${day(notAfterMs)}`,
  identityBroken: ({ code }) => `the certificates do not fit together (${code})`,
  name: ({ host, address }) => `${host} is ${address}`,
  noName: ({ host, code }) => `${host} is not known on this network (${code})`,
  answers: ({ at }) => `${at} answers`,
  silent: ({ at, code }) => `${at} does not answer (${code})`,
  protocol: ({ at, protocol }) => `${at} speaks ${protocol}`,
  noTls: ({ at, code }) => `no TLS at ${at} (${code})`,
  ownHandshake: ({ protocol }) => `yes (${protocol})`,
  ownHandshakeOfAnother: ({ at }) => `another till answers at ${at}`,
  addresses: ({ addresses }) => addresses.join(', '),
  noAddress: () => 'this machine is on no network',
  loopbackOnly: () => 'other machines cannot reach this till',
  oneMachine: () => 'shop and head office are on this one machine, as in a sample shop',
  clock: ({ of, offMs }, { span }) =>
    offMs < 2_000 ? `as that of ${of}` : `${span(offMs)} apart from that of ${of}`,
  noClock: ({ of }) => `${of} does not say its time`,
  nobodyToCompare: () => 'no other till is linked to compare with',
  noRelay: () => 'no address of head office is known here',
  witness: ({ seq }, { count }) => `knows the last entry, ${count(seq)}`,
  witnessBehind: () => 'does not know the last entry',
  figures: () => 'hold everything that was recorded',
  figuresBehind: ({ journals }, { count }) =>
    `do not hold all that ${count(journals)} tills have recorded`,
  tookTooLong: () => 'no result in time',
  broke: ({ code }) => `could not be looked at (${code})`,
};

/** For whatever is not well. */
const todo: TodoTexts = {
  space: (state) => (state === 'fail' ? 'free some space now' : 'free some space soon'),
  notEnrolled: () => 'enrol a register with --join CODE@HOST:PORT',
  nothingRecorded: () => 'start the register once',
  identityOver: () =>
    'look at the clock first; if it is right, enrol again with a new join code. Tills go on together, head office may refuse',
  identityBroken: () =>
    'enrol again with a new join code: the journals come back from peers. If the files cannot be read, let the user who runs Tillmesh read them',
  noName: () => 'check the name, or give the address instead',
  silent: () => 'check that it runs, and the firewalls between',
  protocol: () => 'something between speaks an older TLS: let it pass the port on',
  noTls: () => 'something else answers there: name the sync port (a relay’s is 3001)',
  ownHandshakeOfAnother: () => 'two tills share an address: give each its own',
  noAddress: () => 'plug the network in, or join the wireless network; selling goes on without',
  loopbackOnly: () =>
    'whoever set this till up can let the others in: start it with --mesh 0.0.0.0:4101',
  clock: () => 'set the clock: stock counts are ordered by it when tills had not seen each other',
  noClock: () => 'compare by hand',
  noRelay: () => 'enrol with a join code of head office, if there is one',
  witnessBehind: () =>
    'check the directory of the witness: a restored backup would go unnoticed by this till alone',
  figuresBehind: () => 'stop the till and run "tillmesh verify"',
  tookTooLong: () => 'try again; if it stays, restart the till',
  broke: () => 'let the user who runs Tillmesh read and write it; the log says more',
};

export const checkTexts = {
  names,
  found,
  todo,
  title: 'Self-test',
  lead: 'Looks at what usually breaks: port, certificate, the way to head office, clocks, disk.',
  start: 'Run the self-test',
  again: 'Run it again',
  running: (done: number, of: number) => `Looking: ${done} of ${of}`,
  looking: 'Looking',
  states: { ok: 'Fine', warn: 'Look at it', fail: 'Broken' },
  allFine: (time: string) => `All is well, ${time}.`,
  notFine: (time: string) => `Something needs a look, ${time}.`,
} as const;
