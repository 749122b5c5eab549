import { expect, test } from 'vitest';
import { safeNext } from './safe-next.ts';

test.each([
  ['/sell', '/sell'],
  ['/stock/85123A', '/stock/85123A'],
  ['/documents/S01-T1A-S-17', '/documents/S01-T1A-S-17'],
  [null, '/sell'],
  ['', '/sell'],
  ['https://evil.example', '/sell'],
  ['//evil.example', '/sell'],
  ['/\\evil.example', '/sell'],
  ['/a:b', '/sell'],
  ['javascript:alert(1)', '/sell'],
  ['/sign-in?next=/sell', '/sell'],
])('X2: after signing in, %s leads to %s', (next, path) => {
  expect(safeNext(next)).toBe(path);
});
