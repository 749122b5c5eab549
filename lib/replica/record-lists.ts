/**
 * Lists of signed records (roster, status, releases, notices, inventory) in their documents, and the road from a record
 * to whoever acts on it.
 * Every record carries its writer's chain, so that it counts wherever and whenever it arrives.
 */
import * as A from '@automerge/automerge';
import type { DocHandle } from '@automerge/automerge-repo';
import type { ListDocument } from '../documents/genesis.ts';
import type { RecordListRule } from '../documents/registry.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { EntryHash } from '../domain/ids.ts';
import { boundChange } from '../journal/change-bounds.ts';
import { hashOfEntry } from '../journal/entry.ts';
import type { Signer } from '../journal/envelope.ts';
import { sealRecord, type RecordFields } from '../trust/signed-record.ts';
import { rosterRecord, type Keyring, type Member } from './keyring.ts';
import { checkListChange, readListed, type ListedRecord } from './list-changes.ts';
import type { RepoDocuments } from './repo-documents.ts';
import { rosterChange } from './roster-change.ts';
import { signedEdit } from './signed-edit.ts';

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

  /** Checks one change of a peer, whose run lengths are bounded. Throws as `checkListChange` does. */
  check(rule: RecordListRule, bytes: Uint8Array): void {
    checkListChange(this.#o.keyring, rule, bytes);
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
