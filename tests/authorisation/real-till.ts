/**
 * A till of this process behind its real HTTP host: a real register on a real disk, whose clock is set by hand, and what would
 * have changed if somebody had got through.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogShards } from '#lib/documents/catalog-shards.ts';
import { names } from '#lib/documents/names.ts';
import { orgKeys } from '#lib/documents/org-keys.ts';
import type { Clock } from '#lib/domain/clock.ts';
import { createHost } from '#lib/host/host.ts';
import { addEnrollingRoutes } from '#lib/host/enrolling-routes.ts';
import { addRegisterRoutes } from '#lib/host/register-routes.ts';
import type { ScreenGate } from '#lib/host/screen-gate.ts';
import { addScreenRoutes } from '#lib/host/screen-routes.ts';
import { cookieName } from '#lib/host/sessions.ts';
import { SignInDesk } from '#lib/host/sign-in.ts';
import { addStatusRoutes } from '#lib/host/status-routes.ts';
import type { TillServices } from '#lib/host/till-services.ts';
import { MeshLog } from '#lib/register/mesh-log.ts';
import { RegisterMetrics } from '#lib/register/metrics.ts';
import type { Register } from '#lib/register/register.ts';
import {
  openRegister,
  prepareDirectory,
  sampleHeadOffice,
  sampleStore,
} from '#lib/register/sample-register.ts';
import { SelfTest } from '#lib/register/self-test.ts';
import { registerServices } from '#lib/register/services.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { hashPin } from '#lib/trust/pin-hash.ts';
import { SampleCompany, sampleNowMs } from '#lib/trust/sample-company.ts';

export const pins: Readonly<Record<string, string>> = { ann: '4071', sue: '5182', max: '6293' };

export type Answered = {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of the refusal or the failure. */
  readonly code: string | undefined;
};
export type Ask = {
  readonly method: string;
  readonly path: string;
  readonly body?: object | string | undefined;
  readonly cookie?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A clock that stands still until it is told to go. */
export class HandClock implements Clock {
  #ms = 0;
  wallMs = (): number => sampleNowMs + this.#ms;
  monotonicMs = (): number => this.#ms;
  zone = (): string => 'Europe/London';
  setTimer(run: () => void, delayMs: number): { cancel(): void } {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  }
  pass(ms: number): void {
    this.#ms += ms;
  }
}

export class RealTill {
  readonly directory = mkdtempSync(join(tmpdir(), 'tillmesh-authorised-'));
  readonly token = randomBytes(32).toString('base64url');
  readonly clock = new HandClock();
  readonly agent = new Agent({ keepAlive: true });
  register!: Register;
  services!: TillServices;
  gate!: ScreenGate;
  port = 0;
  #close: () => Promise<void> = () => Promise.resolve();

  static async open(): Promise<RealTill> {
    const till = new RealTill();
    await till.#open();
    return till;
  }

  async #open(): Promise<void> {
    const { directory, clock } = this;
    const company = await SampleCompany.create('authorised');
    const data = join(directory, 'data');
    const options = {
      directory: data,
      company,
      terminal: await company.terminal('S01', 'T1'),
      clock,
    };
    const office = await sampleHeadOffice(company);
    const old = { sku: 'OLD', names: 'No longer sold', barcodes: [], tax: 'std', active: false };
    office.writeProducts({ OLD: { ...old, prices: [{ unitPriceE4: 10_000 }] } });
    const shards = Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard));
    office.release(2, [names.org(), ...shards]);
    prepareDirectory(office, options);
    const register = await openRegister(options);
    this.register = register;
    const person = (id: string, role: string) =>
      [
        orgKeys.operator(sampleStore, id),
        { id, name: id, roles: [role], pinHash: hashPin(pins[id] ?? '', randomBytes) },
      ] as const;
    register.org.replace(
      new Map<string, unknown>([
        [
          orgKeys.settings(sampleStore),
          {
            currency: 'EUR',
            taxMode: 'inclusive',
            taxRounding: 'document',
            taxes: { std: { percentE4: 200_000 } },
            returnLimitMinor: 500,
          },
        ],
        person('ann', 'cashier'),
        person('sue', 'supervisor'),
        person('max', 'manager'),
      ]),
    );
    const fail = (error: unknown): never => {
      throw error;
    };
    this.services = registerServices(register, {
      version: '0',
      metrics: new RegisterMetrics(),
      clock,
      signIn: new SignInDesk({
        people: register.org,
        disk: nodeDisk,
        path: join(data, 'wrong-pins.json'),
        clock,
        onProblem: fail,
        onFatal: fail,
      }),
      meshLog: new MeshLog(clock),
      selfTest: new SelfTest(clock, []),
      onProblem: fail,
    });
    const host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: this.token });
    addStatusRoutes(host.app, this.services);
    addRegisterRoutes(host.app, this.services);
    addEnrollingRoutes(host.app, { newCode: () => fail(new Error('a code')) }, () => 0);
    const random = (length: number) => new Uint8Array(randomBytes(length));
    this.gate = addScreenRoutes(host.app, { services: this.services, clock, random });
    this.port = await host.listen();
    await register.replica.desks.begin();
    this.#close = () => host.close();
  }

  /** The cookie of a session of this operator, by a token of this gate or another's. */
  cookie(token: string): string {
    return `${cookieName({ kind: 'here', port: this.port })}=${token}`;
  }

  /** As the page of this till asks. */
  askAsPage({ headers, ...asked }: Ask): Promise<Answered> {
    const origin = `http://localhost:${this.port}`;
    const own = asked.method === 'GET' ? {} : { origin };
    return this.ask({ ...asked, headers: { ...own, 'sec-fetch-site': 'same-origin', ...headers } });
  }

  ask({ method, path, body, cookie, headers = {} }: Ask): Promise<Answered> {
    const sent = typeof body === 'object' ? JSON.stringify(body) : body;
    return new Promise((resolve, reject) => {
      const asking = request(
        {
          host: '127.0.0.1',
          port: this.port,
          agent: this.agent,
          method,
          path,
          headers: {
            host: `localhost:${this.port}`,
            ...(sent === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
            ...(cookie === undefined ? {} : { cookie }),
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => {
            const { statusCode: status = 0, headers: got } = response;
            resolve({ status, text, headers: got, code: codeIn(text) });
          });
        },
      );
      asking.on('error', reject);
      asking.end(sent);
    });
  }

  /** Everything that a request could change, for which a right is needed. */
  picture(): unknown {
    const { replica, models } = this.register;
    return {
      written: this.written,
      release: this.register.release,
      totals: models.totals(),
      carts: [...replica.desks.carts()].map(({ id, state, edits, lines }) => [
        id,
        state,
        edits,
        [...lines],
      ]),
      waits: this.services.pinWaits(),
      cut: this.services.meshView().peers.map(({ terminal, cut }) => [terminal, cut]),
      test: this.services.selfTest()?.startedAtMs,
    };
  }

  /** Entries of its journal, but for those that say who was refused what. */
  get written(): number {
    const refused = this.refusals().length;
    return this.register.replica.own.tip.seq - refused;
  }

  /** Who was refused something, as the journal says it. */
  refusals() {
    return this.register.models.foundEntries({ type: 'PermissionRefused' }, 1_000);
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.#close();
    await this.register.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function codeIn(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  const body = JSON.parse(text) as { error?: { code: string }; code?: string };
  return body.error?.code ?? body.code;
}
