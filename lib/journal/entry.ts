/**
 * An entry as bytes: canonical JSON of the envelope, signed. Sealing, reading and checking, and nothing about where it is kept.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { TillmeshError } from '../domain/errors.ts';
import {
  isHlc,
  isIncarnationId,
  isJournalKey,
  isStoreId,
  isTerminalId,
  journalKeyOf,
  type EntryHash,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { canonicalMembers, decodeCanonical, encodeCanonical } from './canonical-json.ts';
import type { Entry, Signer, UnsignedEntry, VerifiedEntry, Verifier } from './envelope.ts';

const hash43 = /^[A-Za-z0-9_-]{43}$/;

// Loose: fields that a later version adds are kept, signed and passed on.
const envelope = z.looseObject({
  v: z.literal(1),
  store: z.string().refine(isStoreId),
  terminal: z.string().refine(isTerminalId),
  incarnation: z.string().refine(isIncarnationId),
  seq: z.int().min(1),
  prev: z.union([z.literal('-'), z.string().regex(hash43)]),
  saw: z.record(
    z.string().refine(isJournalKey),
    z.tuple([z.int().min(1), z.string().regex(/^[A-Za-z0-9_-]{11}$/)]),
  ),
  at: z.string().refine(isHlc),
  wall: z.int().min(0),
  zone: z.string().min(1).max(64),
  command: z.string().min(1).max(128),
  type: z.string().min(1).max(64),
  by: z.string().min(1).max(64),
  body: z.record(z.string(), z.unknown()),
  actor: z.string().regex(/^[0-9a-f]{32}$/),
  dep: z.string().regex(/^[0-9a-f]{64}$/),
  sig: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});

export const hashOfEntry = (bytes: Uint8Array): EntryHash =>
  toBase64Url(sha256(bytes)) as EntryHash;

/** What `saw` holds of a hash: its first 8 bytes. */
export const hash8Of = (hash: EntryHash): string => {
  const bytes = fromBase64Url(hash);
  if (!bytes) throw new TillmeshError('INVARIANT', 'an entry hash is not base64url');
  return toBase64Url(bytes.subarray(0, 8));
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const objectOf = (members: readonly [string, string][]): Uint8Array =>
  encoder.encode(`{${members.map(([, text]) => text).join(',')}}`);
const byKey = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1);

/** Signs and encodes. Throws OVER_LIMIT before anything is signed that could not be kept. */
export function sealEntry(unsigned: UnsignedEntry, sign: Signer): VerifiedEntry {
  const members = canonicalMembers(unsigned);
  const sig = toBase64Url(sign(objectOf(members)));
  const entry: Entry = { ...unsigned, sig };
  const bytes = objectOf([...members, ...canonicalMembers({ sig })].sort(byKey));
  if (bytes.length > limits.entryBytes)
    throw new TillmeshError('OVER_LIMIT', `entry of ${bytes.length} bytes`);
  return { journal: journalKeyOf(entry), hash: hashOfEntry(bytes), bytes, entry };
}

/** Reads bytes whose signature has yet to be checked. Throws ENTRY_MALFORMED, OVER_LIMIT. */
export function readEntry(bytes: Uint8Array): VerifiedEntry {
  if (bytes.length > limits.entryBytes)
    throw new TillmeshError('OVER_LIMIT', `entry of ${bytes.length} bytes`);
  const value = decodeCanonical(bytes);
  const read = envelope.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new TillmeshError('ENTRY_MALFORMED', `envelope: ${issue?.path.join('.') ?? ''}`);
  }
  const entry = value as unknown as Entry;
  if (Object.keys(entry.saw).length > limits.sawJournals)
    throw new TillmeshError('OVER_LIMIT', 'saw');
  if ((entry.seq === 1) !== (entry.prev === '-'))
    throw new TillmeshError('ENTRY_MALFORMED', 'the first entry, and no other, follows none');
  return { journal: journalKeyOf(entry), hash: hashOfEntry(bytes), bytes, entry };
}

export function isSignedBy(read: VerifiedEntry, verify: Verifier): boolean {
  const signature = fromBase64Url(read.entry.sig);
  return signature !== undefined && verify(signedBytes(read), signature);
}

/** The canonical text without its signature: cut out where it stands once, which is cheaper than writing all again. */
function signedBytes({ bytes, entry }: VerifiedEntry): Uint8Array {
  const text = decoder.decode(bytes);
  // A body may quote it.
  const member = `"sig":"${entry.sig}",`;
  const at = text.indexOf(member);
  if (at >= 0 && at === text.lastIndexOf(member))
    return encoder.encode(text.slice(0, at) + text.slice(at + member.length));
  const { sig: _, ...unsigned } = entry;
  return encodeCanonical(unsigned);
}

/**
 * Checks that each of these entries of one journal was written by its incarnation. A valid signature proves every entry
 * that hashes to its `prev`, so a run in order costs one check. Throws ENTRY_FORGED.
 */
export function verifyEntries(entries: readonly VerifiedEntry[], verify: Verifier): void {
  const proven = new Set<string>();
  for (let i = entries.length - 1; i >= 0; i--) {
    const read = entries[i];
    if (!read) continue;
    if (!proven.has(read.hash) && !isSignedBy(read, verify))
      throw new TillmeshError('ENTRY_FORGED', `${read.journal} ${read.entry.seq}`);
    proven.add(read.entry.prev);
  }
}
