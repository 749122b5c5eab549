import { expect, test } from 'vitest';
import { readEnvironment } from './options.ts';

test.each([
  [{}, {}],
  [{ SYNC_LISTEN_PORT: '', DATABASE_URL: '' }, {}],
  [{ SYNC_LISTEN_PORT: '0' }, { syncPort: 0 }],
  [
    { SYNC_LISTEN_PORT: '3101', DATABASE_URL: 'postgresql://u:p@h/d', OTHER: 'x' },
    { syncPort: 3101, databaseUrl: 'postgresql://u:p@h/d' },
  ],
])('the environment %j gives %j', (variables, expected) => {
  expect(readEnvironment(variables)).toEqual(expected);
});

test.each([
  [{ SYNC_LISTEN_PORT: '70000' }, 'SYNC_LISTEN_PORT'],
  [{ SYNC_LISTEN_PORT: '3001x' }, 'SYNC_LISTEN_PORT'],
  [{ DATABASE_URL: 'mysql://root:secret@h/d' }, 'DATABASE_URL'],
])('a wrong variable is named without what it holds: %j', (variables, name) => {
  const attempt = (): unknown => readEnvironment(variables);
  expect(attempt).toThrow(name);
  expect(attempt).not.toThrow('secret');
});
