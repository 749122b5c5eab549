/**
 * Makes HQ's documents equal to the wanted state and signs their heads as a release (P7).
 * Documents first, on disk, then the record that puts them in force as a whole.
 */
import { hash } from 'node:crypto';
import * as A from '@automerge/automerge';
import type { DocHandle } from '@automerge/automerge-repo';
import type { MapDocument } from '../lib/documents/genesis.ts';
import { catalogShards } from '../lib/documents/catalog-shards.ts';
import { documentIdOf, names, shardOf } from '../lib/documents/names.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { StoreId } from '../lib/domain/ids.ts';
import { readNotice, type Revocation } from '../lib/domain/revocation.ts';
import { equalBytes } from '../lib/journal/bytes.ts';
import { decodeCanonical, encodeCanonical } from '../lib/journal/canonical-json.ts';
import { signedReleases, type Heads, type SignedRelease } from '../lib/replica/releases.ts';
import { rosterRecord } from '../lib/replica/keyring.ts';
import type { Replica } from '../lib/replica/replica.ts';
import { signedEdit } from '../lib/replica/signed-edit.ts';

/** What HQ wants to be in force: org records, products and customer terms, by key. Values are written as canonical JSON with a version. */
export type WantedState = {
  readonly org: ReadonlyMap<string, object>;
  readonly products: ReadonlyMap<string, object>;
  /** Terms only; who the customers are is not HQ's alone to say. */
  readonly customerTerms: ReadonlyMap<string, object>;
};

export type Published = {
  readonly release: number;
  /** Records that were written or taken out. */
  readonly changed: number;
};

/**
 * Gives a release its number, above that of `last`, and keeps before it is signed what it will hold: where the wanted
 * state comes from must know each release that was made of it. Throws where it does not know `last`.
 */
export type ReleaseBook = (last: SignedRelease | undefined, heads: Heads) => Promise<number>;

const nextNumber: ReleaseBook = (last) => Promise.resolve((last?.n ?? 0) + 1);

/** Records in one change: keeps a change below its limit of bytes with products of a kilobyte. */
const recordsPerChange = 500;

/** What of a replica a publisher writes with. */
export type PublisherReplica = Pick<
  Replica,
  'registry' | 'records' | 'documents' | 'openRecords' | 'me' | 'sign' | 'hybridClock'
>;

export class Publisher {
  readonly #replica: PublisherReplica;

  constructor(replica: PublisherReplica) {
    this.#replica = replica;
  }

  /** The newest that is signed, by whichever relay and by whatever road it came. */
  get lastRelease(): SignedRelease | undefined {
    return signedReleases(this.#replica)[0];
  }

  /** That the stores' notices hold already, by whichever relay and by whatever road they came. */
  get revocations(): Revocation[] {
    return [...this.#replica.registry.stores].flatMap((store) => this.#revocationsOf(store));
  }

  /** Signs what the notices do not hold yet; outside releases, and in force with its arrival. Answers how many. */
  async revoke(wanted: readonly Revocation[]): Promise<number> {
    const known = new Set(this.revocations.map(keyOf));
    const missing = wanted.filter((each) => !known.has(keyOf(each)));
    for (const revocation of missing) {
      const rule = await this.#replica.openRecords(names.notices(revocation.store));
      this.#replica.records.append(rule, revocation);
    }
    if (missing.length > 0) await this.#replica.documents.flush();
    return missing.length;
  }

  #revocationsOf(store: StoreId): Revocation[] {
    const rule = this.#replica.registry.rule(documentIdOf(names.notices(store)));
    if (rule?.kind !== 'records') return [];
    return this.#replica.records.records(rule).flatMap(({ fields }) => {
      const read = readNotice(fields, store);
      return read.kind === 'revocation' ? [read.revocation] : [];
    });
  }

  /** What a release holds, as it was wanted; undefined where its documents are not all here. */
  async contents(release: SignedRelease): Promise<WantedState | undefined> {
    const org = new Map<string, object>();
    const products = new Map<string, object>();
    const customerTerms = new Map<string, object>();
    for (const [name, heads] of Object.entries(release.heads)) {
      const doc = (await this.#open(name)).doc();
      if (!A.hasHeads(doc, [...heads])) return undefined;
      const into =
        name === names.org() ? org : name.startsWith('catalog/') ? products : customerTerms;
      for (const [key, blob] of Object.entries(A.view(doc, [...heads]).records ?? {}))
        into.set(key, withoutVersion(decodeCanonical(blob)));
    }
    return { org, products, customerTerms };
  }

  /**
   * Publishes nothing, and gives the last release, where nothing changed. One at a time: callers take turns, as
   * `WantedPublishing` does.
   */
  async publish(wanted: WantedState, book: ReleaseBook = nextNumber): Promise<Published> {
    const heads: Record<string, string[]> = {};
    let changed = 0;
    const write = async (name: string, records: ReadonlyMap<string, object>) => {
      const handle = await this.#open(name);
      changed += makeEqual(handle, records, (doc, edit) => this.#signed(doc, name, edit));
      heads[name] = A.getHeads(handle.doc());
    };
    await write(names.org(), wanted.org);
    for (const [shard, records] of sharded(wanted.products))
      await write(names.catalog(shard), records);
    for (const [shard, records] of sharded(wanted.customerTerms))
      await write(names.customerTerms(shard), records);
    const last = this.lastRelease;
    if (changed === 0 && last && sameHeads(last.heads, heads)) return { release: last.n, changed };
    await this.#replica.documents.flush();
    const n = await book(last, heads);
    this.#replica.records.append(await this.#replica.openRecords(names.releases()), {
      n,
      heads,
      at: this.#replica.hybridClock.next(),
    });
    await this.#replica.documents.flush();
    return { release: n, changed };
  }

  /** A change carries its writer's chain: it is judged by itself, by whatever road and whenever it arrives. */
  #signed(doc: A.Doc<MapDocument>, name: string, edit: A.ChangeFn<MapDocument>): Uint8Array {
    const { me, sign } = this.#replica;
    return signedEdit(doc, name, sign, edit, rosterRecord(me.chain, me.letter));
  }

  async #open(name: string): Promise<DocHandle<MapDocument>> {
    const rule = this.#replica.registry.rule(documentIdOf(name));
    if (rule?.kind !== 'hq') throw new TillmeshError('INVARIANT', `${name} is not HQ's document`);
    return this.#replica.documents.open<MapDocument>(rule);
  }
}

function sharded(records: ReadonlyMap<string, object>): Map<number, Map<string, object>> {
  const shards = new Map(
    Array.from({ length: catalogShards }, (_, shard) => [shard, new Map<string, object>()]),
  );
  for (const [key, record] of records) shards.get(shardOf(key))?.set(key, record);
  return shards;
}

/** Writes what differs, in changes of bounded size. Returns how many records that were. */
function makeEqual(
  handle: DocHandle<MapDocument>,
  wanted: ReadonlyMap<string, object>,
  signed: (doc: A.Doc<MapDocument>, edit: A.ChangeFn<MapDocument>) => Uint8Array,
): number {
  const there = handle.doc().records;
  const edits: [key: string, bytes: Uint8Array | undefined][] = [];
  for (const [key, value] of wanted) {
    const bytes = encodeCanonical({ v: 1, ...value });
    const old = there[key];
    if (!old || !equalBytes(old, bytes)) edits.push([key, bytes]);
  }
  for (const key of Object.keys(there)) if (!wanted.has(key)) edits.push([key, undefined]);
  for (let at = 0; at < edits.length; at += recordsPerChange) {
    handle.update((doc) => {
      const change = signed(doc, (draft) => {
        for (const [key, bytes] of edits.slice(at, at + recordsPerChange)) {
          if (bytes) draft.records[key] = bytes;
          else delete draft.records[key];
        }
      });
      return A.applyChanges(doc, [change])[0];
    });
  }
  return edits.length;
}

function withoutVersion(value: unknown): object {
  if (typeof value !== 'object' || value === null)
    throw new TillmeshError('INVARIANT', 'a published record is no object');
  const { v: _, ...rest } = value as Record<string, unknown>;
  return rest;
}

const keyOf = ({ store, terminalKey }: Revocation): string => `${store} ${terminalKey}`;

const sameHeads = (a: Heads, b: Heads): boolean => headsDigest(a) === headsDigest(b);

/** Heads are hashes over whole histories: releases of one digest hold the same. */
export function headsDigest(heads: Heads): string {
  const sorted = Object.keys(heads)
    .sort()
    .map((name) => [name, [...(heads[name] ?? [])].sort()]);
  return hash('sha256', JSON.stringify(sorted));
}
