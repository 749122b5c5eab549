/** What a till says of itself to whoever reaches its port, signed in or not: its name, its version, its light, its alarms. */
import type { Alarm } from './alarms.ts';
import type { Status } from './services.ts';
import { statusLight, type StatusLight } from './status-light.ts';

/**
 * Alarms that concern whoever stands at the screen, signed in or not. Whom this replica has barred, and what it refused, is
 * for who is signed in: whoever did it need not learn that it was noticed. A revocation has a field of its own.
 */
const publicKinds = [
  'fork',
  'identityInUse',
  'clock',
  'tampered',
  'filesChanged',
  'damaged',
  'diskFull',
] as const satisfies readonly Alarm['kind'][];

/** The kind alone: no terminal, no file, no figure. */
export type PublicAlarm = {
  readonly kind: (typeof publicKinds)[number];
  /** Of this terminal itself. */
  readonly isOwn: boolean;
};

export type PublicStatus = Pick<Status, 'role' | 'store' | 'terminal' | 'version'> & {
  readonly light: Pick<StatusLight, 'word' | 'tillsLinked' | 'hqLinked'>;
  /** Whoever finds the device may know that it is worth nothing. */
  readonly revoked?: NonNullable<Status['revoked']>;
  /** Absent for none. */
  readonly alarms?: readonly PublicAlarm[];
};

/** Field by field: what the status has more of, now or later, stays inside. */
export function publicStatus(status: Status): PublicStatus {
  const { role, store, terminal, version, revoked } = status;
  const { word, tillsLinked, hqLinked } = statusLight(status);
  const alarms = publicAlarms(status.alarms ?? []);
  return {
    role,
    store,
    terminal,
    version,
    light: { word, tillsLinked, hqLinked },
    ...(revoked && { revoked: { reason: revoked.reason, atMs: revoked.atMs } }),
    ...(alarms.length > 0 && { alarms }),
  };
}

/** Each once. */
const publicAlarms = (alarms: readonly Alarm[]): PublicAlarm[] =>
  publicKinds.flatMap((kind) =>
    [true, false]
      .filter((isOwn) => alarms.some((one) => one.kind === kind && isOfSelf(one) === isOwn))
      .map((isOwn) => ({ kind, isOwn })),
  );

const isOfSelf = (alarm: Alarm): boolean =>
  'isOwn' in alarm ? alarm.isOwn : alarm.kind !== 'filesChanged';
