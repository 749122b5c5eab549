/**
 * The one change that may bring a record into a roster: an insert straight after the genesis, by an actor that the record's
 * bytes decide. Many write a roster, and two changes that share actor and seq would keep replicas apart for ever:
 * here record and change determine each other, so nobody can make such a pair.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { DocumentRule, RecordListRule } from '../documents/registry.ts';
import { TillmeshError } from '../domain/errors.ts';
import { equalBytes, toHex } from '../journal/bytes.ts';
import {
  readEntryChange,
  writeEntryChange,
  type ChangePlace,
} from '../journal/canonical-change.ts';

export function rosterChange(
  rule: RecordListRule,
  record: Uint8Array,
  actorPrefix: string,
): Uint8Array {
  const start = placeOfGenesis(rule);
  return writeEntryChange(record, actorOfRecord(record, actorPrefix), start, start).bytes;
}

/** The record of a roster's change; what else there is to it is checked by `checkRosterChange`. */
export const recordOfRosterChange = (rule: RecordListRule, change: Uint8Array): Uint8Array =>
  readEntryChange(change, placeOfGenesis(rule)).blob;

/** Throws CHANGE_NOT_CANONICAL where this is not the change of this record. */
export function checkRosterChange(
  rule: RecordListRule,
  change: Uint8Array,
  record: Uint8Array,
  actorPrefix: string,
): void {
  if (!equalBytes(change, rosterChange(rule, record, actorPrefix)))
    throw new TillmeshError('CHANGE_NOT_CANONICAL', `${rule.name}: not the change of its record`);
}

const actorOfRecord = (record: Uint8Array, actorPrefix: string): string =>
  actorPrefix + toHex(sha256(record).subarray(0, 8));

/** Where a document begins, for the changes that are written by hand. */
export const placeOfGenesis = ({ genesis }: Pick<DocumentRule, 'genesis'>): ChangePlace => ({
  hash: genesis.hash,
  actor: genesis.actor,
  actorSeq: 1,
  op: 1,
});
