/** A relay of which only what head office's screens look at is there, said outright by a test. */
import {
  journalKeyOf,
  parsePrincipal,
  type EntryHash,
  type JournalKey,
  type Principal,
  type StoreId,
} from '../../lib/domain/ids.ts';
import { formatHlc } from '../../lib/journal/hybrid-clock.ts';
import type { Projections } from '../../lib/projections/projections.ts';
import type { Relay } from '../relay.ts';

type Tips = Readonly<Record<string, { readonly seq: number; readonly hash: EntryHash }>>;

export type SampleRelay = {
  /** In the order of their beginning, as a roster has them. */
  members: readonly (readonly [principal: string, letter: string])[];
  linked: readonly string[];
  /** What each linked till says it has. */
  presence: Readonly<Record<string, Tips>>;
  tips: Tips;
  archived: Tips | undefined;
  /** `principal journal` → the last entry that it confirmed. */
  confirmed: Readonly<Record<string, number>>;
  forked: readonly string[];
  arrivedAtMs: Readonly<Record<string, number>>;
  models: Readonly<Record<string, Projections>>;
  /** Principals. */
  revoked: readonly string[];
};

export function sampleRelay(given: Partial<SampleRelay> = {}) {
  const state: SampleRelay = {
    members: [],
    linked: [],
    presence: {},
    tips: {},
    archived: undefined,
    confirmed: {},
    forked: [],
    arrivedAtMs: {},
    models: {},
    revoked: [],
    ...given,
  };
  const listeners: (() => void)[] = [];
  const members = () =>
    state.members.map(([principal, letter]) => ({
      principal,
      letter,
      terminalKey: `the key of ${principal}`,
      identity: parsePrincipal(principal as Principal),
    }));
  const noTip = { seq: 0, hash: '-' };
  const relay = {
    living: { principal: 'HQ-HQ1-00112233445566cc' },
    get stores() {
      return Object.keys(state.models);
    },
    readSide: (store: StoreId) => state.models[store] && { models: state.models[store] },
    get archivedWord() {
      return state.archived && { archive: 'a', generation: 1, tips: state.archived };
    },
    arrivedAtMs: (journal: JournalKey, seq: number) => state.arrivedAtMs[`${journal} ${seq}`],
    onChange: (listener: () => void) => listeners.push(listener),
    replica: {
      keyring: {
        members,
        member: (principal: Principal) => members().find((one) => one.principal === principal),
      },
      revocations: {
        of: ({ principal }: { principal: string }) =>
          state.revoked.includes(principal)
            ? { reason: 'lost', at: formatHlc(1_000, 0) }
            : undefined,
      },
      mesh: {
        get peers() {
          return state.linked;
        },
        roundTripMs: () => 7,
      },
      voice: {
        presence: {
          of: (principal: string) =>
            state.presence[principal] && { version: '1.2.3', tips: state.presence[principal] },
          ageMs: () => 1_500,
        },
        clockOffsetMs: () => -250,
        confirmedBy: (principal: string, journal: string) =>
          state.confirmed[`${principal} ${journal}`] ?? 0,
      },
      journals: {
        tips: () => new Map(Object.entries(state.tips)),
        tip: (journal: string) => state.tips[journal] ?? noTip,
        isForked: (journal: string) => state.forked.includes(journal),
        reader: {
          hashAt: (journal: string, seq: number) =>
            state.tips[journal]?.seq === seq ? state.tips[journal].hash : undefined,
        },
      },
    },
  };
  return {
    relay: relay as unknown as Relay,
    change(more: Partial<SampleRelay>) {
      Object.assign(state, more);
      for (const listener of listeners) listener();
    },
  };
}

export const journalOf = (principal: string): JournalKey =>
  journalKeyOf(parsePrincipal(principal as Principal));
