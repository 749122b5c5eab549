/** Who hears what on `/events`. */
import { afterEach, expect, test } from 'vitest';
import { realClock } from '../../tests/simulation/real-clock.ts';
import { limits } from '../domain/limits.ts';
import { addEventRoute } from './event-route.ts';
import { alarmOf, fakeAlarms } from './fake-alarms.ts';
import { fakeServices } from './fake-services.ts';
import { createHost, type Host } from './host.ts';
import { publicStatus } from './public-status.ts';

const hosts: Host[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

async function start() {
  const services = fakeServices();
  const host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
  hosts.push(host);
  const state = { admitted: true };
  addEventRoute(host.app, {
    services,
    clock: realClock,
    run: 'r1',
    admits: (request) => state.admitted && request.headers.cookie === 'known',
  });
  const at = `http://127.0.0.1:${await host.listen()}/events`;
  return { services, state, at };
}

async function listen(at: string, headers: Record<string, string> = {}) {
  const answer = await fetch(at, { headers });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    text: () => text,
    stop: () => reader?.cancel(),
    /** Reads on until it says so, or has ended: false then. */
    async until(part: string): Promise<boolean> {
      while (!text.includes(part)) {
        const next = await reader?.read();
        if (!next || next.done) return false;
        text += next.value;
      }
      return true;
    },
  };
}

test('X9: who is not signed in hears of the light, and of no figure, flag, peer or journal', async () => {
  const { services, at } = await start();
  const stranger = await listen(at);
  expect(await stranger.until('event: light')).toBe(true);
  expect(await stranger.until('"word":"lan"')).toBe(true);
  services.change({ peers: [], total: '99.17' });
  expect(await stranger.until('"word":"aloneSafe"')).toBe(true);
  await stranger.stop();
  const { total, stockHash, incarnation } = services.status();
  for (const secret of [total, stockHash, incarnation, '1234.56', 'oversell', 'S01-T2', 'tips'])
    expect(stranger.text()).not.toContain(secret);
});

test('X9: an operator hears all, until the session is locked', async () => {
  const { services, state, at } = await start();
  const operator = await listen(at, { cookie: 'known' });
  expect(await operator.until('1234.56')).toBe(true);
  const lastId = /id: (\S+)/.exec(operator.text())?.[1] ?? '';
  state.admitted = false;
  services.change({ total: '99.17' });
  expect(await operator.until('99.17')).toBe(false);
  // The browser comes back by itself and says what it heard last: it learns nothing that it has missed.
  const again = await listen(at, { cookie: 'known', 'last-event-id': lastId });
  expect(await again.until('event: light')).toBe(true);
  expect(again.text()).not.toContain('99.17');
  await again.stop();
});

test('strangers who take every stream there is take none from who is signed in', async () => {
  const { at } = await start();
  const strangers = await Promise.all(
    Array.from({ length: limits.eventStreams }, () => listen(at)),
  );
  expect((await fetch(at)).status).toBe(413);
  const operator = await listen(at, { cookie: 'known' });
  expect(await operator.until('1234.56')).toBe(true);
  for (const one of [operator, ...strangers]) await one.stop();
});

test('X9: the public part is named field by field', () => {
  const status = fakeServices().status();
  expect(publicStatus({ ...status, later: 'secret' } as typeof status)).toEqual({
    role: 'register',
    store: 'S01',
    terminal: 'T1',
    version: '0.1.0',
    light: { word: 'lan', tillsLinked: 1, hqLinked: false },
  });
});

test('X9: of alarms it says the kind, and neither whom, where nor how far; who was barred is no stranger’s business', () => {
  const said = publicStatus({
    ...fakeServices().status(),
    alarms: [
      ...fakeAlarms,
      alarmOf({ kind: 'tampered', subject: 'wrong-pins.json', code: 'FILE_EDITED' }),
      alarmOf({ kind: 'tampered', subject: 'bars.json', code: 'FILE_EDITED' }),
      alarmOf({ kind: 'foreignWrite', terminal: 'S01-T3', code: 'NOT_THE_WRITER', by: ['S01-T2'] }),
    ],
  });
  expect(said.alarms).toEqual([
    { kind: 'fork', isOwn: false },
    { kind: 'clock', isOwn: true },
    { kind: 'tampered', isOwn: true },
  ]);
  for (const secret of ['S01-T2', 'S01-T3', '241', 'json', 'NOT_THE_WRITER', 'FILE_EDITED'])
    expect(JSON.stringify(said)).not.toContain(secret);
});
