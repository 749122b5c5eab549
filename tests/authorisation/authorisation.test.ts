/**
 * X9: the whole table, every row × role × state of a session, against a real register and a real HTTP host: only the yes cells get
 * through, and whoever does not has changed nothing. A row is in the table because the code has it (`table.ts`).
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '#lib/domain/limits.ts';
import { roles, type Role } from '#lib/domain/operator.ts';
import { createHost } from '#lib/host/host.ts';
import { operatorOf, startHqScreens, type SampleScreens } from '#lib/host/sample-screens.ts';
import type { ScreenGate } from '#lib/host/screen-gate.ts';
import { cookieName } from '#lib/host/sessions.ts';
import { addRelayRoutes } from '#relay/relay-routes.ts';
import { RealTill } from './real-till.ts';
import { cartSamples, commandSample, prepareCart, routeSamples } from './samples.ts';
import {
  asMarkdown,
  cartKinds,
  cartRows,
  commandRows,
  elsewhereRows,
  hqRows,
  isAllowed,
  registerRows,
  relayRows,
  tillRows,
  unusedPermissions,
  type Row,
} from './table.ts';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

let till: RealTill;
let other: RealTill;
let hq: SampleScreens;
beforeAll(async () => {
  [till, other, hq] = await Promise.all([RealTill.open(), RealTill.open(), startHqScreens()]);
});
afterAll(async () => {
  await Promise.all([till?.close(), other?.close(), hq?.close()]);
});

type At = {
  readonly gate: ScreenGate;
  readonly clock: { pass(ms: number): void };
};
/** A session's token in each state that it can be in. Only the first is worth anything. */
const states = {
  'signed in': ({ gate }: At, operator: string) => gate.begin(operator, undefined),
  'not touched for 15 minutes': ({ gate, clock }: At, operator: string) => {
    const token = gate.begin(operator, undefined);
    clock.pass(limits.sessionIdleMs);
    return token;
  },
  'used all the time for 16 hours': ({ gate, clock }: At, operator: string) => {
    const token = gate.begin(operator, undefined);
    const stepMs = limits.sessionIdleMs / 2;
    for (let passedMs = 0; passedMs < limits.sessionMs; passedMs += stepMs) {
      clock.pass(stepMs);
      gate.sessions.touch(token);
    }
    return token;
  },
  'locked by hand': ({ gate }: At, operator: string) => {
    const token = gate.begin(operator, undefined);
    gate.sessions.lock(token);
    return token;
  },
  'signed out': ({ gate }: At, operator: string) => {
    const token = gate.begin(operator, undefined);
    gate.sessions.end(token);
    return token;
  },
  'of another terminal': (_: At, operator: string) => other.gate.begin(operator, undefined),
  'no session': () => undefined,
} as const satisfies Record<string, (at: At, operator: string) => string | undefined>;
const cells = roles.flatMap((role) =>
  Object.entries(states).map(([state, begin]) => ({ role, state, begin })),
);

/** What must come back, and whether anything may have changed. */
const expectedOf = (row: Row, role: Role, state: string) => {
  if (row.needs === 'nothing') return { isYes: true };
  if (state !== 'signed in') return { isYes: false, status: 401, code: 'SIGN_IN_NEEDED' };
  return { isYes: isAllowed(row, role), status: row.status ?? 403, code: row.code };
};
const tokenOf = (text: string | undefined) => (text === undefined ? {} : { cookie: text });

describe('the table', () => {
  it('is what docs/authorisation.md says: after a change run `node tests/authorisation/write.ts`', async () => {
    const page = file('docs/authorisation.md');
    const options = await prettier.resolveConfig(page);
    const written = await prettier.format(asMarkdown(), { ...options, filepath: page });
    expect(readFileSync(page, 'utf8')).toBe(written);
  });

  it('has every kind of change of a cart that the border lets in, and asks for every permission there is', () => {
    expect(cartRows.map(({ name }) => name).toSorted()).toEqual(cartKinds.toSorted());
    expect(unusedPermissions()).toEqual([]);
  });

  it('names no test for what it does not drive itself that does not ask for it', () => {
    for (const { test, code } of elsewhereRows)
      expect(readFileSync(file(test), 'utf8')).toContain(code);
  });

  it('has a sample for every command and change, and for no row that is gone', () => {
    const missing = commandRows.filter(({ name }) => !commandSample(name, till));
    expect(missing).toEqual([]);
    expect(Object.keys(cartSamples).toSorted()).toEqual(cartKinds.toSorted());
    const names = new Set(tillRows.map(({ name }) => name));
    expect(Object.keys(routeSamples).filter((name) => !names.has(name))).toEqual([]);
  });

  it.each(['lib/register/start.ts', 'relay/start.ts'])(
    'knows every set of routes that %s mounts',
    (path) => {
      const mounted = [...readFileSync(file(path), 'utf8').matchAll(/\b(add\w+)\(host\.app/g)];
      expect(mounted.length).toBeGreaterThan(3);
      const known = [
        ...['addScreenRoutes', 'addHqRoutes', 'addStatusRoutes', 'addRegisterRoutes'],
        ...['addEnrollingRoutes', 'addRelayRoutes', 'addEventRoute', 'addPages'],
      ];
      expect(mounted.map(([, name]) => name).filter((name) => !known.includes(name ?? ''))).toEqual(
        [],
      );
    },
  );
});

describe.each(tillRows)('at a till: $name', (row) => {
  it(`${cells.length} cells`, async () => {
    const [method = '', pattern = ''] = row.name.split(' ');
    const sample = routeSamples[row.name] ?? {};
    for (const { role, state, begin } of cells) {
      const wanted = expectedOf(row, role, state);
      const cell = `${row.name} as ${role}, ${state}`;
      if (wanted.isYes) await sample.prepare?.(till);
      const path = sample.path?.(till) ?? pattern;
      const body = method === 'GET' ? undefined : ((await sample.body?.(till)) ?? {});
      const token = begin(till, operatorOf(role));
      const before = JSON.stringify(till.picture());
      const answer = await till.askAsPage({
        method,
        path,
        body,
        ...tokenOf(token && till.cookie(token)),
      });
      if (wanted.isYes) {
        expect([cell, answer.status, answer.code]).toEqual([cell, 200, undefined]);
        continue;
      }
      expect([cell, answer.status, answer.code]).toEqual([cell, wanted.status, wanted.code]);
      expect([cell, JSON.stringify(till.picture())]).toEqual([cell, before]);
      expect([cell, answer.headers['set-cookie']]).toEqual([cell, undefined]);
    }
  });
});

describe.each(cartRows)('in the cart: $name', (row) => {
  it(`${cells.length} cells`, async () => {
    const make = cartSamples[row.name];
    if (!make) throw new Error(`no sample of ${row.name}`);
    for (const { role, state, begin } of cells) {
      const wanted = expectedOf(row, role, state);
      const cell = `${row.name} as ${role}, ${state}`;
      await prepareCart(till, row.name);
      const token = begin(till, operatorOf(role));
      const before = JSON.stringify(till.picture());
      const answer = await till.askAsPage({
        method: 'POST',
        path: '/screen/cart',
        body: make(),
        ...tokenOf(token && till.cookie(token)),
      });
      const after = JSON.stringify(till.picture());
      const status = wanted.status === 403 ? 409 : wanted.status;
      if (wanted.isYes) {
        expect([cell, answer.status, answer.code]).toEqual([cell, 200, undefined]);
        expect([cell, after]).not.toEqual([cell, before]);
      } else {
        expect([cell, answer.status, answer.code]).toEqual([cell, status, wanted.code]);
        expect([cell, after]).toEqual([cell, before]);
      }
    }
  });
});

describe.each(commandRows)('a command: $name', (row) => {
  // A sale comes from the cart and from nowhere else, whoever asks, and so does what is left out of one.
  const isOfCart = /^(?:CompleteSale|CancelCart|VoidCartLine)/.test(row.name);

  it(`by the screens: ${cells.length} cells`, async () => {
    for (const { role, state, begin } of cells) {
      const wanted = expectedOf(row, role, state);
      const cell = `${row.name} as ${role}, ${state}`;
      const body = commandSample(row.name, till);
      const token = begin(till, operatorOf(role));
      const before = till.written;
      const answer = await till.askAsPage({
        method: 'POST',
        path: '/screen/commands',
        body,
        ...tokenOf(token && till.cookie(token)),
      });
      const written = till.written - before;
      const isOpen = state === 'signed in';
      const [status, code, entries] = !isOpen
        ? [401, 'SIGN_IN_NEEDED', 0]
        : isOfCart
          ? [400, 'INPUT_INVALID', 0]
          : wanted.isYes
            ? [200, undefined, 1]
            : [409, row.code, 0];
      expect([cell, answer.status, answer.code, written]).toEqual([cell, status, code, entries]);
    }
  });

  it('by the API: with the token, in the name of each role; without it never', async () => {
    for (const role of roles) {
      const by = operatorOf(role);
      const session = till.cookie(till.gate.begin(by, undefined));
      const callers: [string, Readonly<Record<string, string>>][] = [
        ['with the token', { authorization: `Bearer ${till.token}` }],
        ['with another till’s token', { authorization: `Bearer ${other.token}` }],
        ['with a session’s cookie', { cookie: session }],
        ['with a session as token', { authorization: `Bearer ${session.split('=')[1]}` }],
        ['with nothing', {}],
      ];
      for (const [caller, headers] of callers) {
        const cell = `${row.name} by ${role}, ${caller}`;
        const sample = commandSample(row.name, till);
        const before = till.written;
        const body = { ...sample, by };
        const answer = await till.ask({ method: 'POST', path: '/api/commands', body, headers });
        const written = till.written - before;
        const isYes = caller === 'with the token' && isAllowed(row, role);
        const refused = caller === 'with the token' ? [409, row.code, 0] : [401, 'TOKEN_WRONG', 0];
        expect([cell, answer.status, answer.code, written]).toEqual([
          cell,
          ...(isYes ? [200, undefined, 1] : refused),
        ]);
      }
    }
  });
});

describe.each(hqRows)('at head office: $name', (row) => {
  it(`${cells.length} cells`, async () => {
    const [method = '', path = ''] = row.name.split(' ');
    for (const { role, state, begin } of cells) {
      const wanted = expectedOf(row, role, state);
      const cell = `${row.name} as ${role}, ${state}`;
      const token = begin(hq, operatorOf(role));
      hq.calls.length = 0;
      const answer = await hq.askAsPage({
        method,
        path,
        ...(method === 'GET' ? {} : { body: '{}' }),
        ...tokenOf(token && `${cookieName({ kind: 'here', port: hq.port })}=${token}`),
      });
      // Whoever may hears at most what is wrong with the request: right ones are the safety suite's matter.
      if (wanted.isYes)
        expect([cell, [200, 400, 404]]).toEqual([cell, expect.arrayContaining([answer.status])]);
      else expect([cell, answer.status, hq.calls]).toEqual([cell, wanted.status, []]);
    }
  });
});

describe('the APIs', () => {
  it('a till’s: only with its own token', async () => {
    const session = till.cookie(till.gate.begin('max', undefined));
    for (const { name, needs } of registerRows()) {
      const [method = '', path = ''] = name.split(' ');
      const body = method === 'GET' ? undefined : {};
      const ask = (headers: Readonly<Record<string, string>>) =>
        till.ask({ method, path: path.replace(':sku', 'TEA'), body, headers });
      const before = JSON.stringify(till.picture());
      for (const headers of [
        {},
        { cookie: session },
        { authorization: `Bearer ${other.token}` },
        { authorization: till.token },
        { authorization: `Bearer ${till.token}x` },
        { authorization: `Basic ${Buffer.from(`x:${till.token}`).toString('base64')}` },
      ]) {
        const { status, code } = await ask(headers);
        const wanted = needs === 'token' ? [401, 'TOKEN_WRONG'] : [200, undefined];
        expect([name, headers, status, code]).toEqual([name, headers, ...wanted]);
      }
      expect([name, JSON.stringify(till.picture())]).toEqual([name, before]);
      const { status } = await ask({ authorization: `Bearer ${till.token}` });
      expect([name, status === 401 || status === 403]).toEqual([name, false]);
    }
  });

  it('a relay’s: only with its own token, and nothing behind it hears of anybody else', async () => {
    const calls: string[] = [];
    const services = new Proxy({} as never, {
      get: (_, name) => () => {
        const called = String(name);
        if (called.startsWith('on')) return () => undefined;
        calls.push(called);
        return { outcome: 'done', expiresAtMs: 0 };
      },
    });
    const logger = pino({ level: 'silent' });
    const host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'right', logger });
    addRelayRoutes(host.app, services);
    const port = await host.listen();
    try {
      const rows = relayRows();
      expect(rows.length).toBeGreaterThan(10);
      for (const { name, needs } of rows) {
        const [method = '', path = ''] = name.split(' ');
        const ask = async (authorization: string) => {
          const { status } = await fetch(
            `http://127.0.0.1:${port}${path.replace(':store', 'S01')}`,
            {
              method,
              headers: { authorization, 'content-type': 'application/json' },
              ...(method === 'GET' ? {} : { body: '{}' }),
            },
          );
          return status;
        };
        for (const wrong of ['', 'Bearer ', 'Bearer wrong', 'right', `Bearer ${till.token}`]) {
          const status = await ask(wrong);
          expect([name, wrong, status]).toEqual([name, wrong, needs === 'token' ? 401 : 200]);
        }
        expect([name, calls]).toEqual([name, []]);
        expect([name, [401, 403]]).not.toEqual([
          name,
          expect.arrayContaining([await ask('Bearer right')]),
        ]);
        calls.length = 0;
      }
    } finally {
      await host.close();
    }
  });
});

it('X9: who was refused stands in the journal; at a till nothing is refused to seniors', () => {
  const refused = till.refusals().map(({ by }) => by);
  expect(new Set(refused)).toEqual(new Set(['ann']));
});
