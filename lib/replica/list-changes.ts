/**
 * What may stand in a list of signed records, and what a change of it may do: valid records appended by their own writer,
 * under his signature, and nothing else. Needs no repo: peers' changes and files on a disk are judged alike.
 */
import * as A from '@automerge/automerge';
import type { RecordListKind, RecordListRule } from '../documents/registry.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { parseJournalKey, principalOf, type EntryHash } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes } from '../journal/bytes.ts';
import { decodeCanonical } from '../journal/canonical-json.ts';
import { hashOfEntry } from '../journal/entry.ts';
import { readSignedChange } from '../trust/signed-change.ts';
import { openRecord, type RecordFields } from '../trust/signed-record.ts';
import { headOffice, type Keyring, type Member } from './keyring.ts';
import { checkRosterChange, recordOfRosterChange } from './roster-change.ts';

export type ListedRecord = {
  readonly rule: RecordListRule;
  /** Of the record's bytes. */
  readonly hash: EntryHash;
  readonly by: Member;
  readonly fields: RecordFields;
};

/** Checks one change whose run lengths are bounded. Throws. */
export function checkListChange(keyring: Keyring, rule: RecordListRule, bytes: Uint8Array): void {
  if (equalBytes(bytes, rule.genesis.bytes)) return;
  if (rule.list === 'roster') {
    const record = recordOfRosterChange(rule, bytes);
    const { by } = readForeign(keyring, rule, record);
    checkRosterChange(rule, bytes, record, by.actorPrefix);
    return;
  }
  const signed = readSignedChange(bytes, rule.name);
  const writers = new Set(recordsOf(keyring, rule, bytes));
  // A change without records would be anybody's.
  if (writers.size === 0) throw new TillmeshError('CHANGE_NOT_CANONICAL', `${rule.list}: empty`);
  for (const by of writers)
    if (!signed.isSignedBy(by.verify))
      throw new TillmeshError('ENTRY_FORGED', `change of ${rule.list}`);
}

/** The writers of the records that a change inserts. */
function recordsOf(keyring: Keyring, rule: RecordListRule, bytes: Uint8Array): Member[] {
  const change = decodeChange(bytes);
  return (change.ops as readonly DecodedOp[]).map((op) => {
    const isInsert = op.action === 'set' && op.obj === rule.genesis.object && op.insert === true;
    if (!isInsert || !Array.isArray(op.value) || op.pred.length > 0 || op.datatype !== undefined)
      throw new TillmeshError('CHANGE_NOT_CANONICAL', `${rule.list}: only records are appended`);
    const { by } = readForeign(keyring, rule, Uint8Array.from(op.value as number[]));
    if (!change.actor.startsWith(by.actorPrefix))
      throw new TillmeshError('NOT_THE_WRITER', 'actor');
    return by;
  });
}

/** What a peer brings: a chain that is not the company's makes it a forgery. */
function readForeign(keyring: Keyring, rule: RecordListRule, bytes: Uint8Array): ListedRecord {
  if (bytes.length > limits.recordBytes)
    throw new TillmeshError('OVER_LIMIT', `record of ${bytes.length} bytes`);
  try {
    return readListed(keyring, rule, bytes);
  } catch (cause) {
    throw asForgery(cause, `${rule.list} record`);
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
