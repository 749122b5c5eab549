/**
 * Lists of signed records (roster, status, releases, notices, inventory): who may append to which,
 * the check of what peers bring, and the road from a record to whoever acts on it.
 * Every record carries its writer's chain, so that it counts wherever and whenever it arrives.
 */
import * as A from '@automerge/automerge';
import type { DocHandle } from '@automerge/automerge-repo';
import type { ListDocument } from '../documents/genesis.ts';
import type { RecordListKind, RecordListRule } from '../documents/registry.ts';
import { TillmeshError } from '../domain/errors.ts';
import { parseJournalKey, principalOf } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { decodeCanonical } from '../journal/canonical-json.ts';
import { hashOfEntry } from '../journal/entry.ts';
import type { Signer } from '../journal/envelope.ts';
import { openRecord, sealRecord, type RecordFields } from '../trust/signed-record.ts';
import { headOffice, rosterRecord, type Keyring, type Member } from './keyring.ts';
import type { RepoDocuments } from './repo-documents.ts';

export type ListedRecord = {
  readonly rule: RecordListRule;
  readonly by: Member;
  readonly fields: RecordFields;
};

export type RecordListsOptions = {
  readonly documents: RepoDocuments;
  readonly keyring: Keyring;
  readonly me: () => { member: Member; sign: Signer };
  readonly onRecord: (record: ListedRecord) => void;
  /** A record that is in the document and does not count: kept, never obeyed. */
  readonly onInvalid: (rule: RecordListRule, error: Error) => void;
};

export class RecordLists {
  readonly #o: RecordListsOptions;
  readonly #handles = new Map<string, DocHandle<ListDocument>>();
  readonly #seen = new Map<string, Set<string>>();

  constructor(options: RecordListsOptions) {
    this.#o = options;
  }

  /** Opens a list; its records are told now and as they come, each once. */
  async open(rule: RecordListRule): Promise<void> {
    if (this.#handles.has(rule.name)) return;
    const handle = await this.#o.documents.open<ListDocument>(rule);
    this.#handles.set(rule.name, handle);
    // A throw in this listener would end the process from out of reach.
    handle.on('change', ({ doc }) => this.#tell(rule, doc));
    this.#tell(rule, handle.doc());
  }

  append(rule: RecordListRule, fields: RecordFields): void {
    const handle = this.#handles.get(rule.name);
    if (!handle) throw new TillmeshError('INVARIANT', `${rule.name} is not open`);
    const { member, sign } = this.#o.me();
    const bytes = sealRecord(
      rule.list,
      { ...rosterRecord(member.chain, member.letter), ...fields },
      member.principal,
      sign,
    );
    handle.change(
      (doc) => {
        doc.entries.push(bytes);
      },
      { time: 0 },
    );
  }

  /** Every record of an open list that counts. */
  records(rule: RecordListRule): ListedRecord[] {
    const handle = this.#handles.get(rule.name);
    return (handle?.doc().entries ?? []).flatMap((bytes) => {
      try {
        return [this.#read(rule, bytes)];
      } catch (error) {
        if (error instanceof TillmeshError) return [];
        throw error;
      }
    });
  }

  /** Checks one decoded change of a peer: inserts of valid records by their own writer and nothing else. Throws. */
  check(rule: RecordListRule, change: A.DecodedChange): void {
    if (change.hash === rule.genesis.hash) return;
    for (const op of change.ops as readonly DecodedOp[]) {
      const isInsert = op.action === 'set' && op.obj === rule.genesis.object && op.insert === true;
      if (!isInsert || !Array.isArray(op.value) || op.pred.length > 0 || op.datatype !== undefined)
        throw new TillmeshError('CHANGE_NOT_CANONICAL', `${rule.list}: only records are appended`);
      const bytes = Uint8Array.from(op.value as number[]);
      if (bytes.length > limits.recordBytes)
        throw new TillmeshError('OVER_LIMIT', `record of ${bytes.length} bytes`);
      const { by } = this.#read(rule, bytes);
      if (!change.actor.startsWith(by.actorPrefix))
        throw new TillmeshError('NOT_THE_WRITER', 'actor');
    }
  }

  #tell(rule: RecordListRule, doc: A.Doc<ListDocument>): void {
    const seen = this.#seen.get(rule.name) ?? new Set();
    this.#seen.set(rule.name, seen);
    for (const bytes of doc.entries ?? []) {
      const hash = hashOfEntry(bytes);
      if (seen.has(hash)) continue;
      seen.add(hash);
      try {
        this.#o.onRecord(this.#read(rule, bytes));
      } catch (error) {
        this.#o.onInvalid(rule, error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #read(rule: RecordListRule, bytes: Uint8Array): ListedRecord {
    return readListed(this.#o.keyring, rule, bytes);
  }
}

/** Reads one record of a list and learns its writer. Throws what makes a record not count. */
export function readListed(
  keyring: Keyring,
  rule: RecordListRule,
  bytes: Uint8Array,
): ListedRecord {
  const { chain, letter, verified } = keyring.read(decodeCanonical(bytes));
  const record = openRecord(bytes, () => verified.verify);
  if (record.by !== verified.principal || record.kind !== rule.list)
    throw new TillmeshError('ENTRY_FORGED', `${rule.list} record`);
  const by = keyring.learn(chain, letter);
  assertMayWrite(rule, by);
  return { rule, by, fields: record.fields };
}

function assertMayWrite(rule: RecordListRule, by: Member): void {
  const isHq = by.identity.store === headOffice;
  const may: Record<RecordListKind, boolean> = {
    roster: isHq || by.identity.store === rule.store,
    status: isHq,
    releases: isHq,
    notices: isHq,
    inventory:
      rule.journal !== undefined && principalOf(parseJournalKey(rule.journal)) === by.principal,
  };
  if (!may[rule.list]) throw new TillmeshError('NOT_THE_WRITER', rule.list);
}

type DecodedOp = {
  readonly action: string;
  readonly obj: string;
  readonly insert?: boolean;
  readonly value?: unknown;
  readonly datatype?: string;
  readonly pred: readonly string[];
};
