/**
 * Attacks on a desk, by name: each gives the changes that an intruder sends about it. `theirs` is an honest till with a cart
 * in the desk, of which everything but its key is known.
 */
import * as A from '@automerge/automerge';
import type { ListDocument } from '#lib/documents/genesis.ts';
import type { ErrorCode } from '#lib/domain/errors.ts';
import type { SeriesLetter } from '#lib/domain/ids.ts';
import { limits } from '#lib/domain/limits.ts';
import { canonicalText } from '#lib/journal/canonical-json.ts';
import { withMessage } from '#lib/journal/change-message.ts';
import { rosterRecord } from '#lib/replica/keyring.ts';
import { signedEdit } from '#lib/replica/signed-edit.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { bomb, compressed, inflating } from './bombs.ts';
import { deskOf, DeskScribe } from './desk-scribe.ts';
import { plainChange } from './forgeries.ts';

export type DeskTarget = {
  /** Writes with the intruder's key. */
  readonly mine: DeskScribe;
  readonly theirs: DeskScribe;
  /** Of a company that made itself up. */
  readonly rogue: NewIncarnation;
  /** Of the company, at another store. */
  readonly foreign: NewIncarnation;
  readonly hq: NewIncarnation;
  /** The desk as it is at the victim. */
  readonly doc: A.Doc<ListDocument>;
};
type Attack = readonly [
  name: string,
  code: ErrorCode,
  make: (target: DeskTarget) => readonly Uint8Array[],
];

const text = (json: string): Uint8Array => new TextEncoder().encode(json);
const chainOf = ({ chain }: NewIncarnation) => rosterRecord(chain, 'A' as SeriesLetter);
/** A change of the whole document by Automerge, signed with the intruder's key. */
const edited = (
  { mine, doc }: DeskTarget,
  edit: (doc: ListDocument) => void,
): readonly Uint8Array[] => [
  signedEdit(
    A.clone(doc, { actor: mine.actor }),
    mine.rule.name,
    mine.who.signer,
    edit,
    chainOf(mine.who),
  ),
];
/** An edit in another form than the one that there is. */
const malformed = (what: string, blob: (honest: string) => Uint8Array): Attack => [
  what,
  'ENTRY_MALFORMED',
  ({ mine }) => [
    mine.forge({
      blob: blob(
        `{"at":"0123456789abcdef","by":"ann","cart":"${mine.cart}","state":"open","terminal":"${mine.who.identity.terminal}","v":1}`,
      ),
    }).bytes,
  ],
];

export const deskAttacks: readonly Attack[] = [
  [
    'an edit that nobody signed',
    'ENTRY_MALFORMED',
    ({ mine }) => [withMessage(mine.write().bytes, '')],
  ],
  [
    'an edit by Automerge itself',
    'CHANGE_NOT_CANONICAL',
    ({ mine, doc }) => [plainChange(doc, mine.actor, ({ entries }) => entries.push(text('{}')))],
  ],
  [
    'an edit deleted',
    'CHANGE_NOT_CANONICAL',
    (target) => edited(target, (doc) => doc.entries.splice(0, 1)),
  ],
  [
    'an edit overwritten',
    'CHANGE_NOT_CANONICAL',
    (target) => edited(target, (doc) => void (doc.entries[0] = text('{}'))),
  ],
  [
    'the list replaced',
    'CHANGE_NOT_CANONICAL',
    (target) => edited(target, (doc) => void (doc.entries = [])),
  ],
  [
    'another key beside the list',
    'CHANGE_NOT_CANONICAL',
    (target) => edited(target, (doc) => Object.assign(doc, { prices: 'mine' })),
  ],
  [
    'an edit before all others',
    'CHANGE_NOT_CANONICAL',
    (target) => edited(target, (doc) => doc.entries.unshift(text('{}'))),
  ],
  [
    'an edit in another till’s name',
    'NOT_THE_WRITER',
    ({ mine, theirs }) => [
      mine.forge({ edit: { terminal: theirs.who.identity.terminal, cart: theirs.cart } }).bytes,
    ],
  ],
  [
    'the next edit of another till’s actor',
    'ENTRY_FORGED',
    ({ mine, theirs }) => [
      theirs.forge({ signer: mine.who.signer, edit: { state: 'paid' } }).bytes,
    ],
  ],
  [
    'the first edit of another till’s new actor',
    'NOT_THE_WRITER',
    ({ mine, theirs }) => [mine.forge({ actor: theirs.actor.slice(0, 16).padEnd(32, 'e') }).bytes],
  ],
  [
    'another till’s chain',
    'ENTRY_FORGED',
    ({ mine, theirs }) => [mine.forge({ fields: chainOf(theirs.who) }).bytes],
  ],
  [
    'a chain of a self-made CA',
    'ENTRY_FORGED',
    ({ mine, rogue }) => [new DeskScribe(rogue, { rule: mine.rule }).write().bytes],
  ],
  [
    'garbage for a chain',
    'ENTRY_FORGED',
    ({ mine }) => [mine.forge({ fields: { chain: ['AAAA', 'AAAA'], letter: 'A' } }).bytes],
  ],
  [
    'no chain at the beginning',
    'ENTRY_MALFORMED',
    ({ mine }) => [mine.forge({ fields: {} }).bytes],
  ],
  [
    'a chain where none belongs',
    'CHANGE_NOT_CANONICAL',
    ({ mine }) => [mine.write().bytes, mine.forge({ fields: chainOf(mine.who) }).bytes],
  ],
  [
    '10,000 certificates',
    'OVER_LIMIT',
    ({ mine }) => [
      mine.forge({ fields: { chain: new Array<string>(10_000).fill('A'), letter: 'A' } }).bytes,
    ],
  ],
  [
    'a genuine edit of a till of another store',
    'NOT_THE_WRITER',
    ({ mine, foreign }) => [new DeskScribe(foreign, { rule: mine.rule }).write().bytes],
  ],
  [
    'a genuine edit of head office',
    'NOT_THE_WRITER',
    ({ mine, hq }) => [
      new DeskScribe(hq, { rule: mine.rule }).forge({ edit: { cart: mine.cart } }).bytes,
    ],
  ],
  [
    'another till’s edit in the desk of another day',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => [new DeskScribe(theirs.who, { rule: deskOf('2026-01-01') }).write().bytes],
  ],
  [
    'another till’s edit with another checksum',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) =>
      theirs.changes
        .slice(0, 1)
        .map((bytes) => bytes.map((byte, at) => (at === 4 ? byte ^ 1 : byte))),
  ],
  [
    'another till’s edit with a letter more in its message',
    'ENTRY_FORGED',
    ({ theirs }) => theirs.changes.slice(0, 1).map((bytes) => relettered(bytes)),
  ],
  [
    'an edit that follows another till’s',
    'CHANGE_NOT_CANONICAL',
    ({ mine, theirs }) => [mine.forge({ after: theirs.place }).bytes],
  ],
  [
    'an edit that leaves places out',
    'CHANGE_NOT_CANONICAL',
    ({ mine }) => {
      const { place, bytes } = mine.write();
      return [bytes, mine.forge({ after: { ...place, op: place.op + 3 } }).bytes];
    },
  ],
  [
    'two edits in one place',
    'CHANGE_NOT_CANONICAL',
    ({ mine }) => [mine.forge().bytes, mine.forge({ edit: { state: 'open' } }).bytes],
  ],
  [
    'two edits in one place that wait for what they follow',
    'CHANGE_NOT_CANONICAL',
    ({ mine }) => {
      const { bytes } = mine.write();
      return [
        mine.forge().bytes,
        mine.forge({ edit: { state: 'open' } }).bytes,
        bytes,
      ].toReversed();
    },
  ],
  [
    'two edits in one place after what is nowhere',
    'CHANGE_NOT_CANONICAL',
    ({ mine }) => {
      mine.write();
      const after = { ...mine.place, actorSeq: 4, op: 5 };
      return ['a', 'b'].map(
        (digit) => mine.forge({ after: { ...after, hash: digit.repeat(64) } }).bytes,
      );
    },
  ],
  [
    'an edit above its limit',
    'OVER_LIMIT',
    ({ mine }) => [mine.forge({ blob: new Uint8Array(limits.deskChangeBytes) }).bytes],
  ],
  [
    'more edits than anybody sends at once',
    'OVER_LIMIT',
    ({ theirs }) =>
      Array.from({ length: limits.changesPerPush + 1 }, (_, n) => theirs.changes[n % 3] ?? bomb(1)),
  ],
  malformed('no JSON', () => Uint8Array.of(0xff, 0xfe)),
  malformed('an empty edit', () => new Uint8Array(0)),
  malformed('null', () => text('null')),
  malformed('JSON with a space', (honest) => text(honest.replace(',', ', '))),
  malformed('__proto__ for a key', (honest) => text(honest.replace('{', '{"__proto__":{"v":1},'))),
  malformed('constructor for a key', (honest) =>
    text(honest.replace('"by"', '"constructor":1,"by"')),
  ),
  malformed('an edit without a cart', (honest) => text(honest.replace(/"cart":"[^"]*",/, ''))),
  malformed('a path for a cart', (honest) =>
    text(honest.replace(/"cart":"[^"]*"/, '"cart":"../../x"')),
  ),
  malformed('a clock that is none', (honest) =>
    text(honest.replace('0123456789abcdef', 'tomorrow')),
  ),
  malformed('200 nested arrays', (honest) =>
    text(honest.replace('"by"', `"a":${'['.repeat(200)}${']'.repeat(200)},"by"`)),
  ),
  ['a run-length bomb', 'OVER_LIMIT', () => [bomb(1_000_000)]],
  ['a compressed edit', 'CHANGE_NOT_CANONICAL', ({ mine }) => [compressed(mine.write().bytes)]],
  ['a whole document', 'CHANGE_NOT_CANONICAL', ({ doc }) => [A.save(doc)]],
  ['a whole document that expands a thousandfold', 'CHANGE_NOT_CANONICAL', () => [inflating()]],
];

/** What a till may write and must change nothing of another's cart: its own edits, rightly signed. */
export const idleEdits: readonly (readonly [
  string,
  (target: DeskTarget) => readonly Uint8Array[],
])[] = [
  ['a quantity in another’s cart', (target) => onTheirs(target, line(9_000))],
  ['another’s cart paid', (target) => onTheirs(target, { state: 'paid', number: 'S01-T9A-S-1' })],
  ['another’s cart cleared', (target) => onTheirs(target, { state: 'cleared' })],
  ['another’s cart taken over, never parked', (target) => onTheirs(target, { state: 'open' })],
  ...[1_000, 1e15].map(
    (edits) =>
      [
        `another’s open cart taken over with ${edits} edits`,
        (target: DeskTarget) => {
          const takes = target.theirs.who.identity.terminal;
          return onTheirs(target, { state: 'open', takes, edits });
        },
      ] as const,
  ),
  [
    'another’s cart begun in 1970',
    (target) => onTheirs(target, { at: '0000000000000000' as never, state: 'open', ...line(1) }),
  ],
  [
    'another’s cart cleared in the year 10,889',
    (target) => onTheirs(target, { at: 'ffffffffffffffff' as never, state: 'cleared' }),
  ],
  ['what no cart can be read from', (target) => onTheirs(target, { state: 'gone' as never })],
  ['lines that are a list', (target) => onTheirs(target, { lines: [1] as never })],
  [
    'a cart of its own with a quantity of 10^15',
    ({ mine }) => [mine.write({ state: 'parked', ...line(1e15) }).bytes],
  ],
  [
    'a cart of its own with absurd lines',
    ({ mine }) => [
      mine.write({
        state: 'parked',
        lines: { toString: { sku: 'constructor' as never, quantityMilli: 1, order: 2 ** 53 - 1 } },
      }).bytes,
    ],
  ],
  ['the same edits once more', ({ theirs }) => theirs.changes],
  ['the same edits backwards', ({ theirs }) => theirs.changes.toReversed()],
  ['the genesis', ({ mine }) => [mine.rule.genesis.bytes]],
  ['edits before what they follow', ({ mine }) => (mine.open(2), mine.changes.slice(1))],
];

const line = (quantityMilli: number) => ({
  lines: { l0: { sku: 'TEA' as never, quantityMilli, order: 0 } },
});

const onTheirs = (
  { mine, theirs }: DeskTarget,
  edit: Parameters<DeskScribe['write']>[0],
): readonly Uint8Array[] => [mine.write({ cart: theirs.cart, ...edit }).bytes];

/** The message with one field more, which the signature does not cover. */
function relettered(bytes: Uint8Array): Uint8Array {
  const { message } = A.decodeChange(bytes);
  const said = JSON.parse(message ?? '{}') as object;
  return withMessage(bytes, canonicalText({ ...said, more: 1 }));
}
