/** A running register as its HTTP host and screens see it: plain values only. */
import type { Clock } from '../domain/clock.ts';
import type { Approvals } from '../domain/decision.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { isPrincipal, journalKeyOf, type EntryHash, type Sku } from '../domain/ids.ts';
import { priceAt } from '../domain/product.ts';
import { parseHlc } from '../journal/hybrid-clock.ts';
import type { LanView } from '../host/lan-screens.ts';
import { PeerList, terminalOf } from '../host/peer-list.ts';
import { HealthFindings } from '../host/alarms.ts';
import type { CommandOutcome, Status } from '../host/services.ts';
import type { SelfTestServices, TillServices } from '../host/till-services.ts';
import { barViews } from '../replica/bar-views.ts';
import { plainTips, totalText } from '../replica/figures.ts';
import { TillAlarms } from './alarms.ts';
import { TillCart } from './cart.ts';
import type { MeshLog } from './mesh-log.ts';
import { expectedPeers, meshServices, type CutBy } from './mesh-view.ts';
import type { RegisterMetrics } from './metrics.ts';
import { readingServices } from './reading.ts';
import { Printing } from './printing.ts';
import { missingPermission, RefusalJournal } from './refusal-journal.ts';
import type { Register } from './register.ts';
import { tamperedBy, type TamperWatch } from './tamper-watch.ts';
import type { SignInDesk } from '../host/sign-in.ts';
import { ProgressWatch } from './start-progress.ts';
import { WaitingDocuments } from './waiting.ts';

/** What the services of a register are made of besides the register itself. */
export type ServiceParts = {
  readonly version: string;
  readonly metrics: RegisterMetrics;
  readonly clock: Clock;
  readonly signIn: SignInDesk;
  readonly meshLog: MeshLog;
  /** Absent: nobody watches over the directory. */
  readonly watch?: Pick<TamperWatch, 'list' | 'seen'>;
  readonly selfTest: SelfTestServices;
  /** Its screens on the shop's network; undefined: there are none. */
  readonly lan?: () => LanView | undefined;
  /** Told of events by whoever opened the register; absent: those that need none. */
  readonly alarms?: TillAlarms;
  /** What is found out about this machine and its files; absent: nothing is. */
  readonly health?: HealthFindings;
  /** What went wrong beside what was asked for. */
  readonly onProblem: (error: unknown) => void;
};

export function registerServices(
  register: Register,
  parts: ServiceParts,
): TillServices & { stop(): void } {
  const { version, metrics, clock, signIn, meshLog, selfTest, watch, lan, onProblem } = parts;
  const health = parts.health ?? new HealthFindings(clock);
  const alarms = parts.alarms ?? new TillAlarms(register, clock, health);
  const waiting = new WaitingDocuments(register);
  const peers = new PeerList(clock);
  const cuts = new Map<string, CutBy>();
  const look = (): void => {
    try {
      peers.look(register.replica.mesh.peers);
    } catch (error) {
      // Between two lives: the next one tells of its links when it has some.
      if (!isTillmeshError(error, 'BEGINNING_ANEW')) throw error;
    }
  };
  look();
  register.onChange(look);
  const execute = (command: unknown, approvals: Approvals = []): CommandOutcome => {
    const outcome = health.writing(() => register.execute(command, approvals));
    metrics.commandDone(outcome);
    if (outcome.outcome === 'done') printing.recorded(outcome);
    if (outcome.outcome === 'refused') {
      const permission = missingPermission(command, outcome);
      if (permission) refusals.note((command as { by: string }).by, permission);
    }
    return outcome;
  };
  const printing = new Printing(register, execute);
  const refusals = new RefusalJournal(clock, ({ by, permission, times }) =>
    register.note(
      'PermissionRefused',
      { businessDay: register.businessDay, permission, times },
      by,
    ),
  );
  const cart = new TillCart({
    register,
    execute,
    onProblem,
    onRefused: (by, permission) => refusals.note(by, permission),
  });
  const reading = readingServices(register);
  const progress = new ProgressWatch(register);
  return {
    // What comes from outside brings no approvals: they are the till's own.
    execute: (command) => execute(command),
    status() {
      const status = statusOf(register, version, peers, waiting, alarms);
      const findings = watch?.list.open ?? [];
      return findings.length === 0 ? status : { ...status, findings };
    },
    findingsSeen(by = 'api', which) {
      const seen = watch?.seen(by, which) ?? [];
      for (const finding of seen) health.settle(tamperedBy(finding));
      // Another one of the same file, and what there was no room for among the alarms.
      for (const finding of watch?.list.open ?? [])
        health.report(tamperedBy(finding), finding.sinceMs);
      return seen.length;
    },
    onChange(listener) {
      const stops = [register.onChange(listener), health.onChange(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    metrics: () => metrics.text(),
    products: (query, limit) =>
      register.models.searchProducts(query, limit).map((product) => ({
        sku: product.sku,
        name: product.names,
        barcodes: product.barcodes,
        unitPriceE4: priceAt(product, register.replica.me.identity.store, register.businessDay),
        quantityMilli: register.models.stock(product.sku) ?? 0,
      })),
    stock: (sku: Sku) => ({
      sku,
      quantityMilli: register.models.stock(sku) ?? 0,
      batches: register.models.batches(sku),
    }),
    documents({ after, limit }) {
      const rows = register.models.documents(Number(after ?? 0) || 0, limit);
      const last = rows.at(-1);
      return {
        documents: rows.map((row) => ({
          journal: row.journal,
          seq: row.seq,
          hash: row.hash as EntryHash,
          type: row.type,
          number: row.number,
          businessDay: row.businessDay,
          lines: row.lines,
          totalMinor: row.totalMinor,
          ...(row.externalId === null ? {} : { externalId: row.externalId }),
        })),
        ...(last && rows.length === limit ? { next: String(last.position) } : {}),
      };
    },
    cut(peer, by) {
      const known = namesOfPeers(register);
      if (!known.has(peer)) {
        const names = [...known].filter((name) => !isPrincipal(name)).sort();
        throw new TillmeshError('PEER_UNKNOWN', `${peer}; known: ${names.join(', ') || 'nobody'}`);
      }
      register.replica.mesh.cut(peer);
      const name = by === undefined ? undefined : (signIn.operator(by)?.name ?? by);
      if (name === undefined) cuts.delete(peer);
      else cuts.set(peer, { name, wallMs: Math.floor(clock.wallMs()) });
    },
    heal(peer) {
      register.replica.mesh.heal(peer);
      cuts.delete(peer);
    },
    pardon(terminal, by = 'system') {
      if (register.pardon(terminal, by)) return;
      const names = barViews(register.replica.mesh).map((bar) => bar.terminal);
      throw new TillmeshError(
        'PEER_UNKNOWN',
        `${terminal}; barred: ${names.join(', ') || 'nobody'}`,
      );
    },
    barred: () => barViews(register.replica.mesh),

    operators: () => signIn.operators(),
    pinWaits: () => signIn.pinWaits(),
    operator: (id) => signIn.operator(id),
    personMark: (id) => signIn.personMark(id),
    signIn: (operator, pin) => signIn.signIn(operator, pin),
    unlock(operator, by) {
      const waited = signIn.pinWaits().some((wait) => wait.operator === operator);
      const done = signIn.unlock(operator, by);
      if (done && waited) {
        const { businessDay } = register;
        register.note('OperatorUnlocked', { businessDay, operator }, by);
      }
      return done;
    },
    permissionRefused: (by, permission) => refusals.note(by, permission),

    cart: (by) => cart.cart(by),
    changeCart: (by, change, approver) => cart.changeCart(by, change, approver),
    pay: (...asked) => cart.pay(...asked),
    storeCarts: (by) => cart.storeCarts(by),
    parkCart: (...asked) => cart.parkCart(...asked),
    recallCart: (...asked) => cart.recallCart(...asked),

    lanView: () => lan?.(),
    progress: () => progress.view(),
    ...reading,
    receipt(number, hash) {
      const read = reading.receipt(number, hash);
      return read && { ...read, isUnprinted: printing.isFirst(read.key) };
    },
    print: (...asked) => printing.print(...asked),
    stop: () => refusals.stop(),
    selfTest: () => selfTest.selfTest(),
    startSelfTest: () => selfTest.startSelfTest(),
    ...meshServices({ register, log: meshLog, waiting, peers, clock, version, cuts }),
  };
}

function statusOf(
  register: Register,
  version: string,
  peers: PeerList,
  waiting: WaitingDocuments,
  alarms: TillAlarms,
): Status {
  const { replica, models, org, living } = register;
  const { identity, letter } = living;
  const own = journalKeyOf(identity);
  const totals = models.totals();
  const archived = replica.voice.archived;
  const { revocation } = register;
  const standing = alarms.list();
  return {
    role: 'register',
    ...identity,
    letter,
    version,
    ...(revocation && {
      revoked: { reason: revocation.reason, atMs: parseHlc(revocation.at).ms },
    }),
    ...(standing.length > 0 && { alarms: standing }),
    peers: expectedPeers(register, peers),
    tips: plainTips(replica.tips()),
    documents: totals.documents,
    lines: totals.lines,
    total: totalText(totals, org.settings.currency),
    currency: org.settings.currency,
    stockHash: models.stockHash(),
    flags: models.flagCounts(),
    copies: { own: { seq: replica.own.tip.seq, ...replica.voice.reach(own) } },
    waiting: waiting.all(),
    ...(archived
      ? {
          archived: {
            archive: archived.archive,
            generation: archived.generation,
            tips: Object.fromEntries(archived.tips),
          },
        }
      : {}),
  };
}

/** Everybody whom a cut can name: each known life, and each terminal with any of its lives. */
function namesOfPeers({ replica, living }: Register): ReadonlySet<string> {
  const principals = replica.keyring
    .members()
    .map(({ principal }) => principal)
    .filter((principal) => principal !== living.principal);
  return new Set(principals.flatMap((principal) => [principal, terminalOf(principal)]));
}
