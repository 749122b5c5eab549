/** What every page of head office warns of: of all its stores, and of its own clock and bars. */
import type { Clock } from '../lib/domain/clock.ts';
import { AlarmList, type Alarm } from '../lib/host/alarms.ts';
import {
  type AlarmSources,
  clockAlarm,
  filesChanged,
  flagsLooked,
  measuredClocks,
  replicaAlarms,
} from '../lib/replica/alarms.ts';
import type { Relay } from './relay.ts';

export class RelayAlarms {
  readonly #list: AlarmList;

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#list = new AlarmList(clock);
  }

  list(relay: Pick<Relay, 'replica' | 'stores' | 'readSide'>): readonly Alarm[] {
    const { replica } = relay;
    const sides = relay.stores.flatMap((store) => relay.readSide(store)?.models ?? []);
    const clocks = measuredClocks(replica);
    const sources: AlarmSources = {
      replica,
      flags: (kind) => sides.flatMap((models) => models.flags({ kind, limit: flagsLooked })),
    };
    return this.#list.of([
      ...replicaAlarms(sources),
      ...filesChanged(sources),
      ...[...clocks.keys()].flatMap((terminal) => clockAlarm(replica, terminal, clocks)),
    ]);
  }
}
