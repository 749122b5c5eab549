import { describe, expect, it } from 'vitest';
import { isThisMachine, joinText, readTerminal } from './join-text.ts';

describe('joining', () => {
  it('names the relay as the browser reached it', () => {
    expect(joinText('7QZK-3M8V-A1XW-9T0R', 'hq.example', 3001)).toBe(
      '7QZK-3M8V-A1XW-9T0R@hq.example:3001',
    );
    expect(joinText('A', '[::1]', 1)).toBe('A@[::1]:1');
  });

  it.each([
    ['localhost', true],
    ['hq.localhost', true],
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['[::1]', true],
    ['192.168.1.7', false],
    ['hq.example', false],
    ['127.example', false],
    ['localhost.example', false],
  ])('%s is this machine: %s', (hostname, isLocal) => {
    expect(isThisMachine(hostname)).toBe(isLocal);
  });

  it.each([
    [' t4 ', 'T4'],
    ['KIO12', 'KIO12'],
    ['T', undefined],
    ['4', undefined],
    ['T4A', undefined],
    ['T12345', undefined],
    ['t0', undefined],
    ['T007', undefined],
    ['', undefined],
  ])('%j is the terminal %s', (typed, terminal) => {
    expect(readTerminal(typed)).toBe(terminal);
  });
});
