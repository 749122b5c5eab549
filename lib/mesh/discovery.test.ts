import { describe, expect, it } from 'vitest';
import type { Principal, StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { FoundTargets, readFound } from './discovery.ts';
import type { Announcement, FoundTill } from './discovery.ts';
import { LoopbackLan } from './loopback-discovery.ts';

const announcement = (terminal: number, more: Partial<Announcement> = {}): Announcement => ({
  company: 'acme',
  store: 'S01' as StoreId,
  principal: `S01-T${terminal}-0000000000000001` as Principal,
  version: '0.1.0',
  port: 4_000 + terminal,
  ...more,
});
const own = announcement(1);
const other = { ...announcement(2), host: '192.168.1.7' };

describe('what counts as found', () => {
  it('takes a till of the company, by IPv4 or IPv6', () => {
    expect(readFound(other, own)).toEqual(other);
    expect(readFound({ ...other, host: 'fe80::1' }, own)).toMatchObject({ host: 'fe80::1' });
  });

  it.each<[string, object]>([
    ['another company', { company: 'evil' }],
    ['ourselves', { principal: own.principal }],
    ['a principal of another store than it says', { store: 'S02' }],
    ['a name that is no principal', { principal: '../../etc' }],
    ['no principal', { principal: undefined }],
    ['a host name', { host: 'evil.example' }],
    ['an address with a port', { host: '10.0.0.1:80' }],
    ['port 0', { port: 0 }],
    ['port 65,536', { port: 65_536 }],
    ['a text for a port', { port: '80' }],
    ['a version with markup', { version: '<script>' }],
    ['a long company', { company: 'x'.repeat(10_000) }],
  ])('passes over %s', (_name, fields) => {
    expect(readFound({ ...other, ...fields }, own)).toBeUndefined();
  });

  it.each([null, undefined, 7, 'x', []])('passes over %j', (candidate) => {
    expect(readFound(candidate, own)).toBeUndefined();
  });
});

describe('places to dial', () => {
  it('keeps the latest word per address', () => {
    const found = new FoundTargets();
    const reborn: FoundTill = { ...other, principal: 'S01-T2-0000000000000002' as Principal };
    expect([other, other, reborn].map((till) => found.add(till))).toEqual([true, false, true]);
    expect(found.targets).toEqual([
      { host: other.host, port: other.port, expect: reborn.principal },
    ]);
  });

  it('is bounded: the longest unheard goes first', () => {
    const found = new FoundTargets();
    found.add(other);
    for (let n = 0; n < limits.foundTills - 1; n += 1) found.add({ ...other, port: 10_000 + n });
    found.add(other);
    found.add({ ...other, port: 9_999 });
    expect(found.targets).toHaveLength(limits.foundTills);
    const ports = found.targets.map(({ port }) => port);
    expect(ports).toContain(other.port);
    expect(ports).not.toContain(10_000);
  });
});

it('a LAN in one process: all find all of their company, until they leave', async () => {
  const lan = new LoopbackLan();
  const heard: string[] = [];
  const tills = [1, 2, 3].map((n) => {
    const discovery = lan.join(`10.0.0.${n}`);
    discovery.onFound(({ principal, host }) => heard.push(`${n} ${principal.slice(4, 6)} ${host}`));
    return discovery;
  });
  tills.forEach((till, n) => till.start(announcement(n + 1, n === 2 ? { company: 'evil' } : {})));
  expect(heard.sort()).toEqual(['1 T2 10.0.0.2', '2 T1 10.0.0.1']);
  await tills[0]?.stop();
  heard.length = 0;
  lan.join('10.0.0.9').start(announcement(4));
  expect(heard).toEqual(['2 T4 10.0.0.9']);
});
