/**
 * Head office's documents made by hand, without a relay: maps of blobs, signed releases, and their files in a data
 * directory. For tests and fixtures alone.
 */
import * as A from '@automerge/automerge';
import type { ListDocument, MapDocument } from '../documents/genesis.ts';
import { actorOf, actorPrefixOf, documentIdOf, names, shardOf } from '../documents/names.ts';
import { DocumentRegistry, type DocumentRule } from '../documents/registry.ts';
import type { SeriesLetter } from '../domain/ids.ts';
import { encodeCanonical } from '../journal/canonical-json.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import { pathOfKey } from '../storage/storage-key.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { sealRecord, type RecordFields } from '../trust/signed-record.ts';
import { rosterRecord } from './keyring.ts';
import { rosterChange } from './roster-change.ts';
import { signedEdit } from './signed-edit.ts';

export const sampleLetter = 'A' as SeriesLetter;

type Writer = Pick<NewIncarnation, 'chain' | 'principal' | 'signer'>;

/** Documents that HQ writes, as it has them; in its roster any terminal. */
export class SampleHeadOffice {
  readonly relay: Writer;
  readonly registry: DocumentRegistry;
  readonly #actor: string;
  readonly #docs = new Map<string, A.Doc<MapDocument | ListDocument>>();

  constructor(relay: Writer, registry = new DocumentRegistry()) {
    this.relay = relay;
    this.registry = registry;
    this.#actor = actorOf(relay.principal, new Uint8Array(8));
  }

  rule(name: string): DocumentRule {
    const rule = this.registry.rule(documentIdOf(name));
    if (!rule) throw new Error(`no document ${name}`);
    return rule;
  }

  doc<T extends MapDocument | ListDocument>(name: string): A.Doc<T> {
    const held = this.#docs.get(name);
    if (held) return held as A.Doc<T>;
    return A.load<T>(this.rule(name).genesis.bytes, { actor: this.#actor });
  }

  /** Writes blobs; `undefined` takes one out. Gives the change. */
  write(name: string, records: Readonly<Record<string, object | undefined>>): Uint8Array {
    const { chain, signer } = this.relay;
    const doc = this.doc<MapDocument>(name);
    const change = signedEdit(
      doc,
      name,
      signer,
      (draft) => {
        for (const [key, value] of Object.entries(records)) {
          if (value) draft.records[key] = encodeCanonical({ v: 1, ...value });
          else delete draft.records[key];
        }
      },
      rosterRecord(chain, sampleLetter),
    );
    this.#docs.set(name, A.applyChanges(doc, [change])[0]);
    return change;
  }

  /** Products by code, each in its shard. */
  writeProducts(products: Readonly<Record<string, object | undefined>>): Uint8Array[] {
    return Object.entries(products).map(([sku, product]) =>
      this.write(names.catalog(shardOf(sku)), { [sku]: product }),
    );
  }

  /** Signs a record and appends it to a list. Gives the change. */
  append(name: string, fields: RecordFields): Uint8Array {
    const rule = this.rule(name);
    if (rule.kind !== 'records') throw new Error(`${name} is no list`);
    const bytes = this.seal(rule.list, fields);
    const doc = this.doc<ListDocument>(name);
    const change =
      rule.list === 'roster'
        ? rosterChange(rule, bytes, actorPrefixOf(this.relay.principal))
        : signedEdit(doc, name, this.relay.signer, (draft) => {
            draft.entries.push(bytes);
          });
    this.#docs.set(name, A.applyChanges(doc, [change])[0]);
    return change;
  }

  seal(list: string, fields: RecordFields): Uint8Array {
    const { chain, principal, signer } = this.relay;
    return sealRecord(list, { ...rosterRecord(chain, sampleLetter), ...fields }, principal, signer);
  }

  /** A release of these documents as they are now. */
  release(n: number, documents: readonly string[], at?: string): Uint8Array {
    const heads = Object.fromEntries(documents.map((name) => [name, A.getHeads(this.doc(name))]));
    return this.append(names.releases(), { n, heads, ...(at !== undefined && { at }) });
  }

  /** The same documents as they are now, written by another relay from here on. */
  continuedBy(relay: Writer): SampleHeadOffice {
    const office = new SampleHeadOffice(relay, this.registry);
    for (const [name, doc] of this.#docs) office.#docs.set(name, A.clone(doc, office.#actor));
    return office;
  }

  /** Puts every document into a data directory, as a till that had them would have saved them. */
  plant(disk: Disk, directory: string): void {
    for (const [name, doc] of this.#docs) {
      const path = pathOfKey(`${directory}/documents`, [this.rule(name).id, 'snapshot']);
      disk.makeDirectory(path);
      writeAtomically(disk, `${path}/${A.getHeads(doc).join('')}`, A.save(doc));
    }
  }
}
