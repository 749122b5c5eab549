/**
 * Checks head office's documents of a stopped directory against what was signed: the heads of the release in force, and
 * the signature of every change. What is false does not count at a till, and is named here. Writes nothing.
 */
import * as A from '@automerge/automerge';
import type { MapDocument } from '../documents/genesis.ts';
import { documentIdOf } from '../documents/names.ts';
import type { DocumentRegistry, HqMapRule } from '../documents/registry.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { equalBytes } from '../journal/bytes.ts';
import { signerOf } from '../replica/change-signer.ts';
import { releaseFields } from '../replica/releases.ts';
import { headOffice, type Keyring } from '../replica/keyring.ts';
import type { ListedRecord } from '../replica/list-changes.ts';
import type { Disk } from '../storage/disk.ts';
import { scanVerified } from '../storage/node-chunks.ts';
import { pathOfKey } from '../storage/storage-key.ts';
import { filesBeneath } from './verify-documents.ts';
import type { Report } from './verify-journal.ts';

export type HqParts = {
  readonly disk: Disk;
  readonly directory: string;
  readonly registry: DocumentRegistry;
  readonly keyring: Keyring;
  readonly releases: readonly ListedRecord[];
  /** The number of the release that the read models hold; undefined where they hold none, or are not there. */
  readonly applied: number | undefined;
};

export function checkHqDocuments(parts: HqParts, report: Report): void {
  const releases = parts.releases.flatMap(({ fields }) => {
    const read = releaseFields.safeParse(fields);
    return read.success ? [read.data] : [];
  });
  const { applied } = parts;
  const inForce = releases.filter(({ n }) => n === applied);
  if (applied !== undefined && inForce.length === 0) {
    const last = Math.max(0, ...releases.map(({ n }) => n));
    const what = `release ${applied}, which the read models hold, is not in it; it ends with ${last}`;
    report({ kind: 'missing', where: 'releases', what });
  }
  const names = new Set(releases.flatMap(({ heads }) => Object.keys(heads)));
  for (const where of names) {
    const rule = parts.registry.rule(documentIdOf(where));
    if (rule?.kind !== 'hq') continue;
    const doc = documentOf(parts, rule, report);
    for (const { n, heads } of inForce) {
      const signed = heads[where];
      // Of a newer release the documents may still be on their way; what is in force was here.
      if (!signed || (doc && A.hasHeads(doc, signed))) continue;
      report({ kind: 'missing', where, what: `it does not hold what release ${n} signed` });
    }
  }
}

function documentOf(
  { disk, directory, keyring }: HqParts,
  rule: HqMapRule,
  report: Report,
): A.Doc<MapDocument> | undefined {
  let doc = A.init<MapDocument>();
  for (const file of filesBeneath(disk, pathOfKey(`${directory}/documents`, [rule.id]))) {
    const bytes = disk.read(file);
    // What does not fit its checksum was reported with all pieces.
    if (bytes && scanVerified(bytes).problem === undefined) doc = A.loadIncremental(doc, bytes);
  }
  for (const [at, change] of A.getAllChanges(doc).entries()) {
    if (equalBytes(change, rule.genesis.bytes)) continue;
    try {
      const { identity } = signerOf(keyring, change, rule.name);
      if (identity.store === headOffice) continue;
      report({ kind: 'edited', where: rule.name, what: `change ${at} is of ${identity.terminal}` });
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      const what = `change ${at} is not head office’s: it does not count (${error.code})`;
      report({ kind: 'edited', where: rule.name, what });
    }
  }
  return doc;
}
