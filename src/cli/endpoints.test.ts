import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { listenOn, parseEndpoint, parseJoin, parsePort, urlOf } from './endpoints.ts';

test.each([
  ['4100', { host: '127.0.0.1', port: 4100 }],
  ['0', { host: '127.0.0.1', port: 0 }],
  ['0.0.0.0:4100', { host: '0.0.0.0', port: 4100 }],
  ['[::1]:4100', { host: '::1', port: 4100 }],
])('listening on %s', (text, endpoint) => {
  expect(listenOn('127.0.0.1')(text)).toEqual(endpoint);
});

describe('what is not an address is said to be none', () => {
  test.each(['', '-1', '65536', '1e3', '4100 ', '0x10', '99999999'])('port "%s"', (text) => {
    expect(() => parsePort(text)).toThrow(InvalidArgumentError);
  });

  test.each([
    '',
    'host',
    'host:',
    ':4100',
    'host:0',
    'ho st:1',
    '::1:4100',
    'a/b:1',
    'u@h:1',
    '-h:1',
  ])('peer "%s"', (text) => {
    expect(() => parseEndpoint(text)).toThrow(InvalidArgumentError);
  });

  test.each([
    '',
    'hq:3001',
    '@hq:3001',
    '7QZK-3M8V-A1XW-9T0R@',
    'CODE@hq:3001',
    '7QZK-3M8V-A1XW-9T0R@hq:0',
  ])('join code "%s"', (text) => {
    expect(() => parseJoin(text)).toThrow(InvalidArgumentError);
  });
});

test.each([
  ['7QZK-3M8V-A1XW-9T0R@hq.example:3101', 'hq.example', 3101],
  ['7qzk3m8va1xw9tor@[::1]', '::1', 3001],
])('the join code of %s names the relay behind its @', (text, host, port) => {
  expect(parseJoin(text)).toEqual({ code: '7QZK-3M8V-A1XW-9T0R', host, port });
});

test.each([
  ['http://127.0.0.1:1', { host: '0.0.0.0', port: 1 }],
  ['http://[::1]:1', { host: '::1', port: 1 }],
  ['http://till1:1', { host: 'till1', port: 1 }],
])('%s is where a browser goes', (url, endpoint) => {
  expect(urlOf(endpoint)).toBe(url);
});
