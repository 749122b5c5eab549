import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, request, type Server } from 'node:https';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
} from 'node:net';
import { connect, createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import type { SeriesLetter, StoreId, TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { joinNetwork } from './enrolment-client.ts';
import { EnrolmentOffice } from './enrolment-office.ts';
import { enrolmentListener } from './enrolment-server.ts';
import { parseJoinCode, type JoinCode } from './join-code.ts';
import { newKeyPair } from './keys.ts';
import { MemoryJoinCodes } from './memory-join-codes.ts';
import { SampleCompany, sampleNowMs, seededBytes } from './sample-company.ts';
import { meshTlsOptions } from './tls-chain.ts';

/** Time that stands still; `expire` runs every timer that is set. */
class StoppedClock implements Clock {
  now = 0;
  readonly #timers = new Set<() => void>();
  readonly #waiting: (() => void)[] = [];
  wallMs = (): number => sampleNowMs;
  monotonicMs = (): number => this.now;
  zone = (): string => 'UTC';
  setTimer(run: () => void): { cancel(): void } {
    this.#timers.add(run);
    for (const go of this.#waiting.splice(0)) go();
    return { cancel: () => this.#timers.delete(run) };
  }
  get timers(): number {
    return this.#timers.size;
  }
  async timerSet(): Promise<void> {
    if (this.#timers.size === 0) await new Promise<void>((go) => this.#waiting.push(go));
  }
  expire(): void {
    for (const run of this.#timers) run();
  }
}

const random = seededBytes('http');
const store = 'S01' as StoreId;
const terminal = 'T1' as TerminalId;
const closing: { close(): unknown; closeAllConnections?(): void }[] = [];
let company: SampleCompany;
let codes: MemoryJoinCodes;
let office: EnrolmentOffice;
let clock: StoppedClock;
let problems: unknown[];
let port: number;
let code: JoinCode;
let nextLetter: () => Promise<SeriesLetter>;

beforeAll(async () => {
  company = await SampleCompany.create();
});
beforeEach(async () => {
  codes = new MemoryJoinCodes();
  clock = new StoppedClock();
  problems = [];
  nextLetter = async () => 'A' as SeriesLetter;
  office = new EnrolmentOffice({
    codes,
    issuerOf: () => company.authority,
    nextLetter: () => nextLetter(),
    relays: () => [{ host: 'hq.example', port }],
    random,
    wallMs: clock.wallMs,
  });
  const listener = enrolmentListener({ office, clock, onProblem: (error) => problems.push(error) });
  const { credentials } = await company.incarnation('HQ', 'HQ1');
  port = await listening(createHttpsServer(meshTlsOptions(credentials), listener));
  code = await newCode();
});
afterEach(() => {
  for (const each of closing.splice(0)) {
    each.close();
    each.closeAllConnections?.();
  }
});

async function listening(server: Server | HttpServer | TcpServer): Promise<number> {
  closing.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
async function newCode(): Promise<JoinCode> {
  const parsed = parseJoinCode((await office.newCode(store, terminal)).code);
  if (!parsed) throw new Error('a new code cannot be read');
  return parsed;
}
const join = (change: { port?: number; code?: JoinCode; store?: StoreId; host?: string } = {}) =>
  joinNetwork({
    host: '127.0.0.1',
    port,
    code,
    terminalKey: newKeyPair(random).privateKey,
    random,
    clock,
    ...change,
  });
async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'accepted';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}
/** A wrong secret for the same id. */
const guessed = (): JoinCode => ({ ...code, secret: 'ZZZZZZZZZZZZ' });

describe('joining over HTTPS', () => {
  test('enrols with the right code, once', async () => {
    expect(await join()).toMatchObject({
      company: 'acme',
      store,
      terminal,
      letter: 'A',
      caDer: company.caDer,
      relays: [{ host: 'hq.example', port }],
    });
    expect(await codeOf(join())).toBe('JOIN_CODE_USED');
    expect(clock.timers).toBe(0);
  });

  test('says one clear thing for each code that is no good', async () => {
    expect(await codeOf(join({ code: guessed() }))).toBe('JOIN_CODE_WRONG');
    expect(await codeOf(join({ store: 'S02' as StoreId }))).toBe('INPUT_INVALID');
    clock.wallMs = () => sampleNowMs + limits.joinCodeMinutes * 60_000;
    office = new EnrolmentOffice({
      codes,
      issuerOf: () => company.authority,
      nextLetter,
      relays: () => [],
      random,
      wallMs: clock.wallMs,
    });
    const listener = enrolmentListener({ office, clock, onProblem: () => {} });
    const { credentials } = await company.incarnation('HQ', 'HQ1');
    const later = await listening(createHttpsServer(meshTlsOptions(credentials), listener));
    expect(await codeOf(join({ port: later }))).toBe('JOIN_CODE_EXPIRED');
  });

  test('is refused for a while after too many tries, with the right code as well', async () => {
    const outcomes = [];
    for (let i = 0; i <= limits.joinRequestsPerMinute; i++)
      outcomes.push(await codeOf(join({ code: { ...guessed(), id: '0000' } })));
    expect(outcomes.filter((each) => each === 'JOIN_CODE_WRONG')).toHaveLength(
      limits.joinRequestsPerMinute,
    );
    expect(await codeOf(join())).toBe('JOIN_TOO_OFTEN');
    clock.now += 60_000;
    expect(await codeOf(join())).toBe('accepted');
  });

  test('tells a fault of head office apart, without a word of its detail', async () => {
    nextLetter = async () => {
      throw new Error('password of the database is hunter2');
    };
    const error: unknown = await join().catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'JOIN_UNREACHABLE' });
    expect(String(error)).toContain('500');
    expect(String(error)).not.toContain('hunter2');
    expect(problems).toHaveLength(1);
  });
});

describe('a man in the middle', () => {
  /** Has a certificate of its own and passes every byte on, both ways. */
  async function proxy(change: (bytes: string) => string = (bytes) => bytes): Promise<number> {
    const rogue = await SampleCompany.create('rogue');
    const { credentials } = await rogue.incarnation('HQ', 'HQ1');
    const server = createTlsServer(meshTlsOptions(credentials), (victim) => {
      const onward = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
      for (const socket of [victim, onward]) {
        // Either end may go first.
        socket.on('error', () => socket.destroy());
        socket.on('close', () => [victim, onward].forEach((each) => each.destroy()));
      }
      victim.pipe(onward);
      onward.on('data', (bytes: Buffer) =>
        victim.write(change(bytes.toString('latin1')), 'latin1'),
      );
    });
    return listening(server);
  }

  test('that passes the enrolment on enrols nobody', async () => {
    expect(await codeOf(join({ port: await proxy() }))).toBe('JOIN_CODE_WRONG');
    expect(await codes.find(code.id)).toMatchObject({ used: false, failedTries: 1 });
    expect(await codeOf(join())).toBe('accepted');
  });

  test('that makes up an answer is not mistaken for head office', async () => {
    const rogue = await SampleCompany.create('rogue');
    const { credentials } = await rogue.incarnation('HQ', 'HQ1');
    const answers = [
      { status: 200, body: '{}' },
      { status: 200, body: 'not JSON' },
      { status: 200, body: JSON.stringify({ v: 1, proof: 'A'.repeat(43) }) },
      { status: 404, body: '<html>' },
      { status: 403, body: '{"error":{"code":"DISK_FULL","message":"<b>call 555</b>"}}' },
      { status: 200, body: `"${'x'.repeat(limits.joinBodyBytes)}"` },
    ];
    for (const { status, body } of answers) {
      const fake = createHttpsServer(meshTlsOptions(credentials), (_, response) =>
        response.writeHead(status).end(body),
      );
      expect(await codeOf(join({ port: await listening(fake) }))).toBe('JOIN_NOT_HQ');
    }
  });
});

describe('nobody there', () => {
  test('a closed port, a server without TLS, one that hangs up: unreachable', async () => {
    const closed = createTcpServer();
    const closedPort = await listening(closed);
    closed.close();
    await once(closed, 'close');
    const plain = await listening(createHttpServer((_, response) => response.end('{}')));
    const rude = await listening(createTcpServer((socket) => socket.destroy()));
    const old = await listening(
      createHttpsServer({
        ...meshTlsOptions((await company.incarnation('HQ', 'HQ1')).credentials),
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.2',
      }),
    );
    for (const each of [closedPort, plain, rude, old]) {
      const error: unknown = await join({ port: each }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'JOIN_UNREACHABLE' });
      expect(String(error)).toContain(`127.0.0.1:${each}`);
    }
  });

  test('a server that says nothing is given up at the deadline', async () => {
    const silentClock = new StoppedClock();
    const silent = await listening(createTcpServer(() => {}));
    const joining = joinNetwork({
      host: '127.0.0.1',
      port: silent,
      code,
      terminalKey: newKeyPair(random).privateKey,
      random,
      clock: silentClock,
    });
    await silentClock.timerSet();
    silentClock.expire();
    expect(await codeOf(joining)).toBe('JOIN_UNREACHABLE');
  });
});

describe('the enrolment listener', () => {
  type Sent = { method?: string; path?: string; type?: string; body?: string };
  const send = async (sent: Sent): Promise<{ status: number | undefined; text: string }> => {
    const call = request({
      host: '127.0.0.1',
      port,
      method: sent.method ?? 'POST',
      path: sent.path ?? '/enrol',
      headers: { 'content-type': sent.type ?? 'application/json' },
      rejectUnauthorized: false,
      agent: false,
    });
    call.end(sent.body ?? '{}');
    const [response] = await once(call, 'response');
    let text = '';
    for await (const part of response as AsyncIterable<Buffer>) text += part.toString();
    return { status: (response as { statusCode?: number }).statusCode, text };
  };

  test.each<[string, Sent, number]>([
    ['another path', { path: '/enrol/../admin' }, 404],
    ['another method', { method: 'PUT' }, 404],
    ['another type', { type: 'text/plain' }, 400],
    ['no JSON', { body: '{' }, 400],
    ['JSON of another form', { body: '{"__proto__":{"v":1}}' }, 400],
    ['too much', { body: `"${'x'.repeat(limits.joinBodyBytes)}"` }, 413],
  ])('answers %s with a code and a sentence', async (_, sent, status) => {
    const answer = await send(sent);
    expect(answer.status).toBe(status);
    const body = JSON.parse(answer.text) as { error: Record<string, unknown> };
    expect(Object.keys(body)).toEqual(['error']);
    expect(Object.keys(body.error)).toEqual(['code', 'message']);
    expect(problems).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('cuts a caller that does not finish, and one that goes away is no problem', async () => {
    for (const leave of [false, true]) {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      socket.write(
        'POST /enrol HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
      );
      await clock.timerSet();
      const closed = once(socket, 'close');
      socket.resume();
      if (leave) socket.destroy();
      else clock.expire();
      await closed;
    }
    expect(await codeOf(join())).toBe('accepted');
    expect(problems).toEqual([]);
  });
});
