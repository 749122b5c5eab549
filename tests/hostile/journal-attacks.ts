/**
 * Attacks on journals, by name. Each gives the changes that the intruder sends about a journal that the victim knows:
 * a journal of somebody else (`theirs`), or its own (`own`).
 */
import * as A from '@automerge/automerge';
import type { ListDocument } from '#lib/documents/genesis.ts';
import { actorOf } from '#lib/documents/names.ts';
import type { ErrorCode } from '#lib/domain/errors.ts';
import type { EntryHash, IncarnationId, StoreId } from '#lib/domain/ids.ts';
import { limits } from '#lib/domain/limits.ts';
import { concatBytes } from '#lib/journal/bytes.ts';
import { writeEntryChange } from '#lib/journal/canonical-change.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { bomb, compressed } from './bombs.ts';
import { plainChange, Scribe } from './forgeries.ts';

export type JournalTarget = {
  readonly intruder: NewIncarnation;
  /** Another till's journal, of which the victim has all that is `written`; its key is used only for what it truly wrote. */
  readonly theirs: Scribe;
};

type Made = { readonly journal: Scribe; readonly changes: readonly Uint8Array[] };
type Attack = readonly [name: string, code: ErrorCode, make: (target: JournalTarget) => Made];

type Edit = (doc: ListDocument & Record<string, unknown>) => void;

/** What Automerge makes of an edit of their document, under an actor that their key may use. */
const edited =
  (edit: Edit) =>
  ({ theirs }: JournalTarget): Made => ({
    journal: theirs,
    changes: [
      plainChange(
        theirs.doc() as A.Doc<ListDocument & Record<string, unknown>>,
        actorOf(theirs.who.principal, new Uint8Array(8).fill(9)),
        edit,
      ),
    ],
  });

const forged =
  (options: (target: JournalTarget) => Parameters<Scribe['forge']>[0]) =>
  (target: JournalTarget): Made => ({
    journal: target.theirs,
    changes: [target.theirs.forge(options(target)).bytes],
  });

/** Its own journal, with a genuine signature over something that may not be. */
const ownEntry =
  (fields: Parameters<Scribe['write']>[0]) =>
  ({ intruder }: JournalTarget): Made => {
    const own = new Scribe(intruder);
    return { journal: own, changes: [own.write(fields).bytes] };
  };

export const journalAttacks: readonly Attack[] = [
  ['garbage', 'CHANGE_NOT_CANONICAL', ({ theirs }) => garbage(theirs)],
  [
    'garbage in an entry’s place',
    'ENTRY_MALFORMED',
    ({ theirs }) => ({
      journal: theirs,
      changes: [wrapped(theirs, new Uint8Array(100))],
    }),
  ],
  [
    'an entry that another signed',
    'ENTRY_FORGED',
    forged(({ intruder }) => ({ signer: intruder.signer })),
  ],
  [
    'an entry of another incarnation of the same till',
    'NOT_THE_WRITER',
    forged(() => ({ fields: { incarnation: '00000000000000ee' as IncarnationId } })),
  ],
  [
    'an entry of another store',
    'NOT_THE_WRITER',
    forged(() => ({ fields: { store: 'S02' as StoreId } })),
  ],
  [
    'an entry of the intruder’s own in another’s journal',
    'NOT_THE_WRITER',
    forged(({ intruder }) => ({ fields: { ...intruder.identity }, signer: intruder.signer })),
  ],
  [
    'the right signature under another’s actor',
    'NOT_THE_WRITER',
    forged(({ intruder }) => ({ actor: actorOf(intruder.principal, new Uint8Array(8)) })),
  ],
  ['a deletion', 'CHANGE_NOT_CANONICAL', edited((doc) => doc.entries.splice(0, 1))],
  [
    'an overwritten entry',
    'CHANGE_NOT_CANONICAL',
    edited((doc) => {
      doc.entries[0] = new Uint8Array(10);
    }),
  ],
  [
    'a replaced list',
    'CHANGE_NOT_CANONICAL',
    edited((doc) => {
      doc.entries = [];
    }),
  ],
  [
    'another key at the root',
    'CHANGE_NOT_CANONICAL',
    edited((doc) => {
      doc['x'] = 1;
    }),
  ],
  [
    '__proto__ at the root',
    'CHANGE_NOT_CANONICAL',
    edited((doc) => {
      Object.defineProperty(doc, '__proto__', { value: 1, enumerable: true });
      doc['constructor'] = 'x' as never;
    }),
  ],
  ['a text for an entry', 'CHANGE_NOT_CANONICAL', edited((doc) => doc.entries.push('x' as never))],
  [
    'a good change with a deletion glued to it',
    'CHANGE_NOT_CANONICAL',
    (target) => {
      const good = target.theirs.forge({}).bytes;
      const [bad] = edited((doc) => doc.entries.splice(0, 1))(target).changes;
      return { journal: target.theirs, changes: [concatBytes([good, bad ?? good])] };
    },
  ],
  [
    'a whole document',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => ({ journal: theirs, changes: [A.save(theirs.doc())] }),
  ],
  [
    'a compressed change',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => ({ journal: theirs, changes: [compressed(theirs.forge({}).bytes)] }),
  ],
  [
    'a bundle of changes',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => ({ journal: theirs, changes: [asBundle(theirs.forge({}).bytes)] }),
  ],
  [
    'half a chunk',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => {
      const { bytes } = theirs.forge({});
      return { journal: theirs, changes: [bytes.subarray(0, bytes.length / 2)] };
    },
  ],
  [
    'an entry above its limit',
    'OVER_LIMIT',
    ({ theirs }) => ({
      journal: theirs,
      changes: [wrapped(theirs, new Uint8Array(limits.entryBytes + 600).fill(32))],
    }),
  ],
  [
    '64 bytes that say a million operations',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => ({ journal: theirs, changes: [bomb(1_000_000)] }),
  ],
  [
    'a genuine entry whose change says another first operation',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => misplaced(theirs, { op: 7 }),
  ],
  [
    'a genuine entry whose change says another seq',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => misplaced(theirs, { actorSeq: 40 }),
  ],
  [
    'a genuine entry behind another than it names',
    'CHANGE_NOT_CANONICAL',
    ({ theirs }) => misplaced(theirs, { hash: theirs.start.hash }),
  ],
  ['a negative seq', 'ENTRY_MALFORMED', ownEntry({ seq: -1 })],
  ['an entry without a body', 'ENTRY_MALFORMED', ownEntry({ body: 7 as never })],
  [
    '600 journals seen',
    'OVER_LIMIT',
    ownEntry({
      saw: Object.fromEntries(
        Array.from({ length: limits.sawJournals + 1 }, (_, n) => [
          `S01/T1/${n.toString(16).padStart(16, '0')}`,
          [1, 'A'.repeat(11)],
        ]),
      ),
    }),
  ],
  [
    'constructor for a journal that was seen',
    'ENTRY_MALFORMED',
    ownEntry({ saw: { constructor: [1, 'A'.repeat(11)] } as never }),
  ],
  [
    '__proto__ in a body',
    'ENTRY_MALFORMED',
    ({ intruder }) => {
      const own = new Scribe(intruder);
      const text = new TextDecoder().decode(own.forge({}).read.bytes);
      const bytes = new TextEncoder().encode(text.replace('{"n":1}', '{"__proto__":{"n":1}}'));
      return { journal: own, changes: [wrapped(own, bytes)] };
    },
  ],
  [
    'more changes without what they follow than a segment holds',
    'OVER_LIMIT',
    ({ intruder }) => {
      const own = new Scribe(intruder);
      const prev = 'A'.repeat(43) as EntryHash;
      const changes = Array.from({ length: limits.entriesPerSegment + 1 }, (_, n) => {
        const hash = n.toString(16).padStart(64, '0');
        const after = { hash, actor: own.actor, actorSeq: 4, op: 5 };
        return own.forge({ fields: { seq: n + 5, prev }, after }).bytes;
      });
      return { journal: own, changes };
    },
  ],
];

function garbage(theirs: Scribe): Made {
  return { journal: theirs, changes: [new Uint8Array(100).fill(0x85)] };
}

const wrapped = (scribe: Scribe, blob: Uint8Array): Uint8Array =>
  writeEntryChange(blob, scribe.actor, scribe.place, scribe.start).bytes;

/** The last genuine entry in a change that claims another place for it. */
function misplaced(theirs: Scribe, place: object): Made {
  const last = theirs.written.at(-1);
  const before = theirs.written.at(-2);
  if (!last || !before) throw new Error('nothing was written');
  const { bytes } = writeEntryChange(
    last.read.bytes,
    theirs.actor,
    { ...before.place, ...place },
    theirs.start,
  );
  return { journal: theirs, changes: [bytes] };
}

/** Automerge's chunk type 3: several changes in one. */
function asBundle(change: Uint8Array): Uint8Array {
  const bundle = change.slice();
  bundle[8] = 3;
  return bundle;
}
