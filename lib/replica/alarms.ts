/** The alarms that a replica knows of by its links and its read models, a till's and a relay's alike. */
import { clocksOff, type ClockOff } from '../domain/clock-drift.ts';
import type { FlagKind } from '../domain/flags.ts';
import {
  isHlc,
  isJournalKey,
  journalKeyOf,
  parseJournalKey,
  principalOf,
  terminalNameOf,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { reachesEnrolled } from '../domain/revocation-reason.ts';
import type { AlarmCause } from '../host/alarms.ts';
import { parseHlc } from '../journal/hybrid-clock.ts';
import type { Flag } from '../projections/flag-rows.ts';
import { headOffice } from './keyring.ts';
import type { Replica } from './replica.ts';

export type Caused = AlarmCause & { readonly sinceMs?: number };

type CausedOf<Kind extends Caused['kind']> = Extract<Caused, { readonly kind: Kind }>;

export type AlarmSources = {
  readonly replica: Pick<Replica, 'me' | 'mesh' | 'keyring' | 'revocations' | 'doubles'>;
  readonly flags: (kind: FlagKind) => readonly Flag[];
};

export function replicaAlarms(sources: AlarmSources): Caused[] {
  return [
    ...forks(sources),
    ...doubles(sources),
    ...sameNames(sources),
    ...barred(sources),
    ...foreignWrites(sources),
  ];
}

/** Who is wrong by this replica's own measure, itself among them; by `S01-T2`. */
export function measuredClocks({
  me,
  mesh,
  voice,
}: Pick<Replica, 'me' | 'mesh' | 'voice'>): ReadonlyMap<string, ClockOff> {
  const offsets = new Map([[terminalNameOf(me.principal), 0]]);
  for (const peer of mesh.peers) {
    const offsetMs = voice.clockOffsetMs(peer);
    if (offsetMs !== undefined) offsets.set(terminalNameOf(peer), offsetMs);
  }
  return clocksOff(offsets);
}

/** The alarm of one clock that is off; of an unclear one it says how far the first other one is ahead of it. */
export function clockAlarm(
  replica: Pick<Replica, 'me'>,
  terminal: string,
  clocks: ReadonlyMap<string, ClockOff>,
): Caused[] {
  const off = clocks.get(terminal);
  if (!off) return [];
  const { others, isClear } = off;
  const [first = ''] = others;
  const offsetMs = isClear ? off.offsetMs : off.offsetMs - (clocks.get(first)?.offsetMs ?? 0);
  const isOwn = terminal === terminalNameOf(replica.me.principal);
  return [{ kind: 'clock', terminal, isOwn, offsetMs, others, isClear }];
}

/** Until head office has revoked the key that is in two hands: then neither of them can do more harm. */
function forks({ replica, flags }: AlarmSources): Caused[] {
  const own = terminalNameOf(replica.me.principal);
  const isOfThief = thiefsWord(replica);
  const revoked = revokedJournals(replica);
  const alarms = flags('terminal-fork').flatMap(
    ({ subject: [journal], cause }): CausedOf<'fork'>[] => {
      if (!isJournalKey(journal) || revoked.has(journal)) return [];
      // Without both branches here it is nothing but what others say.
      const words = cause['hashes'] === undefined ? seenIn(cause) : [];
      const said = words.filter((word) => !isOfThief(word));
      if (words.length > 0 && said.length === 0) return [];
      const terminal = terminalNameOf(principalOf(parseJournalKey(journal)));
      const by = observersOf(said);
      const isHearsay = by.length > 0 && !by.includes(own);
      return [
        {
          kind: 'fork',
          terminal,
          isOwn: terminal === own,
          ...(isHearsay && { by }),
          ...since(cause),
        },
      ];
    },
  );
  return surestFirst(alarms, replica);
}

/**
 * Of a terminal whose key was revoked because others have it: it may have said so to have somebody else revoked, and raises no
 * alarm any more. The flag stays.
 */
function thiefsWord(replica: AlarmSources['replica']): (word: SeenWord) => boolean {
  const journals = revokedJournals(replica, reachesEnrolled);
  return ({ observer }) => journals.has(observer);
}

/** Of lives whose key head office has revoked in such a way. */
function revokedJournals(
  { keyring, revocations }: AlarmSources['replica'],
  isMeant: typeof reachesEnrolled = () => true,
): ReadonlySet<unknown> {
  const revoked = keyring.members().filter((member) => {
    const revocation = revocations.of(member);
    return revocation !== undefined && isMeant(revocation);
  });
  return new Set(revoked.map(({ identity }) => journalKeyOf(identity)));
}

/** The same, by head office's word alone. */
function doubles({ replica: { me, doubles: met, revocations } }: AlarmSources): Caused[] {
  return met.list().flatMap((double): Caused[] => {
    const { store, terminalKey, at } = double;
    if (revocations.of({ identity: { store }, terminalKey })) return [];
    const terminal = `${store}-${double.terminal}`;
    const isOwn = terminal === terminalNameOf(me.principal);
    return [{ kind: 'fork', terminal, isOwn, sinceMs: parseHlc(at).ms }];
  });
}

/** Until head office has revoked all of them but one. A relay that was enrolled anew has a second key by right. */
function sameNames({ replica: { me, revocations } }: AlarmSources): Caused[] {
  const first = new Map<string, string>();
  const shared = new Set<string>();
  for (const { principal, identity, terminalKey } of revocations.standingMembers()) {
    if (identity.store === headOffice) continue;
    const terminal = terminalNameOf(principal);
    const known = first.get(terminal);
    if (known === undefined) first.set(terminal, terminalKey);
    else if (known !== terminalKey) shared.add(terminal);
  }
  const own = terminalNameOf(me.principal);
  return [...shared].map((terminal) => ({ kind: 'sameName', terminal, isOwn: terminal === own }));
}

const barred = ({ replica }: AlarmSources): Caused[] =>
  replica.mesh.barred
    // What it says of its own clock is the barred one's; here it is when this replica acted.
    .map(({ peer, code, atMs }) => ({
      kind: 'barred',
      terminal: terminalNameOf(peer),
      code,
      sinceMs: atMs,
    }));

/** What others have refused. Whoever is barred here has an alarm that can be acted on; who was revoked has no link anywhere. */
function foreignWrites({ replica, flags }: AlarmSources): Caused[] {
  const barredHere = new Set(replica.mesh.barred.map(({ peer }) => terminalNameOf(peer)));
  const own = terminalNameOf(replica.me.principal);
  const isOfThief = thiefsWord(replica);
  // One that nobody knows by its roster, because it was hostile from its first word, is no less an alarm.
  const gone = new Set(replica.keyring.members().map(({ principal }) => terminalNameOf(principal)));
  for (const { principal } of replica.revocations.standingMembers())
    gone.delete(terminalNameOf(principal));
  const alarms = flags('foreign-write').flatMap(
    ({ subject, cause }): CausedOf<'foreignWrite'>[] => {
      const terminal = String(subject[0]);
      if (barredHere.has(terminal) || gone.has(terminal)) return [];
      const seen = seenIn(cause).filter((word) => !isOfThief(word));
      // Its own bar on somebody was lifted by hand, or lost: what this one saw itself is in its own list.
      const by = observersOf(seen).filter((name) => name !== own);
      if (by.length === 0) return [];
      const code = typeof seen[0]?.code === 'string' ? seen[0].code : '';
      return [{ kind: 'foreignWrite', terminal, code, by, ...since(cause) }];
    },
  );
  return surestFirst(alarms, replica);
}

/**
 * What tills said of their own files. A device that was revoked is looked at by nobody at its own screen: its word stands in
 * its journal and on head office's page of it, and is no alarm.
 */
export function filesChanged({ replica, flags }: AlarmSources): Caused[] {
  const revoked = revokedJournals(replica);
  return flags('files-changed').flatMap(({ subject, cause }): Caused[] => {
    const seen = seenIn(cause).filter(({ observer }) => !revoked.has(observer));
    const [last] = seen;
    if (!last) return [];
    const [code, where] = [String(last.code), String(last.where)];
    const terminal = String(subject[0]);
    return [{ kind: 'filesChanged', terminal, code, where, ...since({ seen }) }];
  });
}

type SeenWord = Readonly<Partial<Record<'observer' | 'at' | 'code' | 'where', unknown>>>;

const seenIn = (cause: Flag['cause']): readonly SeenWord[] =>
  Array.isArray(cause['seen']) ? (cause['seen'] as SeenWord[]) : [];

/** Who said it, by `S01-T2`. */
function observersOf(words: readonly SeenWord[]): string[] {
  const names = words.flatMap(({ observer }) =>
    isJournalKey(observer) ? terminalNameOf(principalOf(parseJournalKey(observer))) : [],
  );
  return [...new Set(names)].toSorted();
}

/** The first word of those that a flag names; nothing where none was said. */
function since(cause: Flag['cause']): { sinceMs?: number } {
  const times = seenIn(cause).flatMap(({ at }) => (isHlc(at) ? parseHlc(at).ms : []));
  return times.length === 0 ? {} : { sinceMs: Math.min(...times) };
}

/**
 * What is proven here first, then whom the roster knows: names that somebody made up, or says alone, take no room from these.
 */
function surestFirst<One extends { readonly terminal: string; readonly by?: readonly string[] }>(
  alarms: readonly One[],
  { keyring }: AlarmSources['replica'],
): One[] {
  const known = new Set(keyring.members().map(({ principal }) => terminalNameOf(principal)));
  const doubt = ({ terminal, by }: One): number => (!by ? 0 : known.has(terminal) ? 1 : 2);
  return alarms.toSorted((a, b) => doubt(a) - doubt(b));
}

/** More than the list of alarms holds: a flag of a thief, or of somebody who cheats, is none and must not hide one. */
export const flagsLooked = limits.flagsLooked;
