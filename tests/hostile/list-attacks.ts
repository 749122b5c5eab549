/**
 * Attacks on what is not a journal, by name: lists of signed records and HQ's maps. Each gives a document and the changes
 * that the intruder sends about it.
 */
import * as A from '@automerge/automerge';
import type { ListDocument, MapDocument } from '#lib/documents/genesis.ts';
import { actorOf, actorPrefixOf, names, shardOf } from '#lib/documents/names.ts';
import type { DocumentRule } from '#lib/documents/registry.ts';
import type { ErrorCode } from '#lib/domain/errors.ts';
import { journalKeyOf } from '#lib/domain/ids.ts';
import { limits } from '#lib/domain/limits.ts';
import { encodeCanonical } from '#lib/journal/canonical-json.ts';
import { withMessage } from '#lib/journal/change-message.ts';
import { rosterRecord, type Member } from '#lib/replica/keyring.ts';
import { rosterChange } from '#lib/replica/roster-change.ts';
import { signedEdit } from '#lib/replica/signed-edit.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { signChange } from '#lib/trust/signed-change.ts';
import { store } from '../simulation/goods.ts';
import { bomb, compressed, inflating } from './bombs.ts';
import { listOf, plainChange, recordBy, rosterEntry, ruleOf } from './forgeries.ts';

export type ListTarget = {
  readonly intruder: NewIncarnation;
  /** Of a company that made itself up, with the same name, store and terminal. */
  readonly rogue: NewIncarnation;
  /** An honest till, of which everything but its key is known. */
  readonly other: Member;
  readonly hq: Member;
  /** Documents as the victim has them. */
  readonly doc: <T>(name: string) => A.Doc<T>;
};

type Made = { readonly rule: DocumentRule; readonly changes: readonly Uint8Array[] };
type Attack = readonly [name: string, code: ErrorCode, make: (target: ListTarget) => Made];
type Edit<T> = (doc: T) => void;

const tea = names.catalog(shardOf('TEA'));
const freeTea = encodeCanonical({ v: 1, sku: 'TEA', prices: [{ unitPriceE4: 1 }] });

const ownActor = ({ intruder }: ListTarget): string =>
  actorOf(intruder.principal, new Uint8Array(8).fill(3));
/** The actor of the last change that HQ made: its next seq is known to everybody. */
const liveActorIn = (doc: A.Doc<unknown>): string => {
  const last = A.getAllChanges(doc).at(-1);
  if (!last) throw new Error('no change');
  return A.decodeChange(last).actor;
};

const append =
  (bytes: Uint8Array): Edit<ListDocument> =>
  (doc) => {
    doc.entries.push(bytes);
  };

/** A list's change, signed with the intruder's key. */
const signedAs = (target: ListTarget, name: string, edit: Edit<ListDocument>): Made => ({
  rule: listOf(name, journalOf(target)),
  changes: [
    signedEdit(
      A.clone(target.doc<ListDocument>(name), { actor: ownActor(target) }),
      name,
      target.intruder.signer,
      edit,
    ),
  ],
});
const journalOf = ({ other }: ListTarget) => journalKeyOf(other.identity);

const roster = names.roster(store);
const rosterOf = (record: Uint8Array, who: Pick<NewIncarnation, 'principal'>): Made => {
  const rule = listOf(roster);
  return { rule, changes: [rosterChange(rule, record, actorPrefixOf(who.principal))] };
};

/** HQ's map, edited by the intruder under some actor, signed in some way. */
const mapEdit = (
  target: ListTarget,
  name: string,
  edit: Edit<MapDocument>,
  { actor = ownActor(target), fields = {} }: { actor?: string; fields?: object | null } = {},
): Made => {
  const doc = A.clone(target.doc<MapDocument>(name), { actor });
  const { intruder } = target;
  const change = fields
    ? signedEdit(doc, name, intruder.signer, edit, {
        ...rosterRecord(intruder.chain, 'A' as never),
        ...fields,
      })
    : plainChange(doc, actor, edit);
  return { rule: ruleOf(name), changes: [change] };
};
const forgePrice: Edit<MapDocument> = (doc) => {
  doc.records['TEA'] = freeTea;
};

export const listAttacks: readonly Attack[] = [
  ...(['releases', 'status', 'notices'] as const).map((list): Attack => [
    `a till’s own record in ${list}`,
    'NOT_THE_WRITER',
    (target) => {
      const name = list === 'releases' ? names.releases() : `${list}/${store}`;
      return signedAs(target, name, append(recordBy(target.intruder, list, { n: 99 })));
    },
  ]),
  [
    'a release with HQ’s chain and another’s signature',
    'ENTRY_FORGED',
    (target) => {
      const { hq, intruder } = target;
      const record = recordBy(
        { ...intruder, chain: hq.chain, principal: hq.principal },
        'releases',
        { n: 99, heads: {} },
      );
      return signedAs(target, names.releases(), append(record));
    },
  ],
  [
    'HQ’s own release once more, under HQ’s actor and its next seq',
    'ENTRY_MALFORMED',
    (target) => {
      const doc = target.doc<ListDocument>(names.releases());
      const [record = new Uint8Array()] = doc.entries;
      return {
        rule: ruleOf(names.releases()),
        changes: [plainChange(doc, liveActorIn(doc), append(record))],
      };
    },
  ],
  [
    'the same, with a signature of the intruder around it',
    'ENTRY_FORGED',
    (target) => {
      const doc = target.doc<ListDocument>(names.releases());
      const [record = new Uint8Array()] = doc.entries;
      const copy = A.clone(doc, { actor: liveActorIn(doc) });
      const change = signedEdit(copy, names.releases(), target.intruder.signer, append(record));
      return { rule: ruleOf(names.releases()), changes: [change] };
    },
  ],
  [
    'a change of a list that changes nothing',
    'CHANGE_NOT_CANONICAL',
    (target) => {
      const doc = target.doc<ListDocument>(names.releases());
      const empty = A.getLastLocalChange(
        A.emptyChange(A.clone(doc, { actor: ownActor(target) }), { time: 0 }),
      );
      return {
        rule: ruleOf(names.releases()),
        changes: [signChange(empty ?? new Uint8Array(), names.releases(), target.intruder.signer)],
      };
    },
  ],
  [
    'a list item deleted',
    'CHANGE_NOT_CANONICAL',
    (target) => signedAs(target, names.releases(), (doc) => doc.entries.splice(0, 1)),
  ],
  [
    'a list item overwritten',
    'CHANGE_NOT_CANONICAL',
    (target) =>
      signedAs(target, names.releases(), (doc) => {
        doc.entries[0] = recordBy(target.intruder, 'releases');
      }),
  ],
  [
    'a list replaced',
    'CHANGE_NOT_CANONICAL',
    (target) =>
      signedAs(target, names.releases(), (doc) => {
        doc.entries = [];
      }),
  ],
  [
    'another till’s inventory period',
    'NOT_THE_WRITER',
    (target) =>
      signedAs(
        target,
        names.inventory(journalOf(target)),
        append(recordBy(target.intruder, 'inventory', { firstSeq: 1, lastSeq: 9 })),
      ),
  ],
  [
    'a roster record with another’s chain',
    'ENTRY_FORGED',
    ({ intruder, other }) =>
      rosterOf(recordBy({ ...intruder, chain: other.chain }, 'roster'), intruder),
  ],
  [
    'a roster record in another’s name',
    'ENTRY_FORGED',
    ({ intruder, other }) =>
      rosterOf(
        recordBy({ ...intruder, chain: other.chain, principal: other.principal }, 'roster'),
        other,
      ),
  ],
  [
    'a roster record under a self-made CA',
    'ENTRY_FORGED',
    ({ rogue }) => rosterOf(recordBy(rogue, 'roster'), rogue),
  ],
  [
    'a roster record with garbage for a chain',
    'ENTRY_FORGED',
    ({ intruder }) =>
      rosterOf(
        recordBy({ ...intruder, chain: [new Uint8Array(9), new Uint8Array(9)] }, 'roster'),
        intruder,
      ),
  ],
  [
    'a roster record of 10,000 certificates',
    'ENTRY_MALFORMED',
    ({ intruder }) =>
      rosterOf(
        recordBy(
          { ...intruder, chain: Array.from({ length: 10_000 }, () => new Uint8Array(9)) },
          'roster',
        ),
        intruder,
      ),
  ],
  [
    'a genuine roster record in another change',
    'CHANGE_NOT_CANONICAL',
    (target) => {
      const { rule, change } = rosterEntry(target.intruder);
      return { rule, changes: [withMessage(change, 'x')] };
    },
  ],
  [
    'a genuine roster record in a change of Automerge’s',
    'CHANGE_NOT_CANONICAL',
    (target) => {
      const [record = new Uint8Array()] = target.doc<ListDocument>(roster).entries;
      const doc = target.doc<ListDocument>(roster);
      return {
        rule: listOf(roster),
        changes: [plainChange(doc, ownActor(target), append(record))],
      };
    },
  ],
  [
    'a record above its limit',
    'OVER_LIMIT',
    (target) => signedAs(target, names.releases(), append(new Uint8Array(limits.recordBytes + 1))),
  ],
  [
    'a forged price',
    'ENTRY_MALFORMED',
    (target) => mapEdit(target, tea, forgePrice, { fields: null }),
  ],
  [
    'a forged price, signed by a till',
    'NOT_THE_WRITER',
    (target) => mapEdit(target, tea, forgePrice),
  ],
  [
    'a forged price with HQ’s chain',
    'ENTRY_FORGED',
    (target) =>
      mapEdit(target, tea, forgePrice, { fields: rosterRecord(target.hq.chain, target.hq.letter) }),
  ],
  [
    'a forged price under HQ’s actor and its next seq',
    'ENTRY_MALFORMED',
    (target) =>
      mapEdit(target, tea, forgePrice, {
        actor: liveActorIn(target.doc(tea)),
        fields: null,
      }),
  ],
  [
    'a genuine change of HQ’s in another map',
    'ENTRY_FORGED',
    (target) => ({
      rule: ruleOf(names.customerTerms(0)),
      changes: A.getAllChanges(target.doc(tea)).slice(1),
    }),
  ],
  [
    'a manager of its own',
    'NOT_THE_WRITER',
    (target) =>
      mapEdit(target, names.org(), (doc) => {
        doc.records[`operator/${store}/eve`] = encodeCanonical({
          v: 1,
          id: 'eve',
          name: 'Eve',
          roles: ['manager'],
        });
      }),
  ],
  [
    '__proto__ for a product',
    'NOT_THE_WRITER',
    (target) =>
      mapEdit(target, tea, (doc) => {
        Object.defineProperty(doc.records, '__proto__', { value: freeTea, enumerable: true });
        doc.records['constructor'] = freeTea;
      }),
  ],
  [
    'a map emptied',
    'NOT_THE_WRITER',
    (target) =>
      mapEdit(target, tea, (doc) => {
        doc.records = {};
      }),
  ],
  [
    'a run-length bomb in a map',
    'OVER_LIMIT',
    () => ({ rule: ruleOf(tea), changes: [bomb(1_000_000)] }),
  ],
  [
    'a run-length bomb in a list',
    'OVER_LIMIT',
    () => ({ rule: listOf(roster), changes: [bomb(1_000_000)] }),
  ],
  [
    'a compressed change of a map',
    'CHANGE_NOT_CANONICAL',
    (target) => {
      const { rule, changes } = mapEdit(target, tea, forgePrice);
      return { rule, changes: changes.map(compressed) };
    },
  ],
  [
    'a whole document that expands a thousandfold',
    'CHANGE_NOT_CANONICAL',
    () => ({ rule: ruleOf(tea), changes: [inflating()] }),
  ],
];
