/** Up to where a journal is complete. Pure; the same for every order of arrival. */
import type { EntryHash } from '../lib/domain/ids.ts';

export type ChainLink = {
  readonly seq: number;
  readonly hash: EntryHash;
  readonly prev: EntryHash | '-';
};

/** `hash` is `-` at seq 0, before the first entry. */
export type ChainPoint = { readonly seq: number; readonly hash: EntryHash | '-' };

export const beginning: ChainPoint = { seq: 0, hash: '-' };

/**
 * The farthest entry that is chained to `from` without a hole. Where a fork left two branches, the longer one counts;
 * of two equally long, the smaller hash, so that every relay says the same.
 */
export function contiguousTip(from: ChainPoint, links: readonly ChainLink[]): ChainPoint {
  const bySeq = new Map<number, ChainLink[]>();
  for (const link of links) {
    const others = bySeq.get(link.seq);
    if (others) others.push(link);
    else bySeq.set(link.seq, [link]);
  }
  let seq = from.seq;
  let reached: ReadonlySet<EntryHash | '-'> = new Set([from.hash]);
  for (;;) {
    const next = (bySeq.get(seq + 1) ?? []).filter((link) => reached.has(link.prev));
    if (next.length === 0) break;
    seq += 1;
    reached = new Set(next.map((link) => link.hash));
  }
  const hash = [...reached].sort()[0] ?? from.hash;
  return { seq, hash };
}

/** Whether two entries share a place. */
export function hasFork(links: readonly ChainLink[]): boolean {
  const hashes = new Map<number, EntryHash>();
  for (const { seq, hash } of links) {
    if ((hashes.get(seq) ?? hash) !== hash) return true;
    hashes.set(seq, hash);
  }
  return false;
}
