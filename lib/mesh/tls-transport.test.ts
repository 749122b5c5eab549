/** The real wire on loopback: who gets in, who does not, and what half a connection costs. */
import { X509Certificate } from 'node:crypto';
import https from 'node:https';
import { connect as connectTcp, createServer } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { realClock } from '../../tests/simulation/real-clock.ts';
import type { Clock } from '../domain/clock.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { verifyChain } from '../trust/chain.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { meshTlsOptions } from '../trust/tls-chain.ts';
import type { TlsEvent, TlsTransportOptions } from './tls-options.ts';
import { TlsTransport } from './tls-transport.ts';
import { closing } from './protocol.ts';
import type { LinkEnd, RawLink } from './transport.ts';

let company: SampleCompany;
let lives: NewIncarnation[];
let stranger: NewIncarnation;
let expired: NewIncarnation;
const open: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  company = await SampleCompany.create('wire');
  lives = [await company.incarnation('S01', 'T1'), await company.incarnation('S01', 'T2')];
  const rogue = await SampleCompany.create('rogue', Date.UTC(2001, 0, 1));
  stranger = await rogue.incarnation('S01', 'T2');
  const old = await SampleCompany.create('wire', Date.UTC(2001, 0, 1));
  expired = await old.incarnation('S01', 'T3');
});

afterEach(async () => {
  for (const transport of open.splice(0)) await transport.stop();
});

function wire(life: NewIncarnation | undefined, more: Partial<TlsTransportOptions> = {}) {
  if (life === undefined) throw new Error('no life');
  const transport = new TlsTransport({
    clock: realClock,
    credentials: () => life.credentials,
    verifyPeer: (ders) => verifyChain(ders, company.caDer),
    host: '127.0.0.1',
    port: 0,
    handshakeMs: 1_000,
    ...more,
  });
  open.push(transport);
  return transport;
}

async function listening(more: Partial<TlsTransportOptions> = {}) {
  const accepted: RawLink[] = [];
  const events: TlsEvent[] = [];
  const transport = wire(lives[0], { onEvent: (event) => events.push(event), ...more });
  const { port } = await transport.start((link) => accepted.push(link));
  return { transport, accepted, events, port, target: { host: '127.0.0.1', port } };
}

const listen = (link: RawLink) => {
  const heard = { frames: [] as Uint8Array[], end: undefined as LinkEnd | undefined };
  link.listen({
    frame: (bytes) => heard.frames.push(bytes),
    closed: (end) => (heard.end = end),
  });
  return heard;
};

async function linked(more: Partial<TlsTransportOptions> = {}) {
  const server = await listening(more);
  const near = await wire(lives[1], more).dial(server.target);
  await vi.waitFor(() => expect(server.accepted).toHaveLength(1));
  const [far] = server.accepted;
  if (far === undefined) throw new Error('no link');
  return { ...server, near, far };
}

describe('who gets in', () => {
  it('both ends know each other by certificate, and frames pass in order', async () => {
    const { near, far } = await linked();
    expect(near.peer).toMatch(/^S01-T1-/);
    expect(far.peer).toMatch(/^S01-T2-/);
    expect([near.dialled, far.dialled]).toEqual([true, false]);
    for (let n = 0; n < 100; n += 1) near.send(Uint8Array.of(n));
    const heard = listen(far);
    await vi.waitFor(() => expect(heard.frames).toHaveLength(100));
    expect(heard.frames.map((frame) => frame[0])).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('N9: both ends know each other’s terminal key, and the one that is refused hears why', async () => {
    const { near, far } = await linked();
    const [mine, theirs] = [lives[0], lives[1]].map(
      (life) => life && verifyChain(life.chain, company.caDer).terminalKey,
    );
    expect([near.terminalKey, far.terminalKey]).toEqual([mine, theirs]);
    const heard = listen(near);
    far.send(Uint8Array.of(7));
    far.close(closing.revoked.code, closing.revoked.reason);
    await vi.waitFor(() => expect(heard.end).toBe('revoked'));
    expect(heard.frames.map((frame) => frame[0])).toEqual([7]);
  });

  it('a certificate of a rogue CA, expired as it is, opens nothing on either side', async () => {
    const overheard: RawLink[] = [];
    const strangers = wire(stranger, {
      verifyPeer: () => ({ principal: 'S01-T9-00000000000000c3' as Principal, terminalKey: '' }),
    });
    const { port } = await strangers.start((link) => overheard.push(link));
    await expect(wire(lives[1]).dial({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'CERTIFICATE_UNTRUSTED',
    });
    expect(overheard, 'nothing was said to a stranger').toEqual([]);
    const { target, accepted, events } = await listening();
    await expect(strangers.dial(target)).rejects.toMatchObject({ code: 'LINK_FAILED' });
    expect(events).toContainEqual({ kind: 'turnedAway', address: '127.0.0.1', why: 'no chain' });
    expect(accepted).toEqual([]);
  });

  it('P2: a certificate of our CA whose dates are over still opens the LAN', async () => {
    const { target, accepted } = await listening();
    const [certificate] = expired.credentials.chainPem.split(/(?<=END CERTIFICATE-----)/);
    expect(new X509Certificate(certificate ?? '').validToDate.getTime()).toBeLessThan(
      realClock.wallMs(),
    );
    await wire(expired).dial(target);
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
  });

  it('a peer that is not who was expected gets no link', async () => {
    const { target, accepted } = await listening();
    const wanted = { ...target, expect: 'S01-T9-00000000000000c3' as Principal };
    await expect(wire(lives[1]).dial(wanted)).rejects.toMatchObject({ code: 'LINK_FAILED' });
    expect(accepted).toEqual([]);
  });

  it('without a certificate: requests are served, links are not', async () => {
    const { port } = await listening({
      onRequest: (request, response) => response.end(`served ${request.url ?? ''}`),
    });
    expect(await get(port, '/enrol')).toBe('200 served /enrol');
    expect(await upgradeStatus(port, {})).toBe(403);
    const { port: mute } = await listening();
    expect(await get(mute, '/')).toBe('426 ');
  });

  it.each(['http://evil.example', 'null', 'https://127.0.0.1', ''])(
    'X3: a browser at %j gets no link, whatever certificate it has',
    async (origin) => {
      const { port, events } = await listening();
      const headers = { Origin: origin, Cookie: 'session=1' };
      expect(await upgradeStatus(port, headers, lives[1])).toBe(403);
      expect(events).toMatchObject([{ why: 'a browser' }]);
    },
  );

  it('below TLS 1.3 nothing is said', async () => {
    const { port } = await listening();
    const error = await new Promise<Error>((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        maxVersion: 'TLSv1.2',
        rejectUnauthorized: false,
      });
      socket.once('error', resolve);
    });
    expect(error.message).toMatch(/alert|version/i);
  });

  it('a port in use is PORT_IN_USE; after stop() it is free', async () => {
    const { transport, port } = await listening();
    const second = wire(lives[1], { port });
    await expect(second.start(() => undefined)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await transport.stop();
    expect(await second.start(() => undefined)).toEqual({ port });
  });
});

describe('what goes wrong on a link', () => {
  it.each<[string, (socket: WebSocket) => void, LinkEnd]>([
    [
      'an oversize frame',
      (socket) => socket.send(new Uint8Array(limits.frameBytes + 1)),
      'oversize',
    ],
    [
      'bytes that are no WebSocket frame',
      (socket) => rawSocket(socket).write('GET / HTTP'),
      'malformed',
    ],
    [
      'a compressed frame',
      (socket) => rawSocket(socket).write(Uint8Array.of(0xc2, 0x80, 0, 0, 0, 0)),
      'malformed',
    ],
    ['a reset', (socket) => socket.terminate(), 'closed'],
  ])('%s ends the link as such', async (_name, misbehave, end) => {
    const { accepted, port } = await listening();
    const socket = await rawLink(port);
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
    const [far] = accepted;
    const heard = far && listen(far);
    misbehave(socket);
    await vi.waitFor(() => expect(heard?.end).toBe(end), { timeout: 5_000 });
    socket.terminate();
  });

  it('N2: a peer that stands still is noticed within three ping intervals', async () => {
    const { accepted, port } = await listening({ pingMs: 50 });
    const socket = await rawLink(port);
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
    const [far] = accepted;
    const heard = far && listen(far);
    // Reads nothing any more, so no ping is answered.
    socket.pause();
    await vi.waitFor(() => expect(heard?.end).toBe('dead'), { timeout: 2_000 });
    socket.terminate();
  });

  it('a healthy link stays up over many intervals', async () => {
    let beats = 0;
    const counting: Clock = {
      ...realClock,
      setTimer: (run, delayMs) => {
        beats += delayMs === 20 ? 1 : 0;
        return realClock.setTimer(run, delayMs);
      },
    };
    const { near, far } = await linked({ pingMs: 20, clock: counting });
    const [heardNear, heardFar] = [listen(near), listen(far)];
    await vi.waitFor(() => expect(beats).toBeGreaterThan(20), { timeout: 5_000 });
    expect([heardNear.end, heardFar.end]).toEqual([undefined, undefined]);
    await vi.waitFor(() => expect(near.roundTripMs).toBeGreaterThan(0));
    near.close(1001, 'leaving');
    await vi.waitFor(() => expect(heardFar.end).toBe('closed'));
  });
});

describe('X10: half connections', () => {
  it('are bounded per address, end by themselves, and leave room for a till', async () => {
    const { port, events, target, accepted } = await listening({ handshakeMs: 200 });
    const mute = Array.from({ length: limits.halfOpenSocketsPerAddress + 20 }, () =>
      connectTcp(port, '127.0.0.1').on('error', () => undefined),
    );
    await vi.waitFor(() =>
      expect(
        events.filter((event) => event.kind === 'turnedAway' && event.why === 'too many'),
      ).toHaveLength(20),
    );
    await vi.waitFor(() => expect(mute.every(({ closed }) => closed)).toBe(true), {
      timeout: 3_000,
    });
    await wire(lives[1]).dial(target);
    expect(accepted).toHaveLength(1);
  });

  it('a request a byte at a time ends at the deadline', async () => {
    const { port } = await listening({
      handshakeMs: 200,
      onRequest: (_, response) => response.end(),
    });
    const slow = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    slow.on('error', () => undefined);
    await new Promise((resolve) => slow.once('secureConnect', resolve));
    slow.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    await vi.waitFor(() => expect(slow.closed).toBe(true), { timeout: 3_000 });
  });

  it('a dial that gets no answer ends, and stop() ends it at once', async () => {
    const tcp = createServer(() => undefined);
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const address = tcp.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const target = { host: '127.0.0.1', port };
    await expect(wire(lives[1], { handshakeMs: 100 }).dial(target)).rejects.toMatchObject({
      code: 'LINK_FAILED',
      detail: 'no answer',
    });
    const patient = wire(lives[1], { handshakeMs: 60_000 });
    const dialling = patient.dial(target);
    await patient.stop();
    await expect(dialling).rejects.toMatchObject({ detail: 'stopped' });
    tcp.close();
  });
});

const rawSocket = (socket: WebSocket): { write(data: Uint8Array | string): void } =>
  Reflect.get(socket, '_socket') as { write(data: Uint8Array | string): void };

async function rawLink(port: number): Promise<WebSocket> {
  const life = lives[1];
  if (life === undefined) throw new Error('no life');
  const secure = connect({ host: '127.0.0.1', port, ...meshTlsOptions(life.credentials) });
  const socket = new WebSocket('ws://till/', { createConnection: () => secure });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('open', resolve));
  return socket;
}

function get(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get(
        { host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false },
        (response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => (body += chunk.toString()));
          response.on('end', () => resolve(`${response.statusCode} ${body}`));
        },
      )
      .on('error', reject);
  });
}

function upgradeStatus(
  port: number,
  headers: Record<string, string>,
  life?: NewIncarnation,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ...(life === undefined ? {} : meshTlsOptions(life.credentials)),
    });
    const socket = new WebSocket('ws://till/', { createConnection: () => secure, headers });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => reject(new Error('a link')));
    socket.on('error', () => undefined);
  });
}
