/**
 * HQ's documents as they are in force: the last release whose heads are all here, as a whole (P7).
 * What merged beyond its signed heads is inert. Tells what changed from one release to the next.
 */
import * as A from '@automerge/automerge';
import type { DocHandle } from '@automerge/automerge-repo';
import type { MapDocument } from '../documents/genesis.ts';
import { documentIdOf, names } from '../documents/names.ts';
import type { DocumentRegistry } from '../documents/registry.ts';
import { decodeCanonical } from '../journal/canonical-json.ts';
import { isTillmeshError } from '../domain/errors.ts';
import type { ReleaseId } from '../domain/ids.ts';
import type { ReleasesHere } from '../domain/releases.ts';
import type { RecordLists } from './record-lists.ts';
import { isNewer, isSame, releaseView, signedReleases, type SignedRelease } from './releases.ts';
import type { RepoDocuments } from './repo-documents.ts';

/** `value` is the decoded blob; undefined where the record is gone. */
export type RecordChange = { readonly key: string; readonly value: unknown };

export type ReleaseInForce = {
  readonly id: ReleaseId;
  readonly org: ReadonlyMap<string, unknown>;
  readonly products: readonly RecordChange[];
  readonly customerTerms: readonly RecordChange[];
};

export type HqDataOptions = {
  readonly documents: RepoDocuments;
  readonly registry: DocumentRegistry;
  readonly records: RecordLists;
  /** The release that the read models hold already. */
  readonly applied: ReleaseId | undefined;
  /** A release came into force. Changes are those since the one before, or everything where that is not known. */
  readonly onRelease: (release: ReleaseInForce) => void;
  /** `isWaiting` became true, with the documents open. */
  readonly onWaiting: () => void;
  readonly onError: (error: unknown) => void;
};

export class HqData {
  readonly #o: HqDataOptions;
  readonly #handles = new Map<string, DocHandle<MapDocument>>();
  #applied: ReleaseId | undefined;
  #orgOf: ReleaseId | undefined;
  #isWaiting = false;
  #parts = { here: 0, all: 0 };
  /** Of the newest release that is known and not in force. */
  #missing: { readonly release: SignedRelease; readonly names: readonly string[] } | undefined;
  /** What the read models held when an older one had to do: nothing newer is here any more. */
  #setBackFrom: ReleaseId | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: HqDataOptions) {
    this.#o = options;
    this.#applied = options.applied;
  }

  get release(): number {
    return this.#orgOf?.n ?? 0;
  }

  /** A newer release is known whose documents are not all here: peers are to be asked for them. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Documents of the release that was looked at last, and how many of them are here as it wants them. */
  get parts(): { readonly here: number; readonly all: number } {
    return this.#parts;
  }

  /** For people: what is in force, and what keeps a newer one from it. */
  get view(): ReleasesHere {
    const all = signedReleases(this.#o);
    const viewOf = (release: SignedRelease) => releaseView(release, all[all.indexOf(release) + 1]);
    const inForce = all.find((release) => isSame(release, this.#orgOf));
    const newer = this.#missing;
    const waiting = newer && all.find((release) => isSame(release, newer.release));
    return {
      ...(inForce && { inForce: viewOf(inForce) }),
      ...(this.#setBackFrom && { setBackFrom: this.#setBackFrom.n }),
      ...(newer && waiting && { waiting: { ...viewOf(waiting), missing: newer.names } }),
    };
  }

  /** The read models lost what they held: the release in force is given again as a whole. */
  reapply(): Promise<void> {
    // In its turn: a look that is under way would set back what it forgets.
    this.#turn = this.#turn.then(() => {
      this.#applied = undefined;
      this.#orgOf = undefined;
    });
    return this.refresh();
  }

  /** Looks whether a newer release is complete. Called at start, for every release record, and when a document changes. */
  refresh(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#refresh()).catch(this.#o.onError);
    return this.#turn;
  }

  async #refresh(): Promise<void> {
    const releases = signedReleases(this.#o);
    // A newer one whose heads are on their way: its documents stay open, and each change of them looks again.
    let isWaiting = false;
    this.#missing = undefined;
    for (const release of releases) {
      if (!isNewer(release, this.#orgOf)) break;
      if (!(await this.#isHere(release))) {
        isWaiting = true;
        continue;
      }
      const before = releases.find((other) => isSame(other, this.#applied));
      const isKnown = isSame(release, this.#applied);
      const products = isKnown ? [] : await this.#changes('catalog/', before, release);
      const customerTerms = isKnown ? [] : await this.#changes('customer-terms/', before, release);
      const org = await this.#org(release);
      const id: ReleaseId = { n: release.n, hash: release.hash };
      // A till without people and prices is closed: the older one is taken as a whole, and the others are asked.
      if (this.#applied && isNewer(this.#applied, release)) this.#setBackFrom ??= this.#applied;
      if (this.#setBackFrom && !isNewer(this.#setBackFrom, release)) this.#setBackFrom = undefined;
      this.#o.onRelease({ id, org, products, customerTerms });
      // Not before: what a full disk refused is tried again, from the release before.
      this.#orgOf = id;
      this.#applied = id;
      break;
    }
    if (this.#setBackFrom && !isWaiting) {
      isWaiting = true;
      if (!this.#isWaiting) this.#o.onWaiting();
    }
    this.#isWaiting = isWaiting;
    if (!isWaiting) await this.#unload();
  }

  async #isHere(release: SignedRelease): Promise<boolean> {
    const wanted = Object.entries(release.heads);
    const missing: string[] = [];
    for (const [name, heads] of wanted) {
      // What the read models hold has been here; it need not be loaded to be believed.
      if (isSame(release, this.#applied) && name !== names.org()) continue;
      const handle = await this.#open(name);
      if (!handle || !A.hasHeads(handle.doc(), [...heads])) missing.push(name);
    }
    this.#parts = { here: wanted.length - missing.length, all: wanted.length };
    const isHere = missing.length === 0;
    // Asked newest first: what is missing of the newest is what somebody waits for.
    if (!isHere) this.#missing ??= { release, names: missing };
    if (!isHere && !this.#isWaiting) {
      this.#isWaiting = true;
      this.#o.onWaiting();
    }
    return isHere;
  }

  async #open(name: string): Promise<DocHandle<MapDocument> | undefined> {
    const known = this.#handles.get(name);
    if (known?.isReady()) return known;
    const rule = this.#o.registry.rule(documentIdOf(name));
    if (rule?.kind !== 'hq') return undefined;
    const handle = await this.#o.documents.open<MapDocument>(rule);
    this.#handles.set(name, handle);
    handle.on('change', () => void this.refresh());
    return handle;
  }

  async #changes(
    prefix: string,
    before: SignedRelease | undefined,
    release: SignedRelease,
  ): Promise<RecordChange[]> {
    const changes: RecordChange[] = [];
    for (const [name, heads] of Object.entries(release.heads)) {
      if (!name.startsWith(prefix)) continue;
      const handle = await this.#open(name);
      if (!handle) continue;
      const doc = handle.doc();
      const records = A.view(doc, [...heads]).records ?? {};
      const old = before?.heads[name];
      const keys = old ? changedKeys(doc, [...old], [...heads]) : Object.keys(records);
      for (const key of keys) changes.push({ key, value: this.#decoded(records[key]) });
    }
    return changes;
  }

  /** The read models have it: the maps need not stay in memory until the next release. */
  async #unload(): Promise<void> {
    for (const name of [...this.#handles.keys()]) {
      if (name === names.org()) continue;
      this.#handles.delete(name);
      await this.#o.documents.forget(documentIdOf(name));
    }
  }

  async #org(release: SignedRelease): Promise<Map<string, unknown>> {
    const org = new Map<string, unknown>();
    const heads = release.heads[names.org()];
    const handle = heads && (await this.#open(names.org()));
    if (!handle) return org;
    for (const [key, blob] of Object.entries(A.view(handle.doc(), [...heads]).records ?? {})) {
      const value = this.#decoded(blob);
      if (value !== undefined) org.set(key, value);
    }
    return org;
  }

  /** A blob of a later version may be unreadable here: it is passed over and the rest counts. */
  #decoded(blob: unknown): unknown {
    if (!(blob instanceof Uint8Array)) return undefined;
    try {
      return decodeCanonical(blob);
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      this.#o.onError(error);
      return undefined;
    }
  }
}

/** Keys of `records` that differ between two states; `A.diff` costs a third of a millisecond for 20 of 1,250. */
function changedKeys(doc: A.Doc<MapDocument>, before: A.Heads, after: A.Heads): Set<string> {
  const keys = new Set<string>();
  for (const { path } of A.diff(doc, before, after))
    if (path[0] === 'records' && typeof path[1] === 'string') keys.add(path[1]);
  return keys;
}
