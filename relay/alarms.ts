/** What every page of head office warns of: of all its stores, what a relay notices by itself among it. */
import type { Clock } from '../lib/domain/clock.ts';
import { parsePrincipal, terminalNameOf, type Principal } from '../lib/domain/ids.ts';
import { limits } from '../lib/domain/limits.ts';
import { AlarmList, type Alarm } from '../lib/host/alarms.ts';
import {
  clockAlarm,
  flagsLooked,
  measuredClocks,
  replicaAlarms,
  type Caused,
} from '../lib/replica/alarms.ts';
import type { Relay, RelayEvent } from './relay.ts';

export class RelayAlarms {
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #list: AlarmList;
  /** Lives that two processes were met under. A relay writes no journal that could say so after its restart. */
  readonly #doubles = new Map<Principal, number>();

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock;
    this.#list = new AlarmList(clock);
  }

  happened(event: RelayEvent): void {
    if (event.kind !== 'doubleIdentity' || this.#doubles.has(event.peer)) return;
    if (this.#doubles.size < limits.alarms)
      this.#doubles.set(event.peer, Math.floor(this.#clock.wallMs()));
  }

  list({
    replica,
    stores,
    readSide,
  }: Pick<Relay, 'replica' | 'stores'> & { readSide: Relay['readSide'] }): readonly Alarm[] {
    const sides = stores.flatMap((store) => readSide(store)?.models ?? []);
    const clocks = measuredClocks(replica);
    return this.#list.of([
      ...this.#doublesStanding(replica),
      ...replicaAlarms({
        replica,
        flags: (kind) => sides.flatMap((models) => models.flags({ kind, limit: flagsLooked })),
      }),
      ...[...clocks.keys()].flatMap((terminal) => clockAlarm(replica, terminal, clocks)),
    ]);
  }

  /** Until its key was revoked. */
  #doublesStanding({ keyring, revocations }: Relay['replica']): Caused[] {
    return [...this.#doubles].flatMap(([principal, sinceMs]): Caused[] => {
      const { store } = parsePrincipal(principal);
      const member = keyring.members().find((one) => one.principal === principal);
      if (member && revocations.of({ ...member, identity: { store } })) return [];
      return [{ kind: 'fork', terminal: terminalNameOf(principal), isOwn: false, sinceMs }];
    });
  }
}
