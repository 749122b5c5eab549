import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { TillmeshError } from '../domain/errors.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { apiToken } from './api-token.ts';
import { addEventRoute } from './event-route.ts';
import { type FakeServices, fakeServices } from './fake-services.ts';
import { type Host, createHost } from './host.ts';
import { machineClock } from './machine-clock.ts';
import { addPages } from './pages.ts';
import { addStatusRoutes } from './status-routes.ts';
import { addRegisterRoutes } from './register-routes.ts';

const directory = mkdtempSync(join(tmpdir(), 'tillmesh-host-'));
afterAll(() => rmSync(directory, { recursive: true }));
const token = apiToken(nodeDisk, directory, (bytes) => new Uint8Array(bytes).fill(7));
const authorization = `Bearer ${token}`;

const open: Host[] = [];
afterEach(() => Promise.all(open.splice(0).map((host) => host.close())));

async function start(
  handler?: URL,
  clock: Clock = machineClock,
): Promise<{ at: string; port: number; services: FakeServices }> {
  const services = fakeServices();
  const host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token, bodyBytes: 10_000 });
  open.push(host);
  addStatusRoutes(host.app, services);
  addRegisterRoutes(host.app, services);
  addEventRoute(host.app, { services, clock, run: 'r1' });
  addPages(host.app, handler ?? pathToFileURL(join(directory, 'no-build.js')));
  const port = await host.listen();
  return { at: `http://127.0.0.1:${port}`, port, services };
}

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', authorization, ...headers },
  });

/** `fetch` does not let a test choose the Host. */
const rawGet = (port: number, headers: Record<string, string>, path = '/api/health') =>
  new Promise<number>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('who may call', () => {
  test('health is open, everything else of the API needs the token', async () => {
    const { at } = await start();
    expect((await fetch(`${at}/api/health`)).status).toBe(200);
    const paths = [
      '/api/status',
      '/api/products',
      '/api/stock/A1',
      '/api/documents',
      '/metrics',
      '/api/nothing',
      '/%61pi/status',
      '/metric%73',
    ];
    for (const path of paths) {
      const refused = await fetch(at + path);
      expect([path, refused.status]).toEqual([path, 401]);
      expect(await refused.json()).toMatchObject({ error: { code: 'TOKEN_WRONG' } });
      const wrong = await fetch(at + path, { headers: { authorization: `${authorization}x` } });
      expect([path, wrong.status]).toEqual([path, 401]);
    }
    const noToken = await fetch(`${at}/api/commands`, { method: 'POST' });
    expect(noToken.status).toBe(401);
    expect((await fetch(`${at}/api/status`, { headers: { authorization } })).status).toBe(200);
  });

  test('a foreign Host or Origin is refused before anything else, with a right token too', async () => {
    const { at, port, services } = await start();
    expect(await rawGet(port, { host: `localhost:${port}` })).toBe(200);
    for (const path of ['/api/health', '/', '/events', '/api/status']) {
      const status = await rawGet(port, { host: `evil.example:${port}`, authorization }, path);
      expect([path, status]).toEqual([path, 421]);
    }
    const foreign = await post(`${at}/api/commands`, '{"kind":"sell"}', {
      origin: 'http://evil.example',
    });
    expect(foreign.status).toBe(403);
    expect(services.commands).toEqual([]);
  });

  test('an absolute target does not smuggle a second host in', async () => {
    const { port } = await start();
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          `GET http://evil.example/api/health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
        );
      });
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  });

  test('forms of simple content types never reach a command', async () => {
    const { at, services } = await start();
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
    for (const type of types) {
      const answer = await post(`${at}/api/commands`, '{"kind":"sell"}', { 'content-type': type });
      expect(answer.ok).toBe(false);
    }
    expect(services.commands).toEqual([]);
  });

  test('the token is made once, for its owner only; a torn one is replaced', () => {
    expect(statSync(join(directory, 'api-token')).mode & 0o777).toBe(0o600);
    expect(apiToken(nodeDisk, directory, () => new Uint8Array(32).fill(9))).toBe(token);
    const torn = mkdtempSync(join(directory, 'torn-'));
    writeFileSync(join(torn, 'api-token'), 'BwcH', { mode: 0o644 });
    expect(apiToken(nodeDisk, torn, (bytes) => new Uint8Array(bytes).fill(7))).toBe(token);
    expect(statSync(join(torn, 'api-token')).mode & 0o777).toBe(0o600);
  });
});

describe('commands', () => {
  test.each([
    ['sell', 200, { outcome: 'done', number: 'S01-T1A-S-1' }],
    ['refuse', 409, { outcome: 'refused', code: 'NO_OPERATOR' }],
    ['nonsense', 400, { error: { code: 'INPUT_INVALID', problems: [expect.any(String)] } }],
    ['fault', 503, { error: { code: 'DISK_FULL' } }],
  ])('%s is answered with %i', async (kind, status, body) => {
    const { at } = await start();
    const answer = await post(`${at}/api/commands`, JSON.stringify({ kind }));
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject(body);
  });

  test.each([
    ['a body over the limit', JSON.stringify({ kind: 'sell', x: 'x'.repeat(20_000) }), 413],
    ['broken JSON', '{"kind":', 400],
    ['nothing', '', 400],
    ['a key that every object has', '{"kind":"sell","__proto__":{"by":"boss"}}', 400],
    ['the same by another way', '{"kind":"sell","constructor":{"prototype":{"by":1}}}', 400],
  ])('%s is refused with a sentence', async (_what, text, status) => {
    const { at, services } = await start();
    const answer = await post(`${at}/api/commands`, text);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { message: expect.any(String) } });
    expect(services.commands).toEqual([]);
  });
});

describe('read models', () => {
  const get = (url: string) => fetch(url, { headers: { authorization } });

  test('parameters arrive; wrong ones are named', async () => {
    const { at, services } = await start();
    const found = await get(`${at}/api/products?q=jam&limit=1`);
    expect(await found.json()).toMatchObject({ products: [{ sku: 'jam0' }] });
    expect(await (await get(`${at}/api/stock/85123A`)).json()).toMatchObject({ sku: '85123A' });
    expect((await post(`${at}/api/mesh/cut`, '{"peer":"T2"}')).status).toBe(200);
    expect((await post(`${at}/api/mesh/heal`, '{"peer":"T3"}')).status).toBe(200);
    expect([...services.links]).toEqual([
      ['T2', 'cut'],
      ['T3', 'healed'],
    ]);
    for (const path of ['products?limit=0', 'products?limit=1e9', 'documents?x=1', 'stock/%00']) {
      const wrong = await get(`${at}/api/${path}`);
      expect([path, wrong.status]).toEqual([path, 400]);
    }
    expect((await post(`${at}/api/mesh/cut`, '{"peer":"../x"}')).status).toBe(400);
    expect((await post(`${at}/api/mesh/cut`, '{"peer":"S01-T99"}')).status).toBe(404);
  });
});

describe('events', () => {
  test('a page gets the status at once, then each change', async () => {
    const { at, services } = await start();
    const events = await listen(at);
    await events.until('"total":"1234.56"');
    services.change({ total: '2000.00' });
    await events.until('"total":"2000.00"');
    expect(events.text()).toMatch(/^id: r1-[0-9a-z]+:1$/m);
    await events.end();
  });

  test('a quiet till says that it is alive, in an event that pages get to see and that is never resumed', async () => {
    const timers: { run: () => void; delayMs: number }[] = [];
    const clock: Clock = {
      ...machineClock,
      setTimer(run, delayMs) {
        timers.push({ run, delayMs });
        return { cancel: () => undefined };
      },
    };
    const { at } = await start(undefined, clock);
    const events = await listen(at);
    await events.until('"total":"1234.56"');
    const [timer] = timers;
    // Several times within the 40 s after which a page takes a silent process for dead.
    expect(timer?.delayMs).toBeLessThan(20_000);
    timer?.run();
    await events.until('event: alive\ndata: 1\n\n');
    expect(events.text().match(/^id:/gm)).toHaveLength(1);
    await events.end();
  });

  test.each([
    ['a till that begins anew', new TillmeshError('BEGINNING_ANEW')],
    ['read models that cannot be read', new Error('disk I/O error')],
  ])('%s has no status for a moment: the page waits for the next one', async (_, error) => {
    const { at, services } = await start();
    const before = await listen(at);
    await before.until('"total":"1234.56"');
    services.fail(error);
    const during = await listen(at);
    await during.until('retry:');
    expect(during.text()).not.toContain('data:');
    services.change({ total: '2000.00' });
    for (const events of [before, during]) {
      await events.until('"total":"2000.00"');
      await events.end();
    }
  });
});

describe('pages', () => {
  test('asked for while a build is half written, they are served once it is whole', async () => {
    const [handler, chunk] = [join(directory, 'half.mjs'), join(directory, 'half-chunk.mjs')];
    writeFileSync(handler, `export { handler } from './half-chunk.mjs';`);
    const { at } = await start(pathToFileURL(handler));
    expect((await fetch(`${at}/`)).status).toBe(500);
    writeFileSync(chunk, `export const handler = (request, response) => response.end('whole');`);
    expect(await (await fetch(`${at}/`)).text()).toBe('whole');
  });

  test('without a build the API works, and the page says what to do', async () => {
    const { at } = await start();
    const answer = await fetch(`${at}/`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('npm run build');
  });

  test('a file of the screens that went away under a running till is a 404, and the till goes on', async () => {
    const home = join(directory, 'built');
    const files = join(home, 'client', '_app', 'immutable');
    mkdirSync(files, { recursive: true });
    writeFileSync(
      join(home, 'handler.mjs'),
      `export const handler = (request, response) => response.end('application');`,
    );
    writeFileSync(join(files, 'a.js'), 'plain');
    writeFileSync(join(files, 'a.js.br'), 'packed');
    writeFileSync(join(files, 'b.js'), 'soon gone');
    const { at } = await start(pathToFileURL(join(home, 'handler.mjs')));
    const ask = (path: string, encoding = 'identity') =>
      fetch(`${at}${path}`, { headers: { 'accept-encoding': encoding } });
    const whole = await ask('/_app/immutable/a.js');
    expect(await whole.text()).toBe('plain');
    expect(whole.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(whole.headers.get('cache-control')).toContain('immutable');
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    const head = await fetch(`${at}/_app/immutable/a.js`, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'gzip, br' },
    });
    expect(head.headers.get('content-encoding')).toBe('br');
    rmSync(join(files, 'b.js'));
    const gone = await ask('/_app/immutable/b.js');
    expect([gone.status, gone.headers.get('cache-control')]).toEqual([404, 'no-store']);
    expect(await (await ask('/_app/immutable/..%2F..%2F..%2Fhandler.mjs')).text()).toBe(
      'application',
    );
    expect(await (await ask('/sell')).text()).toBe('application');
  });

  test('the handler gets what no route has taken, with safe headers, and knows that this is plain http', async () => {
    const file = join(directory, 'handler.mjs');
    writeFileSync(
      file,
      `export function handler(request, response) {
        let body = '';
        request.on('data', (chunk) => (body += chunk));
        request.on('end', () => response.end(JSON.stringify({
          url: request.url, body, protocol: request.headers[process.env.PROTOCOL_HEADER],
        })));
      }`,
    );
    const { at } = await start(pathToFileURL(file));
    const answer = await fetch(`${at}/anything?x=1`, {
      method: 'POST',
      headers: { origin: at, 'x-tillmesh-protocol': 'https' },
      body: 'form=1',
    });
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(await answer.json()).toEqual({ url: '/anything?x=1', body: 'form=1', protocol: 'http' });
    const noOrigin = await fetch(`${at}/anything`, { method: 'POST', body: 'form=1' });
    expect(noOrigin.status).toBe(403);
  });
});

test('a port that is taken is said in one sentence', async () => {
  const { port } = await start();
  const second = createHost({ listen: { host: '127.0.0.1', port }, token });
  await expect(second.listen()).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    detail: `127.0.0.1:${port}`,
  });
  await second.close();
});

async function listen(at: string) {
  const answer = await fetch(`${at}/events`);
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    text: () => text,
    end: () => reader?.cancel(),
    async until(part: string): Promise<void> {
      while (!text.includes(part)) {
        const next = await reader?.read();
        if (!next || next.done) throw new Error(`the stream ended before ${part}`);
        text += next.value;
      }
    },
  };
}
