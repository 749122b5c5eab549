/**
 * Lists of signed records (roster, status, releases, notices, inventory): who may append to which,
 * the check of what peers bring, and the road from a record to whoever acts on it.
 * Every record carries its writer's chain, so that it counts wherever and whenever it arrives.
 */
import * as A from '@automerge/automerge';
import type { DocHandle } from '@automerge/automerge-repo';
import type { ListDocument } from '../documents/genesis.ts';
import type { RecordListKind, RecordListRule } from '../documents/registry.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { parseJournalKey, principalOf, type EntryHash } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes } from '../journal/bytes.ts';
import { boundChange } from '../journal/change-bounds.ts';
import { decodeCanonical } from '../journal/canonical-json.ts';
import { hashOfEntry } from '../journal/entry.ts';
import type { Signer } from '../journal/envelope.ts';
import { readSignedChange } from '../trust/signed-change.ts';
import { openRecord, sealRecord, type RecordFields } from '../trust/signed-record.ts';
import { headOffice, rosterRecord, type Keyring, type Member } from './keyring.ts';
import type { RepoDocuments } from './repo-documents.ts';
import { checkRosterChange, recordOfRosterChange, rosterChange } from './roster-change.ts';
import { signedEdit } from './signed-edit.ts';

export type ListedRecord = {
  readonly rule: RecordListRule;
  /** Of the record's bytes. */
  readonly hash: EntryHash;
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
  /** By list and hash; undefined for what does not count. */
  readonly #known = new Map<string, Map<string, ListedRecord | undefined>>();
  /** Records of the documents as they lie in memory, so that none is hashed twice. */
  readonly #looked = new WeakSet<Uint8Array>();

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
    handle.update((doc) => {
      const change =
        rule.list === 'roster'
          ? rosterChange(rule, bytes, member.actorPrefix)
          : signedEdit(doc, rule.name, sign, (draft) => {
              draft.entries.push(bytes);
            });
      return A.applyChanges(doc, [change])[0];
    });
  }

  /** Every record of an open list that counts. */
  records(rule: RecordListRule): ListedRecord[] {
    const handle = this.#handles.get(rule.name);
    if (handle) this.#tell(rule, handle.doc());
    return [...(this.#known.get(rule.name)?.values() ?? [])].filter(
      (record) => record !== undefined,
    );
  }

  /**
   * Checks one change of a peer, whose run lengths are bounded: valid records appended by their own writer, under his
   * signature, and nothing else. Throws.
   */
  check(rule: RecordListRule, bytes: Uint8Array): void {
    if (equalBytes(bytes, rule.genesis.bytes)) return;
    if (rule.list === 'roster') {
      const record = recordOfRosterChange(rule, bytes);
      const { by } = this.#readForeign(rule, record);
      checkRosterChange(rule, bytes, record, by.actorPrefix);
      return;
    }
    const signed = readSignedChange(bytes, rule.name);
    const writers = new Set(this.#recordsOf(rule, bytes));
    // A change without records would be anybody's.
    if (writers.size === 0) throw new TillmeshError('CHANGE_NOT_CANONICAL', `${rule.list}: empty`);
    for (const by of writers)
      if (!signed.isSignedBy(by.verify))
        throw new TillmeshError('ENTRY_FORGED', `change of ${rule.list}`);
  }

  /** Changes of an open list by another road than sync: checked like those, and merged. Throws as `check` does. */
  take(rule: RecordListRule, changes: readonly Uint8Array[]): void {
    for (const change of changes) {
      boundChange(change);
      this.check(rule, change);
    }
    this.#handles.get(rule.name)?.update((doc) => A.applyChanges(doc, [...changes])[0]);
  }

  /** What an open list consists of, its genesis excepted; empty where nothing was ever written. */
  changes(rule: RecordListRule): Uint8Array[] {
    const handle = this.#handles.get(rule.name);
    return handle ? A.getAllChanges(handle.doc()).slice(1) : [];
  }

  /** The writers of the records that a change inserts. */
  #recordsOf(rule: RecordListRule, bytes: Uint8Array): Member[] {
    const change = decodeChange(bytes);
    return (change.ops as readonly DecodedOp[]).map((op) => {
      const isInsert = op.action === 'set' && op.obj === rule.genesis.object && op.insert === true;
      if (!isInsert || !Array.isArray(op.value) || op.pred.length > 0 || op.datatype !== undefined)
        throw new TillmeshError('CHANGE_NOT_CANONICAL', `${rule.list}: only records are appended`);
      const { by } = this.#readForeign(rule, Uint8Array.from(op.value as number[]));
      if (!change.actor.startsWith(by.actorPrefix))
        throw new TillmeshError('NOT_THE_WRITER', 'actor');
      return by;
    });
  }

  /** What a peer brings: a chain that is not the company's makes it a forgery. */
  #readForeign(rule: RecordListRule, bytes: Uint8Array): ListedRecord {
    if (bytes.length > limits.recordBytes)
      throw new TillmeshError('OVER_LIMIT', `record of ${bytes.length} bytes`);
    try {
      return this.#read(rule, bytes);
    } catch (cause) {
      throw asForgery(cause, `${rule.list} record`);
    }
  }

  #tell(rule: RecordListRule, doc: A.Doc<ListDocument>): void {
    const known = this.#known.get(rule.name) ?? new Map<string, ListedRecord | undefined>();
    this.#known.set(rule.name, known);
    for (const bytes of doc.entries ?? []) {
      if (this.#looked.has(bytes)) continue;
      this.#looked.add(bytes);
      const hash = hashOfEntry(bytes);
      if (known.has(hash)) continue;
      try {
        const record = this.#read(rule, bytes, hash);
        known.set(hash, record);
        this.#o.onRecord(record);
      } catch (error) {
        known.set(hash, undefined);
        this.#o.onInvalid(rule, error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #read(rule: RecordListRule, bytes: Uint8Array, hash?: EntryHash): ListedRecord {
    return readListed(this.#o.keyring, rule, bytes, hash);
  }
}

/** Reads one record of a list and learns its writer. Throws what makes a record not count. */
export function readListed(
  keyring: Keyring,
  rule: RecordListRule,
  bytes: Uint8Array,
  hash = hashOfEntry(bytes),
): ListedRecord {
  const { chain, letter, verified } = keyring.read(decodeCanonical(bytes));
  const record = openRecord(bytes, () => verified.verify);
  if (record.by !== verified.principal || record.kind !== rule.list)
    throw new TillmeshError('ENTRY_FORGED', `${rule.list} record`);
  // Before anything is remembered of somebody who has no business here.
  assertMayWrite(rule, verified);
  const by = keyring.learn(chain, letter);
  return { rule, hash, by, fields: record.fields };
}

function assertMayWrite(rule: RecordListRule, by: Pick<Member, 'identity' | 'principal'>): void {
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

/** A stranger's certificate in something that a member brought is the member's offence, not a fault of ours. */
export function asForgery(cause: unknown, what: string): unknown {
  const isStranger =
    isTillmeshError(cause, 'CERTIFICATE_UNTRUSTED') ||
    isTillmeshError(cause, 'CERTIFICATE_MALFORMED');
  return isStranger
    ? new TillmeshError('ENTRY_FORGED', `${what}: ${cause.code}`, { cause })
    : cause;
}

function decodeChange(bytes: Uint8Array): A.DecodedChange {
  try {
    return A.decodeChange(bytes);
  } catch (cause) {
    throw new TillmeshError('FRAME_MALFORMED', 'change', { cause });
  }
}

type DecodedOp = {
  readonly action: string;
  readonly obj: string;
  readonly insert?: boolean;
  readonly value?: unknown;
  readonly datatype?: string;
  readonly pred: readonly string[];
};
