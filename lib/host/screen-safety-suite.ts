/**
 * Generated from a table of routes: a new one is under these tests without being named in them, but for its sample.
 * Run it on each table: the till's and head office's.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../domain/limits.ts';
import { may, roles } from '../domain/operator.ts';
import { operatorOf, type Answered, type SampleScreens } from './sample-screens.ts';
import type { ScreenRoute } from './screen-route.ts';

type Route = Pick<ScreenRoute<never>, 'method' | 'path' | 'needs' | 'bodyBytes'>;
const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

export type SafetyOptions = {
  readonly routes: readonly Route[];
  readonly start: () => Promise<SampleScreens>;
  /** A right request of each route, and what it does; undefined: nothing that the services hear of. */
  readonly samples: Readonly<
    Record<string, { path?: string; body?: object; calls: string | undefined }>
  >;
};

export function screenSafetySuite({ routes: screenRoutes, start, samples }: SafetyOptions): void {
  const sampleOf = (route: Route) => samples[nameOf(route)] ?? { calls: undefined };
  const pathOf = (route: Route): string => sampleOf(route).path ?? route.path;
  const bodyOf = (route: Route): string | undefined => {
    const { body } = sampleOf(route);
    return body && JSON.stringify(body);
  };

  const changing = screenRoutes.filter((route) => route.method !== 'GET');
  const guarded = screenRoutes.filter((route) => route.needs !== 'nothing');

  let screens: SampleScreens;
  /** Of a manager, who may do everything. */
  let cookie: string;
  beforeAll(async () => {
    screens = await start();
  });
  afterAll(() => screens.close());
  beforeEach(async () => {
    cookie = await screens.signIn('max');
    screens.calls.length = 0;
  });

  const right = (route: Route, by: string | undefined) =>
    screens.askAsPage({
      method: route.method,
      path: pathOf(route),
      ...(bodyOf(route) === undefined ? {} : { body: bodyOf(route) ?? '' }),
      cookie: by,
    });
  const codeOf = (answer: Answered): unknown => {
    const body = answer.json() as { error?: { code: string }; code?: string };
    return body.error?.code ?? body.code;
  };
  /** Refused, and neither the till nor the session knows that it was ever sent. */
  async function nothingHappened(
    what: unknown,
    answer: Answered,
    statuses: readonly number[],
  ): Promise<void> {
    expect([what, statuses.includes(answer.status), answer.status]).toEqual([
      what,
      true,
      answer.status,
    ]);
    expect([what, screens.calls]).toEqual([what, []]);
    expect([what, answer.headers['set-cookie']]).toEqual([what, undefined]);
    const session = await screens.askAsPage({ method: 'GET', path: '/screen/session', cookie });
    expect([what, session.json()]).toMatchObject([what, { state: 'open' }]);
  }

  describe('the route list', () => {
    test('the router knows what the table says and nothing else', () => {
      const known = screens.routes.filter((name) => name.split(' ')[1]?.startsWith('/screen/'));
      const plain = known.filter((name) => !name.endsWith('*') && !name.startsWith('HEAD '));
      expect(plain.toSorted()).toEqual(screenRoutes.map(nameOf).toSorted());
      expect(Object.keys(samples).toSorted()).toEqual(plain.toSorted());
      expect(changing.length).toBeGreaterThan(4);
    });

    test.each(screenRoutes.map((route) => [nameOf(route), route] as const))(
      '%s: the right request gets through, is kept by nobody, and runs nothing of its own',
      async (_name, route) => {
        const answer = await right(route, cookie);
        expect(['SIGN_IN_NEEDED', 'NOT_PERMITTED', 'INPUT_INVALID']).not.toContain(codeOf(answer));
        expect(screens.calls[0]?.name).toBe(sampleOf(route).calls);
        for (const each of [answer, await right(route, 'none=0')]) {
          expect(each.headers['cache-control']).toBe('no-store');
          expect(each.headers['content-security-policy']).toContain("default-src 'none'");
          expect(each.headers['x-content-type-options']).toBe('nosniff');
          expect(each.headers['content-type']).toContain('application/json');
          expect(each.headers['access-control-allow-origin']).toBeUndefined();
        }
      },
    );
  });

  describe('X2: a page of another site changes nothing, though the browser sends the cookie along', () => {
    const simple = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ];

    test.each(changing.map((route) => [nameOf(route), route] as const))(
      '%s',
      async (_name, route) => {
        const { port } = screens;
        const ask = (headers: Record<string, string | undefined>, body = bodyOf(route)) =>
          screens.askAsPage({
            method: route.method,
            path: pathOf(route),
            ...(body === undefined ? {} : { body }),
            headers,
            cookie,
          });
        const origins = [
          'http://evil.example',
          'null',
          '',
          `http://127.0.0.1:${port}`,
          `http://localhost:${port + 1}`,
          `http://localhost:${port}.evil.example`,
          `http://evil.localhost:${port}`,
          undefined,
        ];
        for (const origin of origins) {
          for (const type of ['application/json', ...simple]) {
            const what = [origin, type];
            const sent = { origin, 'content-type': type, 'sec-fetch-site': undefined };
            await nothingHappened(what, await ask(sent), [403]);
            if (type === 'application/json') continue;
            // As forms really look like.
            await nothingHappened(what, await ask(sent, 'pin=1111&kind=clear'), [403]);
          }
        }
        for (const site of ['cross-site', 'same-site', 'none', 'anything']) {
          await nothingHappened(site, await ask({ 'sec-fetch-site': site }), [403]);
        }
        // Even the own page, if somebody got it to send a form. What asks with DELETE has no body to be read.
        for (const type of simple) {
          const answer = await ask({ 'content-type': type }, bodyOf(route) ?? '{}');
          await nothingHappened(type, answer, [400, 415]);
        }
        if (route.method === 'POST') {
          await nothingHappened('no body', await ask({}, ''), [400]);
          await nothingHappened('no type', await ask({ 'content-type': undefined }), [400, 415]);
        }
      },
    );

    test.each(changing.map((route) => [nameOf(route), route] as const))(
      '%s: no other method gets there, GET above all',
      async (_name, route) => {
        for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'OPTIONS', 'POST', 'DELETE']) {
          const others = screenRoutes.filter(({ path }) => path === route.path);
          if (others.some((each) => each.method === method || method === 'HEAD')) continue;
          const path = `${pathOf(route)}?kind=clear&pin=1111&operator=ann`;
          const answer = await screens.askAsPage({ method, path, cookie });
          await nothingHappened(method, answer, [404]);
        }
      },
    );
  });

  describe('X4: another name for this machine opens nothing (DNS rebinding)', () => {
    test.each(screenRoutes.map((route) => [nameOf(route), route] as const))(
      '%s',
      async (_name, route) => {
        const { port } = screens;
        const hosts = [
          'evil.example',
          `evil.example:${port}`,
          `localhost.:${port}`,
          `localhost:${port + 1}`,
          'localhost',
          `127.1:${port}`,
          `2130706433:${port}`,
          `[::ffff:127.0.0.1]:${port}`,
          `0.0.0.0:${port}`,
          `user@localhost:${port}`,
        ];
        for (const host of hosts) {
          const answer = await screens.askAsPage({
            method: route.method,
            path: pathOf(route),
            ...(bodyOf(route) === undefined ? {} : { body: bodyOf(route) ?? '' }),
            cookie,
            headers: { host, origin: `http://${host}` },
          });
          await nothingHappened(host, answer, [421]);
        }
      },
    );
  });

  describe('X9: roles', () => {
    const table = guarded.flatMap((route) =>
      roles.map((role) => [nameOf(route), role, route] as const),
    );

    test.each(table)('%s as %s', async (_name, role, route) => {
      const operator = operatorOf(role);
      const mayDo = route.needs === 'session' || may({ roles: [role] }, route.needs as never);
      const isRefused = async (by: string | undefined, status: number, code: string) => {
        const answer = await right(route, by);
        expect([answer.status, codeOf(answer), screens.calls]).toEqual([status, code, []]);
      };

      const own = await screens.signIn(operator);
      screens.calls.length = 0;
      if (!mayDo) {
        await isRefused(own, 403, 'NOT_PERMITTED');
      } else {
        const answer = await right(route, own);
        expect([401, 403]).not.toContain(answer.status);
        const [call] = screens.calls;
        expect(call?.name).toBe(sampleOf(route).calls);
        screens.calls.length = 0;
      }

      const [name = '', token = ''] = (await screens.signIn(operator)).split('=');
      screens.calls.length = 0;
      for (const bad of [
        undefined,
        '',
        `${name}=`,
        `${name}=${'A'.repeat(43)}`,
        `${name}=${token.slice(1)}A`,
        `${name}=${token}; ${name}=${token}`,
        // The session of a till on another port, and this one's under that name.
        `tillmesh-${screens.port + 1}=${token}`,
        `TILLMESH-${screens.port}=${token}`,
        `${name}=${operator}`,
        `${name}=__proto__`,
      ]) {
        await isRefused(bad, 401, 'SIGN_IN_NEEDED');
      }
      const kept = await screens.signIn(operator);
      screens.gate.sessions.lock(kept.split('=')[1]);
      screens.calls.length = 0;
      await isRefused(kept, 401, 'SIGN_IN_NEEDED');
      const ended = await screens.signIn(operator);
      screens.gate.sessions.end(ended.split('=')[1]);
      screens.calls.length = 0;
      await isRefused(ended, 401, 'SIGN_IN_NEEDED');
    });

    test.each(guarded.map((route) => [nameOf(route), route] as const))(
      '%s: not after the time is over, nor for whom HQ took off the list',
      async (_name, route) => {
        const other = await start();
        try {
          const ask = async (by: string) => {
            other.calls.length = 0;
            const answer = await other.askAsPage({
              method: route.method,
              path: pathOf(route),
              ...(bodyOf(route) === undefined ? {} : { body: bodyOf(route) ?? '' }),
              cookie: by,
            });
            expect([answer.status, codeOf(answer), other.calls]).toEqual([
              401,
              'SIGN_IN_NEEDED',
              [],
            ]);
          };
          const idle = await other.signIn('max');
          other.clock.pass(limits.sessionIdleMs);
          await ask(idle);
          const old = await other.signIn('max');
          other.clock.pass(limits.sessionMs);
          await ask(old);
          const removed = await other.signIn('max');
          other.remove('max');
          await ask(removed);
        } finally {
          await other.close();
        }
      },
    );
  });
}
