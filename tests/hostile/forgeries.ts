/** What a hostile till can write with what it has: its own key and certificate, and everything that it has heard. */
import * as A from '@automerge/automerge';
import { actorOf, actorPrefixOf, documentIdOf, names } from '#lib/documents/names.ts';
import type { ListDocument } from '#lib/documents/genesis.ts';
import {
  DocumentRegistry,
  type DocumentRule,
  type RecordListRule,
} from '#lib/documents/registry.ts';
import { journalKeyOf, type JournalKey, type SeriesLetter } from '#lib/domain/ids.ts';
import { writeEntryChange, type ChangePlace } from '#lib/journal/canonical-change.ts';
import { sealEntry } from '#lib/journal/entry.ts';
import type { Signer, UnsignedEntry, VerifiedEntry } from '#lib/journal/envelope.ts';
import { formatHlc } from '#lib/journal/hybrid-clock.ts';
import { rosterRecord } from '#lib/replica/keyring.ts';
import { rosterChange } from '#lib/replica/roster-change.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { sealRecord, type RecordFields } from '#lib/trust/signed-record.ts';
import { store } from '../simulation/goods.ts';

const letter = 'A' as SeriesLetter;

/** Rules of documents, as a till of the store derives them. */
export function rulesOf(journal?: JournalKey): DocumentRegistry {
  const registry = new DocumentRegistry();
  registry.learnStore(store);
  if (journal) registry.learnJournal(journal, 1);
  return registry;
}

export function ruleOf(name: string, journal?: JournalKey): DocumentRule {
  const rule = rulesOf(journal).rule(documentIdOf(name));
  if (!rule) throw new Error(`no document ${name}`);
  return rule;
}

export function listOf(name: string, journal?: JournalKey): RecordListRule {
  const rule = ruleOf(name, journal);
  if (rule.kind !== 'records') throw new Error(`${name} is no list`);
  return rule;
}

export const recordBy = (who: NewIncarnation, list: string, fields: RecordFields = {}) =>
  sealRecord(list, { ...rosterRecord(who.chain, letter), ...fields }, who.principal, who.signer);

export function rosterEntry(who: NewIncarnation): { rule: RecordListRule; change: Uint8Array } {
  const rule = listOf(names.roster(store));
  const change = rosterChange(rule, recordBy(who, 'roster'), actorPrefixOf(who.principal));
  return { rule, change };
}

/** A change by Automerge itself on top of `doc`: what an attacker's own repo would send. */
export function plainChange<T>(doc: A.Doc<T>, actor: string, edit: A.ChangeFn<T>): Uint8Array {
  const change = A.getLastLocalChange(A.change(A.clone(doc, { actor }), { time: 0 }, edit));
  if (!change) throw new Error('no change');
  return change;
}

export type Written = {
  readonly bytes: Uint8Array;
  readonly place: ChangePlace;
  readonly read: VerifiedEntry;
};

/** Keeps the journal of an incarnation whose key it has: honest by default, and anything else on request. */
export class Scribe {
  readonly who: NewIncarnation;
  readonly journal: JournalKey;
  readonly name: string;
  readonly id;
  readonly start: ChangePlace;
  readonly actor: string;
  readonly written: Written[] = [];
  readonly #genesis: Uint8Array;

  constructor(who: NewIncarnation, seed = 1) {
    this.who = who;
    this.journal = journalKeyOf(who.identity);
    this.name = names.journal(this.journal, 1);
    const { id, genesis } = ruleOf(this.name, this.journal);
    this.id = id;
    this.start = { hash: genesis.hash, actor: genesis.actor, actorSeq: 1, op: 1 };
    this.actor = actorOf(who.principal, new Uint8Array(8).fill(seed));
    this.#genesis = genesis.bytes;
  }

  get place(): ChangePlace {
    return this.written.at(-1)?.place ?? this.start;
  }

  /** The next entry of this journal. */
  write(fields: Partial<UnsignedEntry> = {}): Written {
    const next = this.forge({ fields });
    this.written.push(next);
    return next;
  }

  /** An entry that is not kept here, with whatever is to be false about it. */
  forge({
    fields = {},
    signer = this.who.signer,
    after = this.place,
    actor = this.actor,
  }: {
    fields?: Partial<UnsignedEntry>;
    signer?: Signer;
    after?: ChangePlace;
    actor?: string;
  }): Written {
    const last = this.written.at(-1)?.read;
    const seq = (last?.entry.seq ?? 0) + 1;
    const read = sealEntry(
      {
        v: 1,
        ...this.who.identity,
        seq,
        prev: last?.hash ?? '-',
        saw: {},
        at: formatHlc(Date.now(), 0),
        wall: Date.now(),
        zone: 'UTC',
        command: `command-${seq}`,
        type: 'Noticed',
        by: 'system',
        body: { n: seq },
        actor,
        dep: after.hash,
        ...fields,
      },
      signer,
    );
    return { ...writeEntryChange(read.bytes, actor, after, this.start), read };
  }

  /** The segment as a document. */
  doc(): A.Doc<ListDocument> {
    const changes = this.written.map(({ bytes }) => bytes);
    return A.applyChanges(A.load<ListDocument>(this.#genesis), changes)[0];
  }
}

/** A genuine entry in a change that claims a false place: it shows only when what it follows is there. */
export function falsely(scribe: Scribe, { read }: Written, before: Written): Written {
  const place = { ...before.place, op: before.place.op + 3 };
  return { ...writeEntryChange(read.bytes, scribe.actor, place, scribe.start), read };
}
