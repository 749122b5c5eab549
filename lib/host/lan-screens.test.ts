import { randomBytes } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TillmeshError } from '../domain/errors.ts';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { sealedKeys, type KeysAtRest } from '../trust/key-seal.ts';
import { pemOf } from '../trust/pem.ts';
import { WebAuthority } from '../trust/web-authority.ts';
import { webTillMs } from '../trust/web-certificates.ts';
import type { WebIssued } from '../trust/web-identity.ts';
import { webKeyFromBytes } from '../trust/web-key.ts';
import { addEventRoute } from './event-route.ts';
import { fakePins } from './fake-people.ts';
import { fakeTillServices } from './fake-till-services.ts';
import { createHost, type Host } from './host.ts';
import { LanScreens } from './lan-screens.ts';
import { machineClock } from './machine-clock.ts';
import type { ScreenGate } from './screen-gate.ts';
import { addScreenRoutes } from './screen-routes.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const terminal = { company: 'acme', store: 'S01' as StoreId, terminal: 'T1' as TerminalId };
const token = 'secret-token';
const dayMs = 86_400_000;

/** A clock whose wall can be pushed ahead; what is looked at again is asked for by the tests. */
const time = { aheadMs: 0 };
const clock = { ...machineClock, wallMs: () => machineClock.wallMs() + time.aheadMs };

let authority: WebAuthority;
let host: Host;
let gate: ScreenGate;
let screens: LanScreens;
let herePort: number;
let port: number;
let addresses: readonly string[] = ['192.168.7.20'];
let isAway = true;
const asked: WebIssued[] = [];
const problems: unknown[] = [];
const renewed: string[] = [];
const disk = new FaultyDisk(seededRandom(1));

beforeAll(async () => {
  authority = await WebAuthority.create('acme', { random, nowMs: machineClock.wallMs() });
  disk.makeDirectory('/data');
  const services = fakeTillServices();
  host = createHost({
    listen: { host: '127.0.0.1', port: 0 },
    token,
    health: () => ({ role: 'register', attention: true }),
    healthDetails: () => ({ findings: ['FILE_EDITED'] }),
  });
  host.app.get('/api/status', () => ({ secret: 'figures' }));
  host.app.get('/metrics', () => 'figures');
  host.app.get('/page', () => 'a page');
  gate = addScreenRoutes(host.app, { services, clock: machineClock, random });
  addEventRoute(host.app, {
    services,
    clock: machineClock,
    run: 'r1',
    admits: (asking) => gate.callerOf(asking) !== undefined,
    onClosed: (listener) => gate.sessions.onClosed(listener),
  });
  herePort = await host.listen();
  screens = newScreens();
  host.admitLan(() => screens.allowed());
  port = await screens.start();
  await screens.look();
});
afterAll(async () => {
  await screens.stop();
  await host.close();
});

function newScreens(at = 0, keys?: KeysAtRest): LanScreens {
  return new LanScreens({
    ...(keys && { keys }),
    app: host.app,
    listen: { host: '127.0.0.1', port: at },
    disk,
    path: '/data/lan-screens.pem',
    terminal,
    clock,
    random,
    async issue(publicKey) {
      if (isAway) throw new TillmeshError('LINK_FAILED', 'hq:3001: ECONNREFUSED');
      const { store, terminal: name } = terminal;
      const certificateDer = await authority.issueTill({
        store,
        terminal: name,
        publicKey: webKeyFromBytes(publicKey),
        random,
        nowMs: clock.wallMs(),
      });
      asked.push({ certificateDer, rootDer: authority.rootDer });
      return asked.at(-1) as WebIssued;
    },
    addresses: () => addresses,
    hostName: () => 'Till-1',
    onProblem: (error) => problems.push(error),
    onRenewed: (what) => renewed.push(what),
  });
}

type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

function answerTo(asking: ReturnType<typeof request>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    asking.on('error', reject);
    asking.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    asking.end(body);
  });
}

/** As a phone asks that trusts the web root and nothing else. */
function lan(path: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
  const base = { host: '127.0.0.1', port, path, agent: false, ca: pemOf(authority.rootDer) };
  return answerTo(request({ ...base, servername: 'localhost', ...options }), body);
}
const plain = (path: string, options: RequestOptions = {}): Promise<Answer> =>
  answerTo(plainRequest({ host: '127.0.0.1', port, path, agent: false, ...options }));

const at = (): string => `127.0.0.1:${port}`;
const signIn = (headers: Record<string, string> = {}): Promise<Answer> =>
  lan(
    '/screen/session',
    {
      method: 'POST',
      headers: { origin: `https://${at()}`, 'content-type': 'application/json', ...headers },
    },
    JSON.stringify({ operator: 'ann', pin: fakePins['ann'] }),
  );

describe('while head office has given no certificate', () => {
  test('the till listens, says so in plain words, and goes on asking', async () => {
    expect(screens.view()).toEqual({
      state: 'waiting',
      addresses: [`https://192.168.7.20:${port}`, `https://till-1.local:${port}`],
      problem: 'LINK_FAILED',
    });
    const page = await plain('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('head office gives it one');
    expect((await plain('/tillmesh-root.crt')).status).toBe(404);
    await expect(lan('/page')).rejects.toThrow(/alert|closed|reset|disconnected/i);
    isAway = false;
    // Not at once again, but as soon as the pause is over.
    await screens.look();
    expect(asked).toHaveLength(0);
  });
});

describe('over https', () => {
  beforeAll(async () => {
    isAway = false;
    await screens.stop();
    screens = newScreens(port);
    await screens.start();
    await screens.look();
  });

  test('a client that trusts the web root alone is served, and the API is not there', async () => {
    expect(screens.view()).toMatchObject({ state: 'ready' });
    expect(await lan('/page')).toMatchObject({ status: 200, text: 'a page' });
    const health = await lan('/api/health');
    expect([health.status, JSON.parse(health.text)]).toEqual([
      200,
      { ok: true, role: 'register', attention: true },
    ]);
    const headers = { authorization: `Bearer ${token}` };
    for (const path of ['/api/status', '/%61pi/status', '/api/', '/api/commands', '/metrics'])
      expect([path, (await lan(path, { headers })).status]).toEqual([path, 404]);
    // What was found in its files is for programs of this machine that show the token.
    expect((await lan('/api/health', { headers })).text).toBe(health.text);
    const atHere = `http://127.0.0.1:${herePort}/api/health`;
    expect(await (await fetch(atHere)).text()).toBe(health.text);
    expect(await (await fetch(atHere, { headers })).json()).toMatchObject({
      findings: ['FILE_EDITED'],
    });
    const post = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
    expect((await lan('/api/commands', post, '{}')).status).toBe(404);
    // On the machine itself it is.
    const here = { port: herePort, headers };
    expect(await plain('/api/status', here)).toMatchObject({ status: 200 });
    // No address is pinned to https for ever: the page on trust is plain.
    expect((await lan('/page')).headers['strict-transport-security']).toBeUndefined();
  });

  test.each([
    ['its own address', () => `192.168.7.20:${port}`, 200],
    ['its own name', () => `till-1.local:${port}`, 200],
    ['another address', () => `192.168.7.21:${port}`, 421],
    ['another port', () => `192.168.7.20:${port + 1}`, 421],
    ['no port', () => '192.168.7.20', 421],
    ['a foreign name', () => `evil.example:${port}`, 421],
    ['the name of the other door', () => `localhost:${herePort}`, 421],
    ['a name that was given for loopback alone', () => `till-1:${port}`, 421],
  ])('is asked by %s', async (_what, name, status) => {
    expect((await lan('/page', { headers: { host: name() } })).status).toBe(status);
  });

  test('is not asked by pages of elsewhere, nor by a plain page at its own address', async () => {
    for (const origin of [
      `http://${at()}`,
      `https://192.168.7.21:${port}`,
      `https://127.0.0.1:${herePort}`,
      'https://evil.example',
      'null',
    ])
      expect([origin, (await signIn({ origin })).status]).toEqual([origin, 403]);
    expect((await signIn()).status).toBe(200);
  });

  test('the cookie is for https, for this door, and opens nothing at the other one', async () => {
    const [cookie = ''] = (await signIn()).headers['set-cookie'] ?? [];
    expect(cookie).toMatch(
      new RegExp(
        `^__Host-tillmesh-${port}=lan-[\\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Strict$`,
      ),
    );
    const [pair = ''] = cookie.split(';');
    const state = async (answer: Promise<Answer>) =>
      (JSON.parse((await answer).text) as { state: string }).state;
    expect(await state(lan('/screen/session', { headers: { cookie: pair } }))).toBe('open');
    const value = pair.split('=')[1] ?? '';
    for (const tried of [
      pair,
      `tillmesh-${herePort}=${value}`,
      `tillmesh-${herePort}=${value.slice(4)}`,
    ])
      expect(
        await state(plain('/screen/session', { port: herePort, headers: { cookie: tried } })),
      ).toBe('none');
    const token2 = gate.sessions.begin('ann');
    for (const tried of [
      `__Host-tillmesh-${port}=${token2}`,
      `__Host-tillmesh-${port}=lan-${token2}`,
    ])
      expect(await state(lan('/screen/session', { headers: { cookie: tried } }))).toBe('none');
  });

  test('ending a session from the list closes its stream of events at once', async () => {
    const agent = 'Mozilla/5.0 (iPhone)';
    const [cookie = ''] = (await signIn({ 'user-agent': agent })).headers['set-cookie'] ?? [];
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    const streaming = request({
      ...{ host: '127.0.0.1', port, path: '/events', agent: false, headers },
      ...{ ca: pemOf(authority.rootDer), servername: 'localhost' },
    }).end();
    const [stream] = (await once(streaming, 'response')) as [IncomingMessage];
    const ended = once(stream.resume(), 'end');
    const list = gate.list('sue').filter((each) => each.agent === agent);
    expect(list).toEqual([
      expect.objectContaining({ door: 'lan', operator: { id: 'ann', name: expect.any(String) } }),
    ]);
    // A cashier sees and ends what is hers.
    expect(gate.list('ann').every(({ operator }) => operator.id === 'ann')).toBe(true);
    expect(gate.list('sue').length).toBeGreaterThanOrEqual(gate.list('ann').length);
    gate.sessions.endAll(list.map(({ id }) => id));
    await ended;
    expect((await lan('/screen/status', { headers })).status).toBe(401);
  });
});

describe('over plain http', () => {
  test('there is how to trust the root, the root, and nothing else', async () => {
    const page = await plain('/', { headers: { host: `till-1.local:${port}` } });
    const { fingerprint = '' } = screens.view();
    expect(fingerprint).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);
    expect(page.text).toContain(fingerprint);
    // By the name that was asked for, where it is one of the till's.
    expect(page.text).toContain(`href="https://till-1.local:${port}/"`);
    const foreign = await plain('/', { headers: { host: '"><script>alert(1)</script>' } });
    expect(foreign.text).toContain(`href="https://192.168.7.20:${port}/"`);
    expect(foreign.text).not.toContain('script>');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['set-cookie']).toBeUndefined();
    const der = await plain('/tillmesh-root.crt');
    expect(der.headers['content-type']).toBe('application/x-x509-ca-cert');
    expect(der.headers['content-length']).toBe(String(authority.rootDer.length));
    const profile = await plain('/tillmesh-root.mobileconfig');
    expect(profile.headers['content-type']).toBe('application/x-apple-aspen-config');
    expect(profile.text).toContain(Buffer.from(authority.rootDer).toString('base64'));
    for (const path of ['/page', '/screen/operators', '/api/health', '/events', '/sign-in', '//'])
      expect([path, (await plain(path)).status]).toEqual([path, 404]);
    expect((await plain('/', { method: 'POST' })).status).toBe(404);
  });

  test('whoever types the address of a page is led to how to trust the root', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    for (const path of ['/sell', '/sign-in?from=%2Fsell', '//evil.example/', '/api/status']) {
      const answer = await plain(path, { headers });
      expect([path, answer.status, answer.headers.location]).toEqual([path, 303, '/']);
    }
    expect((await plain('/sell', { headers, method: 'POST' })).status).toBe(404);
    expect((await plain('/favicon.ico', { headers: { accept: 'image/*' } })).status).toBe(404);
  });

  test('who says nothing, or anything, takes nobody else’s place', async () => {
    const sockets = Array.from({ length: 60 }, () => connectTcp({ host: '127.0.0.1', port }));
    const closed = sockets.map(
      (socket) =>
        new Promise((resolve) => socket.resume().on('error', resolve).on('close', resolve)),
    );
    // More than one address may hold are let go at once.
    await Promise.race(closed);
    sockets[0]?.write('GARBAGE\r\n\r\n');
    sockets[1]?.write(Buffer.from('160301ffff0102030405060708', 'hex'));
    await Promise.all(closed.slice(0, 2));
    sockets.forEach((socket) => socket.destroy());
    await Promise.all(closed);
    expect((await lan('/page')).status).toBe(200);
  });
});

describe('time and places', () => {
  test('another address is another leaf, without asking anybody', async () => {
    const before = asked.length;
    addresses = ['10.1.2.3', '203.0.113.5'];
    await screens.look();
    expect((await lan('/page', { headers: { host: `10.1.2.3:${port}` } })).status).toBe(200);
    expect((await lan('/page', { headers: { host: `192.168.7.20:${port}` } })).status).toBe(421);
    expect((await lan('/page', { headers: { host: `203.0.113.5:${port}` } })).status).toBe(421);
    expect(asked).toHaveLength(before);
    renewed.length = 0;
    await screens.look();
    expect(renewed).toEqual([]);
  });

  test('what is on the disk serves at the next start, with head office away', async () => {
    isAway = true;
    await screens.stop();
    screens = newScreens(port);
    await screens.start();
    expect((await lan('/page')).status).toBe(200);
    expect(screens.view()).toMatchObject({ state: 'ready' });
    expect(screens.view().problem).toBeUndefined();
  });

  test('a full disk on which its key lies open, and is to be closed, keeps no till from starting', async () => {
    await screens.stop();
    screens = newScreens(port, sealedKeys(random(32), random));
    problems.length = 0;
    disk.setCapacity(0);
    try {
      await screens.start();
    } finally {
      disk.setCapacity(Number.MAX_SAFE_INTEGER);
    }
    expect(problems).toMatchObject([{ code: 'DISK_FULL' }]);
    expect((await lan('/page')).status).toBe(200);
  });

  test('the leaf is renewed by the till, its certificate by head office when a third is left', async () => {
    renewed.length = 0;
    const before = asked.length;
    time.aheadMs = 65 * dayMs;
    await screens.look();
    expect([renewed, asked.length]).toEqual([['leaf'], before]);
    time.aheadMs = webTillMs * 0.7;
    await screens.look();
    expect(screens.view()).toMatchObject({ state: 'ready', problem: 'LINK_FAILED' });
    time.aheadMs = webTillMs + dayMs;
    await screens.look();
    expect(screens.view().state).toBe('over');
    isAway = false;
    await screens.stop();
    screens = newScreens(port);
    await screens.start();
    await screens.look();
    expect(screens.view()).toMatchObject({ state: 'ready' });
    expect(asked).toHaveLength(before + 1);
  });
});
