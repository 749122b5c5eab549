/**
 * A register on a directory that has not joined: one page on loopback asks for a code, joins, and makes way for the register
 * itself, on the same port and in the same process. What is on disk is an enrolment or nothing: begun again at any moment.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { apiToken } from '../host/api-token.ts';
import { assertPortsFree } from '../host/free-port.ts';
import { createHost } from '../host/host.ts';
import { keepPrivate } from '../host/keep-private.ts';
import { createLogger } from '../host/log.ts';
import { machineClock } from '../host/machine-clock.ts';
import { addPages } from '../host/pages.ts';
import { addSetupRoutes } from '../host/setup-routes.ts';
import {
  publishSetup,
  type SetupAnswer,
  type SetupAsk,
  type SetupPlace,
  type SetupRefusal,
  type SetupServices,
  type SetupView,
} from '../host/setup-services.ts';
import { LanLook } from '../mesh/lan-look.ts';
import { lockDirectory } from '../storage/directory-lock.ts';
import { claimDirectory } from '../storage/directory-version.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { NodeMachine } from '../storage/node-machine.ts';
import { IdentityStore } from '../trust/identity-store.ts';
import { keysAtRest } from '../trust/key-seal.ts';
import { formatJoinCode, parseJoinCode, parseJoinTarget } from '../trust/join-code.ts';
import { joinDirectory } from './joining.ts';
import { startRegister, type RunningRegister, type StartRegisterOptions } from './start.ts';

type Place = Omit<SetupPlace, 'name'>;
type Joined = { readonly store: string; readonly terminal: string };

/** Tills answer within a second or two; whoever waits longer has to be told what to do. */
const lookMs = 10_000;
/** Where relays are linked to unless they are told otherwise. */
const relaySyncPort = 3001;
const random = (length: number) => new Uint8Array(randomBytes(length));

export type SetupParts = {
  readonly places: () => readonly SetupPlace[];
  /** Still looking for them; afterwards whoever answers late is shown all the same. */
  readonly isLooking: () => boolean;
  /** One try at one place; throws what `joinDirectory` throws. */
  readonly joinAt: (
    to: Place & { readonly code: string },
    onTheirClock: (wallMs: number) => void,
  ) => Promise<Joined>;
  /** Before a code is used up: throws PORT_IN_USE where the register could not start. */
  readonly assertStartable: () => Promise<void>;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly onProblem: (error: unknown) => void;
};

/** What the page asks for; one join at a time. */
export class Setup implements SetupServices {
  readonly #p: SetupParts;
  #isJoining = false;
  #joined: (Joined & Place) | undefined;

  constructor(parts: SetupParts) {
    this.#p = parts;
  }

  /** Where it joined, once it has. */
  get joinedAt(): Place | undefined {
    return this.#joined && { host: this.#joined.host, port: this.#joined.port };
  }

  view(): SetupView {
    const { store, terminal } = this.#joined ?? {};
    return {
      state: this.#joined ? 'starting' : this.#isJoining ? 'joining' : 'asking',
      ...(store !== undefined && { store }),
      ...(terminal !== undefined && { terminal }),
      places: this.#p.places(),
      isLooking: this.#p.isLooking(),
    };
  }

  async join(ask: SetupAsk): Promise<SetupAnswer> {
    const read = readSetupAsk(ask);
    if ('refused' in read) return no(read.refused);
    // Two windows of one browser: the second would spend another code.
    if (this.#isJoining || this.#joined) return no('BUSY');
    this.#isJoining = true;
    try {
      await this.#p.assertStartable();
      const places = read.place ? [read.place] : this.#p.places().slice(0, limits.setupPlaces);
      return places.length === 0 ? no('NO_PLACE') : await this.#joinOneOf(places, read.code);
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      this.#p.onProblem(error);
      return no(error.code, error.detail);
    } finally {
      this.#isJoining = false;
    }
  }

  /** One after the other. Who knows the code and says no has the last word; the others only let nobody in. */
  async #joinOneOf(places: readonly Place[], code: string): Promise<SetupAnswer> {
    let last: SetupAnswer = no('NO_PLACE');
    for (const { host, port } of places) {
      let theirsMs: number | undefined;
      try {
        const { store, terminal } = await this.#p.joinAt({ host, port, code }, (wallMs) => {
          theirsMs = wallMs;
        });
        this.#joined = { store, terminal, host, port };
        const offMs = theirsMs === undefined ? 0 : this.#p.clock.wallMs() - theirsMs;
        const isOff = Math.abs(offMs) > limits.setupClockOffMs;
        return {
          outcome: 'done',
          store,
          terminal,
          ...(isOff && { clockOffMs: Math.round(offMs) }),
        };
      } catch (error) {
        if (!isTillmeshError(error)) throw error;
        this.#p.onProblem(error);
        if (final.has(error.code) || places.length === 1) return no(error.code, error.detail);
        // A wrong code is what a till says that knows of none; a fault of this machine is the same everywhere.
        if (!passed.has(error.code)) throw error;
        if (last.outcome === 'refused' && last.code !== 'JOIN_CODE_WRONG') last = no(error.code);
      }
    }
    return last;
  }
}

/** Said by whoever knows the code. */
const final = new Set<string>([
  'JOIN_CODE_USED',
  'JOIN_CODE_EXPIRED',
  'JOIN_CODE_VOID',
  'NAME_IN_USE',
]);

const passed = new Set<string>([
  'JOIN_CODE_WRONG',
  'JOIN_UNREACHABLE',
  'JOIN_NOT_HQ',
  'JOIN_TOO_OFTEN',
  'ENROLLING_NOT_GRANTED',
  'INPUT_INVALID',
]);

const no = (code: SetupRefusal, about = ''): SetupAnswer => ({
  outcome: 'refused',
  code,
  ...(about !== '' && { about }),
});

/** Takes a code alone, `CODE@host:port`, or the whole line that was printed with it; blanks and cases as people type them. */
export function readSetupAsk({
  text,
  at,
}: SetupAsk):
  | { readonly code: string; readonly place?: Place }
  | { readonly refused: 'CODE_MALFORMED' | 'PLACE_MALFORMED' } {
  const typed = text.trim().replace(/^.*--join[\s=]+/s, '');
  const alone = parseJoinCode(typed);
  const whole = alone ? undefined : parseJoinTarget(typed.replaceAll(/\s/g, ''), relaySyncPort);
  const code = alone ?? whole?.code;
  if (!code) {
    const isPlaceBad = parseJoinCode(typed.slice(0, Math.max(typed.indexOf('@'), 0))) !== undefined;
    return { refused: isPlaceBad ? 'PLACE_MALFORMED' : 'CODE_MALFORMED' };
  }
  const spoken = formatJoinCode(code);
  if (at.trim() === '') {
    return whole
      ? { code: spoken, place: { host: whole.host, port: whole.port } }
      : { code: spoken };
  }
  const place = parseJoinTarget(`${spoken}@${at.replaceAll(/\s/g, '')}`, relaySyncPort);
  return place
    ? { code: spoken, place: { host: place.host, port: place.port } }
    : { refused: 'PLACE_MALFORMED' };
}

/** Whether a directory has joined nothing yet. Throws FILE_DAMAGED where it has, and cannot be read. */
export const hasJoined = (options: Pick<StartRegisterOptions, 'data' | 'keySeal'>): boolean =>
  identityOf(options).enrolled() !== undefined;

const identityOf = ({ data, keySeal }: Pick<StartRegisterOptions, 'data' | 'keySeal'>) =>
  new IdentityStore(nodeDisk, join(data, 'identity'), keysAtRest(nodeDisk, keySeal, random));

export type RunningSetup = Omit<RunningRegister, 'register'> & {
  /** The register, once a code was entered and it has started. */
  readonly next: Promise<RunningRegister>;
};

/** On loopback whatever `options.ui` says: a code is not typed over the network in the open. */
export async function startSetup(options: StartRegisterOptions): Promise<RunningSetup> {
  const { data } = options;
  claimDirectory(nodeDisk, data, 'register');
  const lock = lockDirectory(data);
  const log = createLogger({
    file: join(data, 'logs', 'register.log'),
    level: options.logLevel,
    name: 'setup',
  });
  // Before the first key is in it: to the till itself an open directory is a finding.
  keepPrivate(data, log);
  const identity = identityOf(options);
  const machine = new NodeMachine(nodeDisk);
  const look = new LanLook((error) => log.warn({ err: error }, 'discovery'));
  const lookedMs = machineClock.monotonicMs() + lookMs;
  const setup = new Setup({
    places: () => look.places,
    isLooking: () => options.discovery && machineClock.monotonicMs() < lookedMs,
    joinAt: (to, onTheirClock) =>
      joinDirectory(
        identity,
        to,
        { clock: machineClock, machine: machine.read(data) },
        onTheirClock,
      ),
    // Its own page has the one of the screens.
    assertStartable: () =>
      assertPortsFree([options.mesh, ...(options.lanScreens ? [options.lanScreens] : [])]),
    clock: machineClock,
    onProblem: (error) => log.warn({ err: error }, 'setup'),
  });
  const joined = Promise.withResolvers<void>();
  const host = createHost({
    listen: { host: '127.0.0.1', port: options.ui.port },
    allowHosts: options.allowHosts,
    token: apiToken(nodeDisk, data, random),
    logger: log,
    health: () => ({ role: 'setup' }),
  });
  addSetupRoutes(host.app, setup, joined.resolve);
  publishSetup(setup);
  addPages(host.app);
  const ui = await host.listen();
  if (options.discovery) look.start();
  log.info({ ui }, 'waits for a join code');

  let isStopped = false;
  const end = async (): Promise<void> => {
    publishSetup(undefined);
    look.stop();
    await host.close();
    lock.release();
  };
  const next = joined.promise.then(async () => {
    await end();
    const place = setup.joinedAt;
    return startRegister({
      ...options,
      ui: { ...options.ui, port: ui },
      // A till that has just let this one in: later it is found like any other.
      peers: place ? [...options.peers, place] : options.peers,
    });
  });
  return {
    ready: { role: 'setup', ui },
    next,
    async stop() {
      if (isStopped) return;
      isStopped = true;
      if (setup.joinedAt) await (await next).stop();
      else await end();
    },
  };
}
