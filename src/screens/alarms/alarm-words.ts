/** Alarms in words: what it is, what to do, where more stands. Pure. */
import { findingCodes, isFindingCode } from '#lib/domain/findings.ts';
import type { Alarm } from '#lib/host/alarms.ts';
import type { PublicAlarm } from '#lib/host/public-status.ts';
import type { Status } from '#lib/host/services.ts';
import { texts } from '../../texts/english.ts';
import { formatNames } from '../../texts/format.ts';

export type AlarmWords = {
  readonly title: string;
  readonly todo: string;
  /** Red means money at risk: records that two devices write, or that nothing can be recorded. */
  readonly tone: 'risk' | 'busy';
};

const { words, offences, revoked, ahead, behind, hours, days } = texts.alarms;

export function alarmWords(alarm: Alarm): AlarmWords {
  const tone = calm.has(alarm.kind) ? 'busy' : 'risk';
  return { ...saidOf(alarm), tone };
}

const calm: ReadonlySet<string> = new Set(['clock', 'barred']);

function saidOf(alarm: Alarm): { readonly title: string; readonly todo: string } {
  switch (alarm.kind) {
    case 'fork':
      if (alarm.by) return words.forkSaid(alarm.terminal, formatNames(alarm.by));
      return alarm.isOwn ? words.forkOwn(alarm.terminal) : words.fork(alarm.terminal);
    case 'sameName':
      return alarm.isOwn ? words.sameNameOwn(alarm.terminal) : words.sameName(alarm.terminal);
    case 'identityInUse':
      return words.identityInUse(formatNames(alarm.by));
    case 'revoked':
      return words.revoked(becauseOf(alarm.reason));
    case 'clock': {
      const { terminal, others, offsetMs } = alarm;
      if (!alarm.isClear)
        return words.clockUnclear(terminal, formatNames(others), spanWords(Math.abs(offsetMs)));
      const by = offBy(offsetMs);
      return alarm.isOwn
        ? words.clockOwn(by, formatNames(alarm.others))
        : words.clockOther(alarm.terminal, by);
    }
    case 'barred':
      return words.barred(alarm.terminal, offenceOf(alarm.code));
    case 'foreignWrite':
      return words.foreignWrite(alarm.terminal, offenceOf(alarm.code), formatNames(alarm.by));
    case 'filesChanged':
      return words.filesChanged(alarm.terminal, findingWords(alarm.code), alarm.where);
    case 'damaged':
      return words.damaged(alarm.subject);
    case 'tampered':
      return words.tampered(alarm.subject, findingWords(alarm.code ?? ''));
    case 'diskFull':
      return words.diskFull();
    default:
      // A page that an older process gave out may meet a later one's.
      return words.unknown((alarm as { kind: string }).kind);
  }
}

const offBy = (offsetMs: number): string =>
  (offsetMs > 0 ? ahead : behind)(spanWords(Math.abs(offsetMs)));

/** To the nearest unit of which there are at least two: a clock that is a year off is not a matter of minutes. */
export function spanWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return texts.units.seconds(Math.round(ms / 1_000));
  if (minutes < 120) return texts.units.minutes(minutes);
  return minutes < 2 * 24 * 60
    ? hours(Math.round(minutes / 60))
    : days(Math.round(minutes / 60 / 24));
}

/** Of a later version's it says no more than that there is one. */
export const findingWords = (code: string): string =>
  isFindingCode(code) ? findingCodes[code] : words.someFinding;

export const offenceOf = (code: string): string =>
  Object.hasOwn(offences, code) ? (offences[code] ?? code) : code;

export const becauseOf = (reason: string): string =>
  Object.hasOwn(revoked.reasons, reason)
    ? (revoked.reasons[reason] ?? reason)
    : revoked.otherReason(reason);

/** Those that are not the page itself: a revoked till says so on every one. */
export const shownAlarms = ({ alarms = [] }: Pick<Status, 'alarms'>): readonly Alarm[] =>
  alarms.filter(({ kind }) => kind !== 'revoked');

/** The same for somebody who is not signed in, each sentence once. */
export function publicAlarmWords(alarms: readonly PublicAlarm[]): readonly string[] {
  const { own, others, unknown } = texts.alarms.before;
  return alarms.map(({ kind, isOwn }) => {
    const said: Readonly<Record<string, string>> = isOwn ? own : others;
    // A page that an older process gave out may meet a later one's.
    return Object.hasOwn(said, kind) ? (said[kind] ?? unknown) : unknown;
  });
}
