import { expect, test } from 'vitest';
import { readyLine } from './ready-text.ts';

const hosts = { screens: { host: '0.0.0.0', port: 0 }, links: { host: '0.0.0.0', port: 4101 } };
const register = { role: 'register', store: 'S01', terminal: 'T1', ui: 4100, mesh: 4101 };
const relay = { role: 'relay', store: 'HQ', terminal: 'HQ1', api: 3000, sync: 3001 };
const json =
  '{"ready":true,"role":"register","store":"S01","terminal":"T1","ui":4100,"mesh":4101,"pid":7}\n';

test.each([
  [register, { json: false, isTerminal: false }, json],
  [register, { json: true, isTerminal: true }, json],
  [register, { json: true, isTerminal: false }, json],
  [
    register,
    { json: false, isTerminal: true },
    'Register T1 of store S01 runs: http://127.0.0.1:4100\nOther tills link to it on 0.0.0.0:4101. Ctrl-C stops it.\n',
  ],
  [
    relay,
    { json: false, isTerminal: true },
    'The relay HQ1 runs: http://127.0.0.1:3000\nRegisters link to it on 0.0.0.0:3001. Ctrl-C stops it.\n',
  ],
  [
    { ...relay, recovery: '/srv/relay/company-recovery.txt' },
    { json: false, isTerminal: true },
    'The relay HQ1 runs: http://127.0.0.1:3000\nRegisters link to it on 0.0.0.0:3001. Ctrl-C stops it.\n' +
      'Print /srv/relay/company-recovery.txt, then delete it.\n',
  ],
])('programs get one JSON line, a person a sentence (case %#)', (ready, to, line) => {
  expect(readyLine(ready, hosts, { ...to, pid: 7 })).toBe(line);
});
