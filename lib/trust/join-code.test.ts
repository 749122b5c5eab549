import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatJoinCode,
  joinKeyOf,
  newJoinCode,
  parseJoinCode,
  parseJoinTarget,
} from './join-code.ts';
import { joinCodeStoreSuite } from './join-code-store-suite.ts';
import { MemoryJoinCodes } from './memory-join-codes.ts';
import { seededBytes } from './sample-company.ts';

const code = { id: '7QZK', secret: '3M8VA1XW9T0R' };
const shown = '7QZK-3M8V-A1XW-9T0R';

describe('a join code', () => {
  test('is shown in groups of four and read back', () => {
    expect(formatJoinCode(code)).toBe(shown);
    expect(parseJoinCode(shown)).toEqual(code);
  });

  test.each([
    ['in small letters', '7qzk-3m8v-a1xw-9t0r'],
    ['with O for 0 and L or I for 1', '7QZK-3M8V-AlXW-9TOR'],
    ['with i for 1', '7QZK-3M8V-AiXW-9ToR'],
    ['without dashes', '7QZK3M8VA1XW9T0R'],
    ['with blanks', ' 7QZK 3M8V A1XW 9T0R\n'],
    ['with long dashes', '7QZK–3M8V—A1XW‐9T0R'],
    ['grouped otherwise', '7Q-ZK3M-8VA1XW9-T0R'],
  ])('is understood %s', (_, typed) => {
    expect(parseJoinCode(typed)).toEqual(code);
  });

  test.each([
    ['one character too few', '7QZK-3M8V-A1XW-9T0'],
    ['one too many', `${shown}A`],
    ['a U, which no code has', '7QZK-3M8V-AUXW-9T0R'],
    ['a sign', '7QZK-3M8V-A1XW-9T0!'],
    ['a letter of another script', '7QZK-3M8V-А1XW-9T0R'],
    ['nothing', ''],
    ['ten megabytes', '7'.repeat(10_000_000)],
  ])('is not understood with %s', (_, typed) => {
    expect(parseJoinCode(typed)).toBeUndefined();
  });

  test('survives being shown and typed, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const made = newJoinCode(() => bytes);
        expect(parseJoinCode(formatJoinCode(made).toLowerCase())).toEqual(made);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test('uses every character of its alphabet equally', () => {
    const counts = new Map<string, number>();
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (let at = 0; at < 256; at += 16) {
      const { id, secret } = newJoinCode(() => all.subarray(at, at + 16));
      for (const character of id + secret) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });

  test('gives a key of its own to every id and secret, and no key holds the secret', () => {
    const keys = [code, { ...code, id: '7QZJ' }, { ...code, secret: '3M8VA1XW9T0S' }].map((each) =>
      Buffer.from(joinKeyOf(each)).toString('latin1'),
    );
    expect(new Set(keys).size).toBe(3);
    expect(keys.join()).not.toContain(code.secret);
    expect(joinKeyOf(code)).toEqual(joinKeyOf({ ...code }));
    expect(newJoinCode(seededBytes('a'))).not.toEqual(newJoinCode(seededBytes('b')));
  });
});

describe('a join target', () => {
  test.each([
    [`${shown}@hq.example:3101`, 'hq.example', 3101],
    [`${shown}@10.0.0.7`, '10.0.0.7', 3001],
    [`${shown}@[fe80::1]:3101`, 'fe80::1', 3101],
    ['7qzk3m8va1xw9t0r@localhost:1', 'localhost', 1],
  ])('%s names host and port', (text, host, port) => {
    expect(parseJoinTarget(text, 3001)).toEqual({ code, host, port });
  });

  test.each([
    shown,
    `${shown}@`,
    `${shown}@host:0`,
    `${shown}@host:65536`,
    `${shown}@host:3e3`,
    `${shown}@a b`,
    `${shown}@fe80::1:3001`,
    `${shown}@@host`,
    'host:3001',
    `@host:3001`,
  ])('%s is none', (text) => {
    expect(parseJoinTarget(text, 3001)).toBeUndefined();
  });
});

describe('join codes in memory', () => {
  joinCodeStoreSuite(async () => new MemoryJoinCodes());
});
