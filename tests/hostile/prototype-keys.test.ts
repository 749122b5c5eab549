/**
 * X14: `__proto__`, `constructor`, `prototype` at every place of every JSON body, query and frame, generated from the lists of routes
 * and message shapes: refused or passed over, never a fault, and no object of this process learns anything.
 */
import { cbor } from '@automerge/automerge-repo';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isTillmeshError } from '#lib/domain/errors.ts';
import { createHost } from '#lib/host/host.ts';
import { startHqScreens } from '#lib/host/sample-screens.ts';
import { decodeFrame } from '#lib/mesh/frames.ts';
import { shapes } from '#lib/mesh/protocol.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import { addRelayRoutes } from '#relay/relay-routes.ts';
import { RealTill } from '../authorisation/real-till.ts';
import { commandSample, prepareCart, cartSamples, routeSamples } from '../authorisation/samples.ts';
import {
  cartKinds,
  commandRows,
  hqRows,
  registerRows,
  relayRows,
  tillRows,
} from '../authorisation/table.ts';
import { store } from '../simulation/goods.ts';
import { Scribe } from './forgeries.ts';
import { message } from './intruder.ts';
import { sessionFrames } from './session.ts';

const planted = { isPlanted: true };
/** A key, and what stands under it; as text, because an object literal would set its own prototype. */
const poisons = [
  `"__proto__":${JSON.stringify(planted)}`,
  `"constructor":${JSON.stringify({ prototype: planted })}`,
  `"prototype":${JSON.stringify(planted)}`,
];

let till: RealTill;
beforeAll(async () => {
  till = await RealTill.open();
});
afterAll(() => till?.close());
afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { isPlanted?: boolean }).isPlanted).toBeUndefined();
});

/** The body once for each object in it and each key, with that key in that place. */
function* poisoned(body: unknown): Generator<string> {
  const places = objectsIn(body);
  for (let at = 0; at < places; at++) {
    for (const poison of poisons) {
      let seen = 0;
      const mark = '\u0001';
      const text = JSON.stringify(body, (_key, value: unknown) =>
        isObject(value) && seen++ === at ? { [mark]: 0, ...value } : value,
      );
      yield text.replace(`${JSON.stringify(mark)}:0`, poison);
    }
  }
}
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
function objectsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Object.values(value).reduce((sum: number, one) => sum + objectsIn(one), 0);
  return inside + (isObject(value) ? 1 : 0);
}

const queries = [
  '?__proto__=1',
  '?constructor=1',
  '?prototype=1',
  '?__proto__[x]=1',
  '?constructor.prototype=1',
];

describe('JSON', () => {
  it('a till’s screens: every route, every place', async () => {
    const cookie = () => till.cookie(till.gate.begin('max', undefined));
    let asked = 0;
    for (const { name } of tillRows) {
      const [method = '', pattern = ''] = name.split(' ');
      const sample = routeSamples[name] ?? {};
      await sample.prepare?.(till);
      const path = sample.path?.(till) ?? pattern;
      const body = (await sample.body?.(till)) ?? {};
      const before = JSON.stringify(till.picture());
      const bodies = method === 'GET' ? [] : [...poisoned(body)];
      for (const text of bodies) {
        const answer = await till.askAsPage({ method, path, body: text, cookie: cookie() });
        expect([name, text, answer.status, answer.code]).toEqual([
          name,
          text,
          400,
          'INPUT_INVALID',
        ]);
        asked++;
      }
      for (const query of queries) {
        const sent = method === 'GET' ? {} : { body };
        const answer = await till.askAsPage({
          method,
          path: path + query,
          ...sent,
          cookie: cookie(),
        });
        expect([name, query, answer.status]).toEqual([name, query, 400]);
        asked++;
      }
      expect([name, JSON.stringify(till.picture())]).toEqual([name, before]);
    }
    expect(asked).toBeGreaterThan(tillRows.length * queries.length);
  });

  it('every command and every change of a cart, at every place', async () => {
    const headers = { authorization: `Bearer ${till.token}` };
    for (const { name } of commandRows) {
      const sample = { ...commandSample(name, till), by: 'max' };
      const before = till.register.replica.own.tip.seq;
      for (const body of poisoned(sample)) {
        const answer = await till.ask({ method: 'POST', path: '/api/commands', body, headers });
        expect([name, body, answer.status]).toEqual([name, body, 400]);
      }
      expect([name, till.register.replica.own.tip.seq]).toEqual([name, before]);
    }
    for (const kind of cartKinds) {
      await prepareCart(till, kind);
      const before = JSON.stringify(till.picture());
      for (const body of poisoned(cartSamples[kind]?.() ?? {})) {
        const cookie = till.cookie(till.gate.begin('max', undefined));
        const answer = await till.askAsPage({ method: 'POST', path: '/screen/cart', body, cookie });
        expect([kind, body, answer.status]).toEqual([kind, body, 400]);
      }
      expect([kind, JSON.stringify(till.picture())]).toEqual([kind, before]);
    }
  });

  it('ids and words that are such a name are refused or mean nothing', async () => {
    const cookie = till.cookie(till.gate.begin('max', undefined));
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      for (const [method, path, body] of [
        ['POST', '/screen/session', { operator: name, pin: '0000' }],
        ['POST', '/screen/unlock', { operator: name }],
        ['GET', `/screen/stock/${name}`, undefined],
        ['GET', `/screen/receipts/${name}`, undefined],
        ['GET', `/screen/tiles?department=${name}`, undefined],
        ['GET', `/screen/tiles?query=${name}`, undefined],
        ['POST', '/screen/cart', { kind: 'scan', line: 'x1', code: name, quantityMilli: 1_000 }],
        ['POST', '/screen/cart', { kind: 'remove', line: name }],
        ['POST', '/screen/mesh/cut', { peer: name }],
        ['POST', '/screen/commands', { kind: name, command: 'a-command-1' }],
      ] as const) {
        const answer = await till.askAsPage({ method, path, body, cookie });
        expect([path, name, answer.status < 500]).toEqual([path, name, true]);
        expect([path, name, answer.text]).not.toEqual([
          path,
          name,
          expect.stringContaining('native code'),
        ]);
      }
    }
  });

  it('the APIs and head office’s screens: every route, and nothing behind them hears of it', async () => {
    const calls: string[] = [];
    const services = new Proxy({} as never, {
      get: (_, called) => () => {
        if (String(called).startsWith('on')) return () => undefined;
        calls.push(String(called));
        return { outcome: 'done', expiresAtMs: 0 };
      },
    });
    const host = createHost({
      listen: { host: '127.0.0.1', port: 0 },
      token: 'right',
      logger: pino({ level: 'silent' }),
    });
    addRelayRoutes(host.app, services);
    const port = await host.listen();
    const hq = await startHqScreens();
    try {
      const token = { authorization: `Bearer ${till.token}` };
      for (const { name } of registerRows().filter(({ name }) => name.startsWith('POST'))) {
        const [method = '', path = ''] = name.split(' ');
        for (const body of poisoned({ peer: 'S01-T1', list: [{}] })) {
          const answer = await till.ask({ method, path, body, headers: token });
          expect([name, body, answer.status]).toEqual([name, body, 400]);
        }
      }
      const shapesOfHq = {
        store: 'S01',
        terminal: 'T1',
        reason: 'lost',
        products: [{ sku: 'A' }],
        customers: [{}],
      };
      for (const { name } of relayRows().filter(({ name }) => !name.startsWith('GET'))) {
        const [method = '', path = ''] = name.split(' ');
        for (const body of poisoned(shapesOfHq)) {
          const answer = await fetch(`http://127.0.0.1:${port}${path.replace(':store', 'S01')}`, {
            method,
            headers: { authorization: 'Bearer right', 'content-type': 'application/json' },
            body,
          });
          expect([name, body, answer.status]).toEqual([name, body, 400]);
        }
      }
      expect(calls).toEqual([]);
      const cookie = await hq.signIn('max');
      for (const { name } of hqRows) {
        const [method = '', path = ''] = name.split(' ');
        hq.calls.length = 0;
        const bodies = method === 'GET' ? [] : [...poisoned(shapesOfHq)];
        for (const body of bodies)
          expect([name, (await hq.askAsPage({ method, path, body, cookie })).status]).toEqual([
            name,
            400,
          ]);
        for (const query of queries) {
          const sent = method === 'GET' ? {} : { body: '{}' };
          const answer = await hq.askAsPage({ method, path: path + query, ...sent, cookie });
          expect([name, query, answer.status]).toEqual([name, query, 400]);
        }
        expect([name, hq.calls]).toEqual([name, []]);
      }
    } finally {
      await host.close();
      await hq.close();
    }
  });
});

/** The same for what a decoder gives: a copy in which one object has such a key of its own. */
function* poisonedFrames(frame: Uint8Array): Generator<Uint8Array> {
  const value = cbor.decode<object>(frame);
  for (let at = 0; at < objectsIn(value); at++) {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      let seen = 0;
      const copy = (one: unknown): unknown => {
        if (Array.isArray(one)) return one.map(copy);
        if (!isObject(one) || one instanceof Uint8Array) return one;
        const isHere = seen++ === at;
        const made = Object.fromEntries(
          Object.entries(one).map(([name, item]) => [name, copy(item)]),
        );
        if (isHere) Object.defineProperty(made, key, { value: planted, enumerable: true });
        return made;
      };
      yield new Uint8Array(cbor.encode(copy(value)));
    }
  }
}

describe('CBOR', () => {
  it('every type of message, every place: refused or without it, and every object is a plain one', async () => {
    const company = await SampleCompany.create('prototype');
    const [me, victim] = [
      await company.incarnation(store, 'T1'),
      await company.incarnation(store, 'T2'),
    ];
    const theirs = new Scribe(await company.incarnation(store, 'T3'));
    theirs.write();
    const say = (type: string, fields: Readonly<Record<string, unknown>>) =>
      new Uint8Array(message(me.principal, victim.principal, type, fields));
    const frames = [
      ...sessionFrames(me, victim.principal, theirs),
      say('peer', { peerMetadata: { storageId: 'x' }, selectedProtocolVersion: '1' }),
      say('error', { message: 'no' }),
      say('tillmesh/notices', { store, changes: theirs.written.map(({ bytes }) => bytes) }),
    ];
    const types = new Set(frames.map((frame) => cbor.decode<{ type: string }>(frame).type));
    // A new type of message needs a frame here.
    expect([...types].toSorted()).toEqual(Object.keys(shapes).toSorted());
    let read = 0;
    for (const frame of frames) {
      expect(decodeFrame(frame).kind).not.toBe('unknown');
      for (const poison of poisonedFrames(frame)) {
        try {
          const decoded = decodeFrame(poison);
          if (decoded.kind === 'unknown') throw new Error('a known type');
          expectPlain(decoded.message);
          read++;
        } catch (error) {
          expect([isTillmeshError(error), error]).toEqual([true, error]);
        }
      }
    }
    expect(read).toBeGreaterThan(frames.length);
  });
});

function expectPlain(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) expectPlain(item);
    return;
  }
  expect([Object.prototype, null]).toContain(Object.getPrototypeOf(value));
  expect(Reflect.get(value, 'isPlanted')).toBeUndefined();
  for (const item of Object.values(value)) expectPlain(item);
}
