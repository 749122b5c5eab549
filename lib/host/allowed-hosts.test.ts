import { describe, expect, test } from 'vitest';
import { allowedHosts, refusalOf, screenRefusalOf } from './allowed-hosts.ts';

const allowed = allowedHosts('192.168.1.20', 4100, ['till1.shop', 'hq.example:8443', 'fd00::5']);
const get = (headers: Record<string, string>, method = 'GET', path = '/') =>
  refusalOf({ method, path, headers }, allowed);

describe('Host: only the names of this server (DNS rebinding)', () => {
  test.each([
    'localhost:4100',
    'LOCALHOST:4100',
    '127.0.0.1:4100',
    '[::1]:4100',
    '192.168.1.20:4100',
    'till1.shop',
    'till1.shop:4100',
    'hq.example:8443',
    '[fd00::5]:4100',
  ])('%s is let in', (host) => {
    expect(get({ host })).toBeUndefined();
  });

  test.each([
    'evil.example',
    'evil.example:4100',
    'localhost.evil.example:4100',
    'localhost:4101',
    'localhost',
    'localhost.:4100',
    '127.0.0.1.:4100',
    '127.1:4100',
    '2130706433:4100',
    '0.0.0.0:4100',
    '[::ffff:127.0.0.1]:4100',
    '::1:4100',
    'user@localhost:4100',
    'hq.example:4100',
    'hq.example',
    '',
  ])('%s is refused', (host) => {
    expect(get({ host })).toBe('HOST_NOT_ALLOWED');
  });

  test('a request without Host is refused', () => {
    expect(get({})).toBe('HOST_NOT_ALLOWED');
  });

  test('listening on every address allows no further name', () => {
    expect([...allowedHosts('0.0.0.0', 80, [])].toSorted()).toEqual([
      '127.0.0.1',
      '127.0.0.1:80',
      '[::1]',
      '[::1]:80',
      'localhost',
      'localhost:80',
    ]);
  });
});

describe('Origin: only the own pages', () => {
  const host = 'localhost:4100';

  test.each([
    'http://localhost:4100',
    'http://127.0.0.1:4100',
    'http://till1.shop',
    'https://hq.example:8443',
  ])('%s may call, also to change something', (origin) => {
    expect(get({ host, origin }, 'POST')).toBeUndefined();
  });

  test.each([
    'null',
    '',
    'http://evil.example',
    'http://localhost:4101',
    'http://localhost:4100.evil.example',
    'http://evil.example/localhost:4100',
    'http://localhost:4100@evil.example',
    'file://localhost:4100',
  ])('%s may not, not even to read', (origin) => {
    expect(get({ host, origin })).toBe('ORIGIN_NOT_ALLOWED');
    expect(get({ host, origin }, 'POST', '/api/commands')).toBe('ORIGIN_NOT_ALLOWED');
  });

  test('a form that changes something must say where it comes from; a program shows a token instead', () => {
    expect(get({ host }, 'POST', '/')).toBe('ORIGIN_NOT_ALLOWED');
    expect(get({ host }, 'POST', '/api/commands')).toBeUndefined();
  });

  test('a link from another site opens a page, but nothing else of it reaches the server', () => {
    const foreign = { host, 'sec-fetch-site': 'cross-site' };
    expect(get({ ...foreign, 'sec-fetch-mode': 'navigate' })).toBeUndefined();
    expect(get({ ...foreign, 'sec-fetch-mode': 'no-cors' })).toBe('ORIGIN_NOT_ALLOWED');
    expect(get({ ...foreign, 'sec-fetch-mode': 'navigate' }, 'POST')).toBe('ORIGIN_NOT_ALLOWED');
    expect(get({ host, 'sec-fetch-site': 'same-origin' })).toBeUndefined();
  });
});

describe('X2: what acts with a cookie is asked by the very page of this address', () => {
  const host = 'localhost:4100';
  const ask = (method: string, headers: Record<string, string>) =>
    screenRefusalOf({ method, headers: { host, ...headers } });
  const own = { origin: 'http://localhost:4100' };

  test.each([
    [own],
    [{ ...own, 'sec-fetch-site': 'same-origin' }],
    [{ origin: 'https://localhost:4100' }],
  ])('%j may change something', (headers) => {
    expect(ask('POST', headers)).toBeUndefined();
  });

  test.each([
    [{}],
    [{ origin: '' }],
    [{ origin: 'null' }],
    [{ origin: 'http://127.0.0.1:4100' }],
    [{ origin: 'http://localhost:4101' }],
    [{ origin: 'http://localhost:41000' }],
    [{ origin: 'http://localhost' }],
    [{ origin: 'http://localhost:4100/' }],
    [{ ...own, 'sec-fetch-site': 'none' }],
    [{ ...own, 'sec-fetch-site': 'same-site' }],
    [{ ...own, 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-origin' }],
  ])('%j may not', (headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(ask(method, headers)).toBe('ORIGIN_NOT_ALLOWED');
    }
  });

  test('reading: by the page, by typing the address, by nobody else', () => {
    for (const headers of [{}, own, { 'sec-fetch-site': 'none' }]) {
      expect(ask('GET', headers)).toBeUndefined();
    }
    for (const headers of [
      { origin: 'http://localhost:4101' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    ]) {
      expect(ask('GET', headers)).toBe('ORIGIN_NOT_ALLOWED');
    }
  });
});
