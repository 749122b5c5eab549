/** What every page of a till warns of. */
import type { Clock } from '../domain/clock.ts';
import { terminalNameOf } from '../domain/ids.ts';
import { AlarmList, type Alarm, type HealthFindings } from '../host/alarms.ts';
import { parseHlc } from '../journal/hybrid-clock.ts';
import { clockAlarm, flagsLooked, measuredClocks, replicaAlarms } from '../replica/alarms.ts';
import type { Register } from './register.ts';
import type { RegisterEvent } from './register-parts.ts';

/**
 * A till that lost its power and is back is told for some seconds that its name is in use, until its dead link is found out:
 * only who is told so again after that has a double.
 */
const beliefMs = 8_000;

type Told = { readonly firstMs: number; lastMs: number };

export class TillAlarms {
  readonly #register: Register;
  readonly #clock: Clock;
  readonly #health: HealthFindings;
  readonly #list: AlarmList;
  /** Peers that have said that this till's name is in use, by `S01-T2`; monotonic. */
  readonly #told = new Map<string, Told>();

  constructor(register: Register, clock: Clock, health: HealthFindings) {
    this.#register = register;
    this.#clock = clock;
    this.#health = health;
    this.#list = new AlarmList(clock);
  }

  happened(event: RegisterEvent): void {
    // What was said of one life says nothing of the next.
    if (event.kind === 'incarnationBegun') this.#told.clear();
    if (event.kind === 'linked') this.#told.delete(terminalNameOf(event.peer));
    if (event.kind !== 'turnedAway' || event.identity !== true) return;
    const nowMs = this.#clock.monotonicMs();
    const by = terminalNameOf(event.peer);
    this.#told.set(by, { firstMs: this.#told.get(by)?.firstMs ?? nowMs, lastMs: nowMs });
  }

  list(): readonly Alarm[] {
    const { replica, models, revocation, living } = this.#register;
    const by = [...this.#told].filter(([, { firstMs, lastMs }]) => lastMs - firstMs >= beliefMs);
    return this.#list.of([
      ...(revocation
        ? [
            {
              kind: 'revoked' as const,
              reason: revocation.reason,
              sinceMs: parseHlc(revocation.at).ms,
            },
          ]
        : []),
      ...(by.length > 0
        ? [{ kind: 'identityInUse' as const, by: by.map(([name]) => name).toSorted() }]
        : []),
      ...replicaAlarms({ replica, flags: (kind) => models.flags({ kind, limit: flagsLooked }) }),
      ...clockAlarm(replica, terminalNameOf(living.principal), measuredClocks(replica)),
      ...this.#health.list(),
    ]);
  }
}
