import { expect, test } from 'vitest';
import { alarmOf } from '#lib/host/fake-alarms.ts';
import { alarmWords, offenceOf, publicAlarmWords, shownAlarms, spanWords } from './alarm-words.ts';

test.each([
  [31_000, '31 seconds'],
  [241_000, '4 minutes'],
  [119 * 60_000, '119 minutes'],
  [3 * 3_600_000, '3 hours'],
  [400 * 86_400_000, '400 days'],
])('%i ms reads %s', (ms, words) => {
  expect(spanWords(ms)).toBe(words);
});

test('of two clocks that differ neither is called wrong', () => {
  const [terminal, others] = ['S01-T1', ['S01-T2']];
  const clock = { kind: 'clock', terminal, isOwn: true, offsetMs: -90_000, others } as const;
  expect(alarmWords(alarmOf({ ...clock, isClear: false })).title).toBe(
    'The clocks of S01-T1 and S01-T2 differ by 2 minutes.',
  );
  expect(alarmWords(alarmOf({ ...clock, isClear: true })).title).toBe(
    'This till’s clock is 2 minutes behind the others: S01-T2.',
  );
});

test('a terminal that is said to exist twice is so by somebody’s word, until it is known here', () => {
  const fork = { kind: 'fork', terminal: 'S01-T2', isOwn: false } as const;
  expect(alarmWords(alarmOf(fork)).title).toBe('S01-T2 exists twice.');
  expect(alarmWords(alarmOf({ ...fork, by: ['S01-T3'] })).title).toBe(
    'S01-T2 exists twice, says S01-T3.',
  );
});

test('what a later version raises is shown with its name, and a revoked till says so elsewhere', () => {
  const later = { kind: 'meteor', id: 'meteor', sinceMs: 1 } as never;
  const twins = { kind: 'sameName', terminal: 'S01-T1' } as const;
  expect(alarmWords(alarmOf({ ...twins, isOwn: false }))).toMatchObject({
    title: 'Two devices are S01-T1.',
    todo: expect.stringContaining('head office revokes the other one') as string,
    tone: 'risk',
  });
  expect(alarmWords(later).title).toMatch(/no words for \(meteor\)/);
  expect(offenceOf('LATER_CODE')).toBe('LATER_CODE');
  expect(shownAlarms({ alarms: [alarmOf({ kind: 'revoked', reason: 'lost' })] })).toEqual([]);
  expect(shownAlarms({})).toEqual([]);
});

test('before signing in an alarm is one general sentence, whatever kind it is', () => {
  const said = publicAlarmWords([
    { kind: 'fork', isOwn: true },
    { kind: 'tampered', isOwn: true },
    { kind: 'meteor' as never, isOwn: false },
  ]);
  expect(said).toEqual([
    'This till exists twice.',
    'Files of this till were changed.',
    'There is an alarm.',
  ]);
});
