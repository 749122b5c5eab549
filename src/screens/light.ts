/** The status light: what one word says about how safe the recorded sales are. */
import type { Status } from '#lib/host/services.ts';

/** `stuck`: a relay whose archive takes nothing in. */
export type Light = 'complete' | 'sending' | 'apart' | 'lan' | 'alone' | 'stuck';

type Seen = Pick<Status, 'role' | 'peers' | 'copies' | 'tips' | 'archived' | 'archiving'>;

/**
 * A till is never alone because head office is away while another till is linked, and the other way round.
 * All is well only when nothing waits and nobody who is known is missing.
 */
export function lightOf(status: Seen): Light {
  // Also while nothing waits: the next sale will.
  if (status.archiving && status.archiving.state !== 'archiving') return 'stuck';
  const linked = status.peers.filter((peer) => peer.linked);
  if (linked.length === 0) return 'alone';
  if (status.role === 'register' && !linked.some(isHeadOffice)) return 'lan';
  if (waitingOf(status) > 0) return 'sending';
  return linked.length < status.peers.length ? 'apart' : 'complete';
}

/** Entries that are not where they belong yet: of a till its own, at head office; of a relay all, in the archive. */
export function waitingOf({ role, copies, tips, archived, archiving }: Seen): number {
  if (role === 'register') return copies ? copies.own.seq - copies.own.atHq : 0;
  if (archiving) return archiving.waiting;
  const known: Readonly<Record<string, { readonly seq: number }>> = archived?.tips ?? {};
  return Object.entries(tips).reduce(
    (sum, [journal, { seq }]) => sum + Math.max(0, seq - (known[journal]?.seq ?? 0)),
    0,
  );
}

const isHeadOffice = ({ principal }: Status['peers'][number]): boolean =>
  principal.startsWith('HQ-');
