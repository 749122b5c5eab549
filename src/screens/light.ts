/** The status light: what one word says about how safe the recorded sales are. */
import type { Status } from '#lib/host/services.ts';

export type Light = 'complete' | 'sending' | 'lan' | 'alone';

/** A till is never alone because head office is away while another till is linked, and the other way round. */
export function lightOf(status: Pick<Status, 'role' | 'peers' | 'copies'>): Light {
  const linked = status.peers.filter((peer) => peer.linked);
  if (linked.length === 0) return 'alone';
  if (status.role === 'relay') return 'complete';
  if (!linked.some((peer) => peer.principal.startsWith('HQ-'))) return 'lan';
  const own = status.copies?.own;
  return own && own.atHq < own.seq ? 'sending' : 'complete';
}
