import { expect, test } from 'vitest';
import type { Principal } from '#lib/domain/ids.ts';
import { fakeServices } from '#lib/host/fake-services.ts';
import type { Status } from '#lib/host/services.ts';
import type { LightWord } from '#lib/host/status-light.ts';
import { texts } from '../texts/english.ts';
import { copiesWords } from './copies-words.ts';
import { statusWords } from './status-words.ts';

const peer = (name: string, linked: boolean) => ({
  principal: `${name}-00112233445566aa` as Principal,
  linked,
});

const status = (seen: Partial<Status>): Status =>
  fakeServices({ role: 'register', ...seen }).status();

const waits = (onlyHere: number, forHq: number, forArchive: number) => ({
  onlyHere,
  forHq,
  forArchive,
});
const none = waits(0, 0, 0);
const [t2, t3, hq] = [peer('S01-T2', true), peer('S01-T3', true), peer('HQ-HQ1', true)];
const hqAway = peer('HQ-HQ1', false);

test.each([
  [[], waits(2, 2, 2), 'Alone', '', '2 waiting'],
  [[], none, 'No links', '', ''],
  [[t2, hq], none, 'All sent', '1 till · HQ', ''],
  [[t2, t3, hqAway], waits(0, 4, 5), 'Shop network only', '2 tills', '4 waiting'],
  [[hq], waits(0, 0, 3), 'Sending', 'HQ', '3 waiting'],
] as const)('P10: the status in words (case %#)', (peers, waiting, word, links, count) => {
  expect(statusWords(status({ peers, waiting }))).toMatchObject({ word, links, waiting: count });
});

test('P10: the sentence names the tills that are missing, three at most, and counts what waits', () => {
  const gone = ['T2', 'T3', 'T4', 'T5', 'T6'].map((name) => peer(`S01-${name}`, false));
  const sentence = (peers: Status['peers'], waiting = none): string =>
    statusWords(status({ peers, waiting })).sentence;
  expect(sentence([hq, peer('HQ-HQ2', false), ...gone])).toContain(
    'No link to S01-T2, S01-T3, S01-T4 and 2 more:',
  );
  expect(sentence([hq], waits(0, 1, 1))).toContain('1 document is on the way');
  expect(sentence([hq], waits(0, 9, 9))).toContain('9 documents are on the way');
  expect(sentence([hq], waits(0, 0, 9))).toContain('9 documents are at head office');
  expect(sentence([hqAway], waits(2, 2, 2))).toContain('2 documents exist on this disk only');
});

test('P10: every word and sentence is there for whom it can be about', () => {
  for (const [kind, words, sentences, never] of [
    ['register', texts.lights, texts.lightSentences, ['stuck']],
    ['relay', texts.relayLights, texts.relayLightSentences, ['lan', 'alone']],
  ] as const) {
    for (const light of Object.keys(words) as LightWord[]) {
      const isNever = (never as readonly string[]).includes(light);
      const sentence = sentences[light]({ waiting: none, gone: 'S01-T2' });
      expect([kind, light, words[light] === '', sentence === '']).toEqual([
        kind,
        light,
        isNever,
        isNever,
      ]);
    }
  }
});

test.each([
  [{ tills: 1, atHq: false, archived: false }, 'on this till only · waiting for HQ'],
  [{ tills: 3, atHq: false, archived: false }, 'on 3 tills · waiting for HQ'],
  [{ tills: 3, atHq: true, archived: false }, 'on 3 tills · at HQ'],
  [{ tills: 2, atHq: true, archived: true }, 'on 2 tills · at HQ · archived'],
])('P10: %j reads %s', (copies, words) => {
  expect(copiesWords(copies)).toBe(words);
});
