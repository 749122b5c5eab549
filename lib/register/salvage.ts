/**
 * What is genuine in a piece of a document that somebody edited: every change is judged by its own signature, as if a
 * stranger had brought it. What is left over comes back from peers; the edited file itself is kept aside.
 */
import * as A from '@automerge/automerge';
import { DocumentRegistry, type DeskRule, type DocumentRule } from '../documents/registry.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { parseJournalKey } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { concatBytes, equalBytes } from '../journal/bytes.ts';
import { boundChange } from '../journal/change-bounds.ts';
import { signerOf } from '../replica/change-signer.ts';
import { readDeskChange, type DeskWriter } from '../replica/desk-change.ts';
import { daysAround } from '../replica/desks.ts';
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

  /** `nowMs`: the desks of the days around it are known, too. */
  constructor(disk: Disk, directory: string, nowMs?: number) {
    for (const [journal, segments] of new JournalFiles(disk, `${directory}/journals`).list()) {
      const { store } = parseJournalKey(journal);
      this.#registry.learnStore(store);
      this.#registry.learnJournal(journal, segments.at(-1) ?? 0);
      if (nowMs !== undefined)
        for (const day of daysAround(nowMs, limits.deskDaysAhead, limits.deskDaysBack))
          this.#registry.learnDesk(store, day);
    }
  }

  /** Undefined for what is no piece, or of a document that nothing here speaks of. */
  of(path: string): DocumentRule | undefined {
    const [top, first = '', second = ''] = path.split('/');
    const id = top === 'documents' ? documentOf([first + second]) : undefined;
    return id && this.#registry.rule(id);
  }
}

/**
 * The genuine changes of a piece, one after the other; undefined where there is none. `beside`: the other pieces of its
 * document, in which it may stand who writes in a desk.
 */
export function genuineIn(
  piece: Uint8Array,
  rule: DocumentRule,
  caPem: Uint8Array,
  beside: readonly Uint8Array[] = [],
): Uint8Array | undefined {
  const [caDer] = certificatesOf(new TextDecoder().decode(caPem));
  if (!caDer) return undefined;
  const chains = new ChainCache(caDer);
  const keyring = new Keyring((ders) => chains.verify(ders));
  const writers =
    rule.kind === 'desk'
      ? writersIn([piece, ...beside], rule, keyring)
      : new Map<string, DeskWriter>();
  const kept = changesIn(piece).filter((change) => isGenuine(keyring, rule, change, writers));
  return kept.length === 0 ? undefined : concatBytes(kept);
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

/** By actor: the first change of each names its writer. */
function writersIn(
  pieces: readonly Uint8Array[],
  rule: DeskRule,
  keyring: Keyring,
): ReadonlyMap<string, DeskWriter> {
  const writers = new Map<string, DeskWriter>();
  for (const bytes of pieces.flatMap(changesIn)) {
    const change = genuine(() => readDeskChange(rule, bytes, keyring, () => undefined));
    if (change) writers.set(change.place.actor, change.writer);
  }
  return writers;
}

function isGenuine(
  keyring: Keyring,
  rule: DocumentRule,
  change: Uint8Array,
  writers: ReadonlyMap<string, DeskWriter>,
): boolean {
  if (equalBytes(change, rule.genesis.bytes)) return true;
  const read = genuine(() => {
    boundChange(change);
    switch (rule.kind) {
      case 'records':
        checkListChange(keyring, rule, change);
        return true;
      case 'desk':
        return readDeskChange(rule, change, keyring, (actor) => writers.get(actor)) !== undefined;
      case 'hq':
        return signerOf(keyring, change, rule.name).identity.store === headOffice;
      default:
        return false;
    }
  });
  return read === true;
}

/** Undefined where it throws what makes a change not count. */
function genuine<Read>(read: () => Read): Read | undefined {
  try {
    return read();
  } catch (error) {
    if (isTillmeshError(error)) return undefined;
    throw error;
  }
}
