/**
 * A revocation as head office signs it: which key gets no link any more, and how far its journals were known then. It names
 * the key and not the terminal's name, which a replacement may have by now. What the terminal wrote stays counted.
 */
import { z } from 'zod';
import { hlcField, journalKeyField, storeField, whole } from './fields.ts';
import {
  isEntryHash,
  isTerminalId,
  journalKeyOf,
  type EntryHash,
  type Hlc,
  type Identity,
  type JournalKey,
  type StoreId,
  type TerminalId,
} from './ids.ts';
import { limits } from './limits.ts';
import { reachesEnrolled, revocationReasons } from './revocation-reason.ts';

export const revocationReasonField = z.enum(revocationReasons);

/** Hex SHA-256 of a terminal certificate's SubjectPublicKeyInfo. */
export const terminalKeyField = z.string().regex(/^[0-9a-f]{64}$/, 'not the name of a key');

const tip = z.object({
  seq: whole(1, Number.MAX_SAFE_INTEGER),
  hash: z.custom<EntryHash>(isEntryHash, 'not an entry hash'),
});

/** Reasons of a later version are obeyed like any other. */
const revocationFields = z.looseObject({
  type: z.literal('revocation'),
  store: storeField,
  terminal: z.custom<TerminalId>(isTerminalId, 'not a terminal'),
  terminalKey: terminalKeyField,
  reason: z.string().regex(/^[a-z-]{1,40}$/, 'not a reason'),
  /** Of each life that was known: the last entry that head office had. */
  tips: z
    .custom<object>(
      (tips) =>
        typeof tips === 'object' &&
        tips !== null &&
        Object.keys(tips).length <= limits.tipsPerMessage,
      'too many journals',
    )
    .pipe(z.record(journalKeyField, tip)),
  /** By head office's hybrid clock. */
  at: hlcField,
});

export type Revocation = {
  readonly type: 'revocation';
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly terminalKey: string;
  readonly reason: string;
  readonly tips: Readonly<Record<JournalKey, { readonly seq: number; readonly hash: EntryHash }>>;
  readonly at: Hlc;
};

export type ReadNotice =
  | { readonly kind: 'revocation'; readonly revocation: Revocation }
  /** Of a later version: kept, passed on and not obeyed. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'invalid'; readonly problem: string };

/** What a record of `notices/<store>` says. One that speaks of another store is no notice. */
export function readNotice(fields: Readonly<Record<string, unknown>>, of: StoreId): ReadNotice {
  if (fields['type'] !== 'revocation') return { kind: 'unknown' };
  const read = revocationFields.safeParse(fields);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { kind: 'invalid', problem: `revocation: ${issue?.path.join('.') ?? 'shape'}` };
  }
  const { type, store, terminal, terminalKey, reason, tips, at } = read.data;
  if (store !== of) return { kind: 'invalid', problem: `revocation: for ${store}` };
  return {
    kind: 'revocation',
    revocation: { type, store, terminal, terminalKey, reason, tips, at },
  };
}

/**
 * Which of two revocations of one key stands, so that all replicas take the same: the earlier one, because what was
 * written after it needs a look. A number as `sort` wants it.
 */
export const earlier = (a: Revocation, b: Revocation): number =>
  compare(a.at, b.at) || compare(textOf(a), textOf(b));

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const textOf = ({ reason, tips }: Revocation): string =>
  JSON.stringify([reason, Object.entries(tips).sort(([a], [b]) => compare(a, b))]);

/** A journal of a revoked key, and the last entry of it that head office knew; seq 0 and `-` for none. */
export type RevokedJournal = {
  readonly journal: JournalKey;
  readonly terminal: TerminalId;
  readonly reason: string;
  readonly at: Hlc;
  readonly seq: number;
  readonly hash: EntryHash | '-';
};

/** Of these writers those whose key was revoked: any life, also one that head office had not heard of. */
export function revokedJournals(
  revocations: readonly Revocation[],
  writers: readonly {
    readonly identity: Identity;
    readonly terminalKey: string;
    readonly issuerKeys?: readonly string[];
  }[],
): RevokedJournal[] {
  return writers.flatMap((writer): RevokedJournal[] => {
    const standing = revocations
      .filter(
        (revocation) =>
          revocation.store === writer.identity.store &&
          (revocation.terminalKey === writer.terminalKey ||
            (reachesEnrolled(revocation) &&
              writer.issuerKeys?.includes(revocation.terminalKey) === true)),
      )
      .toSorted(earlier)[0];
    if (!standing) return [];
    const journal = journalKeyOf(writer.identity);
    const { terminal, reason, at, tips } = standing;
    const known = Object.hasOwn(tips, journal) ? tips[journal] : undefined;
    return [{ journal, terminal, reason, at, seq: known?.seq ?? 0, hash: known?.hash ?? '-' }];
  });
}
