import { expect, test } from 'vitest';
import { printLog } from './print-log.ts';

const memory = (content: Record<string, string> = {}): Storage => ({
  get length() {
    return Object.keys(content).length;
  },
  clear: () => undefined,
  key: () => null,
  removeItem: () => undefined,
  getItem: (key) => content[key] ?? null,
  setItem: (key, value) => {
    content[key] = value;
  },
});

test('the second printout of a document is a copy, also after a reload', () => {
  const content = {};
  const log = printLog(() => memory(content));
  expect(log.isFirst('S01-T1A-S-1')).toBe(true);
  log.note('S01-T1A-S-1');
  expect(log.isFirst('S01-T1A-S-1')).toBe(false);
  expect(printLog(() => memory(content)).isFirst('S01-T1A-S-1')).toBe(false);
  expect(log.isFirst('S01-T1A-S-2')).toBe(true);
});

test('what was not printed twice is forgotten after thousands of others, and never grows beyond', () => {
  const content: Record<string, string> = {};
  const log = printLog(() => memory(content));
  for (let n = 0; n < 2_100; n++) log.note(`S01-T1A-S-${n}`);
  expect(log.isFirst('S01-T1A-S-2099')).toBe(false);
  expect(JSON.parse(content['tillmesh-printed'] ?? '[]')).toHaveLength(2_000);
});

test.each([
  [
    'nothing is kept',
    () => {
      throw new Error('switched off');
    },
  ],
  ['something else stands there', () => memory({ 'tillmesh-printed': '{' })],
])('where %s every printout is a copy', (_, storage: () => Storage) => {
  const log = printLog(storage);
  expect(log.isFirst('S01-T1A-S-1')).toBe(false);
});
