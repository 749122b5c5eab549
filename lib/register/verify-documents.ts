/**
 * Lists of signed records (roster, status, inventory) read from a stopped directory without a repo,
 * and the checksums of every saved piece of a document. Writes nothing.
 */
import * as A from '@automerge/automerge';
import type { ListDocument } from '../documents/genesis.ts';
import type { RecordListRule } from '../documents/registry.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { Keyring } from '../replica/keyring.ts';
import { readListed, type ListedRecord } from '../replica/list-changes.ts';
import type { Disk } from '../storage/disk.ts';
import { scanVerified } from '../storage/node-chunks.ts';
import { isPieceKind, pathOfKey } from '../storage/storage-key.ts';
import type { Report } from './verify-journal.ts';

/** Every piece of every saved document carries the checksums of its chunks. */
export function checkPieces(disk: Disk, directory: string, report: Report): void {
  for (const path of filesBeneath(disk, `${directory}/documents`)) {
    if (!isPieceKind(path.split('/').at(-2))) continue;
    const bytes = disk.read(path) ?? new Uint8Array();
    const { chunks, goodBytes, problem } = scanVerified(bytes);
    if (problem === undefined && chunks.length > 0) continue;
    const what = `the checksum does not fit at byte ${goodBytes} of ${bytes.length}`;
    report({ kind: 'damaged', where: path.slice(directory.length + 1), what });
  }
}

/** The records of one list that count; the others are reported. A list that was never saved has none. */
export function readRecords(
  parts: { readonly disk: Disk; readonly directory: string; readonly keyring: Keyring },
  rule: RecordListRule,
  report: Report,
): ListedRecord[] {
  const { disk, directory, keyring } = parts;
  const path = pathOfKey(`${directory}/documents`, [rule.id]);
  return entriesOf(disk, path).flatMap((bytes, at) => {
    try {
      return [readListed(keyring, rule, bytes)];
    } catch (error) {
      if (!(error instanceof TillmeshError)) throw error;
      const kind = error.code.startsWith('CERTIFICATE') ? 'untrusted' : 'edited';
      report({ kind, where: rule.name, what: `record ${at + 1}: ${error.message}` });
      return [];
    }
  });
}

function entriesOf(disk: Disk, path: string): Uint8Array[] {
  let doc = A.init<ListDocument>();
  for (const file of filesBeneath(disk, path)) {
    const bytes = disk.read(file);
    // What does not fit its checksum was reported with all pieces; Automerge would refuse the good part too.
    if (!bytes || scanVerified(bytes).problem !== undefined) continue;
    doc = A.loadIncremental(doc, bytes);
  }
  return doc.entries ?? [];
}

export function* filesBeneath(disk: Disk, path: string): Generator<string> {
  for (const name of disk.list(path)) {
    const child = `${path}/${name}`;
    if (disk.stat(child)?.kind === 'directory') yield* filesBeneath(disk, child);
    else yield child;
  }
}
