import { expect, test } from 'vitest';
import { pageAt, type ShellPage } from './pages.ts';

const pages = ['/hq', '/hq/documents', '/hq/terminals', '/sell'].map(
  (path) => ({ path, name: path }) as ShellPage,
);

test.each([
  ['/hq', '/hq'],
  ['/hq/stores/S01', '/hq'],
  ['/hq/documents', '/hq/documents'],
  ['/hq/documents/S01/S01-T1A-S-1', '/hq/documents'],
  ['/sell', '/sell'],
  ['/sells', undefined],
  ['/', undefined],
])('%s belongs to %s', (pathname, path) => {
  expect(pageAt(pages, pathname)?.path).toBe(path);
});
