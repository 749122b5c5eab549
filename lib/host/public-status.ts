/** What a till says of itself to whoever reaches its port, signed in or not: its name, its version and its light. */
import type { Status } from './services.ts';
import { statusLight, type StatusLight } from './status-light.ts';

export type PublicStatus = Pick<Status, 'role' | 'store' | 'terminal' | 'version'> & {
  readonly light: Pick<StatusLight, 'word' | 'tillsLinked' | 'hqLinked'>;
  /** Whoever finds the device may know that it is worth nothing. */
  readonly revoked?: NonNullable<Status['revoked']>;
};

/** Field by field: what the status has more of, now or later, stays inside. */
export function publicStatus(status: Status): PublicStatus {
  const { role, store, terminal, version, revoked } = status;
  const { word, tillsLinked, hqLinked } = statusLight(status);
  return {
    role,
    store,
    terminal,
    version,
    light: { word, tillsLinked, hqLinked },
    ...(revoked && { revoked: { reason: revoked.reason, atMs: revoked.atMs } }),
  };
}
