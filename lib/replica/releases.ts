/**
 * The releases that head office has signed, out of their list: which is newer, who signed it and when, what it changed.
 * Which of them is in force is `hq-data.ts`'s to say.
 */
import { z } from 'zod';
import { documentIdOf, names } from '../documents/names.ts';
import { hlcField } from '../domain/fields.ts';
import type { Hlc, ReleaseId } from '../domain/ids.ts';
import type { ReleaseView } from '../domain/releases.ts';
import { parseHlc } from '../journal/hybrid-clock.ts';
import type { RecordFields } from '../trust/signed-record.ts';
import type { Member } from './keyring.ts';
import type { Replica } from './replica.ts';

/** Document name → its heads. */
export type Heads = Readonly<Record<string, readonly string[]>>;

export type SignedRelease = ReleaseId & {
  readonly heads: Heads;
  /** Whose signature it carries: a relay's, or it would not be here. */
  readonly by: Member;
  /** By that relay's hybrid clock; absent for those of before. */
  readonly at?: Hlc;
};

export const releaseFields = z.looseObject({
  n: z.int().min(1),
  heads: z.record(z.string().max(128), z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(64)),
  at: hlcField.exactOptional(),
});
type Read = Pick<SignedRelease, 'n' | 'heads' | 'at'>;

/** By the fields of their records, which live as long as the list does: there is one more with every release. */
const known = new WeakMap<RecordFields, Read | undefined>();

/** The newest first. What is no release is passed over. */
export function signedReleases({
  registry,
  records,
}: Pick<Replica, 'registry' | 'records'>): SignedRelease[] {
  const rule = registry.rule(documentIdOf(names.releases()));
  if (rule?.kind !== 'records') return [];
  return records
    .records(rule)
    .flatMap(({ fields, hash, by }) => {
      const read = readOnce(fields);
      return read ? [{ ...read, hash, by }] : [];
    })
    .sort((a, b) => (isNewer(a, b) ? -1 : 1));
}

function readOnce(fields: RecordFields): Read | undefined {
  if (known.has(fields)) return known.get(fields);
  const { success, data } = releaseFields.safeParse(fields);
  const { at } = data ?? {};
  const read = success ? { n: data.n, heads: data.heads, ...(at && { at }) } : undefined;
  known.set(fields, read);
  return read;
}

export const isSame = (release: ReleaseId, other: ReleaseId | undefined): boolean =>
  release.n === other?.n && release.hash === other.hash;

/** By number; of two with one number, every replica takes the same. */
export const isNewer = (release: ReleaseId, other: ReleaseId | undefined): boolean =>
  other === undefined ||
  release.n > other.n ||
  (release.n === other.n && release.hash > other.hash);

/** For people; `before` is the one that it came after, undefined for the first. */
export function releaseView(
  release: SignedRelease,
  before: SignedRelease | undefined,
): ReleaseView {
  const { n, by, at, heads } = release;
  const [issuerKey] = by.issuerKeys;
  return {
    n,
    signedBy: by.principal,
    ...(issuerKey !== undefined && { issuerKey }),
    ...(at !== undefined && { atMs: parseHlc(at).ms }),
    changed: Object.keys(heads).filter(
      (name) => !sameHeads(heads[name] ?? [], before?.heads[name] ?? []),
    ),
  };
}

const sameHeads = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((head) => b.includes(head));
