/**
 * The register and the relay as real processes against attackers with a certificate, and against whoever has none: what
 * only a process can show. It lives, it sells, it does not grow, and it remembers who is barred.
 */
import { connect as connectPlain, type Socket } from 'node:net';
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { terminalNameOf } from '#lib/domain/ids.ts';
import { limits } from '#lib/domain/limits.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import { meshTlsOptions } from '#lib/trust/tls-chain.ts';
import { store } from '../system/shop.ts';
import { until } from '../system/until.ts';
import { AttackedShop } from './attacked-shop.ts';
import type { Role } from './company-network.ts';
import { roles } from './ground.ts';
import { joinFrame } from './intruder.ts';
import { expectFuzzSurvived } from './process-fuzz.ts';

/** To each of them; the long lane sends 20,000. */
const frames = 250;

let attacked: AttackedShop;
beforeAll(async () => {
  attacked = await AttackedShop.open();
});
afterAll(() => attacked?.shop.close());

describe.each(roles)('an enrolled till that turns hostile, at a %s', (role) => {
  it('is barred, named in the log without what it wrote, flagged everywhere, and stays out after a restart', async () => {
    const intruder = await attacked.enrol(role === 'relay' ? 'E1' : 'E2');
    const link = await attacked.linkTo(role, intruder);
    const { theirs } = attacked;
    const forged = theirs.forge({
      signer: intruder.signer,
      fields: { body: { secret: 'swordfish' } },
    });
    link.push(theirs.journal, 1, [forged.bytes]);
    expect(await link.closed()).toBe(1008);
    await attacked.expectSelling();

    const told = await until('the log', () => {
      const lines = attacked.offencesOf(role, intruder.principal);
      return lines.length > 0 ? lines : undefined;
    });
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('"ENTRY_FORGED"');
    expect(attacked.logOf(role)).not.toContain('swordfish');
    if (role === 'register')
      for (const where of roles)
        await until(`the flag at the ${where}`, async () =>
          (await attacked.status(where)).flags['foreign-write'] ? true : undefined,
        );

    if (role === 'relay') {
      await attacked.shop.stopRelay();
      await attacked.shop.startRelay();
    } else await attacked.shop.till('T1').restart();
    const again = await attacked.connectTo(role, intruder);
    again.greet();
    expect(await again.closed()).toBe(1008);
    expect(again.received).toEqual([]);
    await attacked.expectSelling();

    // Until a person has looked at it.
    const terminal = terminalNameOf(intruder.principal);
    const alarmsAt = async (where: Role) =>
      ((await attacked.status(where)).alarms ?? []).map(
        ({ kind, terminal: of }) => `${kind} ${of}`,
      );
    expect(await alarmsAt(role)).toContain(`barred ${terminal}`);
    if (role === 'register') expect(await alarmsAt('relay')).toContain(`foreignWrite ${terminal}`);
    expect(await attacked.pardon(role, terminal)).toMatch(
      new RegExp(`^${terminal} may link again`),
    );
    (await attacked.linkTo(role, intruder)).leave();
    for (const where of roles)
      await until(`no alarm at the ${where}`, async () =>
        (await alarmsAt(where)).some((one) => one.endsWith(` ${terminal}`)) ? undefined : true,
      );
    expect((await attacked.status('relay')).flags['foreign-write']).toBeUndefined();
    await attacked.expectNothingElse();
  });
});

describe.each(roles)('P3: two processes under one name that share a %s alone', (role) => {
  it('are an alarm on every screen, and the first one keeps its link', async () => {
    const who = await attacked.newcomer();
    const first = await attacked.linkTo(role, who);
    first.introduce();
    await first.answered();
    const second = await attacked.connectTo(role, who);
    second.raw(joinFrame(who.principal, { instance: 'another-process' }));
    expect(await second.closed()).toBe(4002);
    const metMs = performance.now();
    const { shop } = attacked;
    const screens = [
      () => shop.relayStatus(),
      ...['T1', 'T2'].map((t) => () => shop.till(t).status()),
    ];
    const terminal = terminalNameOf(who.principal);
    for (const status of screens)
      await until('the alarm', async () =>
        (await status()).alarms?.some((one) => one.kind === 'fork' && one.terminal === terminal)
          ? true
          : undefined,
      );
    const tookMs = Math.ceil(performance.now() - metMs);
    process.stderr.write(`met at a ${role}: on ${screens.length} screens within ${tookMs} ms\n`);
    await first.answered();
    first.leave();
    await attacked.expectSelling();
  });
});

describe.each(roles)('N6: mutated frames to a %s', (role) => {
  it(`${frames} of them: alive, selling, nothing written, memory bounded`, async () => {
    await expectFuzzSurvived(attacked, role, frames);
  });
});

describe.each(roles)('X10: connections to a %s that are nothing', (role) => {
  it('200 sockets that say nothing, or a byte at a time: few are kept, for seconds, and the till sells', async () => {
    const sockets: Socket[] = [];
    let gone = 0;
    for (let n = 0; n < 200; n++) {
      const socket = connectPlain({ host: '127.0.0.1', port: attacked.portOf(role) });
      socket.on('error', () => undefined);
      socket.on('close', () => gone++);
      if (n % 2) socket.on('connect', () => socket.write(Uint8Array.of(22)));
      sockets.push(socket);
    }
    await until('the surplus to be hung up on', () =>
      gone >= 200 - limits.halfOpenSocketsPerAddress ? true : undefined,
    );
    await attacked.expectSelling();
    await until('the rest', () => (gone === 200 ? true : undefined), 20_000);
    expect(sockets.every((socket) => socket.destroyed)).toBe(true);
    await attacked.expectSelling();
  });

  it('T1, X3: no certificate, a stranger’s, a resumed session, a browser’s Origin: 403 before any frame', async () => {
    const member = await attacked.newcomer();
    const strangers = await SampleCompany.create('strangers');
    const stranger = await strangers.incarnation(store, 'T1');
    expect(await upgrade(role, undefined)).toBe(403);
    expect(await upgrade(role, stranger)).toBe(403);
    for (const origin of ['null', 'https://evil.example', 'http://127.0.0.1:4100'])
      expect(await upgrade(role, member, { headers: { origin } })).toBe(403);
    const first = await secure(role, member);
    const session = await new Promise<Buffer>((resolve) => {
      first.once('session', resolve);
      first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    first.destroy();
    expect(await upgrade(role, member, { session })).toBe(403);
    expect(await upgrade(role, member)).toBe(101);
    await attacked.expectSelling();
  });
});

describe('enrolment', () => {
  it('X1: guessed codes are refused and then not even looked at; the code under attack is burnt, selling goes on', async () => {
    const code = await attacked.shop.joinCode('E9');
    const statuses: number[] = [];
    for (let n = 0; n < 2 * limits.joinRequestsPerMinute; n++)
      statuses.push(await enrolWith({ id: code.slice(0, 4), proof: 'A'.repeat(43), n }));
    for (const body of ['{"__proto__":{"admin":true}}', 'x'.repeat(100_000), '[', 'null'])
      statuses.push(await enrolWith(body));
    expect(statuses.filter((status) => status === 200)).toEqual([]);
    expect(statuses).toContain(429);
    expect(statuses.some((status) => status >= 500)).toBe(false);
    await attacked.expectSelling();
    await attacked.expectNothingElse();
  });
});

const port = (role: (typeof roles)[number]) => attacked.portOf(role);

async function secure(
  role: (typeof roles)[number],
  who: NewIncarnation | undefined,
  session?: Buffer,
): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: port(role),
    ...(who
      ? meshTlsOptions(who.credentials)
      : { rejectUnauthorized: false, minVersion: 'TLSv1.3' as const }),
    checkServerIdentity: () => undefined,
    ...(session ? { session } : {}),
  });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}

/** The status of an upgrade to a link. */
async function upgrade(
  role: (typeof roles)[number],
  who: NewIncarnation | undefined,
  { headers = {}, session }: { headers?: Record<string, string>; session?: Buffer } = {},
): Promise<number> {
  const socket = await secure(role, who, session);
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.once('data', (data: Buffer) =>
    resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1])),
  );
  socket.once('close', () => resolve(0));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `GET / HTTP/1.1\r\nHost: till\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n${lines.join('')}\r\n`,
  );
  const status = await promise;
  socket.destroy();
  return status;
}

function enrolWith(body: unknown): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const sent = request(
    {
      host: '127.0.0.1',
      port: port('relay'),
      path: '/enrol',
      method: 'POST',
      rejectUnauthorized: false,
      agent: false,
      headers: { 'content-type': 'application/json' },
    },
    (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    },
  );
  sent.on('error', () => resolve(0));
  sent.end(typeof body === 'string' ? body : JSON.stringify(body));
  return promise;
}
