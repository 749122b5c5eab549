/** Starts a register as a process of this machine: real disk, real clock, real network, HTTP host. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { apiToken } from '../host/api-token.ts';
import { HealthFindings } from '../host/alarms.ts';
import { addEnrollingRoutes } from '../host/enrolling-routes.ts';
import { addEventRoute } from '../host/event-route.ts';
import { createHost } from '../host/host.ts';
import { createLogger, type LogLevel, type Logger } from '../host/log.ts';
import { assertPortsFree } from '../host/free-port.ts';
import type { LanScreens } from '../host/lan-screens.ts';
import { machineAddresses } from '../host/machine-addresses.ts';
import { machineClock } from '../host/machine-clock.ts';
import { addPages } from '../host/pages.ts';
import { addRegisterRoutes } from '../host/register-routes.ts';
import { publishServices } from '../host/services.ts';
import { publishGate } from '../host/screen-gate.ts';
import { addScreenRoutes } from '../host/screen-routes.ts';
import { addStatusRoutes } from '../host/status-routes.ts';
import { FoundTargets } from '../mesh/discovery.ts';
import { LanDiscovery } from '../mesh/lan-discovery.ts';
import { TlsTransport } from '../mesh/tls-transport.ts';
import type { DialTarget } from '../mesh/transport.ts';
import { barFile } from '../replica/bar-file.ts';
import { logEvent } from '../replica/log-event.ts';
import { lockDirectory } from '../storage/directory-lock.ts';
import { claimDirectory } from '../storage/directory-version.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { NodeMachine } from '../storage/node-machine.ts';
import { witnessPlace } from '../storage/witness-place.ts';
import { IdentityStore } from '../trust/identity-store.ts';
import { closeIfRoom, keysAtRest } from '../trust/key-seal.ts';
import { JoinCodeFile } from '../trust/join-code-file.ts';
import { Enrolling } from './enrolling.ts';
import { joinDirectory } from './joining.ts';
import { TillAlarms } from './alarms.ts';
import { MeshLog } from './mesh-log.ts';
import { RegisterMetrics } from './metrics.ts';
import { Register } from './register.ts';
import { registerServices } from './services.ts';
import { SelfTest } from './self-test.ts';
import { tillLanScreens } from './lan.ts';
import { selfTestSteps } from './self-test-steps.ts';
import { SignInDesk } from '../host/sign-in.ts';
import { healthOf, tamperedBy, TamperWatch } from './tamper-watch.ts';

type Endpoint = { readonly host: string; readonly port: number };

export type StartRegisterOptions = {
  readonly data: string;
  readonly ui: Endpoint;
  readonly mesh: Endpoint;
  /** Where phones and tablets of the shop find the screens; absent: nowhere. */
  readonly lanScreens?: Endpoint;
  /** Enrols this data directory; ALREADY_ENROLLED where it is one of a till. */
  readonly join?: Endpoint & { readonly code: string };
  readonly peers: readonly Endpoint[];
  readonly discovery: boolean;
  /** File with the secret that closes private keys on the disk; absent: they lie in the open. */
  readonly keySeal?: string;
  /** Outside the data directory; `~/.local/state/tillmesh` where absent. */
  readonly witness?: string;
  readonly allowHosts: readonly string[];
  readonly logLevel: LogLevel;
  readonly version: string;
};

export type RunningRegister = {
  readonly ready: Readonly<Record<string, string | number | boolean>>;
  readonly register: Register;
  stop(): Promise<void>;
};

/** A disk that failed must not be written again: the supervisor of the process starts it anew. */
const fatalExitCode = 70;
const random = (length: number) => new Uint8Array(randomBytes(length));

export async function startRegister(options: StartRegisterOptions): Promise<RunningRegister> {
  const { data } = options;
  claimDirectory(nodeDisk, data, 'register');
  const lock = lockDirectory(data);
  const keys = keysAtRest(nodeDisk, options.keySeal, random);
  const witnessDirectory = options.witness ?? witnessPlace();
  const health = new HealthFindings(machineClock);
  const logged: { log?: Logger } = {};
  const watch = TamperWatch.begin({
    disk: nodeDisk,
    directory: data,
    witnessDirectory,
    clock: machineClock,
    keys,
    onFound: (finding) => {
      health.report(tamperedBy(finding));
      logged.log?.error({ finding }, 'tampering');
    },
    onProblem: (error) => logged.log?.error({ err: error }, 'the watch over the data directory'),
  });
  const identity = new IdentityStore(watch.disk, join(data, 'identity'), keys);
  // Before a join code is used up: a port in use must not cost a new one.
  if (options.join)
    await assertPortsFree([
      options.ui,
      options.mesh,
      ...(options.lanScreens ? [options.lanScreens] : []),
    ]);
  const machine = new NodeMachine(nodeDisk);
  if (options.join)
    await joinDirectory(identity, options.join, {
      clock: machineClock,
      machine: machine.read(data),
    });
  const enrolled = identity.enrolled();
  if (!enrolled) throw new TillmeshError('NOT_ENROLLED', data);
  const log = createLogger({
    file: join(data, 'logs', 'register.log'),
    level: options.logLevel,
    name: `${enrolled.store}-${enrolled.terminal}`,
  });
  const hasClosedKeys = closeIfRoom(
    () => health.writing(() => identity.closeKeys()),
    (cause) =>
      log.error({ err: cause }, 'private keys lie open until a start with room on the disk'),
  );
  if (hasClosedKeys) log.info('private keys are closed under the key seal from now on');
  logged.log = log;
  for (const finding of watch.list.open) {
    health.report(tamperedBy(finding));
    log.error({ finding }, 'tampering');
  }
  if (options.join) {
    const { host, port } = options.join;
    const { store, terminal, letter } = enrolled;
    log.info({ store, terminal, letter, by: `${host}:${port}` }, 'enrolled');
  }
  const metrics = new RegisterMetrics();
  const meshLog = new MeshLog(machineClock);
  const found = new FoundTargets();
  // A free port that was taken once is kept for later lives: peers know it.
  let meshPort = options.mesh.port;
  const targets = (): readonly DialTarget[] => [
    ...enrolled.relays,
    ...options.peers,
    // A till that has just let this one in: later it is found like any other.
    ...(options.join ? [options.join] : []),
    ...found.targets,
  ];
  const onFatal = (error: unknown): never => {
    log.fatal({ err: error }, 'the disk failed: this process ends');
    process.exit(fatalExitCode);
  };
  const current: { enrolling?: Enrolling; lan?: LanScreens; alarms?: TillAlarms } = {};
  const codes = new JoinCodeFile(
    watch.disk,
    join(data, 'enrolments.json'),
    () => !watch.distrusts('enrolments.json'),
  );
  const register = await Register.open({
    disk: nodeDisk,
    directory: data,
    projections: join(data, 'projections.db'),
    identity,
    machine: () => machine.read(data),
    witnessDirectory,
    clock: machineClock,
    random,
    version: options.version,
    transport: (living, verifyPeer) =>
      new TlsTransport({
        clock: machineClock,
        credentials: () => living.credentials,
        host: options.mesh.host,
        port: meshPort,
        verifyPeer,
        onRequest: (request, response) => {
          if (current.enrolling) current.enrolling.onRequest(request, response);
          else response.writeHead(426).end();
        },
        onEvent: (event) => log.debug(event, event.kind),
      }),
    targets,
    bars: barFile(watch.disk, join(data, 'bars.json')),
    onEvent: (event) => {
      metrics.happened(event);
      current.alarms?.happened(event);
      meshLog.happened(event);
      watch.happened(event);
      logEvent(log, event);
    },
    onFatal,
  });
  const alarms = new TillAlarms(register, machineClock, health);
  current.alarms = alarms;
  watch.follow(register);
  const { port } = await register.replica.mesh.whenListening();
  meshPort = port;
  const enrolling = new Enrolling({
    register,
    enrolled,
    codes,
    clock: machineClock,
    random,
    onEvent: (event) =>
      log[event.kind === 'refused' ? 'warn' : 'info']({ enrolment: event }, 'enrolment'),
    onProblem: (error) => {
      if (isTillmeshError(error, 'DISK_FAILED')) onFatal(error);
      log.warn({ err: error }, 'enrolment');
    },
  });
  current.enrolling = enrolling;
  const discovery = options.discovery
    ? discover(register, { company: enrolled.company, version: options.version, port, found, log })
    : undefined;
  const signIn = new SignInDesk({
    people: register.org,
    disk: watch.disk,
    path: join(data, 'wrong-pins.json'),
    isTrusted: !watch.distrusts('wrong-pins.json'),
    clock: machineClock,
    onProblem: (error) => log.error({ err: error }, 'the counts of wrong PINs'),
    onFatal,
    onLocked: (operator) =>
      register.note('OperatorLocked', { businessDay: register.businessDay, operator }, 'system'),
  });
  const services = registerServices(register, {
    version: options.version,
    metrics,
    clock: machineClock,
    signIn,
    meshLog,
    alarms,
    health,
    watch,
    selfTest: new SelfTest(
      machineClock,
      selfTestSteps({
        register,
        identity,
        disk: nodeDisk,
        clock: machineClock,
        directory: data,
        witnessDirectory,
        mesh: () => ({ host: options.mesh.host, port: meshPort }),
        relays: enrolled.relays,
        addresses: machineAddresses,
      }),
    ),
    lan: () => current.lan?.view(),
    onProblem: (error) => log.error({ err: error }, 'the desk'),
  });
  metrics.watch(register);
  publishServices(services);
  const host = createHost({
    listen: options.ui,
    allowHosts: options.allowHosts,
    token: apiToken(watch.disk, data, random),
    logger: log,
    health: () => ({
      role: 'register',
      terminal: enrolled.terminal,
      // Everybody on the shop's network can ask: whether somebody has to look, and not at what.
      ...(watch.list.open.length > 0 && { attention: true }),
    }),
    healthDetails: () => healthOf(watch.list.open),
  });
  addStatusRoutes(host.app, services);
  addRegisterRoutes(host.app, services);
  addEnrollingRoutes(host.app, enrolling, () => meshPort);
  const gate = addScreenRoutes(host.app, {
    services,
    clock: machineClock,
    random,
    lanIdleMs: () => (register.org.settings.lanLockMinutes ?? limits.lanIdleMs / 60_000) * 60_000,
  });
  addEventRoute(host.app, {
    services,
    clock: machineClock,
    run: register.replica.me.principal,
    admits: (request) => gate.callerOf(request) !== undefined,
    onClosed: (listener) => gate.sessions.onClosed(listener),
  });
  publishGate(gate);
  addPages(host.app);
  const ui = await host.listen();
  let lanPort: number | undefined;
  if (options.lanScreens) {
    const lan = tillLanScreens({
      host,
      listen: options.lanScreens,
      disk: watch.disk,
      keys,
      data,
      enrolled,
      register,
      // Not what was found by itself: head office is where this till was told.
      relays: () => [...enrolled.relays, ...options.peers],
      clock: machineClock,
      random,
      log,
    });
    host.admitLan(() => lan.allowed());
    lanPort = await lan.start();
    current.lan = lan;
  }
  // Before the first cashier asks: a day with many carts takes a second to read.
  void register.replica.desks
    .begin()
    .catch((error: unknown) => log.error({ err: error }, 'the desk'));
  log.info({ ui, mesh: port, incarnation: register.living.incarnation }, 'ready');
  return {
    ready: {
      role: 'register',
      store: enrolled.store,
      terminal: enrolled.terminal,
      ui,
      mesh: port,
      ...(lanPort !== undefined && { lan: lanPort }),
    },
    register,
    async stop() {
      await current.lan?.stop();
      await host.close();
      await discovery?.stop();
      services.stop();
      await register.stop();
      watch.end();
      lock.release();
      log.info('stopped');
    },
  };
}

function discover(
  register: Register,
  parts: { company: string; version: string; port: number; found: FoundTargets; log: Logger },
): LanDiscovery {
  const discovery = new LanDiscovery({
    clock: machineClock,
    onProblem: (error) => parts.log.warn({ err: error }, 'discovery'),
  });
  discovery.onFound((till) => {
    if (parts.found.add(till)) register.replica.mesh.retarget();
  });
  const { identity, principal } = register.replica.me;
  discovery.start({
    company: parts.company,
    store: identity.store,
    principal,
    version: parts.version,
    port: parts.port,
  });
  return discovery;
}
