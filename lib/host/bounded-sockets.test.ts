/** X10: who holds connections and says nothing, or never ends what he says. */
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { limits } from '../domain/limits.ts';
import { createHost, type Host } from './host.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function start(trustedProxies: readonly string[] = []) {
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(line) });
  const host: Host = createHost({
    listen: { host: '127.0.0.1', port: 0 },
    token: 'x',
    logger,
    trustedProxies,
  });
  open.push(host);
  host.app.get('/stream', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200).write('on');
  });
  host.app.post('/api/echo', (request) => request.body);
  return { port: await host.listen(), log, host };
}

/** From another address of this machine: `127.0.0.2` is nobody's but the attacker's here. */
function dial(
  port: number,
  localAddress: string,
  first = '',
): { socket: Socket; heard: string[]; gone: boolean } {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  const end = { socket, heard: [] as string[], gone: false };
  socket.on('error', () => undefined);
  socket.on('data', (data) => end.heard.push(data.toString()));
  socket.on('close', () => (end.gone = true));
  if (first) socket.once('connect', () => socket.write(first));
  open.push({ close: () => socket.destroy() });
  return end;
}

/** A busy machine makes it slow, not wrong. */
const patient = { timeout: 15_000 };

const health = async (port: number): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}/api/health`)).status;

test('500 connections of one address that say nothing, or a byte: few are kept, it is told once, others are served', async () => {
  const { port, log } = await start();
  const flood = Array.from({ length: 500 }, (_, n) => dial(port, '127.0.0.2', n % 2 ? 'G' : ''));
  await vi.waitFor(
    () => expect(flood.filter(({ gone }) => gone)).toHaveLength(500 - limits.httpSocketsPerAddress),
    patient,
  );
  expect(await health(port)).toBe(200);
  const told = log.filter((line) => line.includes('too many connections'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('"address":"127.0.0.2"');
  for (const { socket } of flood) socket.destroy();
  await vi.waitFor(async () => {
    const again = dial(port, '127.0.0.2', 'GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(again.gone || again.heard.length > 0).toBe(true));
    expect(again.heard.join('')).toMatch(/^HTTP\/1\.1 421 /);
  }, patient);
});

test('many addresses together are bounded, too', async () => {
  const { port } = await start();
  const addresses = Math.ceil(limits.httpSockets / limits.httpSocketsPerAddress) + 1;
  const flood = Array.from({ length: addresses * limits.httpSocketsPerAddress }, (_, n) =>
    dial(port, `127.0.1.${1 + (n % addresses)}`),
  );
  await vi.waitFor(
    () => expect(flood.filter(({ gone }) => gone)).toHaveLength(flood.length - limits.httpSockets),
    patient,
  );
});

describe('clients of a proxy', () => {
  const most = limits.httpSocketsPerAddress;
  const ask = (port: number, proxy: string, forwarded?: string) =>
    dial(
      port,
      proxy,
      `GET /stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${forwarded === undefined ? '' : `X-Forwarded-For: ${forwarded}\r\n`}\r\n`,
    );
  const settled = (asked: readonly ReturnType<typeof dial>[]) =>
    vi.waitFor(() => expect(asked.every(({ gone, heard }) => gone || heard.length > 0)).toBe(true));
  const goneOf = (asked: readonly ReturnType<typeof dial>[]) =>
    asked.filter(({ gone }) => gone).length;

  test('are counted each, by what a trusted proxy saw; what they say of themselves is not read', async () => {
    const { port, log } = await start(['127.0.0.2']);
    const one = Array.from({ length: most + 20 }, (_, n) =>
      ask(port, '127.0.0.2', `203.0.113.${n}, 198.51.100.7`),
    );
    await settled(one);
    expect(goneOf(one)).toBe(20);
    expect(log.filter((line) => line.includes('198.51.100.7'))).toHaveLength(1);
    const others = Array.from({ length: 60 }, (_, n) =>
      ask(port, '127.0.0.2', `198.51.100.${100 + n}`),
    );
    await settled(others);
    expect(goneOf(others)).toBe(0);
    // Each that ends makes room for another of the same client.
    one.find(({ gone }) => !gone)?.socket.destroy();
    await vi.waitFor(async () => {
      const again = ask(port, '127.0.0.2', '198.51.100.7');
      await settled([again]);
      expect(again.gone).toBe(false);
    }, patient);
  });

  test.each([
    ['by a proxy that nobody has named', [] as string[], (n: number) => `198.51.100.${n}`],
    [
      'without the header, or with what is no address',
      ['127.0.0.2'],
      (n: number) => (n % 2 ? undefined : `x${n}`),
    ],
  ])('are one, %s', async (_what, trusted, forwarded) => {
    const { port } = await start(trusted);
    const asked = Array.from({ length: most + 20 }, (_, n) => ask(port, '127.0.0.2', forwarded(n)));
    await vi.waitFor(() => expect(goneOf(asked)).toBe(20), patient);
    expect(await health(port)).toBe(200);
  });
});

test('headers that never end, a body that never comes, and a silent connection end by themselves', async () => {
  const { port, host } = await start();
  const { server } = host.app;
  expect([server.headersTimeout, server.requestTimeout]).toEqual([limits.httpHeadersMs, 60_000]);
  // The same rule on a shorter leash.
  server.headersTimeout = 300;
  server.requestTimeout = 600;
  const head = `POST /api/echo HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer x\r\n`;
  const slow = [
    dial(port, '127.0.0.1'),
    dial(port, '127.0.0.1', `${head}X-Slow: `),
    dial(port, '127.0.0.1', `${head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`),
  ];
  await vi.waitFor(() => expect(slow.map(({ gone }) => gone)).toEqual([true, true, true]), patient);
  expect(await health(port)).toBe(200);
});

test('a compressed body is not unpacked, and one that is too large is not read', async () => {
  const { port } = await start();
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${port}/api/echo`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer x', 'content-type': 'application/json', ...headers },
    }).then(({ status }) => status);
  const { gzipSync } = await import('node:zlib');
  const bomb = new Uint8Array(gzipSync(JSON.stringify({ text: 'a'.repeat(1024 * 1024) })));
  expect(await send(bomb, { 'content-encoding': 'gzip' })).toBe(400);
  expect(await send('x'.repeat(limits.httpBodyBytes + 1), {})).toBe(413);
});
