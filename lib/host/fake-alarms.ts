/** Alarms as a shop has them on its worst day, for tests of screens. */
import { alarmIdOf, type Alarm, type AlarmCause } from './alarms.ts';
import type { DeviceFinding } from './hq-terminals.ts';

const since = Date.UTC(2026, 10, 20, 8, 2);

const causes: readonly AlarmCause[] = [
  { kind: 'fork', terminal: 'S01-T2', isOwn: false },
  {
    kind: 'clock',
    terminal: 'S01-T1',
    isOwn: true,
    offsetMs: 241_000,
    others: ['HQ-HQ1', 'S01-T2', 'S01-T3'],
    isClear: true,
  },
  { kind: 'barred', terminal: 'S01-T3', code: 'NOT_THE_WRITER' },
];

export const alarmOf = (cause: AlarmCause, sinceMs = since): Alarm => ({
  ...cause,
  id: alarmIdOf(cause),
  sinceMs,
});

export const fakeAlarms: readonly Alarm[] = causes.map((cause, n) => alarmOf(cause, since + n));

/** What a till found in its own files, as head office hears of it: of two one was looked at. */
export const fakeFindings: readonly DeviceFinding[] = [
  {
    code: 'JOURNAL_CUT',
    where: 'journals/S01/T1/00112233445566a1',
    seq: 17,
    what: '17–20 were here',
    wallMs: since,
  },
  {
    code: 'FILE_EDITED',
    where: 'wrong-pins.json',
    wallMs: since - 60_000,
    checked: {
      by: 'sue',
      byName: 'Sue Exampleton',
      wallMs: since + 600_000,
      note: 'The service man, on Thursday; nothing is missing in the drawer.',
    },
  },
];
