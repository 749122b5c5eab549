/** Starts a relay as a process of this machine: database, authority, sync port with enrolment, API. */
import { hash, randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { isTillmeshError, TillmeshError } from '../lib/domain/errors.ts';
import type { SeriesLetter, StoreId, TerminalId } from '../lib/domain/ids.ts';
import { equalBytes } from '../lib/journal/bytes.ts';
import { apiToken } from '../lib/host/api-token.ts';
import { addEventRoute } from '../lib/host/event-route.ts';
import { createHost } from '../lib/host/host.ts';
import { keepPrivate } from '../lib/host/keep-private.ts';
import { createLogger, type LogLevel, type Logger } from '../lib/host/log.ts';
import { machineClock } from '../lib/host/machine-clock.ts';
import { addPages } from '../lib/host/pages.ts';
import { publishGate } from '../lib/host/screen-gate.ts';
import { addHqRoutes } from '../lib/host/screen-routes.ts';
import { publishServices } from '../lib/host/services.ts';
import { SignInDesk } from '../lib/host/sign-in.ts';
import { TlsTransport } from '../lib/mesh/tls-transport.ts';
import { barFile } from '../lib/replica/bar-file.ts';
import { logEvent } from '../lib/replica/log-event.ts';
import { headOffice } from '../lib/replica/keyring.ts';
import { lockDirectory } from '../lib/storage/directory-lock.ts';
import { claimDirectory } from '../lib/storage/directory-version.ts';
import { nodeDisk } from '../lib/storage/node-disk.ts';
import { NodeMachine } from '../lib/storage/node-machine.ts';
import {
  closeAuthority,
  foundCompany,
  openAuthority,
  recoveryPath,
} from '../lib/trust/authority-store.ts';
import type { Authority } from '../lib/trust/authority.ts';
import { verifyChain } from '../lib/trust/chain.ts';
import { EnrolmentOffice } from '../lib/trust/enrolment-office.ts';
import { enrolmentListener } from '../lib/trust/enrolment-server.ts';
import { IdentityStore } from '../lib/trust/identity-store.ts';
import { closeIfRoom, keysAtRest, type KeysAtRest } from '../lib/trust/key-seal.ts';
import { newKeyPair } from '../lib/trust/keys.ts';
import { ownWebAuthority, type WebAuthority } from '../lib/trust/web-authority.ts';
import { webCertificatePath, webCertificateQuestion } from '../lib/trust/web-issuing.ts';
import { RelayAlarms } from './alarms.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { Archive } from './archive.ts';
import { claimDatabase } from './archive-queries.ts';
import { openDatabase, type Database } from './database.ts';
import { EmbeddedDatabase } from './embedded-database.ts';
import { EnrollingTills } from './enrolling-tills.ts';
import { settleGeneration } from './generation-check.ts';
import { HqDirectory } from './hq-directory.ts';
import { hqServices } from './hq-services.ts';
import { DatabaseJoinCodes } from './join-code-store.ts';
import { KeptLease, renewEveryMs } from './lease.ts';
import { RelayMetrics } from './metrics.ts';
import { NameHolders } from './name-holders.ts';
import { addRelayRoutes, relayBodyBytes } from './relay-routes.ts';
import { Relay } from './relay.ts';
import { giveLetter } from './series-letters.ts';
import { relayServices } from './services.ts';
import { WantedPublishing } from './wanted-publishing.ts';
import { WantedState } from './wanted-state.ts';

type Endpoint = { readonly host: string; readonly port: number };

export type StartRelayOptions = {
  readonly data: string;
  readonly api: Endpoint;
  readonly sync: Endpoint;
  /** Absent: the embedded PostgreSQL under the data directory. */
  readonly databaseUrl?: string;
  /** File with the secret that closes private keys on the disk; absent: they lie in the open. */
  readonly keySeal?: string;
  readonly peers: readonly Endpoint[];
  readonly allowHosts: readonly string[];
  /** Proxies in front of the screens and the API, see `HostOptions`. */
  readonly trustedProxies?: readonly string[];
  readonly logLevel: LogLevel;
  readonly version: string;
};

const fatalExitCode = 70;
const retryEveryMs = 15_000;
const drainMs = 8_000;
const random = (length: number) => new Uint8Array(randomBytes(length));

export async function startRelay(options: StartRelayOptions) {
  const { data } = options;
  claimDirectory(nodeDisk, data, 'relay');
  const lock = lockDirectory(data);
  const log = createLogger({
    file: join(data, 'logs', 'relay.log'),
    level: options.logLevel,
    name: 'relay',
  });
  keepPrivate(data, log);
  const keys = keysAtRest(nodeDisk, options.keySeal, random);
  const identity = new IdentityStore(nodeDisk, join(data, 'identity'), keys);
  const authority = await ownAuthority(identity, data, keys);
  const hasClosedKeys = closeIfRoom(
    () => [identity.closeKeys(), closeAuthority(nodeDisk, data, keys)].includes(true),
    (cause) =>
      log.error({ err: cause }, 'private keys lie open until a start with room on the disk'),
  );
  if (hasClosedKeys) log.info('private keys are closed under the key seal from now on');
  const { database, closeDatabase } = await connectDatabase(options, log);
  await database.run((db) => claimDatabase(db, authority.company));
  if (authority.isRoot)
    log.warn(
      'the company’s root key lies open in authority.pem: stop, then run "tillmesh ca rotate"',
    );
  const recovery = nodeDisk.stat(recoveryPath(data)) ? recoveryPath(data) : undefined;
  if (recovery !== undefined)
    log.warn({ file: recovery }, 'print the recovery passphrase, then delete its file');
  const machine = new NodeMachine(nodeDisk);
  const lease = await KeptLease.take({
    database,
    holder: hash('sha256', JSON.stringify([machine.read(data), resolve(data)])),
    clock: machineClock,
    onWaiting: () =>
      log.warn({ database: database.server }, 'another relay works on this database: waiting'),
  }).catch(async (error: unknown) => {
    await closeDatabase();
    throw error;
  });
  const archive = new Archive(database, { clock: machineClock, fence: lease.fence });
  const wanted = new WantedState(database, random, lease);
  const current: { relay?: Relay } = {};
  const codes = new DatabaseJoinCodes(database);
  // Nobody asks before the relay is open.
  const names = new NameHolders(() => relay, codes);
  const alarms = new RelayAlarms(machineClock);
  const onFatal = (error: unknown): never => {
    log.fatal({ err: error }, 'the disk failed: this process ends');
    process.exit(fatalExitCode);
  };
  const writer = new ArchiveWriter({
    archive,
    clock: machineClock,
    settle: async () => {
      if (current.relay) await settleGeneration(current.relay, archive);
    },
    onArchived: (tips) => current.relay?.archivedMore(tips),
    onIngested: (result, seconds) => metrics.ingested(result, seconds),
    onState: (state) => {
      log.warn(state, 'archive');
      current.relay?.archiveStateChanged();
    },
    onProblem: (error) => log.warn({ err: error }, 'archive'),
  });
  const metrics = new RelayMetrics({
    waiting: () => writer.waiting,
    lagMs: () => writer.lagMs(),
    databaseUp: () => writer.state.kind !== 'unreachable',
    problems: async () => {
      const problems = await archive.problems(500);
      const parked = problems.filter((problem) => problem.state === 'parked').length;
      return { refused: problems.length - parked, parked };
    },
  });
  let syncPort = options.sync.port;
  let web: Promise<WebAuthority> | undefined;
  // A file that is damaged hinders no till but those that ask for screens: the log says it each time.
  const webAuthority = (): Promise<WebAuthority> =>
    (web ??= ownWebAuthority(
      nodeDisk,
      data,
      authority.company,
      { random, nowMs: machineClock.wallMs() },
      keys,
    ).catch((error: unknown) => {
      web = undefined;
      throw error;
    }));
  const office = new EnrolmentOffice({
    codes,
    issuerOf: (store, terminal) => {
      // A code may be older than the till's right to that number.
      enrolling.assertOurs(store, terminal);
      return authority;
    },
    nextLetter: (store, terminal) =>
      giveLetter(database, store, terminal, lettersOf(store, terminal)),
    relays: () => [],
    holderOf: (store, terminal) => names.holderOf(store, terminal),
    isRevoked: (store, terminalKey) =>
      current.relay?.replica.revocations.of({ identity: { store }, terminalKey }) !== undefined,
    random,
    wallMs: () => machineClock.wallMs(),
  });
  const onRequest = enrolmentListener({
    office,
    clock: machineClock,
    onProblem: (error) => log.warn({ err: error }, 'enrolment'),
    others: {
      [webCertificatePath]: webCertificateQuestion({
        authority: webAuthority,
        verifyChain: (ders) => verifyChain(ders, authority.certificateDer),
        isRevoked: (chain) => current.relay?.replica.revocations.of(chain) !== undefined,
        random,
        wallMs: () => machineClock.wallMs(),
        onIssued: ({ principal }) => log.info({ till: principal }, 'certificate for its screens'),
      }),
    },
  });
  const relay = await Relay.open({
    disk: nodeDisk,
    directory: data,
    projections: (store) => join(data, `projections-${store}.db`),
    identity,
    machine: () => machine.read(data),
    clock: machineClock,
    random,
    version: options.version,
    transport: (living, verifyPeer) =>
      new TlsTransport({
        clock: machineClock,
        credentials: () => living.credentials,
        host: options.sync.host,
        port: syncPort,
        verifyPeer,
        onRequest,
        onEvent: (event) => log.debug(event, event.kind),
      }),
    targets: () => options.peers,
    bars: barFile(nodeDisk, join(data, 'bars.json')),
    stores: (await wanted.stores()).map(({ store }) => store),
    archive: writer,
    onEvent: (event) => logEvent(log, event),
    onFatal,
  });
  current.relay = relay;
  const { port } = await relay.replica.mesh.whenListening();
  syncPort = port;
  const publishing = new WantedPublishing({
    publisher: relay.publisher,
    wanted,
    openStores: async () => {
      for (const { store } of [...(await wanted.stores()), ...(await wanted.revocations())])
        await relay.openStore(store);
    },
    onRefilled: (release) =>
      log.warn({ release }, 'the database did not know the release in force: filled again from it'),
    onMissing: (isMissing) => relay.wantHqData(isMissing),
  });
  // What was wanted while this relay was away, or half published when it ended.
  await publishing.publish().catch((error: unknown) => {
    // The tills may bring what is missing: they need this relay awake.
    if (!isTillmeshError(error, 'RELEASE_NOT_HERE')) throw error;
    log.error({ err: error }, 'nothing is published');
  });
  await writer.check();
  const renewals = setInterval(() => {
    lease.renew().catch((error: unknown) => log.debug({ err: error }, 'lease'));
  }, renewEveryMs);
  const retries = setInterval(() => {
    // A server may fail over to an older one at any time, also while nothing is sold.
    void writer.check();
    archive.retryDue().catch((error: unknown) => log.debug({ err: error }, 'retry'));
    publishing.settle().catch((error: unknown) => log.debug({ err: error }, 'wanted state'));
    // Whoever was taken off the list is signed out, also where another process did that.
    directory.renew().catch((error: unknown) => log.debug({ err: error }, 'people of head office'));
  }, retryEveryMs);
  const directory = new HqDirectory(database, machineClock);
  await directory.renew();
  const enrolling = new EnrollingTills({
    relay,
    authority,
    database,
    clock: machineClock,
    random,
  });
  const services = relayServices({
    // What was wanted is published by now: a list that is late by a moment is no reason to say it was not.
    onWanted: () =>
      directory
        .renew()
        .catch((error: unknown) => log.warn({ err: error }, 'people of head office')),
    onPardoned: (peer, by) => log.warn({ by, peer }, 'let back in'),
    onRevoked: (revoking, by) => log.warn({ by, ...revoking }, 'revocation of a terminal'),
    relay,
    wanted,
    publishing,
    archive,
    writer,
    office,
    enrolling,
    codes,
    names,
    metrics,
    alarms,
    version: options.version,
  });
  const signIn = new SignInDesk({
    people: directory,
    disk: nodeDisk,
    path: join(data, 'wrong-pins.json'),
    clock: machineClock,
    onProblem: (error) => log.error({ err: error }, 'the counts of wrong PINs'),
    onFatal,
  });
  const headquarters = hqServices({
    relay,
    directory,
    signIn,
    database,
    clock: machineClock,
    archiving: () => writer.state,
    refilledFrom: () => publishing.refilledFrom,
    services,
    enrolling,
    names,
    syncPort: () => port,
    onEnrolling: (by, store, terminal) => log.info({ by, store, terminal }, 'join code asked for'),
  });
  publishServices(headquarters);
  const host = createHost({
    listen: options.api,
    allowHosts: options.allowHosts,
    trustedProxies: options.trustedProxies ?? [],
    token: apiToken(nodeDisk, data, random),
    bodyBytes: relayBodyBytes,
    logger: log,
    health: () => ({ role: 'relay', archive: writer.state.kind }),
  });
  addRelayRoutes(host.app, services);
  const gate = addHqRoutes(host.app, { services: headquarters, clock: machineClock, random });
  addEventRoute(host.app, {
    services,
    clock: machineClock,
    run: relay.living.principal,
    admits: (request) => gate.callerOf(request) !== undefined,
    onClosed: (listener) => gate.sessions.onClosed(listener),
  });
  publishGate(gate);
  addPages(host.app);
  const api = await host.listen();
  log.info({ api, sync: port, database: database.server }, 'ready');
  return {
    ready: {
      role: 'relay',
      store: headOffice as string,
      terminal: relay.living.identity.terminal as string,
      api,
      sync: port,
      // Whoever looks on has to do something with it.
      ...(recovery !== undefined && { recovery }),
    },
    relay,
    async stop() {
      clearInterval(retries);
      clearInterval(renewals);
      await host.close();
      await relay.stop();
      const left = await writer.close(drainMs);
      if (left > 0) log.warn({ left }, 'entries that come from the journals at the next start');
      // Where the database is away, the lease expires by itself.
      await lease.release().catch((error: unknown) => log.debug({ err: error }, 'lease'));
      await closeDatabase();
      lock.release();
      log.info('stopped');
    },
  };

  function lettersOf(store: StoreId, terminal: TerminalId): SeriesLetter[] {
    return relay.replica.keyring
      .members()
      .filter((member) => member.identity.store === store && member.identity.terminal === terminal)
      .map((member) => member.letter);
  }
}

/**
 * The company's CA: made at the first start, together with this relay's own enrolment. After a rotation the relay enrols
 * itself anew, with a key of its own under the new one: what it signs from then on stands under no key of before.
 */
async function ownAuthority(
  identity: IdentityStore,
  data: string,
  keys: KeysAtRest,
): Promise<Authority> {
  const enrolled = identity.enrolled();
  const known = openAuthority(nodeDisk, data, keys);
  // A new CA here would found a second company that no till trusts.
  if (enrolled && !known) {
    const todo = 'restore it from a backup, or make a new key with "tillmesh ca rotate"';
    throw new TillmeshError('FILE_DAMAGED', `authority.pem is missing in ${data}: ${todo}`);
  }
  if (enrolled && known && !equalBytes(enrolled.caDer, known.certificateDer))
    throw new TillmeshError('FILE_DAMAGED', 'authority.pem is another company’s');
  const nowMs = machineClock.wallMs();
  const authority = known ?? (await foundCompany(nodeDisk, data, { random, nowMs, keys }));
  if (enrolled && sameIssuers(enrolled.issuers, authority.issuers)) return authority;
  const { privateKey, publicKey } = newKeyPair(random);
  const terminal = 'HQ1' as TerminalId;
  const terminalDer = await authority.issueTerminal({
    store: headOffice,
    terminal,
    publicKey,
    random,
    nowMs,
  });
  identity.saveEnrolled(
    {
      company: authority.company,
      store: headOffice,
      terminal,
      letter: 'A' as SeriesLetter,
      caDer: authority.certificateDer,
      terminalDer,
      issuers: authority.issuers,
      relays: [],
    },
    privateKey,
  );
  return authority;
}

const sameIssuers = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((der, n) => equalBytes(der, b[n] ?? new Uint8Array()));

async function connectDatabase(
  options: StartRelayOptions,
  log: Logger,
): Promise<{ database: Database; closeDatabase: () => Promise<void> }> {
  const onProblem = (error: unknown) => log.warn({ err: error }, 'database');
  if (options.databaseUrl !== undefined) {
    const database = await openDatabase({ url: options.databaseUrl }, { onProblem });
    return { database, closeDatabase: () => database.close() };
  }
  const embedded = await EmbeddedDatabase.start({
    directory: options.data,
    clock: machineClock,
    random,
    log,
  });
  try {
    const database = await openDatabase({ embedded }, { onProblem });
    return {
      database,
      closeDatabase: async () => {
        await database.close();
        await embedded.close();
      },
    };
  } catch (error) {
    await embedded.close();
    throw error;
  }
}
