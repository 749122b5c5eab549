/**
 * The revocations that are here, out of the stores' notices: in force with the record's arrival, outside releases, and
 * again after every start, because the record stays in its document. Says who is revoked; whose links end is the mesh's
 * to do, and nothing that was written is taken back.
 */
import { documentIdOf, names } from '../documents/names.ts';
import type { DocumentRegistry, RecordListRule } from '../documents/registry.ts';
import { parsePrincipal, type Identity, type Principal, type StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import {
  earlier,
  readNotice,
  revokedJournals,
  type Revocation,
  type RevokedJournal,
} from '../domain/revocation.ts';
import { reachesEnrolled } from '../domain/revocation-reason.ts';
import type { Revoked } from '../mesh/mesh-options.ts';
import type { Notices, OwnContents } from '../mesh/protocol.ts';
import type { ProvenPeer } from '../mesh/transport.ts';
import type { Keyring, Member } from './keyring.ts';
import type { ListedRecord } from './list-changes.ts';
import type { RecordLists } from './record-lists.ts';
import type { ReplicaEvent } from './replica-options.ts';
import type { RepoDocuments } from './repo-documents.ts';

export type RevocationsOptions = {
  readonly me: Pick<Member, 'identity' | 'terminalKey' | 'issuerKeys'>;
  readonly keyring: Pick<Keyring, 'members'>;
  readonly registry: Pick<DocumentRegistry, 'rule'>;
  readonly records: Pick<RecordLists, 'changes' | 'take'>;
  readonly documents: Pick<RepoDocuments, 'flush'>;
  /** Links may have to end; these are all lives of revoked keys that are known. */
  readonly onChange: (revoked: readonly Principal[]) => void;
  /** `journals` of the store says something else than before, and its records are on disk. */
  readonly onStored: (store: StoreId) => void;
  readonly onEvent: (event: ReplicaEvent) => void;
};

type Terminal = {
  readonly identity: Pick<Identity, 'store'>;
  readonly terminalKey: string;
  readonly issuerKeys?: readonly string[] | undefined;
};

export class Revocations {
  readonly #o: RevocationsOptions;
  /** The one that stands, by store and key. */
  readonly #standing = new Map<string, Revocation>();

  constructor(options: RevocationsOptions) {
    this.#o = options;
  }

  /** Of this terminal itself; undefined while head office has not revoked it. */
  get own(): Revocation | undefined {
    return this.of(this.#o.me);
  }

  /**
   * A revocation in a store's notices is for terminals of that store: a relay is none of them, whatever key it has. Whom a
   * thief's till let in goes with it.
   */
  of({ identity: { store }, terminalKey, issuerKeys = [] }: Terminal): Revocation | undefined {
    const own = this.#standing.get(keyOf(store, terminalKey));
    if (own) return own;
    const above = issuerKeys.map((key) => this.#standing.get(keyOf(store, key)));
    return above.find((revocation) => revocation && reachesEnrolled(revocation));
  }

  /** Everybody but those who are revoked: whose absence would be missed. */
  standingMembers(): Member[] {
    return this.#o.keyring.members().filter((member) => !this.of(member));
  }

  /** For the read models: which journals of the store are of revoked keys, and how far head office knew them. */
  journals(store: StoreId): RevokedJournal[] {
    const revocations = [...this.#standing.values()].filter((one) => one.store === store);
    return revocations.length === 0 ? [] : revokedJournals(revocations, this.#o.keyring.members());
  }

  /** A notice, or a record of the roster, whose writer may be another life of a revoked key. */
  learn({ rule, fields, by }: ListedRecord): void {
    if (rule.store === undefined) return;
    if (rule.list === 'roster' && this.of(by)) this.#changed(rule, rule.store);
    if (rule.list !== 'notices') return;
    const read = readNotice(fields, rule.store);
    if (read.kind === 'invalid')
      this.#o.onEvent({ kind: 'invalidRecord', list: rule.name, detail: read.problem });
    if (read.kind === 'revocation') this.#take(rule, read.revocation);
  }

  #take(rule: RecordListRule, revocation: Revocation): void {
    const { store, terminal, terminalKey, reason, at } = revocation;
    const key = keyOf(store, terminalKey);
    const known = this.#standing.get(key);
    if (known && earlier(known, revocation) <= 0) return;
    this.#standing.set(key, revocation);
    const own = this.own === revocation;
    const name = `${store}-${terminal}`;
    this.#o.onEvent({ kind: 'revoked', terminal: name, terminalKey, reason, at, own });
    this.#changed(rule, store);
  }

  #changed({ id }: RecordListRule, store: StoreId): void {
    const { keyring, documents, onChange, onStored, onEvent } = this.#o;
    const revoked = keyring.members().filter((member) => this.of(member));
    onChange(revoked.map(({ principal }) => principal));
    // What the read models say must be provable from the documents on disk.
    documents.flush([id]).then(
      () => onStored(store),
      (error: unknown) => onEvent({ kind: 'fault', error }),
    );
  }

  /** For the mesh: why this peer gets no link, and what it is told instead; undefined for everybody else. */
  refusalOf({ principal, terminalKey, issuerKeys }: ProvenPeer): Revoked | undefined {
    const revocation = this.of({ identity: parsePrincipal(principal), terminalKey, issuerKeys });
    return revocation && { proof: this.#proof(revocation.store) };
  }

  /** The store's notices as head office signed them; undefined where they are more than one word should be. */
  #proof(store: StoreId): OwnContents | undefined {
    const rule = this.#noticesOf(store);
    const changes = rule ? this.#o.records.changes(rule) : [];
    const bytes = changes.reduce((sum, change) => sum + change.length, 0);
    if (changes.length === 0 || changes.length > limits.changesPerPush) return undefined;
    return bytes > limits.noticesToldBytes
      ? undefined
      : { type: 'tillmesh/notices', store, changes };
  }

  /** Somebody who refuses this till a link says why. Throws as the check of all that peers bring. */
  told({ store, changes }: Notices): void {
    const rule = this.#noticesOf(store);
    if (rule) this.#o.records.take(rule, changes);
  }

  #noticesOf(store: StoreId): RecordListRule | undefined {
    const rule = this.#o.registry.rule(documentIdOf(names.notices(store)));
    return rule?.kind === 'records' ? rule : undefined;
  }
}

const keyOf = (store: StoreId, terminalKey: string): string => `${store} ${terminalKey}`;
