import { expect, test } from 'vitest';
import type { Principal } from '#lib/domain/ids.ts';
import { fakeServices } from '#lib/host/fake-services.ts';
import type { Status } from '#lib/host/services.ts';
import { copiesWords } from './copies-words.ts';
import { statusWords } from './status-words.ts';

const peer = (name: string, linked: boolean) => ({
  principal: `${name}-00112233445566aa` as Principal,
  linked,
});

const status = (seen: Partial<Status>): Status =>
  fakeServices({ role: 'register', ...seen }).status();

test.each([
  [[], 5, 5, 'Alone', '', ''],
  [[peer('S01-T2', true), peer('HQ-HQ1', true)], 5, 5, 'All sent', '1 till · HQ', ''],
  [
    [peer('S01-T2', true), peer('S01-T3', true), peer('HQ-HQ1', false)],
    9,
    5,
    'Shop network only',
    '2 tills',
    '4 waiting',
  ],
  [[peer('HQ-HQ1', true)], 5, 5, 'All sent', 'HQ', ''],
] as const)('P10: the status in words (case %#)', (peers, seq, atHq, word, links, waiting) => {
  const copies = { own: { seq, onPeers: 0, atHq, archived: 0 } };
  expect(statusWords(status({ peers, copies }))).toMatchObject({ word, links, waiting });
});

test('P10: the sentence names who is missing, three at most, and counts what waits', () => {
  const here = peer('HQ-HQ1', true);
  const gone = ['T2', 'T3', 'T4', 'T5', 'T6'].map((name) => peer(`S01-${name}`, false));
  const sentence = (peers: Status['peers'], atHq: number): string =>
    statusWords(status({ peers, copies: { own: { seq: 9, onPeers: 0, atHq, archived: 0 } } }))
      .sentence;
  expect(sentence([here, ...gone], 9)).toContain('No link to S01-T2, S01-T3, S01-T4 and 2 more:');
  expect(sentence([here], 8)).toContain('1 entry is on the way');
  expect(sentence([here], 0)).toContain('9 entries are on the way');
});

test.each([
  [{ tills: 1, atHq: false, archived: false }, 'on this till only · waiting for HQ'],
  [{ tills: 3, atHq: false, archived: false }, 'on 3 tills · waiting for HQ'],
  [{ tills: 3, atHq: true, archived: false }, 'on 3 tills · at HQ'],
  [{ tills: 2, atHq: true, archived: true }, 'on 2 tills · at HQ · archived'],
])('P10: %j reads %s', (copies, words) => {
  expect(copiesWords(copies)).toBe(words);
});
