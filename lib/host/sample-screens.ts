/** A host with the screens' routes over a fake till or head office, every call on which is written down, and a browser that may lie. For tests alone. */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { pino } from 'pino';
import type { Clock } from '../domain/clock.ts';
import { fakeHqServices, type FakeHq } from './fake-hq-services.ts';
import { fakePins } from './fake-people.ts';
import { fakeTillServices, type FakeTill } from './fake-till-services.ts';
import { createHost, type Host } from './host.ts';
import { addPages } from './pages.ts';
import type { ScreenGate } from './screen-gate.ts';
import { addHqRoutes, addScreenRoutes } from './screen-routes.ts';
import type { SignInServices } from './till-services.ts';

export type Call = { readonly name: string; readonly arguments: readonly unknown[] };

export type Asked = {
  readonly method: string;
  readonly path: string;
  /** Undefined ones are left out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
};
export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  json(): unknown;
};

export type SampleScreens<Services = unknown> = {
  readonly port: number;
  readonly gate: ScreenGate;
  /** What is behind the routes. */
  readonly till: Services;
  /** Looking up who an operator is apart: it changes nothing and tells nobody anything. */
  readonly calls: Call[];
  /** `METHOD /path` of everything that the router knows. */
  readonly routes: readonly string[];
  readonly log: readonly string[];
  readonly clock: Clock & { pass(ms: number): void };
  /** HQ takes an operator off the list. */
  remove(operator: string): void;
  ask(asked: Asked): Promise<Answered>;
  /** As the page of this till asks: own Host and Origin, JSON. */
  askAsPage(asked: Asked & { readonly cookie?: string | undefined }): Promise<Answered>;
  /** The cookie of a new session, as a browser sends it. */
  signIn(operator: string): Promise<string>;
  close(): Promise<void>;
};

export const startScreens = (): Promise<SampleScreens<FakeTill>> =>
  start(fakeTillServices(), addScreenRoutes);

export const startHqScreens = (): Promise<SampleScreens<FakeHq>> =>
  start(fakeHqServices(), addHqRoutes);

type Add<Services> = (
  app: Host['app'],
  parts: { services: Services; clock: Clock; random: (bytes: number) => Uint8Array },
) => ScreenGate;

async function start<Services extends SignInServices>(
  till: Services,
  add: Add<Services>,
): Promise<SampleScreens<Services>> {
  const calls: Call[] = [];
  const removed = new Set<string>();
  const services = new Proxy(till, {
    get(target, name: string) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (name === 'operator') {
          return removed.has(String(given[0])) ? undefined : till.operator(String(given[0]));
        }
        calls.push({ name, arguments: given });
        return Reflect.apply(value, target, given) as unknown;
      };
    },
  });
  const clock = handClock();
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(line) });
  const host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'x', logger });
  const routes: string[] = [];
  host.app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push(`${each} ${url}`);
  });
  const gate = add(host.app, {
    services,
    clock,
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
  });
  addPages(host.app, new URL('file:///nowhere/handler.js'));
  const port = await host.listen();
  const agent = new Agent({ keepAlive: true });
  const at = `localhost:${port}`;

  const ask = ({ method, path, headers = {}, body }: Asked): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const sent = Object.entries(headers).filter(([, value]) => value !== undefined);
      const asking = request(
        {
          host: '127.0.0.1',
          port,
          agent,
          method,
          path,
          setHost: false,
          headers: {
            ...Object.fromEntries(sent),
            ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: () => JSON.parse(text) as unknown,
            }),
          );
        },
      );
      asking.on('error', reject);
      asking.end(body);
    });

  const askAsPage: SampleScreens['askAsPage'] = ({ cookie, headers, ...asked }) =>
    ask({
      ...asked,
      headers: {
        host: at,
        origin: asked.method === 'GET' ? undefined : `http://${at}`,
        'sec-fetch-site': 'same-origin',
        'content-type': asked.body === undefined ? undefined : 'application/json',
        cookie,
        ...headers,
      },
    });

  return {
    port,
    gate,
    till,
    calls,
    routes,
    log,
    clock,
    remove: (operator) => removed.add(operator),
    ask,
    askAsPage,
    async signIn(operator) {
      const body = JSON.stringify({ operator, pin: fakePins[operator] });
      const answer = await askAsPage({ method: 'POST', path: '/screen/session', body });
      const [cookie = ''] = [answer.headers['set-cookie']].flat();
      if (answer.status !== 200) throw new Error(answer.text);
      return cookie.split(';', 1)[0] ?? '';
    },
    async close() {
      agent.destroy();
      await host.close();
    },
  };
}

export const operatorOf = (role: string): string =>
  ({ cashier: 'ann', supervisor: 'sue', manager: 'max' })[role] ?? role;

function handClock(): Clock & { pass(ms: number): void } {
  let now = 1_000;
  return {
    wallMs: () => now,
    monotonicMs: () => now,
    zone: () => 'UTC',
    setTimer: () => ({ cancel() {} }),
    pass: (ms) => {
      now += ms;
    },
  };
}
