/**
 * What is genuine in a piece of a document that somebody edited: every change is judged by its own signature, as if a
 * stranger had brought it. What is left over comes back from peers; the edited file itself is kept aside.
 */
import * as A from '@automerge/automerge';
import { DocumentRegistry, type DocumentRule } from '../documents/registry.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { parseJournalKey, type StoreId } from '../domain/ids.ts';
import { concatBytes, equalBytes } from '../journal/bytes.ts';
import { boundChange } from '../journal/change-bounds.ts';
import { signerOf } from '../replica/change-signer.ts';
import { JournalFiles } from '../replica/journal-files.ts';
import { headOffice, Keyring } from '../replica/keyring.ts';
import { checkListChange } from '../replica/list-changes.ts';
import type { Disk } from '../storage/disk.ts';
import { chunkTypes } from '../storage/chunks.ts';
import { scanVerified } from '../storage/node-chunks.ts';
import { documentOf } from '../storage/storage-key.ts';
import { ChainCache } from '../trust/chain-cache.ts';
import { certificatesOf } from '../trust/pem.ts';

/** The documents that a directory's journals speak of, by the path of a piece. */
export class KnownDocuments {
  readonly #registry = new DocumentRegistry();

  constructor(disk: Disk, directory: string, store?: StoreId) {
    if (store) this.#registry.learnStore(store);
    for (const [journal, segments] of new JournalFiles(disk, `${directory}/journals`).list()) {
      this.#registry.learnStore(parseJournalKey(journal).store);
      this.#registry.learnJournal(journal, segments.at(-1) ?? 0);
    }
  }

  /** Undefined for what is no piece, or of a document that nothing here speaks of. */
  of(path: string): DocumentRule | undefined {
    const [top, first = '', second = ''] = path.split('/');
    const id = top === 'documents' ? documentOf([first + second]) : undefined;
    return id && this.#registry.rule(id);
  }
}

/** The genuine changes of a piece, one after the other; undefined where there is none. */
export function genuineIn(
  piece: Uint8Array,
  rule: DocumentRule,
  caPem: Uint8Array,
): Uint8Array | undefined {
  const [caDer] = certificatesOf(new TextDecoder().decode(caPem));
  if (!caDer) return undefined;
  const chains = new ChainCache(caDer);
  const keyring = new Keyring((ders) => chains.verify(ders));
  const genuine = changesIn(piece).filter((change) => isGenuine(keyring, rule, change));
  return genuine.length === 0 ? undefined : concatBytes(genuine);
}

function changesIn(piece: Uint8Array): Uint8Array[] {
  return scanVerified(piece).chunks.flatMap(({ type, start, end }) => {
    const chunk = piece.subarray(start, end);
    if (type !== chunkTypes.document) return [chunk];
    try {
      return A.getAllChanges(A.load(chunk));
    } catch {
      // Checksums that fit around what is no document: nothing of it can be used.
      return [];
    }
  });
}

function isGenuine(keyring: Keyring, rule: DocumentRule, change: Uint8Array): boolean {
  if (equalBytes(change, rule.genesis.bytes)) return true;
  try {
    boundChange(change);
    if (rule.kind === 'records') checkListChange(keyring, rule, change);
    else if (rule.kind !== 'hq') return false;
    else return signerOf(keyring, change, rule.name).identity.store === headOffice;
    return true;
  } catch (error) {
    if (isTillmeshError(error)) return false;
    throw error;
  }
}
