import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkPin, hashPin, isPin } from './pin-hash.ts';

it('knows the right PIN from a wrong one, and never shows it', async () => {
  const hash = hashPin('4711', randomBytes);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(isPin('4711', hash)).toBe(true);
  expect(isPin('4712', hash)).toBe(false);
  expect(await checkPin('4711', hash)).toBe(true);
  expect(await checkPin('4712', hash)).toBe(false);
  expect(hashPin('4711', randomBytes)).not.toBe(hash);
});

it.each([
  '',
  '4711',
  '$argon2id$v=19$m=19456,t=2,p=1$',
  '$argon2i$v=19$m=8,t=1,p=1$YQ$YQ',
  '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
])('nobody signs in by a hash that is none: %j', async (hash) => {
  expect(isPin('4711', hash)).toBe(false);
  expect(await checkPin('4711', hash)).toBe(false);
});

it('X1: without a hash the same work is done, beside the event loop, and is never right', async () => {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  expect(await checkPin('4711', undefined)).toBe(false);
  clearImmediate(next);
  // An answer without the work would be there at once; a check in the event loop would let nothing run beside it.
  expect(turns).toBeGreaterThan(3);
});

it('is argon2id: a fixed salt gives a fixed hash', () => {
  const fixed = hashPin('0000', () => new Uint8Array(16).fill(1));
  expect(fixed).toBe(hashPin('0000', () => new Uint8Array(16).fill(1)));
});
